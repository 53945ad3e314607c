from django.apps import AppConfig


class ApplicationsConfig(AppConfig):
    name = "chuding.applications"
    label = "applications"
