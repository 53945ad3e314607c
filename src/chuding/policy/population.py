"""Many people as the algebra asks them: the same tree as for one person, over numpy columns.

Unknown facts need no column of their own: an unknown day is (ALWAYS, NEVER), an unknown value the code -1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from chuding.policy.conditions import Condition, all_of, any_of
from chuding.policy.dates import ALWAYS, NEVER, anniversaries, reaches
from chuding.policy.facts import Credential, When
from chuding.policy.person import sanction_spans, work_spans

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from chuding.policy.conditions import Counting, Monotone, Stated
    from chuding.policy.dates import Days
    from chuding.policy.facts import Facts
    from chuding.policy.notice import Notice
    from chuding.policy.person import Spans
    from chuding.policy.terms import Level

_VALUES: Final = (
    "specialty",
    "identity",
    "permit",
    "works_in_jurisdiction",
    "engagement",
    "civil_servant",
    "assessed_fit",
    "established_post",
    "social_insurance_found",
)
_DAYS: Final = ("filed_on", "retired_on", "established_post_since")


@dataclass(frozen=True, slots=True)
class Coded:
    """A column of values as codes; -1 is unknown."""

    codes: NDArray[np.int32]
    values: tuple[Any, ...]

    @classmethod
    def of(cls, column: Sequence[Any]) -> Coded:
        """Code a column; None becomes -1."""
        values = tuple(dict.fromkeys(value for value in column if value is not None))
        code: dict[Any, int] = {value: index for index, value in enumerate(values)}
        return cls(np.array([-1 if value is None else code[value] for value in column], dtype=np.int32), values)


@dataclass(frozen=True, slots=True)
class Dated:
    """A column of days as ranges; `never` is (NEVER, NEVER), unknown (ALWAYS, NEVER)."""

    first: Days
    last: Days

    @classmethod
    def of(cls, column: Sequence[When | str | None]) -> Dated:
        """Take the ranges of a column."""
        pairs = [
            (day.first, day.last) if isinstance(day, When) else (ALWAYS if day is None else NEVER, NEVER)
            for day in column
        ]
        ranges = np.array(pairs, dtype=np.int64).reshape(-1, 2)
        return cls(ranges[:, 0], ranges[:, 1])


@dataclass(frozen=True, slots=True)
class SpanColumns:
    """Periods of many people: (periods, people), sorted by start, filled up with empty ones."""

    starts: Days
    ends: Days

    @classmethod
    def of(cls, histories: Sequence[Spans]) -> SpanColumns:
        """Pad the histories to the longest."""
        longest = max(map(len, histories), default=0)
        padded = [[*history, *[(NEVER, NEVER)] * (longest - len(history))] for history in histories]
        table = np.array(padded, dtype=np.int64).reshape(len(histories), longest, 2)
        return cls(np.ascontiguousarray(table[:, :, 0].T), np.ascontiguousarray(table[:, :, 1].T))

    def of_owners(self, owners: NDArray[np.intp]) -> SpanColumns:
        """One column for each record of its owner."""
        return SpanColumns(self.starts[:, owners], self.ends[:, owners])


class _Columns:
    """Arithmetic of columns of days, and columns of facts; what each method is for stands at `conditions.Env`."""

    def __init__(self, size: int, coded: dict[str, Coded], dated: dict[str, Dated]) -> None:
        self.size = size
        self._coded = coded
        self._dated = dated

    def later(self, a: Days, b: Days, /) -> Days:
        return np.maximum(a, b)

    def earlier(self, a: Days, b: Days, /) -> Days:
        return np.minimum(a, b)

    def constant(self, day: int, /) -> Days:
        return np.full(self.size, day, dtype=np.int64)

    def until(self, t: Days, since: Days, /) -> Days:
        return np.where(t < since, t, NEVER)

    def same(self, a: Days, b: Days, /) -> bool:
        return np.array_equal(a, b)

    def settled(self, since: Days, /) -> bool:
        return bool((since == NEVER).all())

    def after(self, day: Days, years: int, counting: Counting, /) -> Days:
        return _next_day(anniversaries(day, years), counting)

    def stated(self, condition: Stated, favour: bool, /) -> Days:
        column = self._coded[condition.fact]
        holds = [(value in condition.values) != condition.excluded for value in column.values]
        # code -1 picks the last entry: the unknown
        table = np.where(np.array([*holds, favour]), ALWAYS, NEVER)
        days: Days = table[column.codes]
        return days

    def day(self, fact: str, favour: bool, /) -> Days:
        column = self._dated[fact]
        return column.first if favour else column.last

    def by(self, fact: str, limit: int, favour: bool, /) -> Days:
        return np.where(self.day(fact, favour) <= limit, ALWAYS, NEVER)

    def open_facts(self, _fact: str, /) -> list[str]:
        raise TypeError("what is missing is asked of one person")

    def open_in_records(self, _part: Monotone, _t: Days, /) -> list[str]:
        raise TypeError("what is missing is asked of one person")


def _next_day(days: Days, counting: Counting) -> Days:
    if not counting.next_day:
        return days
    return np.where((days > ALWAYS) & (days < NEVER), days + 1, days)


class Many(_Columns):
    """The facts of many people."""

    def __init__(self, people: Sequence[Facts]) -> None:
        columns = {fact: Coded.of([getattr(person, fact) for person in people]) for fact in _VALUES}
        days = {fact: Dated.of([getattr(person, fact) for person in people]) for fact in _DAYS}
        super().__init__(len(people), columns, days)
        self.spans = {
            "work": _both([person.work for person in people], work_spans),
            "sanctions": _both([person.sanctions for person in people], sanction_spans),
        }
        self._records = Records(self, people)

    def enter(self, fact: str, t: Days, favour: bool, /) -> Days:
        spans = self.spans[fact][favour]
        best = self.constant(NEVER)
        for first, end in zip(spans.starts, spans.ends, strict=True):
            inside = (first < end) & (end > t)
            best = np.where(inside, np.minimum(best, np.maximum(first, t)), best)
        return best

    def leave(self, fact: str, t: Days, favour: bool, /) -> Days:
        spans = self.spans[fact][favour]
        for first, end in zip(spans.starts, spans.ends, strict=True):
            t = np.where((first <= t) & (t < end), end, t)
        return t

    def worked(self, _years: int, _counting: Counting, _favour: bool, /) -> Days:
        raise TypeError("work is counted from a credential")

    def least(self, part: Monotone, favour: bool, /) -> Days:
        return self._records.least_by_owner(part.since(self._records, favour))


class Records(_Columns):
    """The credentials of many people, one after the other."""

    def __init__(self, owner: Many, people: Sequence[Facts]) -> None:
        unknown = [Credential()]
        held = [unknown if person.credentials is None else person.credentials for person in people]
        flat = [credential for credentials in held for credential in credentials]
        coded = {fact: Coded.of([getattr(each, fact) for each in flat]) for fact in ("kind", "field_matches")}
        super().__init__(len(flat), coded, {"awarded_on": Dated.of([each.awarded_on for each in flat])})
        counts = np.array([len(credentials) for credentials in held], dtype=np.intp)
        self._people = len(people)
        self._holders = np.flatnonzero(counts)
        self._offsets = (np.cumsum(counts) - counts)[self._holders]
        owners = np.repeat(np.arange(len(people)), counts)
        self._work = tuple(spans.of_owners(owners) for spans in owner.spans["work"])
        self._owner = owner

    def least_by_owner(self, days: Days) -> Days:
        """The least day of each person's records; NEVER for people without."""
        least = np.full(self._people, NEVER, dtype=np.int64)
        if len(self._offsets):
            least[self._holders] = np.minimum.reduceat(days, self._offsets)
        return least

    def worked(self, years: int, counting: Counting, favour: bool, /) -> Days:
        spans = self._work[favour]
        since = self.day("awarded_on", favour)
        return _next_day(reaches(spans.starts, spans.ends, since, years, restart=counting.restart), counting)

    def enter(self, _fact: str, _t: Days, _favour: bool, /) -> Days:
        raise TypeError("periods are asked of people")

    def leave(self, _fact: str, _t: Days, _favour: bool, /) -> Days:
        raise TypeError("periods are asked of people")

    def least(self, _part: Monotone, _favour: bool, /) -> Days:
        raise TypeError("a credential holds no credentials")


def _both(histories: Sequence[Any], spans: Callable[[Any, bool], Spans]) -> tuple[SpanColumns, SpanColumns]:
    """Against and in favour, in that order: `spans[favour]`."""
    against, in_favour = ([spans(history, favour) for history in histories] for favour in (False, True))
    return SpanColumns.of(against), SpanColumns.of(in_favour)


@dataclass(frozen=True, slots=True)
class LevelColumns:
    """One level for many people: yes and no (neither: unknown), the first sure day, and the first at best."""

    yes: NDArray[np.bool_]
    no: NDArray[np.bool_]
    sure: Days
    best: Days


def assess_many(notice: Notice, people: Many) -> dict[Level, LevelColumns]:
    """The answers of `assess` for many people at once, by the same conditions."""
    filed = people.day("filed_on", True)
    last = np.where(people.day("filed_on", False) == NEVER, NEVER - 1, people.day("filed_on", False))
    found: dict[Level, LevelColumns] = {}
    for rule in notice.levels:
        condition: Condition = all_of(
            [
                *(gate.condition for gate in notice.gates),
                any_of([row.rule.whole for row in notice.rows if row.level == rule.level]),
            ]
        )
        best = np.asarray(condition.nt(filed, people, True))
        sure = np.asarray(condition.nt(filed, people, False))
        lasting = (filed == last) | (condition.nf(filed, people, False) > last)
        found[rule.level] = LevelColumns((sure == filed) & lasting, best > last, sure, best)
    return found
