"""A file's letters: download one, and have the endorsement for the employer's stamp made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from chuding.applications.letters import endorsement_gaps
from chuding.applications.services.endorsing import letter_code
from chuding.applications.services.papers import endorsement, order_endorsement, papers_of
from chuding.applications.views.applicant_pages import own_file, page_of
from chuding.applications.views.applicant_progress import pdf_response
from chuding.applications.workflow import Declined
from chuding.storage.clock import now

if TYPE_CHECKING:
    from django.http import FileResponse, HttpResponse

    from chuding.applications.views.applicant_pages import OwnRequest

# How often the waiting page asks again, in seconds.
PATIENCE = 2


@require_safe
def paper_file(request: OwnRequest, ref: str, n: int) -> FileResponse:
    """The n-th letter of one's own file, the same bytes every time."""
    application = own_file(request, ref)
    papers = papers_of(application)
    if not 1 <= n <= len(papers):
        raise Http404
    paper = papers[n - 1]
    tail = application.number or f"{paper.made_at:%Y%m%d}"
    return pdf_response(paper.file, f"{paper.get_kind_display()}-{tail}.pdf")


@require_http_methods(["GET", "HEAD", "POST"])
def paper_endorsement(request: OwnRequest, ref: str) -> HttpResponse:
    """Have the endorsement made by the worker, wait for it, download it."""
    application = own_file(request, ref)
    if request.method == "POST":
        try:
            order_endorsement(application)
        except Declined as declined:
            messages.error(request, declined.sentence)
            return redirect("paper_endorsement", ref=ref)
        return redirect(reverse("paper_endorsement", args=[ref]) + "?ordered")
    made = endorsement(application)
    number = next((n for n, paper in enumerate(papers_of(application), 1) if made and paper.pk == made.pk), 0)
    waiting = "ordered" in request.GET and not number
    context = page_of(
        application,
        now(),
        gaps=endorsement_gaps(application),
        paper_number=number,
        waiting=waiting,
        letter=letter_code(application),
    )
    response = render(request, "applications/applicant/endorsement.html", context)
    if waiting:
        response["Refresh"] = str(PATIENCE)
    return response
