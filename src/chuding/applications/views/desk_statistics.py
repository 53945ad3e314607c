"""The lead's page of numbers: twelve charts with their tables, narrowed down by address, each to be taken along as CSV."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from django.http import Http404
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from chuding.applications.services import statistics
from chuding.applications.statistics.drawing import draw
from chuding.applications.statistics.rows import WEEK, Scope, monday
from chuding.applications.views.desk_access import office_files
from chuding.applications.views.desk_filters import SearchFilters, choices, one_of, plain_words
from chuding.applications.views.employer_import import download
from chuding.notices.shelf import current
from chuding.paper.tables import csv_of
from chuding.storage.clock import now, today

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.http import HttpResponse, QueryDict

    from chuding.applications.statistics.charts import Chart
    from chuding.applications.statistics.drawing import Drawing
    from chuding.applications.views.desk_access import StaffRequest
    from chuding.policy.notice import Notice

_FIRST_YEAR = 2015
_WEEKS = 26


def scope_of(query: QueryDict, notice: Notice, day: date, districts: list[str]) -> Scope:
    """What an address asks for; a value that is none of the choices narrows nothing."""
    years = [str(year) for year in years_until(day)]
    weeks = [first.isoformat() for first in weeks_until(day)]
    week = one_of(query, "week", weeks)
    return Scope(
        year=int(one_of(query, "year", years) or day.year),
        level=one_of(query, "level", [rule.level.value for rule in notice.levels]),
        series=one_of(query, "series", notice.catalogue.series()),
        specialty=plain_words(query.get("specialty", ""))[:200],
        district=one_of(query, "district", districts),
        employer=plain_words(query.get("employer", ""))[:200],
        week=date.fromisoformat(week) if week else None,
    )


def years_until(day: date) -> list[int]:
    """The years that can be asked for, the newest first."""
    return list(range(day.year, max(day.year - 5, _FIRST_YEAR), -1))


def weeks_until(day: date) -> list[date]:
    """The Mondays of the last weeks, the newest first."""
    return [monday(day) - n * WEEK for n in range(_WEEKS)]


def pictures(charts: Iterable[Chart]) -> list[tuple[Chart, Drawing]]:
    """Each chart with its picture, for partials/chart.html."""
    return [(chart, draw(chart)) for chart in charts]


def taken_along(chart: Chart, *, note: str) -> HttpResponse:
    """A chart's table as CSV."""
    return download(csv_of(chart.head, chart.table, note=note), chart.title, "csv")


def _list_of(scope: Scope) -> SearchFilters:
    """The list of the files that a scope counts."""
    return SearchFilters(
        series=scope.series,
        specialty=scope.specialty,
        level=scope.level,
        employer=scope.employer,
        district=scope.district,
        year="" if scope.week else str(scope.year),
        week=scope.week.isoformat() if scope.week else "",
    )


@require_safe
def statistics_page(request: StaffRequest) -> HttpResponse:
    """All charts; `?csv=funnel` is the table of that one."""
    notice, day = current(now()), today()
    districts = statistics.districts()
    scope = scope_of(request.GET, notice, day, districts)
    year = statistics.Year(scope, notice, day)
    wanted, said = request.GET.get("csv"), f"{scope.year}年　{day:%Y-%m-%d} 统计"
    if wanted and wanted != "overdue":
        chart = year.chart(wanted)
        if chart is None:
            raise Http404
        return taken_along(chart, note=f"{chart.title}　{said}")
    overdue = statistics.overdue(files=office_files(request), scope=scope, day=day)
    if wanted:
        table = csv_of(statistics.OVERDUE_HEAD, statistics.overdue_table(overdue), note=f"逾期最久的　{said}")
        return download(table, "逾期最久的", "csv")
    weeks = [(first.isoformat(), first, first + timedelta(days=6)) for first in weeks_until(day)]
    context = {
        "scope": scope,
        "pictures": pictures(year.charts()),
        "query": scope.query(),
        "years": years_until(day),
        **choices(),
        "behind": f"{reverse('desk_search')}?{_list_of(scope).query()}&",
        "districts": districts,
        "weeks": weeks,
        "chosen_week": scope.week.isoformat() if scope.week else "",
        "overdue": overdue,
        "day": day,
    }
    return render(request, "applications/desk/statistics.html", context)
