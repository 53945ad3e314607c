"""我的申报: one's files, and opening a draft with what the self-check already knows."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_safe

from chuding.accounts.identity import IdentityKind
from chuding.accounts.models import Employer
from chuding.applications.asked import permits_of
from chuding.applications.education_choices import Degree, Schooling, StudyMode
from chuding.applications.models import Application, Education, Engagement, HeldTitle, Identity
from chuding.applications.services.drafting import declare_educations, declare_work, live_file_of, start
from chuding.applications.services.invitations import invitations_of
from chuding.applications.services.reusing import earlier_of
from chuding.applications.translate import notice_of
from chuding.applications.views.applicant_pages import to_file, window_words
from chuding.applications.views.self_check import BEGIN
from chuding.applications.workflow import State
from chuding.notices.shelf import current
from chuding.policy.terms import Level
from chuding.storage.clock import now

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from django.http import HttpRequest, HttpResponse

    from chuding.applications.views.applicant_pages import OwnRequest
    from chuding.policy.notice import Notice

_CALLS = {
    State.DRAFT: "继续填写",
    State.CORRECTION: "去补正",
    State.EMPLOYER_RETURNED: "去修改",
    State.ISSUED: "下载证书",
}


@require_safe
def my_applications(request: OwnRequest) -> HttpResponse:
    """Every file of this person, the newest first; what waits for the person calls for it."""
    notice = current(now())
    files = Application.objects.visible_to(request.user, request.roles).filter(applicant=request.user).order_by("-id")
    rows = [
        {
            "file": each,
            "state": each.life,
            "call": _CALLS.get(each.life, "查看进度"),
            "notice": notice_of(each),
        }
        for each in files
    ]
    context = {
        "rows": rows,
        "may_start": live_file_of(request.user, notice) is None,
        "again": any(each.notice_id == notice.id for each in files),
        "notice": notice,
        "window": window_words(notice, now()),
        "checked": bool(_taken_over(request)),
        "invitations": invitations_of(request.user).count(),
        "self_check_url": reverse("self_check"),
    }
    return render(request, "applications/applicant/mine.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def application_new(request: OwnRequest) -> HttpResponse:
    """POST opens the draft of this round, or the live file that there is already.

    So does the way back from the sign-in, for somebody who asked for it on the page of the self-check's result.
    """
    if not request.session.pop(BEGIN, False) and request.method != "POST":
        return redirect("my_applications")
    notice, at = current(now()), now()
    existing = live_file_of(request.user, notice)
    if existing is not None:
        messages.info(request, gettext("您本年度已经有一份申报，请在这里继续。"))
        return to_file(existing)
    given = _taken_over(request)
    earlier = earlier_of(request.user)
    application = start(notice=notice, by=request.user, at=at, values=_values(given, notice))
    if earlier is not None:
        messages.info(request, gettext("以前填写的内容和材料已经带入。请每一项都打开核对，再签署承诺。"))
    _lists(application, given, request, at)
    request.session.pop("self_check", None)
    return to_file(application)


def _taken_over(request: HttpRequest) -> dict[str, Any]:
    given = request.session.get("self_check")
    return given if isinstance(given, dict) else {}


# ---- what the self-check knows, read with suspicion: what does not fit is left aside ----


def _one_of(choices: type) -> Callable[[Any], str | None]:
    allowed = {str(choice) for choice in choices}  # type: ignore[attr-defined]
    return lambda value: value if isinstance(value, str) and value in allowed else None


def _answer(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None


def _day(value: Any) -> date | None:
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        return None


def _number(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 2000 else None


_READERS: dict[str, Callable[[Any], Any]] = {
    "identity": _one_of(Identity),
    "identity_type": _one_of(IdentityKind),
    "engagement": _one_of(Engagement),
    "level": _one_of(Level),
    "employer_kind": lambda value: value if value in Employer.Kind.values else None,
    "works_in_jurisdiction": _answer,
    "civil_servant": _answer,
    "retired": _answer,
    "sanctioned": _answer,
    "established_post": _answer,
    "assessed_fit": _answer,
    "continuing_education_hours": _number,
    "social_insurance_months": _number,
    "held_title": _one_of(HeldTitle),
    "held_title_since": _day,
    "established_post_since": _day,
    "sanction_from": _day,
    "sanction_until": _day,
}


def _values(given: dict[str, Any], notice: Notice) -> dict[str, Any]:
    """Fields of the file, converted."""
    read = {name: reader(given[name]) for name, reader in _READERS.items() if name in given}
    read["permit"] = next((code for code, _ in permits_of(notice) if code == given.get("permit")), None)
    values = {name: value for name, value in read.items() if value is not None}
    start_on, end_on = values.get("sanction_from"), values.get("sanction_until")
    if start_on and end_on and end_on <= start_on:
        del values["sanction_until"]
    path = given.get("specialty")
    if isinstance(path, str) and (specialty := notice.catalogue.find(path)) is not None:
        values |= {"specialty": specialty.path, "series": specialty.series}
    return values


def _rows(given: dict[str, Any], name: str) -> list[dict[str, Any]]:
    rows = given.get(name)
    return [row for row in rows if isinstance(row, dict)][:12] if isinstance(rows, list) else []


def _text(row: dict[str, Any], name: str, longest: int) -> str:
    value = row.get(name)
    return value[:longest] if isinstance(value, str) else ""


def _education(row: dict[str, Any]) -> dict[str, Any] | None:
    read = {
        "schooling": _one_of(Schooling)(row.get("schooling")) or "",
        "degree": _one_of(Degree)(row.get("degree")) or "",
        "graduated_on": _day(row.get("graduated_on")),
        "degree_on": _day(row.get("degree_on")),
        "study_mode": _one_of(StudyMode)(row.get("study_mode")) or "",
        "field_matches": _answer(row.get("field_matches")),
        "school": _text(row, "school", 120),
        "major": _text(row, "major", 120),
    }
    return read if read["schooling"] or read["degree"] else None


def _spell(row: dict[str, Any]) -> dict[str, Any] | None:
    started, ended = _day(row.get("started_on")), _day(row.get("ended_on"))
    if started is None or (ended is not None and ended <= started):
        return None
    return {
        "employer_name": _text(row, "employer_name", 200),
        "post": _text(row, "post", 100),
        "started_on": started,
        "ended_on": ended,
        "in_specialty": row.get("in_specialty") is not False,
    }


def _lists(application: Application, given: dict[str, Any], request: OwnRequest, at: datetime) -> None:
    """Schooling and work from the self-check, unless an earlier file brought fuller rows."""
    educations = [read for row in _rows(given, "educations") if (read := _education(row))]
    if educations and not Education.objects.filter(application=application).exists():
        declare_educations(ref=application.ref, rows=educations, by=request.user, at=at)
    spells = [read for row in _rows(given, "spells") if (read := _spell(row))]
    if spells and not application.spells.exists():
        declare_work(ref=application.ref, rows=spells, values={}, by=request.user, at=at)
