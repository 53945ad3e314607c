"""What a paper says beside what was typed, for people: words, and the place on the page image."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from chuding.applications.education_choices import Degree, Schooling, StudyMode
from chuding.applications.readings.models import ReadingState
from chuding.applications.translate import endorser_name, local_day, notice_of
from chuding.paper.reading.compare import compare, compare_span
from chuding.paper.reading.lines import load
from chuding.paper.reading.papers import SCHOOLING_KINDS, Paper, among_names, day_of, speaks_of_many, understand

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from chuding.applications.models import Application, Education, Material
    from chuding.applications.readings.models import PaperReading
    from chuding.paper.reading.compare import Answer
    from chuding.paper.reading.lines import Box, Page
    from chuding.paper.reading.papers import Field

KIND_WORDS = {
    "diploma": "毕业证书", "degree": "学位证书", "schooling_report": "学历证书电子注册备案表",
    "degree_report": "学位证书电子注册备案表", "endorsement": "单位同意申报证明", "": "看不出是什么材料",
}  # fmt: skip
FIELD_WORDS = {
    "full_name": "姓名", "school": "学校", "major": "专业", "schooling": "学历", "study_mode": "学习形式",
    "enrolled_on": "入学时间", "graduated_on": "毕业日期", "schooling_number": "毕业证书编号", "degree": "学位",
    "degree_on": "学位授予日期", "degree_number": "学位证书编号", "verification_code": "在线验证码", "employer_name": "单位",
    "endorsed_on": "落款日期",
}  # fmt: skip
ANSWER_WORDS = {"agree": "一致", "differ": "不一致", "unread": "没看清", "alone": "供参考"}
ANSWER_TONES = {"agree": "good", "differ": "bad", "unread": "neutral", "alone": "neutral"}
_SEALS = {
    "found": ("good", "有红色圆形印章"),
    "maybe": ("care", "像是有印章，不完整或者颜色淡，请看图"),
    "none": ("care", "没有看到红色圆形印章，请看图"),
}
_WANTED = {
    "diploma": ("full_name", "school", "major", "schooling", "graduated_on", "schooling_number"),
    "degree": ("full_name", "school", "degree", "degree_on", "degree_number"),
    "schooling_report": ("full_name", "school", "major", "schooling", "graduated_on", "schooling_number"),
    "degree_report": ("full_name", "school", "degree", "degree_on", "degree_number"),
    "endorsement": ("full_name", "employer_name", "endorsed_on"),
}


@dataclass(frozen=True)
class Mark:
    """A rectangle on a page image, in thousandths of its width and height."""

    page: int
    number: int
    tone: str
    label: str
    left: int
    top: int
    width: int
    height: int


@dataclass(frozen=True)
class Beside:
    """One field: what was read, what was typed, and the answer; `mark` leads to its place."""

    name: str
    label: str
    read: str
    typed: str
    answer: str
    mark: Mark | None = None

    @property
    def word(self) -> str:
        """The answer in a word."""
        return ANSWER_WORDS[self.answer]

    @property
    def tone(self) -> str:
        """The colour of its tag."""
        return ANSWER_TONES[self.answer]


@dataclass(frozen=True)
class ReadPage:
    """One page of a material, for the reviewer."""

    number: int
    kind: str
    rows: tuple[Beside, ...]
    seal_tone: str = ""
    seal_words: str = ""


@dataclass(frozen=True)
class ReadMaterial:
    """A material's reading for the desk. `state`: waiting, failed, nothing or read."""

    state: str
    pages: tuple[ReadPage, ...] = ()
    marks: tuple[Mark, ...] = ()
    unread: tuple[int, ...] = ()

    @property
    def unread_words(self) -> str:
        """The pages on which nothing was read, for people: 第7—9、12页; empty where every page was."""
        runs: list[list[int]] = []
        for number in self.unread:
            if runs and number == runs[-1][-1] + 1:
                runs[-1].append(number)
            else:
                runs.append([number])
        said = "、".join(f"{run[0]}—{run[-1]}" if len(run) > 1 else f"{run[0]}" for run in runs)
        return f"第{said}页" if said else ""

    @property
    def differing(self) -> int:
        """How many fields differ: the first thing a reviewer wants to know."""
        return sum(row.answer == "differ" for page in self.pages for row in page.rows)


def readings_of(application: Application, materials: Iterable[Material]) -> dict[str, ReadMaterial]:
    """Material ref → its reading, for the materials whose papers are read, fetched with their `reading`."""
    given = list(materials)
    kept = {material.ref: getattr(material, "reading", None) for material in given}
    educations = list(application.educations.all()) if any(kept.values()) else []
    return {
        material.ref: _read_material(material, reading, application, educations)
        if (reading := kept[material.ref])
        else ReadMaterial("waiting")
        for material in given
    }


def unread_of(material: Material, pages: Iterable[Page]) -> tuple[int, ...]:
    """The pages of a material on which nothing was read: those behind the last that is looked at, and those that failed."""
    seen = {page.number for page in pages if page.lines}
    return tuple(number for number in range(1, material.pages + 1) if number not in seen)


def _read_material(
    material: Material, reading: PaperReading, application: Application, educations: list[Education]
) -> ReadMaterial:
    if reading.state == ReadingState.FAILED:
        return ReadMaterial("failed")
    pages, papers = _understood(reading.pages)
    if speaks_of_many(pages):
        papers = tuple(
            _for_one(paper, pages, application) if paper.kind == "endorsement" else paper for paper in papers
        )
    shown: list[ReadPage] = []
    marks: list[Mark] = []
    for page, paper in zip(pages, papers, strict=True):
        if not paper.kind:
            continue
        typed = typed_for(paper, application, educations, local_day(material.uploaded_at))
        rows = _rows(paper, typed, len(marks))
        marks += [row.mark for row in rows if row.mark]
        tone, words = _SEALS.get(page.seal, ("", ""))
        if page.seal_box:
            marks.append(_mark(page.number, page.seal_box, (len(marks) + 1, tone, "印章")))
        shown.append(ReadPage(page.number, KIND_WORDS[paper.kind], rows, tone, words))
    return ReadMaterial("read" if shown else "nothing", tuple(shown), tuple(marks), unread_of(material, pages))


@lru_cache(maxsize=128)
def _understood(text: str) -> tuple[tuple[Page, ...], tuple[Paper, ...]]:
    """What stands on pages as they were kept. A file at the desk is shown ahead, opened and judged: three times the same."""
    pages = load(text)
    return pages, understand(pages)


def _for_one(paper: Paper, pages: tuple[Page, ...], application: Application) -> Paper:
    """A letter for many as it concerns this person: their own name in its list, and not that of the first."""
    found = among_names(pages, application.full_name)
    others = {name: field for name, field in paper.fields.items() if name != "full_name"}
    return replace(paper, fields={"full_name": found, **others} if found else others)


def _rows(paper: Paper, typed: dict[str, str], numbered: int) -> tuple[Beside, ...]:
    rows: list[Beside] = []
    for name in dict.fromkeys([*_WANTED[paper.kind], *paper.fields]):
        field, said = paper.fields.get(name), typed.get(name, "")
        if field is None and not said:
            continue
        answer = "alone" if field and not said else answer_of(field, said)
        mark = None
        if field:
            number = numbered + sum(row.mark is not None for row in rows) + 1
            mark = mark_of(field, number, ANSWER_TONES[answer])
        rows.append(Beside(name, FIELD_WORDS[name], words_of(field) if field else "", _said(name, said), answer, mark))
    return tuple(rows)


def answer_of(field: Field | None, said: str) -> Answer:
    """How a read value stands to what was typed; a letter's date to the first and last day between which it may lie."""
    if field is None or field.name != "endorsed_on":
        return compare(field, said)
    first, last = said.split("/")
    return compare_span(field, first, last)


def mark_of(field: Field, number: int, tone: str) -> Mark:
    """Where a field stands, to be drawn over the page image."""
    return _mark(field.spot.page, field.spot.box, (number, tone, FIELD_WORDS[field.name]))


def _mark(page: int, box: Box, said: tuple[int, str, str]) -> Mark:
    # A little air around the words, so that the line does not cross them.
    left, top = max(0.0, box.left - 0.004), max(0.0, box.top - 0.003)
    right, bottom = min(1.0, box.right + 0.004), min(1.0, box.bottom + 0.003)
    number, tone, label = said
    return Mark(
        page,
        number,
        tone,
        label,
        round(1000 * left),
        round(1000 * top),
        max(4, round(1000 * (right - left))),
        max(4, round(1000 * (bottom - top))),
    )


def words_of(field: Field) -> str:
    """A read value in the words of the form."""
    return _said(field.name, field.value)


def _said(name: str, value: str) -> str:
    if not value:
        return ""
    if name == "endorsed_on" and "/" in value:
        first, last = (_said(name, day) for day in value.split("/"))
        return f"应在{first}至{last}之间"
    if name.endswith("_on") and (found := day_of(value)):
        day, whole = found
        return f"{day.year}年{day.month}月{day.day}日" if whole else f"{day.year}年{day.month}月"
    words: dict[str, dict[str, str]] = {
        "schooling": {str(choice): str(choice.label) for choice in Schooling},
        "degree": {str(choice): str(choice.label) for choice in Degree},
        "study_mode": {str(choice): str(choice.label) for choice in StudyMode},
    }
    return words.get(name, {}).get(value, value)


def typed_for(paper: Paper, application: Application, educations: list[Education], given: date) -> dict[str, str]:
    """What was typed for the fields of this paper: of several schoolings the one that fits it best.

    Nobody types a letter's date: it must lie between the day the notice was published and the day it was `given`.
    """
    if paper.kind == "endorsement":
        between = f"{notice_of(application).published:%Y-%m-%d}/{given:%Y-%m-%d}"
        typed = {"full_name": application.full_name, "employer_name": endorser_name(application)}
        return typed | {"endorsed_on": between}
    if paper.kind not in SCHOOLING_KINDS:
        return {}
    typed = {"full_name": application.full_name}
    if educations:
        best = max(educations, key=lambda each: _fit(paper, _values(each)))
        typed |= _values(best)
    return typed


def _fit(paper: Paper, values: dict[str, str]) -> int:
    return sum(compare(field, values.get(name, "")) == "agree" for name, field in paper.fields.items())


def _values(education: Education) -> dict[str, str]:
    days: dict[str, date | None] = {
        name: getattr(education, name) for name in ("graduated_on", "degree_on", "enrolled_on")
    }
    texts = {
        name: str(getattr(education, name) or "")
        for name in ("school", "major", "schooling", "degree", "study_mode", "schooling_number", "degree_number", "verification_code")
    }  # fmt: skip
    texts |= {name: day.isoformat() if day else "" for name, day in days.items()}
    texts["enrolled_on"] = texts["enrolled_on"][:7]
    return texts
