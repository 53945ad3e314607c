from django.apps import AppConfig
from django.core.checks import Tags, register
from django.utils.module_loading import import_string

from chuding.accounts import keeping


class ApplicationsConfig(AppConfig):
    name = "chuding.applications"
    label = "applications"

    def ready(self) -> None:
        """Keep pages that were sent too late: accounts stand below and know only that somebody does."""
        keeping.register(import_string("chuding.applications.services.unsaved.keep_sent_page"))
        register(import_string("chuding.applications.checks.check_guards"), Tags.database)
