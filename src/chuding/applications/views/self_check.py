"""The self-check: one short form without an account, answers kept, and a result in the notice's own words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from chuding.applications.forms.self_check import SelfCheckForm
from chuding.applications.translate import local_day
from chuding.applications.verdicts import best_level, verdicts_of
from chuding.policy.assess import assess
from chuding.policy.facts import Facts
from chuding.policy.notice import load_notice
from chuding.policy.terms import Level, name_of_fact
from chuding.storage.clock import now

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from chuding.policy.assess import Report

KEPT = "self_check_answers"


@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    """Nine questions on one page; coming back shows what was answered."""
    notice, today = load_notice(settings.NOTICE), local_day(now())
    if request.method == "POST":
        form = SelfCheckForm(request.POST, notice=notice, today=today)
        if form.is_valid():
            request.session[KEPT] = {key: request.POST[key] for key in request.POST if key != "csrfmiddlewaretoken"}
            return redirect("self_check_result")
    else:
        form = SelfCheckForm(notice=notice, today=today)
        if kept := request.session.get(KEPT):
            form = SelfCheckForm(kept, notice=notice, today=today)
            form.is_valid()
    return render(request, "applications/public/self_check.html", {"form": form, "notice": notice})


def _nearest(report: Report) -> dict[str, str] | None:
    """The level of which least is missing, and what; None where some level is certain or none is open."""
    found = [level for level in report.levels.values() if level.answer == "unknown"]
    if not found:
        return None
    nearest = min(found, key=lambda level: len(level.missing))
    return {"level": nearest.level.value, "missing": "、".join(name_of_fact(path) for path in nearest.missing)}


@require_safe
def result(request: HttpRequest) -> HttpResponse:
    """Per level: each condition met, not met or not known; the earliest date; papers, authority, division."""
    notice, at = load_notice(settings.NOTICE), now()
    kept = request.session.get(KEPT)
    if not kept:
        return redirect("self_check")
    form = SelfCheckForm(kept, notice=notice, today=local_day(at))
    if not form.is_valid():
        return redirect("self_check")
    report = assess(notice, Facts.model_validate(form.facts()))
    level = best_level(report)
    request.session["self_check"] = form.draft_values(level)
    rule = notice.level(Level(level)) if level else None
    return render(
        request,
        "applications/public/self_check_result.html",
        {
            "notice": notice,
            "verdicts": verdicts_of(report),
            "best": rule,
            "nearest": _nearest(report),
            "never": all(found.answer == "no" for found in report.levels.values()),
            "materials": report.materials,
            "reservations": report.reservations,
            "window_open": notice.window_open(at),
            "examined": form.cleaned_data.get("specialty") in notice.examined,
        },
    )
