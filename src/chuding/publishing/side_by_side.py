"""Two texts side by side, in pieces: what is the same, what is gone, what is new. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import SequenceMatcher


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
