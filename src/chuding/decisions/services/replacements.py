"""Correcting or replacing a certificate: one person proposes with a reason, another confirms, the worker makes the new one.

The decision stands; only what the certificate says of the person is put right, so the document's number, level, specialty
and days stay. The old certificate points to the new one.
"""

from __future__ import annotations

import json
import logging
from dataclasses import replace as with_changes
from datetime import date
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction
from django_tasks import task

from chuding.accounts.identity import KIND_NAMES, check_identity
from chuding.accounts.names import clean_name
from chuding.applications.models import Application
from chuding.applications.services.moves import subject_of, tell_applicant
from chuding.applications.workflow import Declined
from chuding.certificates.award import Award
from chuding.certificates.models import Certificate, Standing, new_token
from chuding.certificates.services import prepare, replace
from chuding.decisions.models import Revocation, RevocationKind
from chuding.decisions.services.signing_people import signs_for
from chuding.decisions.workflow import OFFICE_SIGNER
from chuding.ledger.record import record
from chuding.paper.glyphs import MissingGlyph, missing
from chuding.paper.mandate import SignerRefused
from chuding.paper.typeset import TypesettingError
from chuding.storage.clock import now

if TYPE_CHECKING:
    from datetime import datetime

    from chuding.accounts.models import Person
    from chuding.certificates.services import Prepared

log = logging.getLogger(__name__)

CORRECTABLE = {
    "holder_name": "姓名",
    "sex": "性别",
    "born_on": "出生日期",
    "identity_number": "证件号码",
    "employer_name": "工作单位",
}
"""What of a certificate may be corrected, and its name on it. Level, specialty and days are the decision's own."""

ACTS = {RevocationKind.CORRECT.value: "correction", RevocationKind.REPLACE.value: "replacement"}
"""What each kind is called in the ledger, where the signing desk looks for two people's acts."""

_SEXES = ("男", "女", "")
_LONGEST = 200
_KINDS = {name: kind for kind, name in KIND_NAMES.items()}


def award_of_certificate(certificate: Certificate) -> Award:
    """What a certificate says, as it was awarded."""
    return Award.read(certificate.award)


def _checked(award: Award, typed: dict[str, str], on: date) -> dict[str, str]:
    """The corrections that change something, in canonical form. Raises Declined for the first that cannot be."""
    given = {name: typed[name].strip() for name in CORRECTABLE if name in typed}
    if "holder_name" in given:
        given["holder_name"], problem = clean_name(given["holder_name"])
        if problem:
            raise Declined(problem)
    if given.get("sex", "") not in _SEXES:
        raise Declined("性别请选择“男”或“女”。")
    if "identity_number" in given:
        reading = check_identity(_KINDS[award.identity_type], given["identity_number"], on=on)
        if reading.problem:
            raise Declined(reading.problem)
        given["identity_number"] = reading.number
    if given.get("born_on"):
        try:
            date.fromisoformat(given["born_on"])
        except ValueError as error:
            raise Declined("出生日期请按“1996-05-12”的样子填写。") from error
    if len(given.get("employer_name", "")) > _LONGEST:
        raise Declined(f"工作单位最多{_LONGEST}个字。")
    for character in missing("".join(given.values())):
        raise Declined(str(MissingGlyph(character)))
    return {name: text for name, text in given.items() if text != said(award, name)}


def said(award: Award, name: str) -> str:
    """What the certificate says there, as a text; days as YYYY-MM-DD."""
    value = getattr(award, name)
    return value.isoformat() if isinstance(value, date) else value or ""


def differences(revocation: Revocation) -> list[dict[str, str]]:
    """Each correction of a proposal: what it is, what the certificate says, what it is to say."""
    award = award_of_certificate(revocation.certificate)
    changes: dict[str, str] = json.loads(revocation.changes or "{}")
    return [{"name": CORRECTABLE[name], "old": said(award, name), "new": text} for name, text in changes.items()]


@transaction.atomic
def propose(*, number: str, kind: str, typed: dict[str, str], reason: str, by: Person, at: datetime) -> Revocation:
    """Propose a corrected certificate (更正) or the same anew (换发); nothing changes until another person confirms.

    `typed` holds what the new certificate is to say, by the names of CORRECTABLE; what is left out stays.
    """
    if kind not in {RevocationKind.CORRECT, RevocationKind.REPLACE}:
        raise Declined("请选择“更正”或“换发”。")
    certificate = Certificate.objects.select_for_update().filter(number=number.strip().upper()).first()
    if certificate is None:
        raise Declined("没有这个证书编号，请对照证书检查。")
    role = signs_for(certificate, by=by, at=at)
    if certificate.standing != Standing.VALID:
        raise Declined(f"这张证书{certificate.get_standing_display()}，不能再更正或换发。")
    if not reason.strip():
        raise Declined("请写明更正或换发的理由。")
    changes: dict[str, str] = {}
    if kind == RevocationKind.CORRECT:
        changes = _checked(award_of_certificate(certificate), typed, at.date())
        if not changes:
            raise Declined("没有要更正的内容：填写的与证书上的相同。内容不变、只换新证书的，请选“换发”。")
    if certificate.revocations.filter(confirmed_at__isnull=False).exists():
        raise Declined("新证书正在制作，请稍候再看。")
    try:
        with transaction.atomic():
            revocation = Revocation.objects.create(
                certificate=certificate,
                kind=kind,
                changes=json.dumps(changes, ensure_ascii=False),
                reason=reason.strip(),
                proposed_by=by,
                proposed_at=at,
            )
    except IntegrityError as error:
        raise Declined("这张证书已经有人提出撤销或更正，正等待第二人确认。") from error
    record(
        action=f"propose_{ACTS[kind]}",
        subject=("certificate", certificate.number),
        by=by,
        role=role,
        at=at,
        reason=reason,
        data={"fields": sorted(changes)},
    )
    return revocation


def _new_award(revocation: Revocation) -> Award:
    changes: dict[str, Any] = json.loads(revocation.changes or "{}")
    if "born_on" in changes:
        changes["born_on"] = date.fromisoformat(changes["born_on"]) if changes["born_on"] else None
    return with_changes(award_of_certificate(revocation.certificate), **changes)


def carry_out(*, revocation_id: int, at: datetime) -> Certificate:
    """Make the new certificate of a confirmed proposal and let the old one point to it: all of it, or nothing.

    It is typeset and sealed outside of any transaction, as when it is issued (docs/adr/0012), so that nobody waits who writes.
    Called by the worker; calling it twice gives the same certificate. Raises Declined where what was confirmed is not so any
    more, and NumberTaken where another certificate got the number meanwhile.
    """
    revocation = Revocation.objects.select_related("certificate__replaced_by").get(pk=revocation_id)
    old = revocation.certificate
    if old.replaced_by is not None:
        return old.replaced_by
    _still_stands(revocation)
    award = _new_award(revocation)
    made = prepare(award, ahead=1, token=new_token(), at=at, replaces=old.number)
    with transaction.atomic():
        return _put_in_place(revocation_id, award, made, at)


def _still_stands(revocation: Revocation) -> Person:
    """Who confirmed the proposal. Raises Declined where nobody did, or the certificate counts no more."""
    if revocation.confirmed_by is None:
        raise Declined("还没有第二人确认。")
    certificate = revocation.certificate
    if certificate.standing != Standing.VALID:
        raise Declined(f"这张证书{certificate.get_standing_display()}，不能再更正或换发。")
    return revocation.confirmed_by


def _put_in_place(revocation_id: int, award: Award, made: Prepared, at: datetime) -> Certificate:
    """The short transaction in which the new one begins to count, if what it was made of is still so."""
    revocation = Revocation.objects.select_for_update(of=("self",)).get(pk=revocation_id)
    # Locked for itself, before anything is read from it: its standing is what the proof of this act rests on.
    old = revocation.certificate = Certificate.objects.select_for_update(of=("self",)).get(pk=revocation.certificate_id)
    if old.replaced_by is not None:
        return old.replaced_by
    by = _still_stands(revocation)
    if _new_award(revocation) != award:
        raise Declined("制作期间内容有变化，请重新确认。")
    application = Application.objects.select_for_update().get(certificate_number=old.number)
    role = OFFICE_SIGNER[old.office]
    new = replace(award=award, made=made, reason=revocation.reason, by=by, role=role, at=at)
    application.certificate_number = new.number
    application.save(update_fields=["certificate_number"])
    record(
        action="replace_certificate",
        subject=subject_of(application),
        by=by,
        role=role,
        at=at,
        reason=revocation.reason,
        data={"old": old.number, "new": new.number},
    )
    tell_applicant(application, "replaced", at=at)
    return new


@transaction.atomic
def _note_problem(revocation_id: int, sentence: str) -> None:
    """Give the proposal back to two people, with the reason in words; the certificate is as it was."""
    Revocation.objects.filter(pk=revocation_id).update(confirmed_by=None, confirmed_at=None, problem=sentence[:400])


@task()
def make_replacement(revocation_id: int) -> str:
    """The worker's part, seconds after the second person's yes."""
    try:
        return carry_out(revocation_id=revocation_id, at=now()).number
    except (MissingGlyph, Declined, SignerRefused) as error:
        _note_problem(revocation_id, str(error))
    except TypesettingError:
        log.exception("replacement %s could not be typeset", revocation_id)
        _note_problem(revocation_id, "排版没有成功，请联系系统管理员。原证书没有变化。")
    return ""
