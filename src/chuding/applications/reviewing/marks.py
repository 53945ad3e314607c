"""Boxes that a reviewer draws on a page, in thousandths of its width and height: [page, x, y, width, height]. Pure."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

MOST = 12
LEAST_SIDE = 8
# The grid of the form without a mouse: three columns, four rows.
COLUMNS, ROWS = 3, 4


def clean_marks(marks: Iterable[Sequence[object]], pages: int) -> list[list[int]]:
    """The marks that lie on a page of the document, cut to its edges; at most twelve. What is none is left out."""
    found: list[list[int]] = []
    for mark in marks:
        if len(mark) != 5 or not all(isinstance(n, int) and not isinstance(n, bool) for n in mark):
            continue
        page, x, y, width, height = (int(n) for n in mark)  # type: ignore[call-overload]
        left, top = max(0, min(x, 1000)), max(0, min(y, 1000))
        right, bottom = max(0, min(x + width, 1000)), max(0, min(y + height, 1000))
        box = [page, left, top, right - left, bottom - top]
        if 1 <= page <= pages and min(box[3:]) >= LEAST_SIDE and box not in found:
            found.append(box)
    return found[:MOST]


def read_marks(text: str) -> list[list[object]]:
    """Marks as a page's script sends them; anything else reads as none."""
    try:
        held = json.loads(text or "[]")
    except ValueError:
        return []
    return [mark for mark in held if isinstance(mark, list)] if isinstance(held, list) else []


def marks_of_cells(cells: Iterable[str]) -> list[list[int]]:
    """Marks from the ticked fields of the grid, each "page-row-column" from 1: the way without a mouse or a script."""
    found = []
    for cell in cells:
        parts = cell.split("-")
        if len(parts) != 3 or not all(part.isascii() and part.isdigit() and len(part) < 4 for part in parts):
            continue
        page, row, column = map(int, parts)
        if 1 <= row <= ROWS and 1 <= column <= COLUMNS:
            width, height = 1000 // COLUMNS, 1000 // ROWS
            found.append([page, (column - 1) * width, (row - 1) * height, width, height])
    return found
