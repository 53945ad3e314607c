"""Days of work as the pages count them. Public holidays and their shifts are not known here, and the pages say so."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from chuding.applications.translate import local_day

if TYPE_CHECKING:
    from datetime import date, datetime


def working_days(start: datetime, day: date) -> int:
    """How many Mondays to Fridays lie after the day of `start` up to and with `day` (the first day is not counted)."""
    first = local_day(start)
    days = max((day - first).days, 0)
    weeks, rest = divmod(days, 7)
    return weeks * 5 + sum((first + timedelta(days=n)).weekday() < 5 for n in range(1, rest + 1))
