"""What to work on next: the oldest due first, nothing one is tied to, never what somebody else holds."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from django.db import connection, transaction
from django.db.models import F, Q

from chuding.applications.models import Application
from chuding.applications.reviewing.ties import ties_of
from chuding.applications.services.review import release, take
from chuding.applications.translate import local_day
from chuding.applications.workflow import Declined, State

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from chuding.accounts.models import Person
    from chuding.applications.models import ApplicationQuerySet
    from chuding.applications.reviewing.ties import Ties

BATCH = 20


def held_by(person: Person, at: datetime) -> ApplicationQuerySet:
    """What this person holds right now, the oldest due first."""
    return Application.objects.filter(state=State.REVIEWING, reviewer=person, lease_until__gt=at).order_by(
        F("due_on").asc(), "id"
    )


def _queue(person: Person, ties: Ties) -> ApplicationQuerySet:
    return _fit_for(person, ties, Application.objects.filter(state=State.RECEIVED))


def _let_lie(person: Person, ties: Ties, at: datetime, *, own: bool) -> ApplicationQuerySet:
    """What came back to this person and what they let lie (`own`), or what somebody else took and no longer holds."""
    files = Application.objects.filter(state=State.REVIEWING)
    files = files.filter(reviewer=person) if own else files.exclude(reviewer=person)
    return _fit_for(person, ties, files.filter(Q(lease_until__isnull=True) | Q(lease_until__lte=at)))


def _fit_for(person: Person, ties: Ties, files: ApplicationQuerySet) -> ApplicationQuerySet:
    unfit = Q(rechecker=person) | Q(signer=person) | Q(second=person)
    return ties.leave_out(files).exclude(unfit).order_by("due_on", "id")


def _order(file: Application) -> tuple[date, int]:
    return file.due_on or date.max, file.pk


def take_next(*, by: Person, at: datetime, most: int = 1) -> list[Application]:
    """Take the next files for half an hour: what came back to oneself, then the oldest due of the queue and of what others let lie.

    Somebody else may be faster at one: then the one after it. Two people never get the same file.
    """
    ties = ties_of(by, local_day(at))
    taken = _take_from((_let_lie(by, ties, at, own=True),), by, at, most)
    while len(taken) < most:
        got = _take_from((_queue(by, ties), _let_lie(by, ties, at, own=False)), by, at, most - len(taken))
        if not got:
            break
        taken += got
    return taken


def _take_from(lists: Sequence[ApplicationQuerySet], by: Person, at: datetime, most: int) -> list[Application]:
    """Take the first `most` of these lists, each in the order of its own index, as if they were one."""
    with transaction.atomic():
        # PostgreSQL passes over what another reviewer is taking at this moment; SQLite's writers stand in line anyway.
        skip = connection.features.has_select_for_update_skip_locked
        found: list[Application] = []
        for files in lists:
            rows = files.select_for_update(skip_locked=skip, of=("self",)) if skip else files
            found += rows.only("ref", "due_on")[:most]
        got = []
        for ref in [file.ref for file in sorted(found, key=_order)[:most]]:
            try:
                got.append(take(ref=ref, by=by, at=at))
            except Declined:
                continue
        return got


def give_back(*, by: Person, at: datetime) -> int:
    """Put everything that one holds and has not begun to judge back into the queue; answers how many."""
    given = 0
    for ref in list(held_by(by, at).values_list("ref", flat=True)):
        try:
            release(ref=ref, by=by, at=at)
        except Declined:
            continue
        given += 1
    return given
