"""Tables of labels and values, as the reports of 学信网 have them: the value stands to the right of its label."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from chuding.paper.reading.numerals import days_in
from chuding.paper.reading.words import degree_word, schooling_word, study_mode_word

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chuding.paper.reading.text import PageText, Spot

# Label (a long one may be broken into two lines of its cell), field in a report of schooling, field in one of a degree.
_LABELS = (
    (r"姓名", "full_name", "full_name"),
    (r"(?:学校|院校|毕业院校)(?:名称)?", "school", "school"),
    (r"学位授予单(?:位)?", "school", "school"),
    (r"(?:专业|专业名称|所学专业|学科/?专业|学科专业)", "major", "major"),
    (r"(?:学历)?层次|学历", "schooling", ""),
    (r"学习形式", "study_mode", ""),
    (r"毕\(?结?\)?业(?:日期|时间|年月)?", "graduated_on", ""),
    (r"入学(?:日期|时间|年月)", "enrolled_on", ""),
    (r"(?:学历)?证书编(?:号)?|证书号", "schooling_number", "degree_number"),
    (r"学位证书编?(?:号)?", "", "degree_number"),
    (r"学位(?:名称|类别|类型)|所授学位|授予学位", "", "degree"),
    (r"(?:获|获得|授予)学位(?:日期|时间)|学位授予(?:日期|时间)", "", "degree_on"),
    (r"在?线?验证码", "verification_code", "verification_code"),
)
_CODE = re.compile(r"[0-9A-Z]{8,24}")
_NO_VALUE = re.compile(r"^(?:性别|男|女|日期|名称|单位|编号|号|位|姓名)$")


def label_fields(text: PageText, kind: str) -> dict[str, tuple[str, Spot]]:
    """Field by field its value in the words of the form and where it stands; the first of two wins."""
    found: dict[str, tuple[str, Spot]] = {}
    column = 2 if kind == "degree_report" else 1
    for row in _LABELS:
        name = row[column]
        if not name or name in found:
            continue
        for number in range(len(text.rows)):
            if name == "full_name" and _is_the_heads(text, number):
                continue
            for value, spot in _values_beside(text, number, row[0]):
                fitting = _fitting(name, value)
                if fitting and name not in found:
                    found[name] = (fitting, spot)
    return found


def _is_the_heads(text: PageText, number: int) -> bool:
    """Whether this 姓名 is the end of 校（院）长姓名, broken into two lines of its cell."""
    place = text.lines[number].place
    return any(
        "长" in text.rows[other]
        and 0 < place.middle - line.place.middle < 2 * place.height
        and line.place.left < place.right
        and place.left < line.place.right
        for other, line in enumerate(text.lines)
    )


def _values_beside(text: PageText, number: int, label: str) -> Iterator[tuple[str, Spot]]:
    """What follows a label: behind its colon, or in the cells to its right up to the next one."""
    row = text.rows[number]
    inline = re.fullmatch(rf"(?:{label})[::](?P<v>.+)", row)
    if inline:
        yield inline["v"], text.spot_of_row(number, inline, "v")
        return
    if not re.fullmatch(rf"(?:{label})[::]?", row):
        return
    place = text.lines[number].place
    beside = [
        (abs(line.place.middle - place.middle) / max(place.height, line.place.height), line.place.left, other)
        for other, line in enumerate(text.lines)
        if other != number and line.place.left >= place.right - 0.01
    ]
    # What stands on the label's own line comes before what stands nearer to it a line above or below.
    own_line = [each for each in beside if each[0] < 0.6]
    near = own_line or [each for each in beside if each[0] < 1.1]
    if near:
        _, _, other = min(near, key=lambda each: (each[1], each[0]))
        yield text.rows[other], text.spot_of_row(other)


def _fitting(name: str, value: str) -> str:
    """The value as the form wants it; empty for what cannot be one."""
    if _NO_VALUE.match(value):
        return ""
    if name.endswith("_on"):
        day = next(days_in(value), None)
        return f"{day.day:%Y-%m-%d}" if day and day.whole else f"{day.day:%Y-%m}" if day else ""
    if name.endswith("_number") or name == "verification_code":
        code = _CODE.search(value)
        return code[0] if code else ""
    if name in {"schooling", "study_mode"}:
        word = schooling_word(value) if name == "schooling" else study_mode_word(value)
        return word[0] if word else ""
    if name == "degree":
        return degree_word(value)
    return value if 2 <= len(value) <= 60 else ""
