"""What a notice, or the change from one notice to another, means for a population.

`simulate` is a pure function of one shard of people; tallies add up, in any order and on any number of machines.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from chuding.policy.columns_reasons import Reasons, reasons_of, schoolings_of
from chuding.policy.population import BLOCK, Many, Scenario, assess_many

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from chuding.policy.columns import Columns
    from chuding.policy.notice import Notice
    from chuding.policy.population import LevelColumns
    from chuding.policy.terms import Level

ANSWERS: Final = ("yes", "no", "unknown")
GAIN: Final = "gain"
LOSS: Final = "loss"
OTHER: Final = "other"


@dataclass(frozen=True, slots=True)
class Flip:
    """One person's answer for one level that differs between the two notices; `index` counts from 0 in the shard."""

    index: int
    level: str
    schooling: str
    before: str
    after: str
    clauses_before: tuple[str, ...]
    clauses_after: tuple[str, ...]

    @property
    def kind(self) -> str:
        """Gain: yes only afterwards; loss: yes only before; else the change lies between no and unknown."""
        return GAIN if self.after == "yes" else LOSS if self.before == "yes" else OTHER


@dataclass
class Tally:
    """Counts that add up.

    `schoolings` and `clauses`: (notice, level, name, answer) → people. A person's answer may rest on several clauses,
    so clauses do not add up to people. `changes`: (level, "schooling" or "clause", name, gain | loss | other) → people;
    a gain counts for the clauses that grant afterwards, a loss for those that granted before, another change for those
    that it rests on afterwards. `flips`: (level, before, after) → people.
    """

    people: int = 0
    schoolings: Counter[tuple[str, str, str, str]] = field(default_factory=Counter)
    clauses: Counter[tuple[str, str, str, str]] = field(default_factory=Counter)
    changes: Counter[tuple[str, str, str, str]] = field(default_factory=Counter)
    flips: Counter[tuple[str, str, str]] = field(default_factory=Counter)

    def __add__(self, other: Tally) -> Tally:
        return Tally(
            self.people + other.people,
            self.schoolings + other.schoolings,
            self.clauses + other.clauses,
            self.changes + other.changes,
            self.flips + other.flips,
        )

    def total(self, notice: str, level: str, answer: str) -> int:
        """How many people get this answer."""
        return sum(n for key, n in self.schoolings.items() if (key[0], key[1], key[3]) == (notice, level, answer))

    def to_json(self) -> dict[str, Any]:
        """Nested by notice, level, kind of count and name."""
        found: dict[str, Any] = {"people": self.people, "notices": {}, "flips": {}, "changes": {}}
        for kind, counts in (("schooling", self.schoolings), ("clause", self.clauses)):
            for (notice, level, name, answer), count in counts.items():
                levels = found["notices"].setdefault(notice, {})
                named = levels.setdefault(level, {"schooling": {}, "clause": {}})[kind]
                named.setdefault(name, dict.fromkeys(ANSWERS, 0))[answer] = count
        for notice, levels in found["notices"].items():
            for level, counts_of in levels.items():
                levels[level] = {**{answer: self.total(notice, level, answer) for answer in ANSWERS}, **counts_of}
        for (level, before, after), count in self.flips.items():
            found["flips"].setdefault(level, {})[f"{before}→{after}"] = count
        for (level, kind, name, change), count in self.changes.items():
            named = found["changes"].setdefault(level, {"schooling": {}, "clause": {}})[kind]
            named.setdefault(name, {GAIN: 0, LOSS: 0, OTHER: 0})[change] = count
        return found


@dataclass(frozen=True, slots=True)
class Simulation:
    """The counts of a shard, and each change in it, in the order of the people."""

    tally: Tally
    flips: tuple[Flip, ...]


def facts_asked(*notices: Notice) -> frozenset[str]:
    """The facts that these notices ask of anyone."""
    return frozenset().union(*(Scenario.of(notice).asked for notice in notices))


def simulate(before: Notice, after: Notice | None, people: Columns, block: int = BLOCK) -> Simulation:
    """Count the answers of one notice, or of two and what changes between them, over a shard of people."""
    tally, flips, start = Tally(), [], 0
    for part in people.blocks(block):
        found = _simulate_block(before, after, Many(part))
        tally += found.tally
        flips += [_moved(flip, start) for flip in found.flips]
        start += len(part)
    return Simulation(tally, tuple(flips))


def _moved(flip: Flip, start: int) -> Flip:
    return Flip(
        flip.index + start, flip.level, flip.schooling, flip.before, flip.after, flip.clauses_before, flip.clauses_after
    )


def _simulate_block(before: Notice, after: Notice | None, people: Many) -> Simulation:
    names, schooling = schoolings_of(people)
    tally = Tally(people.size)
    sides = [_side(notice, people) for notice in (before, after) if notice is not None]
    for side in sides:
        _count(tally, side, names, schooling)
    flips: list[Flip] = []
    if len(sides) > 1:
        for level in dict.fromkeys([*sides[0].codes, *sides[1].codes]):
            flips += _flips(level, sides[0], sides[1], names, schooling)
    for flip in flips:
        _count_flip(tally, flip)
    return Simulation(tally, tuple(sorted(flips, key=lambda flip: flip.index)))


@dataclass(frozen=True, slots=True)
class _Side:
    """One notice's answers for a block: per level a code into ANSWERS for each person, and the clauses."""

    notice: str
    size: int
    codes: dict[Level, NDArray[np.int64]]
    reasons: dict[Level, Reasons]

    def codes_of(self, level: Level) -> NDArray[np.int64]:
        """The answers for a level; no for everyone where the notice does not confer it."""
        return self.codes.get(level, np.full(self.size, ANSWERS.index("no")))

    def clauses(self, level: Level, index: int) -> tuple[str, ...]:
        """The clauses one person's answer rests on."""
        reasons = self.reasons.get(level)
        return () if reasons is None else reasons.named(int(reasons.bits[index]))


def _side(notice: Notice, people: Many) -> _Side:
    answers = assess_many(notice, people)
    return _Side(
        notice.id,
        people.size,
        {level: _codes(answer) for level, answer in answers.items()},
        reasons_of(notice, people, answers),
    )


def _codes(answer: LevelColumns) -> NDArray[np.int64]:
    return np.where(answer.yes, 0, np.where(answer.no, 1, 2))


def _count(tally: Tally, side: _Side, names: tuple[str, ...], schooling: NDArray[np.int64]) -> None:
    for level, codes in side.codes.items():
        cells = np.bincount(schooling * len(ANSWERS) + codes, minlength=len(names) * len(ANSWERS))
        for cell in np.flatnonzero(cells):
            name, answer = divmod(int(cell), len(ANSWERS))
            tally.schoolings[side.notice, level.value, names[name], ANSWERS[answer]] += int(cells[cell])
        reasons = side.reasons[level]
        for index, label in enumerate(reasons.labels):
            counts = np.bincount(codes[(reasons.bits >> index & 1).astype(np.bool_)], minlength=len(ANSWERS))
            for word, count in zip(ANSWERS, counts.tolist(), strict=True):
                if count:
                    tally.clauses[side.notice, level.value, label, word] += count


def _flips(
    level: Level, before: _Side, after: _Side, names: tuple[str, ...], schooling: NDArray[np.int64]
) -> list[Flip]:
    old, new = before.codes_of(level), after.codes_of(level)
    return [
        Flip(
            index=index,
            level=level.value,
            schooling=names[schooling[index]],
            before=ANSWERS[old[index]],
            after=ANSWERS[new[index]],
            clauses_before=before.clauses(level, index),
            clauses_after=after.clauses(level, index),
        )
        for index in np.flatnonzero(old != new).tolist()
    ]


def _count_flip(tally: Tally, flip: Flip) -> None:
    tally.flips[flip.level, flip.before, flip.after] += 1
    tally.changes[flip.level, "schooling", flip.schooling, flip.kind] += 1
    for clause in flip.clauses_before if flip.kind == LOSS else flip.clauses_after:
        tally.changes[flip.level, "clause", clause, flip.kind] += 1
