"""Rare characters for pages: cut out of the fonts of our papers, sixteen code points at a time (docs/names.md, ADR 0026).

A phone draws the characters of GBK; of what people's names have beyond them it draws what its maker put in. So a page that
holds a rare character names a style sheet for it, and a browser whose own fonts lack it fetches a font of a few kilobytes.
The addresses name blocks of sixteen, never a person's character, and there are only so many of them.
"""

from __future__ import annotations

import hashlib
import io
import re
import struct
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from fontTools.fontBuilder import FontBuilder
from fontTools.pens.cu2quPen import Cu2QuPen
from fontTools.pens.recordingPen import DecomposingRecordingPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont
from fontTools.ttLib.tables._g_l_y_f import Glyph

from chuding.paper import glyphs

if TYPE_CHECKING:
    from collections.abc import Iterable

Own = Literal["sans", "serif", "rare"]
Source = Literal[Own, "extra"]
"""Whose outlines: of our faces the first that draws a character, else the installation's own fonts."""

BLOCK = 16
MOST_BLOCKS = 400
"""More than the names of one page have; what is beyond is left to the browser."""

# What GBK lacks: extension A, the end of the basic block, and planes 2 and 3 with extensions B to J.
_RARE = re.compile("[\u3400-\u4dbf\u9fa6-\u9fff\U00020000-\U0003fffd]")
# The same as UTF-8 begins them.
_MAY_BE_RARE = re.compile(rb"\xf0[\xa0-\xbf]|\xe3[\x90-\xbf]|\xe4[\x80-\xb6]|\xe9(?:\xbe[\xa6-\xbf]|\xbf)")
_NAME = "Chuding Rare Letters"
_FILES: dict[Own, str] = {
    "sans": "NotoSansSC-Regular.ttf",
    "serif": "NotoSerifSC-Regular.ttf",
    "rare": "ChudingRare-Regular.ttf",
}
# What a font says of its author and licence, in its table of names.
_LEGAL = (0, 13, 14)
# OS/2 fsType: restricted, preview, editable only, no subsetting, bitmaps only. Such a font stays on paper.
_NOT_FOR_PAGES = 0x030E


def may_hold_rare(content: bytes) -> bool:
    """Whether UTF-8 may hold a rare character: a third of a millisecond for a long page, where `blocks_in` takes one."""
    return _MAY_BE_RARE.search(content) is not None


def blocks_in(text: str) -> list[int]:
    """The blocks of the rare characters in a text, by number (code point // 16), each once, at most MOST_BLOCKS."""
    return sorted({ord(character) // BLOCK for character in _RARE.findall(text)})[:MOST_BLOCKS]


def name_of(blocks: Iterable[int]) -> str:
    """How blocks stand in an address: their first code points without the last digit."""
    return "-".join(f"{block:X}" for block in blocks)


def blocks_of(name: str) -> list[int] | None:
    """The blocks that an address names; None where it is none of ours."""
    if not re.fullmatch(r"[0-9A-F]{3,4}(-[0-9A-F]{3,4})*", name):
        return None
    blocks = [int(part, 16) for part in name.split("-")]
    rare = all(any(_RARE.match(character) for character in _characters(block)) for block in blocks)
    return blocks if rare and len(blocks) <= MOST_BLOCKS and name_of(blocks) == name else None


def sheet(blocks: Iterable[int]) -> str:
    """The style sheet that offers these blocks, as fonts that stand beside it; the browser takes what it needs."""
    rules = []
    for block in blocks:
        for source, characters in _drawn(block).items():
            rules.append(
                f'@font-face{{font-family:"{_NAME}";src:url({block:X}-{source}.woff2) format("woff2");'
                f"unicode-range:{_spans(characters)};font-display:block}}\n"
            )
    return "".join(rules)


def font(block: int, source: Source, fonts: Path) -> bytes | None:
    """The characters of one block that one source draws, as WOFF2; None where it draws none.

    `fonts` is the folder of our unpacked faces (`glyphs.fonts_folder`).
    """
    characters = _drawn(block).get(source)
    if not characters:
        return None
    if source != "extra":
        return _cut(fonts / _FILES[source], characters)
    lent = _lender(block)
    return _lent(lent, characters) if lent else None


def _spans(characters: list[str]) -> str:
    """Code points as CSS writes them: U+36C0-36C2,U+36C4."""
    spans: list[list[int]] = []
    for point in map(ord, characters):
        if spans and spans[-1][1] == point - 1:
            spans[-1][1] = point
        else:
            spans.append([point, point])
    return ",".join(f"U+{first:X}" + (f"-{last:X}" if last > first else "") for first, last in spans)


@cache
def edition() -> str:
    """Eight digits that change when the fonts do, for addresses that are kept for ever."""
    ours = (Path(glyphs.__file__).parent / "fonts" / "digests.json").read_bytes()
    extra = "".join(f"{file.name}{file.stat().st_size}" for file in _for_pages())
    return hashlib.sha256(ours + extra.encode()).hexdigest()[:8]


def _characters(block: int) -> list[str]:
    return [chr(point) for point in range(block * BLOCK, block * BLOCK + BLOCK) if point < 0x40000]


def _drawn(block: int) -> dict[Source, list[str]]:
    """The rare characters of a block that can be drawn, by the source that draws each."""
    found: dict[Source, list[str]] = {}
    lent = _lender(block)
    for character in filter(_RARE.match, _characters(block)):
        source: Source | None = next((each for each in _FILES if character in glyphs.coverage()[each]), None)
        if source is None and lent and character in _for_pages()[lent]:
            source = "extra"
        if source:
            found.setdefault(source, []).append(character)
    return found


@cache
def _for_pages() -> dict[Path, frozenset[str]]:
    """The installation's own fonts that may be sent to a browser, and what each draws."""
    kept = glyphs.licensed_names()
    return {
        file: known
        for file, known in glyphs.extra_fonts().items()
        if file.name not in kept and not _rights(file) & _NOT_FOR_PAGES
    }


def _rights(file: Path) -> int:
    """What the maker of a font allows (OS/2 fsType)."""
    with TTFont(file, lazy=True) as font:
        return int(font["OS/2"].fsType)


def _lender(block: int) -> Path | None:
    """Which of the installation's own fonts draws most of a block."""
    drawn = {file: sum(character in known for character in _characters(block)) for file, known in _for_pages().items()}
    best = max(drawn, key=lambda file: drawn[file], default=None)
    return best if best and drawn[best] else None


def _lent(file: Path, characters: list[str]) -> bytes:
    """Cut out of one of the installation's own fonts, whatever its outlines are made of."""
    with TTFont(file, lazy=True) as whole:
        known, drawn = whole.getBestCmap(), whole.getGlyphSet()
        names = {".notdef": whole.getGlyphOrder()[0], **{f"u{ord(each):X}": known[ord(each)] for each in characters}}
        outlines = {}
        for name, old in names.items():
            pen, flat = TTGlyphPen(None), DecomposingRecordingPen(drawn)
            drawn[old].draw(flat)
            flat.replay(Cu2QuPen(pen, whole["head"].unitsPerEm / 1000, reverse_direction="glyf" not in whole))
            outlines[name] = pen.glyph()
        return _packed(whole, outlines, {name: round(drawn[old].width) for name, old in names.items()})


def _cut(file: Path, characters: list[str]) -> bytes:
    """Cut out of a face of ours without reading all of it: for its 60,000 glyphs fontTools takes half a second."""
    with TTFont(file, lazy=True) as whole:
        numbers = _glyph_numbers(whole.reader["cmap"], [ord(character) for character in characters])
        places = {".notdef": 0, **{f"u{point:X}": number for point, number in numbers.items()}}
        outlines = {name: _outline(whole, file, place) for name, place in places.items()}
        return _packed(whole, outlines, {name: _width(whole, place) for name, place in places.items()})


def _packed(whole: TTFont, outlines: dict[str, Glyph], widths: dict[str, int]) -> bytes:
    """A font of these glyphs alone, each named by its code point, with the measures and the legal words of the whole."""
    lines = whole["hhea"]
    built = FontBuilder(whole["head"].unitsPerEm, isTTF=True)
    built.setupGlyphOrder(list(outlines))
    built.setupCharacterMap({int(name[1:], 16): name for name in outlines if name != ".notdef"})
    built.setupGlyf(outlines)
    built.setupHorizontalMetrics({name: (width, getattr(outlines[name], "xMin", 0)) for name, width in widths.items()})
    built.setupHorizontalHeader(ascent=lines.ascent, descent=lines.descent)
    built.setupOS2(usWinAscent=max(lines.ascent, 0), usWinDescent=max(-lines.descent, 0))
    built.setupPost(keepGlyphNames=False)
    built.setupNameTable({"familyName": _NAME, "styleName": "Regular"})
    for number in _LEGAL:
        if told := whole["name"].getDebugName(number):
            built.font["name"].setName(told, number, 3, 1, 0x409)
    built.font.flavor = "woff2"
    out = io.BytesIO()
    built.font.save(out)
    return out.getvalue()


def _glyph_numbers(cmap: bytes, points: list[int]) -> dict[int, int]:
    """Where a font keeps the glyphs of these code points, from the table of all planes (OpenType, cmap format 12)."""
    for number in range(struct.unpack_from(">H", cmap, 2)[0]):
        offset = struct.unpack_from(">L", cmap, 8 + 8 * number)[0]
        if struct.unpack_from(">H", cmap, offset)[0] == 12:
            count = struct.unpack_from(">L", cmap, offset + 12)[0]
            spans = [struct.unpack_from(">3L", cmap, offset + 16 + 12 * row) for row in range(count)]
            return {
                point: glyph + point - first
                for point in points
                for first, last, glyph in spans
                if first <= point <= last
            }
    raise ValueError("字体里没有全部平面的字符表（cmap 格式 12）。")


def _outline(whole: TTFont, file: Path, place: int) -> Glyph:
    """One glyph's outline; those of Chinese characters are never made of others' in our faces."""
    form, scale = (">2L", 1) if whole["head"].indexToLocFormat else (">2H", 2)
    begin, end = struct.unpack_from(form, whole.reader["loca"], place * struct.calcsize(form) // 2)
    with file.open("rb") as raw:
        raw.seek(whole.reader.tables["glyf"].offset + begin * scale)
        glyph = Glyph(raw.read((end - begin) * scale))
    glyph.expand(None)
    return glyph


def _width(whole: TTFont, place: int) -> int:
    """How wide a glyph is: beyond the last that says its own, all are as wide as that."""
    row = min(place, whole["hhea"].numberOfHMetrics - 1)
    return int(struct.unpack_from(">H", whole.reader["hmtx"], row * 4)[0])
