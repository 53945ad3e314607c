"""The text layer of a PDF as lines with places; runs only inside the sandbox's child."""

from __future__ import annotations

import ctypes
from typing import TYPE_CHECKING, Any

import pypdfium2
import pypdfium2.raw

from chuding.paper.reading.lines import MOST_CHARACTERS, MOST_LINES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_MOST_CHARACTERS_A_PAGE = 20_000
_UNITS = 10_000
_IMAGE_OBJECT = 3  # FPDF_PAGEOBJ_IMAGE of fpdf_edit.h
_UNSEEN = (3, 7)
# Two characters farther apart than so many of their heights belong to two cells of a table.
_CELL_GAP = 1.3

# pypdfium2 makes its bindings when it is loaded: no type checker sees them.
_PDFIUM: Any = pypdfium2.raw

_Glyph = tuple[str, float, float, float, float]


def text(data: bytes, arguments: Mapping[str, Any]) -> tuple[Any, Sequence[bytes]]:
    """The sandbox's task: for each page `[lines, share]`, the share of the page that pictures cover.

    A line is `[text, [left, top, right, bottom]]`. What is written in invisible ink, as programs of scanners write it
    over the picture of a page, is left out: nobody sees it, so nobody has checked it.
    """
    document = pypdfium2.PdfDocument(data)  # type: ignore[no-untyped-call]
    pages = []
    for number in range(min(len(document), int(arguments["pages"]))):
        page = document[number]
        pages.append([_lines(list(_glyphs(page)))[:MOST_LINES], round(_covered(page), 4)])
        page.close()
    return pages, ()


def _covered(page: pypdfium2.PdfPage) -> float:
    """How much of the page lies under pictures, 0 to 1; strips into which a scanner cuts a page are added up."""
    share = 0.0
    for picture in page.get_objects(filter=[_IMAGE_OBJECT], max_depth=3):  # type: ignore[no-untyped-call]
        left, bottom, right, top = picture.get_bounds()
        corners = [(left, bottom), (right, bottom), (right, top), (left, top)]
        form = picture.container
        while form is not None:  # a picture inside a form stands in the form's own space
            matrix = form.get_matrix()
            corners = [matrix.on_point(x, y) for x, y in corners]
            form = form.container
        drawn = [_drawn(page, x, y) for x, y in corners]
        across, down = ([min(max(point[axis], 0.0), 1.0) for point in drawn] for axis in (0, 1))
        # Even a picture of no size is one: the page is not blank.
        share += max((max(across) - min(across)) * (max(down) - min(down)), 1 / _UNITS)
    return min(share, 1.0)


def _glyphs(page: pypdfium2.PdfPage) -> Iterator[_Glyph]:
    """Characters in the order of the content, each with its box on the page as it is drawn."""
    layer = page.get_textpage()  # type: ignore[no-untyped-call]
    high = 0
    for index in range(min(layer.count_chars(), _MOST_CHARACTERS_A_PAGE)):
        point = _PDFIUM.FPDFText_GetUnicode(layer.raw, index)
        if 0xD800 <= point < 0xDC00:
            high = point
            continue
        if 0xDC00 <= point < 0xE000:
            point = 0x10000 + ((high - 0xD800) << 10) + (point - 0xDC00) if high else 0xFFFD
        high = 0
        character = chr(point)
        if character.isspace() or not character.isprintable() or _is_unseen(layer, index):
            continue
        left, bottom, right, top = layer.get_charbox(index, loose=True)
        one, two = _drawn(page, left, top), _drawn(page, right, bottom)
        yield (character, min(one[0], two[0]), min(one[1], two[1]), max(one[0], two[0]), max(one[1], two[1]))


def _is_unseen(layer: pypdfium2.PdfTextPage, index: int) -> bool:
    """Whether a character is neither filled nor stroked (ISO 32000-1, 9.3.6, modes 3 and 7)."""
    written = _PDFIUM.FPDFText_GetTextObject(layer.raw, index)
    return bool(written) and _PDFIUM.FPDFTextObj_GetTextRenderMode(written) in _UNSEEN


def _drawn(page: pypdfium2.PdfPage, x: float, y: float) -> tuple[float, float]:
    """A point of the page's own space as shares of the drawn page: crop box and rotation are pdfium's to know."""
    across, down = ctypes.c_int(), ctypes.c_int()
    _PDFIUM.FPDF_PageToDevice(page.raw, 0, 0, _UNITS, _UNITS, 0, x, y, ctypes.byref(across), ctypes.byref(down))
    return across.value / _UNITS, down.value / _UNITS


def _lines(glyphs: list[_Glyph]) -> list[list[Any]]:
    lines: list[list[_Glyph]] = []
    for glyph in glyphs:
        if lines and len(lines[-1]) < MOST_CHARACTERS and _goes_on(lines[-1][-1], glyph):
            lines[-1].append(glyph)
        else:
            lines.append([glyph])
    return [
        [
            "".join(glyph[0] for glyph in line),
            [min(g[1] for g in line), min(g[2] for g in line), max(g[3] for g in line), max(g[4] for g in line)],
        ]
        for line in lines
    ]


def _goes_on(last: _Glyph, glyph: _Glyph) -> bool:
    """Whether a character stands beside the last one: same height on the page, and no gap of a table's cell."""
    tall = max(last[4] - last[2], glyph[4] - glyph[2], 1e-6)
    if abs((last[2] + last[4]) - (glyph[2] + glyph[4])) / 2 > tall * 0.5:
        return False
    # Shares of width and height differ by the page's shape, about 1.4 for A4: good enough for a gap.
    return -0.5 * tall < glyph[1] - last[3] < _CELL_GAP * tall
