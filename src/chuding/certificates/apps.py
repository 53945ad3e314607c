from django.apps import AppConfig


class CertificatesConfig(AppConfig):
    name = "chuding.certificates"
    label = "certificates"
