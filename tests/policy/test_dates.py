"""The date tables of the law: fixtures as published, dateutil as the oracle, columns equal to single values."""

from datetime import date

import numpy as np
import pytest
from dateutil.relativedelta import relativedelta
from hypothesis import given
from hypothesis import strategies as st

from chuding.policy.dates import (
    ALWAYS,
    NEVER,
    anniversaries,
    anniversary,
    day_of,
    full_years,
    latest_start,
    latest_starts,
    reach,
)
from chuding.policy.population import Periods


def day(text: str) -> int:
    return date.fromisoformat(text).toordinal()


def spells(text: str) -> list[tuple[int, int]]:
    found = []
    for part in text.split():
        first, _, end = part.partition("~")
        found.append((day(first), day(end) if end else NEVER))
    return sorted(found)


ANNIVERSARIES = [
    ("2023-07-01", 1, "2024-07-01"),
    ("2020-02-29", 1, "2021-02-28"),
    ("2020-02-29", 3, "2023-02-28"),
    ("2020-02-29", 4, "2024-02-29"),
    ("2019-02-28", 1, "2020-02-28"),
    ("2023-03-01", 1, "2024-03-01"),
    ("2096-02-29", 4, "2100-02-28"),
]


@pytest.mark.parametrize(("start", "years", "expected"), ANNIVERSARIES)
def test_anniversary_is_same_day_or_month_end(start: str, years: int, expected: str) -> None:
    assert day_of(anniversary(day(start), years)) == date.fromisoformat(expected)


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ("2023-07-01", "2024-06-30", 0),
        ("2020-02-29", "2021-02-28", 1),
        ("2021-02-28", "2024-02-28", 3),
        ("2021-06-15", "2024-06-14", 2),
        ("2021-06-30", "2024-06-29", 2),
        ("2023-12-31", "2024-01-01", 0),
        ("2020-01-01", "2022-12-31", 2),
        ("2024-01-01", "2020-01-01", 0),
    ],
)
def test_full_years_counts_anniversaries(start: str, end: str, expected: int) -> None:
    assert full_years(day(start), day(end)) == expected


@pytest.mark.parametrize(
    ("end", "years", "expected"),
    [
        ("2021-02-28", 1, "2020-02-29"),
        ("2025-02-28", 1, "2024-02-29"),
        ("2024-02-29", 1, "2023-02-28"),
        ("2024-02-29", 3, "2021-02-28"),
        ("2024-06-30", 1, "2023-06-30"),
    ],
)
def test_latest_start_inverts(end: str, years: int, expected: str) -> None:
    assert day_of(latest_start(day(end), years)) == date.fromisoformat(expected)


REACHES = [
    # case, spells, since, years, 停钟, 连续
    ("work before graduation not counted", "2020-01-01~", "2023-06-20", 1, "2024-06-20", "2024-06-20"),
    ("hired after graduation", "2023-09-01~", "2023-06-20", 1, "2024-09-01", "2024-09-01"),
    ("62-day gap", "2021-01-01~2021-07-01 2021-09-01~", "2020-06-30", 1, "2022-03-04", "2022-09-01"),
    ("touching spells", "2021-01-01~2021-07-01 2021-07-01~", "2020-06-30", 1, "2022-01-01", "2022-01-01"),
    ("overlap counts once", "2021-01-01~2021-10-01 2021-06-01~", "2020-06-30", 1, "2022-01-01", "2022-01-01"),
    ("contained spell", "2021-01-01~ 2021-03-01~2021-04-01", "2020-06-30", 1, "2022-01-01", "2022-01-01"),
    ("leaves exactly at one year", "2023-07-01~2024-07-01", "2023-06-20", 1, "2024-07-01", "2024-07-01"),
    ("leaves one day short", "2023-07-01~2024-06-30", "2023-06-20", 1, None, None),
    (
        "one day short, new job later",
        "2023-07-01~2024-06-30 2024-08-01~",
        "2023-06-20",
        1,
        "2024-08-02",
        "2025-08-01",
    ),
    (
        "three spells, 3 years",
        "2018-01-01~2019-01-01 2019-06-01~2020-06-01 2021-01-01~",
        "2017-06-30",
        3,
        "2022-01-01",
        "2024-01-01",
    ),
    ("starts on leap day, 1", "2020-02-29~", "2019-06-30", 1, "2021-02-28", "2021-02-28"),
    ("starts on leap day, 3", "2020-02-29~", "2019-06-30", 3, "2023-02-28", "2023-02-28"),
    ("graduates on leap day, employed", "2019-01-01~", "2020-02-29", 1, "2021-02-28", "2021-02-28"),
    ("gap across a leap day", "2019-12-01~2020-02-01 2020-04-01~", "2019-06-30", 1, "2021-01-30", "2021-04-01"),
    ("no work", "", "2020-06-30", 1, None, None),
    ("empty spell", "2021-01-01~2021-01-01 2021-02-01~", "2020-06-30", 1, "2022-02-01", "2022-02-01"),
]


@pytest.mark.parametrize(("case", "worked", "since", "years", "stopped", "restarted"), REACHES)
def test_reach_follows_the_table(
    case: str, worked: str, since: str, years: int, stopped: str | None, restarted: str | None
) -> None:
    history = spells(worked)
    for restart, expected in ((False, stopped), (True, restarted)):
        found = reach(history, day(since), years, restart=restart)
        assert day_of(found) == (None if expected is None else date.fromisoformat(expected)), case


def periods(histories: list[list[tuple[int, int]]]) -> Periods:
    """The histories of several people as columns."""
    offsets = np.cumsum([0, *map(len, histories)])
    starts, ends = np.array([span for each in histories for span in each], dtype=np.int32).reshape(-1, 2).T
    return Periods.of(offsets, starts, ends)


def test_reach_of_columns_follows_the_table() -> None:
    histories = [spells(row[1]) for row in REACHES]
    columns = periods(histories)
    since = np.array([day(row[2]) for row in REACHES], dtype=np.int32)
    years = np.array([row[3] for row in REACHES])
    for restart, column in ((False, 4), (True, 5)):
        for count in (1, 3):
            found = columns.reach(since, count, restart=restart)
            for index in np.flatnonzero(years == count):
                expected = REACHES[index][column]
                assert day_of(int(found[index])) == (None if expected is None else date.fromisoformat(str(expected)))


ORDINARY = st.integers(day("1890-01-01"), day("2110-12-31"))


@given(ORDINARY, st.integers(1, 5))
def test_anniversary_agrees_with_dateutil(start: int, years: int) -> None:
    expected = date.fromordinal(start) + relativedelta(years=years)
    assert anniversary(start, years) == expected.toordinal()


@given(ORDINARY, st.integers(1, 5))
def test_anniversary_is_monotone_and_latest_start_its_inverse(end: int, years: int) -> None:
    start = latest_start(end, years)
    assert anniversary(start, years) <= end < anniversary(start + 1, years)
    assert anniversary(end, years) <= anniversary(end + 1, years)


def test_columns_equal_single_values_on_every_day() -> None:
    days = np.arange(day("1890-01-01"), day("2110-12-31"), dtype=np.int64)
    for years in (1, 2, 3, 4, 5):
        single = [anniversary.__wrapped__(value, years) for value in days.tolist()]
        assert anniversaries(days, years).tolist() == single
        single = [latest_start.__wrapped__(value, years) for value in days.tolist()]
        assert latest_starts(days, years).tolist() == single


def test_infinities_stay() -> None:
    edges = np.array([ALWAYS, NEVER, day("9999-12-31")])
    assert [anniversary(ALWAYS, 3), anniversary(NEVER, 3), anniversary(day("9999-12-31"), 1)] == [ALWAYS, NEVER, NEVER]
    assert anniversaries(edges, 1).tolist() == [ALWAYS, NEVER, NEVER]
    assert [latest_start(ALWAYS, 3), latest_start(NEVER, 3), latest_start(100, 1)] == [ALWAYS, NEVER, ALWAYS]
    assert latest_starts(np.array([ALWAYS, NEVER, 100]), 1).tolist() == [ALWAYS, NEVER, ALWAYS]
    assert [day_of(ALWAYS), day_of(NEVER), day_of(0)] == [None, None, None]


NEAR = st.integers(day("2018-01-01"), day("2024-12-31"))
HISTORY = st.lists(st.tuples(NEAR, st.one_of(NEAR, st.just(NEVER))), max_size=4).map(sorted)


def walked(history: list[tuple[int, int]], since: int, years: int, *, restart: bool) -> int:
    """The same question asked day by day: a clock that runs on days worked, by the calendar of its first day."""
    first = target = None
    for today in range(min([since, *(start for start, _ in history)]), day("2036-01-01")):
        if target is not None and today >= target:
            return target
        worked = today >= since and any(start <= today < end for start, end in history)
        if worked and first is None:
            first = today
            target = (date.fromordinal(today) + relativedelta(years=years)).toordinal()
        elif not worked and target is not None:
            first, target = (None, None) if restart else (first, target + 1)
    return NEVER


@given(HISTORY, NEAR, st.sampled_from([1, 2, 3]), st.booleans())
def test_reach_equals_a_walk_day_by_day(history: list[tuple[int, int]], since: int, years: int, restart: bool) -> None:
    expected = walked(history, since, years, restart=restart)
    assert reach(history, since, years, restart=restart) == expected
    found = periods([history]).reach(np.array([since], dtype=np.int32), years, restart=restart)
    assert found.tolist() == [expected]


@given(HISTORY, st.tuples(NEAR, NEAR), NEAR, st.integers(1, 3))
def test_more_work_never_makes_it_later(
    history: list[tuple[int, int]], more: tuple[int, int], since: int, years: int
) -> None:
    assert reach(sorted([*history, more]), since, years) <= reach(history, since, years)
