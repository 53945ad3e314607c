"""Many people as the algebra asks them: the same tree as for one person, over numpy columns, in blocks.

A block keeps the answers of its leaves by the leaf's value (never by its identity, which another notice may reuse), so
that the next scenario over the same people asks only what changed.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from chuding.policy.columns import SHAPE, Coded, Columns, Dated, Ragged, Table
from chuding.policy.conditions import By, Condition, Elapsed, Monotone, SomeTitle, Stated, Within, Worked, any_of
from chuding.policy.dates import ALWAYS, NEVER, anniversaries, countables
from chuding.policy.facts import EARLIEST_YEAR

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator, Sequence

    from numpy.typing import NDArray

    from chuding.policy.columns import Days32
    from chuding.policy.conditions import Counting
    from chuding.policy.facts import Facts
    from chuding.policy.notice import Notice
    from chuding.policy.terms import Level

BLOCK: Final = 16_384  # people whose columns of one question still fit the processor's second cache
_KEPT: Final = 48  # answers a block remembers, some three scenarios: 4 MB each over a million people

_FIRST: Final = np.datetime64(f"{EARLIEST_YEAR}-01-01").astype(int) + 719_163
_LAST: Final = np.datetime64("2199-12-31").astype(int) + 719_163


@lru_cache(maxsize=64)
def _calendar(years: int) -> Days32:
    """Every day's anniversary from 1900 to 2199, with ALWAYS before and NEVER behind: one look instead of a division."""
    days = anniversaries(np.arange(_FIRST, _LAST + 1), years)
    return np.concatenate([[ALWAYS], days, [NEVER]]).astype(np.int32)


def _anniversaries(starts: Days32, years: int) -> Days32:
    """`dates.anniversaries` by the table; days outside it are reckoned."""
    found: Days32 = _calendar(years)[np.clip(starts, _FIRST - 1, _LAST + 1) - (_FIRST - 1)]
    strange = ((starts < _FIRST) & (starts > ALWAYS)) | ((starts > _LAST) & (starts < NEVER))
    if strange.any():
        found[strange] = anniversaries(starts[strange].astype(np.int64), years)
    return found


def _complete(days: Days32, counting: Counting) -> Days32:
    """When years that were reached on these days count (口径 满年, 计算至)."""
    if counting.next_day:
        days = np.where((days > ALWAYS) & (days < NEVER), days + 1, days)
    return days if counting.as_of == "申报日" else countables(days.astype(np.int64), counting.as_of).astype(np.int32)


@dataclass(frozen=True, slots=True)
class Periods:
    """Half-open periods of many, by rank: who has a first period and which, who has a second and which, and so on.

    Within one person they are sorted by start. `who` None: everyone, in order.
    """

    steps: tuple[tuple[NDArray[np.intp] | None, Days32, Days32], ...]

    @classmethod
    def of(cls, offsets: NDArray[np.int64], starts: Days32, ends: Days32) -> Periods:
        """Sort each person's periods by start; empty and inverted ones are left out."""
        counts = np.diff(offsets)
        owners = np.repeat(np.arange(len(counts), dtype=np.int32), counts)
        real = starts < ends
        if not real.all():
            owners, starts, ends = owners[real], starts[real], ends[real]
        if ((owners[1:] == owners[:-1]) & (starts[1:] < starts[:-1])).any():
            order = np.lexsort((ends, starts, owners))
            starts, ends = starts[order], ends[order]
        counts = np.bincount(owners, minlength=len(counts))
        first = np.cumsum(counts) - counts
        steps: list[tuple[NDArray[np.intp] | None, Days32, Days32]] = []
        for rank in range(int(counts.max(initial=0))):
            who = np.flatnonzero(counts > rank)
            at = first[who] + rank
            steps.append((None if len(who) == len(counts) else who, starts[at], ends[at]))
        return cls(tuple(steps))

    def of_owners(self, owners: NDArray[np.intp], people: int) -> Periods:
        """The periods of each record's owner."""
        steps: list[tuple[NDArray[np.intp] | None, Days32, Days32]] = []
        for who, starts, ends in self.steps:
            place = np.full(people, -1, dtype=np.intp)
            place[slice(None) if who is None else who] = np.arange(len(starts))
            at = place[owners]
            held = np.flatnonzero(at >= 0)
            steps.append((None if len(held) == len(owners) else held, starts[at[held]], ends[at[held]]))
        return Periods(tuple(steps))

    def reach(self, since: Days32, years: int, *, restart: bool) -> Days32:
        """`dates.reach` for many: the day on which so many years in the periods since a day are complete."""
        covered, target, done = (np.full(len(since), NEVER, dtype=np.int32) for _ in range(3))
        for who, starts, ends in self.steps:
            asked: Any = slice(None) if who is None else who
            before, so_far, found = covered[asked], target[asked], done[asked]
            fresh = before == NEVER
            begin = np.maximum(starts, since[asked])
            np.maximum(begin, before, out=begin, where=~fresh)
            works = (begin < ends) & (found == NEVER)
            if restart:
                fresh |= begin > before
            moved = np.where(fresh, _anniversaries(begin, years), so_far + (begin - before))
            target[asked] = np.where(works, moved, so_far)
            done[asked] = np.where(works & (moved <= ends), moved, found)
            covered[asked] = np.where(works, ends, before)
        return done

    def enter(self, t: Days32) -> Days32:
        """First day on or after `t` inside a period."""
        best = np.full(len(t), NEVER, dtype=np.int32)
        for who, starts, ends in self.steps:
            asked: Any = slice(None) if who is None else who
            day = t[asked]
            inside = np.where(ends > day, np.maximum(starts, day), NEVER)
            best[asked] = np.minimum(best[asked], inside)
        return best

    def leave(self, t: Days32) -> Days32:
        """First day on or after `t` outside all periods; they are sorted, so one pass will do."""
        if not self.steps:
            return t
        t = t.copy()
        for who, starts, ends in self.steps:
            asked: Any = slice(None) if who is None else who
            day = t[asked]
            t[asked] = np.where((starts <= day) & (day < ends), ends, day)
        return t


class _Columns:
    """Arithmetic of columns of days, and columns of facts; what each method is for stands at `conditions.Env`."""

    def __init__(self, table: Table) -> None:
        self.size = table.size
        self._table = table
        self._kept: dict[Hashable, Days32] = {}

    def later(self, a: Days32, b: Days32, /) -> Days32:
        return np.maximum(a, b)

    def earlier(self, a: Days32, b: Days32, /) -> Days32:
        return np.minimum(a, b)

    def constant(self, day: int, /) -> Days32:
        return np.full(self.size, day, dtype=np.int32)

    def until(self, t: Days32, since: Days32, /) -> Days32:
        return np.where(t < since, t, np.int32(NEVER))

    def same(self, a: Days32, b: Days32, /) -> bool:
        return a is b or np.array_equal(a, b)

    def settled(self, since: Days32, /) -> bool:
        return bool((since == NEVER).all())

    def after(self, day: Days32, years: int, counting: Counting, /) -> Days32:
        return _complete(_anniversaries(day, years), counting)

    def stated(self, condition: Stated, favour: bool, /) -> Days32:
        column = self._table.values[condition.fact]
        holds = [(value in condition.values) != condition.excluded for value in column.values]
        # code -1 picks the last entry: the unknown
        answers = np.where(np.array([*holds, favour]), ALWAYS, NEVER).astype(np.int32)
        return np.take(answers, column.codes, mode="wrap")

    def day(self, fact: str, favour: bool, /) -> Days32:
        column = self._table.days[fact]
        return column.first if favour else column.last

    def by(self, fact: str, limit: int, favour: bool, /) -> Days32:
        return np.where(self.day(fact, favour) <= limit, np.int32(ALWAYS), np.int32(NEVER))

    def open_facts(self, _fact: str, /) -> list[str]:
        raise TypeError("what is missing is asked of one person")

    def open_in_records(self, _part: Monotone, _t: Days32, /) -> list[str]:
        raise TypeError("what is missing is asked of one person")

    def open_in_titles(self, _part: Monotone, _t: Days32, /) -> list[str]:
        raise TypeError("what is missing is asked of one person")

    def keep(self, key: Hashable, find: Callable[[], Days32]) -> Days32:
        """The answer kept under a value, or found now; the oldest gives way. Nobody may write into it."""
        found = self._kept.get(key)
        if found is None:
            found = find()
            found.flags.writeable = False
            if len(self._kept) >= _KEPT:
                del self._kept[next(iter(self._kept))]
            self._kept[key] = found
        return found


class Many(_Columns):
    """The facts of many people, as one block. `vague` names the facts that are not exactly known of somebody."""

    def __init__(self, people: Columns | Sequence[Facts]) -> None:
        columns = people if isinstance(people, Columns) else Columns.of(people)
        super().__init__(columns.table)
        self.columns = columns
        work = columns.records["work"].table.days
        self.vague = columns.table.vague_names()
        # `to` None is no gap of knowledge: the work goes on
        if work["from_"].vague().any() or (work["to"].vague() & (work["to"].first > ALWAYS)).any():
            self.vague |= {"work"}
        if columns.records["sanctions"].table.vague_names():
            self.vague |= {"sanctions"}
        self.spans = {"work": self._both("work", "to"), "sanctions": self._both("sanctions", "until")}
        self._records = Records(self, columns.records["credentials"])
        titles = columns.records["titles"]
        self._titles = Records(self, Ragged(titles.offsets, _as_credentials(titles.table)))
        self.vague |= self._records.vague | {f"title.{name}" for name in self._titles.vague}

    def _both(self, name: str, end: str) -> tuple[Periods, Periods]:
        """The periods against and in favour, in that order: `spans[favour]`. See person.work_spans, sanction_spans."""
        ragged = self.columns.records[name]
        starts, ends = ragged.table.days["from_"], ragged.table.days[end]
        widest = Periods.of(ragged.offsets, starts.first, ends.last)
        if name not in self.vague:
            return widest, widest
        surest_end = ends.first
        if name == "work":
            surest_end = np.where(surest_end == ALWAYS, np.int32(NEVER), surest_end)
        return Periods.of(ragged.offsets, starts.last, surest_end), widest

    def enter(self, fact: str, t: Days32, favour: bool, /) -> Days32:
        return self.spans[fact][favour].enter(t)

    def leave(self, fact: str, t: Days32, favour: bool, /) -> Days32:
        return self.spans[fact][favour].leave(t)

    def worked(self, _years: int, _counting: Counting, _favour: bool, /) -> Days32:
        raise TypeError("work is counted from a credential")

    def least(self, part: Monotone, favour: bool, /) -> Days32:
        return self._least(self._records, "credentials", part, favour)

    def least_title(self, part: Monotone, favour: bool, /) -> Days32:
        return self._least(self._titles, "titles", part, favour)

    def _least(self, records: Records, source: str, part: Monotone, favour: bool) -> Days32:
        return self.keep((source, part, favour), lambda: records.least_by_owner(part.since(records, favour)))


def _as_credentials(titles: Table) -> Table:
    """Held titles as rows ask them: like credentials, the level their kind (person.title_record)."""
    given: dict[str, Coded | Dated] = {"kind": titles.values["level"], "awarded_on": titles.days["held_since"]}
    return Table.of(SHAPE.records["credentials"], given, titles.size)


class Records(_Columns):
    """The credentials (or titles) of many people, one after the other."""

    def __init__(self, owner: Many, held: Ragged) -> None:
        super().__init__(held.table)
        counts = held.counts
        self.vague = held.table.vague_names()
        self._people = len(counts)
        self._holders = np.flatnonzero(counts)
        self._offsets = held.offsets[self._holders]
        owners = np.repeat(np.arange(self._people), counts)
        against, favour = owner.spans["work"]
        in_favour = favour.of_owners(owners, self._people)
        self._work = (in_favour if against is favour else against.of_owners(owners, self._people), in_favour)

    def least_by_owner(self, days: Days32) -> Days32:
        """The least day of each person's records; NEVER for people without."""
        if len(self._holders) == self._people:
            return np.minimum.reduceat(days, self._offsets) if self._people else days
        least = np.full(self._people, NEVER, dtype=np.int32)
        if len(self._offsets):
            least[self._holders] = np.minimum.reduceat(days, self._offsets)
        return least

    def worked(self, years: int, counting: Counting, favour: bool, /) -> Days32:
        def find() -> Days32:
            since = self.constant(ALWAYS) if counting.total else self.day("awarded_on", favour)
            return _complete(self._work[favour].reach(since, years, restart=counting.restart), counting)

        return self.keep((years, counting, favour), find)

    def enter(self, _fact: str, _t: Days32, _favour: bool, /) -> Days32:
        raise TypeError("periods are asked of people")

    def leave(self, _fact: str, _t: Days32, _favour: bool, /) -> Days32:
        raise TypeError("periods are asked of people")

    def least(self, _part: Monotone, _favour: bool, /) -> Days32:
        raise TypeError("a credential holds no credentials")

    def least_title(self, _part: Monotone, _favour: bool, /) -> Days32:
        raise TypeError("a credential holds no titles")


@dataclass(frozen=True, slots=True)
class LevelColumns:
    """One level for many people: yes and no (neither: unknown), the first sure day, and the first at best."""

    yes: NDArray[np.bool_]
    no: NDArray[np.bool_]
    sure: Days32
    best: Days32


@dataclass(frozen=True, slots=True)
class Scenario:
    """A notice taken apart once for all blocks: what stays true, what comes and goes, what grants; and what it asks."""

    steady: tuple[Monotone, ...]
    changing: tuple[Condition, ...]
    granting: dict[Level, Condition]
    asked: frozenset[str]

    @classmethod
    def of(cls, notice: Notice) -> Scenario:
        """Take a notice apart."""
        gates = tuple(gate.condition for gate in notice.gates)
        granting = {
            rule.level: any_of([row.rule.whole for row in notice.rows if row.level == rule.level])
            for rule in notice.levels
        }
        return cls(
            steady=tuple(gate for gate in gates if isinstance(gate, Monotone)),
            changing=tuple(gate for gate in gates if not isinstance(gate, Monotone)),
            granting=granting,
            asked=frozenset({"filed_on"}).union(*(_asked(each) for each in (*gates, *granting.values()))),
        )


def _asked(condition: object) -> frozenset[str]:
    """The facts that a condition looks at, by the names of `Many.vague`; a title's own ones begin with `title.`."""
    if isinstance(condition, SomeTitle):
        return frozenset(name if name == "work" else f"title.{name}" for name in _asked(condition.part))
    if isinstance(condition, Worked):
        return frozenset({"work"} if condition.counting.total else {"work", "awarded_on"})
    if isinstance(condition, tuple):
        return frozenset().union(*map(_asked, condition))
    if not isinstance(condition, Condition):
        return frozenset()
    own = {condition.fact} if isinstance(condition, Stated | Elapsed | By | Within) else set()
    return frozenset(own).union(*(_asked(getattr(condition, field.name)) for field in fields(condition)))  # type: ignore[arg-type]


def assess_many(notice: Notice | Scenario, people: Many) -> dict[Level, LevelColumns]:
    """The answers of `assess` for one block of people at once, by the same conditions."""
    asked = notice if isinstance(notice, Scenario) else Scenario.of(notice)
    filed = people.day("filed_on", True)
    last = np.minimum(people.day("filed_on", False), NEVER - 1)
    # where everything that is asked is exactly known, best and worst are the same question
    exact = not asked.asked & people.vague
    found: dict[Level, LevelColumns] = {}
    for level, granted in asked.granting.items():
        sure = _first_day(asked, granted, people, favour=False)
        best = sure if exact else _first_day(asked, granted, people, favour=True)
        yes = sure == filed
        if "filed_on" in people.vague:
            conditions = (granted, *asked.steady, *asked.changing)
            yes &= (filed == last) | (_first_failure(conditions, filed, people) > last)
        found[level] = LevelColumns(yes, best > last, sure, best)
    return found


def _base(steady: tuple[Monotone, ...], people: Many, favour: bool) -> Days32:
    """From which day on or after filing everything asked of everyone that stays true is true."""

    def find() -> Days32:
        day = people.day("filed_on", True).copy()
        for gate in steady:
            np.maximum(day, gate.since(people, favour), out=day)
        return day

    return people.keep((steady, favour), find)


def _first_day(asked: Scenario, granted: Condition, people: Many, *, favour: bool) -> Days32:
    """The first day from filing on which the level is granted and everything else holds."""
    t = granted.nt(_base(asked.steady, people, favour), people, favour)
    moving = asked.changing if granted.monotone else (granted, *asked.changing)
    while True:
        moved = t
        for condition in moving:
            moved = condition.nt(moved, people, favour)
        if people.same(moved, t):
            return t
        t = moved


def _first_failure(conditions: Sequence[Condition], t: Days32, people: Many) -> Days32:
    """The first day on or after `t` on which some condition may not hold."""
    day = people.constant(NEVER)
    for condition in conditions:
        day = people.earlier(day, condition.nf(t, people, False))
    return day


class Population:
    """Any number of people in blocks, kept for one scenario after the other."""

    def __init__(self, people: Columns, block: int = BLOCK) -> None:
        self.size = len(people)
        self.blocks = tuple(Many(part) for part in people.blocks(block))

    def assess(self, notice: Notice) -> Iterator[dict[Level, LevelColumns]]:
        """The answers block by block, so that no more than one block's temporaries are ever held."""
        scenario = Scenario.of(notice)
        for block in self.blocks:
            yield assess_many(scenario, block)
