"""Keep a signed paper provable beyond its certificates' life: PAdES B-LTA (EN 319 142-1), one increment per renewal.

An archive increment holds a document time stamp over everything before it, with the authority's certificates and lists in
`/DSS`; nothing else. It is a function of the file before it and those certificates, so a verifier writes it again and
compares: what was appended to a signed file is byte for byte ours, or the file is refused. Before the authority's
certificate ends another one goes on top.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pikepdf
from cryptography import x509

from chuding.paper import stamps
from chuding.paper.increment import Blanks, SignError, TimeStamper, append, blank_value, der, digest_around, filled

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

DICTIONARY = b"<</Type/DocTimeStamp/Filter/Adobe.PPKLite/SubFilter/ETSI.RFC3161"
_RANGE = re.compile(rb"/ByteRange\[0 +(\d{1,10}) +(\d{1,10}) +(\d{1,10})\]/Contents(?=<)")
_OBJECT = re.compile(rb"\d{1,10} 0 obj\n<</Length (\d{1,7})>>\nstream\n")
_MOST_RENEWALS = 40


@dataclass(frozen=True)
class Layer:
    """One archive increment as it stands in a file: from `start`, with the time stamp's value at `begin:end`, up to `stop`."""

    start: int
    begin: int
    end: int
    stop: int
    token: bytes
    stamp: stamps.Stamp


def archive(signed: bytes, time_stamper: TimeStamper, *, at: datetime) -> bytes:
    """The signed file with one more archive time stamp around it. `at` is our own clock, for comparison.

    Raises `SignError` for a file that is not signed, `StampError` for a token that is not as asked.
    """
    chain = time_stamper.certificate_chain
    room = stamps.room(chain)
    whole, begin, end = _increment(signed, der(chain), der(time_stamper.revocation_lists), room)
    imprint = digest_around(whole, begin, end)
    token = time_stamper.stamp(imprint, at=at)
    stamps.check(token, imprint, chain)
    return filled(whole, begin, end, token)


def layers(pdf: bytes, start: int) -> list[Layer]:
    """The archive increments behind a signed file that ends at `start`, from the raw bytes; none if nothing follows.

    Raises `SignError` if anything else follows. Whether the tokens' authorities are trusted, and `is_ours` for each, is
    for the caller to ask.
    """
    found: list[Layer] = []
    while start < len(pdf):
        place = pdf.find(DICTIONARY + b"/ByteRange", start)
        spans = _RANGE.match(pdf, place + len(DICTIONARY)) if place >= 0 else None
        if spans is None or len(found) == _MOST_RENEWALS:
            raise SignError("what follows the signature is no archive time stamp")
        begin, end, rest = (int(number) for number in spans.groups())
        stop = end + rest
        if not spans.end() == begin < end <= stop <= len(pdf):
            raise SignError("the archive time stamp does not cover what it should")
        token = _token(pdf[begin:end])
        stamp = stamps.read(token)
        if stamp.imprint != digest_around(pdf[:stop], begin, end):
            raise SignError("the archive time stamp is over something else")
        found.append(Layer(start, begin, end, stop, token, stamp))
        start = stop
    return found


def is_ours(pdf: bytes, layer: Layer) -> bool:
    """Whether the increment is the one that `archive` writes over the file before it. Opens that file with a parser."""
    certificates, lists = [], []
    for data in _streams(pdf, layer):
        try:
            certificates.append(x509.load_der_x509_certificate(data))
        except ValueError:
            lists.append(x509.load_der_x509_crl(data))
    room = (layer.end - layer.begin) // 2 - 1
    whole, begin, end = _increment(pdf[: layer.start], der(certificates), der(lists), room)
    again = filled(whole, begin, end, layer.token)
    return again == pdf[: layer.stop]


def stamped_until(authority: x509.Certificate) -> datetime:
    """When the proof must have been renewed: the end of the certificate behind the time stamp."""
    return authority.not_valid_after_utc


def _increment(signed: bytes, certificates: list[bytes], lists: list[bytes], room: int) -> tuple[bytes, int, int]:
    def add(blanks: Blanks) -> int:
        root = blanks.document.Root
        if "/DSS" not in root or "/Perms" not in root:
            raise SignError("only a file that is signed can be archived")
        store, fields = root.DSS, root.AcroForm.Fields
        store.Certs = _more(blanks, store.Certs, certificates)
        store.CRLs = _more(blanks, store.CRLs, lists)
        widget, signature = blanks.field(f"Archive{len(fields)}", "存档时间戳")
        root.AcroForm.Fields = pikepdf.Array([*fields, widget])
        blanks.change(root, blanks.document.pages[0].obj, widget)
        return signature.objgen[0]

    return append(signed, DICTIONARY + blank_value(room), add)


def _more(blanks: Blanks, old: pikepdf.Object, data: Iterable[bytes]) -> pikepdf.Array:
    """The store's references with new streams for what it does not hold yet."""
    held = {stream.read_raw_bytes() for stream in old}
    return pikepdf.Array([*old, *blanks.embed(one for one in data if one not in held)])


def _streams(pdf: bytes, layer: Layer) -> Iterable[bytes]:
    """The streams of an increment, which are all certificates and lists."""
    place = layer.start
    while match := _OBJECT.search(pdf, place, layer.begin):
        place = match.end() + int(match[1])
        yield pdf[match.end() : place]


def _token(gap: bytes) -> bytes:
    """The token in its place: lower-case hexadecimal, padded with zeros."""
    if re.fullmatch(rb"<(?:[0-9a-f][0-9a-f])+>", gap) is None:
        raise SignError("the archive time stamp is malformed")
    padded = bytes.fromhex(gap[1:-1].decode("ascii"))
    length = 4 + int.from_bytes(padded[2:4], "big")
    if padded[:2] != b"\x30\x82" or padded[length:].strip(b"\0"):
        raise SignError("the archive time stamp is damaged")
    return padded[:length]
