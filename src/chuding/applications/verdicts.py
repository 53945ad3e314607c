"""What the law engine says of a level, laid out for partials/verdict.html: each condition with its sentence and clause."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chuding.policy.terms import Level, name_of_fact

if TYPE_CHECKING:
    from chuding.policy.assess import Report
    from chuding.policy.explain import Finding

MET = {"yes": True, "no": False, "unknown": None}
ANSWERS = {"yes": "符合", "no": "不符合", "unknown": "还缺信息"}
_RANK = {"yes": 0, "unknown": 1, "no": 2}


def _condition(finding: Finding) -> dict[str, Any]:
    return {
        "met": MET[finding.answer],
        "text": finding.condition,
        "quote": finding.sentence,
        "clause": finding.label,
        "anchor": finding.clause.id,
        "detail": "" if finding.explanation == "符合。" else finding.explanation,
        "todo": finding.advice,
    }


def _parts(path: Finding) -> list[dict[str, Any]]:
    """A row of the decision table, broken down; the notice's sentence stands once, at its first line."""
    lines = [_condition(part) for part in path.parts] or [_condition(path)]
    for line in lines[1:]:
        line["quote"] = line["clause"] = ""
    return lines


def verdict_of(report: Report, level: str) -> dict[str, Any]:
    """One level: the rows that carry the answer and every gate not met.

    Gates that are met stand apart under `met_gates`, so that what needs an eye stands alone.
    """
    found = report.levels[Level(level)]
    carrying = [path for path in found.paths if path.answer == "yes"] or [
        path for path in found.paths if path.label in found.clauses
    ]
    open_gates = [gate for gate in report.gates if gate.answer != "yes"]
    return {
        "level": f"{level}（{report.notice.title_of(Level(level))}）",
        "answer": found.answer,
        "word": ANSWERS[found.answer],
        "earliest": found.from_,
        "summary": "这一天在本年度申报期限之后，届时请看下一年度的通知。"
        if found.answer == "no" and found.from_ and found.file_on is None
        else "",
        "conditions": [_condition(gate) for gate in open_gates]
        + [line for path in carrying or found.paths for line in _parts(path)],
        "met_gates": [_condition(gate) for gate in report.gates if gate.answer == "yes"],
        "missing": "、".join(name_of_fact(path) for path in found.missing),
        "others": [
            f"{other.level.value}：{ANSWERS[other.answer]}"
            for other in report.levels.values()
            if other.level.value != level
        ],
        "reservations": report.reservations,
    }


def verdicts_of(report: Report) -> list[dict[str, Any]]:
    """Every level, the best answer first and the higher level before the lower."""
    order = sorted(
        report.levels, key=lambda level: (_RANK[report.levels[level].answer], -list(report.levels).index(level))
    )
    return [verdict_of(report, level.value) for level in order]


def best_level(report: Report) -> str:
    """The highest level that the facts bear out today; empty where none is."""
    return next((level.value for level in reversed(report.levels) if report.levels[level].answer == "yes"), "")
