"""A start-up check: the triggers that guard published notices are there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chuding.notices import guards
from chuding.storage.checks import Guards, missing_guards

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.core.checks import CheckMessage

_GUARDS = Guards(
    tables=guards.TABLES,
    listed=guards.LIST,
    names=guards.NAMES,
    said="The published notices on `{alias}` are not guarded: missing {missing}.",
    hint="A table rebuild loses triggers; create them again with the statements of notices/guards.py.",
    number="chuding.E005",
)


def check_guards(*, databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    """Refuse to start on a migrated database in which a published notice could be changed (chuding.E005)."""
    return missing_guards(databases, _GUARDS)
