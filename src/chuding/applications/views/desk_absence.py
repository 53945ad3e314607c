"""One's own absence: who stands in, from which day to which."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from chuding.accounts.absences import AbsenceProblem, colleagues_of, end_absence, role_name, stand_in
from chuding.accounts.models import Delegation
from chuding.accounts.roles import may_open
from chuding.storage.clock import now, today

if TYPE_CHECKING:
    from django.http import HttpResponse

    from chuding.applications.views.desk_access import StaffRequest


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text.strip())
    except ValueError as error:
        raise AbsenceProblem("日期请写成 2026-12-31 这样。") from error


def _carry_out(request: StaffRequest) -> str:
    form, at = request.POST, now()
    number = form.get("end", "")
    if number:
        if not (number.isascii() and number.isdecimal() and len(number) < 10):
            raise AbsenceProblem("这项委托已经结束，请刷新页面。")
        end_absence(delegation_id=int(number), by=request.user, at=at)
        return "委托已结束。"
    first, last = _day(form.get("first", "")), _day(form.get("last", ""))
    stand_in(delegate_ref=form.get("delegate", ""), first=first, last=last, by=request.user, at=at, on=today())
    return "已委托。到期自动结束，也可以提前结束。"


@require_http_methods(["GET", "HEAD", "POST"])
def home(request: StaffRequest) -> HttpResponse:
    """What is lent, to whom, and the form to lend."""
    error = ""
    if request.method == "POST":
        try:
            messages.success(request, _carry_out(request))
        except AbsenceProblem as problem:
            error = problem.sentence
        else:
            return redirect("desk_absence")
    rows = Delegation.objects.filter(person=request.user, ended_at__isnull=True, last__gte=today())
    context = {
        "rows": [
            (row, role_name(row.office, row.role)) for row in rows.select_related("delegate").order_by("first", "id")
        ],
        "for_others": [
            (row, role_name(row.office, row.role))
            for row in Delegation.objects.filter(
                delegate=request.user, ended_at__isnull=True, last__gte=today()
            ).select_related("person")
        ],
        "colleagues": colleagues_of(request.user),
        "typed": request.POST,
        "at_desk": may_open("desk", request.roles),
        "errors": [{"href": "#stand-in", "text": error}] if error else [],
    }
    return render(request, "applications/desk/absence.html", context, status=422 if error else 200)
