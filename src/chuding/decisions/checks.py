"""A start-up check: the triggers that hold approvals up for a spot check and keep people apart are there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chuding.decisions import guards
from chuding.storage import triggers
from chuding.storage.checks import Guards, missing_guards

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.core.checks import CheckMessage

_GUARDS = Guards(
    tables={"decisions_publicityentry", "applications_application"},
    listed=triggers.LIST,
    names=dict.fromkeys(triggers.LIST, guards.NAMES),
    said="Approvals on `{alias}` are not guarded: missing {missing}.",
    hint="Create the triggers again with the statements of decisions/guards.py.",
    number="chuding.E006",
)


def check_guards(*, databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    """Refuse to start on a migrated database in which a drawn file could be approved unseen, or a tie passed over (chuding.E006)."""
    return missing_guards(databases, _GUARDS)
