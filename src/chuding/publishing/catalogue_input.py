"""The catalogue of specialties as people have it: a pasted table or the first sheets of an XLSX, and what would change. Pure.

A table copied from the notice leaves a cell empty where it is the same as above; that is filled in here.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chuding.policy.catalogue import COLUMNS, read_catalogue
from chuding.policy.reader_words import csv_words
from chuding.policy.source import NoticeError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from chuding.paper.sheets import Cell
    from chuding.policy.catalogue import Catalogue

LIMIT_ROWS = 3_000
LIMIT_TEXT = 300_000
LIMIT_BYTES = 2 * 1024 * 1024


class CatalogueRefused(ValueError):  # noqa: N818 - an answer to a person
    """The table cannot be read; the words say where and what to do."""


@dataclass(frozen=True, slots=True)
class CatalogueDiff:
    """What a new catalogue has more, and less, than the one before; `text` is the new catalogue.csv."""

    text: str
    count: int
    added: tuple[str, ...]
    removed: tuple[str, ...]


def read_pasted(text: str) -> list[list[str]]:
    """Rows of a pasted table: cells parted by tabs, or by commas where there is no tab. Raises CatalogueRefused."""
    if len(text) > LIMIT_TEXT:
        raise CatalogueRefused(f"粘贴的内容超过 {LIMIT_TEXT // 10_000} 万字。请只粘贴专业目录。")
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")  # empty ones too: an error counts them
    if any("\t" in line for line in lines):
        rows = [line.split("\t") for line in lines]
    else:
        try:
            rows = list(csv.reader(io.StringIO("\n".join(lines)), strict=True))
        except csv.Error as error:
            raise CatalogueRefused(f"读不懂粘贴的表格：{csv_words(error)}。请从表格里整块复制三列再粘贴。") from None
    return rows


def read_cells(rows: Sequence[Sequence[Cell]]) -> list[list[str]]:
    """Rows of an XLSX sheet. Raises CatalogueRefused where a cell is a formula."""
    for number, row in enumerate(rows, start=1):
        if any(cell.kind == "formula" for cell in row):
            raise CatalogueRefused(f"第 {number} 行有公式。请把公式换成文字（选择性粘贴为数值）再上传。")
    return [[cell.text for cell in row] for row in rows]


def catalogue_text(rows: Iterable[Sequence[str]], series_title: str) -> str:
    """catalogue.csv out of rows of 系列名称, 大专业, 小专业. Raises CatalogueRefused with the row that is wrong."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    above = ["", ""]
    lines: list[int] = []  # of each specialty that was taken
    begun = False
    for number, row in enumerate(rows, start=1):
        cells = [" ".join(cell.split()) for cell in row][:3]
        cells += [""] * (3 - len(cells))
        if not any(cells):
            continue
        heading, begun = not begun and _is_heading(cells), True
        if heading:
            continue
        if any(cell.strip() for cell in row[3:]):
            raise CatalogueRefused(f"第 {number} 行多于三列。专业目录是三列：{'、'.join(COLUMNS)}。")
        if cells[0] and cells[0] != above[0]:
            above = [cells[0], cells[1]]
        elif cells[1]:
            above = [above[0], cells[1]]
        if not all(above):
            raise CatalogueRefused(f"第 {number} 行缺少系列名称或者大专业。每一行至少要写到大专业。")
        writer.writerow([*above, cells[2]])
        lines.append(number)
        if len(lines) > LIMIT_ROWS:
            raise CatalogueRefused(f"专业目录超过 {LIMIT_ROWS:,} 行。请检查是不是粘贴了别的表格。")
    text = out.getvalue()
    try:
        read_catalogue(text, series_title)
    except NoticeError as error:
        first = error.problems[0]
        line = lines[first.line - 2] if 2 <= first.line < len(lines) + 2 else 1
        raise CatalogueRefused(f"第 {line} 行：{first.message}。") from None
    return text


def _is_heading(cells: Sequence[str]) -> bool:
    """The first row names its columns, in the notice's words or nearly so: 系列, 大专业, 小专业."""
    return cells[0] == COLUMNS[0] or COLUMNS[1] in cells


def compare(text: str, before: Catalogue | None, series_title: str) -> CatalogueDiff:
    """What would change."""
    after = [choice.path for choice in read_catalogue(text, series_title).choices()]
    old = [] if before is None else [choice.path for choice in before.choices()]
    return CatalogueDiff(
        text=text,
        count=len(after),
        added=tuple(path for path in after if path not in set(old)),
        removed=tuple(path for path in old if path not in set(after)),
    )
