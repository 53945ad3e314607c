"""Tables that leave the site, as CSV and as XLSX: whatever a cell says, no spreadsheet runs it.

RFC 4180, and the escape of ASVS 1.2.10: a cell that begins as a formula could begin is given an apostrophe in front.
"""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Final

import xlsxwriter

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

#: What Excel, WPS and LibreOffice may read as the beginning of a formula, the full-width forms that some locales fold
#: into it, and the controls that can hide it from a check of the first character.
FORMULA_STARTS: Final = frozenset("=+-@\t\r\n\0＝＋－＠")
_XLSX_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CONTENT_TYPES: Final = {"csv": "text/csv; charset=utf-8", "xlsx": _XLSX_TYPE}
_LONGEST: Final = 32_767  # characters in a cell, by the format
_WIDEST: Final = 48
_FOOTER: Final = 220  # Excel takes 255 characters with its own codes


def safe_cell(text: str) -> str:
    """The text as a cell that no spreadsheet takes for a formula.

    White space before a formula is trimmed by some programs on opening, so it does not hide one from us.
    """
    bare = text.lstrip(" \u00a0\u3000\ufeff")
    return f"'{text}" if bare[:1] in FORMULA_STARTS and bare else text


def _storable(text: str) -> str:
    """XML 1.0 knows no NUL and no other control, nor half a surrogate: such a character becomes a visible stand-in."""
    return "".join(c if c in "\t\n\r" or (c >= " " and c not in "\ufffe\uffff" and not "\ud800" <= c <= "\udfff") else "\ufffd" for c in text)  # fmt: skip


def csv_of(head: Sequence[str], rows: Iterable[Sequence[str]], *, note: str = "") -> bytes:
    """A CSV of UTF-8 with a byte order mark, without which Excel reads Chinese as something else.

    `note` is a line above the head that says whose table this is.
    """
    return b"".join(csv_blocks(head, (rows,), note=note))


def csv_blocks(head: Sequence[str], blocks: Iterable[Iterable[Sequence[str]]], *, note: str = "") -> Iterator[bytes]:
    """The same in pieces, the head and then one for each block, for a table that is too long to be held at once."""
    yield b"\xef\xbb\xbf" + _csv_lines([*([(note,)] if note else []), head])
    for rows in blocks:
        yield _csv_lines(rows)


def _csv_lines(rows: Iterable[Sequence[str]]) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    for row in rows:
        writer.writerow([safe_cell(_storable(cell)) for cell in row])
    return out.getvalue().encode("utf-8")


def xlsx_of(name: str, head: Sequence[str], rows: Sequence[Sequence[str]], *, note: str = "") -> bytes:
    """A workbook of one sheet in which every cell is a string: nothing is a number, a link or a formula.

    `note` says whose table this is: in a line above the head, and at the foot of every printed page.
    """
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet(name[:31])
        top = book.add_format({"bold": True, "bg_color": "#E8EEF7", "bottom": 1})
        text = book.add_format({"num_format": "@"})
        first = 1 if note else 0
        if note:
            sheet.write_string(
                0, 0, safe_cell(_storable(note)), book.add_format({"italic": True, "font_color": "#7A1F1F"})
            )
            sheet.set_footer(f"&L&8{_storable(note).replace('&', '&&')[:_FOOTER]}&R&8&P / &N")
        for y, row in enumerate((head, *rows), first):
            for x, cell in enumerate(row):
                sheet.write_string(y, x, safe_cell(_storable(cell))[:_LONGEST], text if y > first else top)
        for x in range(len(head)):
            widest = max(_width(row[x]) for row in (head, *rows))
            sheet.set_column(x, x, min(_WIDEST, widest + 2))
        sheet.freeze_panes(first + 1, 0)
        sheet.autofilter(first, 0, first + max(1, len(rows)), max(0, len(head) - 1))
    return out.getvalue()


def _width(text: str) -> int:
    """Columns on the screen: a Chinese character takes two."""
    return sum(2 if c > "\u2e80" else 1 for c in text)
