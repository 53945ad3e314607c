"""Five hundred invented names of every script that a name here can have: on every paper whole, and out of it again unchanged."""

from __future__ import annotations

import importlib
import io
import json
import unicodedata
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import page
import papers
import pypdf
import pypdfium2
import pytest
from fontTools.ttLib import TTFont
from papers import AT, CERTIFICATE, DECLARATION, DOCUMENT, typesetter

from chuding.accounts.names import clean_name
from chuding.paper import glyphs
from chuding.paper.glyphs import MissingGlyph, missing, require
from chuding.paper.letters import EndorsedPerson, EndorsementData
from chuding.paper.typeset import RosterRow, Typesetter

if TYPE_CHECKING:
    from collections.abc import Iterator

BABELSTONE = Path("/usr/share/fonts/truetype/babelstone/BabelStoneHan.ttf")
NAMES = (Path(__file__).parent / "names.txt").read_text(encoding="utf-8").splitlines()

# CJK Unified Ideographs of GB 18030-2022 (level 3: all of extensions A to F as of Unicode 11).
GB_18030 = ((0x3400, 0x4DB5), (0x4E00, 0x9FEF), (0x20000, 0x2A6D6), (0x2A700, 0x2B734), (0x2B740, 0x2B81D), (0x2B820, 0x2CEA1), (0x2CEB0, 0x2EBE0))  # fmt: skip


def pypdf_text(pdf: bytes) -> str:
    return papers.bare("".join(sheet.extract_text() for sheet in pypdf.PdfReader(io.BytesIO(pdf)).pages))


def pdfium_text(pdf: bytes) -> str:
    with pypdfium2.PdfDocument(pdf) as opened:
        text = "".join(sheet.get_textpage().get_text_range() for sheet in opened)
    # pdfium's own mark for a hyphen at the end of a line, where a double name is broken in a narrow cell.
    return papers.bare(text.replace("\ufffe", "-"))


def said_by(reader: str) -> list[tuple[int, str]]:
    """The names that a reader is asked for, with their numbers. pypdf tells a letter with a mark of its own twice."""
    alone = {name for name in NAMES if any(unicodedata.combining(c) for c in name)}
    assert len(alone) == 1
    return [(n, name) for n, name in enumerate(NAMES, 1) if reader != "pypdf" or name not in alone]


def texts(pdf: bytes, tmp_path: Path) -> Iterator[tuple[str, str]]:
    yield "pdfium", pdfium_text(pdf)
    yield "poppler", papers.poppler_text(pdf, tmp_path)
    yield "pypdf", pypdf_text(pdf)


def test_the_list_holds_five_hundred_names_of_every_kind() -> None:
    assert (len(NAMES), len(set(NAMES))) == (500, 500)
    blocks = {
        "A": (0x3400, 0x4DBF),
        "B": (0x20000, 0x2A6DF),
        "C": (0x2A700, 0x2B73F),
        "D": (0x2B740, 0x2B81F),
        "E": (0x2B820, 0x2CEAF),
        "F": (0x2CEB0, 0x2EBEF),
        "dot": (0xB7, 0xB7),
        "Latin with marks": (0xC0, 0x24F),
        "Vietnamese": (0x1EA0, 0x1EF9),
    }
    counts = {
        block: sum(any(first <= ord(c) <= last for c in name) for name in NAMES)
        for block, (first, last) in blocks.items()
    }
    assert {block: count >= least for (block, count), least in zip(counts.items(), (50, 90, 30, 15, 40, 30, 50, 30, 5), strict=True)} == dict.fromkeys(blocks, True)  # fmt: skip
    assert max(map(len, NAMES)) == 50


def test_every_name_may_be_typed_and_stays_as_it_is() -> None:
    assert [(name, *clean_name(name)) for name in NAMES if clean_name(name) != (name, None)] == []


def test_every_name_can_be_drawn() -> None:
    assert [(name, missing(name)) for name in NAMES if missing(name)] == []


def test_a_roster_of_all_names_comes_back_from_three_readers(tmp_path: Path) -> None:
    rows = tuple(RosterRow(name, "甲厂", "机械工程／机械制造", "技术员", date(2024, 6, 20)) for name in NAMES)
    pdf = typesetter().document(replace(DOCUMENT, roster=rows), AT)
    assert papers.violations(pdf, page.ValidationProfile.PDF_A_2A, page.ValidationProfile.PDF_UA_1) == []
    for reader, text in texts(pdf, tmp_path):
        lost = [name for number, name in said_by(reader) if papers.bare(f"{number}{name}甲厂") not in text]
        assert (reader, lost) == (reader, [])


def test_an_endorsement_of_all_names_comes_back_from_three_readers(tmp_path: Path) -> None:
    people = tuple(EndorsedPerson(name, "机械工程／机械制造", "助理级") for name in NAMES)
    data = EndorsementData(
        office="镇江市职工技术协会",
        notice_title="关于做好初定工作的通知",
        notice_number="镇技协〔2024〕1号",
        clause="五（三）1",
        people=people,
        sample=True,
        employer_name="镇江市恒远精密机械制造有限公司",
    )
    for reader, text in texts(typesetter().letter(data, AT), tmp_path):
        lost = [name for number, name in said_by(reader) if papers.bare(f"{number}{name}机械工程") not in text]
        assert (reader, lost) == (reader, [])


@pytest.mark.parametrize("name", [*NAMES[::25], max(NAMES, key=len), "𠀀𪛖", "Ṣadé Ẹniọlá", "Ștefan Țurcanu"])
def test_certificate_and_form_carry_the_name_unchanged(name: str, tmp_path: Path) -> None:
    for pdf in (
        typesetter().certificate(replace(CERTIFICATE, holder_name=name), AT),
        typesetter().declaration(replace(DECLARATION, holder_name=name), AT),
    ):
        for reader, text in texts(pdf, tmp_path):
            assert (reader, papers.bare(name) in text) == (reader, True)
            assert unicodedata.normalize("NFC", text) == text


def test_every_chinese_character_of_gb_18030_can_be_drawn() -> None:
    points = [point for first, last in GB_18030 for point in range(first, last + 1)]
    assert len(points) == 87_875
    assert [f"U+{point:04X}" for point in points if missing(chr(point))] == []


def test_a_character_that_no_font_has_is_refused_with_its_code_point() -> None:
    for character in ("𰻞", "\U00031350", "\U0002ebf0"):  # extensions G, H and I
        with pytest.raises(MissingGlyph, match=f"U\\+{ord(character):04X}"):
            require("王" + character)
        with pytest.raises(MissingGlyph):
            typesetter().certificate(replace(CERTIFICATE, holder_name="王" + character), AT)


@pytest.mark.parametrize(("block", "span"), [("G", (0x30000, 0x3134A)), ("H", (0x31350, 0x323AF)), ("I", (0x2EBF0, 0x2EE5D))])  # fmt: skip
def test_every_character_of_the_newest_extensions_is_refused_by_its_code_point(
    block: str, span: tuple[int, int]
) -> None:
    for point in range(span[0], span[1] + 1):
        with pytest.raises(MissingGlyph) as said:
            require("王" + chr(point))
        assert f"“{chr(point)}”这个字（U+{point:04X}），无法排印" in str(said.value), block


@pytest.mark.parametrize(
    "name", ["བསྟན་འཛིན", "ᠲᠡᠮᠦᠷ", "ئايگۈل", "ꀉꆹ", "김철수"], ids=["Tibetan", "Mongolian", "Uyghur", "Yi", "Hangul"]
)
def test_a_name_in_a_script_that_no_font_has_is_never_set(name: str) -> None:
    with pytest.raises(MissingGlyph, match=f"U\\+{ord(name[0]):04X}"):
        typesetter().certificate(replace(CERTIFICATE, holder_name=name), AT)


@pytest.mark.skipif(
    not BABELSTONE.exists(), reason="fonts-babelstone-han is missing: tools/system_packages.py installs it"
)
def test_names_of_extensions_g_and_h_come_back_where_a_font_of_the_installation_draws_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fonts: Path
) -> None:
    """Sixty names, evenly over what Debian's BabelStone Han draws of the two blocks; its other characters are still refused."""
    with TTFont(BABELSTONE, lazy=True) as font:
        known = font.getBestCmap()
    drawn = [
        [p for p in range(first, last + 1) if p in known] for first, last in ((0x30000, 0x3134A), (0x31350, 0x323AF))
    ]
    assert [len(points) for points in drawn] == [3045, 2271]
    names = [
        f"{'王李张'[n % 3]}{chr(point)}" for points in drawn for n, point in enumerate(points[:: len(points) // 30])
    ]
    monkeypatch.setenv("CHUDING_EXTRA_FONTS", str(BABELSTONE.parent))
    glyphs.extra_fonts.cache_clear()
    try:
        assert [name for name in names if missing(name)] == []
        assert missing("\U0002ebf0") == ["\U0002ebf0"]
        maker = Typesetter(fonts)
        rows = tuple(RosterRow(name, "甲厂", "机械工程／机械制造", "技术员", date(2024, 6, 20)) for name in names)
        pdf = maker.document(replace(DOCUMENT, roster=rows), AT)
        assert papers.violations(pdf, page.ValidationProfile.PDF_A_2A, page.ValidationProfile.PDF_UA_1) == []
        for reader, text in texts(pdf, tmp_path):
            lost = [name for number, name in enumerate(names, 1) if papers.bare(f"{number}{name}甲厂") not in text]
            assert (reader, lost) == (reader, [])
        for name in (names[0], names[-1]):
            for whole in (
                maker.certificate(replace(CERTIFICATE, holder_name=name), AT),
                maker.declaration(replace(DECLARATION, holder_name=name), AT),
            ):
                assert [reader for reader, text in texts(whole, tmp_path) if papers.bare(name) not in text] == []
    finally:
        glyphs.extra_fonts.cache_clear()


def test_a_font_of_the_installation_widens_what_can_be_drawn(
    monkeypatch: pytest.MonkeyPatch, extra_font: Path, fonts: Path
) -> None:
    monkeypatch.setenv("CHUDING_EXTRA_FONTS", str(extra_font))
    glyphs.extra_fonts.cache_clear()
    try:
        assert missing("王𰻞") == []
        maker = Typesetter(fonts)
        pdf = maker.certificate(replace(CERTIFICATE, holder_name="王𰻞"), AT)
        assert "王𰻞" in pdfium_text(pdf)
    finally:
        glyphs.extra_fonts.cache_clear()


def test_a_folder_of_fonts_that_is_not_there_or_holds_no_font_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHUDING_EXTRA_FONTS", str(tmp_path / "nowhere"))
    glyphs.extra_fonts.cache_clear()
    with pytest.raises(RuntimeError, match="不存在"):
        missing("𰻞")
    (tmp_path / "broken.ttf").write_bytes(b"no font")
    monkeypatch.setenv("CHUDING_EXTRA_FONTS", str(tmp_path))
    with pytest.raises(RuntimeError, match=r"broken\.ttf 不是能用的字体"):
        missing("𰻞")
    monkeypatch.delenv("CHUDING_EXTRA_FONTS")
    glyphs.extra_fonts.cache_clear()


@pytest.fixture
def extra_font(tmp_path: Path, fonts: Path) -> Path:
    """A font of one's own: a face of ours under another name, whose first character is said to be 𰻞."""
    source = fonts / "NotoSerif-Regular.ttf"
    font = TTFont(source)
    for table in font["cmap"].tables:
        if table.format == 12:
            table.cmap[0x30EDE] = table.cmap[ord("M")]
    if not any(table.format == 12 for table in font["cmap"].tables):
        from fontTools.ttLib.tables._c_m_a_p import CmapSubtable  # noqa: PLC0415

        wide = CmapSubtable.newSubtable(12)
        wide.platformID, wide.platEncID, wide.language = 3, 10, 0
        wide.cmap = dict(font.getBestCmap()) | {0x30EDE: font.getBestCmap()[ord("M")]}
        font["cmap"].tables.append(wide)
    for record in font["name"].names:
        if record.nameID in {1, 4, 16}:
            record.string = "Own Face"
    folder = tmp_path / "own"
    folder.mkdir()
    font.save(folder / "own.ttf")
    return folder


def test_the_table_of_coverage_in_the_docs_is_what_the_fonts_cover() -> None:
    text = (Path(glyphs.__file__).parents[3] / "docs" / "names.md").read_text(encoding="utf-8")
    rows = [line.split("|")[1:-1] for line in text.splitlines() if line.startswith("| U+")]
    assert len(rows) == 10
    for span, _, ours in ([cell.strip() for cell in row] for row in rows):
        first, last = (int(end.removeprefix("U+"), 16) for end in span.split("–"))
        drawn = sum(not missing(chr(point)) for point in range(first, last + 1))
        assert (span, ours) == (span, f"{drawn:,} / {last - first + 1:,}")


def test_the_figures_by_font_in_the_docs_are_read_from_the_fonts(monkeypatch: pytest.MonkeyPatch, fonts: Path) -> None:
    """`.venv/bin/python tools/name_figures.py` prints both tables."""
    root = Path(glyphs.__file__).parents[3]
    monkeypatch.syspath_prepend(str(root / "tools"))
    tool = importlib.import_module("name_figures")
    faces, text = tool.shipped(fonts), (root / "docs" / "names.md").read_text(encoding="utf-8")
    assert len(faces) == 8
    assert tool.table(tool.HAN, faces) in text
    assert tool.table(tool.SCRIPTS, faces) in text


def test_coverage_names_a_face_for_each_family() -> None:
    assert set(glyphs.coverage()) == set(glyphs.FAMILIES)
    assert json.loads((Path(glyphs.__file__).parent / "fonts" / "digests.json").read_text(encoding="utf-8")).keys() == {
        "ChudingKai-Regular.ttf", "ChudingRare-Regular.ttf", "FandolFang-Regular.ttf", "NotoSansSC-Bold.ttf",
        "NotoSansSC-Regular.ttf", "NotoSerif-Regular.ttf", "NotoSerifSC-Bold.ttf", "NotoSerifSC-Regular.ttf",
    }  # fmt: skip
