"""Fonts for pages: every rare character that paper can have, in the very outlines of paper, and no font that may not be sent."""

from __future__ import annotations

import io
import re
import shutil
import struct
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from fontTools.pens.recordingPen import DecomposingRecordingPen
from fontTools.ttLib import TTFont
from test_names_on_paper import BABELSTONE, GB_18030, NAMES

from chuding.paper import glyphs, webfont

if TYPE_CHECKING:
    from collections.abc import Iterator

WHOLE = {"sans": "NotoSansSC-Regular.ttf", "serif": "NotoSerifSC-Regular.ttf", "rare": "ChudingRare-Regular.ttf"}


def offered(sheet: str) -> dict[tuple[str, str], list[int]]:
    """Block and source of each font that a style sheet names, and the code points that it is for."""
    found = {}
    for block, source, spans in re.findall(r"url\(([0-9A-F]+)-([a-z]+)\.woff2\).*?unicode-range:([^;]+);", sheet):
        pairs = [span.removeprefix("U+").split("-") for span in spans.split(",")]
        found[block, source] = [point for pair in pairs for point in range(int(pair[0], 16), int(pair[-1], 16) + 1)]
    return found


def outline(font: TTFont, point: int) -> tuple[object, int]:
    name, drawn = font.getBestCmap()[point], font.getGlyphSet()
    pen = DecomposingRecordingPen(drawn)
    drawn[name].draw(pen)
    return pen.value, drawn[name].width


def test_every_rare_character_of_gb_18030_is_offered_once() -> None:
    rare = [p for first, last in GB_18030 for p in range(first, last + 1) if p < 0x4E00 or p >= 0x9FA6]
    blocks = webfont.blocks_of(webfont.name_of([0x340]))
    assert blocks == [0x340]
    told = [point for b in sorted({p // 16 for p in rare}) for each in offered(webfont.sheet([b])).values() for point in each]  # fmt: skip
    assert len(told) == len(set(told))
    assert set(rare) - set(told) == set()
    assert [chr(point) for point in told if glyphs.missing(chr(point))] == []


def test_text_that_every_machine_draws_asks_for_nothing() -> None:
    assert webfont.blocks_in("王小明 Müller · 阿卜杜拉 Ștefan 二〇二四年，龥") == []
    assert webfont.blocks_in("䶮𬱖㛃龦") == [0x36C, 0x4DA, 0x9FA, 0x2CC5]
    assert len(webfont.blocks_in("".join(map(chr, range(0x20000, 0x2A6D0))))) == webfont.MOST_BLOCKS


def test_quick_look_at_the_bytes_misses_no_rare_character() -> None:
    rare = [*range(0x3400, 0x4DC0), *range(0x9FA6, 0xA000), *range(0x20000, 0x3FFFE)]
    assert [point for point in rare if not webfont.may_hold_rare(chr(point).encode())] == []
    usual = "".join(
        map(chr, [*range(0x20, 0x3400), *range(0x4DC0, 0x9FA6), *range(0xA000, 0xD800), *range(0xE000, 0x20000)])
    )
    assert not webfont.may_hold_rare(usual.encode())


@pytest.mark.parametrize("name", ["", "36C-", "36c", "4E0", "9FA0", "036C", "GGG", "36C--4DA", "4000", "FFFF", "36C" + "-36C" * 400, "../36C"])  # fmt: skip
def test_address_of_no_rare_block_is_none(name: str) -> None:
    assert webfont.blocks_of(name) is None


@pytest.mark.parametrize("block", [0x36C, 0x4DA, 0x9FC, 0x2016, 0x2A6D, 0x2B5A, 0x2CC5, 0x2EBE])
def test_font_of_a_block_draws_what_the_face_of_paper_draws(block: int, fonts: Path) -> None:
    said = offered(webfont.sheet([block]))
    assert said
    for (_, source), points in said.items():
        made = webfont.font(block, source, fonts)  # type: ignore[arg-type]
        assert made is not None
        assert len(made) < 8 * 1024
        small = TTFont(io.BytesIO(made))
        with TTFont(fonts / WHOLE[source]) as whole:
            assert sorted(small.getBestCmap()) == points
            assert small["head"].unitsPerEm == whole["head"].unitsPerEm
            assert [p for p in points if outline(small, p) != outline(whole, p)] == []
            assert small["name"].getDebugName(0) == whole["name"].getDebugName(0)
    assert webfont.font(block, "extra", fonts) is None


@pytest.mark.parametrize("face", WHOLE.values())
def test_no_glyph_of_a_face_is_made_of_others(face: str, fonts: Path) -> None:
    """The cutter takes outlines as they are. Latin letters with marks are not among the rare characters."""
    with TTFont(fonts / face, lazy=True) as font:
        form = ">L" if font["head"].indexToLocFormat else ">H"
        step = 1 if form == ">L" else 2
        places = [place * step for (place,) in struct.iter_unpack(form, font.reader["loca"])]
        glyf, names = font.reader["glyf"], font.getBestCmap()
        number = {name: n for n, name in enumerate(font.getGlyphOrder())}
        rare = {number[name] for point, name in names.items() if webfont.blocks_in(chr(point))}
    assert rare
    composite = [n for n in rare if places[n + 1] > places[n] and struct.unpack_from(">h", glyf, places[n])[0] < 0]
    assert composite == []


def test_all_rare_names_of_the_list_weigh_little(fonts: Path) -> None:
    """One name costs its reader a few kilobytes, whoever it is."""
    heaviest = 0
    for name in [name for name in NAMES if webfont.blocks_in(name)][::6]:
        weight = 0
        for (block, source), points in offered(webfont.sheet(webfont.blocks_in(name))).items():
            if set(points) & set(map(ord, name)):
                weight += len(webfont.font(int(block, 16), source, fonts) or b"")  # type: ignore[arg-type]
        assert weight > 0
        heaviest = max(heaviest, weight)
    assert heaviest < 20 * 1024


@pytest.fixture
def own_fonts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of the installation's own, read anew."""
    folder = tmp_path / "own"
    folder.mkdir()
    monkeypatch.setenv("CHUDING_EXTRA_FONTS", str(folder))
    for kept in (glyphs.extra_fonts, webfont._for_pages, webfont.edition):
        kept.cache_clear()
    yield folder
    monkeypatch.undo()
    for kept in (glyphs.extra_fonts, webfont._for_pages, webfont.edition):
        kept.cache_clear()


@pytest.mark.skipif(not BABELSTONE.exists(), reason="BabelStone Han is missing: tools/system_packages.py installs it")
def test_characters_that_only_the_installations_own_font_has_are_offered_too(own_fonts: Path, tmp_path: Path) -> None:
    before = webfont.edition()
    shutil.copy(BABELSTONE, own_fonts)
    for kept in (glyphs.extra_fonts, webfont._for_pages, webfont.edition):
        kept.cache_clear()
    assert webfont.edition() != before
    block = 0x30EDE // 16
    points = offered(webfont.sheet([block]))[f"{block:X}", "extra"]
    made = webfont.font(block, "extra", tmp_path)
    assert made is not None
    small = TTFont(io.BytesIO(made))
    assert 0x30EDE in points
    assert sorted(small.getBestCmap()) == points
    with TTFont(BABELSTONE) as whole:
        assert outline(small, 0x30EDE) == outline(whole, 0x30EDE)


@pytest.mark.skipif(not BABELSTONE.exists(), reason="BabelStone Han is missing: tools/system_packages.py installs it")
@pytest.mark.parametrize("why", ["licensed for documents", "restricted by its maker"])
def test_font_that_may_not_be_sent_stays_on_paper(own_fonts: Path, monkeypatch: pytest.MonkeyPatch, why: str) -> None:
    if why == "licensed for documents":
        shutil.copy(BABELSTONE, own_fonts / "fangsong.ttf")
        monkeypatch.setenv("CHUDING_FANGSONG", "fangsong.ttf")
    else:
        with TTFont(BABELSTONE) as font:
            font["OS/2"].fsType = 2
            font.save(own_fonts / "restricted.ttf")
    for kept in (glyphs.extra_fonts, webfont._for_pages, webfont.edition):
        kept.cache_clear()
    assert glyphs.missing("\U00030ede") == []
    assert webfont.sheet([0x30EDE // 16]) == ""
