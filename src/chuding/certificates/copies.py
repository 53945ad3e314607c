"""A copy for one purpose, made by its holder: without ID number and birth date, good for some weeks, no certificate.

It has a code and a page of its own, so whoever gets it learns whether it is still meant to be used, and never the address
of the certificate itself. It is not signed: nobody shall take it for the certificate.
"""

from __future__ import annotations

import hashlib
import unicodedata
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django_tasks import task

from chuding.accounts.masking import mask_name
from chuding.accounts.roles import Role
from chuding.certificates.award import Award
from chuding.certificates.models import Certificate, RedactedCopy, Standing
from chuding.certificates.press import typesetter
from chuding.ledger.record import record
from chuding.notices.shelf import current
from chuding.paper.glyphs import MissingGlyph, missing
from chuding.paper.typeset import CertificateData
from chuding.storage.clock import SHANGHAI, now
from chuding.storage.files import store

if TYPE_CHECKING:
    from datetime import datetime

    from chuding.accounts.models import Person

# How long a copy may count, how long its purpose may be, and how many may be made in a while.
LONGEST = 90
WORDS = 30
MOST, WHILE = 10, timedelta(days=90)
HIDDEN = "已隐去"


class CopyRefused(ValueError):  # noqa: N818 - the answer to a person, not a fault
    """A copy cannot be made; `str()` is a sentence for its holder."""


@dataclass(frozen=True)
class CopyAnswer:
    """What a copy's page says: `state` is good, expired, withdrawn, ended (the certificate) or not_found.

    Only a good copy says what it was made of.
    """

    state: str
    purpose: str = ""
    until: date | None = None
    made_on: date | None = None
    name: str = ""
    qualification: str = ""
    level: str = ""
    field: str = ""
    issuer: str = ""
    number: str = ""
    sample: bool = False


def copy_address(token: str) -> str:
    """What the copy's code says."""
    return f"{settings.PUBLIC_ADDRESS}/c/{token}"


@transaction.atomic
def order(*, certificate: Certificate, purpose: str, days: int, by: Person, at: datetime) -> RedactedCopy:
    """Have a copy made of one's own certificate, good from today for so many days. Raises CopyRefused, in words."""
    if certificate.holder_id != by.pk:
        raise Certificate.DoesNotExist
    words = " ".join(unicodedata.normalize("NFC", purpose).split())
    if not words:
        raise CopyRefused(f"请写明用途，例如“应聘{current(at).place}某某公司”。")
    if len(words) > WORDS:
        raise CopyRefused(f"用途最多{WORDS}个字，您写了{len(words)}个。请写简短一些。")
    for character in missing(words):
        raise CopyRefused(str(MissingGlyph(character)))
    if not 1 <= days <= LONGEST:
        raise CopyRefused(f"有效期请填1到{LONGEST}天。")
    if certificate.standing != Standing.VALID:
        raise CopyRefused(f"这张证书{certificate.get_standing_display()}，不能制作副本。")
    if certificate.copies.filter(made_at__gt=at - WHILE).count() >= MOST:
        raise CopyRefused(f"{WHILE.days}天内最多制作{MOST}份副本。请使用已经做好的，或者过些天再来。")
    until = at.astimezone(SHANGHAI).date() + timedelta(days=days)
    copy = RedactedCopy.objects.create(certificate=certificate, purpose=words, until=until, made_at=at)
    record(
        action="order_copy",
        subject=("certificate", certificate.number),
        by=by,
        role=Role.APPLICANT,
        at=at,
        data={"copy": copy.pk, "until": until.isoformat()},
    )
    make_copy.enqueue(copy_id=copy.pk)
    return copy


@transaction.atomic
def withdraw(*, copy_id: int, by: Person, at: datetime) -> RedactedCopy:
    """Let a copy count no more from this moment; withdrawing it twice changes nothing."""
    copy = RedactedCopy.objects.select_for_update().get(pk=copy_id, certificate__holder=by)
    if copy.withdrawn_at is None:
        copy.withdrawn_at = at
        copy.save(update_fields=["withdrawn_at"])
        number = copy.certificate.number
        record(
            action="withdraw_copy",
            subject=("certificate", number),
            by=by,
            role=Role.APPLICANT,
            at=at,
            data={"copy": copy.pk},
        )
    return copy


def _page(copy: RedactedCopy) -> CertificateData:
    award = Award.read(copy.certificate.award)
    return CertificateData(
        holder_name=award.holder_name,
        identity_type=award.identity_type,
        identity_number=HIDDEN,
        level=award.level,
        qualification=award.qualification,
        series=award.series,
        major=award.major,
        minor=award.minor or None,
        qualified_on=award.qualified_on,
        approved_on=award.approved_on,
        document_number=award.document_number,
        certificate_number=copy.certificate.number,
        issuer=award.issuer,
        verify_url=copy_address(copy.token),
        sample=settings.DEMONSTRATION,
        sex=award.sex or None,
        employer_name=award.employer_name or None,
        notice_number=award.notice_number,
        clause=award.clause,
        copy_for=copy.purpose,
        copy_until=copy.until,
    )


@transaction.atomic
def make(*, copy_id: int, at: datetime) -> str:
    """Typeset a copy that was ordered and keep it; its digest. A second call gives the first one's."""
    copy = RedactedCopy.objects.select_for_update(of=("self",)).select_related("certificate").get(pk=copy_id)
    if not copy.file:
        copy.file = store().put(typesetter().certificate(_page(copy), at))
        copy.save(update_fields=["file"])
    return copy.file


@task()
def make_copy(copy_id: int) -> str:
    """The worker's part."""
    return make(copy_id=copy_id, at=now())


def _answer(copy: RedactedCopy | None, at: datetime) -> CopyAnswer:
    if copy is None:
        return CopyAnswer("not_found")
    if copy.withdrawn_at is not None:
        return CopyAnswer("withdrawn")
    if copy.certificate.standing != Standing.VALID:
        return CopyAnswer("ended")
    if at.astimezone(SHANGHAI).date() > copy.until:
        return CopyAnswer("expired", until=copy.until)
    award = Award.read(copy.certificate.award)
    return CopyAnswer(
        "good",
        purpose=copy.purpose,
        until=copy.until,
        made_on=copy.made_at.astimezone(SHANGHAI).date(),
        name=mask_name(award.holder_name),
        qualification=award.qualification,
        level=award.level,
        field=" › ".join(part for part in (award.series, award.major, award.minor) if part),
        issuer=award.issuer,
        number=copy.certificate.number,
        sample=settings.DEMONSTRATION,
    )


def look_up_copy(token: str, *, at: datetime) -> CopyAnswer:
    """The answer to a copy's code."""
    return _answer(RedactedCopy.objects.select_related("certificate").filter(token=token).first(), at)


def copy_of_file(pdf: bytes, *, at: datetime) -> CopyAnswer | None:
    """The answer to an uploaded file that is, byte for byte, a copy of ours; None for any other file."""
    digest = hashlib.sha256(pdf).hexdigest()
    copy = RedactedCopy.objects.select_related("certificate").filter(file=digest).first()
    return None if copy is None else _answer(copy, at)
