"""Service levels: by when each stage is to be done, in working days.

The count stands still while the applicant mends and while names are shown to the public (公示).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

import yaml
from django.db.models import Q

from chuding.applications.models import Application
from chuding.applications.workflow import State
from chuding.policy.working_days import add_working_days, working_days_between

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

_FILE = Path(__file__).with_name("service_levels.yaml")
# Within so many working days of the end a file is "soon due".
SOON = 2
#: How long files have waited in their stage, told apart by these: at least and at most so many working days.
WAITED: Final = {"0-3": (0, 3), "4-7": (4, 7), "8-15": (8, 15), "16-": (16, 10**6)}
# The review is one stage from the first acceptance on, however often it changes hands.
_REVIEW = frozenset({State.RECEIVED, State.REVIEWING, State.LEAD, State.CORRECTION})
# While the applicant mends, the clock of whoever waits for it stands still, and goes on afterwards.
_PAUSES = {State.CORRECTION: State.REVIEWING, State.EMPLOYER_RETURNED: State.EMPLOYER}
# What the association does with a file before it goes to be approved, one after the other.
ASSOCIATION = (State.RECEIVED, State.REVIEWING, State.RECHECK)

# From the unit's turn to the official document, where nothing comes in between.
_STRAIGHT_ON = (State.EMPLOYER, *ASSOCIATION, State.SIGNING, State.CITY, State.APPROVED)


@dataclass(frozen=True)
class Clock:
    """How far the stage that a file is in has come: working days used and promised, and the last day.

    `until` is None while it stands still. `late`: working days over the promise, 0 while it is kept.
    """

    used: int
    promised: int
    until: date | None
    late: int = 0


@lru_cache(maxsize=1)
def service_levels() -> dict[State, int]:
    """Working days for each stage that somebody is responsible for."""
    held = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return {State(name): int(days) for name, days in held.items()}


def set_clock(application: Application, before: State, day: date) -> None:
    """Start, pause or continue the stage's clock on a file that has just moved on from `before` on this day."""
    now, levels = application.life, service_levels()
    accepted_now = application.accepted_at is not None and application.accepted_at == application.updated_at
    if now in _PAUSES:
        _count_up(application, day)
        application.stage_since = application.due_on = None
    elif _PAUSES.get(before) is now:
        _go_on(application, day)
    elif {before, now} <= _REVIEW and not accepted_now and application.due_on is not None:
        pass  # the same stage goes on
    elif now in levels:
        application.stage_since, application.stage_used = day, 0
        application.due_on = add_working_days(day, levels[now])
    else:
        application.stage_since = application.due_on = None


def _count_up(application: Application, day: date) -> None:
    """Keep the working days that the stage has used until this day."""
    if application.stage_since is not None:
        application.stage_used += working_days_between(application.stage_since, day)


def _go_on(application: Application, day: date) -> None:
    """Let the stage go on from this day with what is left of its term, one day at least."""
    application.stage_since = day
    application.due_on = add_working_days(day, max(service_levels()[application.life] - application.stage_used, 1))


def stand_still(files: Sequence[Application], day: date, until: date) -> None:
    """Let the stage's clock of these files stand while their names are shown to the public (公示), from this day to the
    end of `until`, and save it.

    It goes on by itself on the day after, with what is left: being shown is a step of its own, nobody's time to work.
    """
    for file in files:
        if file.due_on is not None and file.stage_since is not None:
            _count_up(file, day)
            _go_on(file, until)
    Application.objects.bulk_update(files, ["stage_since", "stage_used", "due_on"])


def days_left(application: Application, day: date) -> int | None:
    """Working days left before the stage's service level ends; negative once it is overdue, None while it is paused."""
    if application.due_on is None:
        return None
    if day <= application.due_on:
        return working_days_between(day, application.due_on)
    return -working_days_between(application.due_on, day)


def clock_of(application: Application, day: date) -> Clock | None:
    """The clock of the stage on this day; None where nobody has promised anything.

    While the applicant mends, the clock of whoever waits for it is told as it stands.
    """
    if application.life in _PAUSES:
        promised = max(service_levels()[_PAUSES[application.life]], application.stage_used + 1)
        return Clock(application.stage_used, promised, None)
    if application.due_on is None or application.stage_since is None:
        return None
    promised = application.stage_used + working_days_between(application.stage_since, application.due_on)
    used = application.stage_used + working_days_between(application.stage_since, day)
    return Clock(used, promised, application.due_on, max(used - promised, 0))


def waited_between(key: str, day: date) -> Q:
    """The files that have waited in their stage for as long as this key of WAITED says, seen on `day`."""
    first, last = WAITED[key]
    condition = ~_waited_at_most(first - 1, day) if first else Q()
    return condition & _waited_at_most(last, day) if last < max(end for _, end in WAITED.values()) else condition


def _waited_at_most(days: int, day: date) -> Q:
    """Those that used so many working days at most: before a pause, and since the day from which they count again."""
    condition = Q(stage_since__isnull=True, stage_used__lte=days)
    since = day
    for left in range(days + 1):
        while working_days_between(since - timedelta(days=1), day) <= left:
            since -= timedelta(days=1)
        condition |= Q(stage_used=days - left, stage_since__gte=since)
    return condition


def promised_by_association() -> int:
    """Working days from the first acceptance to the recheck's end."""
    return sum(service_levels()[state] for state in ASSOCIATION)


def promised_altogether(*, junior: bool) -> int:
    """Working days from the unit's turn to the official document, where every step takes all that is promised for it.

    What stands still is not in it: mending, publicity, an appeal.
    """
    other = State.CITY if junior else State.SIGNING
    return sum(service_levels().get(state, 0) for state in _STRAIGHT_ON if state is not other)


def promised_for(states: Iterable[State], *, junior: bool) -> int | None:
    """Working days promised for the step that a file passes in one of these states; None where none are.

    Who approves is told by the level: the association for 员级 and 助理级, the city office for 中级 (七).
    """
    other = State.CITY if junior else State.SIGNING
    days = [service_levels()[state] for state in states if state in service_levels() and state is not other]
    return max(days, default=None)
