"""The letters: receipt, notice of corrections, refusal, endorsement, archive cover; and the gallery that shows them all."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import page
import papers
import pypdfium2
import pytest
from papers import AT, typesetter

from chuding.paper import gallery, gallery_decisions
from chuding.paper.glyphs import MissingGlyph
from chuding.paper.letters import TEMPLATES, AppealData, EndorsementData
from chuding.paper.sign import sign_pdf
from chuding.paper.typeset import chinese_date
from chuding.paper.verify import verify_pdf

if TYPE_CHECKING:
    from pathlib import Path

LETTERS = dict(
    (
        *gallery._receipts(),
        *gallery._corrections(),
        *gallery_decisions.refusals(),
        *gallery_decisions.appeals(),
        *gallery._endorsements(),
        *gallery._covers(),
    )
)
USUAL = [name for name in LETTERS if name.endswith(("-usual", "-one", "-7"))]


def strings(value: object) -> list[str]:
    """Every text inside a letter, as it is printed."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, datetime):
        return ["2024年5月20日 09:30:15"]
    if isinstance(value, date):
        return [chinese_date(value)]
    if isinstance(value, tuple):
        return [text for item in value for text in strings(item)]
    if hasattr(value, "__dataclass_fields__"):
        return [
            text
            for field in fields(value)
            if field.name not in {"page_url", "post"}
            for text in strings(getattr(value, field.name))
        ]
    return []


@pytest.mark.parametrize("name", LETTERS)
def test_letter_prints_everything_it_was_given(name: str, tmp_path: Path) -> None:
    letter = LETTERS[name]
    pdf = typesetter().letter(letter, AT)
    pdfium, poppler = papers.pdfium_text(pdf), papers.poppler_text(pdf, tmp_path)
    told = letter
    if isinstance(letter, AppealData) and not letter.upheld:  # a refusal that is void names no clause any more
        told = replace(letter, notice_title="", notice_number="", clause="", clause_text="")
    wanted = [text for text in strings(told) if text]
    if isinstance(letter, EndorsementData) and len(letter.people) > 1:
        assert f"以上名单共{len(letter.people)}名" in pdfium
    missing = [text for line in wanted for text in line.split("\n") if papers.bare(text) not in pdfium]
    assert missing == []
    assert [text for line in wanted for text in line.split("\n") if papers.bare(text) not in poppler] == []
    assert "None" not in pdfium


@pytest.mark.parametrize("name", LETTERS)
def test_letter_says_that_it_is_a_sample_only_if_it_is(name: str) -> None:
    pdf = typesetter().letter(LETTERS[name], AT)
    assert ("样张" in papers.pdfium_text(pdf)) is LETTERS[name].sample


@pytest.mark.parametrize("name", USUAL)
def test_letter_is_archivable_accessible_and_can_be_signed(name: str, signer, root) -> None:
    pdf = typesetter().letter(LETTERS[name], AT)
    profiles = page.ValidationProfile
    assert papers.violations(pdf, profiles.PDF_A_2A, profiles.PDF_UA_1) == []
    signed = sign_pdf(pdf, signer, at=AT, reason="测试")
    assert verify_pdf(signed, [root], at=AT).valid is True
    assert papers.violations(signed, profiles.PDF_A_2A) == []


def test_letters_are_the_same_bytes_each_time() -> None:
    made = [{name: typesetter().letter(LETTERS[name], AT) for name in USUAL} for _ in range(2)]
    assert made[0] == made[1]


@pytest.mark.parametrize(
    "name", ["receipt-usual", "correction-usual", "refusal-usual", "appeal-usual", "appeal-granted"]
)
def test_letter_carries_the_address_of_the_file(name: str) -> None:
    pdf = typesetter().letter(LETTERS[name], AT)
    assert papers.codes(pdf) == [LETTERS[name].page_url]


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("receipt-usual", 1),
        ("correction-usual", 1),
        ("refusal-usual", 1),
        ("appeal-usual", 1),
        ("endorsement-one", 1),
        ("cover-usual", 2),
    ],
)
def test_letter_of_the_usual_length_is_one_sheet(name: str, count: int) -> None:
    assert papers.page_count(typesetter().letter(LETTERS[name], AT)) == count


@pytest.mark.parametrize("count", range(1, 40))
def test_stamp_never_stands_on_a_page_without_a_word_of_the_text(count: int) -> None:
    """A stamped sheet that could be put under anything is a blank cheque."""
    usual = LETTERS["endorsement-7"]
    pdf = typesetter().letter(replace(usual, people=(usual.people * 6)[:count]), AT)
    with pypdfium2.PdfDocument(pdf) as document:
        last = papers.bare(document[len(document) - 1].get_textpage().get_text_range())
    assert "公章" in last
    assert (f"以上名单共{count}名，以下空白" in last) or "特此证明" in last


def test_receipt_counts_what_was_handed_in() -> None:
    usual = LETTERS["receipt-usual"]
    assert "收到的材料（共3件，7页）" in papers.pdfium_text(typesetter().letter(usual, AT))
    assert "收到的材料（共0件，0页）" in papers.pdfium_text(typesetter().letter(replace(usual, materials=()), AT))


def test_receipt_says_the_second_in_shanghai() -> None:
    """The window ends at a second: 2024-12-10 15:59:59 UTC is in time, a second later is not."""
    usual = LETTERS["receipt-usual"]
    for second, shown in ((59, "2024年12月10日23:59:59"), (60, "2024年12月11日00:00:00")):
        at = datetime.fromtimestamp(datetime(2024, 12, 10, 15, 59, tzinfo=UTC).timestamp() + second, UTC)
        assert shown in papers.pdfium_text(typesetter().letter(replace(usual, submitted_at=at), AT))


def test_cover_does_not_guess_a_sum_of_pages() -> None:
    usual = LETTERS["cover-usual"]
    assert "共6件，13页" in papers.pdfium_text(typesetter().letter(usual, AT))
    unknown = replace(usual, papers=(*usual.papers[:-1], replace(usual.papers[-1], pages=None)))
    text = papers.pdfium_text(typesetter().letter(unknown, AT))
    assert "共6件" in text
    assert "共6件，" not in text


def test_endorsement_of_nobody_is_refused() -> None:
    with pytest.raises(ValueError, match="somebody"):
        typesetter().letter(replace(LETTERS["endorsement-one"], people=()), AT)


def test_letter_with_a_character_that_no_font_has_is_refused() -> None:
    with pytest.raises(MissingGlyph, match="U\\+30EDE"):
        typesetter().letter(replace(LETTERS["refusal-usual"], reason="𰻞"), AT)


def test_markup_in_a_reason_is_printed_and_never_read() -> None:
    reason = '#read("/etc/passwd") $x$ *b* <a> = H'
    assert papers.bare(reason) in papers.pdfium_text(
        typesetter().letter(replace(LETTERS["refusal-usual"], reason=reason), AT)
    )


def test_every_letter_has_its_template_and_its_place_in_the_gallery() -> None:
    assert {type(letter) for letter in LETTERS.values()} == set(TEMPLATES)
