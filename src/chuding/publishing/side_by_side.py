"""Two texts side by side, in pieces: what is the same, what is gone, what is new. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Final

_KEPT: Final = 2  # whole lines shown on either side of a change


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of one side; `changed` where the other side does not have it."""

    text: str
    changed: bool


def pieces(before: str, after: str) -> tuple[list[Piece], list[Piece]]:
    """Both sides in pieces. Texts too long to compare by the letter are changed as a whole."""
    if len(before) * len(after) > 25_000_000:
        return [Piece(before, before != after)], [Piece(after, before != after)]
    left: list[Piece] = []
    right: list[Piece] = []
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if before[i1:i2]:
            left.append(Piece(before[i1:i2], tag != "equal"))
        if after[j1:j2]:
            right.append(Piece(after[j1:j2], tag != "equal"))
    return left, right


def around(found: list[Piece]) -> list[Piece]:
    """One side, of what is the same only the two lines next to a change; a mark stands for the rest."""
    last = len(found) - 1
    return [
        each if each.changed or last == 0 else Piece(_near(each.text, before=place > 0, after=place < last), False)
        for place, each in enumerate(found)
    ]


def _near(text: str, *, before: bool, after: bool) -> str:
    """The ends of an unchanged piece: `before` a change stands before it, `after` one after it."""
    lines = text.split("\n")
    head, tail = (
        _KEPT + 1 if before else 0,
        _KEPT + 1 if after else 0,
    )  # the broken line of the change, and two whole ones
    if len(lines) <= head + tail + 1:
        return text
    return "\n".join([*lines[:head], "……", *(lines[-tail:] if tail else [])])
