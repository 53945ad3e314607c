"""Sign a finished PDF: PAdES with everything a verifier needs inside, in one increment.

The signature covers every byte of the file except itself, allows no change afterwards (DocMDP P=1, ISO 32000-1
12.8.2.2) and carries chain and revocation lists (`/DSS`) in the same increment, so that "covers the whole file" can
be demanded of every file we issue. The field is invisible: a seal is content of the page, put there by typesetting.
Order is fixed: typeset → viewer preferences → sign → archive (`paper/archive.py`) → register the digest.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pikepdf

from chuding.paper import cms, stamps
from chuding.paper.increment import (
    Blanks,
    SignError,
    TimeStamper,
    append,
    blank_value,
    der,
    digest_around,
    filled,
    ready,
)

if TYPE_CHECKING:
    from datetime import datetime

    from chuding.paper.keys import Signer

__all__ = ["SignError", "TimeStamper", "sign_pdf"]

SHANGHAI = ZoneInfo("Asia/Shanghai")
# Room for the structure around the certificates.
_ROOM = 1024


def sign_pdf(
    pdf: bytes,
    signer: Signer,
    *,
    at: datetime,
    reason: str,
    field: str = "Seal",
    time_stamper: TimeStamper | None = None,
) -> bytes:
    """Append one signed increment to `pdf` and return the new file: PAdES B-B with the material of B-LT, or B-LT.

    `at` (aware) is written as the claimed time of signing; without a `time_stamper` nothing else vouches for it.
    The same arguments give the same bytes with a signer whose signatures are deterministic (and no time stamp).
    Raises `SignError` for a damaged, encrypted or already signed file, `StampError` for a token that is not as asked.
    """
    if at.tzinfo is None:
        raise ValueError("`at` must be aware")
    leaf, *issuers = signer.certificate_chain
    intermediates = issuers[:-1]
    room = _ROOM + sum(len(one) for one in der((leaf, *intermediates)))
    stamper_chain = time_stamper.certificate_chain if time_stamper else ()
    room += stamps.room(stamper_chain) if time_stamper else 0
    stamper_lists = time_stamper.revocation_lists if time_stamper else ()

    def add(blanks: Blanks) -> int:
        root = blanks.document.Root
        if "/AcroForm" in root or "/Perms" in root or "/DSS" in root:
            raise SignError("the file has a form or a signature already")
        certificates = blanks.embed(der((*signer.certificate_chain, *stamper_chain)))
        lists = blanks.embed(der((*signer.revocation_lists, *stamper_lists)))
        widget, signature = blanks.field(field, "数字签名")
        root.AcroForm = pikepdf.Dictionary(Fields=[widget], SigFlags=3)
        root.Perms = pikepdf.Dictionary(DocMDP=signature)
        root.DSS = pikepdf.Dictionary(Type=pikepdf.Name.DSS, Certs=certificates, CRLs=lists)
        blanks.change(root, blanks.document.pages[0].obj, widget)
        return signature.objgen[0]

    whole, begin, end = append(ready(pdf), _dictionary(at, reason) + blank_value(room), add)
    attributes = cms.signed_attributes(digest_around(whole, begin, end), leaf)
    signature = signer.sign(attributes)
    token = None
    if time_stamper:
        imprint = hashlib.sha256(signature).digest()
        token = time_stamper.stamp(imprint, at=at)
        stamps.check(token, imprint, stamper_chain)
    return filled(whole, begin, end, cms.build(attributes, signature, leaf, intermediates, token))


def _dictionary(at: datetime, reason: str) -> bytes:
    """The signature dictionary up to its range and value."""
    moment = at.astimezone(SHANGHAI).strftime("D:%Y%m%d%H%M%S+08'00'").encode()
    return (
        b"<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached/M(" + moment + b")/Reason"
        + pikepdf.String(reason).unparse()
        + b"/Reference[<</Type/SigRef/TransformMethod/DocMDP"
        b"/TransformParams<</Type/TransformParams/P 1/V/1.2>>>>]"
    )  # fmt: skip
