"""The association's review and the signatures: take, judge each document, send back, recommend, recheck, approve, refuse."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction

from chuding.accounts.names import PLACEHOLDER
from chuding.accounts.people import roles_of
from chuding.accounts.roles import Role
from chuding.applications.aftercare_models import Appeal
from chuding.applications.characters import UNREAD
from chuding.applications.citing import NO_EXCEPTIONS, clauses_against_exceptions, named
from chuding.applications.letters import REMEDY_DAYS
from chuding.applications.material_kinds import kind_in
from chuding.applications.models import Correction, Material, Verdict
from chuding.applications.obstacles import to_approving
from chuding.applications.reviewing.latest import moment
from chuding.applications.reviewing.marks import clean_marks
from chuding.applications.reviewing.parts import who_judged
from chuding.applications.reviewing.reasons import reason_of
from chuding.applications.reviewing.ties import ties_of
from chuding.applications.sections import SECTION
from chuding.applications.services.likenesses import require_settled
from chuding.applications.services.looks import draw_for_second_look
from chuding.applications.services.moves import (
    conditions_of,
    engine_answer,
    lock,
    move,
    permit,
    roles_on,
    subject_of,
    tell_applicant,
)
from chuding.applications.services.undoing import allow_undo, tell_of_closing, tell_of_correction, tell_of_refusal
from chuding.applications.services.viewing import require_shown
from chuding.applications.translate import local_day, notice_of
from chuding.applications.workflow import Action, Declined, IllegalAction, State
from chuding.ledger.record import record
from chuding.policy.working_days import add_working_days, last_day_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from chuding.accounts.models import Person
    from chuding.applications.models import Application

# Calendar days that a person has to mend a send-back; the notice is silent (readings.md).
CORRECTION_DAYS = 15
# How long a file is held for whoever took it; every act on it begins the time anew (experience.md R1).
LEASE = timedelta(minutes=30)


@dataclass(frozen=True)
class Judgement:
    """One document's verdict: a defect has its reason in words, the code of the preset it grew from, and boxes on pages."""

    verdict: Verdict
    reason: str = ""
    code: str = ""
    marks: Sequence[Sequence[int]] = ()


def require_held(application: Application, *, by: Person, at: datetime) -> None:
    """Decline unless `by` holds the file; a lease that has run out begins anew while nobody else has taken it."""
    if application.life is not State.REVIEWING:
        return
    if application.reviewer_id != by.pk:
        raise Declined(f"{_holding(application, at)}您写的内容没有提交，还在下面，请与对方联系。")
    application.lease_until = at + LEASE


def _holding(application: Application, at: datetime) -> str:
    holder = application.reviewer.display_name if application.reviewer else "其他人"
    since = f"于{moment(application.taken_at, at)}" if application.taken_at else ""
    return f"该件由{holder}{since}领取，正在审核。"


@transaction.atomic
def take(*, ref: str, by: Person, at: datetime) -> Application:
    """Take a waiting file, or one whose lease has run out; for half an hour nobody else can, then somebody may."""
    application = lock(ref)
    if application.life is State.REVIEWING and application.held_by(by, at):
        return application
    if application.life is State.REVIEWING and application.lease_until and application.lease_until > at:
        raise Declined(f"{_holding(application, at)}请领取别的申报，或者与对方联系。")
    tie = ties_of(by, local_day(at)).against(application)
    if tie and Role.REVIEWER in roles_of(by, on=local_day(at)):
        raise Declined(f"{tie}按规定您要回避，请由其他人办理。")
    if application.reviewer_id != by.pk:
        application.taken_at = at
    application.reviewer = by
    require_distinct(application)
    first = application.accepted_at is None
    if first:
        application.accepted_at = at
    move(application, Action.TAKE, by=by, at=at)
    # After the step: the table lets a file be taken over only where the lease before this one has run out.
    application.lease_until = at + LEASE
    application.save(update_fields=["lease_until"])
    if first:
        tell_applicant(application, "accepted", at=at)
    return application


@transaction.atomic
def release(*, ref: str, by: Person, at: datetime) -> Application:
    """Put a taken file back into the queue."""
    application = lock(ref)
    permit(application, Action.RELEASE, by=by, at=at)
    require_held(application, by=by, at=at)
    application.reviewer = application.taken_at = application.lease_until = None
    move(application, Action.RELEASE, by=by, at=at)
    return application


@transaction.atomic
def judge_material(*, ref: str, material_ref: str, judgement: Judgement, by: Person, at: datetime) -> Material:
    """One document's verdict, by the reviewer who holds the file.

    A defect needs its reason in words; fit is only what was on this person's screen as a whole.
    """
    application = lock(ref)
    if application.life is not State.REVIEWING or Role.REVIEWER not in roles_on(application, by, at):
        raise IllegalAction(f"当前状态是“{application.life.label}”，不能判断材料。请先领取此件。")
    require_held(application, by=by, at=at)
    material = application.materials.select_for_update().get(ref=material_ref, replaced_at__isnull=True)
    if judgement.verdict is Verdict.FIT:
        require_shown(by, [material])
    _judge(application, material, judgement, by=by, at=at)
    application.save(update_fields=["lease_until"])
    return material


def _judge(application: Application, material: Material, judgement: Judgement, *, by: Person, at: datetime) -> None:
    defect = judgement.verdict is Verdict.DEFECT
    if defect and not judgement.reason.strip():
        raise Declined("请写明这份材料的问题和修改办法。")
    material.verdict = judgement.verdict
    material.verdict_reason = judgement.reason.strip() if defect else ""
    material.verdict_code = (
        judgement.code if defect and reason_of(kind_in(notice_of(application), material.code), judgement.code) else ""
    )
    material.marks = clean_marks(judgement.marks, material.pages) if defect else []
    material.verdict_by = by
    material.verdict_at = at
    material.save(update_fields=["verdict", "verdict_reason", "verdict_code", "marks", "verdict_by", "verdict_at"])
    record(
        action="judge_material",
        subject=subject_of(application),
        by=by,
        role=Role.REVIEWER,
        at=at,
        reason=material.verdict_reason,
        data={
            "code": material.code,
            "file": material.file,
            "verdict": str(judgement.verdict),
            "reason": material.verdict_code,
            "marks": len(material.marks),
        },
    )


def rest_is_fit(application: Application, *, by: Person, at: datetime) -> None:
    """Judge what has no verdict yet as fit, in one go: only what was on the screen as a whole can be."""
    rest = [m for m in application.current_materials() if m.verdict == Verdict.PENDING]
    require_shown(by, rest)
    for material in rest:
        _judge(application, material, Judgement(Verdict.FIT), by=by, at=at)


def _all_judged(application: Application) -> list[Material]:
    materials = list(application.current_materials())
    waiting = [material.code for material in materials if material.verdict == Verdict.PENDING]
    if waiting:
        raise Declined(f"还有材料没有判断：{'、'.join(waiting)}。退回或通过之前，每份材料都要给出结论（一次性告知）。")
    return materials


@dataclass(frozen=True)
class Defects:
    """What a send-back names besides the judged documents: reasons by section, and by the code of what was never given.

    `rest_fit`: what has no verdict yet is fit. `missed`: before a second send-back, why it was not seen the first time.
    """

    sections: Mapping[str, str] = field(default_factory=dict)
    missing: Mapping[str, str] = field(default_factory=dict)
    rest_fit: bool = False
    missed: str = ""


def _items(application: Application, defects: Defects) -> list[dict[str, Any]]:
    judged = [m for m in _all_judged(application) if m.verdict == Verdict.DEFECT]
    items: list[dict[str, Any]] = [
        {
            "part": f"material:{m.code}",
            "reason": m.verdict_reason,
            "code": m.verdict_code,
            "material": m.ref,
            "marks": m.marks,
        }
        for m in judged
    ]
    given = {m.code for m in judged}
    items += [
        {"part": f"material:{code}", "reason": why.strip()}
        for code, why in defects.missing.items()
        if why.strip() and code not in given
    ]
    items += [
        {"part": f"section:{key}", "reason": why.strip()}
        for key, why in defects.sections.items()
        if why.strip() and key in SECTION
    ]
    if not items:
        raise Declined("没有任何一项被标为有问题，不能退回。请先标出要修改的材料或内容。")
    return items


@transaction.atomic
def send_back(*, ref: str, defects: Defects, by: Person, at: datetime) -> Application:
    """Send back with every defect at once: each judged material, each section and each missing item with its reason.

    A second time it goes to the lead first, with why it was missed. The applicant is told when the time for undoing it
    has passed.
    """
    application = lock(ref)
    second = application.life is State.REVIEWING and "returned_before" in conditions_of(application)
    action = Action.ASK_LEAD if second else Action.SEND_BACK
    permit(application, action, by=by, at=at)
    if application.life is not State.REVIEWING:
        raise Declined("请用“同意再次退回”办理。")
    require_held(application, by=by, at=at)
    if second and not defects.missed.strip():
        raise Declined("这份申报已经退回过一次。再次退回要组长同意，请写明上次为什么没有一并告知。")
    if defects.rest_fit:
        rest_is_fit(application, by=by, at=at)
    items = _items(application, defects)
    allow_undo(application, by=by, at=at)
    correction = Correction.objects.create(
        application=application,
        asked_by=by,
        asked_at=at,
        missed=defects.missed.strip() if second else "",
        due_on=last_day_of(local_day(at), CORRECTION_DAYS),
        items=items,
    )
    move(application, action, by=by, at=at, reason=correction.missed, data={"parts": [i["part"] for i in items]})
    if not second:
        _tell_when_settled(application, correction)
    return application


def _tell_when_settled(application: Application, correction: Correction) -> None:
    """Order the message of a send-back for the moment from which it cannot be undone."""
    later = tell_of_correction.using(run_after=application.undo_until)
    later.enqueue(correction_id=correction.pk, asked_at=correction.asked_at.isoformat())


@transaction.atomic
def agree_to_return(*, ref: str, by: Person, at: datetime) -> Application:
    """The lead lets a second send-back go out, half a minute later, and the applicant has the whole time from today."""
    application = lock(ref)
    permit(application, Action.SEND_BACK, by=by, at=at)
    if application.life is not State.LEAD or application.reviewer_id == by.pk:
        raise Declined("再次退回要由提出的人以外的组长同意。")
    correction = application.corrections.get(mended_at__isnull=True)
    correction.agreed_by, correction.asked_at = by, at
    correction.due_on = last_day_of(local_day(at), CORRECTION_DAYS)
    correction.save(update_fields=["agreed_by", "asked_at", "due_on"])
    allow_undo(application, by=by, at=at)
    move(application, Action.SEND_BACK, by=by, at=at, data={"parts": [item["part"] for item in correction.items]})
    _tell_when_settled(application, correction)
    return application


@transaction.atomic
def recommend(
    *, ref: str, favourable: bool, text: str, by: Person, at: datetime, rest_fit: bool = False
) -> Application:
    """End the first review: for or against, in words where the law engine does not say yes. A person decides.

    A pass needs every page of every material on this person's screen, and every likeness settled; one that the law
    engine does not bear out goes to a second reviewer.
    """
    application = lock(ref)
    permit(application, Action.RECOMMEND, by=by, at=at)
    require_held(application, by=by, at=at)
    if rest_fit:
        rest_is_fit(application, by=by, at=at)
    materials = _all_judged(application)
    answer = engine_answer(application)
    if favourable and any(m.verdict == Verdict.DEFECT for m in materials):
        raise Declined("有材料被标为有问题，不能建议通过。请退回补正，或改判材料。")
    if favourable and PLACEHOLDER in application.full_name:
        raise Declined(UNREAD)
    if favourable:
        require_shown(by, materials)
        require_settled(application)
    if (not favourable or answer != "yes") and not text.strip():
        raise Declined("请写明理由：规则核验不是“符合”，或者您不建议通过。")
    application.opinion = "for" if favourable else "against"
    application.opinion_text = text.strip()
    allow_undo(application, by=by, at=at)
    move(
        application,
        Action.RECOMMEND,
        by=by,
        at=at,
        reason=text.strip(),
        data={"opinion": application.opinion, "answer": answer},
    )
    draw_for_second_look(application, at=at)
    return application


@transaction.atomic
def concur(*, ref: str, text: str, by: Person, at: datetime) -> Application:
    """A second reviewer agrees, in words, with a pass against the law engine."""
    application = lock(ref)
    permit(application, Action.CONCUR, by=by, at=at)
    application.second = by
    application.second_text = text.strip()
    require_distinct(application)
    move(application, Action.CONCUR, by=by, at=at, reason=text)
    return application


@transaction.atomic
def confirm(*, ref: str, text: str, by: Person, at: datetime) -> Application:
    """The recheck: a second person agrees that the file goes to the one who signs (七 decides which office)."""
    application = lock(ref)
    permit(application, Action.CONFIRM, by=by, at=at)
    if application.opinion == "against" and not text.strip():
        raise Declined("初审不建议通过，复核同意报批的，请写明理由。")
    application.rechecker = by
    application.rechecked_at = at
    require_distinct(application)
    allow_undo(application, by=by, at=at)
    move(application, Action.CONFIRM, by=by, at=at, reason=text.strip())
    return application


@transaction.atomic
def return_one_step(*, ref: str, reason: str, by: Person, at: datetime) -> Application:
    """Back to the desk before, with a reason."""
    application = lock(ref)
    if application.life is State.SECOND and application.reviewer_id == by.pk:
        raise Declined("第二人审核要由初审以外的人办理。")
    if application.life is State.LEAD:
        # The send-back that was asked for never went out.
        application.corrections.filter(mended_at__isnull=True, agreed_by__isnull=True).delete()
    move(application, Action.RETURN, by=by, at=at, reason=reason)
    return application


@transaction.atomic
def approve(*, ref: str, by: Person, at: datetime) -> Application:
    """The authority of notice 七 approves; the file may then go on a roster.

    Nobody can approve what no clause grants; some notices say themselves that there are no exceptions.
    """
    application = lock(ref)
    permit(application, Action.APPROVE, by=by, at=at)
    if engine_answer(application) != "yes":
        stated = named(clauses_against_exceptions(notice_of(application)))
        because = f"（通知{stated}：{NO_EXCEPTIONS}）" if stated else ""
        raise Declined(f"没有条款授予所申报的级别{because}，不能审批通过。请退回核实，或不予通过。")
    if why := to_approving(application):
        raise Declined(why)
    application.signer = by
    application.approved_at = at
    require_distinct(application)
    move(application, Action.APPROVE, by=by, at=at)
    return application


@transaction.atomic
def reopen(*, ref: str, reason: str, by: Person, at: datetime) -> Application:
    """Back to the recheck after its approval: an objection to it was upheld. What follows, people decide there."""
    application = lock(ref)
    permit(application, Action.REOPEN, by=by, at=at)
    application.signer = application.approved_at = None
    move(application, Action.REOPEN, by=by, at=at, reason=reason)
    return application


@transaction.atomic
def refuse(*, ref: str, clause: str, reason: str, by: Person, at: datetime) -> Application:
    """Refuse, by a person, with the clause and the reason; never by the machine (PIPL 24)."""
    application = lock(ref)
    permit(application, Action.REFUSE, by=by, at=at)
    labels = {c.label for c in notice_of(application).clauses}
    if clause not in labels:
        raise Declined("请选择不予通过所依据的通知条款。")
    if application.life in {State.SIGNING, State.CITY}:
        application.signer = by
    else:
        application.rechecker = by
        application.rechecked_at = at
    require_distinct(application)
    application.refused_clause = clause
    application.refused_reason = reason.strip()
    if not Appeal.objects.filter(application=application).exists():
        application.appeal_until = add_working_days(local_day(at), REMEDY_DAYS)
    allow_undo(application, by=by, at=at)
    move(application, Action.REFUSE, by=by, at=at, reason=reason, data={"clause": clause})
    told = tell_of_refusal.using(run_after=application.undo_until)
    told.enqueue(ref=ref, version=application.version, day=local_day(at).isoformat())
    return application


@transaction.atomic
def close_overdue(*, ref: str, reason: str, by: Person, at: datetime) -> Application:
    """Close a file whose correction is overdue; a person does it and says why. The applicant hears half a minute later."""
    application = lock(ref)
    permit(application, Action.CLOSE, by=by, at=at)
    correction = application.corrections.filter(mended_at__isnull=True).first()
    if correction is None or local_day(at) <= correction.due_on:
        raise Declined("补正期限还没有过，不能关闭。")
    allow_undo(application, by=by, at=at)
    move(application, Action.CLOSE, by=by, at=at, reason=reason)
    correction.mended_at = at
    correction.save(update_fields=["mended_at"])
    told = tell_of_closing.using(run_after=application.undo_until)
    told.enqueue(ref=ref, version=application.version)
    return application


def require_distinct(application: Application) -> None:
    """Reviewer, rechecker and signer are three people (and none of them the applicant: roles_on sees to that).

    Whoever judged a material reviewed it, also where the file has gone to somebody else's hands since.
    """
    parts = (application.reviewer_id, application.second_id, application.rechecker_id, application.signer_id)
    people = [p for p in parts if p]
    if len(people) != len(set(people)):
        raise Declined("初审、复核、签发必须是三个不同的人。您已经办过这份申报的另一个环节，请由其他人办理。")
    after = {application.second_id, application.rechecker_id, application.signer_id} - {None}
    if after and after & who_judged(application.current_materials()):
        raise Declined("判断过材料的人，不能再办这份申报的第二人审核、复核或签发。请由没有判断过材料的人办理。")
