"""Service levels: by when each stage is to be done, in working days; the count stands still while the applicant mends."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from chuding.applications.workflow import State
from chuding.policy.working_days import add_working_days, working_days_between

if TYPE_CHECKING:
    from datetime import date

    from chuding.applications.models import Application

_FILE = Path(__file__).with_name("service_levels.yaml")
# Within so many working days of the end a file is "soon due".
SOON = 2
# The review is one stage from the first acceptance on, however often it changes hands.
_REVIEW = frozenset({State.RECEIVED, State.REVIEWING, State.LEAD, State.CORRECTION})
# While the applicant mends, the clock of whoever waits for it stands still, and goes on afterwards.
_PAUSES = {State.CORRECTION: State.REVIEWING, State.EMPLOYER_RETURNED: State.EMPLOYER}


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
        if application.stage_since is not None:
            application.stage_used += working_days_between(application.stage_since, day)
        application.stage_since = application.due_on = None
    elif _PAUSES.get(before) is now:
        application.stage_since = day
        application.due_on = add_working_days(day, max(levels[now] - application.stage_used, 1))
    elif {before, now} <= _REVIEW and not accepted_now and application.due_on is not None:
        pass  # the same stage goes on
    elif now in levels:
        application.stage_since, application.stage_used = day, 0
        application.due_on = add_working_days(day, levels[now])
    else:
        application.stage_since = application.due_on = None


def days_left(application: Application, day: date) -> int | None:
    """Working days left before the stage's service level ends; negative once it is overdue, None while it is paused."""
    if application.due_on is None:
        return None
    if day <= application.due_on:
        return working_days_between(day, application.due_on)
    return -working_days_between(application.due_on, day)
