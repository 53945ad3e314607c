"""`chuding gallery OUT`: every paper with the hardest data we know, as PDF and as pictures, to be looked at.

The people and companies are invented. A change of a template is not done before its gallery was looked at.
"""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click
import pypdfium2

from chuding.paper.credential import Claims, credential_url, holder_tag, make_credential
from chuding.paper.gallery_decisions import LONGEST_NAME, appeals, refusals
from chuding.paper.gallery_verdicts import verdicts
from chuding.paper.glyphs import fonts_folder
from chuding.paper.keys import load_signer, make_demonstration_keys
from chuding.paper.letters import (
    ArchivedPaper,
    CorrectionData,
    CorrectionItem,
    CoverData,
    EndorsedPerson,
    EndorsementData,
    FiledMaterial,
    ReceiptData,
)
from chuding.paper.typeset import (
    CertificateData,
    DeclarationData,
    DocumentData,
    RosterRow,
    SchoolingRow,
    Typesetter,
    WorkRow,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from chuding.paper.keys import Signer
    from chuding.paper.letters import Letter

AT = datetime(2024, 6, 28, 18, 0, tzinfo=timezone(timedelta(hours=8)))
_DPI = 90
_OFFICE = "镇江市职工技术协会"
_CITY = "镇江市职称（职业资格）工作领导小组办公室"
_NOTICE = "关于做好镇江市2024年度综合工程专业初级职称初定工作的通知"
_NOTICE_NUMBER = "镇技协〔2024〕1号"
_NAMES = ("王晓䶮", "欧阳志远", "阿依古丽·买买提", "𬱖㛃", "李强", LONGEST_NAME, "Jean-Paul Martin", "㙍𫖯")
_EMPLOYER = "镇江市恒远精密机械制造有限公司"
_LONG_EMPLOYER = "中国石油化工集团有限公司江苏镇江石油分公司句容市宝华镇仙林东路综合加能站管理中心第一分部"
_FIELD = "机械工程／机械制造／机械设计"
_LONG_FIELD = "船舶与海洋工程／船舶与海洋工程装备设计制造／船舶与海洋结构物设计与制造技术管理"
_PAGE = "https://chuding.example.cn/v/7KQ2M9XD4TB6abcdefghij"
_OWN_PAGE = "https://chuding.example.cn/applications/Xk3_9aQ0pLw2/"
_NUMBER = "ZJ2024-000127-4"
_MENDING = "扫描件第2页缺少骑缝处，证书编号看不清。请在光线充足处重新扫描，保证四角完整、字迹清楚后上传。"


@click.command("gallery")
@click.argument("out", type=click.Path(file_okay=False, path_type=Path))
@click.option("--only", metavar="WORD", default="", help="只排名称里有这个词的文书。")
def gallery(out: Path, only: str) -> None:
    """把每一种文书用最难排的数据各排一遍，PDF 和图片放进 OUT，供人细看。"""
    out.mkdir(parents=True, exist_ok=True)
    data = Path(os.environ.get("CHUDING_DATA") or "data")
    maker = Typesetter(fonts_folder(data))
    keys = out / "keys"
    if not (keys / "root.pem").exists():
        make_demonstration_keys(keys, AT)
    for name, make in papers_shown(load_signer(keys, "association")):
        if only in name:
            pdf = make(maker)
            (out / f"{name}.pdf").write_bytes(pdf)
            shown = _pictures(pdf, out / name)
            click.echo(f"{name}: {len(pdf) // 1024} KB, {shown}")


def _pictures(pdf: bytes, stem: Path) -> str:
    """The first three pages and the last one as PNG; how many there are."""
    with pypdfium2.PdfDocument(pdf) as document:  # type: ignore[no-untyped-call]
        count = len(document)
        for number in sorted({*range(min(3, count)), count - 1}):
            picture = document[number].render(scale=_DPI / 72).to_pil()
            picture.save(stem.with_name(f"{stem.name}-{number + 1}.png"))
    return f"{count} pages"


def papers_shown(signer: Signer) -> Iterator[tuple[str, Callable[[Typesetter], bytes]]]:
    """Every paper by its name, with what makes it; `signer` makes the offline codes. The witnesses look at them all too."""
    for name, certificate in _certificates(signer):
        yield f"certificate-{name}", partial(Typesetter.certificate, data=certificate, at=AT)
    for name, declaration in _declarations():
        yield f"declaration-{name}", partial(Typesetter.declaration, data=declaration, at=AT)
    for rows in (1, 23, 5000):
        yield f"document-{rows}", partial(Typesetter.document, data=_document(rows), at=AT)
    letters: tuple[tuple[str, Letter], ...] = (
        *_receipts(), *_corrections(), *refusals(), *appeals(), *_endorsements(), *_covers(),
    )  # fmt: skip
    for name, letter in letters:
        yield name, partial(Typesetter.letter, data=letter, at=AT)
    for name, verdict in verdicts():
        yield name, partial(Typesetter.verdict, data=verdict, at=AT)


def _certificates(signer: Signer) -> Iterator[tuple[str, CertificateData]]:
    usual = CertificateData(
        holder_name="王晓䶮",
        sex="女",
        birth_on=date(1996, 5, 12),
        identity_type="居民身份证",
        identity_number="321102199605120047",
        employer_name=_EMPLOYER,
        level="助理级",
        qualification="助理工程师",
        series="机械工程",
        major="机械制造",
        minor="机械设计",
        qualified_on=date(2024, 6, 28),
        approved_on=date(2024, 6, 28),
        document_number="镇技协〔2024〕3号",
        certificate_number="ZJX2024200000112",
        issuer=_OFFICE,
        verify_url=_PAGE,
        sample=True,
        notice_number=_NOTICE_NUMBER,
        clause="二（二）",
    )
    series, major, minor = _LONG_FIELD.split("／")
    long = replace(
        usual,
        holder_name=LONGEST_NAME,
        employer_name=_LONG_EMPLOYER * 2,
        series=series,
        major=major,
        minor=minor,
        issuer=_CITY,
        level="中级",
        qualification="工程师",
        sample=False,
    )
    bare = replace(
        usual, holder_name="㙍𫖯", sex=None, birth_on=None, employer_name=None, minor=None, notice_number=None
    )
    for name, data in (("usual", usual), ("long", long), ("bare", bare)):
        yield name, replace(data, offline_url=second_code(data, signer))
    yield "one-code", usual
    hidden = replace(
        usual,
        identity_number="已隐去",
        birth_on=None,
        copy_for="应聘镇江市恒远精密机械制造有限公司",
        copy_until=date(2024, 9, 26),
    )
    yield "copy", hidden
    yield "copy-long", replace(hidden, holder_name=LONGEST_NAME, copy_for="参加" + "某" * 27 + "投标", sample=False)
    yield "to-be-sealed", replace(usual, offline_url=second_code(usual, signer), to_be_sealed=True)
    yield "preview", replace(usual, preview=True, certificate_number="发证时编号")
    yield "replacing", replace(usual, offline_url=second_code(usual, signer), replaces="ZJX2024200000015")


def second_code(data: CertificateData, signer: Signer) -> str:
    """What the second code of a sample certificate says: its claims, signed, verified without the site."""
    tag = holder_tag(
        name=data.holder_name,
        identity_number=data.identity_number,
        number=data.certificate_number,
        status_url=data.verify_url,
    )
    claims = Claims(
        issuer=data.issuer,
        number=data.certificate_number,
        level=data.level,
        qualification=data.qualification,
        field="/".join(part for part in (data.series, data.major, data.minor) if part),
        qualified_on=data.qualified_on,
        approved_on=data.approved_on,
        masked_name=data.holder_name[0] + "**",
        holder=tag,
        status_url=data.verify_url,
        sample=True,
    )
    return credential_url("https://chuding.example.cn", make_credential(claims, signer))


def _declarations() -> Iterator[tuple[str, DeclarationData]]:
    school = SchoolingRow(
        "江苏科技大学",
        "机械设计制造及其自动化",
        "本科",
        "学士",
        date(2018, 9, 1),
        date(2022, 6, 20),
        "102891202205001234",
    )
    work = WorkRow(date(2022, 7, 11), None, _EMPLOYER, "机械设计员", "机械设计", ongoing=True, witness="孙立")
    usual = DeclarationData(
        application_number=_NUMBER,
        verify_url=_PAGE,
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
        phone="13800001234",
        employer_name=_EMPLOYER,
        clause="二（二）",
        notice_number=_NOTICE_NUMBER,
        submitted_on=date(2024, 5, 20),
        schoolings=(school,),
        works=(work,),
        summary=("见所附工作总结（材料3，共4页）。",),
        committed_on=date(2024, 5, 20),
    )
    yield "usual", usual
    yield (
        "long",
        replace(
            usual,
            holder_name=LONGEST_NAME,
            employer_name=_LONG_EMPLOYER,
            schoolings=tuple(
                replace(school, school=f"江苏科技大学第{number}函授站（镇江）") for number in range(1, 13)
            ),
            works=tuple(replace(work, employer=_LONG_EMPLOYER) for _ in range(12)),
            summary=tuple(
                "从事数控机床功能部件的结构设计与工艺改进，独立完成零部件图纸三百余张。" * 6 for _ in range(9)
            ),
        ),
    )
    yield "empty", replace(usual, schoolings=(), works=(), summary=(), employer_name=None, sample=False)


def _document(rows: int) -> DocumentData:
    tier = "助理工程师"
    people = tuple(
        RosterRow(
            _NAMES[number % len(_NAMES)],
            (_EMPLOYER, _LONG_EMPLOYER)[number % 7 == 3],
            (_FIELD, _LONG_FIELD)[number % 5 == 2],
            (tier, "技术员")[number % 2],
            date(2024, 6, 28),
        )
        for number in range(rows)
    )
    who = "王晓䶮同志" if rows == 1 else f"王晓䶮等{rows}名同志"
    return DocumentData(
        issuer=_OFFICE,
        document_number="镇技协〔2024〕3号",
        title=f"关于认定{who}\n初级专业技术资格的通知",
        addressee="各有关单位",
        paragraphs=(
            f"根据《{_NOTICE}》（{_NOTICE_NUMBER}）规定，经个人申报、单位同意、协会审核，认定{who}具备初级专业技术资格，名单见附件。",
            "以上人员专业技术资格的取得时间为2024年6月28日。",
        ),
        signed_on=date(2024, 6, 28),
        printed_by=_OFFICE,
        printed_on=date(2024, 6, 28),
        sample=True,
        roster=people,
        annex_title="初定初级专业技术资格人员名单",
        copies_to=_CITY,
    )


def _receipts() -> Iterator[tuple[str, ReceiptData]]:
    usual = ReceiptData(
        office=_OFFICE,
        application_number=_NUMBER,
        holder_name="王晓䶮",
        identity="居民身份证 3211**********0047",
        level="助理级",
        field=_FIELD,
        notice_title=_NOTICE,
        notice_number=_NOTICE_NUMBER,
        submitted_at=datetime(2024, 5, 20, 1, 30, 15, tzinfo=UTC),
        materials=(
            FiledMaterial("1", "单位同意申报证明（盖章）", 1, "9f3c21ab04d7e815"),
            FiledMaterial("2", "毕业证书、学位证书或者学信网电子注册备案表", 2, "1b77c0e2aa6f9043"),
            FiledMaterial("3", "工作总结", 4, "73d15e60c8f2b1a9"),
        ),
        next_steps=(
            f"{_EMPLOYER}在网上审核，一般5个工作日内。",
            "协会受理、审核、复核，一般15个工作日内。有要修改的，会一次全部告知，并发短信。",
            "协会审批并发文。通过以后发短信，您就可以下载电子证书和申报表。",
        ),
        page_url=_OWN_PAGE,
        sample=True,
        employer_name=_EMPLOYER,
        telephone="0511-80000000",
    )
    yield "receipt-usual", usual
    material = FiledMaterial(
        "5", "与用人单位签订的劳动（聘用）合同，以及近一年的社会保险缴费证明（社保查不到的）" * 2, 200, "0" * 16
    )
    yield (
        "receipt-long",
        replace(
            usual,
            office=_CITY,
            holder_name=LONGEST_NAME,
            field=_LONG_FIELD,
            employer_name=_LONG_EMPLOYER,
            materials=tuple(replace(material, code=str(number)) for number in range(1, 15)),
            sample=False,
        ),
    )


def _corrections() -> Iterator[tuple[str, CorrectionData]]:
    usual = CorrectionData(
        office=_OFFICE,
        application_number=_NUMBER,
        holder_name="王晓䶮",
        level="助理级",
        field=_FIELD,
        notice_title=_NOTICE,
        notice_number=_NOTICE_NUMBER,
        items=(
            CorrectionItem("材料2 毕业证书、学位证书或者学信网电子注册备案表", _MENDING),
            CorrectionItem(
                "填写工作经历和考核", "2023年8月至2024年1月的经历没有填写，请补充；确实没有工作的，请写明。"
            ),
        ),
        issued_on=date(2024, 5, 24),
        due_on=date(2024, 6, 8),
        page_url=_OWN_PAGE,
        sample=True,
        telephone="0511-80000000",
    )
    yield "correction-usual", usual
    yield "correction-one", replace(usual, items=usual.items[:1], sample=False, telephone=None)
    yield (
        "correction-long",
        replace(
            usual,
            holder_name=LONGEST_NAME,
            field=_LONG_FIELD,
            items=tuple(CorrectionItem(f"材料{number} {_EMPLOYER}出具的证明", _MENDING * 3) for number in range(1, 13)),
        ),
    )


def _endorsements() -> Iterator[tuple[str, EndorsementData]]:
    usual = EndorsementData(
        office=_OFFICE,
        notice_title=_NOTICE,
        notice_number=_NOTICE_NUMBER,
        clause="五（三）1",
        people=(EndorsedPerson("王晓䶮", _FIELD, "助理级", "机械设计员"),),
        sample=True,
        employer_name=_EMPLOYER,
    )
    yield "endorsement-one", usual
    long = EndorsedPerson(LONGEST_NAME, _LONG_FIELD, "中级", "船舶与海洋结构物设计主管工程师")
    yield "endorsement-long", replace(usual, people=(long,), employer_name=_LONG_EMPLOYER, sample=False)
    yield "endorsement-agency", replace(usual, employer_name=None, agency=True)
    for count in (7, 120):
        people = tuple(
            EndorsedPerson(_NAMES[n % len(_NAMES)], (_FIELD, _LONG_FIELD)[n % 5 == 2], "助理级") for n in range(count)
        )
        yield f"endorsement-{count}", replace(usual, people=people)


def _covers() -> Iterator[tuple[str, CoverData]]:
    papers = (
        ArchivedPaper("专业技术资格初定申报表", _NUMBER, date(2024, 6, 28), 2),
        ArchivedPaper("单位同意申报证明（盖章）", None, date(2024, 5, 20), 1),
        ArchivedPaper("毕业证书、学位证书或者学信网电子注册备案表", "102891202205001234", date(2022, 6, 20), 2),
        ArchivedPaper("工作总结", None, None, 4),
        ArchivedPaper("关于认定王晓䶮等23名同志初级专业技术资格的通知", "镇技协〔2024〕3号", date(2024, 6, 28), 3),
        ArchivedPaper("专业技术资格证书", "ZJX2024200000112", date(2024, 6, 28), 1),
    )
    usual = CoverData(
        office=_OFFICE,
        application_number=_NUMBER,
        holder_name="王晓䶮",
        level="助理级",
        qualification="助理工程师",
        field=_FIELD,
        outcome="已发证，证书编号ZJX2024200000112",
        started_on=date(2024, 5, 20),
        closed_on=date(2024, 6, 28),
        papers=papers,
        sample=True,
        employer_name=_EMPLOYER,
    )
    yield "cover-usual", usual
    yield (
        "cover-long",
        replace(
            usual,
            office=_CITY,
            holder_name=LONGEST_NAME,
            field=_LONG_FIELD,
            employer_name=_LONG_EMPLOYER,
            papers=tuple(replace(paper, pages=None) for paper in papers * 8),
            retention="30年",
            shelf_mark="ZJ-2024-ZC-000127",
            sample=False,
        ),
    )
