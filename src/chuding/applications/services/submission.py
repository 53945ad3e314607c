"""Handing in: ask the social insurance, check, submit once; withdraw; hand in again what was sent back."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction

from chuding.accounts.names import PLACEHOLDER
from chuding.accounts.roles import Role
from chuding.applications.models import Application, Assessment, SocialInsuranceState
from chuding.applications.numbering import take_number
from chuding.applications.roster.models import UnitLetter
from chuding.applications.sections import SECTIONS, missing_in, part_title
from chuding.applications.services.drafting import NUMBER_IN_USE
from chuding.applications.services.endorsing import letter_code
from chuding.applications.services.likenesses import find_likenesses
from chuding.applications.services.moves import (
    letter_may_come_from_unit,
    lock,
    move,
    subject_of,
    tell_applicant,
)
from chuding.applications.services.papers import make_receipt
from chuding.applications.services.searching import index_for_search
from chuding.applications.stated import stated_of
from chuding.applications.tasks import look_for_likenesses
from chuding.applications.translate import assess_file, facts_as_json, local_day, notice_of, required_codes
from chuding.applications.windows import span_words, windows_for
from chuding.applications.workflow import Action, Declined, State
from chuding.connectors.social_insurance import Answer
from chuding.ledger.record import entries_about, record
from chuding.policy.terms import Level

if TYPE_CHECKING:
    from datetime import date, datetime

    from chuding.accounts.models import Person
    from chuding.connectors.social_insurance import SocialInsurance
    from chuding.policy.assess import Report

_STATES = {
    Answer.FOUND: SocialInsuranceState.FOUND,
    Answer.NOT_FOUND: SocialInsuranceState.NOT_FOUND,
    Answer.NO_ANSWER: SocialInsuranceState.NO_ANSWER,
}


class Incomplete(Declined):
    """Something is still missing; `gaps` maps each section to its sentences."""

    def __init__(self, gaps: dict[str, list[str]]) -> None:
        super().__init__("还有内容没有填完，请先补齐再提交。")
        self.gaps = gaps


@dataclass(frozen=True)
class Readiness:
    """Whether a file can be handed in, and what the law engine says of it today."""

    report: Report
    gaps: dict[str, list[str]]

    @property
    def complete(self) -> bool:
        return not any(self.gaps.values())


def filing_day(application: Application, at: datetime) -> date:
    """The day the facts are judged by: the first submission's, else today (domain.md §6.3)."""
    return local_day(application.submitted_at or at)


def readiness(application: Application, at: datetime) -> Readiness:
    """What is still missing, by section, under the notice this file belongs to."""
    notice = notice_of(application)
    day = filing_day(application, at)
    report = assess_file(application, day)
    required = required_codes(report)
    if letter_may_come_from_unit(application):
        required -= {letter_code(application)}
    gaps = {section.key: missing_in(application, section.key, notice, required, day) for section in SECTIONS}
    return Readiness(report, gaps)


def ask_social_insurance(*, ref: str, connector: SocialInsurance, by: Person, at: datetime) -> SocialInsuranceState:
    """Ask the social insurance about this person, outside any transaction, and keep the answer.

    No answer never blocks: it is kept as such and shown to the reviewer.
    """
    application = Application.objects.get(ref=ref, applicant=by)
    if PLACEHOLDER in application.full_name:
        # Nobody is found under half a name, which is not the person's fault.
        state = SocialInsuranceState.NO_ANSWER
    else:
        answer = connector.look_up(
            identity_number=application.identity_number, name=application.full_name, on=local_day(at)
        )
        state = _STATES[answer.result]
    with transaction.atomic():
        application = lock(ref)
        application.social_insurance = state
        application.social_insurance_at = at
        application.save(update_fields=["social_insurance", "social_insurance_at"])
        record(
            action="ask_social_insurance",
            subject=subject_of(application),
            by=by,
            role=Role.APPLICANT,
            at=at,
            data={"answer": str(state)},
        )
    return state


def _keep_assessment(application: Application, report: Report, at: datetime) -> None:
    day = filing_day(application, at)
    Assessment.objects.create(
        application=application,
        at=at,
        filed_on=day,
        notice_digest=application.notice_digest,
        facts=json.dumps(facts_as_json(application, day), ensure_ascii=False, sort_keys=True),
        report=report.to_json(),
        stated=json.dumps(stated_of(application), ensure_ascii=False),
    )


def submit(*, ref: str, connector: SocialInsurance, by: Person, at: datetime) -> Application:
    """Hand the file in, once. A second click gets the same file back.

    Raises Declined outside the windows of its level (八; to the second, Asia/Shanghai), Incomplete with every gap at once, and
    Declined where the same person already has a file in this round. Nothing filled in is lost.
    """
    application = Application.objects.get(ref=ref, applicant=by)
    if application.life is not State.DRAFT:
        if application.submitted_at:
            return application
        raise Declined(f"申报当前状态是“{application.life.label}”，不能提交。")
    _check_window(application, at)
    ready = readiness(application, at)
    if any(gaps for key, gaps in ready.gaps.items() if key != "materials"):
        raise Incomplete(ready.gaps)
    ask_social_insurance(ref=ref, connector=connector, by=by, at=at)
    try:
        return _submit(ref=ref, by=by, at=at)
    except IntegrityError as error:
        raise Declined(NUMBER_IN_USE) from error


def _check_window(application: Application, at: datetime) -> None:
    notice = notice_of(application)
    level = Level(application.level) if application.level else None
    if notice.window_open(at, level):
        return
    windows = windows_for(notice, application.level)
    if not windows:
        raise Declined(f"这份通知没有规定{application.level}的申报期限，不能提交。您填写的内容已经保存。")
    spans = "、".join(map(span_words, windows))
    clauses = "、".join(dict.fromkeys(each.clause for each in windows))
    raise Declined(f"申报期限是{spans}（通知条款：{clauses}），现在不在期限内，不能提交。您填写的内容已经保存。")


@transaction.atomic
def _submit(*, ref: str, by: Person, at: datetime) -> Application:
    application = lock(ref)
    if application.life is not State.DRAFT:
        return application
    ready = readiness(application, at)
    if not ready.complete:
        raise Incomplete(ready.gaps)
    application.number = take_number(at=at)
    application.submitted_at = at
    digests = sorted(f"{m.code}:{m.file}" for m in application.current_materials())
    row = move(application, Action.SUBMIT, by=by, at=at, data={"number": application.number, "materials": digests})
    _keep_assessment(application, ready.report, at)
    index_for_search(application)
    find_likenesses(application, at=at)
    look_for_likenesses.enqueue(ref=ref)
    waiting = "单位审核" if row.next is State.EMPLOYER else "受理"
    tell_applicant(application, "submitted", at=at, waiting=waiting)
    make_receipt.enqueue(ref=ref)
    return application


def mended_parts(application: Application) -> frozenset[str]:
    """Which parts were saved since the last send-back, in the words of Correction.parts, as the ledger tells it."""
    entries = entries_about(subject_of(application))
    asked = entries.filter(action=Action.SEND_BACK).last()
    saves = entries.filter(action="save", id__gt=asked.pk) if asked else entries.none()
    given = {f"material:{entry.data['code']}" for entry in saves if "code" in entry.data}
    return frozenset({f"section:{entry.data['section']}" for entry in saves} | given)


@transaction.atomic
def resubmit(*, ref: str, by: Person, at: datetime) -> Application:
    """Hand in again after a send-back, once every item of it was mended, so that none comes back a second time.

    What was filed in time may be corrected after the window closed (八).
    """
    application = lock(ref)
    if application.applicant_id != by.pk:
        raise Application.DoesNotExist
    if application.life not in {State.CORRECTION, State.EMPLOYER_RETURNED}:
        return application
    if application.life is State.EMPLOYER_RETURNED:
        # What the unit stamped spoke of the file as it was (ADR 0022): it stamps anew what comes back to it.
        stamped = application.materials.filter(file__in=UnitLetter.scans_of(application), replaced_at__isnull=True)
        stamped.update(replaced_at=at)
    ready = readiness(application, at)
    correction = application.corrections.filter(mended_at__isnull=True).first()
    if correction:
        waiting = correction.parts() - mended_parts(application)
        if waiting:
            raise Declined(
                f"还有{len(waiting)}项没有修改：{'、'.join(sorted(map(part_title, waiting)))}。全部改好后再提交。"
            )
        correction.mended_at = at
        correction.save(update_fields=["mended_at"])
    if not ready.complete:
        raise Incomplete(ready.gaps)
    application.lease_until = None
    move(application, Action.RESUBMIT, by=by, at=at)
    _keep_assessment(application, ready.report, at)
    index_for_search(application)
    find_likenesses(application, at=at)
    look_for_likenesses.enqueue(ref=ref)
    return application


@transaction.atomic
def withdraw(*, ref: str, by: Person, at: datetime, reason: str = "") -> Application:
    """Take the file back before a decision. A withdrawn file is closed; a new one may be started."""
    application = lock(ref)
    if application.applicant_id != by.pk:
        raise Application.DoesNotExist
    submitted = application.submitted_at is not None
    move(application, Action.WITHDRAW, by=by, at=at, reason=reason)
    if submitted:
        tell_applicant(application, "withdrawn", at=at)
    return application
