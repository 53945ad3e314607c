from __future__ import annotations

import json
import sys
from datetime import date
from pathlib import Path

import pytest

from chuding.paper.reading.compare import compare
from chuding.paper.reading.lines import Box, Line, Page, box_of, dump, load, page_of, part_of
from chuding.paper.reading.numerals import days_in
from chuding.paper.reading.papers import Field, kind_of, understand
from chuding.paper.reading.reader import ReadingError, read_paper
from chuding.paper.reading.text import PageText, Spot, in_reading_order, plain

sys.path.append(str(Path(__file__).parents[2] / "benchmarks"))

import scans

SOMEWHERE = Box(0.1, 0.1, 0.5, 0.2)


def days(text):
    return [(f"{found.day:%F}" if found.whole else f"{found.day:%Y-%m}") for found in days_in(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2018年6月20日", ["2018-06-20"]),
        ("2018年06月", ["2018-06"]),
        ("二〇一八年六月二十日", ["2018-06-20"]),
        ("二○一八年十二月三十一日", ["2018-12-31"]),
        ("二零一八年十月十日", ["2018-10-10"]),
        ("二O一八年六月二十一日", ["2018-06-21"]),
        ("二一九年七月一日", ["2019-07-01"]),  # the eye dropped the 〇
        ("二一〇年七月一日", ["2010-07-01"]),
        ("二五年七月一日", ["2005-07-01"]),
        ("二〇五年七月", ["2005-07"]),
        ("二〇一年七月一日", []),  # 2001 or 2010: nothing is said
        ("2024年6月23", ["2024-06-23"]),  # a seal lies over the 日
        ("2024年6月23人到岗", ["2024-06"]),
        ("2024年6月2", ["2024-06"]),  # and perhaps over the 3 before it
        ("二〇二四年六月二十", ["2024-06"]),
        ("〇二四年七月十一日", ["2024-07-11"]),  # it dropped the 二 before it
        ("二一年七月一日", []),
        ("一九九八年七月一日生，于二〇一六年九月至二〇二〇年六月", ["1998-07-01", "2016-09", "2020-06"]),
        ("2018-06-20 2018/7 2018.07.01", ["2018-06-20", "2018-07", "2018-07-01"]),
        ("2018年13月1日", []),
        ("2018年2月30日", []),
        ("证书编号：102891201805001234", []),
        ("十年九月", []),
    ],
)
def test_days_are_read_as_papers_write_them(text, expected):
    assert days(text) == expected


def test_every_day_of_forty_years_is_read_back():
    for year in range(1985, 2025):
        for month, day in ((1, 1), (2, 28), (6, 20), (10, 10), (11, 11), (12, 31)):
            on = date(year, month, day)
            assert days(scans.chinese_day(on)) == [f"{on:%F}"]
            assert days(f"{year}年{month}月{day}日") == [f"{on:%F}"]


def test_plain_text_is_one_way_of_writing():
    assert plain("阿依古丽 • 买买提（女）Ａ１") == "阿依古丽·买买提(女)A1"
    assert plain("阿依古丽・买买提") == plain("阿依古丽‧买买提") == plain("阿依古丽·买买提")
    assert plain("𬱖㛃䶮") == "𬱖㛃䶮"


def field(name, value, sure=True):
    return Field(name, value, Spot(1, SOMEWHERE, sure))


@pytest.mark.parametrize(
    ("read", "typed", "answer"),
    [
        (field("full_name", "王晓燕"), "王晓燕", "agree"),
        (field("full_name", "阿依古丽•买买提"), "阿依古丽·买买提", "agree"),
        (field("full_name", "王晓艳"), "王晓燕", "differ"),
        (field("full_name", "王晓艳", sure=False), "王晓燕", "unread"),
        (field("full_name", "王晓龚"), "王晓䶮", "unread"),
        (field("full_name", "王晓"), "王晓䶮", "unread"),
        (field("graduated_on", "2018-06-20"), "2018-06-20", "agree"),
        (field("graduated_on", "2018-06"), "2018-06-20", "agree"),
        (field("graduated_on", "2018-06-21"), "2018-06-20", "differ"),
        (field("graduated_on", "2018-07", sure=False), "2018-06-20", "unread"),
        (field("enrolled_on", "2014-09-01"), "2014-09", "agree"),
        (field("school", "江苏大学"), "江苏大学", "agree"),
        (field("school", "江苏大学"), "江苏大学京江学院", "unread"),
        (field("school", "江苏大学"), "南京大学", "differ"),
        (field("major", "机械工程"), "机械工程专业", "agree"),
        (field("schooling_number", "102891201805001234"), "1028 9120 1805 0012 34", "agree"),
        (field("schooling_number", "102891201805001235"), "102891201805001234", "differ"),
        (field("employer_name", "润江精密（镇江）有限公司"), "润江精密(镇江)有限公司", "agree"),
        (None, "王晓燕", "unread"),
        (field("full_name", "王晓燕"), "", "unread"),
    ],
)
def test_comparison_says_differ_only_when_sure(read, typed, answer):
    assert compare(read, typed) == answer


def line(text, left=0.1, top=0.1, sure=None):
    box = Box(left, top, round(min(1.0, left + 0.02 * len(text)), 4), round(top + 0.02, 4))
    return Line(text, sure or "9" * len(text), box, box)


def page(*lines, **more):
    return Page(1, "ocr", lines, **more)


def test_pages_are_kept_and_read_back():
    kept = (page(line("姓名"), turn=3, seal="maybe", seal_box=SOMEWHERE), Page(2, "none"))
    assert load(dump(kept)) == kept


@pytest.mark.parametrize(
    "change",
    [
        {"source": "magic"},
        {"seal": "perhaps"},
        {"lines": [["ab", "9", [0, 0, 1, 1], [0, 0, 1, 1]]]},
        {"lines": [["ab", "9x", [0, 0, 1, 1], [0, 0, 1, 1]]]},
        {"lines": [["ab", "99", [0, 0, 1], [0, 0, 1, 1]]]},
        {"lines": [["ab", "99", ["a", 0, 1, 1], [0, 0, 1, 1]]]},
        {"number": "one"},
        {"seal_box": [1, 2]},
    ],
)
def test_answer_of_another_shape_is_refused(change):
    values = json.loads(dump((page(line("姓名")),)))[0]
    assert page_of(values) == page(line("姓名"))
    with pytest.raises((TypeError, ValueError)):
        page_of(values | change)


def test_boxes_stay_on_the_page():
    assert box_of([1.4, -3, 0.2, 0.5]) == Box(0.2, 0.0, 1.0, 0.5)


@pytest.mark.parametrize(
    ("turn", "expected"),
    [
        (0, Box(0.5, 0.2, 0.9, 0.3)),
        (2, Box(0.1, 0.2, 0.5, 0.3)),
        (1, Box(0.1, 0.25, 0.9, 0.3)),
        (3, Box(0.1, 0.2, 0.9, 0.25)),
    ],
)
def test_part_of_a_line_follows_the_way_it_runs(turn, expected):
    whole = Line("甲乙丙丁", "9999", Box(0.1, 0.2, 0.9, 0.3), SOMEWHERE)
    part = part_of(whole, 2, 4, turn)
    assert [round(v, 6) for v in (part.left, part.top, part.right, part.bottom)] == [
        expected.left, expected.top, expected.right, expected.bottom,
    ]  # fmt: skip


def test_reading_order_is_by_rows():
    lines = [line("丁", 0.5, 0.31), line("乙", 0.5, 0.102), line("甲", 0.1, 0.1), line("丙", 0.1, 0.3)]
    assert "".join(each.text for each in in_reading_order(lines)) == "甲乙丙丁"


def test_page_without_lines_is_nothing():
    (read,) = understand([Page(1, "ocr")])
    assert (read.kind, read.fields) == ("", {})


def test_line_of_blanks_is_no_line():
    lines = [line("姓名", 0.1), line("  ", 0.2), line("王晓燕", 0.3)]
    (read,) = understand([page(line("教育部学历证书电子注册备案表", 0.1, 0.05), *lines)])
    assert read.fields["full_name"].value == "王晓燕"


def test_doubt_about_one_character_is_the_fields_doubt():
    text = PageText(page(line("学生王晓䶮", sure="99997")))
    assert (text.spot(0, 3).sure, text.spot(2, 5).sure) == (True, False)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("普通高等学校毕业证书", "diploma"),
        ("学士学位证书", "degree"),
        ("教育部学历证书电子注册备案表", "schooling_report"),
        ("教育部学位证书电子注册备案表学位名称", "degree_report"),
        ("兹证明王某系我单位职工，同意其申报", "endorsement"),
        ("证明：本人已婚", ""),
        ("工作总结", ""),
        ("", ""),
    ],
)
def test_kind_of_a_page(text, kind):
    assert kind_of(text) == kind


def as_text(value):
    return value.isoformat() if isinstance(value, date) else str(value)


def test_text_layer_gives_every_field(fonts, tmp_path):
    """Seventy papers as PDFs with a text layer: rare characters and dots of names included, no eye is asked."""
    path = tmp_path / "paper.pdf"
    for paper, _dice in scans.papers(70, 5, fonts):
        path.write_bytes(paper.pdf)
        (read,) = understand(read_paper(path))
        found = {name: field.value for name, field in read.fields.items() if name in paper.truth}
        expected = {name: as_text(value) for name, value in paper.truth.items()}
        # A diploma in sentences names the month in which somebody came.
        expected |= {name: expected[name][:7] for name in found if len(found[name]) == 7}
        assert (read.kind, found) == (paper.kind, expected)
        assert {compare(read.fields[name], value) for name, value in expected.items()} == {"agree"}


def test_text_layer_knows_where_things_stand(fonts, tmp_path):
    paper, _dice = scans.paper(0, 7, fonts, ("schooling_report",))
    path = tmp_path / "paper.pdf"
    path.write_bytes(paper.pdf)
    (page,) = read_paper(path)
    assert (page.source, page.seal) == ("text", "")
    (read,) = understand([page])
    name, school = read.fields["full_name"].spot.box, read.fields["school"].spot.box
    assert 0.2 < name.left < name.right < 0.5
    assert 0.1 < name.top < name.bottom < school.top < 0.4
    assert school.left > 0.55


def test_value_on_the_labels_own_line_comes_before_a_nearer_one_of_the_next():
    """Rows of a scan a hair's breadth apart: of two values in one column, the one that begins further left is not taken."""
    rows = (
        ("教育部学历证书电子注册备案表", 0.26, 0.74, 0.095),
        ("性别", 0.58, 0.637, 0.194), ("女", 0.645, 0.69, 0.197),
        ("入学日期", 0.543, 0.635, 0.227), ("2011年09月01日", 0.651, 0.824, 0.228),
        ("专业", 0.196, 0.252, 0.312), ("食品质量与安全", 0.2652, 0.409, 0.312),
        ("学历类别", 0.158, 0.248, 0.344), ("普通高等教育", 0.265, 0.391, 0.342),
    )  # fmt: skip
    boxes = [Box(left, middle - 0.0145, right, middle + 0.0145) for _, left, right, middle in rows]
    lines = tuple(Line(row[0], "9" * len(row[0]), box, box) for row, box in zip(rows, boxes, strict=True))
    (read,) = understand([Page(1, "ocr", lines)])
    found = {name: read.fields[name].value for name in ("major", "enrolled_on")}
    assert found == {"major": "食品质量与安全", "enrolled_on": "2011-09-01"}


def test_file_that_does_not_open_is_said_so(tmp_path):
    path = tmp_path / "broken.pdf"
    path.write_bytes(b"%PDF-1.7 nothing %%EOF")
    with pytest.raises(ReadingError) as caught:
        read_paper(path)
    assert caught.value.kind == "refused"
