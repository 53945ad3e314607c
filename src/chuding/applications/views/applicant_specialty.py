"""Specialty and level: series → major → minor by links, or by search; then the level with today's answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.shortcuts import redirect
from django.urls import reverse

from chuding.applications.citing import SHIPS, builds_ships, cited, clauses_dividing, clauses_examining
from chuding.applications.forms.specialty import LevelForm, SpecialtyForm, short_path
from chuding.applications.services.drafting import declare
from chuding.applications.services.submission import filing_day
from chuding.applications.translate import assess_file, notice_of
from chuding.applications.verdicts import common_of, reservations_of, speech_here, verdict_of
from chuding.applications.views.applicant_pages import is_stale, saved, show
from chuding.applications.workflow import Declined
from chuding.policy.sheet import best_level, level_words
from chuding.storage.clock import now

if TYPE_CHECKING:
    from django.http import HttpResponse

    from chuding.applications.models import Application
    from chuding.applications.views.applicant_pages import OwnRequest
    from chuding.policy.assess import Report
    from chuding.policy.catalogue import Catalogue, Specialty
    from chuding.policy.notice import Notice


def specialty(request: OwnRequest, application: Application) -> HttpResponse:
    """Two questions, one after the other; what is chosen is saved at once."""
    step = request.GET.get("step")
    if request.method == "POST":
        step = "specialty" if "choose" in request.POST else "level"
    choosing = step == "specialty" or not application.specialty or any(k in request.GET for k in ("series", "q"))
    return _choose(request, application) if choosing else _level(request, application)


# ---- the specialty ----


def _choose(request: OwnRequest, application: Application) -> HttpResponse:
    catalogue = (notice := notice_of(application)).catalogue
    series, major = request.GET.get("series", ""), request.GET.get("major", "")
    text = request.GET.get("q", "").strip()[:60]
    options = _offered(catalogue, series, major, text)
    form = SpecialtyForm(
        request.POST if request.method == "POST" else None,
        initial={"specialty": application.specialty},
        on=filing_day(application, now()),
        catalogue=catalogue,
    )
    if request.method == "POST" and form.is_valid() and not is_stale(request, application, form):
        values = {"specialty": form.cleaned_data["specialty"]}
        try:
            declare(
                ref=application.ref,
                section="specialty",
                values=values,
                by=request.user,
                at=now(),
                seen=application.version,
            )
            return redirect(f"{reverse('application_section', args=[application.ref, 'specialty'])}?step=level")
        except Declined as declined:
            form.add_error(None, declined.sentence)
    chosen = request.POST.get("specialty") or application.specialty
    return show(
        request,
        application,
        "specialty",
        form=form,
        choosing=True,
        searched=text,
        series=series,
        major=major,
        links=[] if text else _links(catalogue, series, major),
        options=_radios(options, chosen),
        homonyms=_homonyms(options),
        current=catalogue.find(application.specialty),
        **_ships(notice),
    )


def _ships(notice: Notice) -> dict[str, Any]:
    """How to choose between the examined specialty of ships and that of building them, where the notice has it."""
    return {"ships": cited(clauses_examining(notice, SHIPS)), "building_ships": builds_ships(notice)}


def _radios(options: list[Specialty], chosen: str) -> list[dict[str, Any]]:
    return [
        {"value": each.path, "name": each.name, "label": each.label, "checked": each.path == chosen} for each in options
    ]


def _homonyms(options: list[Specialty]) -> list[str]:
    """Names that stand for more than one of these: only the path tells them apart."""
    names = [each.name for each in options]
    return sorted({name for name in names if names.count(name) > 1})


def _offered(catalogue: Catalogue, series: str, major: str, text: str) -> list[Specialty]:
    """The choices at this point: what the search found, or the last level of the path."""
    if text:
        return catalogue.search(text, limit=30)
    if major:
        return [each for each in catalogue.choices() if (each.series, each.major) == (series, major)]
    # majors that have no minor are chosen themselves, beside the links to the others
    return [each for each in catalogue.choices() if each.series == series and each.minor is None] if series else []


def _links(catalogue: Catalogue, series: str, major: str) -> list[dict[str, Any]]:
    """The next level to open, with how many choices are under it."""
    if major:
        return []
    if series:
        return [
            {
                "href": f"?{urlencode({'step': 'specialty', 'series': series, 'major': name})}#choose",
                "text": name,
                "count": len(minors),
            }
            for name in catalogue.majors(series)
            if (minors := catalogue.minors(series, name))
        ]
    return [
        {
            "href": f"?{urlencode({'step': 'specialty', 'series': name})}#choose",
            "text": name,
            "count": sum(each.series == name for each in catalogue.choices()),
        }
        for name in catalogue.series()
    ]


# ---- the level ----


def _level(request: OwnRequest, application: Application) -> HttpResponse:
    at = now()
    on = filing_day(application, at)
    report = assess_file(application, on)
    best = best_level(report)
    if request.method == "POST":
        form = LevelForm(request.POST, report=report, on=on)
        if form.is_valid() and not is_stale(request, application, form):
            values = {"level": form.cleaned_data["level"], "specialty": application.specialty}
            try:
                declare(
                    ref=application.ref,
                    section="specialty",
                    values=values,
                    by=request.user,
                    at=at,
                    seen=application.version,
                )
                return saved(request, application, "specialty")
            except Declined as declined:
                form.add_error(None, declined.sentence)
    else:
        form = LevelForm(initial={"level": application.level or best}, report=report, on=on)
    doubtful = form.doubtful
    catalogue = report.notice.catalogue
    current = catalogue.find(application.specialty)
    return show(
        request,
        application,
        "specialty",
        form=form,
        choosing=False,
        current=current,
        twins=[short_path(twin) for twin in catalogue.homonyms(current)] if current else [],
        best=best,
        verdicts=[verdict_of(report, str(level), apart=True) for level in report.levels],
        common=common_of(report),
        doubt=verdict_of(report, str(doubtful.level)) if doubtful else None,
        **_divisions(report),
        reservations=reservations_of(report),
    )


def _divisions(report: Report) -> dict[str, Any]:
    """Which division goes with each level, in the page's language, and the clauses that say so."""
    speech = speech_here()
    divisions = [
        {"level": level_words(report.notice, level, speech), "division": speech.own_words(name)}
        for level, name in report.division.items()
    ]
    return {"divisions": divisions, "dividing": cited(clauses_dividing(report.notice))}
