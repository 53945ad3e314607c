"""Boundary people of a notice: every threshold one day before, on and after it, every listed value, and unknown.

Every condition is a threshold on one fact, so these representatives stand for everyone. They are derived from the
notice's own lists, never written by hand.
"""

from __future__ import annotations

from datetime import date, timedelta
from itertools import chain, islice, product
from typing import TYPE_CHECKING, Any, Final, get_args

from chuding.policy.conditions import AtLeast, Stated
from chuding.policy.dates import latest_start
from chuding.policy.facts import BASIC_KINDS, Engagement, Facts, Identity
from chuding.policy.named import permit_values
from chuding.policy.terms import HELD_NAMES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chuding.policy.conditions import Condition
    from chuding.policy.notice import Notice

_DAY: Final = timedelta(days=1)
_TRUTHS: Final = (True, False, None)
_MORE_THAN_ENOUGH: Final = 99_999  # hours or months


def _around(day: date) -> tuple[date, date, date]:
    return day - _DAY, day, day + _DAY


def _filing_day(notice: Notice) -> date:
    window = notice.windows[0]
    return window.start + (window.end - window.start) / 2


def base_person(notice: Notice) -> dict[str, Any]:
    """Someone whom no gate stops: facts of the contract, to vary from."""
    filed = _filing_day(notice)
    return {
        "filed_on": filed,
        "specialty": notice.catalogue.choices()[0].path,
        "identity": "mainland",
        "permit": "none",
        "works_in_jurisdiction": True,
        "engagement": "employment_contract",
        "civil_servant": False,
        "retired_on": "never",
        "sanctions": [],
        "credentials": [],
        "work": [{"from": filed.replace(year=filed.year - 8), "to": None}],
        "assessed_fit": True,
        "established_post": False,
        "established_post_since": None,
        "social_insurance_found": True,
        "titles": [],
        "continuing_education_hours": _MORE_THAN_ENOUGH,
        "social_insurance_months": _MORE_THAN_ENOUGH,
    }


def _years(notice: Notice) -> tuple[int, ...]:
    """The years rows ask for, and one more and fewer: a mutant shifts by one."""
    asked: set[int] = set()
    for entry in (row.entry for row in notice.rows):
        counted = {entry.years}
        if entry.practice is not None and entry.practice.total:
            counted |= {entry.practice.after, entry.practice.total + entry.practice.deducted}
        asked |= {years + extra for years in counted for extra in (0, entry.matching.extra)}
    return tuple(sorted({years + shift for years in asked - {0} for shift in (-1, 0, 1)} - {0}))


def _counted_to(notice: Notice) -> tuple[date, ...]:
    """The days up to which years may count (计算至); a mutant puts one in place of another."""
    filed = _filing_day(notice)
    if notice.reading("计算至") is None and all(row.entry.as_of is None for row in notice.rows):
        return (filed,)
    quarter = [date(filed.year, month, day) for month, day in ((3, 31), (6, 30), (9, 30), (12, 31))]
    return filed, next(day for day in quarter if day >= filed), quarter[-1], date(filed.year - 1, 12, 31)


def _work(notice: Notice) -> list[list[dict[str, Any]] | None]:
    """Work that is complete on the day it must be, a day early and late; with gaps, ended, never begun, not known."""
    filed = _filing_day(notice)
    old = filed.replace(year=filed.year - 10)
    work: list[list[dict[str, Any]] | None] = [None, [], [{"from": old, "to": filed - _DAY}]]
    if _before_award(notice):
        work.append([{"from": old, "to": None}])
    for end, years in product(_counted_to(notice), _years(notice)):
        start = date.fromordinal(latest_start(end.toordinal(), years))
        work += [[{"from": day, "to": None}] for day in _around(start)]
        pause = start + timedelta(days=90)
        work.append([{"from": start - timedelta(days=30), "to": pause}, {"from": pause + 30 * _DAY, "to": None}])
        work.append([{"from": start, "to": pause}, {"from": pause + _DAY, "to": None}])
    return work


def _before_award(notice: Notice) -> bool:
    return any(row.entry.practice is not None and row.entry.practice.total for row in notice.rows)


def _years_after(notice: Notice) -> set[int]:
    """Years asked after the award where years before it count too, and one more and fewer."""
    asked = {
        years
        for practice in (row.entry.practice for row in notice.rows)
        if practice is not None and practice.total
        for years in (practice.after, practice.total if practice.deducted else 0)
    }
    return {years + shift for years in asked - {0} for shift in (-1, 0, 1)} - {0}


def _awards(notice: Notice) -> list[date]:
    """Days of award: long ago, on filing, and at every day a row names or counts from."""
    filed = _filing_day(notice)
    bounds: set[date | None] = {filed}
    for entry in (row.entry for row in notice.rows):
        bounds.add(entry.awarded_by)
        if entry.effective is not None:
            bounds |= {entry.effective.awarded_from, entry.effective.awarded_to}
    if _before_award(notice):
        ends = product(_counted_to(notice), _years_after(notice))
        bounds |= {date.fromordinal(latest_start(end.toordinal(), years)) for end, years in ends}
    near = (day for bound in bounds if bound is not None for day in _around(bound))
    return sorted({filed.replace(year=filed.year - 10), *near})


def credential_people(notice: Notice) -> Iterator[dict[str, Any]]:
    """Kind × day of award × field × full time × work: the decision table's own space."""
    held = [kind for kind in notice.entry.kinds if kind not in HELD_NAMES]
    full_time = _TRUTHS if any(row.entry.full_time for row in notice.rows) else (None,)
    credentials = [
        {"kind": kind, "awarded_on": awarded, "field_matches": matches, "full_time": full}
        for kind, awarded, matches, full in product((*held, None), _awards(notice), _TRUTHS, full_time)
    ]
    for credential, spells in product(credentials, _work(notice)):
        yield {"credentials": [credential], "work": spells}
    yield {"credentials": None}
    yield {"credentials": []}


def _title_people(notice: Notice) -> Iterator[dict[str, Any]]:
    """Level of the title × day since when it is held × other schooling × work."""
    rows = [row for row in notice.rows if row.rule.of_titles]
    if not rows:
        return
    filed = _filing_day(notice)
    old = filed.replace(year=filed.year - 10)
    schooling = [{"kind": kind, "awarded_on": old} for kind in dict.fromkeys((*BASIC_KINDS, *_also_held(notice)))]
    held = sorted({old, *_around(filed), *(day for end in _counted_to(notice) for day in _bounds(notice, end))})
    for level, since, spells in product((*HELD_NAMES, None), (None, *held), _work(notice)):
        for credentials in (None, [], *([each] for each in schooling)):
            yield {"titles": [{"level": level, "held_since": since}], "credentials": credentials, "work": spells}
    yield {"titles": None}


def _also_held(notice: Notice) -> set[str]:
    return {kind for row in notice.rows for kind in row.entry.also_held}


def _bounds(notice: Notice, end: date) -> Iterator[date]:
    for years in _years(notice):
        yield from _around(date.fromordinal(latest_start(end.toordinal(), years)))


def _totals(condition: Condition) -> Iterator[tuple[str, int]]:
    """Every total that a condition asks, however deep: the fact and the number."""
    if isinstance(condition, Stated) and isinstance(condition.values, AtLeast):
        yield condition.fact, condition.values.number
    for part in getattr(condition, "parts", ()):
        yield from _totals(part)


def boundary_values(notice: Notice) -> dict[str, tuple[Any, ...]]:
    """Every value of every fact that gates and materials look at, one period around each boundary."""
    filed = _filing_day(notice)
    long_ago = filed.replace(year=filed.year - 5)
    periods = [(long_ago, day) for day in _around(filed)] + [(day, None) for day in _around(filed)]
    held = [date.fromordinal(latest_start(filed.toordinal(), years)) for years in (1, 2)]
    totals: dict[str, list[int | None]] = {}
    for gate in notice.gates:
        for fact, number in _totals(gate.condition):
            totals.setdefault(fact, [None]).extend(each for each in (number - 1, number, number + 1))
    ends = [day for window in notice.windows for day in (window.start, window.end)]
    return {
        **{fact: tuple(values) for fact, values in totals.items()},
        "filed_on": (None, *dict.fromkeys(near for day in ends for near in _around(day))),
        "specialty": (None, *(choice.path for choice in notice.catalogue.choices()), *sorted(notice.examined)),
        "identity": (None, *get_args(Identity)),
        "permit": (None, *permit_values(notice)),
        "established_post": _TRUTHS,
        "works_in_jurisdiction": _TRUTHS,
        "engagement": (None, *get_args(Engagement)),
        "civil_servant": _TRUTHS,
        "retired_on": (None, "never", *_around(filed)),
        "sanctions": (
            None,
            *([{"from": first, "until": end}] for first, end in periods),
            [{"from": long_ago, "until": filed}, {"from": filed + _DAY, "until": filed + 2 * _DAY}],
        ),
        "work": (None, [], *([{"from": first, "to": end}] for first, end in periods)),
        "assessed_fit": _TRUTHS,
        "social_insurance_found": _TRUTHS,
        "established_post_since": (None, *(day for start in held for day in _around(start))),
    }


def _holder(kind: str, day: date) -> dict[str, Any]:
    if kind in HELD_NAMES:
        return {"titles": [{"level": kind, "held_since": day}]}
    return {"credentials": [{"kind": kind, "awarded_on": day, "field_matches": True, "full_time": True}]}


def holders(notice: Notice) -> list[dict[str, Any]]:
    """For each row somebody who has held what it asks for so long that the row holds: facts of the contract."""
    day = _filing_day(notice)
    awarded = day.replace(year=day.year - 8)
    return [_holder(kind, awarded) for kind in dict.fromkeys(row.entry.kinds[0] for row in notice.rows)]


def _gate_people(notice: Notice) -> Iterator[dict[str, Any]]:
    for holder in holders(notice):
        for fact, values in boundary_values(notice).items():
            yield from ({**holder, fact: value} for value in values)
        for identity, permit in product((None, *get_args(Identity)), (None, *permit_values(notice))):
            yield {**holder, "identity": identity, "permit": permit}
        for post, since in product(_TRUTHS, boundary_values(notice)["established_post_since"]):
            yield {**holder, "established_post": post, "established_post_since": since}


class Reader:
    """Reads people who vary from one whom no gate stops. What many of them share (a record, a spell, a day) is read once."""

    def __init__(self, notice: Notice) -> None:
        self._base = Facts.model_validate(base_person(notice))
        # By identity, for records are no keys: each is kept beside what was read of it, so that it stays itself.
        self._records: dict[tuple[str, int], tuple[Any, Any]] = {}
        self._values: dict[tuple[str, Any], Any] = {}

    def person(self, varied: dict[str, Any]) -> Facts:
        """Who differs from that person in these facts of the contract."""
        return self._base.model_copy(update={fact: self._read(fact, value) for fact, value in varied.items()})

    def _read(self, fact: str, value: Any) -> Any:
        if isinstance(value, list):
            return [self._record(fact, each) for each in value]
        key = fact, value
        if key not in self._values:
            self._values[key] = getattr(Facts.model_validate({fact: value}), fact)
        return self._values[key]

    def _record(self, fact: str, record: Any) -> Any:
        key = fact, id(record)
        if key not in self._records:
            (read,) = getattr(Facts.model_validate({fact: [record]}), fact)
            self._records[key] = record, read
        return self._records[key][1]


def each_boundary_person(notice: Notice) -> Iterator[Facts]:
    """The boundary people of a notice, one after another, some twice; varied from a person whom no gate stops."""
    reader = Reader(notice)
    for varied in chain(credential_people(notice), _title_people(notice), _gate_people(notice)):
        yield reader.person(varied)


def boundary_people(notice: Notice, *others: Notice, every: int = 1) -> tuple[Facts, ...]:
    """The boundary people of the notices together, each once.

    `every` takes one in so many, where a sample will do.
    """
    people: dict[str, Facts] = {}
    for each in (notice, *others):
        for facts in islice(each_boundary_person(each), 0, None, every):
            people.setdefault(repr(facts), facts)
    return tuple(people.values())
