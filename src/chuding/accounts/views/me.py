"""What someone can see and change about themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from django.contrib import messages as flash
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from chuding.accounts import consent, visits
from chuding.accounts.factors import authenticator_of
from chuding.accounts.forms import NewPasswordForm
from chuding.accounts.masking import mask_phone
from chuding.accounts.people import employers_of
from chuding.accounts.roles import ROLE_NAMES, Role
from chuding.accounts.services import SignInProblem, set_password
from chuding.accounts.views.sign_in import own_path
from chuding.storage.clock import now

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from chuding.accounts.models import Person


@require_safe
def me(request: HttpRequest) -> HttpResponse:
    """My data: name, phone, roles, and the ways to what else is mine."""
    person = cast("Person", request.user)
    roles: frozenset[Role] = request.roles  # type: ignore[attr-defined]
    context = {
        "person": person,
        "has_password": _has_password(person),
        "authenticator": authenticator_of(person),
        "masked_phone": mask_phone(person.phone),
        "role_names": [ROLE_NAMES[role] for role in Role if role in roles and role is not Role.ANYONE],
        "employers": employers_of(person) if Role.EMPLOYER_CLERK in roles else [],
        "consent_due": consent.due(person),
    }
    return render(request, "accounts/me.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def me_password(request: HttpRequest) -> HttpResponse:
    """Set or change the password; this session stays, the others end."""
    person = cast("Person", request.user)
    has_password = _has_password(person)
    way_on = own_path(request.POST.get("next") or request.GET.get("next"))
    form = NewPasswordForm(request.POST or None, has_password=has_password)
    if request.method == "POST" and form.is_valid():
        try:
            set_password(
                person=person,
                password=form.cleaned_data["password"],
                current=form.cleaned_data.get("current"),
                at=now(),
            )
        except SignInProblem as problem:
            wrong_now = has_password and not person.check_password(form.cleaned_data["current"])
            form.add_error("current" if wrong_now else "password", problem.sentence)
        else:
            visits.password_changed(request, person, at=now())
            flash.success(request, gettext("密码已保存。下次可以用手机号和密码登录。"))
            return redirect(way_on or "me")
    context = {"form": form, "has_password": has_password, "next": way_on}
    return render(request, "accounts/me_password.html", context)


@require_POST
def consent_withdraw(request: HttpRequest) -> HttpResponse:
    """Take back an optional consent."""
    try:
        consent.withdraw_consent(person=cast("Person", request.user), key=request.POST.get("purpose", ""), at=now())
    except consent.ConsentMissingError as problem:
        flash.error(request, problem.sentence)
    else:
        flash.success(request, gettext("已撤回这项同意。"))
    return redirect("my_data")


def _has_password(person: Person) -> bool:
    return bool(person.password) and person.has_usable_password()
