"""A worked case as lines that an official can write: `申报: 2024-07-01`; and an answer in the words of a case. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from chuding.policy.speech import CHINESE
from chuding.publishing.yaml_text import flow_of, value_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chuding.policy.assess import LevelReport, Report

#: The keys of a case that say what must come out; all others say who it is.
EXPECTED: Final = ("期望", "受理期内", "材料", "审批", "区划")
_ANSWERS: Final = {"yes": "可", "no": "否", "unknown": "缺"}
_REQUIRED: Final = {True: "须交", False: "不须交", None: "未知"}


def lines_of(words: Mapping[str, Any]) -> str:
    """One line a key."""
    return "\n".join(f"{key}: {flow_of(value)}" for key, value in words.items())


def read_lines(text: str) -> dict[str, Any]:
    """The other way round. Raises ValueError with a sentence."""
    if not text.strip():
        return {}
    found = value_of(text)
    if not isinstance(found, dict) or not all(isinstance(key, str) for key in found):
        raise ValueError("每一行写成“词: 内容”，冒号用半角，后面空一格，例如 申报: 2024-07-01")
    return found


def expected_words(report: Report) -> str:
    """What a notice answers, as the lines of a case that would expect it."""
    levels = {found.level.value: _level(found) for found in report.levels.values() if not _silent(found)}
    words: dict[str, Any] = {"期望": levels}
    if report.window_open is not None:
        words["受理期内"] = "是" if report.window_open else "否"
    words["材料"] = {
        each.rule.code: "替代" if each.instead is not None else _REQUIRED[each.required] for each in report.materials
    }
    words["审批"] = {level.value: name for level, name in report.authority.items()}
    words["区划"] = {level.value: name for level, name in report.division.items()}
    return lines_of({key: value for key, value in words.items() if value not in ({}, None)} or {"期望": {}})


def _silent(found: LevelReport) -> bool:
    """What a case need not say: no, for good."""
    return found.answer == "no" and found.from_ is None and not found.missing


def _level(found: LevelReport) -> dict[str, Any]:
    words: dict[str, Any] = {"答": _ANSWERS[found.answer]}
    if found.answer == "no" and found.from_ is not None:
        words["自"] = found.from_
    if found.missing:
        words["缺"] = [CHINESE.fact(path) for path in found.missing]
    if found.effective_from is not None:
        words["生效"] = found.effective_from
    words["据"] = list(found.clauses)
    return words
