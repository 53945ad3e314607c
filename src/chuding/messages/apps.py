from __future__ import annotations

from django.apps import AppConfig
from django.core.checks import register


class MessagesConfig(AppConfig):
    name = "chuding.messages"
    # `messages` is the label of Django's own one-time notices.
    label = "letters"
    verbose_name = "消息"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Carry the codes of sign-in: accounts stand below and know only that somebody does. Hold the texts to their length."""
        from chuding.accounts import courier  # noqa: PLC0415 - models must be loaded first
        from chuding.messages.checks import check_texts  # noqa: PLC0415
        from chuding.messages.services import carry_code  # noqa: PLC0415

        courier.register(carry_code)
        register(check_texts)
