from django.apps import AppConfig
from django.core.checks import Tags, register
from django.utils.module_loading import import_string


class LedgerConfig(AppConfig):
    name = "chuding.ledger"
    verbose_name = "操作记录"

    def ready(self) -> None:
        # By path, because the check reads the model, which does not exist yet when this module is imported.
        register(import_string("chuding.ledger.checks.check_guards"), Tags.database)
