"""Every address of the site. Names are the keys of accounts.roles.MATRIX; a name missing there opens for nobody."""

from django.urls import include, path

urlpatterns = [
    path("", include("chuding.applications.urls_public")),
    path("", include("chuding.certificates.urls")),
    path("", include("chuding.accounts.urls")),
    path("", include("chuding.messages.urls")),
    path("", include("chuding.applications.urls_papers")),
    path("", include("chuding.applications.urls_applicant")),
    path("", include("chuding.applications.urls_desks")),
    path("", include("chuding.decisions.urls")),
    path("", include("chuding.publishing.urls")),
    path("api/", include("chuding.api.urls")),
]

handler400 = "chuding.applications.views.public.bad_request"
handler404 = "chuding.api.views.not_found"
handler500 = "chuding.applications.views.public.server_error"
