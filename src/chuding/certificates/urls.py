"""Public verification: no account, no script."""

from django.urls import path

from chuding.certificates import views

urlpatterns = [
    path("v/<str:token>", views.certificate_public, name="certificate_public"),
    path("verify/", views.verify, name="verify"),
    path("verify/file/", views.verify_file, name="verify_file"),
]
