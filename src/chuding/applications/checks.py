"""A start-up check: the triggers that hold the rules of the desk are there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.checks import CheckMessage, Error

from chuding.applications.reviewing import guards
from chuding.storage import triggers
from chuding.storage.checks import missing_triggers

if TYPE_CHECKING:
    from collections.abc import Sequence


def check_guards(*, databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    """Refuse to start on a migrated database in which a rule of the desk could be bent (chuding.E003)."""
    lacking = missing_triggers(
        databases,
        tables={"applications_viewing", "applications_appeal"},
        listed=triggers.LIST,
        names=dict.fromkeys(triggers.LIST, guards.NAMES),
    )
    return [
        Error(
            f"The rules of the desk on `{alias}` are not guarded: missing {missing}.",
            hint="Create the triggers again with the statements of applications/reviewing/guards.py.",
            id="chuding.E003",
        )
        for alias, missing in lacking
    ]
