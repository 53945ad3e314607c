"""Invented people on paper, and the outside tools that judge it; shared by the tests of typesetting."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
import sys
import tempfile
from datetime import date, datetime, timedelta, timezone
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import page
import pypdfium2
import pytest
import zxingcpp

from chuding.paper.glyphs import fonts_folder
from chuding.paper.typeset import (
    CertificateData,
    DeclarationData,
    DocumentData,
    Opinion,
    RosterRow,
    SchoolingRow,
    Typesetter,
    WorkRow,
)

if TYPE_CHECKING:
    from collections.abc import Callable

AT = datetime(2024, 6, 28, 18, 0, tzinfo=timezone(timedelta(hours=8)))
NAMES = ("王晓䶮", "欧阳志远", "阿依古丽·买买提", "𬱖㛃", "李强", "赵一鸣", "Jean-Paul Martin")
LONGEST_NAME = "阿卜杜热西提·买买提依明·阿布都克里木·玉素甫江"
_FOLDER = tempfile.TemporaryDirectory(prefix="chuding-fonts-")

CERTIFICATE = CertificateData(
    holder_name="王晓䶮",
    sex="女",
    birth_on=date(1996, 5, 12),
    identity_type="居民身份证",
    identity_number="321102199605120047",
    employer_name="镇江市恒远精密机械制造有限公司",
    level="助理级",
    qualification="助理工程师",
    series="机械工程",
    major="机械制造",
    minor="机械设计",
    qualified_on=date(2024, 6, 20),
    approved_on=date(2024, 6, 28),
    document_number="镇技协〔2024〕3号",
    certificate_number="ZJJX2024ZL000127",
    issuer="镇江市职工技术协会",
    verify_url="https://chuding.example.cn/v/7KQ2M9XD4TB6",
    sample=True,
    ledger_root="第1284条 9f3c21ab",
    notice_number="镇技协〔2024〕1号",
    clause="二（二）",
)

DECLARATION = DeclarationData(
    application_number="ZJ2024-000127-4",
    verify_url="https://chuding.example.cn/f/7KQ2M9XD4TB6",
    holder_name="王晓䶮",
    identity_type="居民身份证",
    identity_number="321102199605120047",
    level="助理级",
    qualification="助理工程师",
    series="机械工程",
    major="机械制造",
    minor="机械设计",
    commitment="本人承诺：所填写的信息和提交的材料真实、准确、完整。如有不实，本人自愿承担由此产生的一切后果。",
    sample=True,
    sex="女",
    birth_on=date(1996, 5, 12),
    ethnicity="汉族",
    political_status="中共党员",
    phone="13800001234",
    email="wang.xiaoyan@example.com",
    started_work_on=date(2022, 7, 11),
    employer_name="镇江市恒远精密机械制造有限公司",
    employer_code="91321100MA1TEST0X1",
    employer_kind="民营企业",
    district="江苏省镇江市（市本级）",
    competent_department="镇江市工业和信息化局",
    established_post=False,
    post="机械设计员",
    current_title="无",
    current_specialty="机械设计",
    specialty_since=date(2022, 7, 11),
    clause="二（二）",
    notice_number="镇技协〔2024〕1号",
    round="2024年度综合工程专业",
    submitted_on=date(2024, 5, 20),
    schoolings=(
        SchoolingRow(
            school="江苏科技大学",
            specialty="机械设计制造及其自动化",
            schooling="本科",
            degree="学士",
            entered_on=date(2018, 9, 1),
            graduated_on=date(2022, 6, 20),
            certificate_number="102891202205001234",
            mode="全日制",
            verified_by="学信网核验一致",
        ),
    ),
    works=(
        WorkRow(
            started_on=date(2022, 7, 11),
            ended_on=None,
            employer="镇江市恒远精密机械制造有限公司",
            post="机械设计员",
            specialty="机械设计",
            ongoing=True,
            witness="孙立",
            insurance="2022年8月起连续缴费",
        ),
    ),
    appraisals="2022年度合格；2023年度优秀",
    continuing_education="2023年度专业科目60学时，公需科目30学时",
    sanctions="无",
    summary=(
        "本人自2022年7月起从事数控机床功能部件的结构设计与工艺改进，独立完成零部件图纸三百余张。",
        "2023年起承担刀塔的减振改进，将整机一阶固有频率由86Hz提高到112Hz，现场切削振纹明显减轻。",
    ),
    committed_on=date(2024, 5, 20),
    opinions=(
        Opinion("受理意见", "材料齐全，予以受理。", "镇江市职工技术协会", "李文", date(2024, 5, 22)),
        Opinion("审核意见", "建议初定助理工程师资格。", "镇江市职工技术协会", "周敏", date(2024, 6, 18)),
        Opinion("审批意见", "同意。", "镇江市职工技术协会", None, date(2024, 6, 28), "镇技协〔2024〕3号"),
    ),
)

DOCUMENT = DocumentData(
    issuer="镇江市职工技术协会",
    document_number="镇技协〔2024〕3号",
    title="关于王晓䶮等同志\n初定专业技术资格的通知",
    addressee="各有关单位",
    paragraphs=(
        "根据《关于做好我市2024年度综合工程专业职称初定工作的通知》（镇技协〔2024〕1号）规定，经个人申报、单位同意、协会审核，王晓䶮等同志符合初定条件，现予公布。",
        "一、初定资格",
        "上述同志具备相应的专业技术资格，资格取得时间见附件。",
        "（一）证书领取。上述人员自文件印发之日起，可登录系统下载电子证书。",
    ),
    signed_on=date(2024, 6, 28),
    printed_by="镇江市职工技术协会办公室",
    printed_on=date(2024, 6, 28),
    sample=True,
    annex_title="2024年度综合工程专业初定专业技术资格人员名单",
    copies_to="镇江市职称工作领导小组办公室",
    note="此件公开发布",
)


def roster(count: int) -> tuple[RosterRow, ...]:
    """As many people as wanted, of seven names, three employers and two qualifications."""
    employers = (
        "镇江市恒远精密机械制造有限公司",
        "江苏大港船舶设备股份有限公司",
        "句容市电力安装工程有限公司第三分公司",
    )
    specialties = ("机械工程／机械制造／机械设计", "船舶与海洋工程／轮机工程", "电力工程／电气工程")
    return tuple(
        RosterRow(
            name=NAMES[number % 7],
            employer=employers[number % 3],
            field=specialties[number % 3],
            qualification=("助理工程师", "技术员")[number % 2],
            qualified_on=date(2024, 6, 20),
        )
        for number in range(count)
    )


@cache
def typesetter() -> Typesetter:
    """One for the whole test process: unpacking the fonts takes a second."""
    return Typesetter(fonts_folder(Path(_FOLDER.name)))


def tool(name: str) -> str:
    """The path of an outside tool; skips the test where it is not installed."""
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed (Debian: poppler-utils, qpdf, libnss3-tools)")
    return found


def run(name: str, pdf: bytes, tmp_path: Path, *options: str, after: tuple[str, ...] = ()) -> str:
    """What an outside tool says about a PDF; a non-zero exit fails the test."""
    path = tmp_path / "paper.pdf"
    path.write_bytes(pdf)
    done = subprocess.run([tool(name), *options, str(path), *after], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stderr == ""
    return done.stdout


TRUSTED = {
    "- Signature Validation: Signature is Valid.",
    "- Certificate Validation: Certificate is Trusted.",
    "- Total document signed",
    "- Signature Type: ETSI.CAdES.detached",
}
"""What pdfsig says of a signature that it trusts."""


def pdfsig_with(root: Path, folder: Path) -> Callable[[bytes], list[str]]:
    """What `pdfsig` says of a file: a verifier nobody here wrote, with a trust store (NSS) of its own in `folder`."""
    store = f"sql:{folder}"
    subprocess.run([tool("certutil"), "-N", "-d", store, "--empty-password"], check=True)
    subprocess.run([tool("certutil"), "-A", "-n", "root", "-t", "CT,C,C", "-i", root, "-d", store], check=True)

    def ask(pdf: bytes) -> list[str]:
        path = folder / "signed.pdf"
        path.write_bytes(pdf)
        words = [tool("pdfsig"), "-nssdir", store, str(path)]
        said = subprocess.run(words, capture_output=True, text=True, check=False).stdout
        return [line.strip() for line in said.splitlines()]

    return ask


def poppler_text(pdf: bytes, tmp_path: Path) -> str:
    """The text in the order of the file, as poppler's own order runs across the cells of a row."""
    return bare(run("pdftotext", pdf, tmp_path, "-raw", "-enc", "UTF-8", after=("-",)))


def pdfium_text(pdf: bytes) -> str:
    with pypdfium2.PdfDocument(pdf) as document:
        return bare("".join(sheet.get_textpage().get_text_range() for sheet in document))


def bare(text: str) -> str:
    """A text without its white space, as line breaks are the layout's and not the author's."""
    return re.sub(r"\s", "", text)


def page_count(pdf: bytes) -> int:
    with pypdfium2.PdfDocument(pdf) as document:
        return len(document)


def violations(pdf: bytes, *profiles: page.ValidationProfile) -> list[str]:
    """What page-validation objects to, without its one false alarm.

    Where the last byte of a stream is a CR, one in 256, it takes CR and LF together for the end of line that is not counted
    in /Length; veraPDF goes by /Length and accepts it.
    """
    alarm = "STREAM-LENGTH-001" if b"\r\nendstream" in pdf else "no rule"
    return [
        f"{failure.rule_id}: {failure.message}"
        for profile in profiles
        for failure in page.validate_pdf_bytes(pdf, profile=profile).failures
        if alarm not in failure.rule_id
    ]


def codes(pdf: bytes) -> list[str]:
    """The text of every QR code, page by page, as a scanner at 150 dpi reads it."""
    with pypdfium2.PdfDocument(pdf) as document:
        return [
            code.text
            for sheet in document
            for code in zxingcpp.read_barcodes(sheet.render(scale=150 / 72, grayscale=True).to_numpy())
        ]


def digests(maker: Typesetter) -> dict[str, str]:
    """The three papers' SHA-256."""
    papers = {
        "certificate": maker.certificate(CERTIFICATE, AT),
        "declaration": maker.declaration(DECLARATION, AT),
        "document": maker.document(DOCUMENT, AT),
    }
    return {name: hashlib.sha256(pdf).hexdigest() for name, pdf in papers.items()}


if __name__ == "__main__":
    # Another process, asked by a test for the digests of the same papers.
    print(json.dumps(digests(Typesetter(Path(sys.argv[1])))))  # noqa: T201
