"""The second factor in pages: showing it, binding a phone, recovery codes; and the sessions that are open."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import segno
from django.contrib import messages as flash
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from chuding.accounts import factors, visits
from chuding.accounts.forms import SecondFactorForm
from chuding.accounts.models import Authenticator
from chuding.accounts.people import roles_of
from chuding.accounts.roles import STAFF
from chuding.accounts.services import SignInProblem, check_password
from chuding.accounts.step_up import ACTS, challenge, field_for, step_up
from chuding.accounts.views.sign_in import own_path, start_of
from chuding.storage.clock import now

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from chuding.accounts.models import Person


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def second_factor(request: HttpRequest) -> HttpResponse:
    """What opens an office's desk: the password, if this session has not given it yet, and the authenticator's code."""
    person = cast("Person", request.user)
    way_on = own_path(request.POST.get("next") or request.GET.get("next")) or start_of(person)
    if not roles_of(person) & STAFF or visits.opens_desks(request):
        return redirect(way_on)
    here = f"{request.path}?{urlencode({'next': way_on})}"
    bound = factors.authenticator_of(person) is not None
    given = visits.PASSWORD in request.session
    if not person.password or not person.has_usable_password():
        return render(request, "accounts/second_factor_first.html", {"next": here})
    if given and not bound:
        return redirect(f"{reverse('authenticator')}?{urlencode({'next': way_on})}")
    form = SecondFactorForm(request.POST or None, password=not given, code=bound)
    if request.method == "POST" and form.is_valid() and _opened(request, person, form):
        return redirect(way_on if bound else f"{reverse('authenticator')}?{urlencode({'next': way_on})}")
    context = {"form": form, "next": way_on, "bound": bound, **field_for(person)}
    return render(request, "accounts/second_factor.html", context)


def _opened(request: HttpRequest, person: Person, form: SecondFactorForm) -> bool:
    """Take what was typed; what is wrong with it is said at its field."""
    field, at = "password", now()
    try:
        if "password" in form.fields:
            check_password(person=person, password=form.cleaned_data["password"], at=at)
            visits.password_given(request, at=at)
        field = "code"
        if "code" in form.fields:
            factors.prove(person=person, code=form.cleaned_data["code"], act="sign_in", at=at)
            visits.factor_shown(request, at=at, authenticator=True)
    except SignInProblem as problem:
        form.add_error(field, problem.sentence)
        return False
    return True


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def authenticator(request: HttpRequest) -> HttpResponse:
    """Bind a phone: what one needs, the code to scan, the first code; afterwards the recovery codes, once."""
    person = cast("Person", request.user)
    way_on = own_path(request.POST.get("next") or request.GET.get("next"))
    row = Authenticator.objects.filter(person=person).first()
    if row is not None and row.confirmed_at is not None:
        context = {"row": row, "left": factors.recovery_codes_left(person), "next": way_on}
        return render(request, "accounts/authenticator.html", context)
    if roles_of(person) & STAFF and visits.PASSWORD not in request.session:
        return redirect(f"{reverse('second_factor')}?{urlencode({'next': request.get_full_path()})}")
    if request.method != "POST":
        return render(request, "accounts/authenticator_begin.html", {"next": way_on})
    errors = []
    try:
        if "code" in request.POST:
            codes = factors.confirm(person=person, code=request.POST["code"], at=now())
            visits.factor_shown(request, at=now(), authenticator=True)
            return render(request, "accounts/recovery_codes.html", {"codes": codes, "next": way_on})
        row = factors.begin(person=person, at=now())
    except SignInProblem as problem:
        errors = [{"href": "#code", "text": problem.sentence}]
    if row is None:
        return render(request, "accounts/authenticator_begin.html", {"next": way_on, "errors": errors})
    return render(
        request, "accounts/authenticator_scan.html", {"next": way_on, "errors": errors, **_to_scan(row, person)}
    )


def _to_scan(row: Authenticator, person: Person) -> dict[str, Any]:
    code = segno.make(factors.address_for_phone(row), error="m", micro=False)
    secret = row.secret
    return {
        "picture": code.png_data_uri(scale=5, border=4),
        "secret": " ".join(secret[n : n + 4] for n in range(0, len(secret), 4)),
        **field_for(person),
    }


@require_POST
@step_up("replace_factor")
def authenticator_replace(request: HttpRequest) -> HttpResponse:
    """Forget the phone that is bound, to bind another; this session keeps what it has shown."""
    factors.forget(person=cast("Person", request.user), by=cast("Person", request.user), at=now())
    flash.success(request, "原来的动态码已失效，请绑定新的手机。")
    return redirect("authenticator")


@never_cache
@require_POST
@step_up("renew_codes")
def recovery_codes(request: HttpRequest) -> HttpResponse:
    """New recovery codes; the old ones end."""
    person = cast("Person", request.user)
    if factors.authenticator_of(person) is None:
        return redirect("authenticator")
    codes = factors.renew_recovery_codes(person=person, at=now())
    return render(request, "accounts/recovery_codes.html", {"codes": codes, "next": reverse("authenticator")})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def step_up_page(request: HttpRequest) -> HttpResponse:
    """The second factor before a page that is only looked at or downloaded; then on to it."""
    way_on = own_path(request.POST.get("next") or request.GET.get("next")) or reverse("me")
    act = request.POST.get("act") or request.GET.get("act", "")
    if act not in ACTS:
        act = "confirm"
    if request.method != "POST":
        context = {"act": ACTS[act], "act_key": act, "next": way_on, **field_for(cast("Person", request.user))}
        return render(request, "accounts/step_up_first.html", context)
    return challenge(request, act) or redirect(way_on)


@require_safe
def sessions(request: HttpRequest) -> HttpResponse:
    """Where one is signed in."""
    rows = visits.visits_of(cast("Person", request.user))
    context = {"visits": rows, "here": request.session.session_key, "others": len(rows) > 1}
    return render(request, "accounts/sessions.html", context)


@require_POST
def session_end(request: HttpRequest) -> HttpResponse:
    """End one session, or all others."""
    person = cast("Person", request.user)
    rows = [row for row in visits.visits_of(person) if row.session_key != request.session.session_key]
    wanted = request.POST.get("visit", "")
    ended = visits.end(person=person, visit_ids=[row.pk for row in rows if wanted in {"others", str(row.pk)}], at=now())
    if ended:
        flash.success(request, f"已结束 {ended} 处登录。那里的浏览器要重新登录才能继续。")
    else:
        flash.error(request, "这处登录已经结束。")
    return redirect("sessions")
