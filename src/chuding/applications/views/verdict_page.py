"""The verdict on one page, for whoever asked: after the self-check without an account, and beside the choice of the level."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from chuding.accounts import limits
from chuding.accounts.address import address_of
from chuding.accounts.services import SignInProblem, count_public_try
from chuding.applications.services.submission import filing_day
from chuding.applications.services.verdict_pages import digest_of, order_page, page_of
from chuding.applications.translate import assess_file
from chuding.applications.verdicts import sheet_here
from chuding.applications.views.applicant_pages import own_file
from chuding.applications.views.applicant_progress import attached
from chuding.applications.views.self_check import check_of
from chuding.storage.clock import now

if TYPE_CHECKING:
    from django.http import FileResponse, HttpRequest, HttpResponse

    from chuding.applications.views.applicant_pages import OwnRequest
    from chuding.policy.assess import Report

# How often the waiting page asks again, in seconds; a page that is there is fetched at once.
PATIENCE = 2


@require_http_methods(["GET", "HEAD", "POST"])
def self_check_paper(request: HttpRequest) -> HttpResponse | FileResponse:
    """The result of the self-check as PDF."""
    check = check_of(request)
    if check is None:
        return redirect("self_check_result")
    back = {"href": reverse("self_check_result"), "text": gettext("返回自查结果")}
    return _page(request, check.report, back)


@require_http_methods(["GET", "HEAD", "POST"])
def paper_verdict(request: OwnRequest, ref: str) -> HttpResponse | FileResponse:
    """What the notice says today of one's own file, as PDF."""
    application = own_file(request, ref)
    back = {"href": reverse("application_section", args=[ref, "specialty"]), "text": gettext("级别和专业")}
    return _page(request, assess_file(application, filing_day(application, now())), back)


def _page(request: HttpRequest, report: Report, back: dict[str, str]) -> HttpResponse | FileResponse:
    """Order it, wait for it, fetch it (`?file`)."""
    sheet = sheet_here(report)
    digest, errors = digest_of(sheet), []
    if request.method == "POST":
        at = now()
        try:
            count_public_try(address=address_of(request), kind="verdict", rules=limits.VERDICTS_PER_ADDRESS, at=at)
        except SignInProblem as problem:
            errors = [{"href": "#order", "text": problem.sentence}]
        else:
            order_page(sheet, at=at)
            return redirect(f"{request.path}?ordered")
    made = page_of(digest)
    if made is not None and "file" in request.GET:
        return attached(made.open("rb"), f"{sheet['title']}.pdf")
    waiting = "ordered" in request.GET and made is None
    context = {"back": back, "made": made is not None, "waiting": waiting, "errors": errors}
    response = render(request, "applications/public/verdict_page.html", context, status=429 if errors else 200)
    if "ordered" in request.GET:
        response["Refresh"] = str(PATIENCE) if waiting else f"0; url={request.path}?file"
    return response
