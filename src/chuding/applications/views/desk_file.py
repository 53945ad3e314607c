"""The file page: facts and assessment on the left, page images on the right, the acts that are open at the bottom."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.shortcuts import render
from django.views.decorators.http import require_safe

from chuding.accounts.names import PLACEHOLDER, is_han
from chuding.applications.aftercare_models import Appeal
from chuding.applications.deadlines import days_left
from chuding.applications.material_kinds import READ
from chuding.applications.models import Verdict
from chuding.applications.obstacles import to_approving
from chuding.applications.readings.beside import readings_of
from chuding.applications.reviewing.day import target
from chuding.applications.reviewing.parts import who_had_a_part, who_judged
from chuding.applications.reviewing.ties import ties_of
from chuding.applications.sections import SECTIONS
from chuding.applications.services.aftercare import note_view
from chuding.applications.services.handing_over import other_reviewers
from chuding.applications.services.moves import OFFICE_ROLES, conditions_of, engine_answer, returned_before
from chuding.applications.services.submission import filing_day
from chuding.applications.services.writing import writing_of
from chuding.applications.translate import assess_file, local_day
from chuding.applications.verdicts import verdict_of
from chuding.applications.views.desk_access import office_file
from chuding.applications.views.desk_changes import changes
from chuding.applications.views.desk_facts import (
    clause_options,
    correction_lines,
    facts_rows,
    given_materials,
    history,
    material_rows,
    overdue,
)
from chuding.applications.views.desk_gone import even_if_gone, kept_words
from chuding.applications.views.desk_keys import keys_for
from chuding.applications.workflow import Action, State, allowed
from chuding.policy.terms import Level
from chuding.storage.clock import SHANGHAI, now

if TYPE_CHECKING:
    from datetime import date, datetime

    from django.http import HttpResponse, QueryDict

    from chuding.accounts.models import Person
    from chuding.applications.models import Application, Correction, Material
    from chuding.applications.photos.models import NameWriting
    from chuding.applications.views.desk_access import StaffRequest
    from chuding.applications.views.desk_facts import MaterialRow
    from chuding.policy.assess import Report

TURNS = ("0", "90", "180", "270")
ZOOMS = ("1", "2")
# Each judgement shows the page again: that somebody is looking is written once a minute, not with every one of them.
VIEW_NOTED_EVERY = timedelta(minutes=1)
# Issuing and revoking have pages of their own; withdrawing is the applicant's; undoing stands with its message.
_ELSEWHERE = {Action.ISSUE, Action.REVOKE, Action.WITHDRAW, Action.UNDO}
# These have a button and no form; handing over has one where it was asked for, and then beside others.
_IN_THE_BAR = {Action.TAKE, Action.RELEASE, Action.HAND_OVER}
_BY_ANOTHER = {Action.CONFIRM, Action.APPROVE, Action.REFUSE, Action.CONCUR}


def open_actions(
    application: Application, request: StaffRequest, correction: Correction | None, judges: frozenset[int], at: datetime
) -> set[Action]:
    """The acts whose forms the page draws: the table's, less those that the services would decline at once.

    `judges`: whose verdicts stand on the materials.
    """
    roles, person = request.roles & OFFICE_ROLES, request.user.pk
    steps = allowed(application.life, roles, conditions_of(application, at))
    acts = {row.action for row in steps} - _ELSEWHERE
    if application.life is State.REVIEWING:
        return acts - {Action.TAKE} if application.reviewer_id == person else acts & {Action.TAKE}
    if not overdue(correction, local_day(at)):
        acts.discard(Action.CLOSE)
    if Action.APPROVE in acts and to_approving(application):
        acts.discard(Action.APPROVE)
    others = {application.reviewer_id, application.second_id}
    if application.life in {State.SIGNING, State.CITY}:
        others |= {application.rechecker_id, application.signer_id}
    if application.life is State.APPEALED:
        others |= who_had_a_part(application)
    if application.life in _AFTER_THE_REVIEW:
        others |= judges
    if person in others and application.life in {State.SECOND, State.LEAD, State.APPEALED}:
        return set()
    return acts - _BY_ANOTHER if person in others else acts


_AFTER_THE_REVIEW = {State.SECOND, State.RECHECK, State.SIGNING, State.CITY}
_JUDGED = "您判断过这份申报的材料，第二人审核、复核和审批都须由没有判断过的人办理。"
_OWN = {
    State.RECHECK: "这份申报由您初审，复核须由另一个人办理。",
    State.SECOND: "这份申报由您初审，规则核验不是“符合”，须由另一名审核员同意。",
    State.LEAD: "已提请组长同意再次退回，等组长审定。",
    State.SIGNING: "您办过这份申报的初审或复核，审批须由另一个人办理。",
    State.APPEALED: "您办过这份申报，复核申请须由没有办过的人决定。",
    State.CITY: "您办过这份申报的初审或复核，审批须由另一个人办理。",
}


def _obstacle(application: Application, request: StaffRequest, judges: frozenset[int], at: datetime) -> str:
    """Why somebody with the right role cannot act here, in a sentence; empty where nothing stands in the way."""
    person, life = request.user.pk, application.life
    if life is State.REVIEWING and application.reviewer_id != person and application.reviewer and application.taken_at:
        since = f"{application.taken_at.astimezone(SHANGHAI):%-m月%-d日 %H:%M}"
        who = application.reviewer.display_name
        if application.lease_until is None or application.lease_until <= at:
            return f"该件由 {who} 于 {since} 领取，领取的时间已过。您可以接手。"
        until = f"{application.lease_until.astimezone(SHANGHAI):%H:%M}"
        return f"该件由 {who} 于 {since} 领取，{until} 前由对方办理。您可以查看，不能办理。"
    own: dict[int | None, str] = dict.fromkeys(judges, _JUDGED) if life in _AFTER_THE_REVIEW else {}
    own |= {application.reviewer_id: _OWN.get(life, "")}
    if life in {State.SIGNING, State.CITY}:
        own |= dict.fromkeys((application.rechecker_id, application.signer_id, application.second_id), _OWN[life])
    if life is State.APPEALED:
        own |= dict.fromkeys(who_had_a_part(application), _OWN[life])
    if person not in own and life in {State.SIGNING, State.CITY}:
        return to_approving(application)
    return own.get(person, "")


def viewer_context(request: StaffRequest, rows: list[MaterialRow]) -> dict[str, Any]:
    """What the right-hand side shows, and how; scripts change it in place."""
    turn, zoom = request.GET.get("turn", "0"), request.GET.get("zoom", "1")
    turn, zoom = turn if turn in TURNS else "0", zoom if zoom in ZOOMS else "1"
    wanted = request.GET.get("compare", "")
    compared = next((m for row in rows for m in row.earlier if m.ref == wanted), None)
    shown = [row for row in rows if row.current]
    return {
        "shown": shown,
        "chosen": next((row for row in shown if row.chosen), None),
        "compared": compared,
        "compared_pages": _with_boxes(compared) if compared else (),
        "compared_row": next((row for row in shown if compared and row.code == compared.code), None),
        "turn": turn,
        "next_turn": TURNS[(TURNS.index(turn) + 1) % len(TURNS)],
        "zoom": zoom,
        "two": request.GET.get("two") == "1",
    }


def _with_boxes(material: Material) -> list[tuple[int, list[list[int]]]]:
    return [(n, [box for page, *box in material.marks if page == n]) for n in range(1, material.pages + 1)]


def _deadline(application: Application, day: date) -> dict[str, Any] | None:
    left = days_left(application, day)
    return None if left is None else {"left": left, "late": -left, "on": application.due_on}


def _people(application: Application) -> list[tuple[str, str, str]]:
    """Who has had which part, with what they said."""
    parts = (
        ("初审", application.reviewer if application.opinion else None, application.opinion_text),
        ("第二人审核", application.second, application.second_text),
    )
    return [(part, person.display_name, text) for part, person, text in parts if person]


def file_context(request: StaffRequest, application: Application, typed: QueryDict | None = None) -> dict[str, Any]:
    """Everything the page shows. `typed` is a declined form, kept as it was sent."""
    at = now()
    day = local_day(at)
    corrections = sorted(application.corrections.all(), key=lambda each: each.asked_at)
    assessments = sorted(application.assessments.all(), key=lambda each: (each.at, each.pk))
    last = corrections[-1] if corrections else None
    waiting = last if last and last.mended_at is None else None
    report = assess_file(application, filing_day(application, at))
    given = given_materials(application, request.user.pk)
    rows = material_rows(given, report, request.GET.get("material", ""), last.asked_at if last else None)
    rows = _with_readings(rows, application)
    judges = who_judged(given)
    acts = open_actions(application, request, waiting, judges, at)
    return {
        **_head(application, report, corrections, day),
        **_material_words(rows),
        **_written(application, corrections),
        "verdict": verdict_of(report, application.level),
        "stored": assessments[-1],
        "stored_answer": engine_answer(application),
        "facts": facts_rows(application),
        "changes": changes(last, assessments, given),
        "judging": Action.RECOMMEND in acts,
        "done": application.done or 0,  # type: ignore[attr-defined]
        "target": target(),
        "mine": application.reviewer_id == request.user.pk and application.life is State.REVIEWING,
        "acts": {str(act) for act in acts},
        "has_forms": bool(acts - _IN_THE_BAR),
        "colleagues": _colleagues(request, acts, typed),
        "again": returned_before(application),
        "obstacle": _obstacle(application, request, judges, at),
        "clauses": clause_options(report.notice, typed.get("clause", "") if typed else ""),
        "sections": [section for section in SECTIONS if section.key != "materials"],
        "keys": keys_for(request),
        "writing": _writing(application),
        "name_open": Action.RECOMMEND in acts and PLACEHOLDER in application.full_name,
        "typed": typed or {},
        "kept": kept_words(typed, acts),
        **viewer_context(request, rows),
    }


def _writing(application: Application) -> NameWriting | None:
    """How a character of the name is written; asked only of a name that has one which most keyboards do not offer."""
    rare = any(
        character == PLACEHOLDER or (is_han(character) and not "\u4e00" <= character <= "\u9fff")
        for character in application.full_name
    )
    return writing_of(application) if rare else None


def _colleagues(request: StaffRequest, acts: set[Action], typed: QueryDict | None) -> list[Person]:
    """Whom the file may be handed to; read only where the form was asked for."""
    asked = "hand" in request.GET or (typed is not None and typed.get("action") == Action.HAND_OVER)
    return list(other_reviewers(request.user)) if asked and Action.HAND_OVER in acts else []


def _with_readings(rows: list[MaterialRow], application: Application) -> list[MaterialRow]:
    """The rows with what the machine read on their documents."""
    read = readings_of(application, [row.current for row in rows if row.current and row.kind in READ])
    return [replace(row, reading=read.get(row.current.ref)) if row.current else row for row in rows]


def _head(application: Application, report: Report, corrections: list[Correction], day: date) -> dict[str, Any]:
    specialty = report.notice.catalogue.find(application.specialty)
    level = Level(application.level)
    return {
        "application": application,
        "qualification": report.notice.title_of(level),
        "authority": report.authority[level],
        "specialty": specialty.label if specialty else application.specialty,
        "deadline": _deadline(application, day),
        "submissions": 1 + sum(c.mended_at is not None for c in corrections),
    }


def _material_words(rows: list[MaterialRow]) -> dict[str, Any]:
    given = [row for row in rows if row.current]
    return {
        "materials": rows,
        "pending": [row for row in given if row.current.verdict == Verdict.PENDING],  # type: ignore[union-attr]
        "defects": [row for row in given if row.current.verdict == Verdict.DEFECT],  # type: ignore[union-attr]
        "unseen": [row for row in rows if row.unseen],
        "absent": [row for row in rows if row.current is None and row.need != "本人不须交"],
    }


def _written(application: Application, corrections: list[Correction]) -> dict[str, Any]:
    """What people wrote about the file: opinions, send-backs, notes, likenesses, the history."""
    proposed = corrections[-1] if corrections and application.life is State.LEAD else None
    return {
        "said": _people(application),
        "appeal": appeal_in(application),
        "proposed": proposed,
        "proposed_lines": correction_lines(proposed) if proposed else [],
        "corrections": [(c, correction_lines(c)) for c in reversed(corrections)],
        "history": history(application),
        "notes": sorted(application.notes.all(), key=lambda each: each.at, reverse=True),
        "alike": application.likenesses.all(),
    }


def appeal_in(application: Application) -> Appeal | None:
    """The appeal in a file that is appealed, or refused for good; what came of one that was granted stands in the history."""
    if application.life is not State.APPEALED and (application.life is not State.REFUSED or application.appeal_until):
        return None
    return Appeal.objects.select_related("refused_by", "decided_by").filter(application=application).first()


@require_safe
@even_if_gone
def application(request: StaffRequest, ref: str) -> HttpResponse:
    """One file, to whoever's desk it is on, and its owner can see who opened it; to who is tied to it, only that they are."""
    return _page(request, office_file(request, ref))


def _page(request: StaffRequest, file: Application, typed: QueryDict | None = None, **more: Any) -> HttpResponse:
    tie = ties_of(request.user, local_day(now())).against(file)
    if tie:
        return render(request, "applications/desk/recused.html", {"application": file, "tie": tie}, status=403)
    at = now()
    if file.viewed_at is None or at - file.viewed_at > VIEW_NOTED_EVERY:  # type: ignore[attr-defined]
        note_view(file, by=request.user, roles=request.roles, at=at)
    context = file_context(request, file, typed) | more
    if "place" in more:
        context["errors"] = [{"href": f"#{_still_there(more['place'], context)}", "text": more["sentence"]}]
    return render(request, "applications/desk/file.html", context, status=422 if more else 200)


def declined(request: StaffRequest, ref: str, sentence: str, place: str) -> HttpResponse:
    """The same page after a refused act: why on top, and everything that was typed still in its place."""
    return _page(request, office_file(request, ref), request.POST, sentence=sentence, place=place)


# The form of an act stands under another name, or is drawn where another act is allowed.
_FORM_OF = {"act-ask_lead": "act-send_back"}
_DRAWN_WITH = {"agree": "send_back", "decide_appeal": "uphold"}


def _still_there(place: str, context: dict[str, Any]) -> str:
    """Where the summary's link leads: to the act's form, to the words kept from one that is gone, or to the top."""
    act = place.removeprefix("act-")
    if place == "decide" and not context["has_forms"]:
        return "main"
    if act == place or (act == "step_back" and context["mine"]):
        return place
    if context["kept"]:
        return "kept"
    if act in {Action.TAKE, Action.RELEASE} or _DRAWN_WITH.get(act, act) not in context["acts"]:
        return "main"
    return _FORM_OF.get(place, place)
