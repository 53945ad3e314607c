from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in
from django.core.checks import Tags, register
from django.utils.module_loading import import_string

from chuding.accounts import keeping


class ApplicationsConfig(AppConfig):
    name = "chuding.applications"
    label = "applications"

    def ready(self) -> None:
        """Keep pages that were sent too late, begin a session with its keys, and know the forms that were issued: the rooms
        below know only that somebody does.
        """
        keeping.register(import_string("chuding.applications.services.unsaved.keep_sent_page"))
        user_logged_in.connect(import_string("chuding.applications.views.desk_keys.remember"))
        know = import_string("chuding.certificates.forms.register")
        know(import_string("chuding.applications.services.papers.declaration_known"))
        register(import_string("chuding.applications.checks.check_guards"), Tags.database)
        register(import_string("chuding.applications.checks.check_number_letters"))
