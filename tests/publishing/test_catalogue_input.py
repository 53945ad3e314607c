"""A pasted or uploaded catalogue becomes catalogue.csv, or one sentence that says which row is wrong."""

from __future__ import annotations

import pytest

from chuding.paper.sheets import Cell
from chuding.policy.catalogue import read_catalogue
from chuding.policy.notice import FOLDER
from chuding.policy.source import read_files
from chuding.publishing.catalogue_input import CatalogueRefused, catalogue_text, compare, read_cells, read_pasted

SHIPPED = read_files(FOLDER / "zhenjiang-2024-1").text("catalogue.csv")


def test_paste_with_empty_cells_takes_them_from_above():
    rows = read_pasted(
        "系列名称\t大专业目录\t小专业目录\n机械工程\t机械设计\t规划\n\t\t产品设计\n\t标准化\t\n电力工程\t动力工程\t动力工程\n"
    )
    assert catalogue_text(rows, "工程").splitlines() == [
        "系列名称,大专业,小专业",
        "机械工程,机械设计,规划",
        "机械工程,机械设计,产品设计",
        "机械工程,标准化,",
        "电力工程,动力工程,动力工程",
    ]


def test_a_heading_in_other_words_is_no_specialty_and_an_error_counts_every_line():
    assert catalogue_text(read_pasted("系列\t大专业\t小专业\n机械工程\t机械设计\t规划"), "工程").splitlines()[1:] == [
        "机械工程,机械设计,规划"
    ]
    with pytest.raises(CatalogueRefused, match=r"第 5 行：.*写了两次"):
        catalogue_text(
            read_pasted("系列\t大专业\t小专业\n机械工程\t机械设计\t规划\n\n\t标准化\t\n机械工程\t机械设计\t规划"),
            "工程",
        )


def test_the_shipped_catalogue_pasted_is_itself():
    assert catalogue_text(read_pasted(SHIPPED), "工程") == SHIPPED.replace("\r\n", "\n")


def test_compare_tells_what_is_more_and_what_is_less():
    before = read_catalogue(SHIPPED, "工程")
    text = catalogue_text(read_pasted(SHIPPED + "电力工程,储能工程,\n"), "工程").replace("机械工程,机械设计,规划\n", "")
    diff = compare(text, before, "工程")
    assert (diff.count, diff.added, diff.removed) == (110, ("电力工程/储能工程",), ("机械工程/机械设计/规划",))


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([["机械工程", "机械设计", "规划"], ["机械工程", "机械设计", "规划"]], "第 2 行：.*写了两次"),
        ([["", "机械设计", ""]], "第 1 行缺少系列名称"),
        ([["机械工程", "", ""]], "第 1 行缺少系列名称或者大专业"),
        ([["机械工程", "机械设计", "规划", "多的"]], "多于三列"),
        ([["机械工程", "机械/设计", ""]], "不能有 /"),
        ([], "目录是空的"),
        ([["系列", "大专业", f"小专业{n}"] for n in range(3002)], "超过 3,000 行"),
    ],
)
def test_catalogue_that_is_wrong_is_refused_with_its_row(rows, words):
    with pytest.raises(CatalogueRefused, match=words):
        catalogue_text(rows, "工程")


def test_paste_without_end_is_refused():
    with pytest.raises(CatalogueRefused, match="30 万字"):
        read_pasted("机械工程\t机械设计\t规划\n" * 40_000)


def test_formula_is_refused_with_its_row():
    with pytest.raises(CatalogueRefused, match="第 2 行有公式"):
        read_cells([[Cell("text", "机械工程")], [Cell("formula", "1")]])
