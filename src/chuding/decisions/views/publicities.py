"""An office's public lists: whom to show, what is shown now, the objections that wait for a decision."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib import messages
from django.db.models import Count, F, Q
from django.http import Http404
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from chuding.applications.models import Application
from chuding.applications.reviewing.ties import ties_of
from chuding.applications.workflow import Declined, State
from chuding.decisions.models import Objection, Publicity
from chuding.decisions.services import publicity as services
from chuding.decisions.views.pages import office
from chuding.storage.clock import now, today

if TYPE_CHECKING:
    from django.http import HttpResponse

    from chuding.decisions.views.pages import SignerRequest

_SHOWN = 30


def _context(request: SignerRequest) -> dict[str, Any]:
    mine, day = office(request), today()
    lists = Publicity.objects.filter(office=mine).annotate(
        people=Count("entries", filter=Q(entries__struck_at__isnull=True), distinct=True)
    )
    objections = Objection.objects.filter(entry__publicity__office=mine).select_related(
        "entry__application", "entry__publicity", "decided_by"
    )
    # Whoever has a part in it does not learn who objected.
    objections = objections.filter(
        entry__application__in=ties_of(request.user, day).leave_out(Application.objects.all())
    )
    # Those that wait for a decision first, the oldest of them first; then the last decided.
    shown = list(objections.order_by(F("decided_at").desc(nulls_first=True), "filed_at", "id")[: 2 * _SHOWN])
    waiting = list(services.waiting_for_publicity(mine)[: services.MOST_PEOPLE])
    asked = {file.notice_digest: services.terms_asked(file) for file in waiting}
    return {
        "office_name": settings.OFFICE_NAMES[mine],
        "waiting": waiting,
        "asked": [terms for terms in asked.values() if terms],
        "all_asked": bool(asked) and all(asked.values()),
        "lists": [(each, services.is_open(each, day)) for each in lists.order_by("-opened_at", "-id")[:_SHOWN]],
        "open": [each for each in shown if each.upheld is None][:_SHOWN],
        "decided": [each for each in shown if each.upheld is not None][:_SHOWN],
        "usual_days": services.USUAL_DAYS,
        "typed": request.POST,
        "chosen": frozenset(request.POST.getlist("refs")),
    }


@require_safe
def home(request: SignerRequest) -> HttpResponse:
    """Everything about publicity at one office."""
    return render(request, "decisions/publicities.html", _context(request))


def _refused(request: SignerRequest, sentence: str, place: str, answered: str = "") -> HttpResponse:
    """The page again with what was typed; `answered`: the objection it was about, which another may have decided meanwhile."""
    context = _context(request) | {"answered": answered}
    if answered and all(each.ref != answered for each in context["open"]):
        context["kept"], place = request.POST.get("answer", "").strip(), "main"
    context["errors"] = [{"href": f"#{place}", "text": sentence}]
    return render(request, "decisions/publicities.html", context, status=422)


@require_POST
def new(request: SignerRequest) -> HttpResponse:
    """Show the ticked people to everybody."""
    form = request.POST
    days = form.get("days", "").strip()
    own = services.Terms(
        form.get("ground", ""), int(days) if days.isascii() and days.isdigit() and len(days) < 4 else 0
    )
    try:
        shown = services.publish(refs=form.getlist("refs"), own=own, by=request.user, at=now())
    except Declined as refusal:
        return _refused(request, refusal.sentence, "waiting")
    messages.success(
        request,
        f"已公示 {shown.entries.count()} 人，到 {shown.last_on:%Y}年{shown.last_on.month}月{shown.last_on.day}日结束。",
    )
    return redirect("publicities")


@require_POST
def decide(request: SignerRequest, ref: str) -> HttpResponse:
    """Decide on an objection."""
    form = request.POST
    upheld = {"yes": True, "no": False}.get(form.get("upheld", ""))
    try:
        decided = services.decide(ref=ref, upheld=upheld, answer=form.get("answer", ""), by=request.user, at=now())
    except Objection.DoesNotExist:
        raise Http404 from None
    except Declined as refusal:
        return _refused(request, refusal.sentence, f"no-{ref}" if upheld is None else f"answer-{ref}", ref)
    if not upheld:
        said = "异议不成立，这个人可以继续办理。"
    elif decided.entry.application.life is State.RECHECK:
        said = "异议成立，申报已退回复核。"
    else:
        said = "异议成立，已记录。这件申报不在待发文的环节，没有退回；已经发文的，请按撤销的程序办理。"
    messages.success(request, said)
    return redirect("publicities")
