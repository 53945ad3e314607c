"""Typesetting: the certificate, the declaration form, the official document and the letters, as PDF/A.

The templates are `templates/*.typ`; the data reach them as JSON, so nothing a person typed is ever read as markup. The same
data and moment give the same bytes, in any process. What leaves here is ready to be signed and must not be changed after.

Do not typeset in a process that forks later: the typesetter's threads do not survive a fork, and the child would hang.
"""

from __future__ import annotations

import io
import json
import re
import threading
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, datetime, timedelta, timezone
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pikepdf
import segno
import typst

from chuding.paper.glyphs import covers, extra_folder, family, licensed, require
from chuding.paper.letters import TEMPLATES, CoverData, EndorsementData, ReceiptData

if TYPE_CHECKING:
    from collections.abc import Iterator

    from typst import PDFStandard

    from chuding.paper.letters import Letter, VerdictData

_TEMPLATES = Path(__file__).parent / "templates"
_SHANGHAI = timezone(timedelta(hours=8))
# Accessible and archivable at once: ISO 19005-2 level A and ISO 14289-1.
_TAGGED: list[PDFStandard] = ["a-2a", "ua-1"]
# Without the structure tree, for the longest rosters: of 25 objects a row it leaves none.
_UNTAGGED: list[PDFStandard] = ["a-2b"]
_TAGGED_ROWS = 1000


class TypesettingError(RuntimeError):
    """The typesetter refused or warned; the message is for the log, as no data of a person should cause it."""


@dataclass(frozen=True)
class CertificateData:
    """What stands on a certificate of a professional qualification. Private to its holder: it prints the ID number.

    `level` is 员级, 助理级 or 中级; `qualification` what it makes of the holder (助理工程师). `major` or `minor` may be the leaf
    of the catalogue. `qualified_on` is the 取得时间, which may lie before `approved_on`. `basis` is the notice's number and
    `clause` the label of the clause applied (二（二）). `verify_url` goes into the QR code: at most 62 characters keep it at
    version 4. `offline_url` is the text of the second code (credential.credential_url). `ledger_root` is a short text for the
    footer. `sample` prints 样张 across the page. `replaces` is the number of the certificate
    in whose place this one stands. `copy_for` and `copy_until` make it a copy for this purpose and time, and no certificate.
    `to_be_sealed` leaves room for the state's electronic seal and says so instead of that there is none. `preview` writes 预览 all
    over a page that nobody has decided on.
    """

    holder_name: str
    identity_type: str
    identity_number: str
    level: str
    qualification: str
    series: str
    major: str
    qualified_on: date
    approved_on: date
    document_number: str
    certificate_number: str
    issuer: str
    verify_url: str
    sample: bool
    sex: str | None = None
    birth_on: date | None = None
    employer_name: str | None = None
    minor: str | None = None
    notice_number: str | None = None
    clause: str | None = None
    ledger_root: str | None = None
    offline_url: str | None = None
    replaces: str | None = None
    copy_for: str | None = None
    copy_until: date | None = None
    to_be_sealed: bool = False
    preview: bool = False


@dataclass(frozen=True)
class SchoolingRow:
    """One schooling of a declaration. `mode` is 学习形式 (全日制…); `verified_by` how it was checked (学信网…)."""

    school: str | None
    specialty: str | None
    schooling: str | None
    degree: str | None
    entered_on: date | None
    graduated_on: date | None
    certificate_number: str | None
    mode: str | None = None
    verified_by: str | None = None


@dataclass(frozen=True)
class WorkRow:
    """One employment of a declaration. `ongoing` prints 至今; `insurance` says what the social insurance shows."""

    started_on: date | None
    ended_on: date | None
    employer: str | None
    post: str | None
    specialty: str | None
    ongoing: bool = False
    witness: str | None = None
    insurance: str | None = None


@dataclass(frozen=True)
class Opinion:
    """A block at the end of the declaration: 受理意见, 审核意见, 审批意见. What is None stays blank to be written by hand.

    `name` runs down the block's left edge, so four characters look best.
    """

    name: str
    text: str | None = None
    office: str | None = None
    person: str | None = None
    on: date | None = None
    document_number: str | None = None


@dataclass(frozen=True)
class DeclarationData:
    """Everything of the 《专业技术资格初定申报表》; a value that is None or empty prints as 未填写.

    `verify_url` goes into the QR code of every page, so that a printed copy can be compared with the file kept. `round` is a
    short line under the title (2024年度综合工程专业). `commitment` is the text the applicant agreed to, `committed_on` when.
    `endorsement_title` heads the block for signature and stamp: 单位意见, or 代理机构意见 where a freelancer has no employer.
    `summary` is the work summary or its beginning, one item a paragraph. `opinions` are 受理, 审核 and 审批, in this order.
    """

    application_number: str
    verify_url: str
    holder_name: str
    identity_type: str
    identity_number: str
    level: str
    qualification: str
    series: str
    major: str
    commitment: str
    sample: bool
    minor: str | None = None
    sex: str | None = None
    birth_on: date | None = None
    ethnicity: str | None = None
    political_status: str | None = None
    phone: str | None = None
    email: str | None = None
    started_work_on: date | None = None
    employer_name: str | None = None
    employer_code: str | None = None
    employer_kind: str | None = None
    district: str | None = None
    competent_department: str | None = None
    established_post: bool | None = None
    post: str | None = None
    current_title: str | None = None
    current_specialty: str | None = None
    specialty_since: date | None = None
    clause: str | None = None
    notice_number: str | None = None
    round: str | None = None
    submitted_on: date | None = None
    schoolings: tuple[SchoolingRow, ...] = ()
    works: tuple[WorkRow, ...] = ()
    appraisals: str | None = None
    continuing_education: str | None = None
    sanctions: str | None = None
    summary: tuple[str, ...] = ()
    committed_on: date | None = None
    endorsement_title: str = "单位意见"
    opinions: tuple[Opinion, ...] = (Opinion("受理意见"), Opinion("审核意见"), Opinion("审批意见"))


@dataclass(frozen=True)
class RosterRow:
    """One person of an official document's roster. There is no place for an ID number, as the document is public."""

    name: str
    employer: str
    field: str
    qualification: str
    qualified_on: date


@dataclass(frozen=True)
class DocumentData:
    """An official document with its roster annexed, in the layout of GB/T 9704-2012.

    `issuer` stands in red, followed by 文件. `title` may contain line breaks; so that a title breaks by its sense, put them.
    `addressee` is the 主送 without its colon, `copies_to` the 抄送 without its full stop. A paragraph that begins with 一、 or
    （一） has that heading set in its own face up to its full stop. `note` is the 附注 (此件公开发布).
    """

    issuer: str
    document_number: str
    title: str
    addressee: str
    paragraphs: tuple[str, ...]
    signed_on: date
    printed_by: str
    printed_on: date
    sample: bool
    roster: tuple[RosterRow, ...] = ()
    annex_title: str = "初定专业技术资格人员名单"
    copies_to: str | None = None
    note: str | None = None


class Typesetter:
    """Makes every paper. Thread-safe; one compiler a template, made when first needed and kept.

    `fonts` is the folder that `glyphs.fonts_folder` returned. Every method raises MissingGlyph for a character that no face
    draws, before anything is typeset, and TypesettingError if the template itself fails. `at` is the aware moment that the
    PDF says it was made.
    """

    def __init__(self, fonts: Path) -> None:
        self._fonts_path = fonts
        self._fonts: typst.Fonts | None = None
        self._compilers: dict[str, typst.Compiler] = {}
        self._lock = threading.Lock()

    def certificate(self, data: CertificateData, at: datetime) -> bytes:
        """One A4 landscape page in colour with a QR code of 29 mm, and the offline code of 31 mm beside it."""
        _require_all(data)
        content = _plain(data) | {
            "qr": None if data.preview else _qr(data.verify_url),
            "offline_qr": _qr(data.offline_url) if data.offline_url else None,
            "verify_lines": _address_lines(data.verify_url),
            "name_family": family(data.holder_name, "kai"),
            "issuer_bold": covers("serif-bold", data.issuer),
            "qualification_bold": covers("serif-bold", data.qualification),
            "field": _path(data.series, data.major, data.minor),
        }
        return self._typeset("certificate", content, at, _TAGGED)

    def declaration(self, data: DeclarationData, at: datetime) -> bytes:
        """A4 pages made for both sides of the sheet, with a QR code of 15 mm on each and the blocks to sign and stamp."""
        _require_all(data)
        content = _plain(data) | {
            "qr": _qr(data.verify_url),
            "name_family": family(data.holder_name, "kai"),
            "field": _path(data.series, data.major, data.minor),
            "established_post": {True: "是", False: "否", None: None}[data.established_post],
        }
        return self._typeset("declaration", content, at, _TAGGED)

    def document(self, data: DocumentData, at: datetime) -> bytes:
        """The document and its roster. Beyond 1,000 rows it is PDF/A-2b without tags, a fifth of the size."""
        _require_all(data)
        content = _plain(data) | {
            "roster": [_roster_row(number, row) for number, row in enumerate(data.roster, start=1)],
            "names_in_song": _names_in_song(data),
            "issuer_bold": covers("serif-bold", data.issuer),
            "title_bold": covers("serif-bold", data.title),
            "fang": fang.family if (fang := licensed("fang")) else None,
            "issuer_face": _head_face(data.issuer + "文件"),
            "title_face": _head_face(data.title),
        }
        return self._typeset("document", content, at, _TAGGED if len(data.roster) <= _TAGGED_ROWS else _UNTAGGED)

    def letter(self, data: Letter, at: datetime) -> bytes:
        """A receipt, a notice, a decision, a form to be stamped or an archive's cover: A4 pages, both sides."""
        if isinstance(data, EndorsementData) and not data.people:
            raise ValueError("an employer endorses somebody")
        _require_all(data)
        content = _plain(data) | {"qr": None, "office_bold": covers("serif-bold", data.office)}
        if not isinstance(data, EndorsementData | CoverData):
            content["qr"] = _qr(data.page_url)
        if isinstance(data, ReceiptData):
            content |= _moment(data.submitted_at)
        if isinstance(data, CoverData):
            pages = [paper.pages for paper in data.papers]
            content["pages"] = None if None in pages else str(sum(page or 0 for page in pages))
            content["name_family"] = family(data.holder_name, "kai")
        return self._typeset(TEMPLATES[type(data)], content, at, _TAGGED)

    def verdict(self, data: VerdictData, at: datetime) -> bytes:
        """One A4 page in the language of the data, its type as large as the page allows."""
        _require_all(data)
        return self._typeset("verdict", _plain(data), at, _TAGGED)

    def _typeset(self, template: str, content: dict[str, Any], at: datetime, standards: list[PDFStandard]) -> bytes:
        if at.tzinfo is None:
            raise ValueError("the moment of typesetting must be aware")
        inputs = {"data": json.dumps(content, ensure_ascii=False)}
        with self._lock:
            try:
                pdf, warnings = self._compiler(template).compile_with_warnings(
                    sys_inputs=inputs,
                    pdf_standards=standards,
                    timestamp=at.astimezone(_SHANGHAI).replace(microsecond=0),
                    pdf_tags=standards is _TAGGED,
                )
            except typst.TypstError as error:
                raise TypesettingError(f"{template}: {error.diagnostic or error.message}") from error
        if warnings:
            raise TypesettingError(f"{template}: " + "; ".join(warning.message for warning in warnings))
        assert isinstance(pdf, bytes), template
        return _finished(pdf, duplex=template != "certificate", packed=template == "document")

    def _compiler(self, template: str) -> typst.Compiler:
        if self._fonts is None:
            own = extra_folder()
            self._fonts = typst.Fonts(
                include_system_fonts=False,
                include_embedded_fonts=False,
                font_paths=[str(folder) for folder in (self._fonts_path, own) if folder],
            )
        if template not in self._compilers:
            self._compilers[template] = typst.Compiler(
                str(_TEMPLATES / f"{template}.typ"),
                root=str(_TEMPLATES),
                font_paths=self._fonts,
                ignore_system_fonts=True,
            )
        return self._compilers[template]


def _finished(pdf: bytes, *, duplex: bool, packed: bool) -> bytes:
    """Tell the printer not to scale, and whether to turn the sheet; with an ID made from the content.

    `packed` puts the small objects into compressed streams, which halves a tagged roster; the other papers keep the classic
    table that every reader knows.
    """
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf)) as document:
        preferences = document.Root.get("/ViewerPreferences", pikepdf.Dictionary())
        preferences["/PrintScaling"] = pikepdf.Name("/None")
        preferences["/Duplex"] = pikepdf.Name("/DuplexFlipLongEdge" if duplex else "/Simplex")
        document.Root["/ViewerPreferences"] = preferences
        document.save(
            out,
            deterministic_id=True,
            object_stream_mode=pikepdf.ObjectStreamMode.generate if packed else pikepdf.ObjectStreamMode.disable,
            fix_metadata_version=False,
        )
    return out.getvalue()


def _qr(url: str) -> str:
    """The code as SVG with its quiet zone of four modules. The mask is fixed: choosing one costs five times the rest."""
    code = segno.make(url, error="m", mask=3, boost_error=False, micro=False)
    out = io.BytesIO()
    code.save(out, kind="svg", border=4, dark="#000000", xmldecl=False, svgclass=None, lineclass=None, nl=False)
    return out.getvalue().decode("ascii")


def _address_lines(url: str) -> list[str]:
    """An address in two lines, host and path, so that it stays legible in a narrow column."""
    scheme, mark, rest = url.partition("://")
    host, slash, path = rest.partition("/")
    return [f"{scheme}{mark}{host}", f"{slash}{path}"]


def _path(*parts: str | None) -> str:
    """A specialty by its path in the catalogue, as the same name recurs in several places."""
    return "／".join(part for part in parts if part)


def _roster_row(number: int, row: RosterRow) -> dict[str, str]:
    return {
        "number": str(number),
        "name": row.name,
        "family": family(row.name, "serif"),
        "employer": row.employer,
        "field": row.field,
        "qualification": row.qualification,
        "qualified_on": chinese_date(row.qualified_on),
    }


def _head_face(text: str) -> str | None:
    """The installation's 小标宋 where it draws the whole of a head; None for the stand-in, Noto Serif SC Bold."""
    face = licensed("title")
    return face.family if face and face.draws(text) else None


def _names_in_song(data: DocumentData) -> str:
    """A pattern for the names that occur in the text and that 仿宋 cannot draw whole."""
    text = "\n".join(data.paragraphs)
    own = licensed("fang")
    drawn = own.draws if own else partial(covers, "fang")
    names = {row.name for row in data.roster if row.name in text and not drawn(row.name)}
    # A pattern may not match nothing; U+FFFF is in no text, as no face draws it.
    return "|".join(re.escape(name) for name in sorted(names, key=lambda name: (-len(name), name))) or "\uffff"


def chinese_date(day: date) -> str:
    """2024年6月28日: no leading zeros, as GB/T 9704 wants it."""
    return f"{day.year}年{day.month}月{day.day}日"


def _moment(at: datetime) -> dict[str, str]:
    """A moment to the second, by the clock in Shanghai, and its day."""
    local = at.astimezone(_SHANGHAI)
    day = chinese_date(local.date())
    return {"submitted_at": f"{day} {local:%H:%M:%S}", "submitted_on": day}


def _plain(data: Any) -> dict[str, Any]:
    """A dataclass as JSON for a template: dates in the Chinese manner, None stays null."""
    return {field.name: _value(getattr(data, field.name)) for field in fields(data)}


def _value(value: Any) -> Any:
    if isinstance(value, date):
        return chinese_date(value)
    if is_dataclass(value):
        return _plain(value)
    if isinstance(value, tuple):
        return [_value(item) for item in value]
    return value


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple):
        for item in value:
            yield from _texts(item)
    elif is_dataclass(value):
        for field in fields(value):
            yield from _texts(getattr(value, field.name))


def _require_all(data: Any) -> None:
    for text in _texts(data):
        require(text)
