"""Days of work (工作日): the calendar as data (holidays.yaml), asked by whoever counts a term. Pure.

A term in working days begins on the day after the act (民法典 201): `working_days_between` counts neither the first day
nor what is no working day. Years that nobody has announced yet are reckoned from the statutory days alone, or from
Mondays to Fridays where not even those are written down; `announced` says which, and pages tell people.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path

import yaml

_FILE = Path(__file__).with_name("holidays.yaml")
_SATURDAY = 5


@dataclass(frozen=True)
class Holiday:
    """One spell of days off, both ends included."""

    name: str
    first: date
    last: date


@dataclass(frozen=True)
class Arrangement:
    """A year's days off and the weekends worked instead; `announced` once the State Council's notice is out."""

    year: int
    announced: bool
    source: str
    holidays: tuple[Holiday, ...]
    worked_weekends: frozenset[date]


@cache
def arrangements() -> dict[int, Arrangement]:
    """Every year of holidays.yaml. Raises ValueError where the data contradicts itself."""
    held = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return {year: _arrangement(year, row) for year, row in held.items()}


def _arrangement(year: int, row: dict[str, object]) -> Arrangement:
    spells = tuple(Holiday(h["节日"], h["起"], h["止"]) for h in row["放假"])  # type: ignore[attr-defined]
    worked = frozenset(row["上班"])  # type: ignore[call-overload]
    wrong = [h.name for h in spells if not h.first <= h.last or h.first.year != year]
    wrong += [f"{day}" for day in worked if day.weekday() < _SATURDAY or day.year != year]
    wrong += [f"{day}" for day in worked if any(h.first <= day <= h.last for h in spells)]
    if wrong:
        raise ValueError(f"holidays.yaml, {year}: {', '.join(wrong)}")
    return Arrangement(year, bool(row["公布"]), str(row["出处"]), spells, worked)


def announced(year: int) -> bool:
    """Whether the year's holidays have been announced, so that its count is sure."""
    row = arrangements().get(year)
    return row is not None and row.announced


def holiday_on(day: date) -> str:
    """The holiday whose days off this day belongs to, or nothing."""
    row = arrangements().get(day.year)
    return next((h.name for h in row.holidays if h.first <= day <= h.last), "") if row else ""


@cache
def _ordinals(year: int) -> tuple[int, ...]:
    """The working days of one year, as ordinals in order."""
    row = arrangements().get(year)
    off = {h.first.toordinal() + n for h in (row.holidays if row else ()) for n in range((h.last - h.first).days + 1)}
    worked = {day.toordinal() for day in row.worked_weekends} if row else set()
    first, last = date(year, 1, 1).toordinal(), date(year, 12, 31).toordinal()
    # Ordinal 1 is a Monday.
    return tuple(n for n in range(first, last + 1) if n in worked or ((n - 1) % 7 < _SATURDAY and n not in off))


def is_working_day(day: date) -> bool:
    """Whether offices work on this day."""
    days, wanted = _ordinals(day.year), day.toordinal()
    place = bisect_left(days, wanted)
    return place < len(days) and days[place] == wanted


def working_days_between(start: date, end: date) -> int:
    """How many working days lie after `start` up to and with `end`; 0 where `end` is not later."""
    if end <= start:
        return 0
    return sum(
        bisect_right(days, end.toordinal()) - bisect_right(days, start.toordinal())
        for days in map(_ordinals, range(start.year, end.year + 1))
    )


def add_working_days(start: date, days: int) -> date:
    """The last day of a term of so many working days that begins after `start`; the day itself for 0.

    Raises ValueError for a negative term.
    """
    if days < 0:
        raise ValueError("a term has no negative length")
    if days == 0:
        return start
    left, year = days, start.year
    while True:
        held = _ordinals(year)
        passed = bisect_right(held, start.toordinal())
        if left <= len(held) - passed:
            return date.fromordinal(held[passed + left - 1])
        left -= len(held) - passed
        year += 1


def last_day_of(start: date, calendar_days: int) -> date:
    """The last day of a term in calendar days; one that would end on a day off ends on the next working day (民法典 203)."""
    day = start + timedelta(days=calendar_days)
    return day if is_working_day(day) else add_working_days(day, 1)
