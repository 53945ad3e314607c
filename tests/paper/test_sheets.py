from __future__ import annotations

import datetime as dt
import io
import zipfile

import pytest
import xlsxwriter

from chuding.paper.sheets import LIMIT_BYTES, Cell, SheetRefused, read_sheet


def workbook(fill, name="名单", **options) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, **options}) as book:
        fill(book, book.add_worksheet(name))
    return out.getvalue()


def refusal(tmp_path, data, sheet="名单") -> str:
    file = tmp_path / "file.xlsx"
    file.write_bytes(data)
    with pytest.raises(SheetRefused) as refused:
        read_sheet(file, sheet)
    return refused.value.code


def repacked(data, *, add=None) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, old.read(name))
        for name, content in (add or {}).items():
            new.writestr(name, content)
    return out.getvalue()


def simple(book, sheet):
    sheet.write_string(0, 0, "甲")


def test_read_sheet_tells_kinds_apart(tmp_path):
    def fill(book, sheet):
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        sheet.write_string(0, 0, "文字")
        sheet.write_number(0, 1, 12.5)
        sheet.write_number(0, 2, 2023)
        sheet.write_boolean(0, 3, True)
        sheet.write_datetime(0, 4, dt.datetime(2023, 7, 1), day)
        sheet.write_formula(0, 5, "=1+1", None, 2)
        sheet.write_string(2, 0, "=1+1")

    file = tmp_path / "file.xlsx"
    file.write_bytes(workbook(fill))
    rows = read_sheet(file, "名单")
    assert rows[0] == [
        Cell("text", "文字"),
        Cell("number", "12.5"),
        Cell("number", "2023"),
        Cell("bool", "是"),
        Cell("date", "2023-07-01"),
        Cell("formula", "2"),
    ]
    assert (len(rows), rows[2][0]) == (3, Cell("text", "=1+1"))


@pytest.mark.parametrize(
    ("code", "data"),
    [
        ("empty", b""),
        ("not_xlsx", "姓名,手机".encode()),
        ("damaged", b"PK\x03\x04 and then nothing"),
        ("old", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000)),
        ("password", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le")),
        ("too_large", bytes(LIMIT_BYTES + 1)),
        ("no_sheet", workbook(simple, "别的")),
        ("macros", repacked(workbook(simple), add={"xl/vbaProject.bin": b"x"})),
        ("links", repacked(workbook(simple), add={"xl/externalLinks/externalLink1.xml": b"<a/>"})),
        ("packed", repacked(workbook(simple), add={"xl/media/a.bin": bytes(41 * 1024 * 1024)})),
        ("packed", repacked(workbook(simple), add={f"xl/a{n}": b"" for n in range(300)})),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_read_sheet_refuses_with_a_reason(tmp_path, code, data):
    assert refusal(tmp_path, data) == code


def test_a_sheet_of_a_million_rows_is_refused_and_costs_little(tmp_path):
    def fill(book, sheet):
        sheet.write_string(0, 0, "甲")
        sheet.write_string(1_048_575, 16_383, "角")

    assert refusal(tmp_path, workbook(fill)) in {"too_many_rows", "damaged"}


def test_a_zip_that_lies_about_its_sizes_is_cut_off(tmp_path):
    data = bytearray(repacked(workbook(simple), add={"xl/media/a.bin": bytes(30 * 1024 * 1024)}))
    assert refusal(tmp_path, bytes(data)) == "packed"
