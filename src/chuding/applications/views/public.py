"""The pages that anyone may read: front door, guide, the notice with anchors, the catalogue, help, errors."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import connection
from django.http import Http404, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from chuding.accounts.step_up import may_call
from chuding.applications.guide import material_words, way
from chuding.applications.material_kinds import kind_of
from chuding.applications.places import contact_of, round_of
from chuding.applications.privacy.catalogue import privacy_notice
from chuding.applications.templatetags.notice_words import plainly
from chuding.applications.translate import local_day
from chuding.applications.windows import window_at
from chuding.notices.shelf import current
from chuding.storage.clock import now

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from chuding.policy.notice import Notice
    from chuding.policy.source import Clause
    from chuding.policy.terms import Level


def _window(notice: Notice) -> dict[str, Any]:
    """The window of 八 as the front door says it."""
    at = now()
    today = local_day(at)
    window = window_at(notice, "", today)  # the one open today, or the next, or the last
    start, end = window.start, window.end
    text = gettext("%(start)s — %(end)s 24:00（北京时间）") % {"start": date_format(start), "end": date_format(end)}
    note = ""
    if today < start:
        note = gettext("申报还没有开始，%(start)s起可以提交。现在可以自查、看指南。") % {"start": date_format(start)}
    elif today > end:
        note = gettext("本年度申报已经截止，不能再提交。已提交的可以继续补正、查进度、领证。")
    return {
        "window_open": notice.window_open(at),
        "window_text": text,
        "window_note": note,
        "days_left": (end - today).days if start <= today <= end else None,
    }


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The front door: is it open, until when, and the one button."""
    notice = current(now())
    shown = {
        "title": notice.title,
        "number": notice.number,
        "caption": " · ".join(plainly(each) for each in (notice.city, notice.about) if each),
        "headline": round_of(notice),
    }
    posted = [{"href": reverse("notice"), "title": notice.title, "on": notice.published}]
    return render(request, "home.html", {"notice": shown, "announcements": posted, **_window(notice)})


@require_safe
def guide(request: HttpRequest) -> HttpResponse:
    """办事指南, written from the notice's own data so that it cannot differ from it."""
    return render(request, "applications/public/guide.html", guide_of(current(now())))


def guide_of(notice: Notice) -> dict[str, Any]:
    """What the guide shows of a notice."""
    levels = [{"name": level_slug(rule.level), "rule": rule} for rule in notice.levels]
    stages = way()
    return {
        "notice": notice,
        "contact": contact_of(notice),
        "levels": levels,
        "materials": [(rule, material_words(kind_of(rule))) for rule in notice.materials],
        "way": [(stage, 2 + 80 * place) for place, stage in enumerate(stages)],
        "way_height": 80 * len(stages) - 22,
        **_window(notice),
    }


@require_safe
def level(request: HttpRequest, name: str) -> HttpResponse:
    """What the notice says of one level, row by row, with its sentences."""
    held = current(now())
    rules = {level_slug(rule.level): rule for rule in held.levels}
    if name not in rules:
        raise Http404
    rule = rules[name]
    context = {
        "notice": held,
        "rule": rule,
        "rows": [row for row in held.rows if row.level == rule.level],
        "others": [{"name": slug, "rule": other} for slug, other in rules.items() if slug != name],
    }
    return render(request, "applications/public/level.html", context)


def level_slug(level: Level) -> str:
    """A level's name in addresses: technician, assistant, intermediate."""
    return level.name.lower()


# What the head of the page and the catalogue show already.
_HEAD = frozenset({"issuer", "number", "title", "annex"})


def _lines(clause: Clause) -> list[str]:
    return [line.strip() for line in re.split(r"\n+", clause.text) if line.strip()]


@require_safe
def notice(request: HttpRequest) -> HttpResponse:
    """The issuer's text, clause by clause, each with the anchor that every verdict links to."""
    return render(request, "applications/public/notice.html", notice_context(current(now())))


def notice_context(held: Notice) -> dict[str, Any]:
    """What the page of a notice's text shows."""
    clauses = [
        {"id": c.id, "label": c.label, "heading": c.heading, "lines": _lines(c), "sub": "-" in c.id}
        for c in held.clauses
        if c.id not in _HEAD
    ]
    return {"notice": held, "clauses": clauses}


@require_safe
def catalogue(request: HttpRequest) -> HttpResponse:
    """The annex as a tree: series, majors, minors."""
    held = current(now())
    return render(
        request,
        "applications/public/catalogue.html",
        {"tree": held.catalogue.tree(), "count": len(held.catalogue)},
    )


@require_safe
def catalogue_search(request: HttpRequest) -> HttpResponse:
    """Search the catalogue by Chinese or pinyin initials; homonyms are told apart by their full path."""
    held = current(now())
    text = request.GET.get("q", "").strip()[:40]
    found = held.catalogue.search(text, limit=40) if text else []
    return render(
        request,
        "applications/public/catalogue.html",
        {
            "tree": held.catalogue.tree(),
            "count": len(held.catalogue),
            "text": text,
            "found": found,
            "searched": bool(text),
        },
    )


@require_safe
def help_page(request: HttpRequest) -> HttpResponse:
    """Contact of 九 and the questions people ask."""
    return render(request, "help.html", {"may_call": may_call()})


@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    """个人信息处理规则, from the catalogue of fields, with its versions."""
    return render(request, "privacy.html", {"policy": privacy_notice()})


@require_safe
def accessibility(request: HttpRequest) -> HttpResponse:
    """无障碍声明."""
    return render(request, "accessibility.html", {"may_call": may_call()})


@require_POST
def set_display(request: HttpRequest) -> HttpResponse:
    """Switch 长辈版 on or off and go back to the page."""
    target = request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(target, allowed_hosts=None):
        target = "/"
    response = HttpResponseRedirect(target)
    response.set_cookie(
        "display",
        "large" if request.POST.get("display") == "large" else "normal",
        max_age=365 * 86400,
        secure=settings.SECURE,
        httponly=True,
        samesite="Lax",
    )
    return response


@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """For a load balancer: the database answers."""
    del request
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return JsonResponse({"ok": True})


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400, in plain words."""
    del exception
    return render(request, "400.html", status=400)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404: the same page for what does not exist and what is not yours."""
    del exception
    return render(request, "404.html", status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """500: a sentence, a telephone, no traceback."""
    return render(request, "500.html", status=500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A page that stood open too long, or a forged form."""
    del reason
    return render(request, "403_csrf.html", status=403)
