"""One's file: the task list while it is a draft, then the timeline, and what can be downloaded at the end."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING, Any

from django.db.models import prefetch_related_objects
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from chuding.accounts.roles import ROLE_NAMES, Role
from chuding.accounts.step_up import FRESH_OUTSIDE, challenge
from chuding.applications.aftercare_models import Rating
from chuding.applications.citing import cited, clauses_filing
from chuding.applications.deadlines import clock_of, promised_for, service_levels
from chuding.applications.material_kinds import Kind, code_of
from chuding.applications.models import Verdict
from chuding.applications.next_chance import next_chance
from chuding.applications.services.aftercare import RATEABLE
from chuding.applications.services.drafting import open_correction
from chuding.applications.services.moves import conditions_of
from chuding.applications.services.nudging import may_nudge
from chuding.applications.translate import local_day, notice_of
from chuding.applications.verdicts import speech_here
from chuding.applications.views.applicant_answers import answers
from chuding.applications.views.applicant_correct import marked_sheets, material_title
from chuding.applications.views.applicant_pages import barriers, own_file, page_of, ready_now, task_rows
from chuding.applications.views.desk_images import sandboxed, thumbnail_response
from chuding.applications.workflow import ACTION_LABELS, FINAL, Action, State, allowed
from chuding.certificates.models import Certificate
from chuding.certificates.sealing import sealed_version, seals_about
from chuding.certificates.statements import statement
from chuding.ledger.record import entries_about
from chuding.messages.services import inbox_of
from chuding.notices.shelf import current
from chuding.paper.mandate import SignerUnavailable
from chuding.paper.pages import drawn_pages, render_pages
from chuding.storage.clock import now
from chuding.storage.files import store

if TYPE_CHECKING:
    from datetime import date

    from chuding.applications.models import Application
    from chuding.applications.views.applicant_pages import OwnRequest
    from chuding.ledger.models import Entry
    from chuding.policy.notice import Notice


@require_safe
def application(request: OwnRequest, ref: str) -> HttpResponse:
    """The task list, or how far the file has come."""
    file = own_file(request, ref)
    return _tasks(request, file) if file.life is State.DRAFT else _progress(request, file)


def _tasks(request: OwnRequest, file: Application) -> HttpResponse:
    at = now()
    # Readiness, the facts and the rows each look at both; once is enough.
    prefetch_related_objects([file], "educations", "spells")
    ready = ready_now(file, at)
    tasks = task_rows(file, ready, at)
    done = sum(task["state"] == "done" for task in tasks)
    context = page_of(
        file, at, tasks=tasks, done=done, total=len(tasks), complete=ready.complete, barriers=barriers(file, ready)
    )
    # The quickest way to begin, as long as nothing of the schooling is there.
    context["scan_first"] = not file.educations.all() and bool(code_of(context["notice"], Kind.SCHOOLING))
    return render(request, "applications/applicant/tasks.html", context)


# ---- the timeline ----

# What the file has to pass, in order: the state in which it waits, what is done there, and by whom.
_STAGES: tuple[tuple[frozenset[State], str, str], ...] = (
    (frozenset({State.EMPLOYER, State.EMPLOYER_RETURNED}), "单位审核", "单位经办人"),
    (frozenset({State.RECEIVED}), "受理", "协会审核员"),
    (frozenset({State.REVIEWING, State.CORRECTION, State.SECOND, State.LEAD}), "审核", "协会审核员"),
    (frozenset({State.RECHECK}), "复核", "协会复核员"),
    (frozenset({State.SIGNING, State.CITY}), "审批", ""),
    (frozenset({State.APPROVED}), "发文，发放电子证书", ""),
)
# The states whose days make up a step's promise: a second reviewer is asked for few files and has days of their own.
_TIMED = frozenset(service_levels()) - {State.SECOND}
# The offices' own business among themselves.
_HIDDEN = {Action.RELEASE, Action.ASK_LEAD, Action.CONCUR}
# Reasons that are the offices' own business stay with them; those that a person must act on are shown word for word.
_APPEALS = {Action.APPEAL, Action.UPHOLD, Action.ANNUL}
_REASONED = {Action.EMPLOYER_RETURN, Action.REFUSE, Action.CLOSE, Action.REVOKE, Action.WITHDRAW} | _APPEALS
_STOPS = {Action.REFUSE, Action.CLOSE, Action.REVOKE, Action.WITHDRAW, Action.UPHOLD}


def _office(file: Application) -> str:
    return "协会签发人" if file.is_junior else "市职称办签发人"


def _past(file: Application) -> list[dict[str, Any]]:
    """What happened since the file was handed in: roles, not people's names."""
    names = [str(action) for action in Action if action not in _HIDDEN]
    steps: list[dict[str, Any]] = []
    for entry in entries_about(("application", file.ref)).filter(action__in=names):
        if entry.action == Action.UNDO:
            steps[-1:] = []  # what was taken back before anybody was told
        elif entry.data.get("from") != entry.data.get("to") or "from" not in entry.data:
            steps.append(_step(entry))
    return steps


def _step(entry: Entry) -> dict[str, Any]:
    return {
        "title": ACTION_LABELS[Action(entry.action)],
        "state": "stopped" if entry.action in _STOPS else "done",
        "at": entry.at,
        "who": gettext("您本人") if entry.role == Role.APPLICANT else ROLE_NAMES.get(Role(entry.role), ""),
        "detail": entry.reason if entry.action in _REASONED else "",
    }


def holder(file: Application) -> str:
    """Who has the file now."""
    if file.life in {State.CORRECTION, State.EMPLOYER_RETURNED}:
        return "您本人"
    if file.life is State.APPEALED:
        return "协会审核组长" if file.is_junior else "市职称办签发人"
    who = next((who for states, _, who in _STAGES if file.life in states), "")
    return who or (_office(file) if file.life in {State.SIGNING, State.CITY, State.APPROVED} else "")


def _future(file: Application, day: date) -> list[dict[str, Any]]:
    """What is going on and what is still to come: who, and until when or for how many working days at most."""
    if file.life in FINAL:
        return []
    clock = clock_of(file, day)
    if file.life is State.APPEALED:
        return [{"title": "复核，由没有办过的人决定", "state": "now", "who": holder(file), "clock": clock}]
    place = next(index for index, (states, _, _) in enumerate(_STAGES) if file.life in states)
    titles = {State.CORRECTION: "等您补正", State.EMPLOYER_RETURNED: "等您修改"}
    steps = []
    if file.life in titles:
        correction = open_correction(file)
        until = correction.due_on if correction else None
        steps.append({"title": titles[file.life], "state": "now", "who": gettext("您本人"), "mend_until": until})
    for index, (states, title, who) in enumerate(_STAGES[place:]):
        step: dict[str, Any] = {"title": title, "state": "next", "who": who or _office(file)}
        # The first is where the file is, also while it waits for its applicant: then the clock stands still.
        if index == 0 and clock:
            step["clock"] = clock
        elif index or file.life in titles:
            step["promised"] = promised_for(states & _TIMED, junior=file.is_junior)
        steps.append(step)
    if file.life not in titles:
        steps[0]["state"] = "now"
    return steps


def _progress(request: OwnRequest, file: Application) -> HttpResponse:
    at = now()
    rows = allowed(file.life, frozenset({Role.APPLICANT}), conditions_of(file, at))
    actions = {row.action for row in rows}
    correction, certificate = open_correction(file), current_certificate(file)
    context = page_of(
        file,
        at,
        state=file.life,
        holder=holder(file),
        may_nudge=may_nudge(file, at),
        steps=_past(file) + _future(file, local_day(at)),
        may_withdraw=Action.WITHDRAW in actions,
        may_correct=Action.RESUBMIT in actions,
        correction=correction,
        items=len(correction.items) if correction else 0,
        told=inbox_of(request.user)
        .filter(subject_kind="application", subject_ref=file.ref)
        .order_by("-created_at", "-id"),
        groups=[group for group in answers(file) if group["key"] != "commitment"],
        certificate=certificate,
        filing=cited(clauses_filing(notice_of(file))),
        sealed=seals_about("certificate", [certificate.number]).first() if certificate else None,
        refused=_refusal(file, actions) if file.life is State.REFUSED else None,
        ended=_ending(file),
        may_rate=file.life in RATEABLE,
        rated=Rating.objects.filter(application=file).exists() if file.life in RATEABLE else False,
    )
    for group in context["groups"]:
        for row in group["rows"]:
            row["href"] = ""
    return render(request, "applications/applicant/progress.html", context)


def _refusal(file: Application, actions: set[Action]) -> dict[str, Any]:
    """The reason with its clause, word for word, and how to ask for a second look."""
    notice = page_of(file, now())["notice"]
    return {
        "reason": file.refused_reason,
        **_ground(notice, file.refused_clause),
        "office": "协会" if file.is_junior else "市职称办",
        "until": file.appeal_until if Action.APPEAL in actions else None,
        "final": file.appeal_until is None,
        "chance": next_chance(file, current(now()), now()),
        "evidence": _evidence(file),
    }


def _ground(notice: Notice, label: str) -> dict[str, str]:
    """The clause of a decision, word for word, and where it stands."""
    clause = next((each for each in notice.clauses if each.label == label), None)
    return {"label": label, "anchor": clause.id if clause else "", "text": clause.text if clause else ""}


def _evidence(file: Application) -> list[dict[str, Any]]:
    """The materials with which something was wrong when the file was refused: what, and the pages with the boxes."""
    names = {rule.code: speech_here().own_words(rule.name) for rule in notice_of(file).materials}
    return [
        {
            "title": material_title(each.code, names),
            "reason": each.verdict_reason,
            "sheets": marked_sheets(file, {"marks": each.marks, "material": each.ref}),
        }
        for each in file.current_materials().filter(verdict=Verdict.DEFECT)
    ]


def _ending(file: Application) -> dict[str, Any] | None:
    """Why a closed file was closed, in the words that were given; of a certificate's end its clause too, and whom to ask."""
    if file.life not in {State.EXPIRED, State.REVOKED, State.WITHDRAWN}:
        return None
    actions = {State.EXPIRED: Action.CLOSE, State.REVOKED: Action.REVOKE, State.WITHDRAWN: Action.WITHDRAW}
    entry = entries_about(("application", file.ref)).filter(action=actions[file.life]).last()
    if entry is None or not entry.reason:
        return None
    if file.life is not State.REVOKED:
        return {"reason": entry.reason}
    ground = _ground(notice_of(file), str(entry.data.get("clause", "")))
    return {"reason": entry.reason, **ground, "certificate": file.certificate_number}


# ---- the papers ----


def current_certificate(file: Application) -> Certificate | None:
    """The certificate that counts for a file now."""
    if file.life is not State.ISSUED or not file.certificate_number:
        return None
    return (
        Certificate.objects.select_related("replaces")
        .filter(number=file.certificate_number, holder_id=file.applicant_id)
        .first()
    )


def pdf_response(digest: str, name: str, content_type: str = "application/pdf") -> FileResponse:
    """A stored paper, byte for byte the same every time."""
    if not digest or not store().exists(digest):
        raise Http404
    return attached(store().open(digest), name, content_type)


def attached(content: IO[bytes], name: str, content_type: str = "application/pdf") -> FileResponse:
    """A file to be kept: never guessed at and never run by the browser."""
    return sandboxed(FileResponse(content, as_attachment=True, filename=name, content_type=content_type))


@require_safe
def certificate_file(request: OwnRequest, ref: str) -> HttpResponse | FileResponse:
    """The signed certificate, once it is issued; with the second factor fresh (D2)."""
    certificate = current_certificate(own_file(request, ref))
    if certificate is None:
        raise Http404
    if asked := challenge(request, "download", fresh_for=FRESH_OUTSIDE):
        return asked
    return pdf_response(certificate.file, f"电子证书-{certificate.number}.pdf")


@require_safe
def certificate_picture(request: OwnRequest, ref: str) -> FileResponse:
    """The certificate's first page in small, for its holder to know it by; the file itself asks for the second factor.

    Drawn when it is first looked at, in the sandbox.
    """
    certificate = current_certificate(own_file(request, ref))
    if certificate is None or not store().exists(certificate.file):
        raise Http404
    folder = store().derived(certificate.file)
    if not drawn_pages(folder):
        render_pages(store().path(certificate.file), folder)
    return thumbnail_response(certificate.file)


@require_safe
def certificate_statement(request: OwnRequest, ref: str) -> HttpResponse:
    """The certificate as a W3C Verifiable Credential, for those who ask for one; with the second factor fresh (D2)."""
    certificate = current_certificate(own_file(request, ref))
    if certificate is None:
        raise Http404
    if asked := challenge(request, "download", fresh_for=FRESH_OUTSIDE):
        return asked
    try:
        content = statement(certificate)
    except SignerUnavailable:
        return HttpResponse(
            "签名服务暂时没有应答，请过几分钟再下载。", status=503, content_type="text/plain; charset=utf-8"
        )
    response = HttpResponse(content, content_type="application/vc+jwt")
    response["Content-Disposition"] = content_disposition_header(True, f"电子证书-{certificate.number}.jwt") or ""
    response["X-Content-Type-Options"] = "nosniff"
    return response


@require_safe
def certificate_sealed(request: OwnRequest, ref: str) -> FileResponse:
    """The version of the certificate with the state's electronic seal, once the seal service gave it."""
    certificate = current_certificate(own_file(request, ref))
    sealed = sealed_version("certificate", certificate.number) if certificate else None
    if sealed is None:
        raise Http404
    name = f"电子证书-{sealed.subject_ref}-盖章版.{sealed.form}"
    return pdf_response(sealed.file, name, f"application/{sealed.form}")


@require_safe
def declaration_file(request: OwnRequest, ref: str) -> FileResponse:
    """The 申报表, to be printed twice (六)."""
    file = own_file(request, ref)
    if file.life is not State.ISSUED:
        raise Http404
    return pdf_response(file.declaration_file, f"专业技术资格初定申报表-{file.number}.pdf")


def verification_url(certificate: Certificate) -> str:
    """The public page of a certificate."""
    return reverse("certificate_public", args=[certificate.token])
