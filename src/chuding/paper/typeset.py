"""Typesetting: the certificate, the declaration form and the official document, as PDF/A.

The templates are `templates/*.typ`; the data reach them as JSON, so nothing a person typed is ever read as markup. The same
data and moment give the same bytes, in any process. What leaves here is ready to be signed and must not be changed after.

Do not typeset in a process that forks later: the typesetter's threads do not survive a fork, and the child would hang.
"""

from __future__ import annotations

import io
import json
import threading
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pikepdf
import segno
import typst

from chuding.paper.glyphs import covers, family, require

if TYPE_CHECKING:
    from collections.abc import Iterator

_TEMPLATES = Path(__file__).parent / "templates"
_SHANGHAI = timezone(timedelta(hours=8))
# Accessible and archivable at once: ISO 19005-2 level A and ISO 14289-1.
_TAGGED = ["a-2a", "ua-1"]
# Without the structure tree: a roster of 5,000 is 0.6 MB and not 6.6.
_UNTAGGED = ["a-2b"]
_TAGGED_ROWS = 500


class TypesettingError(RuntimeError):
    """The typesetter refused or warned; the message is for the log, as no data of a person should cause it."""


@dataclass(frozen=True)
class CertificateData:
    """What stands on a certificate of a professional qualification. Private to its holder: it prints the ID number.

    `level` is 员级, 助理级 or 中级; `qualification` what it makes of the holder (助理工程师). `major` or `minor` may be the leaf
    of the catalogue. `qualified_on` is the 取得时间, which may lie before `approved_on`. `basis` is the notice's number and
    `clause` the label of the clause applied (二（二）). `verify_url` goes into the QR code: at most 62 characters keep it at
    version 4. `ledger_root` is a short text for the footer. `sample` prints 样张 across the page.
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


class Typesetter:
    """Makes the three documents. Thread-safe; one compiler a template, made when first needed and kept.

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
        """One A4 landscape page in colour with a QR code of 29 mm."""
        _require_all(data)
        content = _plain(data) | {
            "qr": _qr(data.verify_url),
            "name_family": family(data.holder_name, "kai"),
            "issuer_bold": _bold(data.issuer),
            "qualification_bold": _bold(data.qualification),
            "field": "／".join(part for part in (data.series, data.major, data.minor) if part),
        }
        return self._typeset("certificate", content, at, _TAGGED)

    def _typeset(self, template: str, content: dict[str, Any], at: datetime, standards: list[str]) -> bytes:
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
        return _with_preferences(pdf, duplex=template != "certificate")

    def _compiler(self, template: str) -> typst.Compiler:
        if self._fonts is None:
            self._fonts = typst.Fonts(
                include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(self._fonts_path)]
            )
        if template not in self._compilers:
            self._compilers[template] = typst.Compiler(
                str(_TEMPLATES / f"{template}.typ"),
                root=str(_TEMPLATES),
                font_paths=self._fonts,
                ignore_system_fonts=True,
            )
        return self._compilers[template]


def _with_preferences(pdf: bytes, *, duplex: bool) -> bytes:
    """Tell the printer not to scale, and whether to turn the sheet; classic cross-reference table, deterministic ID."""
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf)) as document:
        preferences = document.Root.get("/ViewerPreferences", pikepdf.Dictionary())
        preferences["/PrintScaling"] = pikepdf.Name("/None")
        preferences["/Duplex"] = pikepdf.Name("/DuplexFlipLongEdge" if duplex else "/Simplex")
        document.Root["/ViewerPreferences"] = preferences
        document.save(
            out,
            deterministic_id=True,
            object_stream_mode=pikepdf.ObjectStreamMode.disable,
            fix_metadata_version=False,
        )
    return out.getvalue()


def _qr(url: str) -> str:
    """The code as SVG with its quiet zone of four modules. The mask is fixed: choosing one costs five times the rest."""
    code = segno.make(url, error="m", mask=3, boost_error=False, micro=False)
    out = io.BytesIO()
    code.save(out, kind="svg", border=4, dark="#000000", xmldecl=False, svgclass=None, lineclass=None, nl=False)
    return out.getvalue().decode("ascii")


def _bold(text: str) -> bool:
    """Whether a text may be set in the bold face as a whole."""
    return covers("serif-bold", text)


def _plain(data: Any) -> dict[str, Any]:
    """A dataclass as JSON for a template: dates in the Chinese manner, None stays null."""
    return {field.name: _value(getattr(data, field.name)) for field in fields(data)}


def _value(value: Any) -> Any:
    if isinstance(value, date):
        return f"{value.year}年{value.month}月{value.day}日"
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
