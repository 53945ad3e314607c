"""Half a minute to take a decision back: it stands at once, but nobody is told before the time has passed."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django_tasks import task

from chuding.applications.letters import REMEDY_DAYS
from chuding.applications.models import Application, Correction
from chuding.applications.services.moves import lock, move, tell_applicant
from chuding.applications.services.papers import make_correction_notice, make_refusal
from chuding.applications.translate import local_day
from chuding.applications.workflow import Action, Declined, State
from chuding.messages.templates import not_before
from chuding.policy.working_days import add_working_days
from chuding.storage.clock import now

if TYPE_CHECKING:
    from chuding.accounts.models import Person

WINDOW = timedelta(seconds=30)


def allow_undo(application: Application, *, by: Person, at: datetime) -> None:
    """Let `by` undo the act that is about to be carried out, until the window closes."""
    application.undo_by = by
    application.undo_until = at + WINDOW
    application.undo_clock = {
        "due_on": application.due_on.isoformat() if application.due_on else None,
        "stage_since": application.stage_since.isoformat() if application.stage_since else None,
        "stage_used": application.stage_used,
    }


@transaction.atomic
def undo(*, ref: str, by: Person, at: datetime) -> Application:
    """Take back what one did seconds ago. It is an act of its own: the ledger keeps both."""
    application = lock(ref)
    if application.undo_until is None or at >= application.undo_until:
        raise Declined("可以撤销的30秒已经过了，通知已经发出，或者申报已经有了新的办理。")
    if application.undo_by_id != by.pk:
        raise Declined("只有刚才办理的人可以撤销。")
    life = application.life
    if life in {State.REFUSED, State.EXPIRED}:
        _require_no_successor(application)
    held = application.undo_clock or {}
    application.due_on = date.fromisoformat(held["due_on"]) if held.get("due_on") else None
    application.stage_since = date.fromisoformat(held["stage_since"]) if held.get("stage_since") else None
    application.stage_used = held.get("stage_used", 0)
    # What the act had put on the file says whose act it was, so it is cleared after the step.
    row = move(application, Action.UNDO, by=by, at=at)
    _take_back(application, life, row.next)
    application.save()
    return application


def _take_back(application: Application, life: State, to: State) -> None:
    """Clear what the act had put on the file when it brought it to `life`, so that it stands as before."""
    if life is State.CORRECTION and to is State.LEAD:
        application.corrections.filter(mended_at__isnull=True).update(agreed_by=None)
    elif life in {State.CORRECTION, State.LEAD}:
        # Nobody has been told of it; the ledger keeps that it was asked for.
        application.corrections.filter(mended_at__isnull=True).delete()
    elif life is State.EXPIRED:
        last = application.corrections.latest()
        last.mended_at = None
        last.save(update_fields=["mended_at"])
    elif life in {State.RECHECK, State.SECOND}:
        application.opinion = application.opinion_text = ""
    else:
        if life is State.REFUSED and to is not State.RECHECK:
            application.signer = None
        else:
            application.rechecker = application.rechecked_at = None
        application.refused_clause = application.refused_reason = ""
        application.appeal_until = None


def _require_no_successor(application: Application) -> None:
    others = Application.objects.filter(
        notice_id=application.notice_id, identity_index=application.identity_index
    ).exclude(pk=application.pk)
    if others.exclude(state__in=[State.REFUSED, State.WITHDRAWN, State.EXPIRED, State.REVOKED]).exists():
        raise Declined("申报人已经另外提交了申报，不能撤销。")


@task()
def tell_of_correction(correction_id: int, asked_at: str = "") -> str:
    """Tell the applicant of a send-back and order its notice, unless it was undone meanwhile."""
    at = now()
    with transaction.atomic():
        correction = Correction.objects.select_related("application__applicant").filter(pk=correction_id).first()
        if correction is None or correction.mended_at is not None:
            return "undone"
        # Undone and asked for again, it is told by the later job; a job of before this rule has no moment.
        if asked_at and correction.asked_at != datetime.fromisoformat(asked_at):
            return "undone"
        if correction.application.life is not State.CORRECTION:
            return "undone"
        due = f"{correction.due_on.month}月{correction.due_on.day}日24时"
        tell_applicant(correction.application, "correction", at=at, count=str(len(correction.items)), due=due)
        make_correction_notice.enqueue(correction_id=correction.pk)
    return "told"


@task()
def tell_of_closing(ref: str, version: int) -> str:
    """Tell the applicant that the file was closed, unless that was undone meanwhile."""
    at = now()
    with transaction.atomic():
        application = lock(ref)
        if application.life is not State.EXPIRED or application.version != version:
            return "undone"
        tell_applicant(application, "expired", at=at)
    return "told"


@task()
def tell_of_refusal(ref: str, version: int, day: str) -> str:
    """Tell the applicant of a refusal and order its decision, unless it was undone meanwhile."""
    at = now()
    with transaction.atomic():
        application = lock(ref)
        # An appeal may come between, from the page: the decision that it is against is made all the same.
        appealed = application.life is State.APPEALED and application.version == version + 1
        if not appealed and (application.life is not State.REFUSED or application.version != version):
            return "undone"
        tell_applicant(application, "refused", at=at)
        if application.appeal_until and not appealed:
            # The days for an appeal count from when the person is told (收到之日), should that be later.
            told_on = local_day(not_before(at, any_hour=False) or at)
            application.appeal_until = max(application.appeal_until, add_working_days(told_on, REMEDY_DAYS))
            application.save(update_fields=["appeal_until"])
        make_refusal.enqueue(ref=ref, day=day)
    return "told"
