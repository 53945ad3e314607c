"""From the words of a notice (`须`, `仅当`, a row) to conditions of the algebra."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from chuding.policy.conditions import (
    AtLeast,
    By,
    Condition,
    Counting,
    Elapsed,
    Monotone,
    MonotoneAll,
    MonotoneAny,
    Some,
    SomeTitle,
    Stated,
    Within,
    Worked,
    all_of,
    any_of,
    negate,
)
from chuding.policy.entries import Practice
from chuding.policy.facts import shown
from chuding.policy.reader_words import nearest
from chuding.policy.speech import Kinds, Own, Series, phrase
from chuding.policy.terms import (
    CATEGORIES,
    ESTABLISHED_FOR,
    FLAGS,
    PERIODS,
    PERMITS,
    RETIRED,
    TOTALS,
    read_total,
    read_years,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chuding.policy.schema import RowEntry

IN_CATALOGUE = "专业在目录内"
_SPECIALTY = "专业"
_SHORTEST_PERMIT, _LONGEST_PERMIT = 4, 32  # characters; `Application.permit` holds the longest
_MATCHES: Final = Stated("field_matches", frozenset({True}))


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What the words of one notice mean: its catalogue, how it counts (口径), and what it is called in other languages."""

    catalogue: frozenset[str]
    counting: Counting
    translated: Mapping[str, Mapping[str, str]]

    def condition(self, words: Any, quoted: str = "") -> Condition:
        """Read a condition; raises ValueError with a sentence that names the word it does not know.

        `quoted` are the sentences it rests on: a permit that the contract does not know is taken from there.
        """
        if isinstance(words, str):
            return self._simple(words)
        if not isinstance(words, dict) or len(words) != 1:
            raise ValueError(f"条件应当是一个词，或者只有一个键的 {{键: 值}}，不能是{shown(words)}")
        ((key, value),) = words.items()
        if key == "非":
            return negate(self.condition(value, quoted))
        if key in ("全部", "任一"):
            if not isinstance(value, list) or not value:
                raise ValueError(f"“{key}”后面应当是一个列表")
            parts = [self.condition(part, quoted) for part in value]
            return all_of(parts) if key == "全部" else any_of(parts)
        if key in CATEGORIES:
            fact, meanings = CATEGORIES[key]
            if key == PERMITS:
                meanings = meanings | self._own_permits(value, meanings, quoted)
            return Stated(fact, frozenset(meanings[word] for word in _listed(key, value, meanings)))
        if key == _SPECIALTY:
            return Stated("specialty", frozenset(_listed(key, value, None)))
        return self._reached(key, value)

    def _own_permits(self, value: object, known: dict[str, str], quoted: str) -> dict[str, str]:
        """Permits that only this notice knows, each its own code; ValueError for one that its sentences do not name."""
        words = value if isinstance(value, list) else []
        own: dict[str, str] = {
            word: Own(word, self.translated.get(word)) for word in words if isinstance(word, str) and word not in known
        }
        for word in own:
            near = [each for each in known if word in each or each in word]
            if near:
                raise ValueError(f"“{PERMITS}”里没有“{word}”，是不是“{near[0]}”？")
            if word not in "".join(quoted.split()) or not _SHORTEST_PERMIT <= len(word) <= _LONGEST_PERMIT:
                raise ValueError(
                    f"“{PERMITS}”只能从{'、'.join(known)}里选，或者照这一项的原文写证件的全称"
                    f"（{_SHORTEST_PERMIT}至{_LONGEST_PERMIT}个字）；没有“{word}”"
                )
        return own

    def _reached(self, key: str, value: object) -> Condition:
        if key == ESTABLISHED_FOR:
            return Elapsed("established_post_since", read_years(value))
        if key in TOTALS:
            return Stated(TOTALS[key][0], AtLeast(read_total(key, value)))
        known = ("非", "全部", "任一", *CATEGORIES, _SPECIALTY, ESTABLISHED_FOR, *TOTALS)
        raise ValueError(f"不认识条件“{key}”{nearest(key, known)}；后面可以带内容的词有：{'、'.join(known)}")

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
        raise ValueError(f"不认识条件“{word}”{nearest(word, known.split('、'))}；可用的词有：{known}")

    def row(self, entry: RowEntry, awarded_by: int | None, scope: RowScope) -> RowCondition:
        """A row of the decision table; `awarded_by` is the last day of award as an integer day."""
        parts = RowParts(
            kind=Stated("kind", frozenset(scope.kinds)),
            awarded=Elapsed("awarded_on"),
            cutoff=None if awarded_by is None else By("awarded_on", awarded_by),
            matches=_MATCHES if entry.matching.asked else None,
            full_time=Stated("full_time", frozenset({True})) if entry.full_time else None,
            worked=self._worked(entry),
        )
        one = MonotoneAll(parts.listed)
        return RowCondition(
            parts=parts,
            some=SomeTitle(one) if entry.of_titles else Some(one),
            also=_held(scope.also_held) if scope.also_held else None,
            floor=Stated("specialty", scope.closed, excluded=True) if scope.closed else None,
        )

    def _worked(self, entry: RowEntry) -> Monotone | None:
        """The years of a row; a year more stands in for a field that does not match (不对口: 加1年)."""
        if not entry.years:
            return None
        practice = entry.practice or Practice(after=entry.probation or 0)
        counting = replace(
            self.counting,
            restart=self.counting.restart if entry.accumulation is None else entry.accumulation == "连续",
            as_of=entry.as_of or self.counting.as_of,
        )
        if not entry.matching.extra:
            return _years_of(practice, counting, 0)
        matched = MonotoneAll((_MATCHES, _years_of(practice, counting, 0)))
        return MonotoneAny((matched, _years_of(practice, counting, entry.matching.extra)))


def _held(kinds: tuple[str, ...]) -> Some:
    return Some(MonotoneAll((Stated("kind", frozenset(kinds)), Elapsed("awarded_on"))))


def _years_of(practice: Practice, counting: Counting, extra: int) -> Monotone:
    """Years after the award, or before and after it together (合计), with so many more where the field differs."""
    if not practice.total:
        return Worked(practice.after + extra, counting)
    together = Worked(practice.total + practice.deducted + extra, replace(counting, total=True))
    if practice.deducted:
        either = MonotoneAny((Worked(practice.total + extra, counting), together))
        return MonotoneAll((Worked(practice.after, counting), either)) if practice.after else either
    return MonotoneAll((Worked(practice.after, counting), together)) if practice.after else together


@dataclass(frozen=True, slots=True)
class RowScope:
    """Whom a row reaches: its kinds with what counts as them (等同), and the specialties closed to its level (起点)."""

    kinds: tuple[str, ...]
    also_held: tuple[str, ...]
    closed: frozenset[str]


@dataclass(frozen=True, slots=True)
class RowParts:
    """What a row asks of one credential, apart: for the verdict together, for the explanation one by one."""

    kind: Stated
    awarded: Elapsed
    cutoff: By | None
    matches: Stated | None
    full_time: Stated | None
    worked: Monotone | None

    @property
    def listed(self) -> tuple[Monotone, ...]:
        """The parts, cheapest first."""
        parts = (self.kind, self.cutoff, self.matches, self.full_time, self.awarded, self.worked)
        return tuple(part for part in parts if part is not None)


class RowCondition:
    """A row as a condition, with its parts at hand: `some` of a credential or title, the rest of the person."""

    __slots__ = ("also", "floor", "parts", "some", "whole")

    def __init__(self, parts: RowParts, some: Some | SomeTitle, also: Some | None, floor: Stated | None) -> None:
        self.parts = parts
        self.some = some
        self.also = also
        self.floor = floor
        rest = tuple(part for part in (floor, some, also) if part is not None)
        self.whole: Monotone = some if len(rest) == 1 else MonotoneAll(rest)

    @property
    def of_titles(self) -> bool:
        """Whether the row looks at titles held, not at credentials."""
        return isinstance(self.some, SomeTitle)


def _listed(key: str, value: object, known: dict[str, str] | None) -> list[str]:
    if not isinstance(value, list) or not value or not all(isinstance(word, str) for word in value):
        raise ValueError(f"“{key}”后面应当是一个不空的列表")
    if len(set(value)) < len(value):
        raise ValueError(f"“{key}”的列表里有重复")
    if known is not None and (strange := [word for word in value if word not in known]):
        raise ValueError(f"“{key}”只能从{'、'.join(known)}里选，没有“{strange[0]}”")
    return value


_AS_OF_WORDS: Final = {
    "季末": phrase("计算到申报所在季度末"),
    "年末": phrase("计算到申报当年12月31日"),
    "上年末": phrase("计算到申报上一年12月31日"),
}


def row_sayings(entry: RowEntry, scope: RowScope) -> Series:
    """A row's conditions in plain words."""
    said = [phrase("具有{kinds}", kinds=Kinds(scope.kinds))]
    if entry.also_held:
        said.append(phrase("另有{kinds}", kinds=Kinds(scope.also_held)))
    if entry.full_time:
        said.append(phrase("全日制"))
    if entry.awarded_by is not None:
        said.append(phrase("{day}以前毕业", day=entry.awarded_by))
    if entry.matching.asked:
        said.append(phrase("专业对口"))
    if entry.probation is not None:
        said.append(phrase("在本专业技术岗位见习满{years}年", years=entry.probation))
    if entry.practice is not None:
        said.append(entry.practice.said)
    if entry.matching.extra:
        said.append(phrase("专业不对口的加{years}年", years=entry.matching.extra))
    if entry.accumulation == "连续":
        said.append(phrase("须连续"))
    if entry.as_of in _AS_OF_WORDS:
        said.append(_AS_OF_WORDS[entry.as_of])
    return Series(tuple(said), comma=True)
