"""From approved people to the official document: choose, draft, check, sign, watch, download."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib import messages
from django.http import FileResponse, Http404
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from chuding.applications.characters import undrawn
from chuding.applications.workflow import Declined
from chuding.decisions.models import Document, Roster, RosterState
from chuding.decisions.services import rosters as services
from chuding.decisions.views.pages import office, own_document, own_roster
from chuding.storage.clock import now, today
from chuding.storage.files import store
from chuding.storage.paginate import keyset_page

if TYPE_CHECKING:
    from django.http import HttpResponse

    from chuding.applications.models import Application
    from chuding.decisions.models import RosterEntry
    from chuding.decisions.views.pages import SignerRequest

# More than this in one document wants a second one: the list must be readable on one page before it is signed.
MOST_PEOPLE = 500
PAGE_SIZE = 20
_COLUMNS = (
    "ref", "number", "full_name", "level", "specialty", "employer_name", "approved_at", "notice_id",
)  # fmt: skip

# What is printed of a file besides, for the question whether it can be.
_WRITTEN = ("post", "permit_number")


@require_safe
def home(request: SignerRequest) -> HttpResponse:
    """People who wait for a document, drafts, and what was issued."""
    return render(request, "decisions/home.html", _home(request))


def _home(request: SignerRequest) -> dict[str, Any]:
    mine = office(request)
    waiting = list(services.waiting_for_roster(mine).only(*_COLUMNS)[: MOST_PEOPLE + 1])
    open_states = [RosterState.DRAFT, RosterState.SIGNED, RosterState.FAILED]
    drafts = Roster.objects.filter(office=mine, state__in=open_states).select_related("drafted_by").order_by("id")
    issued = Document.objects.filter(office=mine).select_related("roster", "roster__signed_by")
    return {
        "office_name": settings.OFFICE_NAMES[mine],
        "waiting": waiting[:MOST_PEOPLE],
        "more": len(waiting) > MOST_PEOPLE,
        "most": MOST_PEOPLE,
        "drafts": list(drafts),
        "page": keyset_page(issued, order=("-issued_at", "-id"), after=request.GET.get("after"), size=PAGE_SIZE),
        "chosen": frozenset(request.POST.getlist("refs")),
    }


@require_POST
def new(request: SignerRequest) -> HttpResponse:
    """Draft a roster of the people that were ticked."""
    try:
        roster = services.draft(refs=request.POST.getlist("refs"), by=request.user, at=now())
    except Declined as refusal:
        context = _home(request) | {"errors": [{"href": "#waiting", "text": refusal.sentence}]}
        return render(request, "decisions/home.html", context, status=422)
    return redirect("roster", ref=roster.ref)


def _checks(entries: list[RosterEntry], request: SignerRequest) -> list[dict[str, Any]]:
    """What has to be true before signing, each with the people of whom it is not."""

    def fault(ok: bool, entry: RosterEntry) -> list[str]:
        return [] if ok else [entry.application.full_name]

    same = [n for e in entries for n in fault(len(set(_three(e.application))) == 3, e)]
    own = [n for e in entries for n in fault(e.application.applicant_id != request.user.pk, e)]
    moved = [n for e in entries for n in fault(e.application.state in {"approved", "issued", "revoked"}, e)]
    strange = [n for e in entries for n in fault(not undrawn(e.application), e)]
    return [
        {"text": "每件的初审、复核、审批是三个不同的人", "met": not same, "who": "、".join(same)},
        {"text": "每件都已审批通过", "met": not moved, "who": "、".join(moved)},
        {"text": "名单里没有您本人", "met": not own, "who": "、".join(own)},
        {"text": "每个字都印得出来（字库齐全）", "met": not strange, "who": "、".join(strange)},
    ]


def _three(file: Application) -> tuple[int | None, int | None, int | None]:
    return file.reviewer_id, file.rechecker_id, file.signer_id


def _roster_context(request: SignerRequest, roster: Roster) -> dict[str, Any]:
    columns = (
        "application__reviewer__display_name",
        "application__rechecker__display_name",
        "application__signer__display_name",
        *(
            f"application__{name}"
            for name in (*_COLUMNS, "version", "state", "applicant", "certificate_number", *_WRITTEN)
        ),
        "position",
        "roster",
        "certificate__number",
        "certificate__standing",
    )
    people = ("application__reviewer", "application__rechecker", "application__signer", "certificate")
    written = ("application__educations", "application__spells")
    entries = list(roster.entries.select_related(*people).prefetch_related(*written).only(*columns))
    checks = _checks(entries, request)
    return {
        "roster": roster,
        "entries": entries,
        "checks": checks,
        "sound": all(check["met"] for check in checks),
        "digest": roster.list_digest or services.list_digest(roster),
        "office_name": settings.OFFICE_NAMES[roster.office],
        "number_form": settings.DOCUMENT_NUMBERS[roster.office].format(year=today().year, serial=" × "),
        "document": Document.objects.filter(roster=roster).first(),
        "confirming": "sign" in request.GET and roster.state in {RosterState.DRAFT, RosterState.FAILED},
    }


@require_safe
def roster(request: SignerRequest, ref: str) -> HttpResponse:
    """One roster; with `?sign` the page on which one says yes."""
    found = own_roster(request, ref)
    if found.state == RosterState.SIGNED:
        return redirect("roster_status", ref=ref)
    context = _roster_context(request, found)
    template = "decisions/sign.html" if context["confirming"] else "decisions/roster.html"
    return render(request, template, context)


def _sign(request: SignerRequest, ref: str, action: str) -> None:
    if action != "sign":
        raise Declined("请选择“签发”或“删除拟稿”。")
    if request.POST.get("sure") != "yes":
        raise Declined("请先勾选“我已核对名单”，再签发。")
    services.sign(ref=ref, seen=request.POST.get("seen", ""), by=request.user, at=now())


@require_POST
def act(request: SignerRequest, ref: str) -> HttpResponse:
    """Sign the list that was seen, or throw the draft away."""
    found = own_roster(request, ref)
    action = request.POST.get("action", "")
    try:
        if action == "discard":
            services.discard(ref=ref, by=request.user, at=now())
            messages.success(request, "已删除拟稿，人员回到待发文名单。")
            return redirect("decisions_home")
        _sign(request, ref, action)
    except Declined as refusal:
        errors = [{"href": "#sure" if action == "sign" else "#main", "text": refusal.sentence}]
        context = _roster_context(request, own_roster(request, found.ref)) | {"errors": errors}
        template = "decisions/sign.html" if action == "sign" else "decisions/roster.html"
        return render(request, template, context, status=422)
    return redirect("roster_status", ref=ref)


@require_safe
def status(request: SignerRequest, ref: str) -> HttpResponse:
    """How far issuing has come; the page asks again by itself until there is an answer."""
    found = own_roster(request, ref)
    if found.state == RosterState.DRAFT:
        return redirect("roster", ref=ref)
    if found.state == RosterState.SIGNED:
        context = {"roster": found, "people": found.entries.count(), "waiting": True}
        return render(request, "decisions/status.html", context)
    return render(request, "decisions/status.html", _roster_context(request, found))


@require_safe
def document_file(request: SignerRequest, ref: str) -> FileResponse:
    """The signed PDF of a document of one's own office."""
    document = own_document(request, ref)
    if not store().exists(document.file):
        raise Http404
    return FileResponse(
        store().open(document.file),
        as_attachment=True,
        filename=f"{document.number}.pdf",
        content_type="application/pdf",
    )
