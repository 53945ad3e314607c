"""What the vendored fonts can draw, and that they arrive whole."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import typst

from chuding.paper import glyphs
from chuding.paper.glyphs import MissingGlyph, covers, family, fonts_folder, missing, require

if TYPE_CHECKING:
    from chuding.paper.glyphs import Face

FONTS = Path(glyphs.__file__).parent / "fonts"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return fonts_folder(tmp_path_factory.mktemp("data"))


def drawn(folder: Path, face: Face, text: str) -> bool:
    """Whether typst itself draws a text with one face alone: in PDF/A a missing glyph is an error."""
    weight = "bold" if face.endswith("-bold") else "regular"
    source = f'#set text(font: "{glyphs.FAMILIES[face]}", weight: "{weight}", fallback: false)\n#sys.inputs.text'
    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(folder)])
    compiler = typst.Compiler(source.encode(), font_paths=fonts, ignore_system_fonts=True)
    try:
        _, warnings = compiler.compile_with_warnings(sys_inputs={"text": text}, pdf_standards=["a-2b"])
    except typst.TypstError as error:
        if "could not be displayed" not in error.message:
            raise
        return False
    assert warnings == []
    return True


def test_rare_names_are_covered() -> None:
    for name in (
        "䶮",
        "𬱖",
        "㛃",
        "𬀩",
        "𫖯",
        "𥖨",
        "𬭎",
        "阿依古丽·买买提",
        "迪丽热巴·迪力木拉提",
        "尼玛次仁",
        "Müller",
        "Nguyễn Văn Ả",
    ):
        assert missing(name) == [], name


def test_traditional_characters_are_covered() -> None:
    assert missing("陳學賢龍鳳龜") == []


def test_missing_names_each_character_once_in_order() -> None:
    assert missing("王𰻞李\ue000𰻞") == ["𰻞", "\ue000"]


def test_missing_counts_controls_and_private_use_and_not_line_breaks() -> None:
    assert missing("a\x00b\u200bc\nd\te") == ["\x00", "\u200b"]


def test_missing_glyph_says_in_chinese_what_to_do() -> None:
    with pytest.raises(MissingGlyph) as caught:
        require("王𰻞")
    assert (caught.value.character, caught.value.code_point) == ("𰻞", 0x30EDE)
    assert str(caught.value) == (
        "字库里没有“𰻞”这个字（U+30EDE），无法排印。"
        "请核对该字是否录入正确；确认无误的，请联系经办人员换用含有该字的字库后再制作。"
    )


def test_family_falls_back_for_the_whole_name() -> None:
    assert family("王晓明", "fang") == "FandolFang R"
    assert family("王晓䶮", "fang") == "Noto Serif SC"
    assert family("王晓䶮", "kai") == "Chuding Kai"
    assert family("陳學賢𡃁", "kai") == "Noto Serif SC"
    assert family("Ɗanjuma", "kai") == "Noto Serif"
    assert family("王𠀀", "kai") == "Noto Serif SC"


@pytest.mark.parametrize("face", glyphs.FAMILIES)
def test_coverage_is_what_the_typesetter_draws(folder: Path, face: Face) -> None:
    for text in ("镇江市职工技术协会", "〔2024〕3号", "王·李—“”", "䶮", "𬱖", "㛃", "龜", "𠀀", "\u0294", "Ș"):
        assert covers(face, text) == drawn(folder, face, text), (face, text)


def test_the_whole_face_covers_what_the_others_do() -> None:
    known = glyphs.coverage()
    points = range(0x20, 0x30000)
    others = {point for face in ("serif-bold", "sans", "sans-bold") for point in points if chr(point) in known[face]}
    assert {point for point in others if chr(point) not in known["serif"]} == set()


def test_vendored_fonts_stay_small() -> None:
    assert sum(path.stat().st_size for path in FONTS.iterdir()) < 31_000_000


def test_every_face_has_its_licence_and_source() -> None:
    sources = (FONTS / "SOURCES.md").read_text(encoding="utf-8")
    names = json.loads((FONTS / "digests.json").read_text(encoding="utf-8"))
    assert len(names) == 8
    for name, digest in names.items():
        assert f"| {name}.xz |" in sources
        assert digest in sources
    for licence in (
        "OFL.noto-serif-sc.txt",
        "OFL.noto-sans-sc.txt",
        "OFL.chuding-kai.txt",
        "COPYING.fandol",
        "OFL.noto-serif.txt",
        "COPYING.hanazono.txt",
    ):
        assert (FONTS / licence).stat().st_size > 4_000


def test_fonts_folder_keeps_what_is_whole_and_mends_what_is_not(folder: Path) -> None:
    digests = json.loads((FONTS / "digests.json").read_text(encoding="utf-8"))
    whole, broken = folder / "NotoSansSC-Regular.ttf", folder / "ChudingKai-Regular.ttf"
    os.utime(whole, (1, 1))
    broken.write_bytes(broken.read_bytes()[:-1])
    assert fonts_folder(folder.parent) == folder
    assert whole.stat().st_mtime == 1
    assert {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()} == digests


def test_fonts_folder_may_be_called_by_several_at_once(folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder, tmp_path / "fonts")
    (tmp_path / "fonts" / "NotoSansSC-Bold.ttf").unlink()
    with ThreadPoolExecutor(3) as pool:
        assert set(pool.map(fonts_folder, [tmp_path] * 3)) == {tmp_path / "fonts"}
    assert sorted(path.suffix for path in (tmp_path / "fonts").iterdir()) == [".ttf"] * 8
