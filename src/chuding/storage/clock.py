"""What time it is: the one place that reads the clock. Called in views and commands; services are told."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone

if TYPE_CHECKING:
    from datetime import date

SHANGHAI = ZoneInfo("Asia/Shanghai")


def now() -> datetime:
    """Return the present moment, aware; on the demonstration's clock where `settings.CLOCK_OFFSET` sets one."""
    moment = timezone.now()
    return moment if settings.CLOCK_OFFSET is None else moment + settings.CLOCK_OFFSET


def today() -> date:
    """Return the day it is in Asia/Shanghai, where the law counts days."""
    return now().astimezone(SHANGHAI).date()


def start_of(day: date) -> datetime:
    """Return the first moment of a day in Asia/Shanghai."""
    return datetime(day.year, day.month, day.day, tzinfo=SHANGHAI)


def by_the_world(at: datetime) -> datetime:
    """The moment `at` of our clock as the world's clocks show it: what a person's own phone counts by."""
    return at if settings.CLOCK_OFFSET is None else at - settings.CLOCK_OFFSET


def is_demonstration() -> bool:
    """Tell whether the demonstration's clock rules; every page says so then."""
    return settings.CLOCK_OFFSET is not None
