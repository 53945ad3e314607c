"""A start-up check: the triggers that guard the ledger are there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.checks import CheckMessage, Error
from django.db import connections

from chuding.ledger import guards
from chuding.ledger.models import Entry

if TYPE_CHECKING:
    from collections.abc import Sequence


def check_guards(*, databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    """Refuse to start on a migrated database whose ledger could be changed (chuding.E002)."""
    found: list[CheckMessage] = []
    for alias in databases or []:
        connection = connections[alias]
        with connection.cursor() as cursor:
            if Entry._meta.db_table not in connection.introspection.table_names(cursor):  # noqa: SLF001
                continue  # not migrated yet
            cursor.execute(guards.LIST[connection.vendor])
            present = {name for (name,) in cursor.fetchall()}
        if missing := guards.NAMES[connection.vendor] - present:
            found.append(
                Error(
                    f"The ledger on `{alias}` is not guarded: missing {', '.join(sorted(missing))}.",
                    hint="A table rebuild loses triggers; create them again with the statements of ledger/guards.py.",
                    id="chuding.E002",
                ),
            )
    return found
