"""What a notice says of one person: per level yes, no or unknown; from when; by which clause; what is missing.

A person decides, the machine never refuses anyone; and no input grants a level that no row grants (二(五)).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from chuding.policy.advice import advise
from chuding.policy.asked import Asked, holds_kind
from chuding.policy.dates import ALWAYS, NEVER, day_of
from chuding.policy.effect import effective_from
from chuding.policy.explain import explain_gate, explain_row
from chuding.policy.facts import When
from chuding.policy.named import check_words
from chuding.policy.person import One
from chuding.policy.speech import CHINESE, phrase

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from chuding.policy.advice import Advice
    from chuding.policy.conditions import Condition
    from chuding.policy.explain import Finding
    from chuding.policy.facts import Facts
    from chuding.policy.notice import LevelRule, MaterialRule, Notice
    from chuding.policy.speech import Own, Saying
    from chuding.policy.terms import Answer, Level

#: The day of filing of somebody who does not say it.
ANY_DAY = When(ALWAYS, NEVER - 1)


@dataclass(frozen=True, slots=True)
class MaterialFinding:
    """Whether a person must upload a document; None: a missing fact decides. `instead` takes its place for them."""

    rule: MaterialRule
    required: bool | None
    instead: Own | None


@dataclass(frozen=True)
class LevelReport:
    """One level's answer.

    `from_` is the first day on or after filing on which the conditions hold (the window aside), None if never or if
    a missing fact leaves it open. `clauses` carry the answer: the rows that grant, the gates and rows that fail, or
    those still open. `missing` names the facts that would decide.
    """

    level: Level
    answer: Answer
    from_: date | None
    clauses: tuple[str, ...]
    missing: tuple[str, ...]
    _sources: tuple[_Case, tuple[Asked, ...]] = field(repr=False, compare=False)

    @cached_property
    def paths(self) -> tuple[Finding, ...]:
        """One finding for each row that grants this level: any one of them suffices."""
        case, rows = self._sources
        return tuple(explain_row(asked, case.env, case.filed) for asked in rows)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Gates, all of which are asked, then the rows, of which one suffices."""
        return (*self._sources[0].gate_findings, *self.paths)

    @cached_property
    def at_best(self) -> int:
        """The first day from filing on which the level could hold, with the missing facts in favour; NEVER if none."""
        case, rows = self._sources
        return case.first_day(rows, case.filed.first, favour=True)

    @cached_property
    def until(self) -> date | None:
        """The first day after `from_` on which the level no longer holds, as the facts stand; None: no such day."""
        case, rows = self._sources
        if self.from_ is None:
            return None
        day = case.first_failure(rows, self.from_.toordinal())
        return day_of(day)

    @cached_property
    def file_on(self) -> date | None:
        """The first day of the window on which one can file with this level's conditions met; None: not this round."""
        case, rows = self._sources
        if self.from_ is None:
            return None
        for window in case.notice.windows_of(self.level):
            start = max(case.filed.first, window.start.toordinal())
            if start <= window.end.toordinal():
                sure = case.first_day(rows, start, favour=False)
                if sure <= window.end.toordinal():
                    return day_of(sure)
        return None

    @property
    def left_to_reviewer(self) -> tuple[Finding, ...]:
        """The paths not refused whose row leaves to the reviewer whether the field matches (专业对口: 审核人判断)."""
        case, rows = self._sources
        left = (asked for asked in rows if asked.rule.entry.matching.reviewer)  # type: ignore[union-attr]
        paths = (explain_row(asked, case.env, case.filed) for asked in left)
        return tuple(path for path in paths if path.answer != "no")

    @cached_property
    def effective_from(self) -> date | None:
        """From when the title counts where the notice says so (生效); None: from the decision, or no title."""
        case, rows = self._sources
        if self.answer != "yes":
            return None
        return effective_from([asked.rule for asked in rows], case.env, case.filed.first)  # type: ignore[misc]

    def to_json(self) -> dict[str, Any]:
        """The contract's object for a level."""
        found = {
            "answer": self.answer,
            "from": None if self.from_ is None else self.from_.isoformat(),
            "clauses": list(self.clauses),
            "missing": list(self.missing),
        }
        if self._sources[0].notice.effects:
            found["effective_from"] = None if self.effective_from is None else self.effective_from.isoformat()
        return found


@dataclass(frozen=True)
class Report:
    """A notice's answers for one person, with the notice's digest, so that they can be replayed."""

    notice: Notice
    facts: Facts
    filed_on: When | None
    window_open: bool | None
    levels: dict[Level, LevelReport]
    materials: tuple[MaterialFinding, ...]
    _case: _Case = field(repr=False, compare=False)

    @property
    def gates(self) -> tuple[Finding, ...]:
        """The findings of the conditions asked of everyone."""
        return self._case.gate_findings

    @property
    def env(self) -> One:
        """The person as the algebra asks them."""
        return self._case.env

    def advice(self, level: Level) -> tuple[Advice, ...]:
        """What would change a level's answer, best first, each tried by assessing again; see advice.py."""
        return advise(self, level, lambda facts: assess(self.notice, facts))

    @property
    def authority(self) -> dict[Level, str]:
        """Who approves each level (七)."""
        return {rule.level: rule.authority for rule in self.notice.levels}

    @property
    def division(self) -> dict[Level, str]:
        """Which administrative division is chosen for each level (五(一))."""
        return {rule.level: rule.division for rule in self.notice.levels}

    @property
    def left_out(self) -> tuple[Saying, ...]:
        """What this report leaves out; stands beside every answer."""
        lines = []
        if self.notice.yields_to is not None and not self.notice.loaded_conditions:
            clause, conditions = self.notice.yields_to
            said = phrase(
                "本结论未载入该专业的资格条件：{clauses}规定具体以{conditions}为准。",
                clauses=clause.label,
                conditions=conditions,
            )
            lines.append(said)
        if any(spell.to is None for spell in self.facts.work or ()):
            lines.append(phrase("今后的日期按目前的工作一直延续推算。"))
        left = [path.label for level in self.levels.values() for path in level.left_to_reviewer]
        if left:
            lines.append(phrase("专业是否对口由审核人判断：{clauses}。", clauses="、".join(dict.fromkeys(left))))
        return tuple(lines)

    @property
    def reservations(self) -> tuple[str, ...]:
        """`left_out` in plain Chinese."""
        return tuple(CHINESE.say(line) for line in self.left_out)

    def to_json(self) -> dict[str, Any]:
        """The contract's object, exactly."""
        return {
            "notice": self.notice.id,
            "digest": self.notice.digest,
            "filed_on": None if self.filed_on is None else str(self.filed_on),
            "window_open": self.window_open,
            "levels": {level.value: report.to_json() for level, report in self.levels.items()},
            "materials": [
                {"clause": material.rule.clause.label, "name": material.rule.name, "required": material.required}
                for material in self.materials
            ],
            "authority": {level.value: name for level, name in self.authority.items()},
            "division": {level.value: name for level, name in self.division.items()},
        }

    def explanation(self) -> dict[str, Any]:
        """Every finding as JSON, for keeping beside the verdict."""
        return {
            "gates": [finding.to_json() for finding in self.gates],
            "paths": {level.value: [path.to_json() for path in report.paths] for level, report in self.levels.items()},
            "reservations": list(self.reservations),
        }


class _Case:
    """One person before one notice: the gates asked once, shared by all levels."""

    def __init__(self, notice: Notice, facts: Facts) -> None:
        self.notice = notice
        self.facts = facts
        self.env = One(facts)
        self.filed = ANY_DAY if facts.filed_on is None else facts.filed_on
        t = self.filed.first
        self.gates = tuple(Asked(gate, gate.condition, gate.clause.label, self.env, t) for gate in notice.gates)
        self._changing = tuple(asked.condition for asked in self.gates if not asked.steady)
        self._moved: dict[tuple[int, bool], int] = {}
        self._open: dict[int, dict[Asked, list[str]]] = {}
        best = sure = t
        for asked in self.gates:
            if asked.steady:
                best, sure = max(best, asked.best), max(sure, asked.sure)
        self._base = {True: best, False: sure}
        self.rows: dict[Level, list[Asked]] = {rule.level: [] for rule in notice.levels}
        for row in notice.rows:
            self.rows[row.level].append(Asked(row, row.rule.whole, row.clause.label, self.env, t))

    @cached_property
    def gate_findings(self) -> tuple[Finding, ...]:
        """The findings of the gates, in the notice's order."""
        return tuple(explain_gate(asked, self.env, self.filed) for asked in self.gates)

    def first_day(self, rows: Sequence[Asked], t: int, *, favour: bool) -> int:
        """The first day on or after `t` on which the gates and some row hold."""
        granted = NEVER
        for asked in rows:
            day = asked.best if favour else asked.sure
            granted = min(granted, day)
        t = max(t, granted, self._base[favour])
        if t == NEVER:
            return t
        moved = self._moved.get((t, favour))
        if moved is None:
            moved = self._moved[t, favour] = self._run(t, favour=favour)
        return moved

    def _run(self, t: int, *, favour: bool) -> int:
        """The first day on or after `t` on which the gates that come and go all hold; levels share it."""
        while t < NEVER:
            moved = t
            for condition in self._changing:
                moved = condition.nt(moved, self.env, favour)
            if moved == t:
                break
            t = moved
        return t

    def open_gates(self, day: int) -> dict[Asked, list[str]]:
        """The gates that may and may not hold on a day, each with the facts that decide; levels share it."""
        found = self._open.get(day)
        if found is None:
            asked_facts = ((asked, asked.open_facts(day, self.env)) for asked in self.gates)
            found = self._open[day] = {asked: facts for asked, facts in asked_facts if facts}
        return found

    def first_failure(self, rows: Sequence[Asked], t: int) -> int:
        """The first day from `t`, on which the level surely holds, on which it may not."""
        if not rows:
            return t
        return min((condition.nf(t, self.env, False) for condition in self._changing), default=NEVER)

    def answer(self, rows: Sequence[Asked], best: int, sure: int) -> Answer:
        """Yes if it surely holds on every possible day of filing, no if it cannot on any, else unknown."""
        first, last = self.filed.first, self.filed.last
        if sure == first and (first == last or self.first_failure(rows, first) > last):
            return "yes"
        return "no" if best > last else "unknown"

    def report(self, rule: LevelRule) -> LevelReport:
        """One level's answer."""
        rows = tuple(self.rows[rule.level])
        t = self.filed.first
        sure = self.first_day(rows, t, favour=False)
        best = t if sure == t else self.first_day(rows, t, favour=True)
        answer = self.answer(rows, best, sure)
        exact = self.filed.exact
        return LevelReport(
            level=rule.level,
            answer=answer,
            from_=day_of(sure) if exact and sure == best else None,
            clauses=self._clauses(rows, answer, best),
            missing=self._missing(rows, answer, best, sure),
            _sources=(self, rows),
        )

    def _clauses(self, rows: tuple[Asked, ...], answer: Answer, best: int) -> tuple[str, ...]:
        first, last = self.filed.first, self.filed.last
        if answer == "yes":
            return _labels([], [asked for asked in rows if asked.sure <= first])
        if answer == "no":
            failing = [asked for asked in self.gates if asked.best > last]
            if any(asked.best <= last for asked in rows):
                return _labels(failing, [])
            held = [asked for asked in rows if holds_kind(asked.rule, self.env)]  # type: ignore[arg-type]
            return _labels(failing, held or list(rows))
        unsure = list(self.open_gates(best))
        granting = [asked for asked in rows if asked.sure <= best]
        return _labels(unsure, granting or [asked for asked in rows if asked.best <= best])

    def _missing(self, rows: tuple[Asked, ...], answer: Answer, best: int, sure: int) -> tuple[str, ...]:
        """Facts still open at the best day: of the gates, and of the rows that could grant if none surely does."""
        paths: list[str] = []
        if answer == "unknown" and not self.filed.exact:
            paths.append("filed_on")
        if best != sure:
            for facts in self.open_gates(best).values():
                paths += facts
            if all(asked.sure > best for asked in rows):
                for asked in rows:
                    if asked.best <= best:
                        paths += asked.open_facts(best, self.env)
        return tuple(dict.fromkeys(paths))


def _labels(gates: list[Asked], rows: list[Asked]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(asked.label for asked in (*gates, *rows)))


def assess(notice: Notice, facts: Facts) -> Report:
    """Assess one person; raises `FactsError` when the specialty or the permit is not one the notice knows."""
    check_words(notice, facts)
    case = _Case(notice, facts)
    return Report(
        notice=notice,
        facts=facts,
        filed_on=facts.filed_on,
        window_open=_window_open(notice, facts.filed_on),
        levels={rule.level: case.report(rule) for rule in notice.levels},
        materials=tuple(_material(rule, case) for rule in notice.materials),
        _case=case,
    )


def _window_open(notice: Notice, filed: When | None) -> bool | None:
    if filed is None:
        return None
    spans = [(window.start.toordinal(), window.end.toordinal()) for window in notice.windows]
    if any(start <= filed.first and filed.last <= end for start, end in spans):
        return True
    return False if all(filed.last < start or filed.first > end for start, end in spans) else None


def _holds(condition: Condition, case: _Case) -> bool | None:
    """Whether a condition holds on the day of filing; None: a missing fact decides."""
    first, last = case.filed.first, case.filed.last
    if condition.nt(first, case.env, True) > last:
        return False
    if condition.nt(first, case.env, False) == first and (first == last or condition.nf(first, case.env, False) > last):
        return True
    return None


def _material(rule: MaterialRule, case: _Case) -> MaterialFinding:
    required = rule.required if rule.when is None else _holds(rule.when, case)
    applies = rule.instead_when is not None and _holds(rule.instead_when, case) is True
    return MaterialFinding(rule, required, rule.instead if applies else None)
