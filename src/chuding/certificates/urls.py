"""Public verification: no account, no script."""

from django.urls import path

from chuding.certificates import views

urlpatterns = [
    path("v/<str:token>", views.certificate_public, name="certificate_public"),
    path("c/<str:token>", views.copy_public, name="copy_public"),
    path("V/<str:code>", views.credential_public, name="credential_public"),
    path("offline/", views.offline_page, name="offline_page"),
    path("status.json", views.status_list, name="status_list"),
    path("issuers/<str:office>", views.issuer, name="issuer"),
    path("issuers/<str:office>/status/<int:block>", views.issuer_status, name="issuer_status"),
    path(".well-known/jwks.json", views.jwks, name="jwks"),
    path("verify/", views.verify, name="verify"),
    path("verify/file/", views.verify_file, name="verify_file"),
]
