"""After a no: the earliest day on which the next application for the same level could succeed, as far as the answers tell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from chuding.applications.translate import facts_of, local_day
from chuding.notices.shelf import current
from chuding.policy.assess import assess
from chuding.policy.terms import Level

if TYPE_CHECKING:
    from datetime import date, datetime

    from chuding.applications.models import Application


@dataclass(frozen=True)
class NextChance:
    """`day`: the first day on which the conditions hold and the window is open; None where the answers leave it open.

    `met`: the conditions hold today already, so what was refused is to be mended. `late`: the day comes after this round's
    last, so that the next notice says when one may apply.
    """

    day: date | None
    met: bool = False
    late: bool = False
    window_ends: date | None = None


def next_chance(application: Application, at: datetime) -> NextChance | None:
    """By the notice that holds now, which the next file would be filed under; None where no level was chosen."""
    notice, today = current(at), local_day(at)
    if application.level not in {str(rule.level) for rule in notice.levels}:
        return None
    found = assess(notice, facts_of(application, today)).levels[Level(application.level)]
    day = today if found.answer == "yes" else found.from_ if found.answer == "no" else None
    if day is None:
        return NextChance(None)
    day = max(day, notice.window.start)
    return NextChance(day, found.answer == "yes", day > notice.window.end, notice.window.end)
