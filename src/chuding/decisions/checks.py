"""A start-up check: the triggers that hold approvals up for a spot check and keep people apart are there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.checks import CheckMessage, Error

from chuding.decisions import guards
from chuding.storage import triggers
from chuding.storage.checks import missing_triggers

if TYPE_CHECKING:
    from collections.abc import Sequence


def check_guards(*, databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    """Refuse to start on a migrated database in which a drawn file could be approved unseen, or a tie passed over (chuding.E006)."""
    lacking = missing_triggers(
        databases,
        tables={"decisions_publicityentry", "applications_application"},
        listed=triggers.LIST,
        names=dict.fromkeys(triggers.LIST, guards.NAMES),
    )
    return [
        Error(
            f"Approvals on `{alias}` are not guarded: missing {missing}.",
            hint="Create the triggers again with the statements of decisions/guards.py.",
            id="chuding.E006",
        )
        for alias, missing in lacking
    ]
