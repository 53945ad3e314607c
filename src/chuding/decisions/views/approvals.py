"""What waits for approval: exceptions first, what it is made of, another look by lot, approving many after their names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib import messages
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from chuding.accounts.step_up import step_up
from chuding.applications.workflow import Declined
from chuding.decisions.services import approving as services
from chuding.decisions.views.pages import office
from chuding.storage.clock import now

if TYPE_CHECKING:
    from datetime import date

    from django.http import HttpResponse

    from chuding.decisions.views.pages import SignerRequest

_LONGEST_NUMBER = 9


def _context(request: SignerRequest) -> dict[str, Any]:
    at, mine = now(), office(request)
    every = services.batch(office=mine, by=request.user, at=at)
    days = services.forwarded_days(every)
    chosen = next((day for day, _ in days if day.isoformat() == request.GET.get("day")), None)
    rows = services.forwarded_on(every, chosen) if chosen else every
    return {
        "office_name": settings.OFFICE_NAMES[mine],
        "rows": rows,
        "full": len(every) == services.MOST_AT_ONCE,
        "exceptions": [row for row in rows if not row.ordinary],
        "drawn": [row for row in rows if row.drawn],
        "figures": services.figures(rows, office=mine, at=at),
        "days": _tabs(days, chosen, len(every)),
    }


def _tabs(days: list[tuple[date, int]], chosen: date | None, total: int) -> list[dict[str, object]]:
    """A tab a day of forwarding, where there are several."""
    if len(days) < 2:
        return []
    whole = {"href": "?", "text": "全部", "count": total, "current": chosen is None}
    return [
        whole,
        *(
            {"href": f"?day={day}", "text": f"{day.month}月{day.day}日报来", "count": n, "current": day == chosen}
            for day, n in days
        ),
    ]


@require_http_methods(["GET", "HEAD", "POST"])
@step_up("approve_many", when=lambda request: "chosen" in request.POST)
def approvals(request: SignerRequest) -> HttpResponse:
    """The list; POST of ticked files names those who would be approved, POST of the named approves them."""
    if request.method == "POST" and "chosen" in request.POST:
        return _approve(request)
    context = _context(request)
    if request.method != "POST":
        return render(request, "decisions/approvals.html", context)
    wanted = set(request.POST.getlist("refs"))
    chosen = [row for row in context["rows"] if row.file.ref in wanted]
    if not chosen:
        return _refused(request, "请先勾选要审批通过的申报。")
    return render(
        request,
        "decisions/approve_many.html",
        context
        | {"ready": [row for row in chosen if not row.obstacle], "blocked": [row for row in chosen if row.obstacle]},
    )


def _refused(request: SignerRequest, sentence: str, place: str = "waiting") -> HttpResponse:
    context = _context(request) | {"typed": request.POST}
    if place.startswith("note-") and all(f"note-{row.file.ref}" != place for row in context["drawn"]):
        # Somebody else has ended this look meanwhile: its form is gone, the words are not.
        context["kept"], place = request.POST.get("note", "").strip(), "main"
    context["errors"] = [{"href": f"#{place}", "text": sentence}]
    return render(request, "decisions/approvals.html", context, status=422)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _LONGEST_NUMBER else -1


def _approve(request: SignerRequest) -> HttpResponse:
    parts = [each.rpartition(":") for each in request.POST.getlist("chosen")]
    try:
        done = services.approve_many(
            chosen=[(ref, _number(version)) for ref, _, version in parts], by=request.user, at=now()
        )
    except Declined as refusal:
        return _refused(request, refusal.sentence)
    messages.success(request, f"已审批通过 {len(done)} 件。")
    return redirect("decisions_home")


@require_POST
def draw(request: SignerRequest) -> HttpResponse:
    """Draw some by lot for another look."""
    try:
        drawn = services.draw(count=_number(request.POST.get("count", "").strip()), by=request.user, at=now())
    except Declined as refusal:
        return _refused(request, refusal.sentence, "count")
    messages.success(request, f"已随机抽出 {len(drawn)} 件，排在最前。请逐件打开核对，再写结果。")
    return redirect("approvals")


@require_POST
def looked_at(request: SignerRequest) -> HttpResponse:
    """What the other look found right."""
    form, ref = request.POST, request.POST.get("ref", "")
    try:
        services.looked_at(ref=ref, note=form.get("note", ""), by=request.user, at=now())
    except Declined as refusal:
        return _refused(request, refusal.sentence, f"note-{ref}")
    messages.success(request, "抽查已办完。")
    return redirect("approvals")
