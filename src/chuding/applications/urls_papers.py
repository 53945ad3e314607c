"""A file's letters, its grading and one's own data. Included before the applicant's other addresses, one of which matches any single word."""

from __future__ import annotations

from django.urls import path

from chuding.applications.views import applicant_copies as copies
from chuding.applications.views import co_sign, my_data, papers, verdict_page

urlpatterns = [
    path("applications/<str:ref>/copies/", copies.certificate_copies, name="certificate_copies"),
    path("applications/<str:ref>/copies/<int:n>/", copies.certificate_copy_file, name="certificate_copy_file"),
    path(
        "applications/<str:ref>/copies/<int:n>/withdraw/",
        copies.certificate_copy_withdraw,
        name="certificate_copy_withdraw",
    ),
    path("me/data/", my_data.my_data, name="my_data"),
    path("me/data/export/", my_data.export, name="my_data_export"),
    path("me/close/", my_data.close, name="me_close"),
    path("applications/<str:ref>/rating/", my_data.rating, name="application_rating"),
    path("applications/<str:ref>/papers/<int:n>/", papers.paper_file, name="paper_file"),
    path("applications/<str:ref>/papers/co-sign/", co_sign.offer, name="application_co_sign"),
    path("applications/<str:ref>/papers/nudge/", co_sign.nudge, name="application_nudge"),
    path("co-sign/<str:token>/", co_sign.speak, name="co_sign"),
    path("applications/<str:ref>/papers/endorsement/", papers.paper_endorsement, name="paper_endorsement"),
    path("applications/<str:ref>/papers/verdict/", verdict_page.paper_verdict, name="paper_verdict"),
]
