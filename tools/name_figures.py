"""How many characters of each block the shipped fonts draw, read from the fonts themselves: the tables of docs/names.md.

    .venv/bin/python tools/name_figures.py [FONT.ttf …]

Prints the tables; other fonts, named on the command line, get a column each. A test compares the docs with what this says.
"""

from __future__ import annotations

import sys
import tempfile
import unicodedata
from pathlib import Path

from fontTools.ttLib import TTFont

from chuding.paper.glyphs import fonts_folder

# Assigned characters as of Unicode 15.1.
HAN = {
    "basic block": (0x4E00, 0x9FFF),
    "A": (0x3400, 0x4DBF),
    "B": (0x20000, 0x2A6DF),
    "C": (0x2A700, 0x2B739),
    "D": (0x2B740, 0x2B81D),
    "E": (0x2B820, 0x2CEA1),
    "F": (0x2CEB0, 0x2EBE0),
    "G": (0x30000, 0x3134A),
    "H": (0x31350, 0x323AF),
    "I": (0x2EBF0, 0x2EE5D),
}
SCRIPTS = {
    "Tibetan": (0x0F00, 0x0FFF),
    "Mongolian": (0x1800, 0x18AF),
    "Arabic (Uyghur, Kazakh)": (0x0600, 0x06FF),
    "Yi": (0xA000, 0xA4CF),
    "Tai Le": (0x1950, 0x197F),
    "New Tai Lue": (0x1980, 0x19DF),
    "Lisu": (0xA4D0, 0xA4FF),
    "Miao": (0x16F00, 0x16F9F),
    "Hangul": (0xAC00, 0xD7A3),
}


def drawn_by(file: Path) -> frozenset[int]:
    """The code points of one font file, from its character map."""
    with TTFont(file, lazy=True) as font:
        return frozenset(font.getBestCmap())


def table(blocks: dict[str, tuple[int, int]], fonts: dict[str, frozenset[int]]) -> str:
    """One row a block, one column a font; the last two columns are what at least one draws, and how many there are."""
    head = ["block", *fonts, "any", "of"]
    rows = [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
    for name, (first, last) in blocks.items():
        # Python's own table of characters is older than extensions H and I, whose ranges hold no gap.
        points = [p for p in range(first, last + 1) if blocks is HAN or unicodedata.category(chr(p)) != "Cn"]
        counts = [sum(point in known for point in points) for known in fonts.values()]
        whole = sum(any(point in known for known in fonts.values()) for point in points)
        rows.append(f"| {' | '.join([name, *(f'{count:,}' for count in (*counts, whole, len(points)))])} |")
    return "\n".join(rows)


def shipped(folder: Path) -> dict[str, frozenset[int]]:
    """What each shipped font draws, by its file's name without the ending."""
    return {file.stem: drawn_by(file) for file in sorted(folder.glob("*.ttf"))}


def main() -> None:
    with tempfile.TemporaryDirectory() as data:
        fonts = shipped(fonts_folder(Path(data)))
    fonts |= {Path(word).stem: drawn_by(Path(word)) for word in sys.argv[1:]}
    print(table(HAN, fonts), table(SCRIPTS, fonts), sep="\n\n")


if __name__ == "__main__":
    main()
