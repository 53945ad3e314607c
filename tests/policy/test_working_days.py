"""The calendar of working days: the published years to the day, and the counting against a slow count."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chuding.policy import working_days
from chuding.policy.working_days import (
    add_working_days,
    announced,
    arrangements,
    holiday_on,
    is_working_day,
    last_day_of,
    working_days_between,
)

DAYS = st.dates(date(2023, 1, 1), date(2029, 12, 31))


def test_years_have_as_many_working_days_as_their_notices_leave() -> None:
    counted = {year: working_days_between(date(year - 1, 12, 31), date(year, 12, 31)) for year in arrangements()}
    assert counted == {2024: 251, 2025: 248, 2026: 248, 2027: 254}


def test_days_off_are_as_many_as_announced() -> None:
    lengths = {
        year: [(h.last - h.first).days + 1 for h in row.holidays]
        for year, row in arrangements().items()
        if row.announced
    }
    assert lengths == {2024: [1, 8, 3, 5, 1, 3, 7], 2025: [1, 8, 3, 5, 3, 8], 2026: [3, 9, 3, 5, 3, 3, 7]}


@pytest.mark.parametrize(
    ("day", "works", "name"),
    [
        (date(2024, 9, 14), True, ""),  # a Saturday worked for the Mid-autumn Festival
        (date(2024, 9, 16), False, "中秋节"),
        (date(2024, 9, 18), True, ""),
        (date(2025, 10, 8), False, "国庆节、中秋节"),
        (date(2026, 1, 2), False, "元旦"),
        (date(2026, 2, 28), True, ""),
        (date(2028, 10, 2), True, ""),  # nobody has announced it: Mondays to Fridays
    ],
)
def test_day_works_or_not_by_the_notice(day: date, works: bool, name: str) -> None:
    assert (is_working_day(day), holiday_on(day)) == (works, name)


def test_years_not_yet_announced_are_told_apart() -> None:
    assert {year: announced(year) for year in (2023, 2024, 2025, 2026, 2027, 2028)} == {
        2023: False, 2024: True, 2025: True, 2026: True, 2027: False, 2028: False,
    }  # fmt: skip


@given(DAYS, DAYS)
def test_counting_equals_counting_on_the_fingers(start: date, end: date) -> None:
    days = (start + timedelta(days=n) for n in range(1, (end - start).days + 1))
    assert working_days_between(start, end) == sum(map(is_working_day, days))


@given(DAYS, st.integers(1, 600))
def test_a_term_ends_on_the_working_day_that_completes_it(start: date, days: int) -> None:
    last = add_working_days(start, days)
    assert (working_days_between(start, last), is_working_day(last)) == (days, True)


def test_a_term_of_no_days_ends_where_it_begins_and_none_is_negative() -> None:
    assert add_working_days(date(2024, 10, 5), 0) == date(2024, 10, 5)
    with pytest.raises(ValueError, match="negative"):
        add_working_days(date(2024, 10, 5), -1)


def test_calendar_term_that_ends_on_a_day_off_ends_on_the_next_working_day() -> None:
    assert last_day_of(date(2024, 9, 16), 15) == date(2024, 10, 8)  # 1 October to the first day after the holiday
    assert last_day_of(date(2024, 9, 3), 15) == date(2024, 9, 18)


def test_data_that_contradicts_itself_is_refused() -> None:
    row = {
        "公布": True,
        "出处": "x",
        "放假": [{"节日": "元旦", "起": date(2030, 1, 2), "止": date(2030, 1, 1)}],
        "上班": [],
    }
    with pytest.raises(ValueError, match="元旦"):
        working_days._arrangement(2030, row)
    with pytest.raises(ValueError, match="2030-01-07"):
        working_days._arrangement(2030, row | {"放假": [], "上班": [date(2030, 1, 7)]})
