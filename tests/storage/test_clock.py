"""The clock, and the demonstration's."""

from datetime import UTC, date, datetime, timedelta

import pytest

from chuding.storage import clock


@pytest.fixture
def frozen(monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: datetime(2026, 1, 1, 17, 30, tzinfo=UTC))


def test_now_is_the_real_time_without_an_offset(frozen, settings):
    settings.CLOCK_OFFSET = None
    assert (clock.now(), clock.is_demonstration()) == (datetime(2026, 1, 1, 17, 30, tzinfo=UTC), False)


def test_now_is_moved_by_the_offset(frozen, settings):
    settings.CLOCK_OFFSET = timedelta(days=-1)
    assert (clock.now(), clock.is_demonstration()) == (datetime(2025, 12, 31, 17, 30, tzinfo=UTC), True)


def test_today_is_the_day_in_shanghai(frozen, settings):
    settings.CLOCK_OFFSET = None
    assert clock.today() == date(2026, 1, 2)
    settings.CLOCK_OFFSET = timedelta(hours=-2)
    assert clock.today() == date(2026, 1, 1)
