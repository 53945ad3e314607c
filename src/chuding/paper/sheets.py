"""Read somebody's XLSX as a table of plain values, in the sandbox: nothing in it is run, followed or believed.

Formulas are told apart and never computed; macros, links to other workbooks and oversized packages are refused.
"""

from __future__ import annotations

import io
import os
import re
import zipfile
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, Final

import python_calamine

from chuding.paper import sandbox

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

LIMIT_BYTES: Final = 2 * 1024 * 1024
LIMIT_ROWS: Final = 1_000
_ENTRIES, _UNPACKED, _RATIO, _COLUMNS, _CELL = 200, 40 * 1024 * 1024, 200, 64, 500
_SECONDS = 10
_FORMULA = re.compile(rb'<c\b[^>]*?\br="([A-Z]{1,3}\d{1,7})"[^>]*>\s*<f\b')
_SHEET = re.compile(rb'<sheet\b[^>]*?\bname="([^"]*)"[^>]*?\br:id="([^"]*)"')
_LINK = re.compile(rb"<Relationship\b[^>]*>")

_SENTENCES = {
    "empty": "文件是空的，请重新保存后再上传。",
    "too_large": "文件超过2 MB。请只保留名单，去掉图片和其他工作表，再上传。",
    "old": "这是旧格式的 Excel 文件（.xls）。请在 Excel 或 WPS 里“另存为 .xlsx”再上传。",
    "not_xlsx": "这不是 XLSX 表格。请下载模板，在模板里填写，保存后上传。",
    "packed": "表格解开后太大，不能读取。请把名单复制到新下载的模板里，再上传。",
    "macros": "表格里有宏。请把名单复制到新下载的模板里，另存为 .xlsx 再上传。",
    "links": "表格里有指向其他文件的链接。请把名单复制到新下载的模板里（只粘贴数值），再上传。",
    "password": "表格设了密码。请去掉密码后再上传。",
    "no_sheet": "表格里没有“{sheet}”这张工作表。请下载模板，在模板里填写，不要改工作表的名字。",
    "too_many_rows": "名单超过1,000行。请分成几份，每份不超过1,000人，分别上传。",
    "damaged": "表格打不开。请用 Excel 或 WPS 重新保存一次再上传。",
    "slow": "表格太复杂，没有读完。请把名单复制到新下载的模板里，再上传。",
}


@dataclass(frozen=True)
class Cell:
    """One value: `kind` is text, number, date, bool, formula or empty; `text` is how it reads.

    A number keeps the digits that the spreadsheet kept: an 18-digit identity number stored as one has lost its last.
    """

    kind: str
    text: str


EMPTY = Cell("empty", "")


class SheetRefused(Exception):  # noqa: N818 - an answer to a person, not a fault
    """The workbook is not read; `sentence` says why and what to do, `code` is for programs."""

    def __init__(self, code: str, sheet: str = "") -> None:
        self.code = code
        self.sentence = _SENTENCES[code].format(sheet=sheet)
        super().__init__(self.sentence)


def read_sheet(path: Path, sheet: str) -> list[list[Cell]]:
    """The cells of one sheet, row by row from its first; trailing empty rows are gone. Raises SheetRefused."""
    size = path.stat().st_size
    if size == 0:
        raise SheetRefused("empty")
    if size > LIMIT_BYTES:
        raise SheetRefused("too_large")
    file = os.open(path, os.O_RDONLY)
    try:
        limits = sandbox.Limits(memory=768 * 1024 * 1024, cpu_seconds=_SECONDS, wall_seconds=2 * _SECONDS)
        reply = sandbox.run("sheet", file, {"sheet": sheet}, limits)
    except sandbox.SandboxError as error:
        if error.kind == "unavailable":
            raise
        raise SheetRefused("slow" if error.kind == "timeout" else "damaged") from error
    finally:
        os.close(file)
    return _believed(reply.value, sheet)


def _believed(value: Any, sheet: str) -> list[list[Cell]]:
    """The child's answer, which may lie, in the only shapes that we take."""
    if not isinstance(value, dict):
        raise SheetRefused("damaged")
    if code := value.get("problem"):
        raise SheetRefused(code if code in _SENTENCES else "damaged", sheet)
    kinds = {"text", "number", "date", "bool", "formula", "empty"}
    try:
        rows = [
            [Cell(kind, text[:_CELL]) for kind, text in row[:_COLUMNS] if kind in kinds and isinstance(text, str)]
            for row in value["rows"]
        ]
    except (KeyError, TypeError, ValueError) as error:
        raise SheetRefused("damaged") from error
    if len(rows) > LIMIT_ROWS + 20:
        raise SheetRefused("too_many_rows")
    return rows


# --- in the sandbox's child -------------------------------------------------------------------------------------


def extract(data: bytes, arguments: Mapping[str, Any]) -> tuple[Any, Sequence[bytes]]:
    """The sandbox's task: `{"rows": [[[kind, text], …], …]}`, or `{"problem": code}`."""
    if data[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        # An encrypted XLSX and an old XLS wear the same coat.
        return {"problem": "password" if b"E\0n\0c\0r\0y\0p\0t\0e\0d\0" in data else "old"}, ()
    try:
        problem, formulas = _look_into(data, str(arguments["sheet"]))
        if problem:
            return {"problem": problem}, ()
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
        sheet = book.get_sheet_by_name(str(arguments["sheet"]))
        if sheet.total_height > 20 * LIMIT_ROWS:
            return {"problem": "too_many_rows"}, ()
        rows = sheet.to_python(skip_empty_area=False)
    except (zipfile.BadZipFile, python_calamine.CalamineError, ValueError, KeyError, OSError, EOFError):
        return {"problem": "damaged"}, ()
    cells = [[_told(value) for value in row[:_COLUMNS]] for row in rows]
    _mark_formulas(cells, formulas)
    while cells and all(kind == "empty" for kind, _ in cells[-1]):
        cells.pop()
    if len(cells) > LIMIT_ROWS + 20:
        return {"problem": "too_many_rows"}, ()
    return {"rows": cells}, ()


def _look_into(data: bytes, sheet: str) -> tuple[str, list[str]]:
    """What is wrong with the package, and where on the sheet formulas stand."""
    if data[:2] != b"PK":
        return "not_xlsx", []
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        if problem := _wrong_package(package, len(data)):
            return problem, []
        part = _part_of(package, sheet)
        if part is None:
            return "no_sheet", []
        # The directory's sizes are claims: reading is cut off where they end.
        with package.open(part) as stream:
            xml = stream.read(_UNPACKED + 1)
    return ("packed", []) if len(xml) > _UNPACKED else ("", [found.decode() for found in _FORMULA.findall(xml)])


def _wrong_package(package: zipfile.ZipFile, size: int) -> str:
    entries = package.infolist()
    names = {entry.filename.lower() for entry in entries}
    unpacked = sum(entry.file_size for entry in entries)
    if len(entries) > _ENTRIES or unpacked > _UNPACKED or unpacked > _RATIO * max(size, 4096):
        return "packed"
    if "xl/workbook.xml" not in names:
        return "not_xlsx"
    if any(name.endswith("vbaproject.bin") for name in names):
        return "macros"
    linking = ("xl/externallinks/", "xl/connections", "xl/embeddings/")
    return "links" if any(name.startswith(linking) for name in names) else ""


def _part_of(package: zipfile.ZipFile, sheet: str) -> str | None:
    wanted = next(
        (ref for name, ref in _SHEET.findall(package.read("xl/workbook.xml")) if name.decode("utf-8") == sheet), None
    )
    if wanted is None:
        return None
    for link in _LINK.findall(package.read("xl/_rels/workbook.xml.rels")):
        if b'Id="' + wanted + b'"' in link and (target := re.search(rb'Target="/?(?:xl/)?([^"]+)"', link)):
            return f"xl/{target[1].decode()}"
    return None


def _mark_formulas(cells: list[list[tuple[str, str]]], formulas: list[str]) -> None:
    for place in formulas:
        letters, number = re.fullmatch(r"([A-Z]+)(\d+)", place).groups()  # type: ignore[union-attr]
        column = 0
        for letter in letters:
            column = 26 * column + ord(letter) - 64
        if int(number) <= len(cells) and column <= len(cells[int(number) - 1]):
            cells[int(number) - 1][column - 1] = ("formula", cells[int(number) - 1][column - 1][1])


def _told(value: Any) -> tuple[str, str]:
    match value:
        case bool():
            told = ("bool", "是" if value else "否")
        case str():
            told = ("text", value[:_CELL]) if value.strip() else ("empty", "")
        case int() | float():
            told = ("number", str(int(value)) if float(value).is_integer() else repr(value))
        case datetime():
            told = ("date", value.date().isoformat())
        case date():
            told = ("date", value.isoformat())
        case time() | timedelta():
            told = ("text", str(value))
        case _:
            told = ("empty", "")
    return told
