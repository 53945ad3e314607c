"""A verdict laid out for people: condition by condition, in any language, and the whole as the words of one page.

Pure. The pages of the site show `verdicts_of` and `common_of`; `sheet_of` is what the printed page says.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from chuding.policy.advice_words import code_said
from chuding.policy.explain import MET as SAID_MET
from chuding.policy.facts import read_when
from chuding.policy.speech import NOTE, Kinds, Named, Paths, Saying, Series, phrase

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from chuding.policy.advice import Advice
    from chuding.policy.assess import LevelReport, Report
    from chuding.policy.explain import Finding
    from chuding.policy.facts import Facts
    from chuding.policy.notice import Notice
    from chuding.policy.speech import Speech
    from chuding.policy.terms import Level

MET: Final = {"yes": True, "no": False, "unknown": None}
_RANK: Final = {"yes": 0, "unknown": 1, "no": 2}
_ANSWERS: Final = {"yes": phrase("符合"), "no": phrase("不符合"), "unknown": phrase("还缺信息")}
_CONDITIONS: Final = {"yes": phrase("符合"), "no": phrase("不符合"), "unknown": phrase("还不清楚")}
_LEVELS: Final = {"yes": phrase("可以申报"), "no": phrase("还不能申报"), "unknown": phrase("还缺信息")}
_WAYS: Final = {
    "wait": phrase("等待"), "state": phrase("补充"), "bring": phrase("补办"), "nothing": phrase("没有办法"),
}  # fmt: skip


def answer_word(answer: str, speech: Speech) -> str:
    """符合, 不符合, 还缺信息."""
    return speech.say(_ANSWERS[answer])


def level_words(notice: Notice, level: Level, speech: Speech) -> str:
    """助理级（助理工程师）"""
    return speech.say(phrase("{level}（{title}）", level=Named(level.value), title=notice.title_of(level)))


def missing_words(paths: Iterable[str], speech: Speech) -> str:
    """The facts that would decide, by their names."""
    return speech.text(Paths(tuple(paths)))


def reservations_of(report: Report, speech: Speech) -> list[str]:
    """What the report leaves out."""
    return [speech.say(line) for line in report.left_out]


def _condition(finding: Finding, speech: Speech) -> dict[str, Any]:
    return {
        "answer": finding.answer,
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
    return [{"kind": speech.say(_WAYS[each.kind]), "text": speech.say(each.said)} for each in advices]


def common_of(report: Report, speech: Speech) -> dict[str, list[dict[str, Any]]]:
    """The conditions asked of everyone, whatever the level: those open or not met, and those met."""
    return {
        "open": [_condition(gate, speech) for gate in report.gates if gate.answer != "yes"],
        "met": [_condition(gate, speech) for gate in report.gates if gate.answer == "yes"],
    }


def verdict_of(report: Report, level: Level, speech: Speech, *, apart: bool = False) -> dict[str, Any]:
    """One level: the rows that carry the answer, every gate not met, and what would change it.

    Gates that are met stand under `met_gates`, so that what needs an eye stands alone. `apart`: the gates stand once on
    the page, beside the levels (`common_of`), and are only counted here.
    """
    found, common = report.levels[level], common_of(report, speech)
    rows = _rows(found, speech)
    return {
        "level": level_words(report.notice, level, speech),
        "answer": found.answer,
        "word": answer_word(found.answer, speech),
        "earliest": found.from_,
        "summary": speech.say(_NEXT_YEAR) if _is_late(found) else "",
        "conditions": rows if apart else common["open"] + rows,
        "common_open": len(common["open"]) if apart else 0,
        "met_gates": common["met"],
        "ways": _ways(report.advice(level), speech),
        "missing": missing_words(found.missing, speech),
        "others": [
            {"level": speech.word(other.level.value), "word": answer_word(other.answer, speech)}
            for other in report.levels.values()
            if other.level != level
        ],
        "reservations": reservations_of(report, speech),
    }


def _rows(found: LevelReport, speech: Speech) -> list[dict[str, Any]]:
    """The conditions of the rows that carry the answer: those that grant, else those that the clauses name."""
    carrying = [path for path in found.paths if path.answer == "yes"] or [
        path for path in found.paths if path.label in found.clauses
    ]
    return [line for path in carrying or found.paths for line in _parts(path, speech)]


_NEXT_YEAR: Final = phrase("这一天在本年度申报期限之后，届时请看下一年度的通知。")


def _is_late(found: LevelReport) -> bool:
    return found.answer == "no" and found.from_ is not None and found.file_on is None


def verdicts_of(report: Report, speech: Speech) -> list[dict[str, Any]]:
    """Every level, the best answer first and the higher level before the lower; the common conditions stand apart."""
    order = sorted(
        report.levels, key=lambda level: (_RANK[report.levels[level].answer], -list(report.levels).index(level))
    )
    return [verdict_of(report, level, speech, apart=True) for level in order]


def best_level(report: Report) -> str:
    """The highest level that the facts bear out today; empty where none is."""
    return next((level.value for level in reversed(report.levels) if report.levels[level].answer == "yes"), "")


# ---- what was said of the person ----


def given_of(facts: Facts, speech: Speech) -> list[tuple[str, str]]:
    """Each fact that is known, by its name, and what was said of it: what the verdict rests on."""
    stated = ((name, value) for name, value in facts.to_json().items() if value is not None and name != "filed_on")
    return [(speech.say(Paths((name,))), speech.say(_value_said(name, value))) for name, value in stated]


def _value_said(name: str, value: Any) -> Any:
    if isinstance(value, bool):
        return phrase("是") if value else phrase("否")
    if value in ("never", []):
        return phrase("没有")
    if name == "specialty":
        return " › ".join(dict.fromkeys(value.split("/")))
    if isinstance(value, list):
        return Series(tuple(_record_said(record) for record in value))
    return code_said(value) if isinstance(value, str) else value


def _record_said(record: dict[str, Any]) -> Saying:
    """A credential, a title, a spell of work, a sanction."""
    if "awarded_on" in record:
        held = phrase("{day}取得{kind}", day=_day(record["awarded_on"]), kind=_kind(record["kind"]))
        return phrase("{words}", words=Series((held, *_marks(record)), comma=True))
    if "held_since" in record:
        return phrase("{day}取得{kind}", day=_day(record["held_since"]), kind=_kind(record["level"]))
    if "until" in record:
        return phrase("{start}至{end}", start=_day(record["from"]), end=_day(record["until"]))
    if record["to"] is None:
        return phrase("{start}至今", start=_day(record["from"]))
    return phrase("{start}至{end}", start=_day(record["from"]), end=_day(record["to"]))


def _marks(record: dict[str, Any]) -> Iterator[Saying]:
    matches, full_time = record.get("field_matches"), record.get("full_time")
    if matches is not None:
        yield phrase("专业对口") if matches else phrase("专业不对口")
    if full_time is not None:
        yield phrase("全日制") if full_time else phrase("非全日制")


def _day(text: str | None) -> Any:
    return phrase("日期不详") if text is None else read_when(text)


def _kind(word: str | None) -> Any:
    return phrase("种类不详") if word is None else Kinds((word,))


# ---- the page ----


def sheet_of(report: Report, speech: Speech) -> dict[str, Any]:
    """The words of the page that says a verdict whole (paper.letters.VerdictData), without a name or a number."""
    say, notice = speech.say, report.notice
    common = common_of(report, speech)
    filed = report.filed_on
    notes = [say(line) for line in report.left_out]
    if not speech.is_chinese:
        notes.append(say(NOTE))
    return {
        "language": speech.code,
        "title": say(phrase("职称初定条件对照结果")),
        "notice": say(_notice_said(notice)),
        "filed": say(phrase("申报日期未填") if filed is None else phrase("按{day}申报判断", day=filed)),
        "levels": [_level(report, level, speech) for level in reversed(report.levels)],
        "common_title": say(phrase("共同的条件：每一级都要符合")),
        "common": [_line(line, speech) for line in common["open"]],
        "common_met": _met_together(common["met"], speech),
        "given_title": say(phrase("依据的情况")),
        "given": given_of(report.facts, speech),
        "materials_title": say(phrase("要准备的材料")),
        "materials": [_material(found, speech) for found in report.materials if found.required is not False],
        "quote_title": say(phrase("通知原文：")),
        "notes": [*notes, say(phrase("对照结果仅供参考，以审核为准。"))],
        "digest": say(phrase("通知数据的指纹：{digest}", digest=notice.digest[:16])),
    }


def _notice_said(notice: Notice) -> Saying:
    if not notice.number:
        return phrase("依据《{title}》", title=notice.title)
    return phrase("依据《{title}》（{number}）", title=notice.title, number=notice.number)


def _level(report: Report, level: Level, speech: Speech) -> dict[str, Any]:
    found, say = report.levels[level], speech.say
    waits = found.answer == "no" and found.from_ is not None
    when = [phrase("最早可于{day}申报。", day=found.from_)] if waits else []
    if _is_late(found):
        when.append(_NEXT_YEAR)
    if found.effective_from is not None:
        when.append(phrase("资格取得时间：{day}", day=found.effective_from))
    office = phrase(
        "审批：{office}；申报区划：{division}",
        office=report.authority[level],
        division=report.division[level],
    )
    return {
        "name": level_words(report.notice, level, speech),
        "answer": found.answer,
        "word": say(_LEVELS[found.answer]),
        "clauses": "、".join(found.clauses),
        "when": [say(each) for each in when],
        "office": say(office) if found.answer != "no" else "",
        "lines": [_line(line, speech) for line in _rows(found, speech)],
        "ways": [_way(advice, speech) for advice in report.advice(level)],
    }


def _way(advice: Advice, speech: Speech) -> str:
    """One way to a yes. What to do instead where there is none stands at the conditions themselves."""
    said = advice.said if advice.kind != "nothing" else phrase("{steps}。", steps=advice.steps[0].said)
    if len({step.kind for step in advice.steps}) > 1:
        return speech.say(said)  # one word would name only its hardest step
    return speech.say(phrase("{kind}：{way}", kind=_WAYS[advice.kind], way=said))


def _line(condition: dict[str, Any], speech: Speech) -> dict[str, str]:
    shown = {key: condition[key] for key in ("answer", "text", "detail", "todo", "clause", "quote")}
    return shown | {"word": speech.say(_CONDITIONS[condition["answer"]])}


def _met_together(met: Sequence[dict[str, Any]], speech: Speech) -> str:
    if not met:
        return ""
    texts = tuple(phrase("{text}（{clauses}）", text=each["text"], clauses=each["clause"]) for each in met)
    return speech.say(phrase("已符合的{count}项：{conditions}。", count=len(met), conditions=Series(texts)))


def _material(found: Any, speech: Speech) -> str:
    name = speech.own_words(found.instead or found.rule.name)
    if found.required is None and found.rule.note:
        name = speech.text(phrase("{name}（{note}）", name=name, note=found.rule.note))
    return f"{found.rule.code}　{name}"
