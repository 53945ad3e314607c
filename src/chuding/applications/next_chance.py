"""After a no: the earliest day on which the next application for the same level could succeed, as far as the answers tell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from chuding.applications.translate import facts_of, local_day
from chuding.applications.windows import windows_for
from chuding.policy.assess import assess
from chuding.policy.terms import Level

if TYPE_CHECKING:
    from datetime import date, datetime

    from chuding.applications.models import Application
    from chuding.policy.notice import Notice


@dataclass(frozen=True)
class NextChance:
    """`day`: the first day on which the conditions hold and the window is open; None where the answers leave it open.

    `met`: the conditions hold today already, so what was refused is to be mended. `late`: the conditions hold after this
    round's last day for the level (`window_ends`), so that the next notice says when one may apply.
    """

    day: date | None
    met: bool = False
    late: bool = False
    window_ends: date | None = None


def next_chance(application: Application, notice: Notice, at: datetime) -> NextChance | None:
    """By the notice that the next file would be filed under (the one that holds now); None where it has no such level."""
    today = local_day(at)
    if application.level not in {str(rule.level) for rule in notice.levels}:
        return None
    found = assess(notice, facts_of(application, today)).levels[Level(application.level)]
    if found.answer == "unknown" or found.from_ is None:
        return NextChance(None)
    late = found.file_on is None
    last = windows_for(notice, application.level)[-1].end
    return NextChance(found.from_ if late else found.file_on, found.answer == "yes", late, last)
