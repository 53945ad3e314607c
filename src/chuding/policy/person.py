"""One person's facts as the algebra asks them: plain integers, each question once in favour and once against."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from chuding.policy.dates import ALWAYS, NEVER, anniversary, countable, reach
from chuding.policy.facts import Credential, When

if TYPE_CHECKING:
    from chuding.policy.conditions import Counting, Monotone, Stated
    from chuding.policy.facts import Facts, Sanction, Spell, Title

Spans = list[tuple[int, int]]
_EVER: Spans = [(ALWAYS, NEVER)]
_UNKNOWN: Final = Credential()
_OF_TITLES: Final = {"kind": "level", "awarded_on": "held_since"}


def title_record(title: Title) -> Credential:
    """A held title as a dated record that rows ask like a credential: the level is its kind."""
    return Credential.model_construct(kind=title.level, awarded_on=title.held_since)


def _widest(first: When | None, end: When | None) -> tuple[int, int]:
    return (ALWAYS if first is None else first.first, NEVER if end is None else end.last)


def work_spans(spells: list[Spell] | None, favour: bool) -> Spans:
    """Spells as sorted half-open spans: at their widest in favour, at their narrowest against."""
    if spells is None:
        return _EVER if favour else []
    if favour:
        return sorted(_widest(spell.from_, spell.to) for spell in spells)
    return sorted(
        (spell.from_.last, NEVER if spell.to is None else spell.to.first) for spell in spells if spell.from_ is not None
    )


def sanction_spans(sanctions: list[Sanction] | None, favour: bool) -> Spans:
    """`favour` favours being under sanction; a gate negates it. An unknown end is at worst none, at best at once."""
    if sanctions is None:
        return _EVER if favour else []
    if favour:
        return sorted(_widest(sanction.from_, sanction.until) for sanction in sanctions)
    return sorted(
        (sanction.from_.last, sanction.until.first)
        for sanction in sanctions
        if sanction.from_ is not None and sanction.until is not None
    )


def _vague(day: When | None) -> bool:
    return day is None or not day.exact


def _open_work(spells: list[Spell] | None) -> list[str]:
    """Paths of what is not known of the work; no end means still going on."""
    if spells is None:
        return ["work"]
    paths = []
    for index, spell in enumerate(spells):
        if _vague(spell.from_):
            paths.append(f"work[{index}].from")
        if spell.to is not None and _vague(spell.to):
            paths.append(f"work[{index}].to")
    return paths


def _open_sanctions(sanctions: list[Sanction] | None) -> list[str]:
    if sanctions is None:
        return ["sanctions"]
    paths = []
    for index, sanction in enumerate(sanctions):
        if _vague(sanction.from_):
            paths.append(f"sanctions[{index}].from")
        if _vague(sanction.until):
            paths.append(f"sanctions[{index}].until")
    return paths


def _complete(reached: int, counting: Counting) -> int:
    if counting.next_day and ALWAYS < reached < NEVER:
        reached += 1
    return reached if counting.as_of == "申报日" else countable(reached, counting.as_of)


class _Ints:
    """Arithmetic of single days; what each method is for stands at `conditions.Env`."""

    __slots__ = ()

    def later(self, a: int, b: int, /) -> int:
        return a if a > b else b  # noqa: FURB136 - a third faster than max() here, and this is the hot spot

    def earlier(self, a: int, b: int, /) -> int:
        return a if a < b else b  # noqa: FURB136

    def constant(self, day: int, /) -> int:
        return day

    def until(self, t: int, since: int, /) -> int:
        return t if t < since else NEVER

    def same(self, a: int, b: int, /) -> bool:
        return a == b

    def settled(self, since: int, /) -> bool:
        return since == NEVER

    def after(self, day: int, years: int, counting: Counting, /) -> int:
        return _complete(anniversary(day, years), counting)

    def day(self, fact: str, favour: bool, /) -> int:
        """`favour` favours an early day; `never` is NEVER."""
        value = self.value(fact)
        if isinstance(value, When):
            return value.first if favour else value.last
        return ALWAYS if value is None and favour else NEVER

    def by(self, fact: str, limit: int, favour: bool, /) -> int:
        return ALWAYS if self.day(fact, favour) <= limit else NEVER

    def value(self, fact: str) -> object:
        """The fact as stated; None: unknown."""
        raise NotImplementedError

    def _imprecise(self, fact: str) -> bool:
        value = self.value(fact)
        return value is None or (isinstance(value, When) and not value.exact)


class One(_Ints):
    """The facts of one person."""

    __slots__ = ("facts", "records", "spans", "titles")

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        work = (work_spans(facts.work, False), work_spans(facts.work, True))
        sanctions = (sanction_spans(facts.sanctions, False), sanction_spans(facts.sanctions, True))
        self.spans = {"work": work, "sanctions": sanctions}
        stated = facts.credentials
        self.records = (
            [Record(self, _UNKNOWN, None)]  # nobody knows: at best anything, at worst nothing
            if stated is None
            else [Record(self, credential, index) for index, credential in enumerate(stated)]
        )
        self.titles = (
            [Record(self, _UNKNOWN, None, "titles")]
            if facts.titles is None
            else [Record(self, title_record(title), index, "titles") for index, title in enumerate(facts.titles)]
        )

    def value(self, fact: str) -> object:
        return getattr(self.facts, fact)

    def stated(self, condition: Stated, favour: bool, /) -> int:
        value = getattr(self.facts, condition.fact)
        if value is None:
            return ALWAYS if favour else NEVER
        return NEVER if (value in condition.values) == condition.excluded else ALWAYS

    def enter(self, fact: str, t: int, favour: bool, /) -> int:
        """First day on or after `t` inside a period of the fact."""
        best = NEVER
        for first, end in self.spans[fact][favour]:
            if first < end and end > t:
                best = min(best, max(first, t))
        return best

    def leave(self, fact: str, t: int, favour: bool, /) -> int:
        """First day on or after `t` outside all periods of the fact (sorted, so one pass will do)."""
        for first, end in self.spans[fact][favour]:
            if first <= t < end:
                t = end
        return t

    def worked(self, _years: int, _counting: Counting, _favour: bool, /) -> int:
        raise TypeError("work is counted from a credential")

    def least(self, part: Monotone, favour: bool, /) -> int:
        best = NEVER
        for record in self.records:
            best = min(best, part.since(record, favour))
        return best

    def least_title(self, part: Monotone, favour: bool, /) -> int:
        return min((part.since(record, favour) for record in self.titles), default=NEVER)

    def open_facts(self, fact: str, /) -> list[str]:
        if fact == "work":
            return _open_work(self.facts.work)
        if fact == "sanctions":
            return _open_sanctions(self.facts.sanctions)
        return [fact] if self._imprecise(fact) else []

    def open_in_records(self, part: Monotone, t: int, /) -> list[str]:
        return [path for record in self.records for path in part.open_facts(t, record)]

    def open_in_titles(self, part: Monotone, t: int, /) -> list[str]:
        return [path for record in self.titles for path in part.open_facts(t, record)]


class Record(_Ints):
    """One credential or title of a person; `index` None: the list (`source`) is not known at all."""

    __slots__ = ("credential", "index", "owner", "source")

    def __init__(self, owner: One, credential: Credential, index: int | None, source: str = "credentials") -> None:
        self.owner = owner
        self.credential = credential
        self.index = index
        self.source = source

    def value(self, fact: str) -> object:
        return getattr(self.credential, fact)

    def stated(self, condition: Stated, favour: bool, /) -> int:
        value = getattr(self.credential, condition.fact)
        if value is None:
            return ALWAYS if favour else NEVER
        return NEVER if (value in condition.values) == condition.excluded else ALWAYS

    def enter(self, fact: str, t: int, favour: bool, /) -> int:
        return self.owner.enter(fact, t, favour)

    def leave(self, fact: str, t: int, favour: bool, /) -> int:
        return self.owner.leave(fact, t, favour)

    def worked(self, years: int, counting: Counting, favour: bool, /) -> int:
        since = ALWAYS if counting.total else self.day("awarded_on", favour)
        return _complete(reach(self.owner.spans["work"][favour], since, years, restart=counting.restart), counting)

    def least(self, _part: Monotone, _favour: bool, /) -> int:
        raise TypeError("a credential holds no credentials")

    def open_facts(self, fact: str, /) -> list[str]:
        if fact == "work":
            return self.owner.open_facts("work")
        if not self._imprecise(fact):
            return []
        if self.index is None:
            return [self.source]
        word = _OF_TITLES.get(fact, fact) if self.source == "titles" else fact
        return [f"{self.source}[{self.index}].{word}"]

    def open_in_records(self, _part: Monotone, _t: int, /) -> list[str]:
        raise TypeError("a credential holds no credentials")

    def least_title(self, _part: Monotone, _favour: bool, /) -> int:
        raise TypeError("a credential holds no titles")

    def open_in_titles(self, _part: Monotone, _t: int, /) -> list[str]:
        raise TypeError("a credential holds no titles")
