"""What the public is told of a round: how many files there are and how long each stage took. Small numbers are held back.

A number below `SMALLEST` could point to a person, so it is not told; and where only one number of a row of parts is held
back, the next smallest is too, or the total would give it away.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from django.db.models import Count, Q

from chuding.applications.models import Application
from chuding.applications.workflow import State
from chuding.certificates.models import Certificate

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from numpy.typing import NDArray

    from chuding.policy.notice import Notice

SMALLEST = 5
_DAY = 86400.0
_PASSED = frozenset({State.APPROVED, State.ISSUED, State.REVOKED})
_UNDER_WAY = frozenset(State) - _PASSED - {State.DRAFT, State.REFUSED, State.WITHDRAWN, State.EXPIRED}


@dataclass(frozen=True)
class Stage:
    """How long a stage took: the median in days over `count` files; both None where there are too few."""

    key: str
    median: float | None
    count: int | None


@dataclass(frozen=True)
class Row:
    """The files of a level or a series: handed in, under way, passed, refused; None where a number is held back."""

    name: str
    numbers: tuple[int | None, ...]


@dataclass(frozen=True)
class Statistics:
    """A round as the public sees it."""

    stages: tuple[Stage, ...]
    levels: tuple[Row, ...]
    series: tuple[Row, ...]


def held_back(numbers: Sequence[int]) -> list[int | None]:
    """The numbers that may be told; none stays alone in being held back."""
    shown: list[int | None] = [n if n == 0 or n >= SMALLEST else None for n in numbers]
    if shown.count(None) == 1 and (others := [n for n in shown if n]):
        shown[shown.index(min(others))] = None
    return shown


def statistics_of(notice: Notice) -> Statistics:
    """The round of a notice, read from the files' own columns: three questions, however many files there are."""
    files = Application.objects.filter(notice_id=notice.id, submitted_at__isnull=False)
    parts = {
        "submitted": Count("id"),
        "under_way": Count("id", filter=Q(state__in=_UNDER_WAY)),
        "passed": Count("id", filter=Q(state__in=_PASSED)),
        "refused": Count("id", filter=Q(state=State.REFUSED)),
    }
    return Statistics(
        stages=_stages(notice),
        levels=_rows([rule.level.value for rule in notice.levels], files.values_list("level").annotate(**parts)),
        series=_rows(notice.catalogue.series(), files.values_list("series").annotate(**parts)),
    )


def _rows(names: Iterable[str], found: Iterable[Any]) -> tuple[Row, ...]:
    counted = {name: numbers for name, *numbers in found}
    known = list(names)
    columns = [held_back([counted.get(name, [0] * 4)[place] for name in known]) for place in range(4)]
    return tuple(Row(name, tuple(column[place] for column in columns)) for place, name in enumerate(known))


def _stages(notice: Notice) -> tuple[Stage, ...]:
    kept = Application.objects.filter(notice_id=notice.id, accepted_at__isnull=False)
    moments = list(kept.values_list("certificate_number", "submitted_at", "accepted_at", "rechecked_at", "approved_at"))
    issued = dict(
        Certificate.objects.filter(number__in=[row[0] for row in moments if row[0]]).values_list("number", "issued_at")
        if len(moments) <= _FEW
        else Certificate.objects.values_list("number", "issued_at")
    )
    at = np.array(
        [[_seconds(moment) for moment in (*rest, issued.get(number))] for number, *rest in moments], dtype=float
    ).reshape(-1, 5)
    ways = (("accepted", 0, 1), ("reviewed", 1, 2), ("approved", 2, 3), ("issued", 3, 4), ("whole", 0, 4))
    return tuple(_stage(key, at[:, until] - at[:, since]) for key, since, until in ways)


# Beyond so many files one question for all certificates is cheaper than one that names each.
_FEW = 500


def _seconds(moment: datetime | None) -> float:
    return float("nan") if moment is None else moment.timestamp()


def _stage(key: str, lasted: NDArray[np.float64]) -> Stage:
    known = lasted[~np.isnan(lasted)]
    if len(known) < SMALLEST:
        return Stage(key, None, None)
    return Stage(key, round(float(np.median(known)) / _DAY, 1), len(known))
