"""Sign a finished PDF: PAdES with everything a verifier needs inside, in one increment.

The signature covers every byte of the file except itself, allows no change afterwards (DocMDP P=1, ISO 32000-1
12.8.2.2) and carries chain and revocation lists (`/DSS`) in the same increment, so that "covers the whole file" can
be demanded of every file we issue. The field is invisible: a seal is content of the page, put there by typesetting.
Order is fixed: typeset → viewer preferences → sign → register the digest. Nothing touches the bytes afterwards.
"""

from __future__ import annotations

import hashlib
import re
from io import BytesIO
from typing import TYPE_CHECKING, Protocol
from zoneinfo import ZoneInfo

import pikepdf
from cryptography.hazmat.primitives import serialization

from chuding.paper import cms

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from cryptography import x509

    from chuding.paper.keys import Signer

SHANGHAI = ZoneInfo("Asia/Shanghai")
# Room for the structure around the certificates, and for a time-stamp token with its own chain.
_ROOM = 1024
_ROOM_FOR_TIME_STAMP = 12_288
_END = re.compile(rb"startxref\s+(\d+)\s+%%EOF\s*\Z")


class SignError(Exception):
    """The file cannot be signed; the sentence says why."""


class TimeStamper(Protocol):
    """An RFC 3161 authority: its token makes the time of signing somebody else's word (PAdES B-T)."""

    @property
    def certificate_chain(self) -> tuple[x509.Certificate, ...]:
        """The authority's certificate first, its root last; put into the file's `/DSS`."""
        ...

    @property
    def revocation_lists(self) -> tuple[x509.CertificateRevocationList, ...]:
        """Current lists of that chain."""
        ...

    def stamp(self, digest: bytes) -> bytes:
        """The DER `TimeStampToken` over this SHA-256 digest."""
        ...


def sign_pdf(
    pdf: bytes,
    signer: Signer,
    *,
    at: datetime,
    reason: str,
    field: str = "Seal",
    time_stamper: TimeStamper | None = None,
) -> bytes:
    """Append one signed increment to `pdf` and return the new file.

    `at` (aware) is written as the claimed time of signing; without a `time_stamper` nothing else vouches for it.
    The same arguments give the same bytes with a signer whose signatures are deterministic (and no time stamp).
    Raises `SignError` for a damaged, encrypted or already signed file.
    """
    if at.tzinfo is None:
        raise ValueError("`at` must be aware")
    leaf, *issuers = signer.certificate_chain
    intermediates = issuers[:-1]
    # typst ends with `%%EOF` without a line end: an object must not start on that line.
    start = pdf if pdf.endswith(b"\n") else pdf + b"\n"
    room = _ROOM + sum(len(_der(certificate)) for certificate in (leaf, *intermediates))
    room += _ROOM_FOR_TIME_STAMP if time_stamper else 0
    increment, gap = _increment(start, signer, time_stamper, _signature_dictionary(at, reason, room), field)
    signed = bytearray(start + increment)
    begin = len(start) + gap
    end = begin + 2 * room + 2
    view = memoryview(signed)
    _set_byte_range(view, begin, end)
    digest = hashlib.sha256(view[:begin])
    digest.update(view[end:])
    attributes = cms.signed_attributes(digest.digest(), leaf)
    signature = signer.sign(attributes)
    token = time_stamper.stamp(hashlib.sha256(signature).digest()) if time_stamper else None
    content = cms.build(attributes, signature, leaf, intermediates, token)
    if len(content) > room:
        raise SignError(f"the signature needs {len(content)} bytes, more than the {room} kept free")
    view[begin + 1 : begin + 1 + 2 * len(content)] = content.hex().encode()
    return bytes(signed)


def _signature_dictionary(at: datetime, reason: str, room: int) -> bytes:
    """The signature dictionary with zeros where digest range and signature go; `/Contents` stands last."""
    moment = at.astimezone(SHANGHAI).strftime("D:%Y%m%d%H%M%S+08'00'").encode()
    return (
        b"<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached/M(" + moment + b")/Reason"
        + pikepdf.String(reason).unparse()
        + b"/Reference[<</Type/SigRef/TransformMethod/DocMDP"
        b"/TransformParams<</Type/TransformParams/P 1/V/1.2>>>>]"
        b"/ByteRange[0 0000000000 0000000000 0000000000]/Contents<" + b"0" * (2 * room) + b">>>"
    )  # fmt: skip


def _set_byte_range(file: memoryview, begin: int, end: int) -> None:
    """Write the real range, at the same width, into the dictionary whose `/Contents` value is `begin:end`."""
    numbers = b"0 %10d %10d %10d" % (begin, end, len(file) - end)
    close = begin - len(b"]/Contents")
    file[close - len(numbers) : close] = numbers


def _increment(
    start: bytes, signer: Signer, time_stamper: TimeStamper | None, dictionary: bytes, field: str
) -> tuple[bytes, int]:
    """The bytes to append to `start`, and where in them the value of `/Contents` begins.

    pikepdf serves as a parser and for its numbering; the file itself is never rewritten by it.
    """
    previous = _END.search(start, max(0, len(start) - 1024))
    if previous is None:
        raise SignError("the file does not end like a PDF")
    try:
        with pikepdf.open(BytesIO(start)) as document:
            objects, signature = _new_objects(document, signer, time_stamper, field)
            if document.get_warnings():
                raise SignError("the file is damaged; it must be typeset anew")
            objects[signature] = dictionary
            trailer = document.trailer
            keys = b"".join(b"/" + key + b" " + value for key, value in _kept(trailer, start))
    except pikepdf.PdfError as error:
        raise SignError("the file cannot be opened as a PDF") from error
    out, offsets, gap = _written(objects, signature, len(start))
    offset = int(previous[1])
    write = _classic_section if start[offset : offset + 4] == b"xref" else _stream_section
    section = write(offsets, keys + b"/Prev %d" % offset, len(start) + len(out))
    return out + section, gap


def _kept(trailer: pikepdf.Object, start: bytes) -> Iterable[tuple[bytes, bytes]]:
    for name in ("Root", "Info"):
        if f"/{name}" in trailer:
            yield name.encode(), trailer[f"/{name}"].unparse()
    change = hashlib.sha256(start).hexdigest()[:32].encode()
    identifier = trailer.get("/ID")
    first = bytes(identifier[0]).hex().encode() if isinstance(identifier, pikepdf.Array) else change
    yield b"ID", b"[<" + first + b"><" + change + b">]"


def _new_objects(
    document: pikepdf.Pdf, signer: Signer, time_stamper: TimeStamper | None, field: str
) -> tuple[dict[int, bytes], int]:
    """Number → serialised object of everything that is new or changed, and the number kept for the signature."""
    root, page = document.Root, document.pages[0].obj
    if document.is_encrypted:
        raise SignError("an encrypted file cannot be signed")
    if "/AcroForm" in root or "/Perms" in root or "/DSS" in root:
        raise SignError("the file has a form or a signature already")
    streams = {}

    def embed(things: Sequence[x509.Certificate | x509.CertificateRevocationList]) -> pikepdf.Array:
        references = pikepdf.Array()
        for data in dict.fromkeys(thing.public_bytes(serialization.Encoding.DER) for thing in things):
            stream = document.make_indirect(pikepdf.Dictionary())
            streams[stream.objgen[0]] = b"<</Length %d>>\nstream\n%b\nendstream" % (len(data), data)
            references.append(stream)
        return references

    stamper_chain = time_stamper.certificate_chain if time_stamper else ()
    stamper_lists = time_stamper.revocation_lists if time_stamper else ()
    certificates = embed((*signer.certificate_chain, *stamper_chain))
    lists = embed((*signer.revocation_lists, *stamper_lists))
    signature = document.make_indirect(pikepdf.Dictionary())
    widget = document.make_indirect(
        pikepdf.Dictionary(
            Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Widget, FT=pikepdf.Name.Sig, F=132,
            T=pikepdf.String(field), TU=pikepdf.String("数字签名"), Rect=[-1, -1, -1, -1], P=page, V=signature,
        )
    )  # fmt: skip
    page.Annots = pikepdf.Array([*page.get("/Annots", pikepdf.Array()), widget])
    page.Tabs = page.get("/Tabs", pikepdf.Name.S)
    root.AcroForm = pikepdf.Dictionary(Fields=[widget], SigFlags=3)
    root.Perms = pikepdf.Dictionary(DocMDP=signature)
    root.DSS = pikepdf.Dictionary(Type=pikepdf.Name.DSS, Certs=certificates, CRLs=lists)
    changed = {thing.objgen[0]: thing.unparse(resolved=True) for thing in (root, page, widget)}
    return changed | streams, signature.objgen[0]


def _written(objects: dict[int, bytes], last: int, base: int) -> tuple[bytes, dict[int, int], int]:
    """The objects as file content, the signature last; number → offset in the file; where `/Contents` begins."""
    out = bytearray()
    offsets = {}
    for number in sorted(objects, key=lambda number: (number == last, number)):
        offsets[number] = base + len(out)
        out += b"%d 0 obj\n%b\nendobj\n" % (number, objects[number])
    return bytes(out), offsets, out.rindex(b"/Contents<") + len(b"/Contents")


def _runs(numbers: Iterable[int]) -> list[list[int]]:
    """Consecutive numbers grouped: what both kinds of cross-reference section want."""
    runs: list[list[int]] = []
    for number in sorted(numbers):
        if runs and runs[-1][-1] + 1 == number:
            runs[-1].append(number)
        else:
            runs.append([number])
    return runs


def _classic_section(offsets: dict[int, int], keys: bytes, base: int) -> bytes:
    out = bytearray(b"xref\n")
    for run in _runs(offsets):
        out += b"%d %d\n" % (run[0], len(run))
        for number in run:
            out += b"%010d 00000 n\r\n" % offsets[number]
    out += b"trailer\n<</Size %d%b>>\nstartxref\n%d\n%%%%EOF\n" % (max(offsets) + 1, keys, base)
    return bytes(out)


def _stream_section(offsets: dict[int, int], keys: bytes, base: int) -> bytes:
    number = max(offsets) + 1
    offsets = {**offsets, number: base}
    runs = _runs(offsets)
    rows = b"".join(b"\x01%b\x00\x00" % offsets[one].to_bytes(5, "big") for run in runs for one in run)
    index = b" ".join(b"%d %d" % (run[0], len(run)) for run in runs)
    return b"%d 0 obj\n<</Type/XRef/W[1 5 2]/Index[%b]/Size %d/Length %d%b>>\nstream\n%b\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n" % (
        number, index, number + 1, len(rows), keys, rows, base,
    )  # fmt: skip


def _der(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.DER)
