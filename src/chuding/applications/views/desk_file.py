"""The file page: facts and assessment on the left, page images on the right, the acts that are open at the bottom."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.shortcuts import render
from django.views.decorators.http import require_safe

from chuding.accounts.roles import Role
from chuding.applications.models import Verdict
from chuding.applications.sections import SECTIONS
from chuding.applications.services.moves import conditions_of, roles_on
from chuding.applications.services.submission import filing_day
from chuding.applications.translate import assess_file, local_day
from chuding.applications.verdicts import verdict_of
from chuding.applications.views.desk_access import office_file
from chuding.applications.views.desk_facts import (
    correction_lines,
    facts_rows,
    history,
    material_rows,
    overdue,
)
from chuding.applications.workflow import Action, State, allowed
from chuding.policy.terms import Level
from chuding.policy.working_days import working_days_between
from chuding.storage.clock import now

if TYPE_CHECKING:
    from datetime import datetime

    from django.http import HttpResponse, QueryDict

    from chuding.applications.models import Application, Correction
    from chuding.applications.views.desk_access import StaffRequest
    from chuding.applications.views.desk_facts import MaterialRow

TURNS = ("0", "90", "180", "270")
ZOOMS = ("1", "2")
# Issuing and revoking have pages of their own; withdrawing is the applicant's.
_ELSEWHERE = {Action.ISSUE, Action.REVOKE}
_BY_THREE = {Action.CONFIRM, Action.APPROVE, Action.REFUSE}


def open_actions(
    application: Application, request: StaffRequest, correction: Correction | None, at: datetime
) -> set[Action]:
    """The acts whose forms the page draws: the table's, less those that the services would decline at once."""
    roles = roles_on(application, request.user) - {Role.EMPLOYER_CLERK}
    acts = {row.action for row in allowed(application.life, roles, conditions_of(application))} - _ELSEWHERE
    person = request.user.pk
    if application.life is State.REVIEWING and application.reviewer_id != person:
        return set()
    if not overdue(correction, local_day(at)):
        acts.discard(Action.CLOSE)
    others = {application.reviewer_id}
    if application.life in {State.SIGNING, State.CITY}:
        others.add(application.rechecker_id)
    return acts - _BY_THREE if person in others else acts


def _obstacle(application: Application, request: StaffRequest) -> str:
    """Why somebody with the right role cannot act here, in a sentence; empty where nothing stands in the way."""
    person, life = request.user.pk, application.life
    if life is State.REVIEWING and application.reviewer_id != person and application.reviewer and application.taken_at:
        at = f"{application.taken_at.astimezone():%-m月%-d日 %H:%M}"
        return f"该件由 {application.reviewer.display_name} 于 {at} 领取，正在审核。您可以查看，不能办理。"
    if life is State.RECHECK and Role.RECHECKER in request.roles and application.reviewer_id == person:
        return "这份申报由您初审，复核须由另一个人办理。"
    if life in {State.SIGNING, State.CITY} and person in {application.reviewer_id, application.rechecker_id}:
        return "您办过这份申报的初审或复核，审批须由另一个人办理。"
    return ""


def _viewer(request: StaffRequest, rows: list[MaterialRow]) -> dict[str, Any]:
    """What the right-hand side shows, and how."""
    turn = request.GET.get("turn", "0")
    zoom = request.GET.get("zoom", "1")
    turn = turn if turn in TURNS else "0"
    shown = next((row for row in rows if row.chosen), None)
    return {
        "shown": shown,
        "turn": turn,
        "next_turn": TURNS[(TURNS.index(turn) + 1) % len(TURNS)],
        "zoom": zoom if zoom in ZOOMS else "1",
        "page_numbers": range(1, shown.current.pages + 1) if shown and shown.current else (),
    }


def file_context(request: StaffRequest, application: Application, typed: QueryDict | None = None) -> dict[str, Any]:
    """Everything the page shows. `typed` is a declined form, kept as it was sent."""
    at = now()
    corrections = list(application.corrections.order_by("asked_at"))
    last = corrections[-1] if corrections else None
    waiting = last if last and last.mended_at is None else None
    report = assess_file(application, filing_day(application, at))
    rows = material_rows(application, report, request.GET.get("material", ""), last.asked_at if last else None)
    acts = open_actions(application, request, waiting, at)
    stored = application.assessments.latest()
    pending = [row for row in rows if row.current and row.current.verdict == Verdict.PENDING]
    defects = [row for row in rows if row.current and row.current.verdict == Verdict.DEFECT]
    notice = report.notice
    specialty = notice.catalogue.find(application.specialty)
    return {
        "application": application,
        "qualification": notice.title_of(Level(application.level)),
        "specialty": specialty.label if specialty else application.specialty,
        "days": working_days_between(local_day(application.submitted_at), local_day(at))
        if application.submitted_at
        else 0,
        "submissions": 1 + sum(c.mended_at is not None for c in corrections),
        "verdict": verdict_of(report, application.level),
        "stored": stored,
        "stored_answer": stored.report["levels"][application.level]["answer"],
        "facts": facts_rows(application),
        "materials": rows,
        "pending": pending,
        "defects": defects,
        "absent": [row for row in rows if row.current is None and row.need != "本人不须交"],
        "judging": Action.RECOMMEND in acts,
        "acts": {str(act) for act in acts},
        "obstacle": _obstacle(application, request),
        "authority": report.authority[Level(application.level)],
        "corrections": [(c, correction_lines(c)) for c in reversed(corrections)],
        "overdue": overdue(waiting, local_day(at)),
        "history": history(application),
        "clauses": notice.clauses,
        "sections": [section for section in SECTIONS if section.key != "materials"],
        "typed": typed or {},
        **_viewer(request, rows),
    }


@require_safe
def application(request: StaffRequest, ref: str) -> HttpResponse:
    """One file, to whoever's desk it is on."""
    return render(request, "applications/desk/file.html", file_context(request, office_file(request, ref)))


def declined(request: StaffRequest, ref: str, sentence: str, place: str) -> HttpResponse:
    """The same page after a refused act: why on top, and everything that was typed still in its place."""
    context = file_context(request, office_file(request, ref), request.POST)
    context |= {"errors": [{"href": f"#{place}", "text": sentence}], "place": place}
    return render(request, "applications/desk/file.html", context, status=422)
