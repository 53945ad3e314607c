from __future__ import annotations

import csv
import io
import re
import zipfile

from hypothesis import example, given, settings
from hypothesis import strategies as st

from chuding.paper.sheets import extract
from chuding.paper.tables import FORMULA_STARTS, csv_of, safe_cell, xlsx_of

HOSTILE = (
    "=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "\0=1", "＝1", "＋1", "－1", "＠A", "=cmd|' /C calc'!A0",
    " =1", "\u3000=1", "\ufeff=1", "\u00a0@A", '=HYPERLINK("http://a","b")',
)  # fmt: skip
ANY = st.text(st.characters(codec=None, exclude_categories=[]), max_size=60)


def test_every_hostile_beginning_is_put_behind_an_apostrophe():
    assert [text for text in HOSTILE if not safe_cell(text).startswith("'")] == []
    assert [safe_cell(text) for text in ("", "王小满", "2024-09-18", "a=1", "1-2")] == [
        "", "王小满", "2024-09-18", "a=1", "1-2",
    ]  # fmt: skip


@given(ANY)
@settings(max_examples=400)
def test_safe_cell_never_begins_a_formula(text):
    cell = safe_cell(text)
    assert cell.lstrip(" \u00a0\u3000\ufeff")[:1] not in FORMULA_STARTS
    assert cell in {text, f"'{text}"}


@given(st.lists(st.lists(ANY, min_size=2, max_size=2), max_size=4))
@example([["=1+1", '"a",\r\n=2']])
@settings(max_examples=300)
def test_csv_reads_back_as_safe_cells_of_one_table(rows):
    data = csv_of(("甲", "乙"), rows)
    assert data.startswith(b"\xef\xbb\xbf")
    read = list(csv.reader(io.StringIO(data[3:].decode(), newline="")))
    assert [len(row) for row in read] == [2] * (1 + len(rows))
    assert [cell for row in read for cell in row if cell.lstrip(" \u00a0\u3000\ufeff")[:1] in FORMULA_STARTS] == []


@given(st.lists(st.sampled_from(HOSTILE) | ANY, min_size=1, max_size=5))
@settings(max_examples=60)
def test_xlsx_holds_strings_and_nothing_else(cells):
    data = xlsx_of("表", ("头",), [[cell] for cell in cells])
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        sheet = package.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet
    assert "<hyperlink" not in sheet
    assert set(re.findall(r'<c [^>]*?t="(\w+)"', sheet)) == {"s"}
    value, _ = extract(data, {"sheet": "表"})
    assert [row[0][1] for row in value["rows"] if row[0][1].lstrip(" \u00a0\u3000\ufeff")[:1] in FORMULA_STARTS] == []
