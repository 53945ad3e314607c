"""Issue a certificate from a frozen award, revoke one, or put another in its place. Certificates know no applications."""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import replace as with_changes
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction

from chuding.accounts.masking import mask_name
from chuding.certificates.award import certificate_number
from chuding.certificates.models import Certificate, CertificateSeries, Standing
from chuding.certificates.press import archived, provable_until, seal, signer, typesetter
from chuding.certificates.sealing import is_sealed
from chuding.certificates.sealing import order as order_seal
from chuding.certificates.statuses import renew_status_lists
from chuding.jobs.leases import NotYet
from chuding.ledger.record import record
from chuding.paper.credential import Claims, credential_url, holder_tag, make_credential
from chuding.paper.mandate import Mandate, SignerUnavailable
from chuding.paper.typeset import CertificateData
from chuding.storage.clock import SHANGHAI
from chuding.storage.files import store

if TYPE_CHECKING:
    from datetime import datetime

    from chuding.accounts.models import Person
    from chuding.accounts.roles import Role
    from chuding.certificates.award import Award


def verification_address(token: str) -> str:
    """What the QR code says."""
    return f"{settings.PUBLIC_ADDRESS}/v/{token}"


@dataclass(frozen=True)
class Prepared:
    """A certificate that is typeset and sealed and does not count yet: its number, its token, its bytes."""

    number: str
    token: str
    pdf: bytes
    provable_until: datetime | None
    to_be_sealed: bytes = b""
    """The page for the state's electronic seal; empty where the office has none."""
    replaces: str = ""
    """The number of the certificate whose place it is to take; empty where there is none."""


class NumberTaken(RuntimeError):  # noqa: N818 - made ready once more
    """Another certificate has got the number that this one was made ready with."""


def _take_number(award: Award) -> str:
    key = {"office": award.office, "year": award.approved_on.year, "level": award.level}
    CertificateSeries.objects.bulk_create([CertificateSeries(**key)], ignore_conflicts=True)
    series = CertificateSeries.objects.select_for_update().get(**key)
    series.last += 1
    series.save(update_fields=["last"])
    return certificate_number(office=award.office, year=award.approved_on.year, level=award.level, serial=series.last)


def _offline_code(award: Award, number: str, token: str, at: datetime) -> str:
    """The text of the second code: what the certificate says, signed by the office, for where there is no network."""
    address = verification_address(token)
    day = at.astimezone(SHANGHAI).date()
    claims = Claims(
        issuer=award.issuer,
        number=number,
        level=award.level,
        qualification=award.qualification,
        field="/".join(part for part in (award.series, award.major, award.minor) if part),
        qualified_on=award.qualified_on,
        approved_on=award.approved_on,
        masked_name=mask_name(award.holder_name),
        holder=holder_tag(
            name=award.holder_name, identity_number=award.identity_number, number=number, status_url=address
        ),
        status_url=address,
        sample=settings.DEMONSTRATION,
        issued_on=day if day > award.approved_on else None,
    )
    try:
        credential = make_credential(claims, signer(award.office, _mandate("credential", award)))
    except SignerUnavailable as problem:
        raise NotYet(f"等待签名服务：{problem}") from problem
    return credential_url(settings.PUBLIC_ADDRESS, credential)


def _mandate(purpose: str, award: Award) -> Mandate:
    """What the signing desk must find decided: this award, for the file of this number."""
    return Mandate(purpose, ("application", award.application_number), award.canonical().decode())


def page_before_issue(award: Award) -> CertificateData:
    """How a certificate of this award would look, for people who decide on it: no number, no code, 预览 all over it."""
    return with_changes(_page(award, "发证时编号", "", "", offline=None), preview=True)


def _page(award: Award, number: str, token: str, replaces: str, offline: str | None) -> CertificateData:
    return CertificateData(
        holder_name=award.holder_name,
        identity_type=award.identity_type,
        identity_number=award.identity_number,
        level=award.level,
        qualification=award.qualification,
        series=award.series,
        major=award.major,
        minor=award.minor or None,
        qualified_on=award.qualified_on,
        approved_on=award.approved_on,
        document_number=award.document_number,
        certificate_number=number,
        issuer=award.issuer,
        verify_url=verification_address(token),
        sample=settings.DEMONSTRATION,
        sex=award.sex or None,
        birth_on=award.born_on,
        employer_name=award.employer_name or None,
        notice_number=award.notice_number,
        clause=award.clause,
        offline_url=offline,
        replaces=replaces or None,
    )


def prepare(award: Award, *, ahead: int, token: str, at: datetime, replaces: str = "") -> Prepared:
    """Typeset and seal a certificate that `issue` will register; slow, and outside of any transaction.

    It gets the number that is `ahead` places (1, 2, …) after the last one given. The order is fixed (documents.md G):
    typeset → sign; nothing touches the bytes afterwards. `replaces` is the number of the one in whose place it stands, which
    is printed on it. Raises MissingGlyph for a name that no font can draw.
    """
    key = {"office": award.office, "year": award.approved_on.year, "level": award.level}
    series = CertificateSeries.objects.filter(**key).first()
    serial = (series.last if series else 0) + ahead
    number = certificate_number(office=award.office, year=award.approved_on.year, level=award.level, serial=serial)
    content = _page(award, number, token, replaces, offline=_offline_code(award, number, token, at))
    pdf = typesetter().certificate(content, at)
    reason = f"{award.document_number} {number}"
    signed = seal(pdf, office=award.office, mandate=_mandate("certificate", award), at=at, reason=reason)
    until = provable_until()
    if settings.ARCHIVE_AT_ISSUE and until is not None:
        signed, until = archived(signed, at=at)
    page = typesetter().certificate(with_changes(content, to_be_sealed=True), at) if is_sealed(award.office) else b""
    return Prepared(number, token, signed, until, page, replaces)


def seal_form(form: bytes, award: Award, *, at: datetime) -> bytes:
    """The 申报表 of this award with the office's signature, which says that it is a form. Raises NotYet and SignerRefused."""
    return seal(form, office=award.office, mandate=_mandate("form", award), at=at, reason=award.application_number)


def issue(award: Award, *, holder: Person, by: Person, role: Role, at: datetime, made: Prepared) -> Certificate:
    """Number, store and register one certificate that was made ready, inside the caller's transaction.

    Raises NumberTaken where the next number is not the one that it was made with.
    """
    if not transaction.get_connection().in_atomic_block:
        msg = "a certificate is issued in its document's transaction"
        raise RuntimeError(msg)
    number = _take_number(award)
    if number != made.number:
        raise NumberTaken(number)
    certificate = Certificate.objects.create(
        token=made.token,
        number=number,
        office=award.office,
        holder=holder,
        level=award.level,
        award=award.canonical().decode(),
        award_digest=award.digest(),
        file=store().put(made.pdf),
        document_number=award.document_number,
        issued_at=at,
        provable_until=made.provable_until,
    )
    record(
        action="issue_certificate",
        subject=("certificate", number),
        by=by,
        role=role,
        at=at,
        data={"award_digest": award.digest(), "file": certificate.file, "document": award.document_number},
    )
    if made.to_be_sealed:
        order_seal(subject=("certificate", number), office=award.office, page=made.to_be_sealed, at=at)
    return certificate


def revoke(*, number: str, reason: str, by: Person, role: Role, at: datetime) -> Certificate:
    """Take a certificate's validity away, for good, with a reason; verification shows it at once.

    Who may, and that two people agreed, is for `decisions` to see to.
    """
    if not transaction.get_connection().in_atomic_block:
        msg = "a certificate is revoked in its decision's transaction"
        raise RuntimeError(msg)
    certificate = Certificate.objects.select_for_update().get(number=number)
    if certificate.standing == Standing.VALID:
        certificate.standing = Standing.REVOKED
        certificate.revoked_at = at
        certificate.revocation_reason = reason
        certificate.save(update_fields=["standing", "revoked_at", "revocation_reason"])
        record(action="revoke_certificate", subject=("certificate", number), by=by, role=role, at=at, reason=reason)
        renew_status_lists.enqueue()
    return certificate


def replace(*, award: Award, made: Prepared, reason: str, by: Person, role: Role, at: datetime) -> Certificate:
    """Register a certificate of this award, made ready by `prepare`, in another's place, which counts no more and points to it.

    In the caller's transaction. Who may, and that two people agreed, is for `decisions` to see to. The new one has a number and
    code of its own; a second call gives the first one's successor. Raises NumberTaken like `issue`.
    """
    old = Certificate.objects.select_for_update().select_related("holder").get(number=made.replaces)
    if old.replaced_by is not None:
        return old.replaced_by
    if old.standing != Standing.VALID:
        msg = f"certificate {old.number} is {old.standing}"
        raise ValueError(msg)
    new = issue(award, holder=old.holder, by=by, role=role, at=at, made=made)
    old.standing, old.replaced_by, old.revoked_at, old.revocation_reason = Standing.REPLACED, new, at, reason
    old.save(update_fields=["standing", "replaced_by", "revoked_at", "revocation_reason"])
    record(
        action="replace_certificate",
        subject=("certificate", old.number),
        by=by,
        role=role,
        at=at,
        reason=reason,
        data={"successor": new.number},
    )
    renew_status_lists.enqueue()
    return new
