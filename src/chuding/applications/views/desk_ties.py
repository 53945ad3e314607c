"""Stepping back (回避): what an officer has declared, and one file that they must not work on."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from chuding.applications.reviewing.models import Tie, TieKind
from chuding.applications.services import ties
from chuding.applications.workflow import Declined
from chuding.storage.clock import now

if TYPE_CHECKING:
    from django.http import HttpResponse

    from chuding.applications.views.desk_access import StaffRequest


def _day(text: str) -> date | None:
    if not text.strip():
        return None
    try:
        return date.fromisoformat(text.strip())
    except ValueError as error:
        raise Declined("日期请写成 2026-12-31 这样。") from error


def _carry_out(request: StaffRequest) -> str:
    form, at = request.POST, now()
    act = form.get("act", "")
    if act == "identity":
        ties.declare_identity(number=form.get("number", ""), by=request.user, at=at)
        return "已记下比对码，证件号码没有保存。"
    if act == "employer":
        until = _day(form.get("until", ""))
        ties.declare_employer(name=form.get("name", ""), uscc=form.get("uscc", ""), until=until, by=request.user, at=at)
        return "已声明。这个单位的申报不会再分给您。"
    if act == "withdraw" and form.get("tie", "").isdecimal() and len(form["tie"]) < 10:
        ties.withdraw_tie(tie_id=int(form["tie"]), by=request.user, at=at)
        return "已撤回这一条声明。"
    raise Declined("请选择要声明的内容。")


@require_http_methods(["GET", "HEAD", "POST"])
def home(request: StaffRequest) -> HttpResponse:
    """The officer's own declarations."""
    error = ""
    if request.method == "POST":
        try:
            messages.success(request, _carry_out(request))
        except Declined as refusal:
            error = refusal.sentence
        else:
            return redirect("desk_ties")
    context = {
        "ties": Tie.objects.filter(person=request.user).order_by("kind", "id"),
        "kinds": TieKind,
        "typed": request.POST,
        "errors": [{"href": "#declare", "text": error}] if error else [],
    }
    return render(request, "applications/desk/ties.html", context, status=422 if error else 200)
