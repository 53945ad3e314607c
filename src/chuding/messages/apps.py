from __future__ import annotations

from django.apps import AppConfig


class MessagesConfig(AppConfig):
    name = "chuding.messages"
    # `messages` is the label of Django's own one-time notices.
    label = "letters"
    verbose_name = "消息"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Carry the codes of sign-in: accounts stand below and know only that somebody does."""
        from chuding.accounts import courier  # noqa: PLC0415 - models must be loaded first
        from chuding.messages.services import carry_code  # noqa: PLC0415

        courier.register(carry_code)
