"""What the applicant's pages share: one's own file, the stale page, the task list's rows, today's words."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.db.models import BigIntegerField, CharField
from django.http import Http404, HttpRequest, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext

from chuding.accounts.roles import Role
from chuding.applications.forms.pieces import day_words
from chuding.applications.material_kinds import Kind, code_of
from chuding.applications.models import Application, Correction, SocialInsuranceState
from chuding.applications.places import round_of
from chuding.applications.sections import SECTION, SECTIONS
from chuding.applications.services.drafting import may_change, open_correction
from chuding.applications.services.papers import papers_of
from chuding.applications.services.submission import filing_day, readiness
from chuding.applications.services.unsaved import TYPED
from chuding.applications.translate import local_day, notice_of
from chuding.applications.verdicts import speech_here
from chuding.applications.windows import window_at
from chuding.applications.workflow import State
from chuding.policy.conditions import facts_of
from chuding.storage.clock import now
from chuding.storage.prepared import Prepared, Slot

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date, datetime

    from django.db.models import QuerySet
    from django.http import HttpResponse

    from chuding.accounts.models import Person
    from chuding.applications.aside.models import UnsavedPage
    from chuding.applications.forms.pieces import SectionForm
    from chuding.applications.readings.told import Told
    from chuding.applications.services.submission import Readiness
    from chuding.policy.notice import Notice


class OwnRequest(HttpRequest):
    """A request that the middleware let through: somebody signed in, with roles."""

    user: Person
    roles: frozenset[Role]
    restored: UnsavedPage | None


def own_file(request: OwnRequest, ref: str) -> Application:
    """One's own file; anybody else's does not exist for them."""
    found = next(iter(_OWN(person=request.user.pk, ref=ref)), None)
    if found is None:
        raise Http404
    return found


def _own() -> QuerySet[Application]:
    person: Any = Slot("person", BigIntegerField())
    return Application.objects.visible_to(person, {Role.APPLICANT}).filter(ref=Slot("ref", CharField()))


_OWN = Prepared(_own)


def to_file(application: Application) -> HttpResponse:
    return redirect("application", ref=application.ref)


def back_of(application: Application) -> str:
    """Where a section leads back to: the list of what to mend, or the task list."""
    name = "application" if application.life is State.DRAFT else "application_correct"
    return reverse(name, args=[application.ref])


def closed(request: HttpRequest, application: Application, section: str) -> HttpResponse | None:
    """An answer where this section cannot be changed now, else None."""
    if may_change(application, section):
        return None
    if application.life is State.CORRECTION:
        messages.error(
            request, gettext("这次补正不涉及“%(title)s”，只需修改退回的几项。") % {"title": SECTION[section].title}
        )
        return redirect("application_correct", ref=application.ref)
    messages.error(
        request, gettext("申报现在是“%(label)s”，不能修改。需要修改的，请先撤回。") % {"label": application.life.label}
    )
    return to_file(application)


def stale_sentence(request: HttpRequest, application: Application) -> str:
    """What to tell somebody whose page was opened before the file was last saved; empty where it is up to date."""
    if request.POST.get("version") == str(application.version):
        return ""
    saved = clock_words(application.saved_at)
    return (
        f"您打开这一页以后，这份申报在别的页面或设备上改过（{saved}保存），所以刚才没有保存。"
        "您填写的内容都在下面，请核对。以这一页为准的，重新提交即可覆盖。"
    )


def is_stale(request: HttpRequest, application: Application, form: SectionForm) -> bool:
    """Say at the form that the page is stale, if it is."""
    sentence = stale_sentence(request, application)
    if sentence:
        form.add_error(None, sentence)
    return bool(sentence)


def show(request: HttpRequest, application: Application, section: str, **more: Any) -> HttpResponse:
    """The page of a section."""
    reasons = correction_reasons(open_correction(application), f"section:{section}")
    restored = typed_before(request)
    context = page_of(application, now(), section=SECTION[section], reasons=reasons, restored=restored, **more)
    if section in TYPED:
        context["keep_url"] = reverse("application_keep", args=[application.ref, section])
    return render(request, f"applications/applicant/{section}.html", context)


def typed_before(request: HttpRequest) -> UnsavedPage | None:
    """What was typed on this page earlier and not saved; it is shown in place of what is saved, unjudged."""
    found: UnsavedPage | None = getattr(request, "restored", None)
    return found


def form_data(request: HttpRequest) -> tuple[QueryDict | None, bool]:
    """What the boxes of this page hold, and whether nothing of it is to be judged yet (it was kept, not sent)."""
    if request.method == "POST":
        return request.POST, False
    kept = typed_before(request)
    return (QueryDict(kept.typed), True) if kept else (None, False)


def told_here(
    request: HttpRequest, application: Application, asked: Callable[[Application], Told | None]
) -> tuple[Told | None, bool]:
    """What a paper says for an empty box of this page, and whether the person has asked to have it filled in.

    Nothing where something was sent or kept: what was typed stays.
    """
    if form_data(request)[0] is not None:
        return None, False
    told = asked(application)
    return told, told is not None and request.GET.get("take") == told.name


def saved(request: HttpRequest, application: Application, section: str, hints: Sequence[str] = ()) -> HttpResponse:
    """On to what is still open, or back to the list, with what is worth a second look."""
    for hint in hints:
        messages.warning(request, hint)
    messages.success(request, gettext("“%(title)s”已保存。") % {"title": SECTION[section].title})
    if NEXT in {request.POST.get("save"), request.POST.get("enter")} and application.life is State.DRAFT:
        application.refresh_from_db()
        return redirect(next_after(application, section, now()))
    return redirect(back_of(application))


# The value of the button 保存并继续; where Enter in a box may also mean another button, it comes as `enter`.
NEXT = "next"


def next_after(application: Application, section: str, at: datetime) -> str:
    """The section that comes after this one and is still open, else an earlier one; with none left, the last look.

    The commitment is of everything before it, so it comes when nothing else is open.
    """
    gaps = ready_now(application, at).gaps
    keys = [each.key for each in SECTIONS]
    place = keys.index(section) + 1
    waiting = [key for key in keys[place:-1] + keys[: place - 1] if gaps[key]] or [
        key for key in keys[-1:] if gaps[key]
    ]
    if not waiting:
        return reverse("application_check", args=[application.ref])
    return reverse("application_section", args=[application.ref, waiting[0]])


def clock_words(at: datetime) -> str:
    """8:34, in Shanghai."""
    local = timezone.localtime(at)
    return f"{local.hour}:{local.minute:02d}"


@dataclass(frozen=True)
class WindowWords:
    """The window of a level as a page says it."""

    is_open: bool
    sentence: str
    left: str


def window_words(notice: Notice, at: datetime, level: str = "") -> WindowWords:
    """Whether one can hand in for a level ("": any) now, and how long still: by the open window, else the next, else the last."""
    window = window_at(notice, level, local_day(at))
    start, end, clause = window.start, window.end, window.clause
    first, last = day_words(start), day_words(end)
    span = gettext("%(start)s至%(end)s24:00") % {"start": first, "end": last}
    today = local_day(at)
    if today < start:
        sentence = gettext("申报期限是%(span)s（通知条款：%(clause)s），还没有开始。现在可以先填写，到时再提交。")
        return WindowWords(False, sentence % {"span": span, "clause": clause}, gettext("%(day)s开始") % {"day": first})
    if today > end:
        sentence = gettext("本年度申报已于%(day)s24:00截止（通知条款：%(clause)s），现在不能提交。填写的内容会保留。")
        return WindowWords(False, sentence % {"day": last, "clause": clause}, gettext("已截止"))
    days = (end - today).days
    left = gettext("距截止 %(days)s 天") % {"days": days} if days else gettext("今天 24:00 截止")
    return WindowWords(True, gettext("申报期限：%(span)s") % {"span": span}, left)


def judged_by(application: Application, at: datetime) -> date:
    """The day that dates are checked against: the first submission's, else today."""
    return filing_day(application, at)


def ready_now(application: Application, at: datetime) -> Readiness:
    return readiness(application, at)


_BEGUN = {
    "identity": ("full_name", "identity_number", "identity"),
    "employer": ("engagement", "employer_name", "works_in_jurisdiction"),
    "specialty": ("level", "specialty"),
    "commitment": ("commitment_at",),
}


def _begun(application: Application, section: str) -> bool:
    if section in _BEGUN:
        return any(getattr(application, name) not in (None, "") for name in _BEGUN[section])
    if section == "schooling":
        return application.educations.exists()
    return application.spells.exists() if section == "work" else application.current_materials().exists()


def _problem(application: Application, section: str, gaps: list[str], on: date) -> bool:
    """Red is only for what was given and is wrong, or was found out later."""
    if section == "identity":
        return any(day is not None and day < on for day in (application.identity_until, application.permit_until))
    return (
        section == "materials"
        and bool(gaps)
        and application.social_insurance == SocialInsuranceState.NOT_FOUND
        and any(f"材料{code_of(notice_of(application), Kind.INSURANCE)}：" in gap for gap in gaps)
    )


def task_rows(application: Application, ready: Readiness, at: datetime) -> list[dict[str, Any]]:
    """The seven rows, for partials/task_list.html."""
    on = judged_by(application, at)
    done = {section.key: not ready.gaps[section.key] for section in SECTIONS}
    rows = []
    for section in SECTIONS:
        gaps = ready.gaps[section.key]
        state, hint = "todo", ""
        if done[section.key]:
            state = "done"
        elif section.key == "commitment" and not all(done[key] for key in done if key != "commitment"):
            state, hint = "locked", "填完前面六项后签署。"
            if application.commitment_name:
                hint = "内容改过，填完后请重新签署。"
        elif _problem(application, section.key, gaps, on):
            state, hint = "problem", gaps[0]
        elif _begun(application, section.key):
            state, hint = "started", gaps[0]
        elif section.key == "commitment" and application.commitment_name:
            hint = "内容改过，请重新签署。"
        url = reverse("application_section", args=[application.ref, section.key])
        rows.append({"name": section.title, "href": url, "state": state, "hint": hint, "key": section.key})
    return rows


def barriers(application: Application, ready: Readiness, about: frozenset[str] = frozenset()) -> list[dict[str, str]]:
    """The conditions of everyone that the answers so far do not meet: said with the clause, never a stop.

    `about`: only the conditions that look at one of these facts; none given: all of them.
    Somebody under sanction who does not know its end is told too: the engine rightly says unknown then.
    """
    found, speech = [], speech_here()
    for rule, gate in zip(ready.report.notice.gates, ready.report.gates, strict=True):
        if about and about.isdisjoint(facts_of(rule.condition)):
            continue
        sanction = application.sanctioned is True and any(path.startswith("sanctions") for path in gate.missing)
        if gate.answer == "no" or sanction:
            pattern = gettext("按您填写的情况，不符合“%(condition)s”。")
            if gate.answer != "no":
                pattern = gettext("按您填写的情况，可能不符合“%(condition)s”。")
            found.append(
                {
                    "text": pattern % {"condition": speech.text(gate.wanted)},
                    "quote": gate.sentence,
                    "clause": gate.label,
                    "anchor": gate.clause.id,
                    "todo": speech.own_words(gate.advice),
                }
            )
    return found


def correction_reasons(correction: Correction | None, part: str) -> list[str]:
    """What a reviewer said about one part, while the send-back is open."""
    if correction is None:
        return []
    return [item["reason"] for item in correction.items if item["part"] == part]


def page_of(application: Application, at: datetime, **more: Any) -> dict[str, Any]:
    """The context that every page of one file has."""
    notice = notice_of(application)
    return {
        "application": application,
        "notice": notice,
        "round": round_of(notice),
        "window": window_words(notice, at, application.level),
        "back_url": back_of(application),
        "saved": clock_words(application.saved_at),
        "correcting": application.life is not State.DRAFT,
        "onward": NEXT if application.life is State.DRAFT else "list",
        "papers": partial(papers_of, application),
        **more,
    }
