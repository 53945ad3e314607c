"""A start-up check: the triggers that guard the ledger are there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chuding.ledger import guards
from chuding.ledger.models import Entry
from chuding.storage.checks import Guards, missing_guards

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.core.checks import CheckMessage


def check_guards(*, databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    """Refuse to start on a migrated database whose ledger could be changed (chuding.E002)."""
    table = Entry._meta.db_table  # noqa: SLF001
    wanted = Guards(
        tables={table},
        listed=guards.LIST,
        names=guards.NAMES,
        said="The ledger on `{alias}` is not guarded: missing {missing}.",
        hint="A table rebuild loses triggers; create them again with the statements of ledger/guards.py.",
        number="chuding.E002",
    )
    return missing_guards(databases, wanted)
