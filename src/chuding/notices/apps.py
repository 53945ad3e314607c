from django.apps import AppConfig
from django.core.checks import Tags, register
from django.utils.module_loading import import_string


class NoticesConfig(AppConfig):
    name = "chuding.notices"
    verbose_name = "通知"

    def ready(self) -> None:
        # By path, because the check reads the models, which do not exist yet when this module is imported.
        register(import_string("chuding.notices.checks.check_guards"), Tags.database)
