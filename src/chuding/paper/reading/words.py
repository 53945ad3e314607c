"""The words in which papers say schooling, degree and form of study, and what the form calls them."""

from __future__ import annotations

import re

# The first that fits: 专科起点本科 is a 本科, 硕士研究生 a 研究生.
_SCHOOLING = (
    ("研究生", re.compile(r"(?:博士|硕士)?研究生(?:班|毕业|学习|教育)?")),
    ("本科", re.compile(r"本科")),
    ("大专", re.compile(r"大学专科|高职\(专科\)|高职高专|大专|专科|高职")),
    ("中专", re.compile(r"中等专业|中专|职业高中|职高|技工学校|中等职业|中技")),
)
_DEGREE = (("第二学士", "第二学士"), ("博士", "博士"), ("硕士", "硕士"), ("学士", "学士"))
_PART_TIME = re.compile(r"成人高等|自学考试|函授|业余|夜大|网络教育|远程教育|开放教育|广播电视大学|非全日制|脱产")
_FULL_TIME = re.compile(r"普通高等学校|普通高等教育|普通全日制|全日制")


def schooling_word(text: str) -> tuple[str, int, int] | None:
    """The schooling named in a text, as the form calls it, and where it stands."""
    for value, pattern in _SCHOOLING:
        found = pattern.search(text)
        if found:
            return value, *found.span()
    return None


def degree_word(text: str) -> str:
    """The degree named in a few words such as 工学学士; empty for none."""
    return next((value for value, word in _DEGREE if word in text), "")


def study_mode_word(text: str) -> tuple[str, int, int] | None:
    """full_time or part_time, and where the text says so."""
    for value, pattern in (("part_time", _PART_TIME), ("full_time", _FULL_TIME)):
        found = pattern.search(text)
        if found:
            return value, *found.span()
    return None
