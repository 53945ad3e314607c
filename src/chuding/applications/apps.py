from django.apps import AppConfig
from django.core.checks import Tags, register
from django.utils.module_loading import import_string


class ApplicationsConfig(AppConfig):
    name = "chuding.applications"
    label = "applications"

    def ready(self) -> None:
        register(import_string("chuding.applications.checks.check_guards"), Tags.database)
