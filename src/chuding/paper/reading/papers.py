"""Find the fields of diplomas, degree certificates, schooling reports and employers' letters in read pages.

Words and order of the fields follow the papers as they are issued: 毕业证书 and 学位证书 in sentences, 《教育部学历证书电子注册备案表》 and
its sister for degrees as labels and values, the 单位同意申报证明 as a letter. Whatever is not found is left out: unknown is not no.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chuding.paper.reading.labels import label_fields
from chuding.paper.reading.numerals import days_in
from chuding.paper.reading.text import PageText, Spot, plain
from chuding.paper.reading.words import degree_word, schooling_word, study_mode_word

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from chuding.paper.reading.lines import Page


@dataclass(frozen=True)
class Field:
    """One thing read: its value as text (days as 2018-06-20, or 2018-06 where no day stands), and where it stands."""

    name: str
    value: str
    spot: Spot


@dataclass(frozen=True)
class Paper:
    """One page understood. `kind`: diploma, degree, schooling_report, degree_report, endorsement, or "" for none of these."""

    page: int
    kind: str
    fields: dict[str, Field]


SCHOOLING_KINDS = frozenset({"diploma", "degree", "schooling_report", "degree_report"})
_NAME = r"[㐀-鿿豈-﫿\U00020000-\U000323AF·A-Za-z]{2,24}"
_SCHOOL = r"[㐀-鿿()]{2,24}?(?:大学|学院|学校|研究院|科学院|研究生院|党校|分院|中专|技校)(?:[㐀-鿿()]{1,6}?(?:学院|分校|校区))?"
_SCHOOL_LINE = re.compile(rf"(?:(?:校|院)名|学校|毕业院校|学位授予单位)?[::]?(?P<v>{_SCHOOL})")
_NO_PERSON = re.compile(r"证书|毕业|学位|专业")
_NUMBER = re.compile(r"(?:证书编?号|证书序号|编号|学校编号)[::]?(?P<v>[0-9A-Z]{8,24})")
_SEX = r"(?:性别|[,,]?(?:男|女)[,,(])"
_STUDENT = re.compile(rf"(?:学生|研究生|学员|考生|毕业生|姓名)[::]?(?P<v>{_NAME}?)(?:[,,]?{_SEX}|[,,]|于|身份证)")
_SOMEONE = re.compile(rf"(?P<v>{_NAME})[,,](?:性别)?[::]?(?:男|女)")
_SPAN = re.compile(r"[于自](?P<a>[^于自至,,]{4,14}月)(?:[^至,,]{0,4})?[至到](?P<b>[^至,,]{4,14}月)")
_MAJOR = re.compile(r"(?:在|于|我校|本校|本院)(?P<v>[^在,,。;于]{2,40}?)(?:专业)(?!证书)")
_GRADUATED = re.compile(r"毕业(?:日期|时间)[::]?")
_GRANTED = re.compile(r"(?:授予|获得)(?P<v>[^,,。]{0,12}?(?:学士|硕士|博士)[^,,。]{0,6}?)学位")
_EMPLOYED = (
    re.compile(
        rf"兹证明(?:我单位|我公司)?(?:在职|正式)?(?:职工|员工)?(?P<v>{_NAME}?)(?:同志|先生|女士|[,,]|系|为|等[0-9一二三四五六七八九十]+)"
    ),
    re.compile(rf"(?:职工|员工)(?P<v>{_NAME}?)(?:同志|先生|女士|[,,]|系|为)"),
    re.compile(rf"(?:^|[,,。:])(?P<v>{_NAME}?)同志"),
    re.compile(rf"同意(?P<v>{_NAME}?)(?:同志)?申报"),
)
_NO_NAME = re.compile(r"^(?:该|其|我|本|以上|上述|兹|在职|正式)|职工|员工|单位|同意|人员|其中|协会|证明")
_EMPLOYER = re.compile(
    r"(?:单位名称|单位|用人单位)?(?:\(盖章\)|\(公章\))?[::]?(?P<v>[㐀-鿿()A-Za-z0-9·]{3,40}?(?:公司|中心|厂|研究院|研究所|设计院|学校|医院|集团|事务所|"
    r"大学|学院|合作社|服务部|总站|支队|大队|管理处|工作室|馆|站|局|社|所|院))(?:\(盖章\)|\(公章\)|盖章)?$"
)


def understand(pages: Iterable[Page]) -> tuple[Paper, ...]:
    """What each page is, and the fields on it."""
    return tuple(_paper(PageText(page)) for page in pages)


_MANY = re.compile(r"等[0-9一二三四五六七八九十百]+(?:名|人|位)")


def speaks_of_many(pages: Iterable[Page]) -> bool:
    """Whether a letter names one person and says how many more its list holds (兹证明某某等12名同志)."""
    return any(_MANY.search(PageText(page).flat) for page in pages)


def among_names(pages: Iterable[Page], name: str) -> Field | None:
    """The place of a name in a line or cell of its own, as in the list of a letter for many; None where it was not read."""
    wanted = plain(name)
    for page in pages:
        text = PageText(page)
        for number, row in enumerate(text.rows):
            if row == wanted:
                return Field("full_name", name, text.spot_of_row(number))
    return None


def kind_of(flat: str) -> str:
    """Which paper a page is, by the words it cannot do without."""
    if "备案表" in flat or "认证报告" in flat or ("在线验证" in flat and "证书编号" in flat):
        return (
            "degree_report" if "学位证书" in flat[:60] or "学位名称" in flat or "获学位" in flat else "schooling_report"
        )
    if "毕业证书" in flat or "准予毕业" in flat:
        return "diploma"
    if "学位证书" in flat or _GRANTED.search(flat):
        return "degree"
    asks = any(word in flat for word in ("申报", "考核合格", "职工", "在职人员"))
    if "证明" in flat and asks:
        return "endorsement"
    return ""


def _paper(text: PageText) -> Paper:
    kind = kind_of(text.flat)
    found: dict[str, Field] = {}
    if kind.endswith("_report"):
        found = {name: Field(name, value, spot) for name, (value, spot) in label_fields(text, kind).items()}
    elif kind == "diploma":
        found = _diploma(text)
        if _GRANTED.search(text.flat):
            found |= {name: field for name, field in _degree(text).items() if name == "degree"}
    elif kind == "degree":
        found = _degree(text)
    elif kind == "endorsement":
        found = _endorsement(text)
    return Paper(text.page.number, kind, found)


def _take(text: PageText, name: str, found: re.Match[str] | None, value: str | None = None) -> dict[str, Field]:
    if found is None or value == "":
        return {}
    return {name: Field(name, value or found["v"], text.spot(*found.span("v")))}


def _day_fields(text: PageText, name: str, after: int = 0) -> dict[str, Field]:
    """The last day on the page: papers end with the day they were given."""
    days = [day for day in days_in(text.flat) if day.start >= after and not text.flat[day.end :].startswith("生")]
    whole = [day for day in days if day.whole]
    if not whole:
        return {}
    last = whole[-1]
    return {name: Field(name, f"{last.day:%Y-%m-%d}", text.spot(last.start, last.end))}


def _school(text: PageText) -> dict[str, Field]:
    """The line that is the school's name and nothing else, the lowest one; else a name after 在 or 校名."""
    for number in reversed(range(len(text.rows))):
        found = _SCHOOL_LINE.fullmatch(text.rows[number])
        if found and "证书" not in found["v"]:
            return {"school": Field("school", found["v"], text.spot_of_row(number, found, "v"))}
    return _take(text, "school", re.search(rf"(?:校名[::]?|在)(?P<v>{_SCHOOL})", text.flat))


def _major(text: PageText, school: str) -> dict[str, Field]:
    for found in _MAJOR.finditer(text.flat):
        value, end = found["v"], found.end("v")
        for before in ("本校", "我校", "本院", "我院", school):
            if before and value.startswith(before):
                value = value[len(before) :]
        value = re.sub(r"^(?:[一二三四五六七八九0-9]年制)?(?:全日制)?(?:本科|专科)?", "", value)
        if 2 <= len(value) <= 30:
            return {"major": Field("major", value, text.spot(end - len(value), end))}
    return {}


def _first_row(text: PageText, name: str, *patterns: re.Pattern[str]) -> dict[str, Field]:
    """The first line that begins with what is looked for; a title above holds the same words, but not at its beginning."""
    for pattern in patterns:
        for number, row in enumerate(text.rows):
            found = pattern.match(row)
            if found and not _NO_PERSON.search(found["v"]):
                return {name: Field(name, found["v"], text.spot_of_row(number, found, "v"))}
    return {}


def _number(text: PageText, name: str) -> dict[str, Field]:
    """The certificate's number, which ends with its line: the day often follows it."""
    for number, row in enumerate(text.rows):
        found = _NUMBER.search(row)
        if found:
            return {name: Field(name, found["v"], text.spot_of_row(number, found, "v"))}
    return _take(text, name, _NUMBER.search(text.flat))


def _diploma(text: PageText) -> dict[str, Field]:
    flat = text.flat
    fields = _first_row(text, "full_name", _STUDENT, _SOMEONE) or _take(text, "full_name", _STUDENT.search(flat))
    fields |= _school(text)
    fields |= _major(text, fields["school"].value if "school" in fields else "")
    if word := schooling_word(flat):
        value, start, end = word
        fields["schooling"] = Field("schooling", value, text.spot(start, end))
    if mode := study_mode_word(flat):
        fields["study_mode"] = Field("study_mode", mode[0], text.spot(mode[1], mode[2]))
    fields |= _number(text, "schooling_number")
    span = _SPAN.search(flat)
    after = span.end() if span else 0
    if span:
        fields |= _month(text, "enrolled_on", span, "a")
    said = _said_day(text, "graduated_on", _GRADUATED)
    return fields | (said or _day_fields(text, "graduated_on", after) or _month(text, "graduated_on", span, "b"))


def _said_day(text: PageText, name: str, label: re.Pattern[str]) -> dict[str, Field]:
    """The day behind words that say what day it is."""
    found = label.search(text.flat)
    day = next((day for day in days_in(text.flat) if found and day.start == found.end()), None)
    return {name: Field(name, f"{day.day:%Y-%m-%d}", text.spot(day.start, day.end))} if day and day.whole else {}


def _month(text: PageText, name: str, found: re.Match[str] | None, group: str) -> dict[str, Field]:
    day = next(days_in(found[group]), None) if found else None
    return {name: Field(name, f"{day.day:%Y-%m}", text.spot(*found.span(group)))} if found and day else {}


def _degree(text: PageText) -> dict[str, Field]:
    flat = text.flat
    fields = _first_row(text, "full_name", _SOMEONE, _STUDENT) or _take(text, "full_name", _STUDENT.search(flat))
    fields |= _school(text)
    fields |= _major(text, fields["school"].value if "school" in fields else "")
    granted = _GRANTED.search(flat)
    if granted and (word := degree_word(granted["v"])):
        fields |= _take(text, "degree", granted, word)
    fields |= _number(text, "degree_number")
    return fields | _day_fields(text, "degree_on")


def _endorsement(text: PageText) -> dict[str, Field]:
    fields: dict[str, Field] = {}
    for pattern in _EMPLOYED:
        for found in pattern.finditer(text.flat):
            if not _NO_NAME.search(found["v"]):
                fields = _take(text, "full_name", found)
                break
        if fields:
            break
    for number in reversed(range(len(text.rows))):
        employer = _EMPLOYER.fullmatch(text.rows[number])
        if employer:
            fields["employer_name"] = Field("employer_name", employer["v"], text.spot_of_row(number, employer, "v"))
            break
    return fields | _day_fields(text, "endorsed_on")


def day_of(value: str) -> tuple[date, bool] | None:
    """A day field's value as a day, and whether it is a whole one rather than a month."""
    found = next(days_in(value), None)
    return (found.day, found.whole) if found else None
