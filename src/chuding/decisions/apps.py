from django.apps import AppConfig
from django.core.checks import Tags, register
from django.utils.module_loading import import_string

from chuding.applications import obstacles


class DecisionsConfig(AppConfig):
    name = "chuding.decisions"
    label = "decisions"

    def ready(self) -> None:
        """Hold up the approval of a file that was drawn by lot: the desk stands below and knows only that somebody does.

        The public check of files stands below too and knows a 发文 through us.
        """
        obstacles.register(import_string("chuding.decisions.services.approving.open_spot_check"))
        know = import_string("chuding.certificates.forms.register_document")
        know(import_string("chuding.decisions.numbering.document_known"))
        register(import_string("chuding.decisions.checks.check_guards"), Tags.database)
