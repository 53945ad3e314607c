"""One increment after the end of a PDF, with a signature or a document time stamp in it. The old bytes are never touched.

What stands outside of the signature's own value is a function of the old bytes and what is added, so a verifier may write
the same increment again and compare.
"""

from __future__ import annotations

import hashlib
import re
from io import BytesIO
from typing import TYPE_CHECKING, Protocol

import pikepdf
from cryptography.hazmat.primitives import serialization

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime

    from cryptography import x509

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

    def stamp(self, digest: bytes, *, at: datetime) -> bytes:
        """The DER `TimeStampToken` over this SHA-256 digest. `at` is our own clock, for comparison."""
        ...


class Blanks:
    """New objects of one increment, numbered by pikepdf, which serves as a parser; the file is never rewritten by it."""

    def __init__(self, document: pikepdf.Pdf) -> None:
        self.document = document
        self.written: dict[int, bytes] = {}

    def embed(self, things: Iterable[bytes]) -> pikepdf.Array:
        """References to new streams, one for each different piece of DER."""
        references = pikepdf.Array()
        for data in dict.fromkeys(things):
            stream = self.document.make_indirect(pikepdf.Dictionary())
            self.written[stream.objgen[0]] = b"<</Length %d>>\nstream\n%b\nendstream" % (len(data), data)
            references.append(stream)
        return references

    def field(self, name: str, label: str) -> tuple[pikepdf.Object, pikepdf.Object]:
        """An invisible signature field on the first page, and the dictionary that its value will be."""
        page = self.document.pages[0].obj
        signature = self.document.make_indirect(pikepdf.Dictionary())
        widget = self.document.make_indirect(
            pikepdf.Dictionary(
                Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Widget, FT=pikepdf.Name.Sig, F=132,
                T=pikepdf.String(name), TU=pikepdf.String(label), Rect=[-1, -1, -1, -1], P=page, V=signature,
            )
        )  # fmt: skip
        page.Annots = pikepdf.Array([*page.get("/Annots", pikepdf.Array()), widget])
        page.Tabs = page.get("/Tabs", pikepdf.Name.S)
        return widget, signature

    def change(self, *things: pikepdf.Object) -> None:
        """Write these objects as they are now."""
        self.written |= {thing.objgen[0]: thing.unparse(resolved=True) for thing in things}


def ready(pdf: bytes) -> bytes:
    """The file with a line end behind it: typst ends with `%%EOF`, and an object must not start on that line."""
    return pdf if pdf.endswith(b"\n") else pdf + b"\n"


def append(start: bytes, dictionary: bytes, add: Callable[[Blanks], int]) -> tuple[bytes, int, int]:
    """`start` with an increment: the whole, and where the value of its `/Contents` begins and ends; the range is set.

    `add` fills the blanks and says which object is `dictionary`, in which `/ByteRange` (zeros) and `/Contents` stand last.
    Raises `SignError` for a damaged or encrypted file.
    """
    previous = _END.search(start, max(0, len(start) - 1024))
    if previous is None:
        raise SignError("the file does not end like a PDF")
    try:
        with pikepdf.open(BytesIO(start)) as document:
            if document.is_encrypted:
                raise SignError("an encrypted file cannot be signed")
            blanks = Blanks(document)
            signature = add(blanks)
            if document.get_warnings():
                raise SignError("the file is damaged; it must be typeset anew")
            objects = {**blanks.written, signature: dictionary}
            keys = b"".join(b"/" + key + b" " + value for key, value in _kept(document.trailer, start))
    except pikepdf.PdfError as error:
        raise SignError("the file cannot be opened as a PDF") from error
    out, offsets, gap = _written(objects, signature, len(start))
    offset = int(previous[1])
    write = _classic_section if start[offset : offset + 4] == b"xref" else _stream_section
    section = write(offsets, keys + b"/Prev %d" % offset, len(start) + len(out))
    begin = len(start) + gap
    end = begin + out[gap:].index(b">") + 1
    whole = bytearray(start + out + section)
    _set_byte_range(memoryview(whole), begin, end)
    return bytes(whole), begin, end


def blank_value(room: int) -> bytes:
    """The end of a signature dictionary: range and value, as wide as they will be, and still empty."""
    return b"/ByteRange[0 0000000000 0000000000 0000000000]/Contents<" + b"0" * (2 * room) + b">>>"


def digest_around(whole: bytes, begin: int, end: int) -> bytes:
    """SHA-256 of everything but the value."""
    view = memoryview(whole)
    digest = hashlib.sha256(view[:begin])
    digest.update(view[end:])
    return digest.digest()


def filled(whole: bytes, begin: int, end: int, content: bytes) -> bytes:
    """The file with the signature's value in its place. Raises `SignError` if it is too long."""
    room = (end - begin) // 2 - 1
    if len(content) > room:
        raise SignError(f"the signature needs {len(content)} bytes, more than the {room} kept free")
    return whole[: begin + 1] + content.hex().encode() + whole[begin + 1 + 2 * len(content) :]


def der(things: Sequence[x509.Certificate | x509.CertificateRevocationList]) -> list[bytes]:
    """Certificates and lists as they stand in a file."""
    return [thing.public_bytes(serialization.Encoding.DER) for thing in things]


def _set_byte_range(file: memoryview, begin: int, end: int) -> None:
    """Write the real range, at the same width, into the dictionary whose `/Contents` value is `begin:end`."""
    numbers = b"0 %10d %10d %10d" % (begin, end, len(file) - end)
    close = begin - len(b"]/Contents")
    file[close - len(numbers) : close] = numbers


def _kept(trailer: pikepdf.Object, start: bytes) -> Iterable[tuple[bytes, bytes]]:
    for name in ("Root", "Info"):
        if f"/{name}" in trailer:
            yield name.encode(), trailer[f"/{name}"].unparse()
    change = hashlib.sha256(start).hexdigest()[:32].encode()
    identifier = trailer.get("/ID")
    first = bytes(identifier[0]).hex().encode() if isinstance(identifier, pikepdf.Array) else change
    yield b"ID", b"[<" + first + b"><" + change + b">]"


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
