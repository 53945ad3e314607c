"""Issuing what was signed: every paper is made ready by itself, then everything counts at once, or nothing does.

The office's number is held while papers are made, and spent in the one transaction that issues: a failure or a crash
leaves no gap, nobody half issued, and no paper outside the folder of what is being made ready.
"""

from __future__ import annotations

import hashlib
import logging
import shutil
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django_tasks import task

from chuding.applications.services.moves import move, tell_applicant
from chuding.applications.translate import assess_file, award_of, declaration_of, local_day, notice_of
from chuding.applications.workflow import Action, Declined
from chuding.certificates import services as certificates
from chuding.certificates.models import new_token
from chuding.certificates.press import seal, typesetter
from chuding.certificates.sealing import is_sealed
from chuding.certificates.sealing import order as order_seal
from chuding.decisions.contents import rows_of
from chuding.decisions.models import Document, Roster, RosterEntry, RosterState
from chuding.decisions.numbering import next_number, take_number
from chuding.decisions.texts import document_data
from chuding.decisions.workflow import OFFICE_SIGNER, RosterAction
from chuding.jobs.leases import NotYet
from chuding.ledger.record import record
from chuding.paper.glyphs import MissingGlyph
from chuding.paper.mandate import Mandate, SignerRefused
from chuding.paper.typeset import TypesettingError
from chuding.storage.clock import now
from chuding.storage.durable import write_durably
from chuding.storage.files import store

if TYPE_CHECKING:
    from pathlib import Path

    from chuding.certificates.award import Award

log = logging.getLogger(__name__)

# What is made ready of a person, by digest: the certificate, the form, and the page for the state's seal where there is one.
_PARTS = ("file", "form", "to_be_sealed")


class OfficeBusy(RuntimeError):  # noqa: N818 - the worker comes back later
    """Another document of this office is being made ready and holds the next number."""


class Stale(RuntimeError):  # noqa: N818 - what was made ready is made anew
    """What was made ready does not fit any more: a number went elsewhere, or a file changed."""


@transaction.atomic
def hold_number(*, ref: str) -> Roster:
    """Hold the office's next number for a signed roster, so that its papers can name it; nothing is spent yet.

    The document is dated by the day of its signature, however late the worker comes.
    """
    roster = Roster.objects.select_for_update().get(ref=ref)
    if roster.state == RosterState.ISSUED:
        return roster
    if roster.state not in {RosterState.SIGNED, RosterState.FAILED} or roster.signed_at is None:
        raise Declined("名单还没有签发。")
    others = Roster.objects.select_for_update().filter(office=roster.office).exclude(pk=roster.pk)
    if others.filter(state=RosterState.SIGNED).exclude(number="").exists():
        raise OfficeBusy(roster.office)
    day = local_day(roster.signed_at)
    _, number = next_number(office=roster.office, on=day)
    # What failed lets go of its number for what can be issued now.
    others.filter(state=RosterState.FAILED, number=number).update(number="", issue_on=None)
    if roster.number != number:
        roster.number, roster.issue_on = number, day
        roster.save(update_fields=["number", "issue_on"])
    return roster


def ready_of(roster: Roster) -> int:
    """How many people's papers are ready."""
    return roster.entries.filter(prepared_for=roster.number).exclude(prepared_for="").count()


def prepare_entry(*, entry: RosterEntry, roster: Roster, rank: int, at: datetime) -> None:
    """Make one person's certificate and form, into the folder of what is being made ready, and note that they are.

    `rank` is this person's place among those of the same level. Raises MissingGlyph and TypesettingError.
    """
    award = _award(entry, roster)
    token = new_token()
    made = certificates.prepare(award, ahead=rank, token=token, at=at)
    page = typesetter().declaration(
        declaration_of(entry.application, award, certificates.verification_address(token)), at
    )
    form = certificates.seal_form(page, award, at=at)
    folder = _folder(roster.ref)
    for data in (made.pdf, form, made.to_be_sealed):
        if data:
            write_durably(folder / hashlib.sha256(data).hexdigest(), data, replace=True)
    entry.prepared = {
        "number": made.number,
        "token": token,
        "file": hashlib.sha256(made.pdf).hexdigest(),
        "form": hashlib.sha256(form).hexdigest(),
        "to_be_sealed": hashlib.sha256(made.to_be_sealed).hexdigest() if made.to_be_sealed else "",
        "award": award.digest(),
        "version": entry.application.version,
        "provable_until": made.provable_until.isoformat() if made.provable_until else "",
    }
    entry.prepared_for, entry.problem = roster.number, ""
    entry.save(update_fields=["prepared", "prepared_for", "problem"])


def _award(entry: RosterEntry, roster: Roster) -> Award:
    application, day = entry.application, roster.issue_on
    if day is None:
        raise Stale(roster.ref)
    return award_of(
        application,
        report=assess_file(application, local_day(application.submitted_at) if application.submitted_at else day),
        office=roster.office,
        issuer=settings.OFFICE_NAMES[roster.office],
        document_number=roster.number,
        approved_on=day,
    )


def _folder(ref: str) -> Path:
    folder: Path = settings.DATA_FOLDER / "preparing" / ref
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def sweep(ref: str) -> None:
    """Remove what was made ready: it was issued, or never will be."""
    shutil.rmtree(settings.DATA_FOLDER / "preparing" / ref, ignore_errors=True)


def sweep_all() -> int:
    """Every night: remove what a crash left behind of rosters that are not being made ready."""
    folder = settings.DATA_FOLDER / "preparing"
    if not folder.is_dir():
        return 0
    waiting = {RosterState.SIGNED, RosterState.FAILED}
    kept = set(Roster.objects.filter(state__in=waiting).values_list("ref", flat=True))
    left = [each.name for each in folder.iterdir() if each.name not in kept]
    for ref in left:
        sweep(ref)
    return len(left)


def issue_roster(*, ref: str, at: datetime) -> Document:
    """Number, document, certificates, forms, states and messages of a signed roster: all of it, or nothing.

    Calling it twice, or again after a crash anywhere in between, gives the same document. Raises Declined with the
    sentence for the signer where a person must mend something; the roster then says which people it is.
    """
    roster = hold_number(ref=ref)
    if roster.state == RosterState.ISSUED:
        return roster.document
    faults = _prepare(roster, at)
    if faults:
        raise Declined("；".join(faults[:5]))
    page = _document(roster, at)
    mandate = Mandate("document", ("roster", roster.ref))
    signed = seal(page, office=roster.office, mandate=mandate, at=at, reason=roster.number)
    with transaction.atomic():
        document = _issue(roster, signed, page, at)
    sweep(ref)
    return document


def _prepare(roster: Roster, at: datetime) -> list[str]:
    """Make ready whatever is not; what stands in the way of whom."""
    ranks: dict[str, int] = {}
    faults = []
    for entry in roster.entries.select_related("application__applicant").order_by("position"):
        level = entry.application.level
        ranks[level] = ranks.get(level, 0) + 1
        if _is_ready(entry, roster):
            continue
        try:
            prepare_entry(entry=entry, roster=roster, rank=ranks[level], at=at)
        except MissingGlyph as fault:
            faults.append(f"{entry.application.full_name}：{fault}")
            RosterEntry.objects.filter(pk=entry.pk).update(problem=str(fault)[:400])
    return faults


def _is_ready(entry: RosterEntry, roster: Roster) -> bool:
    made: dict[str, Any] = entry.prepared
    folder = _folder(roster.ref)
    return (
        entry.prepared_for == roster.number
        and made.get("version") == entry.application.version
        and all((folder / made[key]).is_file() for key in _PARTS if made.get(key))
    )


def _document(roster: Roster, at: datetime) -> bytes:
    """The document with the number that is held, ready to be signed."""
    day = roster.issue_on or local_day(at)
    entries = list(roster.entries.select_related("application").order_by("position"))
    rows = [replace(row, qualified_on=day) for row in rows_of(roster, at)]
    notice = notice_of(entries[0].application)
    data = document_data(roster, rows=rows, number=roster.number, on=day, notice=notice)
    return typesetter().document(data, at)


def _issue(prepared: Roster, document_pdf: bytes, page: bytes, at: datetime) -> Document:
    """The one transaction in which everything begins to count."""
    roster = Roster.objects.select_for_update().get(pk=prepared.pk)
    if roster.state == RosterState.ISSUED:
        return roster.document
    signer, day = roster.signed_by, roster.issue_on
    if signer is None or day is None or roster.number != prepared.number:
        raise Stale(roster.ref)
    serial, number = take_number(office=roster.office, on=day)
    if number != roster.number:
        raise Stale(roster.ref)
    entries = list(roster.entries.select_related("application__applicant").order_by("position"))
    for entry in entries:
        _issue_one(entry, roster, at)
    RosterEntry.objects.bulk_update(entries, ["certificate", "prepared", "prepared_for"], batch_size=200)
    document = Document.objects.create(
        roster=roster,
        office=roster.office,
        year=day.year,
        serial=serial,
        number=number,
        issued_on=day,
        issued_at=at,
        file=store().put(document_pdf),
    )
    if is_sealed(roster.office):
        order_seal(subject=("document", number), office=roster.office, page=page, at=at)
    roster.state, roster.problem = RosterState.ISSUED, ""
    roster.save(update_fields=["state", "problem"])
    record(
        action=RosterAction.ISSUE,
        subject=("document", number),
        by=signer,
        role=OFFICE_SIGNER[roster.office],
        at=at,
        data={"roster": roster.ref, "file": document.file, "people": len(entries)},
    )
    return document


def _issue_one(entry: RosterEntry, roster: Roster, at: datetime) -> None:
    """One person's certificate, form, state and message, from what was made ready."""
    application, made, signer = entry.application, entry.prepared, roster.signed_by
    award = _award(entry, roster)
    if signer is None or entry.prepared_for != roster.number or made["award"] != award.digest():
        raise Stale(roster.ref)
    folder = _folder(roster.ref)
    certificate = certificates.issue(
        award,
        holder=application.applicant,
        by=signer,
        role=OFFICE_SIGNER[roster.office],
        at=at,
        made=certificates.Prepared(
            made["number"],
            made["token"],
            (folder / made["file"]).read_bytes(),
            datetime.fromisoformat(made["provable_until"]) if made["provable_until"] else None,
            (folder / made["to_be_sealed"]).read_bytes() if made.get("to_be_sealed") else b"",
        ),
    )
    application.document_number, application.certificate_number = roster.number, certificate.number
    application.declaration_file = store().put((folder / made["form"]).read_bytes())
    data = {"document": roster.number, "certificate": certificate.number, "declaration": application.declaration_file}
    move(application, Action.ISSUE, by=signer, at=at, data=data)
    tell_applicant(application, "issued", at=at)
    entry.certificate, entry.prepared, entry.prepared_for = certificate, {}, ""


@transaction.atomic
def note_failure(*, ref: str, sentence: str) -> None:
    """Keep in words why issuing did not finish, for the office's page; no number is spent and nobody issued."""
    Roster.objects.filter(ref=ref, state=RosterState.SIGNED).update(state=RosterState.FAILED, problem=sentence[:400])


@transaction.atomic
def note_waiting(*, ref: str, sentence: str) -> None:
    """Keep in words what a signed roster waits for; the worker goes on by itself."""
    Roster.objects.filter(ref=ref, state=RosterState.SIGNED).update(problem=sentence[:400])


@transaction.atomic
def make_anew(*, ref: str) -> None:
    """Forget what was made ready and the number that is held, so that the next try begins afresh."""
    roster = Roster.objects.select_for_update().filter(ref=ref).exclude(state=RosterState.ISSUED).first()
    if roster is not None:
        roster.number, roster.issue_on = "", None
        roster.save(update_fields=["number", "issue_on"])
        roster.entries.filter(~Q(prepared_for="")).update(prepared={}, prepared_for="")


@task()
def issue_signed_roster(ref: str) -> str:
    """The worker's part. What a person must mend ends it with words; any other fault is tried again by the worker."""
    if not Roster.objects.filter(ref=ref).exists():
        return ""
    try:
        return issue_roster(ref=ref, at=now()).number
    except (Stale, certificates.NumberTaken):
        make_anew(ref=ref)
        sweep(ref)
        raise
    except NotYet as reason:
        note_waiting(ref=ref, sentence=f"{reason}。恢复后会自动继续，名单和文号都没有变化。")
        raise
    except (MissingGlyph, Declined, SignerRefused) as error:
        note_failure(ref=ref, sentence=str(error))
    except TypesettingError:
        log.exception("roster %s could not be typeset", ref)
        note_failure(ref=ref, sentence="排版没有成功，请联系系统管理员。名单和文号都没有变化。")
    return ""
