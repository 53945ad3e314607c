"""How far issuing has come, the page as it will be or is, and the document."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import FileResponse, Http404
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from chuding.applications.views.employer_import import download
from chuding.certificates.sealing import seals_about
from chuding.decisions.contents import LIST_HEAD, list_digest, list_table
from chuding.decisions.models import RosterState
from chuding.decisions.services import issuing, preview
from chuding.decisions.views.pages import own_document, own_roster, waiting_file
from chuding.decisions.views.rosters import roster_context
from chuding.paper.tables import xlsx_of
from chuding.storage.clock import now
from chuding.storage.files import store

if TYPE_CHECKING:
    from pathlib import Path

    from django.http import HttpResponse

    from chuding.decisions.models import Roster
    from chuding.decisions.views.pages import SignerRequest


@require_safe
def status(request: SignerRequest, ref: str) -> HttpResponse:
    """How far issuing has come; the page asks again by itself until there is an answer."""
    found = own_roster(request, ref)
    if found.state in {RosterState.DRAFT, RosterState.VERIFIED}:
        return redirect("roster", ref=ref)
    if found.state == RosterState.SIGNED:
        return render(request, "decisions/status.html", {"roster": found, "waiting": True, **_progress(found)})
    context = roster_context(request, found) | _progress(found) | _seals(found)
    return render(request, "decisions/status.html", context)


def _progress(roster: Roster) -> dict[str, Any]:
    people = roster.entries.count()
    ready = people if roster.state == RosterState.ISSUED else issuing.ready_of(roster)
    faults = list(
        roster.entries.exclude(problem="").select_related("application").only("problem", "application__full_name")
    )
    return {"people": people, "ready": ready, "faults": faults}


def _seals(roster: Roster) -> dict[str, Any]:
    """How far the state's electronic seals have come; nothing where the office has none."""
    if roster.state != RosterState.ISSUED:
        return {}
    numbers = [number for number in roster.entries.values_list("certificate__number", flat=True) if number]
    ordered = [*seals_about("document", [roster.document.number]), *seals_about("certificate", numbers)]
    return {"seals": ordered, "sealed": sum(bool(one.file) for one in ordered)}


@require_safe
def preview_page(request: SignerRequest, ref: str, n: int) -> FileResponse:
    """Page `n` of the document as it will be, as a picture."""
    return _picture(preview.pages_of(list_digest(own_roster(request, ref))), n)


@require_http_methods(["GET", "HEAD", "POST"])
def certificate_preview(request: SignerRequest, ref: str) -> HttpResponse | FileResponse:
    """How a person's certificate will look: a picture that the worker draws when somebody asks for it; `?page=1` is it."""
    application, at = waiting_file(request, ref), now()
    if request.method == "POST":
        preview.order_certificate(application, at=at)
        return redirect(f"{request.path}?ordered")
    pages = preview.pages_of(preview.certificate_digest(application, at=at))
    if "page" in request.GET:
        return _picture(pages, 1)
    context = {"application": application, "ready": bool(pages), "waiting": "ordered" in request.GET and not pages}
    return render(request, "decisions/certificate_preview.html", context)


def _picture(pages: list[Path], n: int) -> FileResponse:
    if not 1 <= n <= len(pages):
        raise Http404
    response = FileResponse(pages[n - 1].open("rb"), content_type="image/webp")
    response["Cache-Control"] = "private, no-store"
    return response


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


@require_safe
def document_list(request: SignerRequest, ref: str) -> HttpResponse:
    """The list of a document of one's own office as XLSX, for those who work on with it; no identity numbers."""
    document = own_document(request, ref)
    table = xlsx_of("名单", LIST_HEAD, list_table(document.roster, document.issued_at))
    return download(table, f"{document.number} 名单", "xlsx")
