from django.apps import AppConfig
from django.core.checks import Tags, register
from django.utils.module_loading import import_string

from chuding.accounts import keeping


class ApplicationsConfig(AppConfig):
    name = "chuding.applications"
    label = "applications"

    def ready(self) -> None:
        """Keep pages that were sent too late, and know the forms that were issued: the rooms below ask whoever registers."""
        keeping.register(import_string("chuding.applications.services.unsaved.keep_sent_page"))
        know = import_string("chuding.certificates.forms.register")
        know(import_string("chuding.applications.services.papers.declaration_known"))
        register(import_string("chuding.applications.checks.check_guards"), Tags.database)
