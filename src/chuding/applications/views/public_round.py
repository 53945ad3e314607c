"""What the public may know of the round: statistics, and every notice that has been in force."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from django.core.cache import cache
from django.http import Http404
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from chuding.applications.public_statistics import SMALLEST, statistics_of
from chuding.applications.views.public import notice_context
from chuding.notices.models import Version
from chuding.notices.shelf import current, load, moment_in_force
from chuding.storage.clock import now

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

# The numbers of a million files take seconds: each process counts them once in so many seconds.
KEPT = 600
_DIGEST = re.compile(r"[0-9a-f]{16,64}").fullmatch
STAGES = {
    "accepted": _("从提交到受理（含单位审核）"),
    "reviewed": _("从受理到复核完成（含补正）"),
    "approved": _("从复核完成到审批通过"),
    "issued": _("从审批通过到发证"),
    "whole": _("从提交到发证，全程"),
}


@require_safe
def statistics(request: HttpRequest) -> HttpResponse:
    """How many, and how long it takes: the median of each stage. Small numbers are held back."""
    notice = current(now())
    key = f"statistics:{notice.digest}"
    kept = cache.get(key)
    if kept is None:
        kept = (now(), statistics_of(notice))
        cache.set(key, kept, KEPT)
    at, counted = kept
    context = {
        "notice": notice,
        "at": at,
        "stages": [(STAGES[stage.key], stage) for stage in counted.stages],
        "tables": [(_("按级别"), counted.levels), (_("按专业系列"), counted.series)],
        "smallest": SMALLEST,
    }
    return render(request, "applications/public/statistics.html", context)


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
