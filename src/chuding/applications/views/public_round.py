"""What the public may know of the round: statistics, and every notice that has been in force."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from django.core.cache import cache
from django.http import Http404
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from chuding.applications.services.statistics import Year
from chuding.applications.statistics.charts import SMALLEST
from chuding.applications.statistics.rows import Scope
from chuding.applications.views.desk_statistics import pictures, taken_along
from chuding.applications.views.public import notice_context
from chuding.notices.models import Version
from chuding.notices.shelf import current, load, moment_in_force
from chuding.storage.clock import now, today

if TYPE_CHECKING:
    from datetime import datetime

    from django.http import HttpRequest, HttpResponse

    from chuding.applications.statistics.charts import Chart
    from chuding.policy.notice import Notice

# The numbers of a million files take seconds: each process counts them once in so many seconds.
KEPT = 600
_DIGEST = re.compile(r"[0-9a-f]{16,64}").fullmatch


@require_safe
def statistics(request: HttpRequest) -> HttpResponse:
    """How many, and how long it takes, as charts without small numbers; `?csv=funnel` is the table of that one."""
    notice, year = current(now()), today().year
    at, charts = _charts(notice)
    if wanted := request.GET.get("csv"):
        chart = next((each for each in charts if each.key == wanted), None)
        if chart is None:
            raise Http404
        return taken_along(chart, note=f"{chart.title} {year}")
    context = {"year": year, "at": at, "pictures": pictures(charts), "smallest": SMALLEST}
    return render(request, "applications/public/statistics.html", context)


def _charts(notice: Notice) -> tuple[datetime, tuple[Chart, ...]]:
    """The charts in the reader's language, and when they were counted."""
    day = today()
    key = f"statistics:{notice.digest}:{day.year}:{get_language()}"
    kept: tuple[datetime, tuple[Chart, ...]] | None = cache.get(key)
    if kept is None:
        kept = (now(), Year(Scope(day.year), notice, day).public_charts())
        cache.set(key, kept, KEPT)
    return kept


@require_safe
def notices(request: HttpRequest) -> HttpResponse:
    """Every notice that is or was in force, the newest first."""
    at = now()
    in_force = moment_in_force(at)
    versions = Version.objects.filter(withdrawal__isnull=True, effective_at__lte=at).order_by("-effective_at", "-id")
    rows = [
        {"version": each, "notice": load(each.notice_id, each.digest), "in_force": in_force and in_force.id == each.id}
        for each in versions[:40]
    ]
    return render(request, "applications/public/notices.html", {"rows": rows, "current": current(at)})


@require_safe
def notice_version(request: HttpRequest, digest: str) -> HttpResponse:
    """The text of a notice that was in force, as it stood, by the beginning of its digest."""
    known = Version.objects.filter(withdrawal__isnull=True, effective_at__lte=now())
    version = known.filter(digest__startswith=digest).order_by("-effective_at").first() if _DIGEST(digest) else None
    if version is None:
        raise Http404
    held = load(version.notice_id, version.digest)
    in_force = moment_in_force(now())
    past = in_force is not None and in_force.id != version.pk
    return render(request, "applications/public/notice.html", notice_context(held) | {"past": past})
