"""An appeal against a refusal (复核): the applicant asks within the days that the decision names, and another person decides."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Q

from chuding.applications.aftercare_models import Appeal
from chuding.applications.models import Application
from chuding.applications.reviewing.models import Tie, TieKind
from chuding.applications.reviewing.parts import who_had_a_part
from chuding.applications.services.moves import lock, move, permit, tell_applicant
from chuding.applications.services.papers import make_appeal
from chuding.applications.translate import local_day
from chuding.applications.workflow import LIVE, Action, Declined, State

if TYPE_CHECKING:
    from datetime import datetime

    from chuding.accounts.models import Person

SHORTEST, LONGEST = 10, 2000


@transaction.atomic
def appeal(*, ref: str, reason: str, by: Person, at: datetime) -> Application:
    """Ask for one's refusal to be looked at again, once, in words. Raises DoesNotExist for anybody else's file, Declined."""
    application = lock(ref)
    if application.applicant_id != by.pk:
        raise Application.DoesNotExist
    _in_time(application, at)
    permit(application, Action.APPEAL, by=by, at=at)
    text = reason.strip()
    if len(text) < SHORTEST:
        raise Declined(f"请写明不同意的理由，至少{SHORTEST}个字：哪一点不符合实际，有什么可以证明。")
    same = Q(applicant=by)
    if application.identity_index:
        same |= Q(identity_index=application.identity_index) & ~Q(state=State.DRAFT)
    others = Application.objects.filter(same, notice_id=application.notice_id, state__in=LIVE)
    if others.exclude(pk=application.pk).exists():
        raise Declined("您已经重新开始申报。要申请复核，请先撤回新的那一份。")
    refused_by = application.signer or application.rechecker
    assert refused_by is not None, "a refusal has its person (refused_by_a_person_with_clause_and_reason)"
    Appeal.objects.create(
        application=application,
        reason=text[:LONGEST],
        asked_at=at,
        refused_by=refused_by,
        refused_on=local_day(application.updated_at),
        clause=application.refused_clause,
        refused_reason=application.refused_reason,
    )
    move(application, Action.APPEAL, by=by, at=at, reason=text[:LONGEST])
    tell_applicant(application, "appealed", at=at)
    return application


def _in_time(application: Application, at: datetime) -> None:
    """Say in words why a refusal cannot be appealed any more; other states are the table's to refuse."""
    if application.life is not State.REFUSED:
        return
    if application.undo_until and at < application.undo_until:
        raise Declined("这个决定刚刚作出，还没有正式告知。请收到短信以后再申请复核。")
    if application.appeal_until is None:
        raise Declined("这件申报已经复核过一次，不能再申请。有疑问请打电话咨询。")
    if local_day(at) > application.appeal_until:
        last = application.appeal_until
        raise Declined(f"申请复核的期限（{last.year}年{last.month}月{last.day}日24时）已经过了。有疑问请打电话咨询。")


@transaction.atomic
def decide_appeal(*, ref: str, upheld: bool, answer: str, by: Person, at: datetime) -> Application:
    """Another person's decision, with reasons: the refusal stands, or it is void and the file is reviewed anew by others.

    Whoever had a part in the file at any time decides no appeal in it, which the database holds too. After a void refusal its
    author steps back from the file for good.
    """
    application = lock(ref)
    action = Action.UPHOLD if upheld else Action.ANNUL
    permit(application, action, by=by, at=at)
    if by.pk in who_had_a_part(application):
        raise Declined("您办过这件申报，复核要由没有办过的人决定。")
    if len(answer.strip()) < SHORTEST:
        raise Declined(f"请写明复核的理由，至少{SHORTEST}个字，申请人会原样读到。")
    held = Appeal.objects.select_for_update(of=("self",)).get(application=application)
    held.decided_by, held.decided_at, held.upheld, held.answer = by, at, upheld, answer.strip()
    held.save(update_fields=["decided_by", "decided_at", "upheld", "answer"])
    application.appeal_until = None
    if not upheld:
        _begin_anew(application, held, at)
    move(application, action, by=by, at=at, reason=held.answer)
    tell_applicant(application, "appeal_upheld" if upheld else "appeal_granted", at=at)
    make_appeal.enqueue(ref=ref)
    return application


def _begin_anew(application: Application, held: Appeal, at: datetime) -> None:
    Tie.objects.update_or_create(
        person=held.refused_by,
        kind=TieKind.FILE,
        value=application.ref,
        defaults={"label": application.number or application.ref, "until": None, "declared_at": at},
    )
    application.reviewer = application.second = application.rechecker = application.signer = None
    application.taken_at = application.lease_until = application.rechecked_at = None
    application.opinion = application.opinion_text = application.second_text = ""
    application.refused_clause = application.refused_reason = ""
