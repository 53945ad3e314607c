"""Start-up check: the office's telephone fits into every text message."""

from __future__ import annotations

from typing import Any

from django.core.checks import CheckMessage, Error

from chuding.messages.templates import TemplateFaultError, templates


def check_texts(*, app_configs: object, **_: Any) -> list[CheckMessage]:
    """Refuse to start with a telephone that makes a text message too long (chuding.E007)."""
    del app_configs
    try:
        templates()
    except TemplateFaultError as fault:
        return [Error(str(fault), hint="Name a shorter one in CHUDING_TELEPHONE.", id="chuding.E007")]
    return []
