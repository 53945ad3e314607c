"""A start-up check: the triggers that guard published notices are there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.checks import CheckMessage, Error
from django.db import connections

from chuding.notices import guards

if TYPE_CHECKING:
    from collections.abc import Sequence


def check_guards(*, databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    """Refuse to start on a migrated database in which a published notice could be changed (chuding.E005)."""
    found: list[CheckMessage] = []
    for alias in databases or []:
        connection = connections[alias]
        with connection.cursor() as cursor:
            if not set(guards.TABLES) <= set(connection.introspection.table_names(cursor)):
                continue  # not migrated yet
            cursor.execute(guards.LIST[connection.vendor])
            present = {name for (name,) in cursor.fetchall()}
        if missing := guards.NAMES[connection.vendor] - present:
            found.append(
                Error(
                    f"The published notices on `{alias}` are not guarded: missing {', '.join(sorted(missing))}.",
                    hint="A table rebuild loses triggers; create them again with the statements of notices/guards.py.",
                    id="chuding.E005",
                ),
            )
    return found
