"""The only writer of the ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import connection
from django.utils import timezone

from chuding.ledger.canonical import ZERO, check_storable, entry_hash
from chuding.ledger.models import Entry

if TYPE_CHECKING:
    from datetime import datetime

    from django.contrib.auth.models import AbstractBaseUser
    from django.db.models import QuerySet

# One advisory lock for the whole ledger; the number is arbitrary and ours.
LOCK = 0x6368756469


class NotInTransaction(RuntimeError):  # noqa: N818 - it names the condition
    """An entry must commit or vanish together with the act it tells of."""


def record(
    *,
    action: str,
    subject: tuple[str, str],
    by: AbstractBaseUser | None,
    role: str,
    at: datetime,
    reason: str = "",
    data: dict[str, Any] | None = None,
) -> Entry:
    """Append one entry in the caller's transaction.

    `subject` is (kind, reference), such as ("application", "2024-000123"); `by` is None for the machine; `data` holds
    codes, whole numbers and digests, never personal values. Writers queue here until their transactions end, so lock
    the rows of the act before the first entry. Raises NotInTransaction outside a transaction, ValueError for a time
    without a zone, TypeError or ValueError for data that two databases would not give back alike.
    """
    if not connection.in_atomic_block:
        raise NotInTransaction(f"{action}: record() is called inside the transaction of the act")
    if timezone.is_naive(at):
        raise ValueError("an aware time is needed")
    texts = {"action": action, "role": str(role), "kind": subject[0], "ref": subject[1], "reason": reason}
    check_storable({**texts, "data": data or {}}, "entry")
    _wait_for_turn()
    last = Entry.objects.order_by("-id").values_list("id", "hash").first() or (0, ZERO)
    entry = Entry(
        id=last[0] + 1,
        at=at,
        by_id=None if by is None else by.pk,
        role=texts["role"],
        action=action,
        subject_kind=subject[0],
        subject_ref=subject[1],
        reason=reason,
        data=data or {},
        previous=last[1],
    )
    entry.hash = entry_hash(entry)
    entry.save(force_insert=True)
    return entry


def entries_about(subject: tuple[str, str]) -> QuerySet[Entry]:
    """Return everything that happened to one subject, in order."""
    return Entry.objects.filter(subject_kind=subject[0], subject_ref=subject[1]).order_by("id")


def _wait_for_turn() -> None:
    """Let one transaction at a time append; SQLite's writers stand in line already."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
