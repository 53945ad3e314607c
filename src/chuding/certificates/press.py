"""The printing press of this installation: one typesetter, one signing desk, one time-stamp authority, made when first needed.

Typesetting happens in the worker only: a process that has typeset must not fork (docs/architecture.md).
"""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, cast

from cryptography import x509
from django.conf import settings
from django.utils.module_loading import import_string

from chuding.connectors.seal import SealOf, seal_of
from chuding.connectors.timestamp import NoTimeStampError, time_stamping
from chuding.jobs.leases import NotYet
from chuding.paper.archive import archive, stamped_until
from chuding.paper.glyphs import fonts_folder
from chuding.paper.mandate import TITLES, MandatedSigner, SignerUnavailable
from chuding.paper.remote import SocketDesk
from chuding.paper.sign import sign_pdf
from chuding.paper.stamps import StampError
from chuding.paper.typeset import Typesetter

if TYPE_CHECKING:
    from datetime import datetime

    from chuding.connectors.timestamp import TimeStamping
    from chuding.paper.keys import Signer
    from chuding.paper.mandate import Mandate, SigningDesk


@cache
def typesetter() -> Typesetter:
    """The typesetter, with the fonts unpacked into the data folder."""
    return Typesetter(fonts_folder(settings.DATA_FOLDER))


def signer(office: str, mandate: Mandate) -> Signer:
    """Who signs for an office what this mandate names; asked each time, so that nobody here holds a key."""
    return MandatedSigner(_desk(settings.SIGNER_SOCKET, str(settings.SIGNING_FOLDER)), office, mandate)


@cache
def _desk(socket: str, _folder: str) -> SigningDesk:
    # The desk in this process stands above this room: it asks the decisions.
    return SocketDesk(socket) if socket else cast("SigningDesk", import_string("chuding.signing.desk.own_desk")())


def time_stamper() -> TimeStamping | None:
    """The authority that the settings name; None where there is none."""
    return _time_stamper(json.dumps(settings.TIME_STAMPING, sort_keys=True))


@cache
def _time_stamper(choice: str) -> TimeStamping | None:
    return time_stamping(json.loads(choice))


def seal_service_of(office: str) -> SealOf | None:
    """The state's electronic seal of an office; None where the settings name none."""
    return _seal_of(json.dumps(settings.SEAL_SERVICE, sort_keys=True), office)


@cache
def _seal_of(choice: str, office: str) -> SealOf | None:
    return seal_of(json.loads(choice), office)


def time_roots() -> list[x509.Certificate]:
    """Whose time stamps this site trusts besides those of its own root: `time-root.pem` in the signing folder."""
    file = settings.SIGNING_FOLDER / "time-root.pem"
    return x509.load_pem_x509_certificates(file.read_bytes()) if file.exists() else []


def seal(pdf: bytes, *, office: str, mandate: Mandate, at: datetime, reason: str) -> bytes:
    """The PDF with the office's PAdES signature, time-stamped where an authority is configured.

    The signature says what the paper is, by its mandate's purpose, and then `reason`: numbers to find it by. Raises NotYet while signer or authority is away, SignerRefused where no decision names the paper.
    """
    said = f"{TITLES[mandate.purpose]} {reason}"
    try:
        return sign_pdf(pdf, signer(office, mandate), at=at, reason=said, time_stamper=time_stamper())
    except (NoTimeStampError, StampError) as problem:
        raise NotYet(f"等待时间戳服务：{problem}") from problem
    except SignerUnavailable as problem:
        raise NotYet(f"等待签名服务：{problem}") from problem


def provable_until() -> datetime | None:
    """How long the proof in a file that is sealed today will last; None without a time stamp."""
    stamper = time_stamper()
    return stamper.certificate_chain[0].not_valid_after_utc if stamper else None


def archived(signed: bytes, *, at: datetime) -> tuple[bytes, datetime]:
    """The file with one more archive time stamp, and how long that lasts. Raises NotYet while there is no authority."""
    stamper = time_stamper()
    if stamper is None:
        raise NotYet("没有配置时间戳服务")
    try:
        return archive(signed, stamper, at=at), stamped_until(stamper.certificate_chain[0])
    except (NoTimeStampError, StampError) as problem:
        raise NotYet(f"等待时间戳服务：{problem}") from problem
