from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in
from django.core.checks import Tags, register
from django.utils.module_loading import import_string

from chuding.accounts import keeping


class ApplicationsConfig(AppConfig):
    name = "chuding.applications"
    label = "applications"

    def ready(self) -> None:
        """Keep pages that were sent too late, and begin a session with its keys: accounts below know only that somebody does."""
        keeping.register(import_string("chuding.applications.services.unsaved.keep_sent_page"))
        user_logged_in.connect(import_string("chuding.applications.views.desk_keys.remember"))
        register(import_string("chuding.applications.checks.check_guards"), Tags.database)
