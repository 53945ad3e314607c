"""The desk's search: by name, pinyin, number and the end of an identity number, and what one keeps of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from chuding.applications.finding_models import SavedSearch
from chuding.applications.services.exporting import MOST_ROWS
from chuding.applications.services.searching import employers_named, find, forget_search, keep_search
from chuding.applications.views.desk import PAGE_SIZE, columns_of, rows_of
from chuding.applications.views.desk_access import office_files
from chuding.applications.views.desk_filters import OFFICE_STATES, SearchFilters, choices
from chuding.applications.workflow import Declined
from chuding.storage.clock import now, today
from chuding.storage.paginate import Page, keyset_page

if TYPE_CHECKING:
    from django.http import HttpResponse

    from chuding.applications.models import Application
    from chuding.applications.views.desk_access import StaffRequest

_FIRST_YEAR = 2024


@require_safe
def search(request: StaffRequest) -> HttpResponse:
    """The search page: with words what they find, without them the filtered list, the newest last."""
    filters = SearchFilters.read(request.GET)
    files = filters.apply(office_files(request))
    page: Page[Application] | None = None
    more = False
    if filters.q:
        found = find(files, filters.q)
        held, more = columns_of(files).in_bulk(found.keys), found.more
        rows = [held[key] for key in found.keys if key in held]
    else:
        page = keyset_page(columns_of(files), after=request.GET.get("after"), size=PAGE_SIZE)
        rows = page.rows
    context = {
        "filters": filters,
        "filtered": filters != SearchFilters(),
        "rows": rows_of(rows, today()),
        "page": page,
        "more": more,
        "employers": employers_named(filters.q) if filters.q and not filters.employer else [],
        "query": filters.query(),
        # Where one begins; beside an answer they would only cost a question.
        "saved": [] if filters.q else SavedSearch.objects.filter(person=request.user).order_by("name"),
        **choices(),
        "states": tuple((state.value, state.label) for state in OFFICE_STATES),
        "years": tuple((str(year), str(year)) for year in range(today().year, _FIRST_YEAR - 1, -1)),
        "most_rows": MOST_ROWS,
    }
    return render(request, "applications/desk/search.html", context)


@require_POST
def save(request: StaffRequest) -> HttpResponse:
    """Keep this search under a name, or let one go."""
    filters = SearchFilters.read(QueryDict(request.POST.get("query", "")))
    address = f"{reverse('desk_search')}?{filters.query()}"
    if request.POST.get("forget"):
        forget_search(name=request.POST["forget"], by=request.user)
        return redirect(address)
    try:
        kept = keep_search(name=request.POST.get("name", ""), query=filters.query(), by=request.user, at=now())
    except Declined as refusal:
        messages.error(request, refusal.sentence)
        return redirect(address)
    messages.success(request, f"已存为“{kept.name}”。地址可以发给同事，各人看到的以自己的权限为准。")
    return redirect(address)
