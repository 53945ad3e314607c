"""A start-up check: the triggers that guard published notices are there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.checks import CheckMessage, Error

from chuding.notices import guards
from chuding.storage.checks import missing_triggers

if TYPE_CHECKING:
    from collections.abc import Sequence


def check_guards(*, databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    """Refuse to start on a migrated database in which a published notice could be changed (chuding.E005)."""
    lacking = missing_triggers(databases, tables=guards.TABLES, listed=guards.LIST, names=guards.NAMES)
    return [
        Error(
            f"The published notices on `{alias}` are not guarded: missing {missing}.",
            hint="A table rebuild loses triggers; create them again with the statements of notices/guards.py.",
            id="chuding.E005",
        )
        for alias, missing in lacking
    ]
