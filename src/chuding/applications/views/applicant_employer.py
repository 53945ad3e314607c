"""The unit: found by name or code among the verified ones, or typed; the search is a button of the same form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Q

from chuding.accounts.identity import plain_code
from chuding.accounts.models import Employer
from chuding.applications.forms.employer import OTHER, EmployerForm, initial_employer
from chuding.applications.models import Engagement
from chuding.applications.readings.told import employer_told
from chuding.applications.services.drafting import declare
from chuding.applications.translate import notice_of
from chuding.applications.views.applicant_pages import form_data, is_stale, judged_by, saved, show, told_here
from chuding.applications.workflow import Declined
from chuding.storage.clock import now

if TYPE_CHECKING:
    from datetime import datetime

    from django.http import HttpResponse, QueryDict

    from chuding.applications.models import Application
    from chuding.applications.views.applicant_pages import OwnRequest

_SHOWN = 10
_MOST = 50


def find_units(text: str) -> list[Employer]:
    """Verified units whose name holds the words, or whose code begins so; ten at most."""
    words = text.split()
    code = plain_code(text)
    if not words or len("".join(words)) < 2:
        return []
    by_name = Q()
    for word in words:
        by_name &= Q(name__icontains=word)
    by_code = Q(uscc__startswith=code) if code.isascii() and len(code) >= 6 else Q(pk__in=[])
    return list(Employer.objects.filter(by_name | by_code, verified_at__isnull=False).order_by("name", "id")[:_SHOWN])


def _offered(text: str, chosen: str) -> list[Employer]:
    """What the list shows: what was found, and the one already chosen."""
    found = find_units(text)
    if chosen and chosen not in {unit.uscc for unit in found}:
        found = [*Employer.objects.filter(uscc=chosen, verified_at__isnull=False), *found]
    return found


def verified_agencies() -> list[Employer]:
    """The agencies that speak for freelancers online, by name; a city has a handful."""
    return list(Employer.objects.filter(kind=Employer.Kind.AGENCY, verified_at__isnull=False).order_by("name")[:_MOST])


def _wants_search(data: QueryDict) -> bool:
    """The button 查找, Enter in its box after other words were typed, or nothing but those words."""
    if "search" in data:
        return True
    text = data.get("q", "").strip()
    if not text or data.get("engagement") != Engagement.EMPLOYMENT_CONTRACT:
        return False
    nothing = not any(data.get(name) for name in ("employer", "employer_name", "employer_uscc"))
    return nothing or ("save" not in data and text != data.get("searched", "").strip())


def employer(request: OwnRequest, application: Application) -> HttpResponse:
    """Where the person works."""
    at = now()
    searched = ""
    told, taken = told_here(request, application, employer_told)
    offered: dict[str, Any] = {
        "notice": notice_of(application),
        "agencies": verified_agencies(),
        "on": judged_by(application, at),
    }
    if request.method == "POST":
        searched = request.POST.get("q", "").strip()[:100]
        found = _offered(searched, request.POST.get("employer", ""))
        if _wants_search(request.POST):
            form = EmployerForm(_searching(request.POST), found=found, silent=True, **offered)
        else:
            form = EmployerForm(request.POST, found=found, **offered)
            if form.is_valid() and not is_stale(request, application, form):
                try:
                    _declare(request, application, form, at)
                    return saved(request, application, "employer", form.hints)
                except Declined as declined:
                    form.add_error(None, declined.sentence)
    else:
        initial = initial_employer(application)
        typed, silent = form_data(request)
        if told and taken:
            initial |= _as_told(told.value)
        elif not typed:
            searched = _from_work(application, initial)
        found = _offered(searched, typed.get("employer", "") if typed else initial["employer"])
        form = EmployerForm(typed, initial=initial, found=found, silent=silent, **offered)
    context: dict[str, Any] = {"form": form, "searched": searched, "looked": bool(searched), "found": len(form.found)}
    context |= {"told": told, "taken": taken}
    public = [unit.uscc for unit in form.found.values() if unit.kind == Employer.Kind.PUBLIC_INSTITUTION]
    context["public_units"] = f"employer_kind=public_institution|employer={' '.join(public)}"
    return show(request, application, "employer", **context)


def _declare(request: OwnRequest, application: Application, form: EmployerForm, at: datetime) -> None:
    values = form.values() | {"employer": form.chosen_agency or _verified(form.cleaned_data["employer_uscc"])}
    declare(ref=application.ref, section="employer", values=values, by=request.user, at=at, seen=application.version)


def _from_work(application: Application, initial: dict[str, Any]) -> str:
    """Offer the unit and the post of the present job, which the work history has already; what to look for.

    A verified unit of exactly that name is marked, for the person to look at and save; any other is typed into its box.
    """
    if application.engagement != Engagement.EMPLOYMENT_CONTRACT or application.employer_name:
        return ""
    now_at = application.spells.filter(ended_on__isnull=True).exclude(employer_name="")
    if (spell := now_at.order_by("-started_on", "-id").first()) is None:
        return ""
    initial["post"] = initial["post"] or spell.post
    found = find_units(spell.employer_name)
    same = [unit.uscc for unit in found if unit.name == spell.employer_name]
    if len(same) == 1:
        initial["employer"] = same[0]
    elif not found:
        initial["employer_name"] = spell.employer_name
    return spell.employer_name if found else ""


def _as_told(name: str) -> dict[str, Any]:
    """The boxes of a unit that was read on the letter: the verified one of this very name, else its name as if typed."""
    unit = Employer.objects.filter(name=name, verified_at__isnull=False).first()
    return {
        "engagement": Engagement.EMPLOYMENT_CONTRACT,
        "employer": unit.uscc if unit else "",
        "employer_name": "" if unit else name,
    }


def _searching(data: QueryDict) -> QueryDict:
    """A new search takes an earlier 我自己填写 back."""
    shown = data.copy()
    if shown.get("employer") == OTHER:
        shown["employer"] = ""
    return shown


def _verified(uscc: str) -> Employer | None:
    """The verified unit of this code, also where the code was typed."""
    return Employer.objects.filter(uscc=uscc, verified_at__isnull=False).first() if uscc else None
