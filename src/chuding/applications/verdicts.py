"""What the law engine says of a level, laid out for partials/verdict.html: each condition with its sentence and clause."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import get_language, gettext

from chuding.policy.explain import MET as SAID_MET
from chuding.policy.speech import Named, Own, phrase, speech_of
from chuding.policy.terms import Level

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from chuding.policy.advice import Advice
    from chuding.policy.assess import Report
    from chuding.policy.explain import Finding
    from chuding.policy.notice import Notice
    from chuding.policy.speech import Speech

MET = {"yes": True, "no": False, "unknown": None}
_RANK = {"yes": 0, "unknown": 1, "no": 2}


def speech_here() -> Speech:
    """The language of the page, with the notices' own words in it."""
    return speech_of(get_language() or "")


def answer_word(answer: str) -> str:
    """符合, 不符合, 还缺信息."""
    return {"yes": gettext("符合"), "no": gettext("不符合"), "unknown": gettext("还缺信息")}[answer]


def level_words(notice: Notice, level: Level, speech: Speech) -> str:
    """助理级（助理工程师）"""
    return speech.say(phrase("{level}（{title}）", level=Named(level.value), title=Own(notice.title_of(level))))


def _condition(finding: Finding, speech: Speech) -> dict[str, Any]:
    return {
        "met": MET[finding.answer],
        "text": speech.say(finding.wanted),
        "quote": finding.sentence,
        "clause": finding.label,
        "anchor": finding.clause.id,
        "detail": "" if finding.said == SAID_MET else speech.say(finding.said),
        "todo": speech.own_words(finding.advice),
    }


def _parts(path: Finding, speech: Speech) -> list[dict[str, Any]]:
    """A row of the decision table, broken down; the notice's sentence stands once, at its first line."""
    lines = [_condition(part, speech) for part in path.parts] or [_condition(path, speech)]
    for line in lines[1:]:
        line["quote"] = line["clause"] = ""
    return lines


def _ways(advices: Sequence[Advice], speech: Speech) -> list[dict[str, str]]:
    """What would change the answer, each way with the word for its kind."""
    kinds = {
        "wait": gettext("等待"),
        "state": gettext("补充"),
        "bring": gettext("补办"),
        "nothing": gettext("没有办法"),
    }
    return [{"kind": kinds[each.kind], "text": speech.say(each.said)} for each in advices]


def common_of(report: Report) -> dict[str, list[dict[str, Any]]]:
    """The conditions asked of everyone, whatever the level: those open or not met, and those met."""
    speech = speech_here()
    return {
        "open": [_condition(gate, speech) for gate in report.gates if gate.answer != "yes"],
        "met": [_condition(gate, speech) for gate in report.gates if gate.answer == "yes"],
    }


def missing_words(paths: Iterable[str], speech: Speech) -> str:
    """The facts that would decide, by their names."""
    return speech.word("、").join(dict.fromkeys(speech.fact(path) for path in paths))


def verdict_of(report: Report, level: str, *, apart: bool = False) -> dict[str, Any]:
    """One level: the rows that carry the answer, every gate not met, and what would change it.

    Gates that are met stand under `met_gates`, so that what needs an eye stands alone. `apart`: the gates stand once on
    the page, beside the levels (`common_of`), and are only counted here.
    """
    speech, found = speech_here(), report.levels[Level(level)]
    carrying = [path for path in found.paths if path.answer == "yes"] or [
        path for path in found.paths if path.label in found.clauses
    ]
    common = common_of(report)
    late = found.answer == "no" and found.from_ and found.file_on is None
    rows = [line for path in carrying or found.paths for line in _parts(path, speech)]
    return {
        "level": level_words(report.notice, Level(level), speech),
        "answer": found.answer,
        "word": answer_word(found.answer),
        "earliest": found.from_,
        "summary": gettext("这一天在本年度申报期限之后，届时请看下一年度的通知。") if late else "",
        "conditions": rows if apart else common["open"] + rows,
        "common_open": len(common["open"]) if apart else 0,
        "met_gates": common["met"],
        "ways": _ways(report.advice(Level(level)), speech),
        "missing": missing_words(found.missing, speech),
        "others": [
            {"level": speech.word(other.level.value), "word": answer_word(other.answer)}
            for other in report.levels.values()
            if other.level.value != level
        ],
        "reservations": reservations_of(report),
    }


def reservations_of(report: Report) -> list[str]:
    """What the report leaves out."""
    speech = speech_here()
    return [speech.say(line) for line in report.left_out]


def verdicts_of(report: Report) -> list[dict[str, Any]]:
    """Every level, the best answer first and the higher level before the lower; the common conditions stand apart."""
    order = sorted(
        report.levels, key=lambda level: (_RANK[report.levels[level].answer], -list(report.levels).index(level))
    )
    return [verdict_of(report, level.value, apart=True) for level in order]


def best_level(report: Report) -> str:
    """The highest level that the facts bear out today; empty where none is."""
    return next((level.value for level in reversed(report.levels) if report.levels[level].answer == "yes"), "")
