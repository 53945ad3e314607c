"""Calendar of the law: whole years from a day, their exact inverse, and years of work with gaps.

Days are integers (`datetime.date.toordinal`). `ALWAYS` and `NEVER` stand for minus and plus infinity; both fit
int32. Periods are half-open: the end is the first day no longer inside. Every function exists for one value and,
with the plural name, for numpy columns (`reach`: `population.Periods.reach`); the two agree on every day (tests).
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, Final, Literal

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Days = NDArray[np.int64]

ALWAYS: Final = -(2**29)
NEVER: Final = 2**29

_LAST_DAY: Final = date.max.toordinal()
_ORDINAL_OF_EPOCH: Final = date(1970, 1, 1).toordinal()
_DAYS_BEFORE_EPOCH: Final = 719_468  # from 0000-03-01, where the 400-year cycle below begins
_FEBRUARY: Final = 2


def _leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def day_of(ordinal: int) -> date | None:
    """The calendar day of an integer day; `None` for the two infinities and beyond year 9999."""
    return date.fromordinal(ordinal) if 0 < ordinal <= _LAST_DAY else None


@lru_cache(maxsize=8192)
def anniversary(start: int, years: int) -> int:
    """The day `years` years after `start`: same month and day, or the month's last day (民法典 201-202, 对年对日).

    Always counted from the anchor, never year by year: 2020-02-29 + 4 years is 2024-02-29. Total and monotone.
    """
    if not 0 < start <= _LAST_DAY:
        return start
    anchor = date.fromordinal(start)
    year = anchor.year + years
    if year > date.max.year:
        return NEVER
    if anchor.month == _FEBRUARY and anchor.day == 29 and not _leap(year):
        return date(year, 2, 28).toordinal()
    return anchor.replace(year=year).toordinal()


@lru_cache(maxsize=8192)
def latest_start(day: int, years: int) -> int:
    """The latest `s` with `anniversary(s, years) <= day`: the exact inverse of `anniversary`."""
    if not 0 < day <= _LAST_DAY:
        return day
    end = date.fromordinal(day)
    year = end.year - years
    if year < 1:
        return ALWAYS
    if end.month == _FEBRUARY and end.day >= 28:
        if end.day == 29:
            return date(year, 2, 29 if _leap(year) else 28).toordinal()
        if _leap(year) and not _leap(end.year):
            return date(year, 2, 29).toordinal()
    return end.replace(year=year).toordinal()


AsOf = Literal["申报日", "季末", "年末", "上年末"]


def countable(reached: int, as_of: AsOf) -> int:
    """The first day of filing on which years that are complete on `reached` count, if they count up to `as_of`.

    季末 and 年末: the end of the quarter or year of filing, so that filing may come first. 上年末: 31 December before
    the year of filing, so that it must come after.
    """
    if as_of == "申报日" or not 0 < reached <= _LAST_DAY:
        return reached
    day = date.fromordinal(reached)
    if as_of == "季末":
        return date(day.year, day.month - (day.month - 1) % 3, 1).toordinal()
    if as_of == "年末":
        return date(day.year, 1, 1).toordinal()
    return NEVER if day.year == date.max.year else date(day.year + 1, 1, 1).toordinal()


def full_years(start: int, end: int) -> int:
    """How many anniversaries of `start` have come by `end` (0 when `end` is earlier)."""
    years = max(0, date.fromordinal(end).year - date.fromordinal(start).year)
    return years if years == 0 or anniversary(start, years) <= end else years - 1


def reach(spells: Sequence[tuple[int, int]], since: int, years: int, *, restart: bool = False) -> int:
    """The day on which `years` full years in the spells, counted from `since`, are completed; `NEVER` if not.

    `spells` are half-open and sorted by start; overlaps count once. A gap stops the clock (停钟): the anniversary
    of the first day worked moves back by the length of each gap met before it. With `restart` (连续) a gap sets
    the clock to zero. An empty or inverted spell is no spell.
    """
    covered = target = NEVER
    for first, end in spells:
        begin = max(first, since) if covered == NEVER else max(first, since, covered)
        if begin >= end:
            continue
        if covered == NEVER or (restart and begin > covered):
            target = anniversary(begin, years)
        else:
            target += begin - covered
        if target <= end:
            return target
        covered = end
    return NEVER


def _civil(days: Days) -> tuple[Days, Days, Days]:
    """Year, month, day of integer days (Gregorian, by the 400-year cycle that begins on 1 March)."""
    shifted = days - _ORDINAL_OF_EPOCH + _DAYS_BEFORE_EPOCH
    era = shifted // 146_097
    within = shifted - era * 146_097
    year = (within - within // 1_460 + within // 36_524 - within // 146_096) // 365
    day_of_year = within - (365 * year + year // 4 - year // 100)
    shifted_month = (5 * day_of_year + 2) // 153
    day = day_of_year - (153 * shifted_month + 2) // 5 + 1
    month = np.where(shifted_month < 10, shifted_month + 3, shifted_month - 9)
    return year + era * 400 + (month <= _FEBRUARY), month, day


def _ordinals(years: Days, months: Days, days: Days) -> Days:
    shifted_year = years - (months <= _FEBRUARY)
    era = shifted_year // 400
    of_era = shifted_year - era * 400
    day_of_year = (153 * np.where(months > _FEBRUARY, months - 3, months + 9) + 2) // 5 + days - 1
    within = of_era * 365 + of_era // 4 - of_era // 100 + day_of_year
    ordinals: Days = era * 146_097 + within - _DAYS_BEFORE_EPOCH + _ORDINAL_OF_EPOCH
    return ordinals


def _leaps(years: Days) -> NDArray[np.bool_]:
    leaps: NDArray[np.bool_] = (years % 4 == 0) & ((years % 100 != 0) | (years % 400 == 0))
    return leaps


def anniversaries(starts: Days, years: int) -> Days:
    """`anniversary` for a column of integer days."""
    finite = (starts > 0) & (starts <= _LAST_DAY)
    year, month, day = _civil(np.where(finite, starts, 1))
    target = year + years
    day = np.where((month == _FEBRUARY) & (day == 29) & ~_leaps(target), 28, day)
    result = np.where(target > date.max.year, NEVER, _ordinals(target, month, day))
    return np.where(finite, result, starts)


def latest_starts(days: Days, years: int) -> Days:
    """`latest_start` for a column of integer days."""
    finite = (days > 0) & (days <= _LAST_DAY)
    year, month, day = _civil(np.where(finite, days, 1))
    target = year - years
    february_end = (month == _FEBRUARY) & (day >= 28)
    stretched = np.where(_leaps(target) & ((day == 29) | ~_leaps(year)), 29, 28)
    result = np.where(target < 1, ALWAYS, _ordinals(target, month, np.where(february_end, stretched, day)))
    return np.where(finite, result, days)


def countables(reached: Days, as_of: AsOf) -> Days:
    """`countable` for a column of integer days."""
    if as_of == "申报日":
        return reached
    finite = (reached > 0) & (reached <= _LAST_DAY)
    year, month, _ = _civil(np.where(finite, reached, 1))
    first = month - (month - 1) % 3 if as_of == "季末" else np.ones_like(month)
    year += as_of == "上年末"
    days = np.where(year > date.max.year, NEVER, _ordinals(year, first, np.ones_like(month)))
    return np.where(finite, days, reached)
