"""A read page: lines of text with their place, and how sure each character is."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

MOST_LINES = 400
MOST_CHARACTERS = 400
# From this digit on a character counts as read: 9 is a confidence of 0.9 and more.
SURE = 9


@dataclass(frozen=True)
class Box:
    """A rectangle in shares of a page's width and height, from its top left corner."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def height(self) -> float:
        """Share of the page's height."""
        return self.bottom - self.top

    @property
    def middle(self) -> float:
        """Where its horizontal middle line lies."""
        return (self.top + self.bottom) / 2


@dataclass(frozen=True)
class Line:
    """One line, or one cell of a table.

    `box` is where it stands on the page as it is drawn; `place` is where it stands once the sheet is cut out, turned upright
    and straightened: reading order goes by `place`, marks on the page image by `box`. `sure` has a digit for each character.
    """

    text: str
    sure: str
    box: Box
    place: Box


@dataclass(frozen=True)
class Page:
    """What was read on one page.

    `source` is "text" (the PDF's own text layer), "ocr", or "none" where nothing was read. `turn` counts the quarter turns
    counter-clockwise that bring the page upright. `seal` is "found", "maybe", "none" or "" where nobody looked.
    """

    number: int
    source: str
    lines: tuple[Line, ...] = ()
    turn: int = 0
    seal: str = ""
    seal_box: Box | None = None


def part_of(line: Line, start: int, end: int, turn: int) -> Box:
    """Where the characters from `start` to `end` stand on the page as drawn; narrow characters count half."""
    widths = [1.0 if ord(character) > 0x2E7F else 0.55 for character in line.text]
    whole = sum(widths) or 1.0
    first, last = sum(widths[:start]) / whole, sum(widths[:end]) / whole
    box = line.box
    wide, tall = box.right - box.left, box.bottom - box.top
    if turn == 0:
        return Box(box.left + wide * first, box.top, box.left + wide * last, box.bottom)
    if turn == 2:
        return Box(box.right - wide * last, box.top, box.right - wide * first, box.bottom)
    if turn == 1:  # the page lies on its right side: lines run downwards
        return Box(box.left, box.top + tall * first, box.right, box.top + tall * last)
    return Box(box.left, box.bottom - tall * last, box.right, box.bottom - tall * first)


def dump(pages: tuple[Page, ...]) -> str:
    """The pages as JSON, to be kept encrypted."""
    return json.dumps([_page_values(page) for page in pages], ensure_ascii=False, separators=(",", ":"))


def load(text: str) -> tuple[Page, ...]:
    """The pages again. Raises ValueError for anything that `dump` does not write."""
    try:
        return tuple(page_of(values) for values in json.loads(text))
    except (TypeError, KeyError) as error:
        raise ValueError("these are no read pages") from error


def _page_values(page: Page) -> dict[str, Any]:
    return {
        "number": page.number,
        "source": page.source,
        "turn": page.turn,
        "seal": page.seal,
        "seal_box": _box_values(page.seal_box) if page.seal_box else None,
        "lines": [[line.text, line.sure, _box_values(line.box), _box_values(line.place)] for line in page.lines],
    }


def page_of(values: Any) -> Page:
    """One page from JSON values, which may come from a child that was taken over: shapes and ranges are checked."""
    source, seal = str(values["source"]), str(values["seal"])
    if source not in {"text", "ocr", "none"} or seal not in {"found", "maybe", "none", ""}:
        raise ValueError("unknown word in a read page")
    return Page(
        number=int(values["number"]),
        source=source,
        lines=tuple(line_of(each) for each in values["lines"][:MOST_LINES]),
        turn=int(values["turn"]) % 4,
        seal=seal,
        seal_box=box_of(values["seal_box"]) if values["seal_box"] else None,
    )


def line_of(values: Any) -> Line:
    """One line from JSON values."""
    text, sure, box, place = values
    text, sure = str(text)[:MOST_CHARACTERS], str(sure)[:MOST_CHARACTERS]
    if len(text) != len(sure) or (sure and not (sure.isascii() and sure.isdigit())):
        raise ValueError("a line has one digit for each character")
    return Line(text, sure, box_of(box), box_of(place))


def _box_values(box: Box) -> list[float]:
    return [round(side, 4) for side in (box.left, box.top, box.right, box.bottom)]


def box_of(values: Any) -> Box:
    """A rectangle from four JSON numbers, kept within the page."""
    left, top, right, bottom = (min(max(float(value), 0.0), 1.0) for value in values)
    return Box(min(left, right), min(top, bottom), max(left, right), max(top, bottom))
