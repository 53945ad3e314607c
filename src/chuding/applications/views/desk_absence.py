"""One's own absence: who stands in, from which day to which."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from chuding.accounts.absences import AbsenceProblem, colleagues_of, end_absence, role_name, stand_in
from chuding.accounts.form_words import PlainWords
from chuding.accounts.models import Delegation
from chuding.accounts.roles import may_open
from chuding.storage.clock import now, today

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from django.http import HttpResponse

    from chuding.accounts.models import Person
    from chuding.applications.views.desk_access import StaffRequest


_FORMATS = ["%Y-%m-%d", "%Y.%m.%d", "%Y/%m/%d", "%Y年%m月%d日"]


class StandInForm(PlainWords, forms.Form):
    """Who stands in, and on which days."""

    delegate = forms.ChoiceField(label="代办人", error_messages={"invalid_choice": "请从名单里选择本机构的一位同事。"})
    first = forms.DateField(label="第一天", input_formats=_FORMATS)
    last = forms.DateField(label="最后一天", input_formats=_FORMATS)

    def __init__(self, colleagues: Iterable[Person], day: date, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        who: Any = self.fields["delegate"]
        who.choices = [("", "请选择"), *((person.ref, person.display_name) for person in colleagues)]
        for key in ("first", "last"):
            field = self.fields[key]
            field.error_messages["invalid"] = f"{field.label}请写成 {day.isoformat()} 这样。"
            field.widget.attrs |= {"class": "input-short", "autocomplete": "off", "maxlength": "14"}
        self.fields["first"].help_text = f"例如 {day.isoformat()}"


def _end(request: StaffRequest) -> HttpResponse:
    number = request.POST["end"]
    try:
        known = number.isascii() and number.isdecimal() and len(number) < 10
        end_absence(delegation_id=int(number) if known else 0, by=request.user, at=now())
    except AbsenceProblem as problem:
        messages.error(request, problem.sentence)
    else:
        messages.success(request, "委托已结束。")
    return redirect("desk_absence")


def _lent(request: StaffRequest, form: StandInForm) -> bool:
    """Whether the duties are lent now; what is in the way is said on the form."""
    if not form.is_valid():
        return False
    said = form.cleaned_data
    try:
        stand_in(
            delegate_ref=said["delegate"],
            first=said["first"],
            last=said["last"],
            by=request.user,
            at=now(),
            on=today(),
        )
    except AbsenceProblem as problem:
        form.add_error("last", problem.sentence)
        return False
    messages.success(request, "已委托。到期自动结束，也可以提前结束。")
    return True


@require_http_methods(["GET", "HEAD", "POST"])
def home(request: StaffRequest) -> HttpResponse:
    """What is lent, to whom, and the form to lend."""
    if request.method == "POST" and request.POST.get("end"):
        return _end(request)
    form = StandInForm(colleagues_of(request.user), today(), request.POST if request.method == "POST" else None)
    if request.method == "POST" and _lent(request, form):
        return redirect("desk_absence")
    running = Delegation.objects.filter(ended_at__isnull=True, last__gte=today())
    lent = running.filter(person=request.user).select_related("delegate").order_by("first", "id")
    context = {
        "rows": [(row, role_name(row.office, row.role)) for row in lent],
        "for_others": [
            (row, role_name(row.office, row.role))
            for row in running.filter(delegate=request.user).select_related("person")
        ],
        "form": form,
        "at_desk": may_open("desk", request.roles),
    }
    return render(request, "applications/desk/absence.html", context, status=422 if form.errors else 200)
