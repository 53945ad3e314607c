"""Exports by two people: asking from the search page, allowing, fetching."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import Http404, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from chuding.accounts.step_up import step_up
from chuding.applications.finding_models import Export
from chuding.applications.services import exporting
from chuding.applications.services.searching import every
from chuding.applications.views.desk_access import office_files
from chuding.applications.views.desk_filters import SearchFilters
from chuding.applications.views.employer_import import download
from chuding.applications.workflow import Declined
from chuding.storage.clock import now, today

if TYPE_CHECKING:
    from django.http import HttpResponse

    from chuding.applications.models import ApplicationQuerySet
    from chuding.applications.views.desk_access import StaffRequest

_SHOWN = 50
_LISTED = timedelta(days=30)


def _asked_for(request: StaffRequest, filters: SearchFilters) -> ApplicationQuerySet:
    """What this person may see of what a search holds."""
    files = filters.apply(office_files(request))
    return every(files, filters.q) if filters.q else files


@require_safe
def exports(request: StaffRequest) -> HttpResponse:
    """What one has asked for, and what waits for one's agreement."""
    recent = Export.objects.select_related("asked_by", "decided_by").filter(asked_at__gte=now() - _LISTED)
    mine = recent.filter(asked_by=request.user).order_by("-asked_at", "-id")[:_SHOWN]
    waiting = recent.filter(decided_at__isnull=True).exclude(asked_by=request.user).order_by("asked_at", "id")
    to_decide = [each for each in waiting[:_SHOWN] if exporting.who_allows(each.asked_by) & request.roles]
    context = {
        "mine": [(each, _words(each), _fetchable(each)) for each in mine],
        "waiting": [(each, _words(each)) for each in to_decide],
        "kept_days": exporting.KEPT.days,
    }
    return render(request, "applications/desk/exports.html", context)


def _words(export: Export) -> str:
    return SearchFilters.read(QueryDict(export.query)).words


def _fetchable(export: Export) -> bool:
    return bool(export.allowed and export.decided_at and now() <= export.decided_at + exporting.KEPT)


@require_POST
def ask(request: StaffRequest) -> HttpResponse:
    """Ask for what the search page shows."""
    filters = SearchFilters.read(QueryDict(request.POST.get("query", "")))
    try:
        exporting.ask_export(
            query=filters.query(),
            count=_asked_for(request, filters)[: exporting.MOST_ROWS + 1].count(),
            form=request.POST.get("form", ""),
            purpose=request.POST.get("purpose", ""),
            by=request.user,
            at=now(),
        )
    except Declined as refusal:
        messages.error(request, refusal.sentence)
        return redirect(f"{reverse('desk_search')}?{filters.query()}")
    messages.success(request, "已提交导出申请，签发人批准以后可以在这里下载。")
    return redirect("desk_exports")


@require_POST
@step_up("export", when=lambda request: request.POST.get("choice") == "allow")
def decide(request: StaffRequest, ref: str) -> HttpResponse:
    """Allow or decline what a colleague asked for."""
    allow = request.POST.get("choice") == "allow"
    try:
        exporting.decide_export(ref=ref, allow=allow, by=request.user, at=now())
    except Export.DoesNotExist:
        raise Http404 from None
    except Declined as refusal:
        messages.error(request, refusal.sentence)
    else:
        messages.success(request, "已批准，申请人可以下载了。" if allow else "已决定不批准这项导出。")
    return redirect("desk_exports")


@require_POST
@step_up("export")
def fetch(request: StaffRequest, ref: str) -> HttpResponse:
    """The table, made now. A POST: fetching is on record."""
    held = Export.objects.filter(ref=ref, asked_by=request.user).first()
    if held is None:
        raise Http404
    filters = SearchFilters.read(QueryDict(held.query))
    try:
        export, data = exporting.fetch_export(ref=ref, files=_asked_for(request, filters), by=request.user, at=now())
    except Declined as refusal:
        messages.error(request, refusal.sentence)
        return redirect("desk_exports")
    return download(data, f"申报导出{today():%Y%m%d}", export.form)
