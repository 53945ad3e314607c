"""What the tests of the roster share: people of a sheet, and the sheet itself as an employer would save it."""

from __future__ import annotations

import io
from datetime import date

import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile

from chuding.applications.roster.columns import COLUMNS, SHEET
from chuding.demonstration.cast import resident_number

GOOD = {
    "full_name": "何立秋",
    "identity_type": "居民身份证",
    "identity_number": resident_number(date(2000, 5, 12), 125),
    "phone": "13900001111",
    "post": "工艺员",
    "schooling": "本科",
    "graduated_on": "2022-06-20",
    "degree": "学士",
    "degree_on": "",
    "school": "京江理工学院",
    "major": "机械设计制造及其自动化",
    "study_mode": "全日制",
    "field_matches": "是",
    "started_on": "2022-07-11",
    "assessed_fit": "是",
    "level": "助理级",
    "specialty": "机械工程/机械制造/智能制造",
}


def somebody(n, **changes):
    """A person of their own, all right unless changed."""
    own = {
        "full_name": "众" + "甲乙丙丁戊己庚辛壬癸"[n % 10] + "子丑寅卯辰巳午未申酉"[n // 10 % 10],
        "identity_number": resident_number(date(1990 + n % 10, 1 + n % 12, 1 + n % 28), 101 + n),
        "phone": f"1380000{n:04d}",
    }
    return GOOD | own | changes


def sheet(people, *, first=4, write=None, heads=None) -> bytes:
    """A filled template; `write` puts a cell by hand: {(line, key): callable(sheet, y, x)}."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        page = book.add_worksheet(SHEET)
        page.write_string(0, 0, "单位人员名单")
        for x, column in enumerate(COLUMNS):
            page.write_string(1, x, (heads or {}).get(column.key, column.head))
            page.write_string(2, x, column.example)
        for y, person in enumerate(people, start=first - 1):
            for x, column in enumerate(COLUMNS):
                put = (write or {}).get((y + 1, column.key))
                if put:
                    put(page, y, x)
                else:
                    page.write_string(y, x, person[column.key])
    return out.getvalue()


def uploaded(people, **options):
    return SimpleUploadedFile("名单.xlsx", sheet(people, **options))
