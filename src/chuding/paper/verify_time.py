"""The verifier's questions about time: who says when it was signed, and for how long that can be proven.

A file without a time stamp leaves both open, and that is said; a stamp that does not hold is a no.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives import serialization

from chuding.paper import stamps
from chuding.paper.archive import stamped_until
from chuding.paper.trust import CLOCK_TOLERANCE, Failed, Open, path_to_root, speaks, valid_at

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from cryptography import x509

    from chuding.paper.archive import Layer
    from chuding.paper.cms import Cms

# The clock of the signing office and the authority's may differ by what a stuck job and its retries need, not by more.
_STRAY = timedelta(days=1)


@dataclass(frozen=True)
class Carried:
    """What a file carries in `/DSS`, and whom the reader trusts for time."""

    certificates: Sequence[x509.Certificate]
    lists: Sequence[x509.CertificateRevocationList]
    roots: Sequence[x509.Certificate]

    def trusts(self, stamp: stamps.Stamp) -> bool:
        """Whether the stamp's certificate leads to a trusted root, was good at that time, and stands in the file."""
        known = {one.public_bytes(serialization.Encoding.DER) for one in self.certificates}
        path = path_to_root(stamp.certificate, self.certificates, self.roots)
        return path is not None and valid_at(path, stamp.moment) and stamps.is_within(stamp, known)

    def revocation(self, stamp: stamps.Stamp) -> bool | None:
        """Whether a list in the file says that the stamp's certificates were revoked by then; None where one is missing."""
        path = path_to_root(stamp.certificate, self.certificates, self.roots) or ()
        answers: list[bool | None] = []
        for certificate, issuer in pairwise(path):
            current = [one for one in self.lists if speaks(one, issuer, stamp.moment)]
            entries = [one.get_revoked_certificate_by_serial_number(certificate.serial_number) for one in current]
            revoked = any(entry is not None and entry.revocation_date_utc <= stamp.moment for entry in entries)
            answers.append(revoked if current else None)
        return True if True in answers else None if None in answers or not answers else False


def time_of_signing(
    signed: Cms, claimed: datetime, path: Sequence[x509.Certificate], carried: Carried, at: datetime
) -> stamps.Stamp:
    """The stamp over the signature. Raises `Open` where there is none, `Failed` for one that does not hold."""
    if signed.time_stamp is None:
        raise Open(
            "文件没有时间戳，签名时间出自签发单位自己的时钟。",
            "There is no time stamp: the time is the signer's own word.",
        )
    try:
        stamp = stamps.read(signed.time_stamp)
    except stamps.StampError as error:
        raise Failed("时间戳数据损坏。", f"The time stamp's data is damaged: {error}.") from error
    if stamp.imprint != hashlib.sha256(signed.signature).digest():
        raise Failed("时间戳不是给这个签名的。", "The time stamp is over another signature.")
    if not carried.trusts(stamp):
        raise Failed("时间戳不是由受信任的机构出具的。", "The time stamp is not by a trusted authority.")
    if carried.revocation(stamp):
        raise Failed("时间戳机构的证书当时已被吊销。", "The time-stamp authority's certificate had been revoked.")
    if stamp.moment > at + CLOCK_TOLERANCE or abs(stamp.moment - claimed) > _STRAY:
        raise Failed("签名自称的时间与时间戳相差太大。", "The claimed time is far from the time stamp's.")
    if not valid_at(path, stamp.moment):
        raise Failed("时间戳所示时间，签名证书不在有效期内。", "A certificate was not valid at the time of the stamp.")
    return stamp


def kept_for_long(layers: Sequence[Layer], first: stamps.Stamp | None, carried: Carried) -> None:
    """Each archive time stamp is in its order, by a trusted authority whose certificate was then still good.

    Raises `Open` for a file without any, `Failed` for one that does not hold.
    """
    if not layers:
        raise Open(
            "文件没有存档时间戳：签名证书到期后，要靠登记簿确认。",
            "There is no archive time stamp: once the certificates end, the register must answer.",
        )
    before = first
    for layer in layers:
        if not carried.trusts(layer.stamp) or carried.revocation(layer.stamp):
            raise Failed("存档时间戳不是由受信任的机构出具的。", "An archive time stamp is not by a trusted authority.")
        if before is None or not before.moment <= layer.stamp.moment <= stamped_until(before.certificate):
            raise Failed(
                "存档时间戳续得太晚，前一个已经失效。", "An archive time stamp came too late to keep the proof."
            )
        before = layer.stamp


def level(first: stamps.Stamp | None, layers: Sequence[Layer], carried: Carried) -> str:
    """The PAdES baseline level that the file has come to (EN 319 142-1)."""
    if first is None:
        return "B-B"
    if layers:
        return "B-LTA"
    return "B-LT" if carried.revocation(first) is False else "B-T"
