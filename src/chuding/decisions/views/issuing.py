"""How far issuing has come, the page as it will be or is, and the document."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import FileResponse, Http404
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from chuding.decisions.contents import list_digest
from chuding.decisions.models import RosterState
from chuding.decisions.services import issuing, preview
from chuding.decisions.views.pages import own_document, own_roster
from chuding.decisions.views.rosters import roster_context
from chuding.storage.files import store

if TYPE_CHECKING:
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
    context = roster_context(request, found) | _progress(found)
    return render(request, "decisions/status.html", context)


def _progress(roster: Roster) -> dict[str, Any]:
    people = roster.entries.count()
    ready = people if roster.state == RosterState.ISSUED else issuing.ready_of(roster)
    faults = list(
        roster.entries.exclude(problem="").select_related("application").only("problem", "application__full_name")
    )
    return {"people": people, "ready": ready, "faults": faults}


@require_safe
def preview_page(request: SignerRequest, ref: str, n: int) -> FileResponse:
    """Page `n` of the document as it will be, as a picture."""
    pages = preview.pages_of(list_digest(own_roster(request, ref)))
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
