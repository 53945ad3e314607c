"""Write `src/chuding/accounts/simplified.txt` anew: the traditional characters and their simplified ones, from OpenCC (Apache-2.0)."""

from __future__ import annotations

import sys
from pathlib import Path

from opencc import OpenCC

FILE = Path(__file__).resolve().parent.parent / "src/chuding/accounts/simplified.txt"
PLANES = ((0x3400, 0x9FFF), (0x20000, 0x323AF))


def table() -> str:
    """Pairs such as 張张, sixteen a line."""
    convert = OpenCC("t2s").convert
    letters = [chr(code) for low, high in PLANES for code in range(low, high + 1)]
    pairs = [letter + plain for letter in letters if len(plain := convert(letter)) == 1 and plain != letter]
    return "".join(" ".join(pairs[at : at + 16]) + "\n" for at in range(0, len(pairs), 16))


if __name__ == "__main__":
    FILE.write_text(table(), encoding="utf-8")
    sys.exit(0)
