"""Letters of a file, made by the worker: ordered in the transaction of the act they tell of, never in a web process."""

from __future__ import annotations

import hashlib
import json
import logging
from datetime import date
from typing import TYPE_CHECKING

from django.db import transaction
from django_tasks import task

from chuding.applications.letters import (
    appeal_of,
    correction_of,
    deciding_office,
    endorsement_gaps,
    endorsement_of,
    granting_office,
    receipt_of,
    refusal_of,
)
from chuding.applications.models import Application, Correction
from chuding.applications.services.moves import subject_of
from chuding.applications.workflow import Declined
from chuding.certificates.models import Paper, PaperKind
from chuding.certificates.papers import Order, issue_paper, paper_of, papers_about
from chuding.jobs.backend import enqueue_once
from chuding.paper.glyphs import MissingGlyph, missing
from chuding.paper.mandate import SignerRefused
from chuding.paper.typeset import TypesettingError
from chuding.storage.clock import now

if TYPE_CHECKING:
    from datetime import datetime

    from chuding.paper.letters import Letter

log = logging.getLogger(__name__)


def papers_of(application: Application) -> list[Paper]:
    """The letters of a file, oldest first; a letter's place in this list is its number in addresses."""
    return list(papers_about(subject_of(application)))


def declaration_known(digest: str) -> tuple[str, str] | None:
    """Of which certificate's application a file is the 申报表, by its digest; `certificates.forms` asks."""
    number = Application.objects.filter(declaration_file=digest).values_list("certificate_number", flat=True).first()
    return ("专业技术资格初定申报表", number) if number else None


@task()
def make_receipt(ref: str) -> str:
    """The receipt of a submission; the association signs it."""
    application = Application.objects.select_related("applicant").get(ref=ref)
    order = Order(PaperKind.RECEIPT, subject_of(application), "", application.applicant, "association")
    return carry_out(order, receipt_of(application), at=now())


@task()
def make_correction_notice(correction_id: int) -> str:
    """The notice of one send-back; the association signs it."""
    correction = Correction.objects.select_related("application__applicant").get(pk=correction_id)
    application = correction.application
    order = Order(
        PaperKind.CORRECTION, subject_of(application), str(correction.pk), application.applicant, "association"
    )
    return carry_out(order, correction_of(correction), at=now())


@task()
def make_refusal(ref: str, day: str) -> str:
    """The decision of a refusal of this day (YYYY-MM-DD); the office that decided signs it."""
    application = Application.objects.select_related("applicant").get(ref=ref)
    office = deciding_office(application)
    # A refusal that comes after an appeal is another decision; only it has no term for an appeal.
    occasion = "again" if application.appeal_until is None else ""
    order = Order(PaperKind.REFUSAL, subject_of(application), occasion, application.applicant, office)
    return carry_out(order, refusal_of(application, on=date.fromisoformat(day)), at=now())


@task()
def make_appeal(ref: str) -> str:
    """The decision of an appeal; the office that grants the level signs it."""
    application = Application.objects.select_related("applicant", "appeal").get(ref=ref)
    office = granting_office(application)
    order = Order(PaperKind.APPEAL, subject_of(application), "", application.applicant, office)
    return carry_out(order, appeal_of(application.appeal), at=now())


@task()
def make_endorsement(ref: str) -> str:
    """The endorsement to be stamped, as the file stands when the worker comes to it."""
    application = Application.objects.select_related("applicant").get(ref=ref)
    return carry_out(_endorsement_order(application), endorsement_of(application), at=now())


def endorsement(application: Application) -> Paper | None:
    """The endorsement with exactly what the file says now, if it was made."""
    return paper_of(_endorsement_order(application))


def require_stamped(digest: str, subject: tuple[str, str]) -> None:
    """Decline a file that was printed for this subject to be stamped: whatever else it is, it has no stamp."""
    if papers_about(subject).filter(kind=PaperKind.ENDORSEMENT, file=digest).exists():
        raise Declined("这就是刚才下载的证明，还没有签字盖章。请打印、签字、盖章，再上传扫描件或者照片。")


@transaction.atomic
def order_endorsement(application: Application) -> None:
    """Have the endorsement made, unless it is there or on its way. Raises Declined, in words, where the file says too little."""
    gaps = endorsement_gaps(application)
    if gaps:
        raise Declined(f"请先填写：{'、'.join(gaps)}，再生成证明。")
    for text in (application.full_name, application.employer_name, application.post):
        for character in missing(text):
            raise Declined(str(MissingGlyph(character)))
    if endorsement(application) is None:
        occasion = _endorsement_order(application).occasion
        enqueue_once(make_endorsement, key=f"endorsement:{application.ref}:{occasion}", ref=application.ref)


def _endorsement_order(application: Application) -> Order:
    content = json.dumps(endorsement_of(application), default=vars, ensure_ascii=False, sort_keys=True)
    occasion = hashlib.sha256(content.encode()).hexdigest()[:32]
    return Order(PaperKind.ENDORSEMENT, subject_of(application), occasion, application.applicant)


def carry_out(order: Order, letter: Letter, *, at: datetime) -> str:
    """The paper's digest; empty where it cannot be printed or signed, which is for a person to mend and no reason to try again."""
    try:
        return issue_paper(order, letter, at=at).file
    except (MissingGlyph, TypesettingError, SignerRefused):
        log.exception("%s of %s could not be made", order.kind, order.subject[1])
        return ""
