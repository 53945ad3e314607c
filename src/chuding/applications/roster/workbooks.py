"""The roster's workbooks: the template that an employer fills in, and the same sheet handed back with its problems."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import xlsxwriter

from chuding.applications.roster.columns import (
    COLUMNS,
    EXAMPLE_LINE,
    FIRST_LINE,
    HEAD_LINE,
    PLACE,
    SHEET,
    TEMPLATE_VERSION,
    VERSION_LINE,
)
from chuding.paper.sheets import LIMIT_ROWS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chuding.applications.roster.checking import Row
    from chuding.policy.notice import Notice

_LISTS = "选项"
_GUIDE = (
    "从第4行起，一人一行；第3行是示例，可以保留，也可以删去。",
    "证件号码、手机号和日期都是“文本”格式；日期写成 2023-07-01 的样子。",
    "表头带“（选填）”的列可以空着，其余都要填写。拿不准的选“不清楚”，由本人或审核人员确认。",
    "一次最多1,000人，文件不超过2 MB。不要改表头和工作表的名字，不要放公式、宏和图片。",
    "名单只用来提醒和邀请。申报由本人核对、补充并同意后提交，单位不能代为提交。",
)


def template(notice: Notice) -> bytes:
    """The empty template, with the schoolings and the specialties of the notice to choose from."""
    return _book(notice, [])


def marked(notice: Notice, rows: Sequence[Row]) -> bytes:
    """The rows as they were given, every problem coloured and written as a comment on its cell; it can be uploaded again."""
    return _book(notice, rows)


def _book(notice: Notice, rows: Sequence[Row]) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet, guide, lists = book.add_worksheet(SHEET), book.add_worksheet("填写说明"), book.add_worksheet(_LISTS)
        _write_heads(book, sheet, notice)
        _write_lists(book, sheet, lists, notice)
        _write_rows(book, sheet, rows)
        for y, line in enumerate(_GUIDE):
            guide.write_string(y, 0, f"{y + 1}. {line}")
        guide.set_column(0, 0, 90)
        lists.hide()
    return out.getvalue()


def _write_heads(book: Any, sheet: Any, notice: Notice) -> None:
    head = book.add_format({"bold": True, "bg_color": "#E8EEF7", "bottom": 1, "text_wrap": True, "valign": "top"})
    small = book.add_format({"font_color": "#555555", "italic": True, "num_format": "@"})
    text = book.add_format({"num_format": "@", "locked": False})
    words = f"单位人员名单 模板{TEMPLATE_VERSION}（{notice.number}）。填写方法见“填写说明”。"
    sheet.write_string(VERSION_LINE - 1, 0, words, small)
    for x, column in enumerate(COLUMNS):
        sheet.set_column(x, x, column.width, text)
        sheet.write_string(HEAD_LINE - 1, x, column.head + ("" if column.required else "（选填）"), head)
        sheet.write_comment(HEAD_LINE - 1, x, column.hint)
        sheet.write_string(EXAMPLE_LINE - 1, x, column.example, small)
    specialty = next(iter(notice.catalogue.choices())).path
    sheet.write_string(EXAMPLE_LINE - 1, PLACE["specialty"], specialty, small)
    sheet.freeze_panes(HEAD_LINE, 1)
    # Without a password: a protected head is a reminder, not a lock.
    options = {"format_columns": True, "format_rows": True, "insert_rows": True, "delete_rows": True, "sort": True}
    sheet.protect("", options | {"autofilter": True, "format_cells": True})


def _write_lists(book: Any, sheet: Any, lists: Any, notice: Notice) -> None:
    """Drop-downs from a hidden sheet: a list inside a cell's rule may have 255 characters only."""
    choices = {column.key: list(column.choices(notice)) for column in COLUMNS if column.values}
    choices["specialty"] = [choice.path for choice in notice.catalogue.choices()]
    for x, (key, values) in enumerate(choices.items()):
        for y, value in enumerate(values):
            lists.write_string(y, x, value)
        book.define_name(f"list_{key}", f"={_LISTS}!${_letter(x)}$1:${_letter(x)}${len(values)}")
        place = PLACE[key]
        rule = {
            "validate": "list",
            "source": f"=list_{key}",
            "error_title": "请从列表里选",
            "error_message": "这一列只能填下拉列表里的内容。",
        }
        sheet.data_validation(FIRST_LINE - 1, place, FIRST_LINE + LIMIT_ROWS - 2, place, rule)


def _letter(place: int) -> str:
    return chr(65 + place)


def _write_rows(book: Any, sheet: Any, rows: Sequence[Row]) -> None:
    # quote_prefix keeps what looks like a formula a text, also after it was edited.
    plain = {"num_format": "@", "locked": False, "quote_prefix": True}
    text = book.add_format(plain)
    bad = book.add_format(plain | {"bg_color": "#F9D5D5", "border": 1, "border_color": "#B10E1E"})
    note = book.add_format(plain | {"bg_color": "#FFF2CC"})
    for row in rows:
        said: dict[int, list[str]] = {}
        blocking = set()
        for finding in row.findings:
            place = PLACE[finding.column.key]
            said.setdefault(place, []).append(finding.text)
            blocking |= {place} if finding.blocks else set()
        for x, cell in enumerate(row.cells):
            form = bad if x in blocking else note if x in said else text
            if cell.text:
                sheet.write_string(row.line - 1, x, cell.text, form)
            else:
                sheet.write_blank(row.line - 1, x, None, form)
            if x in said:
                sheet.write_comment(row.line - 1, x, "\n".join(said[x]), {"x_scale": 2})
