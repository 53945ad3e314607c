"""The algebra of conditions: one tree, asked of one person (ints) or of many (columns) through an `Env`.

The one question is `nt(t)`: the first day on or after `t` on which the condition holds; `nf(t)` is the first day on
which it does not. A condition that stays true once true is simply its start day (`since`): AND is max, OR is min,
never is `NEVER`. Conditions that come and go (in post, under sanction, not yet retired) move `t` in turn until it
stands still. Every question is asked with the missing facts in the person's favour (`favour=True`) or against.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from chuding.policy.dates import NEVER

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from chuding.policy.dates import AsOf

D = TypeVar("D")


@dataclass(frozen=True, slots=True)
class Counting:
    """How years are counted (口径 累计 and 满年)."""

    restart: bool = False  # 连续: a gap begins anew; otherwise the clock stops (停钟)
    next_day: bool = False  # 次日: complete on the day after the anniversary; otherwise on it (对年对日)
    total: bool = False  # 合计: years before the award count as well
    as_of: AsOf = "申报日"  # 计算至: the day up to which years count


@dataclass(frozen=True, slots=True)
class AtLeast:
    """The numbers from some number on, in place of a list of values."""

    number: int

    def __contains__(self, value: object) -> bool:
        return isinstance(value, int) and value >= self.number


class Env(Protocol[D]):
    """Facts of one or many people. Days are ints or integer columns; unknown facts follow `favour`."""

    def later(self, a: D, b: D, /) -> D:
        """The later of two days."""
        ...

    def earlier(self, a: D, b: D, /) -> D:
        """The earlier of two days."""
        ...

    def constant(self, day: int, /) -> D:
        """The same day for everyone asked."""
        ...

    def until(self, t: D, since: D, /) -> D:
        """`t` where `t < since`, NEVER elsewhere."""
        ...

    def same(self, a: D, b: D, /) -> bool:
        """Equal for everyone asked."""
        ...

    def settled(self, since: D, /) -> bool:
        """NEVER for everyone asked, so that nothing more need be looked at."""
        ...

    def stated(self, condition: Stated, favour: bool, /) -> D:
        """ALWAYS where the fact fulfils the condition, NEVER where it does not."""
        ...

    def day(self, fact: str, favour: bool, /) -> D:
        """The day of a dated fact: its first possible one in favour, its last against; NEVER for `never`."""
        ...

    def by(self, fact: str, limit: int, favour: bool, /) -> D:
        """ALWAYS where the dated fact lies on or before the limit, NEVER elsewhere."""
        ...

    def after(self, day: D, years: int, counting: Counting, /) -> D:
        """The day on which so many years from a day are complete."""
        ...

    def enter(self, fact: str, t: D, favour: bool, /) -> D:
        """First day on or after `t` inside a period of the fact."""
        ...

    def leave(self, fact: str, t: D, favour: bool, /) -> D:
        """First day on or after `t` outside all periods of the fact."""
        ...

    def worked(self, years: int, counting: Counting, favour: bool, /) -> D:
        """The day on which so many years of work after the award are complete; of one credential."""
        ...

    def least(self, part: Monotone, favour: bool, /) -> D:
        """The earliest start of the part over the credentials; NEVER without any."""
        ...

    def least_title(self, part: Monotone, favour: bool, /) -> D:
        """`least` over the titles held, each with its level as `kind` and its day as `awarded_on`."""
        ...

    def open_facts(self, fact: str, /) -> list[str]:
        """Paths of the facts behind `fact` that are not fully known; one person only."""
        ...

    def open_in_records(self, part: Monotone, t: D, /) -> list[str]:
        """Facts that keep the part open at `t` on some credential; one person only."""
        ...

    def open_in_titles(self, part: Monotone, t: D, /) -> list[str]:
        """Facts that keep the part open at `t` on some title; one person only."""
        ...


class Condition(ABC):
    """A condition of a notice."""

    __slots__ = ()
    monotone = False

    @abstractmethod
    def nt(self, t: D, env: Env[D], favour: bool) -> D:
        """First day on or after `t` on which the condition holds."""

    @abstractmethod
    def nf(self, t: D, env: Env[D], favour: bool) -> D:
        """First day on or after `t` on which the condition does not hold; `favour` still favours its holding."""

    @abstractmethod
    def deciding(self, t: D, env: Env[D]) -> list[str]:
        """Facts that keep the condition open at `t`, where it is known to be open; one person only."""

    def open_facts(self, t: D, env: Env[D]) -> list[str]:
        """Facts that keep open whether the condition holds at `t`; one person only.

        Whoever knows that it is open asks `deciding`; here the facts are looked at first, as reading is the cheaper.
        """
        found = self.deciding(t, env)
        return found if found and self.is_open(t, env) else []

    def is_open(self, t: D, env: Env[D]) -> bool:
        """The condition holds at `t` at best, and does not at worst; one person only."""
        return env.same(self.nt(t, env, True), t) and not env.same(self.nt(t, env, False), t)


class Monotone(Condition):
    """True from some day on."""

    __slots__ = ()
    monotone = True

    @abstractmethod
    def since(self, env: Env[D], favour: bool) -> D:
        """The day from which the condition holds."""

    def nt(self, t: D, env: Env[D], favour: bool) -> D:
        return env.later(t, self.since(env, favour))

    def nf(self, t: D, env: Env[D], favour: bool) -> D:
        return env.until(t, self.since(env, favour))

    def is_open(self, t: D, env: Env[D]) -> bool:
        return self.since(env, True) <= t < self.since(env, False)  # type: ignore[operator,no-any-return]


@dataclass(frozen=True, slots=True)
class Stated(Monotone):
    """A fact has one of the values (`excluded`: none of them); true always or never."""

    fact: str
    values: frozenset[Any] | AtLeast
    excluded: bool = False

    def since(self, env: Env[D], favour: bool) -> D:
        return env.stated(self, favour)

    def deciding(self, t: D, env: Env[D]) -> list[str]:  # noqa: ARG002 - open by the fact alone
        return env.open_facts(self.fact)

    def open_facts(self, t: D, env: Env[D]) -> list[str]:
        return self.deciding(t, env)  # unknown is open on every day


@dataclass(frozen=True, slots=True)
class Elapsed(Monotone):
    """So many years have passed since a dated fact (0: the day has come)."""

    fact: str
    years: int = 0
    counting: Counting = Counting()

    def since(self, env: Env[D], favour: bool) -> D:
        day = env.day(self.fact, favour)
        return env.after(day, self.years, self.counting) if self.years else day

    def deciding(self, t: D, env: Env[D]) -> list[str]:  # noqa: ARG002
        return env.open_facts(self.fact)


@dataclass(frozen=True, slots=True)
class By(Monotone):
    """A dated fact lies on or before a fixed day; true always or never."""

    fact: str
    limit: int

    def since(self, env: Env[D], favour: bool) -> D:
        return env.by(self.fact, self.limit, favour)

    def deciding(self, t: D, env: Env[D]) -> list[str]:  # noqa: ARG002
        return env.open_facts(self.fact)


@dataclass(frozen=True, slots=True)
class Worked(Monotone):
    """So many years of work in the specialty, counted from the award of a credential; lives inside `Some`."""

    years: int
    counting: Counting

    def since(self, env: Env[D], favour: bool) -> D:
        return env.worked(self.years, self.counting, favour)

    def deciding(self, t: D, env: Env[D]) -> list[str]:  # noqa: ARG002
        return ([] if self.counting.total else env.open_facts("awarded_on")) + env.open_facts("work")


@dataclass(frozen=True, slots=True)
class Some(Monotone):
    """Some one credential fulfils the part."""

    part: Monotone

    def since(self, env: Env[D], favour: bool) -> D:
        return env.least(self.part, favour)

    def deciding(self, t: D, env: Env[D]) -> list[str]:
        return env.open_in_records(self.part, t)


@dataclass(frozen=True, slots=True)
class SomeTitle(Monotone):
    """Some one title that is held already fulfils the part."""

    part: Monotone

    def since(self, env: Env[D], favour: bool) -> D:
        return env.least_title(self.part, favour)

    def deciding(self, t: D, env: Env[D]) -> list[str]:
        return env.open_in_titles(self.part, t)


@dataclass(frozen=True, slots=True)
class Within(Condition):
    """Inside one of the periods of a fact."""

    fact: str

    def nt(self, t: D, env: Env[D], favour: bool) -> D:
        return env.enter(self.fact, t, favour)

    def nf(self, t: D, env: Env[D], favour: bool) -> D:
        return env.leave(self.fact, t, favour)

    def deciding(self, t: D, env: Env[D]) -> list[str]:  # noqa: ARG002
        return env.open_facts(self.fact)


@dataclass(frozen=True, slots=True)
class Not(Condition):
    """A dated leaf does not hold. `negate` pushes every other negation inwards."""

    part: Elapsed | By | Within

    def nt(self, t: D, env: Env[D], favour: bool) -> D:
        return self.part.nf(t, env, not favour)

    def nf(self, t: D, env: Env[D], favour: bool) -> D:
        return self.part.nt(t, env, not favour)

    def deciding(self, t: D, env: Env[D]) -> list[str]:  # noqa: ARG002
        return env.open_facts(self.part.fact)


@dataclass(frozen=True, slots=True)
class Never(Monotone):
    """Nothing fulfils it: a level that no row grants."""

    def since(self, env: Env[D], favour: bool) -> D:  # noqa: ARG002 - the same for everyone
        return env.constant(NEVER)

    def deciding(self, t: D, env: Env[D]) -> list[str]:  # noqa: ARG002
        return []


@dataclass(frozen=True, slots=True)
class MonotoneAll(Monotone):
    """All parts hold: the latest start."""

    parts: tuple[Monotone, ...]

    def since(self, env: Env[D], favour: bool) -> D:
        day = self.parts[0].since(env, favour)
        for part in self.parts[1:]:
            if env.settled(day):
                break
            day = env.later(day, part.since(env, favour))
        return day

    def deciding(self, t: D, env: Env[D]) -> list[str]:
        return _open_in_parts(self.parts, t, env)

    def open_facts(self, t: D, env: Env[D]) -> list[str]:
        """One pass: the open parts decide, unless some part cannot hold, known or not."""
        found: list[str] = []
        for part in self.parts:
            if part.since(env, True) > t:  # type: ignore[operator]
                return []
            facts = part.deciding(t, env)
            if facts and part.since(env, False) > t:  # type: ignore[operator]
                found += facts
        return found


@dataclass(frozen=True, slots=True)
class MonotoneAny(Monotone):
    """Some part holds: the earliest start."""

    parts: tuple[Monotone, ...]

    def since(self, env: Env[D], favour: bool) -> D:
        day = env.constant(NEVER)
        for part in self.parts:
            day = env.earlier(day, part.since(env, favour))
        return day

    def deciding(self, t: D, env: Env[D]) -> list[str]:
        return _open_in_parts(self.parts, t, env)


@dataclass(frozen=True, slots=True)
class MixedAll(Condition):
    """All parts hold, some of which come and go: run `t` through them until it stands still."""

    parts: tuple[Condition, ...]

    def nt(self, t: D, env: Env[D], favour: bool) -> D:
        while True:
            moved = t
            for part in self.parts:
                moved = part.nt(moved, env, favour)
            if env.same(moved, t):
                return t
            t = moved

    def nf(self, t: D, env: Env[D], favour: bool) -> D:
        day = env.constant(NEVER)
        for part in self.parts:
            day = env.earlier(day, part.nf(t, env, favour))
        return day

    def deciding(self, t: D, env: Env[D]) -> list[str]:
        return _open_in_parts(self.parts, t, env)


@dataclass(frozen=True, slots=True)
class MixedAny(Condition):
    """Some part holds, and parts come and go."""

    parts: tuple[Condition, ...]

    def nt(self, t: D, env: Env[D], favour: bool) -> D:
        day = env.constant(NEVER)
        for part in self.parts:
            day = env.earlier(day, part.nt(t, env, favour))
        return day

    def nf(self, t: D, env: Env[D], favour: bool) -> D:
        while True:
            moved = t
            for part in self.parts:
                moved = part.nf(moved, env, favour)
            if env.same(moved, t):
                return t
            t = moved

    def deciding(self, t: D, env: Env[D]) -> list[str]:
        return _open_in_parts(self.parts, t, env)


def _open_in_parts(parts: Sequence[Condition], t: D, env: Env[D]) -> list[str]:
    """Of an open group the open parts decide: a sure part of an AND no longer can, a false part of an OR neither."""
    return [fact for part in parts for fact in part.open_facts(t, env)]


def all_of(parts: Sequence[Condition]) -> Condition:
    """All parts (at least one) hold. Monotone parts are asked first: they move `t` once and for all."""
    if not parts:
        raise ValueError("nothing to be fulfilled is no condition")
    steady = tuple(part for part in parts if isinstance(part, Monotone))
    rest = tuple(part for part in parts if not isinstance(part, Monotone))
    if not rest:
        return steady[0] if len(steady) == 1 else MonotoneAll(steady)
    if not steady and len(rest) == 1:
        return rest[0]
    return MixedAll((*steady, *rest))


def any_of(parts: Sequence[Condition]) -> Condition:
    """Some part holds; without parts, never."""
    if len(parts) == 1:
        return parts[0]
    steady = tuple(part for part in parts if isinstance(part, Monotone))
    if len(steady) < len(parts):
        return MixedAny(tuple(parts))
    return MonotoneAny(steady) if steady else Never()


def negate(condition: Condition) -> Condition:
    """The opposite, with the negation pushed down to the leaves."""
    if isinstance(condition, Stated):
        return Stated(condition.fact, condition.values, not condition.excluded)
    if isinstance(condition, Not):
        return condition.part
    if isinstance(condition, MonotoneAll | MixedAll):
        return any_of([negate(part) for part in condition.parts])
    if isinstance(condition, MonotoneAny | MixedAny):
        return all_of([negate(part) for part in condition.parts])
    if isinstance(condition, Elapsed | By | Within):
        return Not(condition)
    raise TypeError(f"cannot be negated: {condition!r}")


def facts_of(condition: Condition) -> Iterator[str]:
    """The facts that a condition looks at, however deep, in its order; one that it asks twice comes twice."""
    fact = getattr(condition, "fact", None)
    if fact is not None:
        yield fact
    inner = (condition.part,) if isinstance(condition, Not) else getattr(condition, "parts", ())
    for part in inner:
        yield from facts_of(part)
