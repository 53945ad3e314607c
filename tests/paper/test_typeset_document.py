"""The official document: the measures of GB/T 9704-2012, the roster, the foot of its last page."""

from __future__ import annotations

import ctypes
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import page
import papers
import pypdfium2
import pytest
from fontTools.ttLib import TTFont
from papers import AT, DOCUMENT, typesetter
from PIL import ImageChops
from pypdfium2 import raw

from chuding.paper import glyphs
from chuding.paper.typeset import Typesetter

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PITCH = 225 / 22  # millimetres from one line to the next


@pytest.fixture(scope="module")
def document() -> bytes:
    return typesetter().document(replace(DOCUMENT, roster=papers.roster(7)), AT)


def origins(pdf: bytes, number: int) -> list[tuple[str, float, float]]:
    """Each character of a page with its origin, in millimetres from the page's left and upper edge."""
    found = []
    with pypdfium2.PdfDocument(pdf) as opened:
        text = opened[number].get_textpage()
        for index in range(text.count_chars()):
            x, y = ctypes.c_double(), ctypes.c_double()
            raw.FPDFText_GetCharOrigin(text, index, x, y)
            character = text.get_text_range(index, 1)
            if character.strip():
                found.append((character, x.value / 72 * 25.4, 297 - y.value / 72 * 25.4))
    return found


def texts(pdf: bytes) -> list[str]:
    with pypdfium2.PdfDocument(pdf) as opened:
        return [papers.bare(sheet.get_textpage().get_text_range()) for sheet in opened]


def first(places: list[tuple[str, float, float]], word: str) -> tuple[float, float]:
    joined = "".join(character for character, _, _ in places)
    return places[joined.index(word)][1:]


def test_document_prints_everything_in_order(document: bytes, tmp_path: Path) -> None:
    wanted = (
        "镇江市职工技术协会文件",
        "镇技协〔2024〕3号",
        "关于王晓䶮等同志初定专业技术资格的通知",
        "各有关单位：",
        *DOCUMENT.paragraphs,
        "附件：2024年度综合工程专业初定专业技术资格人员名单",
        "镇江市职工技术协会2024年6月28日",
        "（此件公开发布）",
        "序号姓名工作单位专业资格名称取得时间",
        "抄送：镇江市职称工作领导小组办公室。",
        "镇江市职工技术协会办公室2024年6月28日印发",
    )
    for text in ("".join(texts(document)), papers.poppler_text(document, tmp_path)):
        rest = text
        for part in wanted:
            assert part in rest, part
            rest = rest[rest.index(part) + len(part) :]


def test_document_roster_extracts_by_row(document: bytes, tmp_path: Path) -> None:
    text = "".join(texts(document))
    poppler = papers.poppler_text(document, tmp_path)
    for number, row in enumerate(papers.roster(7), start=1):
        cells = (str(number), row.name, row.employer, row.field, row.qualification, "2024年6月20日")
        assert papers.bare("".join(cells)) in text
        assert papers.bare("".join(cells)) in poppler


def test_document_keeps_the_grid_of_the_standard(document: bytes) -> None:
    places = origins(document, 0)
    x, addressee = first(places, "各有关单位")
    assert x == pytest.approx(28, abs=0.1)
    lines = sorted({round(y, 2) for _, _, y in places if addressee - 0.1 <= y < 270})
    assert len(lines) >= 6
    for line in lines:  # a blank line before the annex is one of the grid's too
        assert (line - lines[0]) / PITCH == pytest.approx(round((line - lines[0]) / PITCH), abs=0.01)
    assert first(places, "根据《")[0] == pytest.approx(28 + 2 * 156 / 28, abs=0.2)
    assert max(x for _, x, _ in places) < 210 - 26


def test_document_sets_twenty_two_lines_of_twenty_eight_characters() -> None:
    pdf = typesetter().document(replace(DOCUMENT, paragraphs=("国" * 28 * 60,), sample=False), AT)
    places = [place for place in origins(pdf, 1) if place[0] == "国"]
    lines = sorted({round(y, 1) for _, _, y in places})
    assert len(lines) == 22
    assert {sum(1 for _, _, y in places if round(y, 1) == line) for line in lines} == {28}
    assert 37 < lines[0] < 37 + 5.7
    assert lines[-1] < 262


def test_document_heads_stand_where_the_standard_says(document: bytes) -> None:
    with pypdfium2.PdfDocument(document) as opened:
        picture = opened[0].render(scale=200 / 72).to_numpy().astype(int)
    blue, green, red = picture[..., 0], picture[..., 1], picture[..., 2]
    bright = (red > 180) & (blue < 60) & (green < 60)
    rows = bright.any(axis=1).nonzero()[0] / 200 * 25.4
    assert rows.min() == pytest.approx(72, abs=1)  # 35 mm under the upper edge of the type area
    rule = (bright.sum(axis=1) / 200 * 25.4 > 150).nonzero()[0] / 200 * 25.4
    assert rule.max() - rule.min() < 1
    baseline = first(origins(document, 0), "镇技协〔")[1]
    assert rule.min() - baseline == pytest.approx(4 + 3 / 72 * 25.4, abs=1)
    columns = bright[int(rule.mean() / 25.4 * 200)].nonzero()[0] / 200 * 25.4
    assert (columns.min(), columns.max()) == pytest.approx((28, 184), abs=0.3)


def test_document_numbers_odd_pages_at_the_right_and_even_ones_at_the_left(document: bytes) -> None:
    for number, text in enumerate(texts(document)):
        places = [place for place in origins(document, number) if place[2] > 262]
        assert "".join(character for character, _, _ in places) == f"—{number + 1}—"
        assert text.endswith(f"—{number + 1}—") or f"—{number + 1}—" in text
        if number % 2:
            assert places[0][1] == pytest.approx(28 + 14 / 72 * 25.4, abs=0.3)
        else:
            assert places[-1][1] == pytest.approx(184 - 2 * 14 / 72 * 25.4, abs=0.8)


@pytest.mark.parametrize("rows", [0, 1, 12, 13, 14, 15, 16, 28, 29, 30, 31, 32])
def test_document_ends_on_an_even_page_with_its_record(rows: int) -> None:
    pdf = typesetter().document(replace(DOCUMENT, roster=papers.roster(rows)), AT)
    pages = texts(pdf)
    assert len(pages) % 2 == 0
    assert ["抄送" in text for text in pages] == [False] * (len(pages) - 1) + [True]
    assert first(origins(pdf, len(pages) - 1), "抄送")[1] > 235
    assert "".join(pages).count("2024年6月20日") == rows


def test_document_numbers_neither_a_blank_page_nor_the_record_after_it() -> None:
    seen = set()
    for count in range(1, 25):
        paragraphs = DOCUMENT.paragraphs + ("补充说明。",) * count
        pages = texts(typesetter().document(replace(DOCUMENT, paragraphs=paragraphs), AT))
        assert len(pages) % 2 == 0
        blank = len(pages) == 4 and pages[2] == ""
        seen.add(blank)
        numbered = [f"—{number}—" in text for number, text in enumerate(pages, start=1)]
        assert numbered == ([True, True, False, False] if blank else [True] * len(pages)), count
    assert seen == {True, False}


def test_document_never_signs_on_a_page_without_text() -> None:
    for count in range(8):
        data = replace(DOCUMENT, paragraphs=DOCUMENT.paragraphs + ("补充说明。",) * count, roster=papers.roster(1))
        signed = next(text for text in texts(typesetter().document(data, AT)) if "镇江市职工技术协会2024年" in text)
        assert "。附件：" in signed, count


def test_document_without_roster_mentions_no_annex() -> None:
    text = "".join(texts(typesetter().document(DOCUMENT, AT)))
    assert "附件：" not in text
    assert "序号" not in text


def test_document_repeats_the_head_of_the_roster_and_splits_no_row() -> None:
    pdf = typesetter().document(replace(DOCUMENT, roster=papers.roster(300)), AT)
    pages = texts(pdf)
    heads = ["序号姓名工作单位" in text for text in pages]
    assert heads == ["2024年6月20日" in text for text in pages]
    assert "".join(pages).count("2024年6月20日") == 300
    assert papers.violations(pdf, page.ValidationProfile.PDF_A_2A, page.ValidationProfile.PDF_UA_1) == []
    assert len(pdf) < 400_000


def test_document_sets_a_rare_name_in_one_face() -> None:
    data = replace(DOCUMENT, roster=papers.roster(7), paragraphs=("王晓䶮、李强同志具备助理工程师资格。",))
    pdf = typesetter().document(data, AT)
    with pypdfium2.PdfDocument(pdf) as opened:
        text = opened[0].get_textpage()
        whole = text.get_text_range()
        start = whole.index("王晓䶮、李强")
        faces = [text.get_text_range(start + offset, 1) + face(text, start + offset) for offset in range(6)]
    assert faces == ["王NotoSerifSC", "晓NotoSerifSC", "䶮NotoSerifSC", "、FandolFang", "李FandolFang", "强FandolFang"]


def face(text: pypdfium2.PdfTextPage, index: int) -> str:
    """The family of the font of one character."""
    buffer = ctypes.create_string_buffer(200)
    raw.FPDFText_GetFontInfo(text, index, buffer, 200, ctypes.c_int())
    return buffer.value.decode().split("+")[-1].split("-")[0]


def test_document_with_a_long_issuer_and_title_stays_in_the_type_area() -> None:
    data = replace(
        DOCUMENT,
        issuer="镇江市专业技术人员职称（职业资格）工作领导小组办公室",
        title="关于公布镇江市2024年度综合工程专业初定中级专业技术资格人员名单的通知",
    )
    places = origins(typesetter().document(data, AT), 0)
    assert min(x for _, x, _ in places) >= 27.9
    assert max(x for _, x, _ in places) < 184
    lines = {round(y) for character, _, y in places if 120 < y < 170 and character in "公布镇江市年度综合工程专业初定"}
    assert len(lines) == 2


def test_document_is_archivable_and_accessible(document: bytes) -> None:
    assert papers.violations(document, page.ValidationProfile.PDF_A_2A, page.ValidationProfile.PDF_UA_1) == []


def test_document_passes_qpdf_and_embeds_its_fonts(document: bytes, tmp_path: Path) -> None:
    assert "No syntax or stream encoding errors found" in papers.run("qpdf", document, tmp_path, "--check")
    rows = [line.split() for line in papers.run("pdffonts", document, tmp_path).splitlines()[2:]]
    assert {tuple(row[-5:-2]) for row in rows} == {("yes", "yes", "yes")}


def test_mark_of_a_sample_stands_in_the_file_once_however_many_pages_show_it() -> None:
    """Drawn on every page its outlines were two thirds of a long roster's bytes (docs/adr/0025)."""
    data = replace(DOCUMENT, roster=papers.roster(150))
    marked, plain = (typesetter().document(replace(data, sample=sample), AT) for sample in (True, False))
    with pypdfium2.PdfDocument(marked) as opened:
        pages = len(opened)
        assert pages > 10
        # The first page is red in its head also where it is no sample.
        assert [_red_share(opened[n]) > 0.05 for n in range(1, pages)] == [True] * (pages - 1)
    with pypdfium2.PdfDocument(plain) as opened:
        assert [_red_share(opened[n]) for n in range(1, len(opened))] == [0] * (len(opened) - 1)
    assert len(marked) - len(plain) < 8_000 + 120 * pages


def _red_share(sheet: pypdfium2.PdfPage) -> float:
    """How much of a page's middle is reddish."""
    picture = sheet.render(scale=0.5).to_pil().convert("RGB").crop((50, 100, 250, 300))
    red, _, blue = picture.split()
    return sum(ImageChops.subtract(red, blue).point(lambda value: 255 if value > 8 else 0).histogram()[255:]) / 40_000


@pytest.mark.soak
def test_document_of_five_thousand_is_small(tmp_path: Path) -> None:
    data = replace(DOCUMENT, roster=papers.roster(5000))
    pdf = typesetter().document(data, AT)
    assert len(pdf) < 620_000
    assert "".join(texts(pdf)).count("2024年6月20日") == 5000
    assert papers.violations(pdf, page.ValidationProfile.PDF_A_2B) == []
    assert "No syntax or stream encoding errors found" in papers.run("qpdf", pdf, tmp_path, "--check")
    assert typesetter().document(data, AT) == pdf


def test_document_keeps_the_sizes_lines_and_places_of_the_standard(document: bytes) -> None:
    """What GB/T 9704-2012 says of type sizes, of the foot's lines, of the date and of page numbers, measured on the page."""
    with pypdfium2.PdfDocument(document) as opened:
        last = len(opened) - 1
        assert size_of(opened[0], "关于王晓䶮等同志") == pytest.approx(22, abs=0.05)  # 2号
        assert size_of(opened[0], "各有关单位") == pytest.approx(16, abs=0.05)  # 3号
        assert size_of(opened[0], "镇技协〔2024〕3号") == pytest.approx(16, abs=0.05)
        assert size_of(opened[last], "抄送") == pytest.approx(14, abs=0.05)  # 4号
        assert size_of(opened[0], "—") == pytest.approx(14, abs=0.05)
        widths = sorted(stroke_widths(opened[last]))
    # 版记: two thick lines of 0.35 mm, a thin one of 0.25 mm between them
    assert widths == pytest.approx([0.25, 0.35, 0.35], abs=0.01)
    places = origins(document, 0)
    # a dash's axis, not its baseline, is 7 mm under the type area's lower edge
    number = first([place for place in places if place[2] > 262], "—")[1]
    assert 262 + 7 < number < 262 + 7 + 14 / 72 * 25.4
    character = 156 / 28
    day = next(
        sheet for sheet in range(len(texts(document))) if "镇江市职工技术协会2024年6月28日" in texts(document)[sheet]
    )
    signed = origins(document, day)
    joined = "".join(c for c, _, _ in signed)
    place = joined.index("镇江市职工技术协会2024年6月28日") + len("镇江市职工技术协会2024年6月28日") - 1
    # 右空四字: the longer of name and date ends at most four characters from the right
    assert signed[place][1] + character == pytest.approx(184 - 4 * character, abs=2 * character)
    title, addressee = first(places, "初定专业技术资格的通知")[1], first(places, "各有关单位")[1]
    assert PITCH * 1.5 < addressee - title < PITCH * 2.5  # 主送 one blank line under the title
    annex = first(signed, "附件：")[0] if day == 0 else first(origins(document, day), "附件：")[0]
    assert annex == pytest.approx(28 + 2 * character, abs=0.3)


def size_of(sheet: pypdfium2.PdfPage, words: str) -> float:
    """The type size of a text's first character, in points."""
    text = sheet.get_textpage()
    index = next(i for i in range(text.count_chars()) if text.get_text_range(i, len(words)) == words)
    return float(raw.FPDFText_GetFontSize(text, index))


def stroke_widths(sheet: pypdfium2.PdfPage) -> list[float]:
    """The widths of a page's stroked black lines that cross the whole type area, in millimetres."""
    found = []
    for item in sheet.get_objects(filter=[raw.FPDF_PAGEOBJ_PATH]):
        left, _, right, _ = item.get_bounds()
        if (right - left) / 72 * 25.4 > 150:
            width = ctypes.c_float()
            raw.FPDFPageObj_GetStrokeWidth(item, width)
            found.append(width.value / 72 * 25.4)
    return found


# ---- measures of GB/T 9704-2012 beside the grid ----

CHARACTER = 156 / 28  # millimetres from one character of size 3 to the next


def with_word(pdf: bytes, word: str) -> list[tuple[str, float, float]]:
    """The characters of the first page on which a word stands."""
    return origins(pdf, next(number for number, text in enumerate(texts(pdf)) if word in text))


def whole(places: list[tuple[str, float, float]], word: str) -> list[tuple[str, float, float]]:
    joined = "".join(character for character, _, _ in places)
    return places[joined.index(word) : joined.index(word) + len(word)]


@pytest.mark.parametrize("issuer", ["镇江市职工技术协会", "镇江市职称（职业资格）工作领导小组办公室", "协会"])
def test_date_ends_four_characters_from_the_right_under_the_middle_of_the_name(issuer: str) -> None:
    """7.3.5.1: 成文日期右空四字, 署名以成文日期为准居中; a name too long for that ends with the type area."""
    data = replace(DOCUMENT, issuer=issuer, paragraphs=("特此通知。",), signed_on=date(2024, 12, 28))
    places = with_word(typesetter().document(data, AT), "2024年12月28日")
    after = places[places.index(whole(places, "特此通知。")[-1]) :]
    name, day = whole(after, issuer), whole(after, "2024年12月28日")
    assert day[-1][1] + CHARACTER == pytest.approx(184 - 4 * CHARACTER, abs=0.3)
    assert day[0][2] - name[0][2] == pytest.approx(PITCH, abs=0.1)
    centre = (name[0][1] + name[-1][1] + CHARACTER) / 2
    wanted = (day[0][1] + day[-1][1] + CHARACTER) / 2
    reach = wanted + len(issuer) * CHARACTER / 2
    assert centre - wanted == pytest.approx(min(0, 184 - reach), abs=0.6)
    assert name[-1][1] + CHARACTER < 184.3


def test_number_and_title_stand_two_lines_under_what_is_above_them(document: bytes) -> None:
    """7.2.5 and 7.3.1: 下空二行."""
    places = origins(document, 0)
    mark, number = whole(places, "文件")[0], first(places, "镇技协〔")[1]
    with pypdfium2.PdfDocument(document) as opened:
        picture = opened[0].render(scale=200 / 72).to_numpy().astype(int)
    bright = (picture[..., 2] > 180) & (picture[..., 0] < 60) & (picture[..., 1] < 60)
    rows = bright.sum(axis=1) / 200 * 25.4
    rule = (rows > 150).nonzero()[0].max() / 200 * 25.4
    lower = (((rows > 0) & (rows < 150)).nonzero()[0] / 200 * 25.4).max()  # of the mark in red
    assert mark[2] < number
    assert number - 13 / 72 * 25.4 - lower == pytest.approx(2 * PITCH, abs=1)
    title = first(places, "关于王晓䶮")[1]
    assert title - 0.8 * 22 / 72 * 25.4 - rule == pytest.approx(2 * PITCH, abs=0.8)


def test_annex_is_said_one_line_below_the_text_without_a_full_stop(document: bytes) -> None:
    places = with_word(document, "附件：")
    body = max(y for _, _, y in whole(places, DOCUMENT.paragraphs[-1][-6:]))
    x, annex = first(places, "附件：")
    assert annex - body == pytest.approx(2 * PITCH, abs=0.1)
    assert x == pytest.approx(28 + 2 * CHARACTER, abs=0.2)
    said = "".join(character for character, _, y in places if abs(y - annex) < 0.1)
    assert said == "附件：2024年度综合工程专业初定专业技术资格人员名单"


def test_note_stands_on_the_line_under_the_date_two_characters_in(document: bytes) -> None:
    places = with_word(document, "（此件")
    x, note = first(places, "（此件")
    assert x == pytest.approx(28 + 2 * CHARACTER, abs=0.2)
    assert note - whole(places, "2024年6月28日")[-1][2] == pytest.approx(PITCH, abs=0.1)


def test_record_leaves_one_character_on_both_sides(document: bytes) -> None:
    """7.4.2: 抄送 左右各空一字; 7.4.3: 印发机关 左空一字, 印发日期 右空一字; of size 4, 14 points."""
    places = origins(document, len(texts(document)) - 1)
    character = 14 / 72 * 25.4
    assert first(places, "抄送：")[0] == pytest.approx(28 + character, abs=0.2)
    assert first(places, "镇江市职工技术协会办公室")[0] == pytest.approx(28 + character, abs=0.2)
    assert whole(places, "日印发")[-1][1] + character == pytest.approx(184 - character, abs=0.2)


def test_upper_margin_is_thirty_seven_millimetres() -> None:
    pdf = typesetter().document(replace(DOCUMENT, paragraphs=("国" * 28 * 60,), sample=False), AT)
    upper = min(y for character, _, y in origins(pdf, 1) if character == "国")
    with pypdfium2.PdfDocument(pdf) as opened:
        ink = opened[1].render(scale=400 / 72, grayscale=True).to_numpy() < 128
    ink = ink.reshape(ink.shape[:2])
    assert upper - 13 / 72 * 25.4 == pytest.approx(37, abs=0.05)  # the upper edge of the first line
    assert ink.any(axis=1).nonzero()[0].min() / 400 * 25.4 == pytest.approx(37, abs=1)  # 天头 37 mm ± 1 mm


def test_headings_have_the_faces_of_their_level() -> None:
    paragraphs = (
        "一、总体要求。按规定办理。",
        "（一）申报条件。按通知办理。",
        "1. 材料齐全。",
        "（1）内容真实。",
        "特此通知。",
    )
    pdf = typesetter().document(replace(DOCUMENT, paragraphs=paragraphs), AT)
    with pypdfium2.PdfDocument(pdf) as opened:
        text = opened[0].get_textpage()
        said = text.get_text_range()
        found = [face(text, said.index(word)) for word in ("总体要求", "按规定", "申报条件", "按通知", "材料", "内容")]
    assert found == ["NotoSansSC", "FandolFang", "ChudingKai", "FandolFang", "FandolFang", "FandolFang"]


@pytest.fixture
def licensed_fonts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fonts: Path) -> Iterator[None]:
    """Two faces of ours under other names, as a deployer's licensed 仿宋 and 小标宋 would lie there; the second lacks 䶮."""
    own = tmp_path / "own"
    own.mkdir()
    for name, source, lost in (("LicensedFang", "ChudingKai-Regular", ""), ("LicensedBiao", "NotoSansSC-Bold", "䶮")):
        font = TTFont(fonts / f"{source}.ttf")
        for record in list(font["name"].names):
            if record.nameID in {1, 4, 6, 16}:
                record.string = name
            elif record.nameID in {2, 17}:
                record.string = "Regular"
        for table in font["cmap"].tables:
            for character in lost:
                table.cmap.pop(ord(character), None)
        font.save(own / f"{name}.ttf")
    monkeypatch.setenv("CHUDING_EXTRA_FONTS", str(own))
    monkeypatch.setenv("CHUDING_FANGSONG", "LicensedFang.ttf")
    monkeypatch.setenv("CHUDING_XIAOBIAOSONG", "LicensedBiao.ttf")
    glyphs.licensed.cache_clear()
    yield
    glyphs.licensed.cache_clear()


def test_licensed_faces_of_the_installation_are_used(licensed_fonts: None, fonts: Path) -> None:
    maker = Typesetter(fonts)
    pdf = maker.document(replace(DOCUMENT, title="关于李强等同志初定专业技术资格的通知"), AT)
    with pypdfium2.PdfDocument(pdf) as opened:
        text = opened[0].get_textpage()
        said = text.get_text_range()
        found = [face(text, said.index(word)) for word in ("文件", "关于李强", "各有关单位")]
    assert found == ["LicensedBiao", "LicensedBiao", "LicensedFang"]
    assert papers.violations(pdf, page.ValidationProfile.PDF_A_2A) == []
    rare = maker.document(
        DOCUMENT, AT
    )  # its title has a 䶮, which the licensed face lacks: then the whole title stays ours
    with pypdfium2.PdfDocument(rare) as opened:
        text = opened[0].get_textpage()
        assert face(text, text.get_text_range().index("关于王晓")) == "NotoSerifSC"


def test_licensed_face_that_is_not_there_is_said_so(licensed_fonts: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHUDING_FANGSONG", "nowhere.ttf")
    with pytest.raises(RuntimeError, match=r"CHUDING_FANGSONG 指的字体 nowhere\.ttf 不在"):
        glyphs.licensed("fang")
