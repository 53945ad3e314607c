"""Work as a line of time: breaks and overlaps in words, and what a break does, as the law engine says it."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest
from applicant_steps import Applicant, day, education, make_person, mistakes, spell, together, words

from chuding.applications.work_history import Line, Span, breaks, drawing_of, line_of, overlaps
from stage import NOW

if TYPE_CHECKING:
    from collections.abc import Sequence

ON = date(2024, 9, 18)


def span(start: str, end: str | None, name: str, *, own: bool = True) -> Span:
    return Span(date.fromisoformat(start), date.fromisoformat(end) if end else None, name, own)


@pytest.mark.parametrize(
    ("spans", "found"),
    [
        ([], []),
        ([span("2022-07-01", "2023-01-01", "甲"), span("2023-01-01", None, "乙")], []),
        ([span("2022-07-01", "2023-01-01", "甲"), span("2023-02-01", None, "乙")], []),
        ([span("2022-07-01", "2023-01-01", "甲"), span("2023-02-02", None, "乙")], [("2023-01-01", "2023-02-02", True)]),
        (
            [span("2022-07-01", "2023-01-01", "甲"), span("2023-01-01", "2023-06-01", "乙", own=False), span("2023-06-01", None, "丙")],
            [("2023-01-01", "2023-06-01", False)],
        ),
        ([span("2020-01-01", None, "甲"), span("2021-01-01", "2021-02-01", "乙")], []),
    ],
)  # fmt: skip
def test_breaks_are_what_is_between_spells_for_more_than_a_month(
    spans: Sequence[Span], found: list[tuple[str, str, bool]]
) -> None:
    assert [(f"{b.start}", f"{b.end}", b.whole) for b in breaks(spans)] == found


def test_overlaps_name_both_spells() -> None:
    spans = [
        span("2020-01-01", "2024-01-01", "甲"), span("2021-01-01", "2021-02-01", "乙"), span("2023-01-01", None, "丙")
    ]  # fmt: skip
    assert [(o.one, o.two, f"{o.start}") for o in overlaps(spans)] == [
        ("甲", "乙", "2021-01-01"), ("甲", "丙", "2023-01-01"),
    ]  # fmt: skip


def test_drawing_holds_every_bar_inside_its_box() -> None:
    spans = [
        span("2015-03-01", "2016-01-01", "甲"),
        span("2017-02-01", "2017-02-03", "乙"),
        span("2020-06-01", None, "丙"),
    ]
    drawing = drawing_of(Line(spans, breaks(spans), []), ON)
    assert drawing is not None
    assert [bar.kind for bar in drawing.bars] == ["work", "work", "work", "break", "break"]
    assert all(bar.x >= 0 and bar.x + bar.width <= 322 and bar.y + 18 <= drawing.height for bar in drawing.bars)
    assert [year for _, year in drawing.years] == [2016, 2018, 2020, 2022]  # 2024 would stand over the edge
    assert drawing_of(Line([], [], []), ON) is None


@pytest.fixture
def applicant(client, data_folder, monkeypatch):
    """A bachelor of June 2023 whose other answers are all given."""
    for module in ("accounts.middleware", "applications.views.applicant_sections", "applications.views.applicant_pages",
                   "applications.views.applicant_answers", "applications.views.applicant_employer",
                   "applications.views.applicant_specialty"):  # fmt: skip
        monkeypatch.setattr(f"chuding.{module}.now", lambda: NOW)
    one = Applicant(client, make_person(NOW), NOW)
    one.fill(upto="specialty")
    assert one.post("schooling", education(**day("graduated_on", "2023-6-20"))).status_code == 302
    return one


TWO = together(
    spell(0, **day("started_on", "2023-7-1"), **day("last_day", "2023-12-31")),
    spell(1, employer_name="镇江第二示例厂", **day("started_on", "2024-4-1")),
    assessed_fit="yes",
)


@pytest.mark.django_db
def test_break_that_puts_off_the_day_says_to_when(applicant):
    spans = [span("2023-07-01", "2024-01-01", "甲"), span("2024-04-01", None, "乙")]
    (hint,) = line_of(applicant.file, spans, ON).hints
    assert hint == (
        "2024年1月1日到2024年3月31日没有工作经历，漏填了请补上。"
        "这段空档使满1年的日期推迟到2024年9月30日（没有空档的，今天就可以申报助理级）。"
    )


@pytest.mark.django_db
def test_break_that_changes_nothing_says_so(applicant):
    spans = [span("2021-07-01", "2022-01-01", "甲"), span("2022-06-01", None, "乙")]
    (hint,) = line_of(applicant.file, spans, ON).hints
    assert "不影响现在的结论" in hint


@pytest.mark.django_db
def test_break_promises_nothing_before_the_schooling_is_known(applicant):
    applicant.file.educations.all().delete()
    spans = [span("2023-07-01", "2024-01-01", "甲"), span("2024-04-01", None, "乙")]
    (hint,) = line_of(applicant.file, spans, ON).hints
    assert hint == "2024年1月1日到2024年3月31日没有工作经历，漏填了请补上。这段时间不计入年限。"


@pytest.mark.django_db
def test_line_is_shown_before_anything_is_saved(applicant):
    page = applicant.post("work", TWO | {"look": "1"})
    assert (page.status_code, mistakes(page)) == (200, [])
    assert "这段空档使满1年的日期推迟到2024年9月30日" in words(page)
    assert page.content.decode().count("<rect") == 3
    assert applicant.file.spells.count() == 1


@pytest.mark.django_db
def test_line_is_told_once_saved_and_stands_on_the_page(applicant):
    page = applicant.post("work", TWO, follow=True)
    assert "这段空档使满1年的日期推迟到2024年9月30日" in words(page)
    assert "镇江第二示例厂" in words(applicant.get("work/"))
