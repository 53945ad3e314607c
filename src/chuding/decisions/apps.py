from django.apps import AppConfig
from django.core.checks import Tags, register
from django.utils.module_loading import import_string

from chuding.applications import obstacles


class DecisionsConfig(AppConfig):
    name = "chuding.decisions"
    label = "decisions"

    def ready(self) -> None:
        """Hold up the approval of a file that was drawn by lot: the desk stands below and knows only that somebody does."""
        obstacles.register(import_string("chuding.decisions.services.approving.open_spot_check"))
        register(import_string("chuding.decisions.checks.check_guards"), Tags.database)
