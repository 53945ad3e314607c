"""Counting what happens, without saying to whom: one row a day, kind and key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import F, Sum

from chuding.accounts.models import Tally

if TYPE_CHECKING:
    from datetime import date

SELF_CHECK, VERIFICATION, UPLOAD_REFUSED = "self_check", "verification", "upload_refused"
#: Stands in a key between what is counted and what it happened with.
BESIDE = "@"
#: Begins a key of UPLOAD_REFUSED that is a photo's and not a PDF's.
PHOTO = "photo-"


def count(*, kind: str, key: str, on: date) -> None:
    """Count one more."""
    with transaction.atomic():
        Tally.objects.get_or_create(kind=kind, key=key[:60], day=on)
        Tally.objects.filter(kind=kind, key=key[:60], day=on).update(number=F("number") + 1)


def counted(kind: str, first: date, last: date) -> dict[tuple[date, str], int]:
    """How often each thing of a kind happened on each day from `first` to `last`."""
    rows = Tally.objects.filter(kind=kind, day__gte=first, day__lte=last).values_list("day", "key", "number")
    return {(day, key): number for day, key, number in rows}


def sums(kind: str, first: date, last: date) -> dict[str, int]:
    """How often each thing of a kind happened from `first` to `last`."""
    rows = Tally.objects.filter(kind=kind, day__gte=first, day__lte=last).order_by()
    return dict(rows.values_list("key").annotate(n=Sum("number")))
