"""Rosters and the official document: draft, sign, and issue everything in one transaction (notice 七: 审批并发文)."""

from __future__ import annotations

import hashlib
import logging
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django_tasks import task

from chuding.accounts.people import roles_of
from chuding.applications.characters import require_drawn
from chuding.applications.models import Application
from chuding.applications.services.moves import move, tell_applicant
from chuding.applications.translate import assess_file, award_of, declaration_of, document_row_of, local_day, notice_of
from chuding.applications.workflow import Action, Declined, State
from chuding.certificates.press import seal, typesetter
from chuding.certificates.services import issue, verification_address
from chuding.decisions.models import Document, Roster, RosterEntry, RosterState
from chuding.decisions.numbering import take_number
from chuding.decisions.texts import document_data, title_of
from chuding.decisions.workflow import OFFICE_LEVELS, OFFICE_SIGNER, RosterAction, office_of
from chuding.jobs.leases import NotYet
from chuding.ledger.record import record
from chuding.paper.glyphs import MissingGlyph
from chuding.paper.mandate import Mandate, SignerRefused
from chuding.paper.typeset import TypesettingError
from chuding.storage.clock import now
from chuding.storage.files import store

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet

    from chuding.accounts.models import Person

log = logging.getLogger(__name__)


def waiting_for_roster(office: str) -> QuerySet[Application]:
    """Approved files of an office's levels that stand on no roster yet, oldest approval first."""
    return Application.objects.filter(
        state=State.APPROVED, level__in=OFFICE_LEVELS[office], roster_entry__isnull=True
    ).order_by("approved_at", "id")


def _office(by: Person) -> str:
    office = office_of(roles_of(by))
    if office is None:
        raise Declined("只有协会或市职称办的签发人可以拟稿和签发。")
    return office


def list_digest(roster: Roster) -> str:
    """SHA-256 over the roster's files and their assessed facts: what the signer sees is what is issued."""
    lines = [
        f"{entry.position} {entry.application.number} {entry.application.level} {entry.application.version}"
        for entry in roster.entries.select_related("application")
    ]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


@transaction.atomic
def draft(*, refs: list[str], by: Person, at: datetime) -> Roster:
    """Put approved people on a new roster, ordered by series, employer and number."""
    office = _office(by)
    files = list(waiting_for_roster(office).select_for_update(of=("self",)).filter(ref__in=refs))
    if not files:
        raise Declined("没有选中可以发文的申报。请先勾选审核通过的人员。")
    files.sort(key=lambda a: (a.series, a.employer_name, a.number or ""))
    roster = Roster.objects.create(
        office=office, notice_id=files[0].notice_id, title=title_of(files, office), drafted_by=by, drafted_at=at
    )
    RosterEntry.objects.bulk_create(
        [RosterEntry(roster=roster, application=a, position=n) for n, a in enumerate(files, start=1)]
    )
    record(
        action=RosterAction.DRAFT,
        subject=("roster", roster.ref),
        by=by,
        role=OFFICE_SIGNER[office],
        at=at,
        data={"numbers": [a.number for a in files]},
    )
    return roster


def _lock(ref: str, by: Person) -> Roster:
    roster = Roster.objects.select_for_update().get(ref=ref)
    if roster.office != _office(by):
        raise Roster.DoesNotExist
    return roster


@transaction.atomic
def discard(*, ref: str, by: Person, at: datetime) -> None:
    """Throw a draft away; its people wait for another roster."""
    roster = _lock(ref, by)
    if roster.state not in {RosterState.DRAFT, RosterState.FAILED}:
        raise Declined("已经签发的名单不能删除。")
    record(action=RosterAction.DISCARD, subject=("roster", ref), by=by, role=OFFICE_SIGNER[roster.office], at=at)
    roster.delete()


@transaction.atomic
def sign(*, ref: str, seen: str, by: Person, at: datetime) -> Roster:
    """Sign the list that was seen (by digest). The worker then issues document and certificates."""
    roster = _lock(ref, by)
    if roster.state in {RosterState.SIGNED, RosterState.ISSUED}:
        return roster
    if seen != list_digest(roster):
        raise Declined("名单在您查看之后有变化，请重新核对后再签发。")
    if roster.entries.filter(application__applicant=by).exists():
        raise Declined("名单里有您本人的申报，按回避规定请由其他签发人签发。")
    written = ("application__educations", "application__spells")
    require_drawn(
        entry.application for entry in roster.entries.select_related("application").prefetch_related(*written)
    )
    roster.state = RosterState.SIGNED
    roster.signed_by, roster.signed_at, roster.list_digest, roster.problem = by, at, seen, ""
    roster.save()
    record(
        action=RosterAction.SIGN,
        subject=("roster", ref),
        by=by,
        role=OFFICE_SIGNER[roster.office],
        at=at,
        data={"list_digest": seen},
    )
    issue_signed_roster.enqueue(ref=ref)
    return roster


@transaction.atomic
def issue_roster(*, ref: str, at: datetime) -> Document:
    """Number, document, certificates, forms, states and messages of a signed roster: all of it, or nothing.

    Called by the worker; calling it twice gives the same document. A failure leaves no number spent and no person
    half issued.
    """
    roster = Roster.objects.select_for_update().get(ref=ref)
    if roster.state == RosterState.ISSUED:
        return roster.document
    if roster.state not in {RosterState.SIGNED, RosterState.FAILED} or roster.signed_by is None:
        raise Declined("名单还没有签发。")
    signer, office, day = roster.signed_by, roster.office, local_day(at)
    role, issuer = OFFICE_SIGNER[office], settings.OFFICE_NAMES[office]
    serial, number = take_number(office=office, on=day)
    entries = list(roster.entries.select_related("application__applicant").order_by("position"))
    for entry in entries:
        application = entry.application
        report = assess_file(application, local_day(application.submitted_at or at))
        award = award_of(
            application, report=report, office=office, issuer=issuer, document_number=number, approved_on=day
        )
        certificate = issue(award, holder=application.applicant, by=signer, role=role, at=at)
        entry.certificate = certificate
        application.document_number, application.certificate_number = number, certificate.number
        form = typesetter().declaration(declaration_of(application, award, verification_address(certificate.token)), at)
        application.declaration_file = store().put(form)
        told = {"document": number, "certificate": certificate.number, "declaration": application.declaration_file}
        move(application, Action.ISSUE, by=signer, at=at, data=told)
        tell_applicant(application, "issued", at=at)
    RosterEntry.objects.bulk_update(entries, ["certificate"])
    rows = [document_row_of(entry.application, on=day) for entry in entries]
    data = document_data(roster, rows=rows, number=number, on=day, notice=notice_of(entries[0].application))
    mandate = Mandate("document", ("roster", ref))
    pdf = seal(typesetter().document(data, at), office=office, mandate=mandate, at=at, reason=number)
    document = Document.objects.create(
        roster=roster,
        office=office,
        year=day.year,
        serial=serial,
        number=number,
        issued_on=day,
        issued_at=at,
        file=store().put(pdf),
    )
    roster.state, roster.problem = RosterState.ISSUED, ""
    roster.save(update_fields=["state", "problem"])
    record(
        action=RosterAction.ISSUE,
        subject=("document", number),
        by=signer,
        role=role,
        at=at,
        data={"roster": ref, "file": document.file, "people": len(entries)},
    )
    return document


@transaction.atomic
def note_failure(*, ref: str, sentence: str) -> None:
    """Keep in words why issuing did not finish, for the signer's page; nothing else was kept of the attempt."""
    Roster.objects.filter(ref=ref, state=RosterState.SIGNED).update(state=RosterState.FAILED, problem=sentence[:400])


@transaction.atomic
def note_waiting(*, ref: str, sentence: str) -> None:
    """Keep in words what a signed roster waits for; the worker goes on by itself."""
    Roster.objects.filter(ref=ref, state=RosterState.SIGNED).update(problem=sentence[:400])


@task()
def issue_signed_roster(ref: str) -> str:
    """The worker's part. What a person must mend ends it with words; any other fault is tried again by the worker."""
    try:
        return issue_roster(ref=ref, at=now()).number
    except NotYet as reason:
        note_waiting(ref=ref, sentence=f"{reason}。恢复后会自动继续，名单和文号都没有变化。")
        raise
    except (MissingGlyph, Declined, SignerRefused) as error:
        note_failure(ref=ref, sentence=str(error))
    except TypesettingError:
        log.exception("roster %s could not be typeset", ref)
        note_failure(ref=ref, sentence="排版没有成功，请联系系统管理员。名单和文号都没有变化。")
    return ""
