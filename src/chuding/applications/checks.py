"""A start-up check: the triggers that hold the rules of the desk are there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.checks import CheckMessage, Error
from django.db import connections

from chuding.applications.reviewing import guards

if TYPE_CHECKING:
    from collections.abc import Sequence


def check_guards(*, databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    """Refuse to start on a migrated database in which a rule of the desk could be bent (chuding.E003)."""
    found: list[CheckMessage] = []
    for alias in databases or []:
        connection = connections[alias]
        with connection.cursor() as cursor:
            if "applications_viewing" not in connection.introspection.table_names(cursor):
                continue  # not migrated yet
            cursor.execute(guards.LIST[connection.vendor])
            present = {name for (name,) in cursor.fetchall()}
        if missing := guards.NAMES - present:
            found.append(
                Error(
                    f"The rules of the desk on `{alias}` are not guarded: missing {', '.join(sorted(missing))}.",
                    hint="Create the triggers again with the statements of applications/reviewing/guards.py.",
                    id="chuding.E003",
                ),
            )
    return found
