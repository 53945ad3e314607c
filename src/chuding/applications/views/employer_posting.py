"""公示 at the unit: whom to show, the sheet to hang up, and what came of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.db.models import Count
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from chuding.accounts.clerks import clerks_of
from chuding.applications.services import posting as services
from chuding.applications.views.employer_unit import unit_of, unit_tabs
from chuding.applications.workflow import Declined
from chuding.storage.clock import now, today

if TYPE_CHECKING:
    from django.http import HttpResponse

    from chuding.applications.views.desk_access import StaffRequest

_SHOWN = 30


def _page(request: StaffRequest, problem: str = "") -> HttpResponse:
    (employer, units), day = unit_of(request), today()
    lists = services.postings_of(employer).annotate(named=Count("people"))[:_SHOWN]
    context = {
        "employer": employer,
        "units": unit_tabs(units, employer, reverse("employer_postings")),
        "waiting": services.waiting_to_post(employer),
        "lists": [(each, each.named, day > each.last_on) for each in lists],
        "usual": services.NOTHING_SAID,
        "chosen": frozenset(request.POST.getlist("refs")),
        "errors": [{"href": "#main", "text": problem}] if problem else [],
    }
    return render(request, "applications/employer/postings.html", context, status=422 if problem else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def home(request: StaffRequest) -> HttpResponse:
    """The unit's lists; POST hangs up those who are ticked."""
    if request.method != "POST":
        return _page(request)
    employer, _ = unit_of(request)
    try:
        found = services.post(employer=employer, refs=request.POST.getlist("refs"), by=request.user, at=now())
    except Declined as refusal:
        return _page(request, refusal.sentence)
    messages.success(request, "已开始公示。请打印这一页，张贴在单位里。")
    return redirect("employer_posting", ref=found.ref)


@require_safe
def sheet(request: StaffRequest, ref: str) -> HttpResponse:
    """The sheet to print and hang up."""
    employer, _ = unit_of(request)
    found = services.postings_of(employer).filter(ref=ref).first()
    if found is None:
        raise Http404
    people = [row.application for row in found.people.select_related("application").order_by("id")]
    context = {"posting": found, "employer": employer, "people": people, "clerk": clerks_of(employer).first()}
    return render(request, "applications/employer/posting.html", context)


@require_POST
def close(request: StaffRequest, ref: str) -> HttpResponse:
    """What came of it."""
    employer, _ = unit_of(request)
    if not services.postings_of(employer).filter(ref=ref).exists():
        raise Http404
    try:
        services.close(ref=ref, employer=employer, result=request.POST.get("result", ""), by=request.user, at=now())
    except Declined as refusal:
        return _page(request, refusal.sentence)
    messages.success(request, "公示结果已保存，现在可以同意申报。")
    return redirect("employer_home")
