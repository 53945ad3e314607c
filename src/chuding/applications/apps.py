from django.apps import AppConfig
from django.core.checks import Tags, register
from django.utils.module_loading import import_string


class ApplicationsConfig(AppConfig):
    name = "chuding.applications"
    label = "applications"

    def ready(self) -> None:
        """Keep pages that were sent too late: accounts stand below and know only that somebody does."""
        from chuding.accounts import keeping  # noqa: PLC0415 - models must be loaded first
        from chuding.applications.services.unsaved import keep_sent_page  # noqa: PLC0415

        keeping.register(keep_sent_page)
        register(import_string("chuding.applications.checks.check_guards"), Tags.database)
