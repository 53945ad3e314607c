"""From the words of a notice (`须`, `仅当`, a row) to conditions of the algebra."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from chuding.policy.conditions import (
    By,
    Condition,
    Counting,
    Elapsed,
    Monotone,
    MonotoneAll,
    Some,
    Stated,
    Within,
    Worked,
    all_of,
    any_of,
    negate,
)
from chuding.policy.facts import shown
from chuding.policy.terms import CATEGORIES, ESTABLISHED_FOR, FLAGS, PERIODS, RETIRED, read_years

if TYPE_CHECKING:
    from chuding.policy.schema import RowEntry

IN_CATALOGUE = "专业在目录内"
_SPECIALTY = "专业"


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What the words of one notice mean: its catalogue, and how it counts (口径)."""

    catalogue: frozenset[str]
    counting: Counting

    def condition(self, words: Any) -> Condition:
        """Read a condition; raises ValueError with a sentence that names the word it does not know."""
        if isinstance(words, str):
            return self._simple(words)
        if not isinstance(words, dict) or len(words) != 1:
            raise ValueError(f"条件应当是一个词，或者只有一个键的 {{键: 值}}，不能是{shown(words)}")
        ((key, value),) = words.items()
        if key == "非":
            return negate(self.condition(value))
        if key in ("全部", "任一"):
            if not isinstance(value, list) or not value:
                raise ValueError(f"“{key}”后面应当是一个列表")
            parts = [self.condition(part) for part in value]
            return all_of(parts) if key == "全部" else any_of(parts)
        if key in CATEGORIES:
            fact, meanings = CATEGORIES[key]
            return Stated(fact, frozenset(meanings[word] for word in _listed(key, value, meanings)))
        if key == _SPECIALTY:
            return Stated("specialty", frozenset(_listed(key, value, None)))
        if key == ESTABLISHED_FOR:
            return Elapsed("established_post_since", read_years(value))
        raise ValueError(f"不认识条件“{key}”")

    def _simple(self, word: str) -> Condition:
        if word in FLAGS:
            return Stated(FLAGS[word], frozenset({True}))
        if word in PERIODS:
            return Within(PERIODS[word])
        if word == RETIRED:
            return Elapsed("retired_on")
        if word == IN_CATALOGUE:
            return Stated("specialty", self.catalogue)
        known = "、".join([*FLAGS, *PERIODS, RETIRED, IN_CATALOGUE])
        raise ValueError(f"不认识条件“{word}”；可用的词有：{known}")

    def row(self, entry: RowEntry, awarded_by: int | None) -> RowCondition:
        """A row of the decision table; `awarded_by` is the last day of award as an integer day."""
        parts = RowParts(
            kind=Stated("kind", frozenset(entry.kinds)),
            awarded=Elapsed("awarded_on"),
            cutoff=None if awarded_by is None else By("awarded_on", awarded_by),
            matches=Stated("field_matches", frozenset({True})) if entry.field_matches else None,
            worked=Worked(entry.years, self.counting) if entry.years else None,
        )
        return RowCondition(parts, Some(MonotoneAll(parts.listed)))


@dataclass(frozen=True, slots=True)
class RowParts:
    """What a row asks of one credential, apart: for the verdict together, for the explanation one by one."""

    kind: Stated
    awarded: Elapsed
    cutoff: By | None
    matches: Stated | None
    worked: Worked | None

    @property
    def listed(self) -> tuple[Monotone, ...]:
        """The parts, cheapest first."""
        parts = (self.kind, self.cutoff, self.matches, self.awarded, self.worked)
        return tuple(part for part in parts if part is not None)


@dataclass(frozen=True, slots=True)
class RowCondition:
    """A row as a condition, with its parts at hand."""

    parts: RowParts
    whole: Some


def _listed(key: str, value: object, known: dict[str, str] | None) -> list[str]:
    if not isinstance(value, list) or not value or not all(isinstance(word, str) for word in value):
        raise ValueError(f"“{key}”后面应当是一个不空的列表")
    if len(set(value)) < len(value):
        raise ValueError(f"“{key}”的列表里有重复")
    if known is not None and (strange := [word for word in value if word not in known]):
        raise ValueError(f"“{key}”只能从{'、'.join(known)}里选，没有“{strange[0]}”")
    return value
