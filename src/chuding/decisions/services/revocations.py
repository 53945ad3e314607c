"""The end of a certificate: one person proposes with a reason, another of the same office confirms."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction

from chuding.applications.models import Application
from chuding.applications.reviewing.latest import last_doing
from chuding.applications.services.moves import move, tell_applicant
from chuding.applications.workflow import Action, Declined
from chuding.certificates.models import Certificate, Standing
from chuding.certificates.services import revoke
from chuding.decisions.models import Revocation, RevocationKind
from chuding.decisions.services.replacements import ACTS, make_replacement
from chuding.decisions.services.signing_people import signs_for
from chuding.ledger.record import record

if TYPE_CHECKING:
    from datetime import datetime

    from chuding.accounts.models import Person


@transaction.atomic
def propose(*, number: str, reason: str, clause: str, by: Person, at: datetime) -> Revocation:
    """Propose, with a reason and what it rests on; nothing changes for the holder until another person confirms."""
    certificate = Certificate.objects.select_for_update().filter(number=number.strip().upper()).first()
    if certificate is None:
        raise Declined("没有这个证书编号，请对照证书检查。")
    role = signs_for(certificate, by=by, at=at)
    if certificate.standing != Standing.VALID:
        raise Declined(f"这张证书{certificate.get_standing_display()}。")
    if not reason.strip():
        raise Declined("请写明撤销的理由。")
    try:
        with transaction.atomic():
            revocation = Revocation.objects.create(
                certificate=certificate, reason=reason.strip(), clause=clause, proposed_by=by, proposed_at=at
            )
    except IntegrityError as error:
        raise Declined("这张证书已经有人提出撤销或更正，正等待第二人确认。") from error
    record(
        action="propose_revocation", subject=("certificate", certificate.number), by=by, role=role, at=at, reason=reason
    )
    return revocation


@transaction.atomic
def decide(*, revocation_id: int, agree: bool, by: Person, at: datetime) -> Revocation:
    """Confirm or reject another person's proposal."""
    revocation = Revocation.objects.select_for_update(of=("self",)).select_related("certificate").get(pk=revocation_id)
    certificate = revocation.certificate
    role = signs_for(certificate, by=by, at=at)
    if revocation.confirmed_at or revocation.rejected_at:
        return _decided_before(revocation, agree, by, at)
    if not agree:
        revocation.rejected_at = at
        revocation.save(update_fields=["rejected_at"])
        record(action="reject_revocation", subject=("certificate", certificate.number), by=by, role=role, at=at)
        return revocation
    if revocation.proposed_by_id == by.pk:
        raise Declined(f"{revocation.get_kind_display()}须由两个人办理：您是提出人，请由另一位签发人确认。")
    revocation.confirmed_by, revocation.confirmed_at = by, at
    revocation.save(update_fields=["confirmed_by", "confirmed_at"])
    if revocation.kind != RevocationKind.REVOKE:
        record(
            action=f"confirm_{ACTS[revocation.kind]}",
            subject=("certificate", certificate.number),
            by=by,
            role=role,
            at=at,
        )
        make_replacement.enqueue(revocation_id=revocation.pk)
        return revocation
    revoke(number=certificate.number, reason=revocation.reason, by=by, role=role, at=at)
    application = Application.objects.select_for_update().get(certificate_number=certificate.number)
    move(application, Action.REVOKE, by=by, at=at, reason=revocation.reason, data={"clause": revocation.clause})
    tell_applicant(application, "revoked", at=at)
    return revocation


def _decided_before(revocation: Revocation, agree: bool, by: Person, at: datetime) -> Revocation:
    """The proposal, to whoever sent the same decision twice; somebody else's decision is said and stands."""
    if revocation.confirmed_by_id == by.pk and agree:
        return revocation
    labels = {
        "reject_revocation": "不同意",
        "revoke_certificate": "确认撤销",
        **{f"confirm_{act}": "确认" for act in ACTS.values()},
    }
    done = last_doing(("certificate", revocation.certificate.number), labels, reader=by, at=at)
    raise Declined(f"这件提议已经办结：{done}。您的办理没有提交。")


def open_proposals(office: str) -> list[Revocation]:
    """Proposals of an office, waiting for a second person."""
    return list(
        Revocation.objects.filter(
            certificate__office=office, confirmed_at__isnull=True, rejected_at__isnull=True
        ).select_related("certificate", "proposed_by")
    )
