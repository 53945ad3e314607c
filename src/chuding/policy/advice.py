"""What would change an answer: wait until a day, state a fact, bring a paper, or nothing can.

Nothing is proposed that was not tried: every piece of advice carries the facts with its change made, and those facts
were assessed again and answered yes. So a credential that would come too late for a row's cut-off is never proposed.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations, product
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from chuding.policy.advice_words import brought, offers_for, value_said
from chuding.policy.completions import completions, with_fact
from chuding.policy.conditions import facts_of
from chuding.policy.facts import read_when
from chuding.policy.speech import CHINESE, Paths, Saying, Series, phrase, speech_of
from chuding.policy.terms import HELD_NAMES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import date

    from chuding.policy.assess import LevelReport, Report
    from chuding.policy.explain import Finding
    from chuding.policy.facts import Facts
    from chuding.policy.notice import Gate, Row
    from chuding.policy.terms import Level

_ENOUGH = 60  # facts that one person may have to state; more is a mistake of ours

Kind = Literal["wait", "state", "bring", "nothing"]


class Step(NamedTuple):
    """One thing to do. `fact` is the path it changes; empty for waiting."""

    kind: Kind
    fact: str
    said: Saying


@dataclass(frozen=True, slots=True)
class Advice:
    """One way to a yes; `kind` is its hardest step. `facts`: with the change made; None where nothing can."""

    kind: Kind
    steps: tuple[Step, ...]
    on: date | None
    clauses: tuple[str, ...]
    facts: Facts | None

    @property
    def said(self) -> Saying:
        """The whole advice as one sentence."""
        return phrase("{steps}。", steps=Series(tuple(step.said for step in self.steps)))

    @property
    def zh(self) -> str:
        """The sentence in Chinese."""
        return CHINESE.say(self.said)

    @property
    def en(self) -> str:
        """The sentence in English; the notice's own words stay Chinese here."""
        return speech_of("en").say(self.said)

    def to_json(self) -> dict[str, Any]:
        """The advice as JSON; the changed facts are left out, for they are the person's own."""
        return {
            "kind": self.kind,
            "on": None if self.on is None else self.on.isoformat(),
            "clauses": list(self.clauses),
            "zh": self.zh,
            "en": self.en,
        }


class _Try(NamedTuple):
    """Facts on the way to a yes, and the steps that led there."""

    report: Report
    steps: tuple[Step, ...]


def advise(report: Report, level: Level, again: Callable[[Facts], Report]) -> tuple[Advice, ...]:
    """What would change a level's answer, best first; empty where it is yes and can be filed.

    `again` assesses changed facts by the same notice.
    """
    found = report.levels[level]
    if found.answer == "yes":
        return _until_window(report, level, again)
    tried = _Try(report, ())
    ways = _ways(tried, level, again)
    if not ways and not (report.filed_on and report.filed_on.exact):
        ways = next(filter(None, (_ways(dated, level, again) for dated in _dated(tried, level, again))), ())
    return ways or (_nothing(report, level),)


def _dated(tried: _Try, level: Level, again: Callable[[Facts], Report]) -> Iterator[_Try]:
    """The same with a day of filing: years and papers are reckoned from a day, not from a month or from nothing."""
    for value in completions(tried.report.notice, tried.report.facts, level, "filed_on"):
        said = phrase("补充{fact}（{value}）", fact=Paths(("filed_on",)), value=value_said("filed_on", value))
        changed = again(with_fact(tried.report.facts, "filed_on", value))
        yield _Try(changed, (*tried.steps, Step("state", "filed_on", said)))


def _ways(tried: _Try, level: Level, again: Callable[[Facts], Report]) -> tuple[Advice, ...]:
    """The ways to a yes from here, best first; what is missing is stated before anything is judged by it."""
    repaired = _repaired(_stated(tried, level, again), level, again)
    if repaired is None:
        return ()
    done = _finished(repaired, level, again)
    if done is not None:
        return (done,)
    ways = [way for way in _by_paper(repaired, level, again) if way is not None]
    return tuple(sorted(ways, key=lambda way: (len(way.steps), way.on is not None, str(way.on))))


def _until_window(report: Report, level: Level, again: Callable[[Facts], Report]) -> tuple[Advice, ...]:
    """Conditions met but no window open: wait for the next one, if this notice has one."""
    found = report.levels[level]
    filed = report.filed_on
    if filed is None or not filed.exact or found.file_on is None or found.file_on.toordinal() == filed.first:
        return ()
    changed = again(with_fact(report.facts, "filed_on", found.file_on.isoformat()))
    if changed.levels[level].answer != "yes":
        return ()
    step = Step("wait", "", phrase("条件已经符合，等到{day}受理期开始再申报", day=found.file_on))
    return (Advice("wait", (step,), found.file_on, found.clauses, changed.facts),)


def _stated(tried: _Try, level: Level, again: Callable[[Facts], Report]) -> _Try:
    """State every fact that is missing, each so that the best day stays as it is."""
    for _ in range(_ENOUGH):
        found = tried.report.levels[level]
        if not found.missing:
            break
        stated = _one_stated(tried, found, level, again)
        if stated is None:
            break
        tried = stated
    return tried


def _one_stated(tried: _Try, found: LevelReport, level: Level, again: Callable[[Facts], Report]) -> _Try | None:
    path = found.missing[0]
    for value in completions(tried.report.notice, tried.report.facts, level, path):
        changed = again(with_fact(tried.report.facts, path, value))
        after = changed.levels[level]
        day = changed.filed_on
        best = day.first if path == "filed_on" and day is not None else found.at_best  # else nothing is lost by it
        if after.at_best <= best and path not in after.missing:
            said = phrase("补充{fact}（{value}）", fact=Paths((path,)), value=value_said(path, value))
            step = Step("state", path, said)
            return _Try(changed, (*tried.steps, step))
    return None


def _repaired(tried: _Try, level: Level, again: Callable[[Facts], Report]) -> _Try | None:
    """Bring what gates lack that time does not bring; None where something lacks that no paper mends."""
    for index in range(len(tried.report.gates)):
        if _closed(tried.report.gates[index]):
            mended = _mended(tried, index, level, again)
            if mended is None:
                return None
            tried = mended
    return tried


def _closed(finding: Finding) -> bool:
    """Not met, and no day will come on which it is."""
    return finding.answer == "no" and finding.from_ is None


def _mended(tried: _Try, index: int, level: Level, again: Callable[[Facts], Report]) -> _Try | None:
    """The gate met by what the person brings: one fact, or as few together as it takes. Each was tried."""
    gate: Gate = tried.report.notice.gates[index]
    given = tried.report.facts
    facts = [fact for fact in dict.fromkeys(facts_of(gate.condition)) if any(offers_for(fact, gate.condition, given))]
    for count in range(1, len(facts) + 1):
        for together in combinations(facts, count):
            found = _brought(tried, index, together, again)
            if found is not None:
                return _stated(found, level, again)
    return None


def _brought(tried: _Try, index: int, facts: tuple[str, ...], again: Callable[[Facts], Report]) -> _Try | None:
    """The values of these facts that open the gate and leave the fewest others closed; None where none opens it."""
    gate: Gate = tried.report.notice.gates[index]
    offers = [offers_for(fact, gate.condition, tried.report.facts) for fact in facts]
    helping: list[tuple[int, tuple[Any, ...], Report]] = []
    for values in product(*offers):
        changed = tried.report.facts
        for fact, value in zip(facts, values, strict=True):
            changed = with_fact(changed, fact, value)
        report = again(changed)
        if not _closed(report.gates[index]):
            helping.append((sum(map(_closed, report.gates)), values, report))
    if not helping:
        return None
    fewest = min(closed for closed, _, _ in helping)
    best = [(values, report) for closed, values, report in helping if closed == fewest]
    taken, report = best[0]
    steps = list(tried.steps)
    for place, fact in enumerate(facts):
        # what else would do in this place, the rest as taken
        also = [v[place] for v, _ in best if (*v[:place], *v[place + 1 :]) == (*taken[:place], *taken[place + 1 :])]
        said = phrase("{paper}（{clauses}）", paper=brought(fact, also), clauses=gate.clause.label)
        steps.append(Step("bring", fact, said))
    return _Try(report, tuple(steps))


def _finished(tried: _Try, level: Level, again: Callable[[Facts], Report]) -> Advice | None:
    """The way is done if the answer is yes now, or on a later day; None if it leads nowhere."""
    found = tried.report.levels[level]
    if found.answer == "yes":
        return _advice(tried, level, None)
    if found.from_ is None:
        return None
    day = found.from_.isoformat()
    later = again(with_fact(tried.report.facts, "filed_on", day))
    if later.levels[level].answer != "yes":
        return None
    clauses = "、".join(later.levels[level].clauses)
    said = phrase("等到{day}以后申报（{clauses}）", day=found.from_, clauses=clauses)
    if later.levels[level].file_on != found.from_:  # no window of this level is open on that day
        said = phrase("{wait}，那时不在本次受理期内", wait=said)
    step = Step("wait", "", said)
    return _advice(_Try(later, (*tried.steps, step)), level, found.from_)


_HARDEST: tuple[Kind, ...] = ("bring", "state", "wait")


def _advice(tried: _Try, level: Level, on: date | None) -> Advice:
    kinds = {step.kind for step in tried.steps}
    kind = next(kind for kind in _HARDEST if kind in kinds)
    return Advice(kind, tried.steps, on, tried.report.levels[level].clauses, tried.report.facts)


def _by_paper(tried: _Try, level: Level, again: Callable[[Facts], Report]) -> Iterator[Advice | None]:
    """One way for each row: a credential or title of its kind, had on the day of filing, tried like any other fact."""
    filed = tried.report.filed_on
    if filed is None:
        return
    for row in tried.report.notice.rows:
        if row.level == level:
            yield _by_row(tried, row, level, str(filed), again)


def _by_row(tried: _Try, row: Row, level: Level, day: str, again: Callable[[Facts], Report]) -> Advice | None:
    given = tried.report.facts.to_json()
    kind = row.entry.kinds[0]
    if kind in HELD_NAMES:
        fact, value = "titles", [*(given.get("titles") or []), {"level": kind, "held_since": day}]
    else:
        fact, value = "credentials", [*(given["credentials"] or []), _new(kind, day)]
    facts = with_fact(tried.report.facts, fact, value)
    also = [] if not row.entry.also_held else [_new(row.entry.also_held[0], day)]
    if also:
        facts = with_fact(facts, "credentials", [*(given["credentials"] or []), *also])
    said = phrase(
        "取得{kinds}（{clauses}；按{day}取得推算）", kinds=row.kinds, clauses=row.clause.label, day=read_when(day)
    )
    step = Step("bring", fact, said)
    return _finished(_stated(_Try(again(facts), (*tried.steps, step)), level, again), level, again)


def _new(kind: str, day: str) -> dict[str, Any]:
    return {"kind": kind, "awarded_on": day, "field_matches": True, "full_time": True}


def _nothing(report: Report, level: Level) -> Advice:
    """Nothing can: with what the notice advises instead."""
    found = report.levels[level]
    instead = [gate.advice for gate in report.gates if _closed(gate) and gate.advice]
    labels = "、".join(found.clauses)
    steps = [Step("nothing", "", phrase("按这份通知，没有可以补救的办法（{clauses}）", clauses=labels))]
    steps += [Step("nothing", "", phrase("{words}", words=text)) for text in instead]
    return Advice("nothing", tuple(steps), None, found.clauses, None)
