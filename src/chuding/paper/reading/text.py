"""The lines of a page as one text in reading order, in which every character still knows where it stands."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chuding.paper.reading.lines import SURE, Box, Line, Page, part_of

if TYPE_CHECKING:
    import re
    from collections.abc import Iterable

_SAME = str.maketrans(
    {"•": "·", "・": "·", "‧": "·", "∙": "·", "．": "·", "●": "·", "﹒": "·", "【": "(", "】": ")", "—": "-"}
)


@dataclass(frozen=True)
class Spot:
    """Where something stands: page and rectangle, and whether every character of it was read with certainty."""

    page: int
    box: Box
    sure: bool


def plain(text: str) -> str:
    """One way of writing what looks the same: widths, dots of names, brackets; blanks are left out."""
    return "".join(_plain_sign(sign) for sign in text if not sign.isspace())


def _plain_sign(sign: str) -> str:
    same = unicodedata.normalize("NFKC", sign).translate(_SAME)
    # An eye sees · as a full-width middle dot, NFKC as a plain one; what would become two signs stays as it is.
    return same if len(same) == 1 else sign


class PageText:
    """The text of a page: `flat` without line ends, `lined` with them; spans of `flat` lead back to places."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.lines = [line for line in in_reading_order(page.lines) if line.text.strip()]
        signs: list[str] = []
        self._home: list[tuple[int, int]] = []
        self.starts: list[int] = []
        for number, line in enumerate(self.lines):
            self.starts.append(len(signs))
            for place, sign in enumerate(line.text):
                if not sign.isspace():
                    signs.append(_plain_sign(sign))
                    self._home.append((number, place))
        self.flat = "".join(signs)
        ends = [*self.starts, len(signs)][1:]
        self.rows = [self.flat[start:end] for start, end in zip(self.starts, ends, strict=True)]
        self.lined = "\n".join(self.rows)

    def spot(self, start: int, end: int) -> Spot:
        """Where the characters of `flat` from `start` to `end` stand: on the line that has most of them."""
        home = self._home[start:end]
        most = max({number for number, _ in home}, key=lambda number: sum(each == number for each, _ in home))
        places = [place for number, place in home if number == most]
        box = part_of(self.lines[most], min(places), max(places) + 1, self.page.turn)
        sure = all(int(self.lines[number].sure[place]) >= SURE for number, place in home)
        return Spot(self.page.number, box, sure)

    def spot_of_row(self, number: int, found: re.Match[str] | None = None, group: int | str = 0) -> Spot:
        """The same for a row of `rows`, or for what was found in it."""
        start, end = found.span(group) if found else (0, len(self.rows[number]))
        return self.spot(self.starts[number] + start, self.starts[number] + end)


def in_reading_order(lines: Iterable[Line]) -> list[Line]:
    """Rows from top to bottom, each from left to right, by the place on the upright sheet."""
    rows: list[list[Line]] = []
    for line in sorted(lines, key=lambda each: each.place.middle):
        row = rows[-1] if rows else []
        if row and abs(_middle(row) - line.place.middle) < 0.5 * min(line.place.height, row[-1].place.height):
            row.append(line)
        else:
            rows.append([line])
    return [line for row in rows for line in sorted(row, key=lambda each: each.place.left)]


def _middle(row: list[Line]) -> float:
    return sum(line.place.middle for line in row) / len(row)
