"""The declaration form: what it prints, how it breaks over pages, and that it can be signed and bound."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date
from typing import TYPE_CHECKING

import page
import papers
import pypdfium2
import pytest
from papers import AT, DECLARATION, LONGEST_NAME, typesetter

from chuding.paper.typeset import DeclarationData, Opinion, SchoolingRow

if TYPE_CHECKING:
    from pathlib import Path

EMPTY = DeclarationData(
    application_number="ZJ2024-000128-2",
    verify_url="https://chuding.example.cn/f/2",
    holder_name="𬱖㛃",
    identity_type="护照",
    identity_number="E12345678",
    level="中级",
    qualification="工程师",
    series="电力工程",
    major="电气工程",
    commitment="本人承诺所填属实。",
    sample=False,
)


@pytest.fixture(scope="module")
def declaration() -> bytes:
    return typesetter().declaration(DECLARATION, AT)


def strings(value: object) -> list[str]:
    """Every text inside a dataclass, whatever its depth."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, date):
        return [f"{value.year}年{value.month}月{value.day}日"]
    if isinstance(value, tuple):
        return [text for item in value for text in strings(item)]
    if hasattr(value, "__dataclass_fields__"):
        return [text for field in fields(value) for text in strings(getattr(value, field.name))]
    return []


def test_declaration_prints_every_field_as_it_was_given(declaration: bytes, tmp_path: Path) -> None:
    pdfium, poppler = papers.pdfium_text(declaration), papers.poppler_text(declaration, tmp_path)
    for text in strings(replace(DECLARATION, verify_url="")):
        assert papers.bare(text) in pdfium, text
        assert papers.bare(text) in poppler, text


def test_declaration_of_one_schooling_is_one_sheet(declaration: bytes) -> None:
    assert papers.page_count(declaration) == 2


def test_declaration_prints_unknown_as_not_filled_in() -> None:
    text = papers.pdfium_text(typesetter().declaration(EMPTY, AT))
    assert "None" not in text
    assert "none" not in text
    assert text.count("未填写") == 25
    assert "样张" not in text


def test_declaration_says_whether_the_post_is_established() -> None:
    for value, shown in ((True, "是否事业编制是"), (False, "是否事业编制否"), (None, "是否事业编制未填写")):
        assert shown in papers.pdfium_text(typesetter().declaration(replace(DECLARATION, established_post=value), AT))


def test_declaration_numbers_its_pages_and_names_its_file_on_each(declaration: bytes) -> None:
    with pypdfium2.PdfDocument(declaration) as document:
        for number, sheet in enumerate(document, start=1):
            text = papers.bare(sheet.get_textpage().get_text_range())
            assert f"第{number}页共2页" in text
            assert "办件号ZJ2024-000127-4" in text
            assert "样张SAMPLE" in text


def test_declaration_code_is_read_on_each_page(declaration: bytes) -> None:
    assert papers.codes(declaration) == [DECLARATION.verify_url] * 2


def test_declaration_leaves_the_binding_margin_free_on_both_sides(declaration: bytes) -> None:
    with pypdfium2.PdfDocument(declaration) as document:
        for number, sheet in enumerate(document, start=1):
            text = sheet.get_textpage()
            boxes = [text.get_charbox(index) for index in range(text.count_chars())]
            left = min(box[0] for box in boxes if box[2] > box[0]) / 72 * 25.4
            right = 210 - max(box[2] for box in boxes) / 72 * 25.4
            assert (left if number % 2 else right) > 26
            assert (right if number % 2 else left) > 16


def rows_of(pdf: bytes, *words: str) -> list[list[bool]]:
    """On each page, which of some words stand."""
    with pypdfium2.PdfDocument(pdf) as document:
        texts = [papers.bare(sheet.get_textpage().get_text_range()) for sheet in document]
    return [[word in text for word in words] for text in texts]


def test_declaration_with_twelve_schoolings_splits_no_row_and_repeats_the_heads() -> None:
    schoolings = tuple(
        SchoolingRow(
            school=f"始{number}镇江高等专业技术师范学院继续教育与成人教育学院机械电子工程分院",
            specialty="机械设计制造及其自动化（数控技术方向）",
            schooling="本科",
            degree="学士",
            entered_on=date(2000, 9, 1),
            graduated_on=date(2004, 6, 20),
            certificate_number=f"10289120220500{number:04}",
            verified_by=f"终{number}",
        )
        for number in range(10, 22)
    )
    pdf = typesetter().declaration(replace(DECLARATION, schoolings=schoolings), AT)
    assert papers.page_count(pdf) in {3, 4}
    for number in range(10, 22):
        assert sorted(rows_of(pdf, f"始{number}", f"终{number}")) == [
            *[[False, False]] * (papers.page_count(pdf) - 1),
            [True, True],
        ]
    heads = rows_of(pdf, "学校（院、所）")
    assert heads[:2] == [[True], [True]]
    assert papers.violations(pdf, page.ValidationProfile.PDF_A_2A, page.ValidationProfile.PDF_UA_1) == []


def test_declaration_never_splits_a_block_to_sign() -> None:
    for extra in range(0, 40, 4):
        data = replace(DECLARATION, summary=DECLARATION.summary + ("补充一段。",) * extra)
        found = rows_of(
            typesetter().declaration(data, AT), "对所填内容和材料的真实性", "单位负责人（签字）", "（单位公章）"
        )
        assert [row for row in found if any(row)] == [[True, True, True]], extra


def test_declaration_with_long_values_keeps_all_of_them() -> None:
    data = replace(
        DECLARATION,
        holder_name=LONGEST_NAME,
        employer_name="中国石油化工集团有限公司江苏镇江石油分公司句容市宝华镇仙林东路综合加能站管理中心",
        email="a.very.long.address.of.a.person.with.many.names@engineering.example.com",
        identity_type="江苏省海外高层次人才居住证",
        works=DECLARATION.works * 15,
    )
    pdf = typesetter().declaration(data, AT)
    text = papers.pdfium_text(pdf)
    for value in (data.holder_name, data.employer_name, data.email, data.identity_type):
        assert str(value) in text
    assert text.count("2022年8月起连续缴费") == 15


def test_declaration_after_approval_still_has_a_blank_for_the_employer(declaration: bytes) -> None:
    text = papers.pdfium_text(declaration)
    assert "单位负责人（签字）：" in text
    assert "（单位公章）" in text
    assert text.count("年月日") == 2  # the applicant's and the employer's; the others carry their dates


def test_declaration_before_decisions_leaves_their_dates_blank() -> None:
    data = replace(DECLARATION, opinions=(Opinion("受理意见"), Opinion("审核意见"), Opinion("审批意见")))
    assert papers.pdfium_text(typesetter().declaration(data, AT)).count("年月日") == 5


def test_declaration_of_a_freelancer_names_the_agency() -> None:
    data = replace(DECLARATION, endorsement_title="代理机构意见", employer_name=None)
    text = papers.pdfium_text(typesetter().declaration(data, AT))
    assert "代理机构意见" in text
    assert "工作单位未填写" in text


def test_declaration_is_archivable_and_accessible(declaration: bytes) -> None:
    empty = typesetter().declaration(EMPTY, AT)
    for pdf in (declaration, empty):
        assert papers.violations(pdf, page.ValidationProfile.PDF_A_2A, page.ValidationProfile.PDF_UA_1) == []


def test_declaration_passes_qpdf_and_embeds_its_fonts(declaration: bytes, tmp_path: Path) -> None:
    assert "No syntax or stream encoding errors found" in papers.run("qpdf", declaration, tmp_path, "--check")
    rows = [line.split() for line in papers.run("pdffonts", declaration, tmp_path).splitlines()[2:]]
    assert {tuple(row[-5:-2]) for row in rows} == {("yes", "yes", "yes")}
