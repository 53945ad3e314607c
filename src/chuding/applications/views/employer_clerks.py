"""Who acts for the unit: the clerks themselves add and end one another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from chuding.accounts.clerks import ClerkProblem, clerks_of
from chuding.accounts.form_words import PlainWords
from chuding.accounts.masking import mask_phone
from chuding.applications.services import clerks
from chuding.applications.views.employer_unit import unit_of, unit_tabs
from chuding.storage.clock import now

if TYPE_CHECKING:
    from django.http import HttpResponse

    from chuding.applications.views.desk_access import StaffRequest


class ClerkForm(PlainWords, forms.Form):
    """The name and the phone of a colleague."""

    name = forms.CharField(label="姓名", max_length=100, widget=forms.TextInput(attrs={"class": "input-10"}))
    phone = forms.CharField(
        label="手机号",
        max_length=30,
        help_text="用这个手机号登录后，就可以办理本单位的申报。系统会发短信告诉本人。",
        widget=forms.TextInput(attrs={"class": "input-20", "inputmode": "tel", "autocomplete": "off"}),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def home(request: StaffRequest) -> HttpResponse:
    """The list, and adding one."""
    employer, units = unit_of(request)
    form = ClerkForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        values: dict[str, Any] = form.cleaned_data
        try:
            row = clerks.add(employer=employer, phone=values["phone"], name=values["name"], by=request.user, at=now())
        except ClerkProblem as problem:
            form.add_error(problem.field or None, problem.sentence)
        else:
            messages.success(request, f"已添加经办人{row.person.display_name}，并发短信告诉了本人。")
            return redirect("employer_clerks")
    rows = list(clerks_of(employer))
    context = {
        "employer": employer,
        "units": unit_tabs(units, employer, reverse("employer_clerks")),
        "form": form,
        "clerks": [(row.person, mask_phone(row.person.phone), row.person_id == request.user.pk) for row in rows],
        "only_one": len(rows) < 2,
    }
    return render(request, "applications/employer/clerks.html", context, status=422 if form.errors else 200)


@require_POST
def end(request: StaffRequest) -> HttpResponse:
    """End one of them."""
    employer, _ = unit_of(request)
    try:
        row = clerks.end(employer=employer, person_ref=request.POST.get("person", ""), by=request.user, at=now())
    except ClerkProblem as problem:
        messages.error(request, problem.sentence)
    else:
        messages.success(request, f"已停用经办人{row.person.display_name}，过去办理的记录都保留。")
        if row.person_id == request.user.pk:
            return redirect("me")
    return redirect("employer_clerks")
