"""What differs between two notices: clause by clause, rule by rule, and for whom the answer is another."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from chuding.policy.assess import assess
from chuding.policy.cells import boundary_people
from chuding.policy.population import Many, assess_many
from chuding.policy.speech import CHINESE
from chuding.policy.terms import CATEGORIES, HELD_NAMES, KIND_NAMES, Level

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from chuding.policy.facts import Facts
    from chuding.policy.notice import Notice, Row

_ANSWERS: Final = ("no", "unknown", "yes")
_WORDS: Final = {"yes": "可", "no": "否", "unknown": "未知"}
#: What a person of an example is like unless the example says otherwise.
_USUAL: Final = {
    "identity": "mainland",
    "works_in_jurisdiction": True,
    "engagement": "employment_contract",
    "civil_servant": False,
    "retired_on": "never",
    "sanctions": [],
    "assessed_fit": True,
}
_VALUES: Final = {
    "True": "是",
    "False": "否",
    "None": "未知",
    **{code: word for _, meanings in CATEGORIES.values() for word, code in meanings.items()},
}
_NEARBY: Final = 12  # characters shown on either side of a change


@dataclass(frozen=True, slots=True)
class Change:
    """One clause or rule: `before` None where it is new, `after` None where it is gone."""

    where: str
    before: str | None
    after: str | None

    def __str__(self) -> str:
        if self.before is None:
            return f"+ {self.where}：{self.after}"
        if self.after is None:
            return f"- {self.where}：{self.before}"
        return f"~ {self.where}：{_marked(self.before, self.after)}"


@dataclass(frozen=True, slots=True)
class Flip:
    """A level whose answer differs for people of a kind of schooling: how many boundary people, and one of them."""

    level: Level
    kind: str
    before: str
    after: str
    people: int
    witness: Facts
    clauses: tuple[tuple[str, ...], tuple[str, ...]]

    def __str__(self) -> str:
        return (
            f"{self.kind} {self.level.value} {_WORDS[self.before]}→{_WORDS[self.after]}"
            f"（{self.people} 个边界人选） 例：{person_words(self.witness)}"
            f"  [{'、'.join(self.clauses[0]) or '—'}]→[{'、'.join(self.clauses[1]) or '—'}]"
        )


@dataclass(frozen=True, slots=True)
class Difference:
    """Everything that differs; `people` is how many boundary people of both notices were asked."""

    clauses: tuple[Change, ...]
    rules: tuple[Change, ...]
    flips: tuple[Flip, ...]
    people: int

    def to_json(self) -> dict[str, Any]:
        """The difference as JSON."""
        return {
            "clauses": [_change_json(change) for change in self.clauses],
            "rules": [_change_json(change) for change in self.rules],
            "verdicts": [
                {
                    "level": flip.level.value,
                    "kind": flip.kind,
                    "before": flip.before,
                    "after": flip.after,
                    "people": flip.people,
                    "clauses": [list(labels) for labels in flip.clauses],
                    "witness": _stated(flip.witness),
                }
                for flip in self.flips
            ],
            "people": self.people,
        }


def _change_json(change: Change) -> dict[str, str | None]:
    return {"where": change.where, "before": change.before, "after": change.after}


def _stated(facts: Facts) -> dict[str, Any]:
    return {name: value for name, value in facts.to_json().items() if value is not None}


def difference(before: Notice, after: Notice) -> Difference:
    """Compare two notices: of two years, or of two cities.

    The answers are compared on the boundary people of both. Somebody whose specialty one catalogue does not know is
    asked with the first specialty of each; what the catalogues say is compared as rules.
    """
    people = boundary_people(before, after)
    return Difference(
        clauses=tuple(_changes(_clauses(before), _clauses(after))),
        rules=tuple(_changes(_rules(before), _rules(after))),
        flips=tuple(_flips(before, after, people)),
        people=len(people),
    )


def _changes(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[Change]:
    for where in dict.fromkeys((*before, *after)):
        old, new = before.get(where), after.get(where)
        if old != new:
            yield Change(where, old, new)


def _clauses(notice: Notice) -> dict[str, str]:
    return {clause.label: f"{clause.heading}\n{clause.text}".strip() for clause in notice.clauses}


def _rules(notice: Notice) -> dict[str, str]:
    found = {f"口径 {reading.question}": reading.chosen for reading in notice.readings}
    for number, window in enumerate(notice.windows, start=1):
        levels = "、".join(level.value for level in window.levels) or "各级别"
        found[f"受理 第{number}段"] = f"{window.start} 至 {window.end}，{levels}"
    found |= {f"准入 {gate.name}": str(notice.entry.gates[i].must) for i, gate in enumerate(notice.gates)}
    for row in notice.rows:
        base = f"初定 {row.clause.label}"
        number = 1
        while f"{base} 第{number}行 授予" in found:
            number += 1
        found |= {f"{base} 第{number}行 {key}": text for key, text in _fields(row)}
    found |= {f"等同 {each.kind}": each.as_kind for each in notice.entry.equivalences}
    found |= {f"起点 {each.series}": each.lowest.value for each in notice.entry.floors}
    found |= {f"材料 {each.name}": f"须交：{each.required}，仅当：{each.when}" for each in notice.entry.materials}
    if shown := notice.publicity:
        days = {"单位": shown.at_unit, "结果": shown.of_result}
        found |= {f"公示 {where}": f"{n}个工作日" for where, n in days.items() if n is not None}
    for rule in notice.levels:
        found[f"级别 {rule.level.value}"] = f"{rule.title}，{rule.authority}审批，区划{rule.division}"
    return found | {f"专业 {choice.path}": "在目录内" for choice in notice.catalogue.choices()}


def _fields(row: Row) -> Iterator[tuple[str, str]]:
    entry = row.entry
    yield "授予", row.level.value
    yield "凭", "、".join(entry.kinds)
    yield "条件", row.words
    if entry.matching.reviewer:
        yield "专业对口", "审核人判断"
    if entry.effective is not None:
        rule = entry.effective
        yield "生效", f"{rule.take}（毕业 {rule.awarded_from or '不限'} 至 {rule.awarded_to or '不限'}）"


def _asked_of(notice: Notice, facts: Facts) -> Facts:
    known = facts.specialty is None or facts.specialty in notice.examined or notice.catalogue.find(facts.specialty)
    return facts if known else facts.model_copy(update={"specialty": notice.catalogue.choices()[0].path})


def _answers(notice: Notice, people: tuple[Facts, ...]) -> dict[Level, np.ndarray[Any, np.dtype[np.int64]]]:
    columns = assess_many(notice, Many([_asked_of(notice, facts) for facts in people]))
    return {level: np.where(found.yes, 2, np.where(found.no, 0, 1)) for level, found in columns.items()}


def _flips(before: Notice, after: Notice, people: tuple[Facts, ...]) -> Iterator[Flip]:
    """Per level, schooling and change the person of whom most is known."""
    old, new = _answers(before, people), _answers(after, people)
    nobody = np.zeros(len(people), dtype=np.int64)
    groups: dict[tuple[int, int, Level, str], list[Facts]] = {}
    for level in Level:
        was, becomes = old.get(level, nobody), new.get(level, nobody)
        for index in np.flatnonzero(was != becomes):
            facts = people[int(index)]
            key = (int(was[index]), int(becomes[index]), level, _kind_words(facts))
            groups.setdefault(key, []).append(facts)
    definite = sorted(groups.items(), key=lambda group: 1 in group[0][:2])
    for (was_code, becomes_code, level, kind), found in definite:
        witness = min(found, key=_unstated)
        clauses = (_carrying(before, level, witness), _carrying(after, level, witness))
        yield Flip(level, kind, _ANSWERS[was_code], _ANSWERS[becomes_code], len(found), witness, clauses)


def _carrying(notice: Notice, level: Level, facts: Facts) -> tuple[str, ...]:
    """The clauses that carry a notice's answer; none where it does not confer the level."""
    report = assess(notice, _asked_of(notice, facts)).levels.get(level)
    return () if report is None else report.clauses


def _kind_words(facts: Facts) -> str:
    held = [KIND_NAMES[credential.kind] if credential.kind else "未知学历" for credential in facts.credentials or ()]
    held += [HELD_NAMES.get(title.level or "", "未知职称") for title in facts.titles or ()]
    return "、".join(dict.fromkeys(held)) or ("学历未知" if facts.credentials is None else "没有学历")


def _unstated(facts: Facts) -> int:
    """How much is not known: fewer make a better example."""
    inner = [credential.model_dump() for credential in facts.credentials or ()]
    return sum(value is None for value in [*facts.model_dump().values(), *(v for each in inner for v in each.values())])


def person_words(facts: Facts) -> str:
    """A person in a line, for people: schooling, work, day of filing, and whatever else is out of the ordinary."""
    words = [
        f"{KIND_NAMES.get(each.kind or '', '学历未知')} {each.awarded_on or '日期未知'} 取得"
        f"{ {True: '（对口）', False: '（不对口）', None: ''}[each.field_matches] }"
        for each in facts.credentials or ()
    ]
    words += [f"{title.level or '未知'}职称 {title.held_since or '日期未知'} 取得" for title in facts.titles or ()]
    words += [f"在岗 {spell.from_ or '？'} 至 {spell.to or '今'}" for spell in facts.work or ()]
    if facts.work is None:
        words.append("工作经历未知")
    words.append(f"申报 {facts.filed_on or '日期未知'}")
    stated = facts.to_json()
    words += [
        f"{CHINESE.fact(name)}：{_VALUES.get(str(stated.get(name)), str(stated.get(name)))}"
        for name, usual in _USUAL.items()
        if stated.get(name) != usual
    ]
    return "，".join(words)


def _marked(before: str, after: str) -> str:
    """The passages that differ, with a little around them: “…旧…”→“…新…”."""
    parts = []
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag != "equal":
            left = before[max(0, i1 - _NEARBY) : i1]
            right = before[i2 : i2 + _NEARBY]
            parts.append(f"“{left}[{before[i1:i2]}]{right}”→“{left}[{after[j1:j2]}]{right}”")
    text = "；".join(parts)
    whole = f"“{before}”→“{after}”"
    return (whole if len(whole) <= len(text) else text).replace("\n", " ")
