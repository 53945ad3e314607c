"""The certificate, and what holds for every paper: bytes, preferences, errors."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

import numpy as np
import page
import papers
import pikepdf
import pypdfium2
import pytest
from papers import AT, CERTIFICATE, DECLARATION, DOCUMENT, LONGEST_NAME, typesetter

from chuding.paper.glyphs import MissingGlyph
from chuding.paper.sign import sign_pdf
from chuding.paper.typeset import Typesetter
from chuding.paper.verify import verify_pdf

if TYPE_CHECKING:
    from pathlib import Path

    import numpy.typing as npt
    from cryptography import x509

    from chuding.paper.keys import Signer

PRINTED = (
    "王晓䶮",
    "女",
    "1996年5月12日出生",
    "居民身份证 321102199605120047",
    "镇江市恒远精密机械制造有限公司",
    "助理工程师",
    "（助理级）专业技术资格，特发此证。",
    "机械工程／机械制造／机械设计",
    "依据镇技协〔2024〕1号文件二（二）的规定，经审核批准，初定",
    "2024年6月20日",
    "2024年6月28日",
    "镇技协〔2024〕3号",
    "ZJJX2024ZL000127",
    "镇江市职工技术协会",
    "https://chuding.example.cn/v/7KQ2M9XD4TB6",
    "第1284条 9f3c21ab",
    "CERTIFICATE OF PROFESSIONAL AND TECHNICAL QUALIFICATION",
    "本文件含数字签名，未加盖法定电子印章",
    "样张 SAMPLE",
)


SCALE = 2.0  # pixels a millimetre


def shown(pdf: bytes) -> npt.NDArray[np.int16]:
    """The first page as a picture."""
    with pypdfium2.PdfDocument(pdf) as document:
        return document[0].render(scale=SCALE * 25.4 / 72).to_numpy().astype(np.int16)


@pytest.fixture(scope="module")
def certificate() -> bytes:
    return typesetter().certificate(CERTIFICATE, AT)


def test_certificate_is_one_landscape_page(certificate: bytes) -> None:
    with pypdfium2.PdfDocument(certificate) as document:
        assert [tuple(round(side / 72 * 25.4) for side in sheet.get_size()) for sheet in document] == [(297, 210)]


def test_certificate_text_comes_out_as_it_went_in(certificate: bytes, tmp_path: Path) -> None:
    pdfium, poppler = papers.pdfium_text(certificate), papers.poppler_text(certificate, tmp_path)
    for text in PRINTED:
        assert papers.bare(text) in pdfium, text
        assert papers.bare(text) in poppler, text


def test_certificate_prints_no_none_and_leaves_out_what_is_unknown() -> None:
    bare = replace(
        CERTIFICATE,
        sex=None,
        birth_on=None,
        employer_name=None,
        minor=None,
        notice_number=None,
        clause=None,
        ledger_root=None,
    )
    text = papers.pdfium_text(typesetter().certificate(bare, AT))
    assert "None" not in text
    assert "none" not in text
    assert "出生" not in text
    assert "登记簿" not in text
    assert "经审核批准，初定" in text
    assert "机械工程／机械制造批准文号" in text


def test_certificate_without_sample_says_nothing_of_it(certificate: bytes) -> None:
    genuine = typesetter().certificate(replace(CERTIFICATE, sample=False), AT)
    assert "样张" in papers.pdfium_text(certificate)
    assert "样张" not in papers.pdfium_text(genuine)


def test_certificate_sample_mark_covers_the_middle_of_the_page(certificate: bytes) -> None:
    genuine = typesetter().certificate(replace(CERTIFICATE, sample=False), AT)
    pictures = [shown(certificate), shown(genuine)]
    height, width, _ = pictures[0].shape
    middle = abs(pictures[0] - pictures[1]).sum(axis=2)[height // 4 : 3 * height // 4, width // 4 : 3 * width // 4]
    assert (middle > 12).mean() > 0.1


def test_certificate_code_is_read_and_large_enough(certificate: bytes) -> None:
    with pypdfium2.PdfDocument(certificate) as document:
        found = papers.zxingcpp.read_barcodes(document[0].render(scale=150 / 72, grayscale=True).to_numpy())
    assert [code.text for code in found] == [CERTIFICATE.verify_url]
    corners = found[0].position
    assert (corners.top_right.x - corners.top_left.x) / 150 * 25.4 >= 25


def test_certificate_code_is_read_from_a_faint_black_and_white_print(certificate: bytes) -> None:
    with pypdfium2.PdfDocument(certificate) as document:
        grey = document[0].render(scale=100 / 72, grayscale=True).to_numpy()
    assert [code.text for code in papers.zxingcpp.read_barcodes((grey // 2 + 110).astype("uint8"))] == [
        CERTIFICATE.verify_url
    ]


OFFLINE = "HTTPS://CHUDING.EXAMPLE.CN/V/" + "A2B3C4D5E6F7G2H3" * 28


@pytest.mark.parametrize("dpi", [120, 150, 200])
def test_certificate_carries_both_codes_large_enough(dpi: int) -> None:
    pdf = typesetter().certificate(replace(CERTIFICATE, offline_url=OFFLINE), AT)
    assert papers.page_count(pdf) == 1
    with pypdfium2.PdfDocument(pdf) as document:
        picture = document[0].render(scale=dpi / 72, grayscale=True).to_numpy()
    found = {code.text: code.position for code in papers.zxingcpp.read_barcodes((picture // 2 + 110).astype("uint8"))}
    assert set(found) == {CERTIFICATE.verify_url, OFFLINE}
    widths = {text: (at.top_right.x - at.top_left.x) / dpi * 25.4 for text, at in found.items()}
    assert widths[CERTIFICATE.verify_url] >= 25
    assert widths[OFFLINE] >= 28


def test_certificate_with_both_codes_is_archivable_and_keeps_its_text() -> None:
    pdf = typesetter().certificate(replace(CERTIFICATE, offline_url=OFFLINE), AT)
    profiles = page.ValidationProfile
    assert papers.violations(pdf, profiles.PDF_A_2A, profiles.PDF_UA_1) == []
    text = papers.pdfium_text(pdf)
    assert [line for line in PRINTED if papers.bare(line) not in text] == []


@pytest.mark.parametrize(
    "name", [*papers.NAMES, LONGEST_NAME, "李", "陳學賢", "Müller-Lüdenscheidt, Wolfgang Amadeus Theophilus Maria"]
)
def test_certificate_name_stays_on_one_line_inside_the_page(name: str, tmp_path: Path) -> None:
    pdf = typesetter().certificate(replace(CERTIFICATE, holder_name=name), AT)
    assert papers.page_count(pdf) == 1
    assert papers.bare(name) in papers.pdfium_text(pdf)
    assert papers.bare(name) in papers.poppler_text(pdf, tmp_path)
    reference = typesetter().certificate(replace(CERTIFICATE, holder_name="一"), AT)
    changed = (shown(pdf) != shown(reference)).any(axis=2)
    rows, columns = changed.any(axis=1).nonzero()[0] / SCALE, changed.any(axis=0).nonzero()[0] / SCALE
    # Nothing but the band of the name has moved, and the name ends inside the frame.
    assert 58 < rows.min() < rows.max() < 80
    assert 25 < columns.min() < columns.max() < 272


def test_certificate_with_everything_long_stays_one_page() -> None:
    pdf = typesetter().certificate(
        replace(
            CERTIFICATE,
            holder_name=LONGEST_NAME,
            employer_name="中国石油化工集团有限公司江苏镇江石油分公司句容市宝华镇仙林东路综合加能站管理中心第一分部"
            * 3,
            issuer="镇江市专业技术人员职称（职业资格）工作领导小组办公室",
            identity_type="江苏省海外高层次人才居住证",
            series="船舶与海洋工程",
            major="船舶与海洋工程装备设计制造",
            minor="船舶与海洋结构物设计与制造技术管理",
            verify_url="https://title-conferment.human-resources.zhenjiang.example.cn/verify/7KQ2M9XD4TB6WXYZ",
        ),
        AT,
    )
    assert papers.page_count(pdf) == 1
    with pypdfium2.PdfDocument(pdf) as document:
        text = document[0].get_textpage()
        whole = text.get_text_range()
        table_end = text.get_charbox(whole.index("术管理"))[1]
    # The QR code's frame begins 36 mm above the lower margin: the table must end before it.
    assert 210 - table_end / 72 * 25.4 < 210 - 22.5 - 1 - 36
    assert "船舶与海洋结构物设计与制造技术管理" in papers.pdfium_text(pdf)
    assert papers.codes(pdf) == [
        "https://title-conferment.human-resources.zhenjiang.example.cn/verify/7KQ2M9XD4TB6WXYZ"
    ]


def test_certificate_is_archivable_and_accessible(certificate: bytes) -> None:
    profiles = page.ValidationProfile
    assert papers.violations(certificate, profiles.PDF_A_2A, profiles.PDF_UA_1) == []


def test_certificate_fonts_are_embedded_as_subsets(certificate: bytes, tmp_path: Path) -> None:
    rows = [line.split() for line in papers.run("pdffonts", certificate, tmp_path).splitlines()[2:]]
    assert sorted(row[0].split("+")[1] for row in rows) == [
        "ChudingKai-Regular",
        "NotoSansSC-Bold",
        "NotoSerifSC-Bold",
        "NotoSerifSC-Regular",
    ]
    assert {tuple(row[-5:-2]) for row in rows} == {("yes", "yes", "yes")}


def test_certificate_passes_qpdf(certificate: bytes, tmp_path: Path) -> None:
    assert "No syntax or stream encoding errors found" in papers.run("qpdf", certificate, tmp_path, "--check")


def test_certificate_is_light(certificate: bytes) -> None:
    assert len(certificate) < 250_000


def test_papers_tell_the_printer_how() -> None:
    wanted = {"certificate": "/Simplex", "declaration": "/DuplexFlipLongEdge", "document": "/DuplexFlipLongEdge"}
    data = {"certificate": CERTIFICATE, "declaration": DECLARATION, "document": DOCUMENT}
    for kind, duplex in wanted.items():
        with pikepdf.open(io.BytesIO(getattr(typesetter(), kind)(data[kind], AT))) as document:
            preferences = document.Root.ViewerPreferences
            assert (str(preferences.Duplex), str(preferences.PrintScaling)) == (duplex, "/None")
            assert bool(preferences.DisplayDocTitle) is True
            assert str(document.docinfo["/CreationDate"]) == "D:20240628100000Z"


def test_papers_are_the_same_bytes_each_time_and_in_another_process(fonts: Path) -> None:
    first = papers.digests(typesetter())
    assert papers.digests(typesetter()) == first
    command = [sys.executable, papers.__file__, str(fonts)]
    other = subprocess.run(command, capture_output=True, text=True, check=True, env={"PYTHONHASHSEED": "7"})
    assert json.loads(other.stdout) == first


def test_papers_differ_with_the_moment() -> None:
    later = AT.replace(hour=19)
    assert typesetter().certificate(CERTIFICATE, AT) != typesetter().certificate(CERTIFICATE, later)


def test_papers_are_made_by_several_threads_at_once(certificate: bytes) -> None:
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda _: typesetter().certificate(CERTIFICATE, AT), range(8)))
    assert set(made) == {certificate}


@pytest.mark.parametrize("kind", ["certificate", "declaration", "document"])
def test_papers_stay_whole_and_archivable_when_signed(kind: str, signer: Signer, root: x509.Certificate) -> None:
    data = {
        "certificate": CERTIFICATE,
        "declaration": DECLARATION,
        "document": replace(DOCUMENT, roster=papers.roster(9)),
    }
    signed = sign_pdf(getattr(typesetter(), kind)(data[kind], AT), signer, at=AT, reason="测试")
    assert verify_pdf(signed, [root], at=AT).valid is True
    assert papers.violations(signed, page.ValidationProfile.PDF_A_2A) == []


def test_markup_in_data_is_printed_and_never_read() -> None:
    name = '#read("/etc/passwd") $x$ *b* <a>'
    assert papers.bare(name) in papers.pdfium_text(typesetter().certificate(replace(CERTIFICATE, holder_name=name), AT))


def test_missing_glyph_is_found_before_typesetting(tmp_path: Path) -> None:
    nowhere = Typesetter(tmp_path)
    with pytest.raises(MissingGlyph, match="U\\+30EDE"):
        nowhere.certificate(replace(CERTIFICATE, holder_name="王𰻞"), AT)
    with pytest.raises(MissingGlyph, match="U\\+E000"):
        nowhere.document(replace(DOCUMENT, roster=(replace(papers.roster(1)[0], name="王\ue000"),)), AT)
    with pytest.raises(MissingGlyph, match="U\\+30EDE"):
        nowhere.declaration(replace(DECLARATION, works=(replace(DECLARATION.works[0], witness="𰻞"),)), AT)


def test_a_naive_moment_is_refused() -> None:
    with pytest.raises(ValueError, match="aware"):
        typesetter().certificate(CERTIFICATE, datetime(2024, 6, 28))
