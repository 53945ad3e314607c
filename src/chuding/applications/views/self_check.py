"""The self-check: one question a page without an account, answers kept, and a result in the notice's own words."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from chuding.accounts import tallies
from chuding.applications.citing import cited, clauses_approving, clauses_dividing
from chuding.applications.deadlines import promised_altogether
from chuding.applications.forms.self_check import UNSURE, SelfCheckForm
from chuding.applications.self_check_pages import (
    PAGE,
    PAGES,
    Asked,
    Page,
    asked_by,
    asked_of,
    hint_of,
    numbers_of,
    why_of,
)
from chuding.applications.sentences import Typed
from chuding.applications.translate import local_day
from chuding.applications.verdicts import common_of, reservations_of, speech_here, verdicts_of
from chuding.notices.shelf import current
from chuding.policy.assess import assess
from chuding.policy.conditions import Stated
from chuding.policy.facts import Facts, read_when
from chuding.policy.sheet import best_level, missing_words
from chuding.policy.speech import CHINESE
from chuding.policy.terms import Level
from chuding.storage.clock import now
from chuding.storage.fields import blind_index

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from django.http import HttpRequest, HttpResponse, QueryDict

    from chuding.policy.assess import Report
    from chuding.policy.conditions import Condition
    from chuding.policy.notice import Notice

KEPT = "self_check_answers"
# In the session of somebody who asked to begin before signing in: the draft opens once they have, without a second tap.
BEGIN = "begin_application"
# What filling in may take of somebody new, with photos of four materials.
MINUTES = 25
LONGEST = 120


@dataclass(frozen=True)
class Check:
    """One visitor's answers so far, read with suspicion, and what the notice says of them today."""

    answers: dict[str, dict[str, str]]
    notice: Notice
    today: date

    @cached_property
    def form(self) -> SelfCheckForm:
        """All answers together; what no longer fits (a day that is over by now) is left out, as not answered."""
        data = {name: value for given in self.answers.values() for name, value in given.items()}
        form = SelfCheckForm(data, notice=self.notice, today=self.today)
        form.is_valid()
        return form

    @cached_property
    def report(self) -> Report:
        return assess(self.notice, Facts.model_validate(self.form.facts()))

    @cached_property
    def asked(self) -> Asked:
        if "matching" not in self.answers:
            return Asked(self.answers, self.report)
        without = {key: given for key, given in self.answers.items() if key != "matching"}
        return Asked(self.answers, Check(without, self.notice, self.today).report)

    @cached_property
    def pages(self) -> list[Page]:
        """The pages that concern this person, as far as one can know yet."""
        return asked_of(self.asked)

    def waiting(self) -> Iterator[Page]:
        """The pages that are still to be answered; none where nothing can change the answer any more."""
        if not self.form.elsewhere:
            yield from (page for page in self.pages if page.key not in self.answers)


def _check(request: HttpRequest, answers: dict[str, dict[str, str]] | None = None) -> Check:
    if answers is None:
        kept = request.session.get(KEPT)
        answers = {key: kept[key] for key in PAGE if key in kept} if isinstance(kept, dict) else {}
    return Check(answers, current(now()), local_day(now()))


def _given(page: Page, data: QueryDict) -> dict[str, str]:
    """What this page sent: its fields, each with the boxes of a date."""
    if "unsure" in data:
        return dict.fromkeys(page.fields, UNSURE if page.one_tap else "")
    own = re.compile(rf"(?:{'|'.join(page.fields)})(?:_[0-2])?")
    return {name: str(data[name])[:LONGEST] for name in data if own.fullmatch(name)}


@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    """The first question is the front page of the self-check."""
    return _question(request, PAGES[0])


@require_http_methods(["GET", "HEAD", "POST"])
def question(request: HttpRequest, page: str) -> HttpResponse:
    """One of the questions; coming back shows what was answered. What this notice does not ask leads to the first."""
    if page not in PAGE:
        raise Http404
    if not asked_by(current(now()), PAGE[page]):
        return redirect("self_check")
    return _question(request, PAGE[page])


def _question(request: HttpRequest, page: Page) -> HttpResponse:
    check = _check(request)
    back = request.GET.get("back") == "result"
    options: dict[str, Any] = {"notice": check.notice, "today": check.today, "only": page.fields}
    if request.method == "POST":
        given = _given(page, request.POST)
        form = SelfCheckForm(given, **options)
        if form.is_valid():
            if page.one_tap and not given:  # sent without any of its buttons
                return redirect(request.get_full_path())
            after = _check(request, {**check.answers, page.key: given})
            request.session[KEPT] = after.answers
            return redirect(_next(after, page, back=back))
    else:
        form = SelfCheckForm(check.answers.get(page.key), **options)
    return render(request, "applications/public/self_check.html", _shown(check, page, form, back=back))


def _shown(check: Check, page: Page, form: SelfCheckForm, *, back: bool) -> dict[str, Any]:
    place, numbers = PAGES.index(page), numbers_of(check.notice)
    before = [each for each in check.pages if PAGES.index(each) < place]
    field = form[page.fields[0]]
    return {
        "form": form,
        "page": page,
        "why": why_of(page, check.notice),
        "hint": hint_of(page, check.notice),
        "number": numbers[page.number],
        "questions": len(numbers),
        "chosen": check.asked.said(page.key) if page.one_tap else "",
        "choices": [choice for choice in field.field.choices if choice[0] != ""] if page.one_tap else [],  # type: ignore[attr-defined]
        "back_url": _result_url() if back else _url(before[-1]) if before else reverse("home"),
        "resume_url": _result_url() if page is PAGES[0] and not any(check.waiting()) else "",
    }


def _url(page: Page) -> str:
    return reverse("self_check") if page is PAGES[0] else reverse("self_check_question", args=[page.key])


def _result_url() -> str:
    return reverse("self_check_result")


def _next(check: Check, page: Page, *, back: bool) -> str:
    """The next page that concerns this person; from the result, only what is still open."""
    if check.form.elsewhere:
        return _result_url()
    if back:
        waiting = next(check.waiting(), None)
        return _url(waiting) + "?back=result" if waiting else _result_url()
    later = next((each for each in check.pages if PAGES.index(each) > PAGES.index(page)), None)
    return _url(later) if later else _result_url()


# ---- the result ----


def _nearest(report: Report) -> dict[str, str] | None:
    """The level of which least is missing, and what; None where some level is certain or none is open."""
    found = [level for level in report.levels.values() if level.answer == "unknown"]
    if not found:
        return None
    nearest = min(found, key=lambda level: len(level.missing))
    speech = speech_here()
    return {
        "level": speech.word(nearest.level.value),
        "missing": missing_words(nearest.missing, speech),
    }


def _best(notice: Notice, level: Level) -> dict[str, Any]:
    """The level that can be applied for, who decides, and the division, in the page's language, with the clauses."""
    speech, rule = speech_here(), notice.level(level)
    return {
        "approving": cited(clauses_approving(notice, rule.tier)),
        "dividing": cited(clauses_dividing(notice)),
        "divisions": [{"tier": each.tier, "division": notice.own(each.division)} for each in notice.entry.divisions],
        "level": speech.word(rule.level.value),
        "title": speech.own_words(rule.title),
        "authority": speech.own_words(rule.authority),
        "division": speech.own_words(rule.division),
    }


def _materials(report: Report) -> list[dict[str, Any]]:
    """The papers that this person hands in, and those that a missing fact decides."""
    speech = speech_here()
    return [
        {
            "code": found.rule.code,
            "name": speech.own_words(found.instead or found.rule.name),
            "note": speech.own_words(found.rule.note) if found.required is None else "",
            "clause": found.rule.clause,
        }
        for found in report.materials
        if found.required is not False
    ]


def _given_rows(check: Check) -> list[dict[str, Any]]:
    """What was answered, each with the way to change it, for partials/summary_list.html."""
    rows = []
    for page in check.pages:
        bound = SelfCheckForm(check.answers.get(page.key, {}), notice=check.notice, today=check.today, only=page.fields)
        said = [text for name in page.fields if (text := _words_of(bound, name))]
        if page.key in check.answers:
            href = f"{_url(page)}?back=result"
            rows.append({"key": page.title, "values_list": said, "href": href, "action": gettext("修改")})
    return rows


def _words_of(form: SelfCheckForm, name: str) -> str:
    """One answer in the words that were chosen."""
    form.is_valid()
    value = form.cleaned_data.get(name)
    if not value:
        return ""
    field = form.fields[name]
    if isinstance(value, int):
        return str(value)
    if not hasattr(field, "choices"):
        return speech_here().day(read_when(value))
    if name == "specialty":
        return Typed(" › ".join(dict.fromkeys(str(value).split("/"))))
    return str(dict(field.choices).get(value, ""))


def _of_catalogue(condition: Condition) -> bool:
    """Whether a condition asks for a specialty of the catalogue."""
    return isinstance(condition, Stated) and condition.fact == "specialty" and not condition.excluded


def barring(report: Report, *, examined: bool) -> list[dict[str, str]]:
    """The conditions of everyone that nothing but another place, duty or way can meet: and where to go instead.

    Whose specialty is `examined` is told of the examination, and not to look in the catalogue, which cannot have it.
    """
    speech = speech_here()
    gates = zip(report.gates, report.notice.gates, strict=True)
    found = [gate for gate, asked in gates if not (examined and _of_catalogue(asked.condition))]
    return [
        {
            "text": speech.say(gate.wanted),
            "todo": speech.own_words(gate.advice),
            "quote": gate.sentence,
            "clause": gate.label,
            "anchor": gate.clause.id,
        }
        for gate in found
        if gate.answer == "no" and gate.from_ is None
    ]


def _told(check: Check) -> dict[str, Any]:
    """The conditions of everyone. Who goes elsewhere was not asked the rest, so that only what is certain is told."""
    common = common_of(check.report)
    if check.form.elsewhere:
        common = {**common, "open": [each for each in common["open"] if each["met"] is False]}
    return common


def first_day(check: Check) -> date | None:
    """The day worth a reminder: the first of this round on which some level can be filed for, where none can be today.

    Where no level can be filed for in this round, the day on which the conditions come to hold: the next notice then
    says when to file (`in_this_round`).
    """
    levels = check.report.levels.values()
    days = [level.file_on for level in levels if level.answer != "unknown" and level.file_on]
    days = days or [level.from_ for level in levels if level.answer == "no" and level.from_]
    first = min(days, default=None)
    return first if first and first > check.today else None


def in_this_round(check: Check, day: date | None) -> bool:
    """Whether a day lies in the time in which this notice takes applications."""
    return day is not None and day <= check.notice.window.end


def check_of(request: HttpRequest) -> Check | None:
    """The answers of this visitor, where there are enough for a result."""
    check = _check(request)
    return None if not check.answers or any(check.waiting()) else check


def _count(request: HttpRequest, check: Check, level: str | None) -> None:
    """Count what a self-check came to, once for the same answers: what keeps people out, and nothing of theirs."""
    said = blind_index(json.dumps(check.answers, sort_keys=True, default=str), "self-check")
    if request.session.get("self_check_counted") == said:
        return
    request.session["self_check_counted"] = said
    barred = [CHINESE.say(gate.wanted) for gate in check.report.gates if gate.answer == "no" and gate.from_ is None]
    if level:
        keys = [f"可以申报{level}"]
    elif barred:
        keys = barred
    else:
        keys = ["还没有到可以申报的日子" if first_day(check) else "学历、年限不够，或者还不清楚"]
    for key in keys:
        tallies.count(kind=tallies.SELF_CHECK, key=key, on=check.today)


@require_safe
def result(request: HttpRequest) -> HttpResponse:
    """Per level: each condition met, not met or not known; the earliest date; papers, authority, division."""
    check = check_of(request)
    if check is None:
        waiting = next(_check(request).waiting(), PAGES[0])
        return redirect(_url(waiting))
    report, notice = check.report, check.notice
    level = best_level(report)
    request.session["self_check"] = check.form.draft_values(level)
    _count(request, check, level)
    return render(
        request,
        "applications/public/self_check_result.html",
        {
            "notice": notice,
            "verdicts": verdicts_of(report),
            "common": _told(check),
            "best": _best(notice, Level(level)) if level else None,
            "nearest": _nearest(report),
            "elsewhere": check.form.elsewhere,
            "none": all(found.answer == "no" for found in report.levels.values()),
            "barring": barring(report, examined=check.form.by_examination),
            "remind_on": (remind_on := first_day(check)),
            "this_round": in_this_round(check, remind_on),
            "minutes": MINUTES,
            "promised": promised_altogether(junior=level != "中级") if level else 0,
            "given": _given_rows(check),
            "materials": _materials(report),
            "reservations": reservations_of(report),
            "window_open": notice.window_open(now(), Level(level) if level else None),
        },
    )


@require_POST
def begin(request: HttpRequest) -> HttpResponse:
    """By sign-in to a draft with these answers: what was asked for here is done there, and not asked again."""
    request.session[BEGIN] = True
    return redirect("application_new")
