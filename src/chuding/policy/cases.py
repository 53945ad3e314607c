"""Worked cases (cases.yaml): people in the notice's words, and what the notice must answer for each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

from pydantic import BeforeValidator, Field, ValidationError

from chuding.policy.assess import assess
from chuding.policy.entries import Entry, Text
from chuding.policy.facts import Facts, FactsError, read_facts, shown
from chuding.policy.reader_words import nearest
from chuding.policy.schema import problems_of
from chuding.policy.source import Document, NoticeError, Problem
from chuding.policy.speech import CHINESE
from chuding.policy.terms import CATEGORIES, FLAGS, HELD_NAMES, KIND_NAMES, PERMITS, Level

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from chuding.policy.assess import LevelReport, MaterialFinding, Report
    from chuding.policy.notice import Notice

FILE: Final = "cases.yaml"
_UNKNOWN: Final = "未知"
_ANSWERS: Final = {"可": "yes", "否": "no", "缺": "unknown"}
_EXPECTED: Final = ("期望", "受理期内", "材料", "审批", "区划", "层级", "资格名称")
_REQUIRED: Final = {"须交": True, "不须交": False, "未知": None}


def _plain_day(value: object) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _span(value: object, end_name: str) -> dict[str, Any]:
    """`2023-07-01~` or `2021-01-01~2021-07-01` (the second day is the first one no longer inside)."""
    first, mark, end = value.partition("~") if isinstance(value, str) else ("", "", "")
    if not mark:
        raise ValueError(f"时间段写成“2023-07-01~”或者“2021-01-01~2021-07-01”，不能是{shown(value)}")
    return {"from": first if first != _UNKNOWN else None, end_name: end if end not in ("", _UNKNOWN) else None}


def _credential(value: Any) -> dict[str, Any]:
    """`{硕士: 2019-06-30, 对口: 是}`."""
    kinds = [key for key in value if key in KIND_NAMES] if isinstance(value, dict) else []
    if len(kinds) != 1 or not set(value) <= {*kinds, "对口", "全日制"}:
        raise ValueError(f"“凭”的每一项写成 {{硕士: 2019-06-30, 对口: 是, 全日制: 是}}，不能是{shown(value)}")
    day = _plain_day(value[kinds[0]])
    return {
        "kind": kinds[0],
        "awarded_on": None if day == _UNKNOWN else day,
        "field_matches": _truth(value.get("对口", _UNKNOWN)),
        "full_time": _truth(value.get("全日制", _UNKNOWN)),
    }


def _title(value: Any) -> dict[str, Any]:
    """`{员级: 2020-01-01}`."""
    if not isinstance(value, dict) or len(value) != 1 or not set(value) <= set(HELD_NAMES):
        raise ValueError(f"“职称”的每一项写成 {{员级: 2020-01-01}}，不能是{shown(value)}")
    ((level, day),) = value.items()
    return {"level": level, "held_since": None if day == _UNKNOWN else _plain_day(day)}


def _truth(value: object) -> bool | None:
    if value not in ("是", "否", _UNKNOWN):
        raise ValueError(f"只能填“是”“否”或“未知”，不能是{shown(value)}")
    return None if value == _UNKNOWN else value == "是"


def _listed(value: object) -> list[Any]:
    return value if isinstance(value, list) else [value]


def fact_of(word: str, value: Any) -> tuple[str, Any]:
    """One fact in the notice's words as the contract has it; raises ValueError."""
    if word in FLAGS:
        return FLAGS[word], _truth(value)
    if word in CATEGORIES:
        fact, meanings = CATEGORIES[word]
        if word == PERMITS and isinstance(value, str) and value not in (*meanings, _UNKNOWN):
            return fact, value  # a permit that only the notice knows; `assess` refuses the others
        if value != _UNKNOWN and value not in meanings:
            raise ValueError(f"“{word}”只能填 {'、'.join(meanings)}、未知，不能是{shown(value)}")
        return fact, meanings.get(value)
    if word not in _READERS:
        known = (*_READERS, *FLAGS, *CATEGORIES)
        near = nearest(word, (*known, *_EXPECTED))
        raise ValueError(f"不认识“{word}”{near}；可用的词有：{'、'.join(known)}；写结论的词有：{'、'.join(_EXPECTED)}")
    fact, read = _READERS[word]
    return fact, None if value == _UNKNOWN else read(value)


_READERS: Final[dict[str, tuple[str, Callable[[Any], Any]]]] = {
    "申报": ("filed_on", _plain_day),
    "在编起": ("established_post_since", _plain_day),
    "专业": ("specialty", str),
    "离退休": ("retired_on", lambda value: "never" if value == "无" else _plain_day(value)),
    "凭": ("credentials", lambda value: [_credential(each) for each in _listed(value)]),
    "在岗": ("work", lambda value: [_span(each, "to") for each in _listed(value)]),
    "职称": ("titles", lambda value: [_title(each) for each in _listed(value)]),
    "继续教育学时": ("continuing_education_hours", lambda value: value),
    "社保月数": ("social_insurance_months", lambda value: value),
    "处分": ("sanctions", lambda value: [_span(each, "until") for each in _listed(value)]),
}


def facts_of(words: dict[str, Any]) -> Facts:
    """The facts of a case; raises ValueError naming the word."""
    try:
        return read_facts(dict(fact_of(word, value) for word, value in words.items()))
    except FactsError as error:
        raise ValueError(f"{CHINESE.fact(error.field)}：{error.message}") from None


class LevelExpectation(Entry):
    """What one level must answer: the day from which, the clauses, the facts missing; where written, the day of filing
    within the window (“不能” for none in this round) and the clauses that leave the field to the reviewer.
    """

    answer: str = Field(alias="答")
    from_: date | None = Field(default=None, alias="自")
    missing: list[Text] = Field(default=[], alias="缺")
    clauses: list[Text] | None = Field(default=None, alias="据")
    effective: date | None = Field(default=None, alias="生效")
    file_on: date | Literal["不能"] | None = Field(default=None, alias="受理")
    left_to_reviewer: list[Text] | None = Field(default=None, alias="审核人判断")


def _expectation(value: object) -> object:
    """`可`, `否`, `否，自2024-07-01`, or a mapping."""
    if isinstance(value, dict) or not isinstance(value, str):
        return value
    answer, mark, day = value.partition("，自")
    if answer not in _ANSWERS:
        raise ValueError(f"期望写成“可”“否”“否，自2024-07-01”或者 {{答: 缺, 缺: […]}}，不能是{shown(value)}")
    return {"答": answer, "自": date.fromisoformat(day) if mark else None}


class Expectation(Entry):
    """What must come out of a case. Levels not written must answer no, for good, with nothing missing."""

    levels: dict[str, Annotated[LevelExpectation, BeforeValidator(_expectation)]] = Field(default={}, alias="期望")
    window: str | None = Field(default=None, alias="受理期内")
    materials: dict[str, str] = Field(default={}, alias="材料")
    authority: dict[str, str] = Field(default={}, alias="审批")
    division: dict[str, str] = Field(default={}, alias="区划")
    tier: dict[str, str] = Field(default={}, alias="层级")
    title: dict[str, str] = Field(default={}, alias="资格名称")


@dataclass(frozen=True, slots=True)
class Case:
    """One worked case, with the line it stands on."""

    name: str
    line: int
    facts: Facts
    expected: Expectation


def read_cases(document: Document) -> list[Case]:
    """Read cases.yaml; raises `NoticeError` with the lines of everything that cannot be read."""
    data = document.data
    if not isinstance(data, dict) or set(data) != {"基准", "例"}:
        raise NoticeError([Problem(FILE, 1, "应当有“基准”和“例”两项")])
    if not isinstance(data["基准"], dict) or not isinstance(data["例"], list):
        raise NoticeError([Problem(FILE, 1, "“基准”应当是一组事实，“例”应当是一个列表")])
    _check_base(data["基准"], document)
    cases: list[Case] = []
    problems: list[Problem] = []
    names: set[str] = set()
    for index, words in enumerate(data["例"]):
        line = document.line(("例", index))
        try:
            case = _case(data["基准"], words, line, document)
        except NoticeError as error:
            problems += error.problems
            continue
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            problems.append(Problem(FILE, line, f"这个例子读不了：{error}"))
            continue
        if case.name in names:
            problems.append(Problem(FILE, line, f"例名“{case.name}”写了两次"))
        names.add(case.name)
        cases.append(case)
    if problems:
        raise NoticeError(problems)
    return cases


def _check_base(base: dict[str, Any], document: Document) -> None:
    """A mistake in what all cases share is one problem at its own line, not one a case."""
    problems = []
    for word, value in base.items():
        try:
            facts_of({word: value})
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            problems.append(Problem(FILE, document.line(("基准", word)), f"“基准”读不了：{error}"))
    if problems:
        raise NoticeError(problems)


def _case(base: dict[str, Any], words: dict[str, Any], line: int, document: Document) -> Case:
    if not isinstance(words, dict) or not isinstance(words.get("例"), str):
        raise ValueError("每个例子要有例名（例: …）")  # noqa: TRY004 - the caller turns it into a problem
    given = {**base, **words}
    name = given.pop("例")
    expected = {key: given.pop(key) for key in _EXPECTED if key in given}
    if isinstance(expected.get("材料"), dict):
        expected["材料"] = {str(code): word for code, word in expected["材料"].items()}
    try:
        expectation = Expectation.model_validate(expected)
    except ValidationError as error:
        raise NoticeError([Problem(FILE, line, problem.message) for problem in problems_of(error, document)]) from None
    if strange := set(expectation.levels) - set(Level):
        raise ValueError(f"没有级别“{min(strange)}”")
    return Case(str(name), line, facts_of(given), expectation)


def run_case(notice: Notice, case: Case) -> list[str]:
    """What the notice answers otherwise than the case says; empty when it agrees."""
    try:
        report = assess(notice, case.facts)
    except FactsError as error:
        return [str(error)]
    expected = case.expected
    differences: list[str] = []
    for level, answered in report.levels.items():
        differences += _level_differences(answered, expected.levels.get(level.value, LevelExpectation(答="否")))
    conferred = {level.value for level in report.levels}
    differences += [
        f"{level}应当“{wanted.answer}”，通知不授予这一级"
        for level, wanted in expected.levels.items()
        if level not in conferred and wanted.answer != "否"
    ]
    differences += _window_differences(report, expected.window)
    given = {material.rule.code: _material_word(material) for material in report.materials}
    differences += [
        f"材料{code}应当{wanted}，" + (f"算出{given[code]}" if code in given else "通知里没有这一项")
        for code, wanted in expected.materials.items()
        if given.get(code) != wanted
    ]
    tier = {rule.level: rule.tier.value for rule in notice.levels}
    title = {rule.level: rule.title for rule in notice.levels}
    for words, found in (
        (expected.authority, report.authority),
        (expected.division, report.division),
        (expected.tier, tier),
        (expected.title, title),
    ):
        differences += [
            f"{level}应当是{wanted}，算出{found.get(Level(level))}"
            for level, wanted in words.items()
            if found.get(Level(level)) != wanted
        ]
    return differences


def _level_differences(found: LevelReport, wanted: LevelExpectation) -> list[str]:
    differences = []
    level = found.level.value
    if found.answer != _ANSWERS.get(wanted.answer):
        words = {answer: word for word, answer in _ANSWERS.items()}
        differences.append(f"{level}应当“{wanted.answer}”，算出“{words[found.answer]}”")
    if wanted.answer == "否" and found.from_ != wanted.from_:
        differences.append(f"{level}应当{_since(wanted.from_)}，算出{_since(found.from_)}")
    if found.effective_from != wanted.effective:
        differences.append(
            f"{level}应当自 {wanted.effective or '（批准之日）'} 生效，算出 {found.effective_from or '（批准之日）'}"
        )
    missing = [CHINESE.fact(path) for path in found.missing]
    if sorted(missing) != sorted(wanted.missing):
        differences.append(f"{level}应当缺{_listed_words(wanted.missing)}，算出缺{_listed_words(missing)}")
    if wanted.clauses is not None and list(found.clauses) != wanted.clauses:
        differences.append(f"{level}应当依据{_listed_words(wanted.clauses)}，算出{_listed_words(found.clauses)}")
    return differences + _filing_differences(found, wanted)


def _filing_differences(found: LevelReport, wanted: LevelExpectation) -> list[str]:
    differences = []
    level = found.level.value
    if wanted.file_on is not None and (found.file_on or "不能") != wanted.file_on:
        differences.append(f"{level}的申报日应当是 {wanted.file_on}，算出 {found.file_on or '不能'}")
    left = [finding.label for finding in found.left_to_reviewer]
    if wanted.left_to_reviewer is not None and left != wanted.left_to_reviewer:
        differences.append(
            f"{level}应当由审核人判断{_listed_words(wanted.left_to_reviewer)}，算出{_listed_words(left)}"
        )
    return differences


def _since(day: date | None) -> str:
    return "以后也不满足" if day is None else f"自 {day} 起满足"


def _listed_words(words: Sequence[str]) -> str:
    return f"“{'、'.join(words)}”" if words else "（没有）"


def _window_differences(report: Report, wanted: str | None) -> list[str]:
    if wanted is None or report.window_open is _truth(wanted):
        return []
    return [f"受理期内应当是“{wanted}”"]


def _material_word(material: MaterialFinding) -> str:
    if material.instead is not None:
        return "替代"
    return next(word for word, required in _REQUIRED.items() if required is material.required)
