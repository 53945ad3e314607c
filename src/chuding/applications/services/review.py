"""The association's review and the signatures: take, judge each document, send back, recommend, recheck, approve, refuse."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction

from chuding.accounts.roles import Role
from chuding.applications.models import Correction, Material, Verdict
from chuding.applications.sections import SECTION
from chuding.applications.services.moves import lock, move, permit, roles_on, subject_of, tell_applicant
from chuding.applications.services.papers import make_correction_notice, make_refusal
from chuding.applications.translate import local_day, notice_of
from chuding.applications.workflow import Action, Declined, State
from chuding.ledger.record import record

if TYPE_CHECKING:
    from datetime import datetime

    from chuding.accounts.models import Person
    from chuding.applications.models import Application

# Calendar days that a person has to mend a send-back; the notice is silent (readings.md).
CORRECTION_DAYS = 15


def _mine(application: Application, by: Person) -> None:
    if application.life is State.REVIEWING and application.reviewer_id != by.pk:
        holder = application.reviewer.display_name if application.reviewer else "其他人"
        raise Declined(f"该件由{holder}领取，正在审核。您写的内容没有提交，请与对方联系。")


@transaction.atomic
def take(*, ref: str, by: Person, at: datetime) -> Application:
    """Take a waiting file; from here it is this reviewer's until it is released or decided."""
    application = lock(ref)
    if application.life is State.REVIEWING and application.reviewer_id == by.pk:
        return application
    _mine(application, by)
    application.reviewer = by
    application.taken_at = at
    _distinct(application)
    move(application, Action.TAKE, by=by, at=at)
    tell_applicant(application, "accepted", at=at)
    return application


@transaction.atomic
def release(*, ref: str, by: Person, at: datetime) -> Application:
    """Put a taken file back into the queue."""
    application = lock(ref)
    permit(application, Action.RELEASE, by)
    _mine(application, by)
    application.reviewer = None
    application.taken_at = None
    move(application, Action.RELEASE, by=by, at=at)
    return application


@transaction.atomic
def judge_material(*, ref: str, material_ref: str, verdict: Verdict, reason: str, by: Person, at: datetime) -> Material:
    """One document's verdict, by the reviewer who holds the file. A defect needs its reason in words."""
    application = lock(ref)
    if application.life is not State.REVIEWING or Role.REVIEWER not in roles_on(application, by):
        raise Declined(f"当前状态是“{application.life.label}”，不能判断材料。请先领取此件。")
    _mine(application, by)
    if verdict is Verdict.DEFECT and not reason.strip():
        raise Declined("请写明这份材料的问题和修改办法。")
    material = application.materials.select_for_update().get(ref=material_ref, replaced_at__isnull=True)
    material.verdict = verdict
    material.verdict_reason = reason.strip() if verdict is Verdict.DEFECT else ""
    material.verdict_by = by
    material.verdict_at = at
    material.save(update_fields=["verdict", "verdict_reason", "verdict_by", "verdict_at"])
    record(
        action="judge_material",
        subject=subject_of(application),
        by=by,
        role=Role.REVIEWER,
        at=at,
        reason=material.verdict_reason,
        data={"code": material.code, "file": material.file, "verdict": str(verdict)},
    )
    return material


def _all_judged(application: Application) -> list[Material]:
    materials = list(application.current_materials())
    waiting = [material.code for material in materials if material.verdict == Verdict.PENDING]
    if waiting:
        raise Declined(f"还有材料没有判断：{'、'.join(waiting)}。退回或通过之前，每份材料都要给出结论（一次性告知）。")
    return materials


@transaction.atomic
def send_back(*, ref: str, sections: dict[str, str], missing: dict[str, str], by: Person, at: datetime) -> Application:
    """Send back with every defect at once: each judged material, each section and each missing item with its reason.

    `sections` maps section keys to reasons, `missing` maps codes of materials that were never given.
    """
    application = lock(ref)
    permit(application, Action.SEND_BACK, by)
    _mine(application, by)
    items = [
        {"part": f"material:{m.code}", "reason": m.verdict_reason}
        for m in _all_judged(application)
        if m.verdict == Verdict.DEFECT
    ]
    items += [{"part": f"material:{code}", "reason": why} for code, why in missing.items() if why.strip()]
    items += [
        {"part": f"section:{key}", "reason": why} for key, why in sections.items() if why.strip() and key in SECTION
    ]
    if not items:
        raise Declined("没有任何一项被标为有问题，不能退回。请先标出要修改的材料或内容。")
    correction = Correction.objects.create(
        application=application,
        asked_by=by,
        asked_at=at,
        due_on=local_day(at) + timedelta(days=CORRECTION_DAYS),
        items=items,
    )
    move(application, Action.SEND_BACK, by=by, at=at, data={"parts": [item["part"] for item in items]})
    due = f"{correction.due_on.month}月{correction.due_on.day}日24时"
    tell_applicant(application, "correction", at=at, count=str(len(items)), due=due)
    make_correction_notice.enqueue(correction_id=correction.pk)
    return application


@transaction.atomic
def recommend(*, ref: str, favourable: bool, text: str, by: Person, at: datetime) -> Application:
    """End the first review: for or against, in words where the law engine does not say yes. A person decides."""
    application = lock(ref)
    permit(application, Action.RECOMMEND, by)
    _mine(application, by)
    materials = _all_judged(application)
    answer = application.assessments.latest().report["levels"][application.level]["answer"]
    if favourable and any(m.verdict == Verdict.DEFECT for m in materials):
        raise Declined("有材料被标为有问题，不能建议通过。请退回补正，或改判材料。")
    if (not favourable or answer != "yes") and not text.strip():
        raise Declined("请写明理由：规则核验不是“符合”，或者您不建议通过。")
    application.opinion = "for" if favourable else "against"
    application.opinion_text = text.strip()
    move(
        application,
        Action.RECOMMEND,
        by=by,
        at=at,
        reason=text.strip(),
        data={"opinion": application.opinion, "answer": answer},
    )
    return application


@transaction.atomic
def confirm(*, ref: str, text: str, by: Person, at: datetime) -> Application:
    """The recheck: a second person agrees that the file goes to the one who signs (七 decides which office)."""
    application = lock(ref)
    permit(application, Action.CONFIRM, by)
    if application.opinion == "against" and not text.strip():
        raise Declined("初审不建议通过，复核同意报批的，请写明理由。")
    application.rechecker = by
    application.rechecked_at = at
    _distinct(application)
    move(application, Action.CONFIRM, by=by, at=at, reason=text.strip())
    return application


@transaction.atomic
def return_one_step(*, ref: str, reason: str, by: Person, at: datetime) -> Application:
    """Back to the desk before, with a reason."""
    application = lock(ref)
    move(application, Action.RETURN, by=by, at=at, reason=reason)
    return application


@transaction.atomic
def approve(*, ref: str, by: Person, at: datetime) -> Application:
    """The authority of notice 七 approves; the file may then go on a roster.

    Nobody can approve what no clause grants: 二（五） forbids exceptions ("不得擅自开口子").
    """
    application = lock(ref)
    permit(application, Action.APPROVE, by)
    if application.assessments.latest().report["levels"][application.level]["answer"] != "yes":
        raise Declined(
            "没有条款授予所申报的级别（通知二（五）：不得擅自开口子），不能审批通过。请退回核实，或不予通过。"
        )
    application.signer = by
    application.approved_at = at
    _distinct(application)
    move(application, Action.APPROVE, by=by, at=at)
    return application


@transaction.atomic
def refuse(*, ref: str, clause: str, reason: str, by: Person, at: datetime) -> Application:
    """Refuse, by a person, with the clause and the reason; never by the machine (PIPL 24)."""
    application = lock(ref)
    permit(application, Action.REFUSE, by)
    labels = {c.label for c in notice_of(application).clauses}
    if clause not in labels:
        raise Declined("请选择不予通过所依据的通知条款。")
    if application.life in {State.SIGNING, State.CITY}:
        application.signer = by
    else:
        application.rechecker = by
        application.rechecked_at = at
    _distinct(application)
    application.refused_clause = clause
    application.refused_reason = reason.strip()
    move(application, Action.REFUSE, by=by, at=at, reason=reason, data={"clause": clause})
    tell_applicant(application, "refused", at=at)
    make_refusal.enqueue(ref=ref, day=local_day(at).isoformat())
    return application


@transaction.atomic
def close_overdue(*, ref: str, reason: str, by: Person, at: datetime) -> Application:
    """Close a file whose correction is overdue; a person does it and says why."""
    application = lock(ref)
    permit(application, Action.CLOSE, by)
    correction = application.corrections.filter(mended_at__isnull=True).first()
    if correction is None or local_day(at) <= correction.due_on:
        raise Declined("补正期限还没有过，不能关闭。")
    move(application, Action.CLOSE, by=by, at=at, reason=reason)
    correction.mended_at = at
    correction.save(update_fields=["mended_at"])
    tell_applicant(application, "expired", at=at)
    return application


def _distinct(application: Application) -> None:
    """Reviewer, rechecker and signer are three people (and none of them the applicant: roles_on sees to that)."""
    people = [p for p in (application.reviewer_id, application.rechecker_id, application.signer_id) if p]
    if len(people) != len(set(people)):
        raise Declined("初审、复核、签发必须是三个不同的人。您已经办过这份申报的另一个环节，请由其他人办理。")
