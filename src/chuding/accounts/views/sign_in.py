"""Signing in and out: one way for new and known people, so that nothing shows who has an account."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django.conf import settings
from django.contrib import auth
from django.http import HttpResponseRedirect, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from chuding.accounts import consent, visits
from chuding.accounts.address import address_of
from chuding.accounts.forms import CodeForm, ConsentForm, PasswordSignInForm, PhoneForm
from chuding.accounts.masking import mask_phone
from chuding.accounts.middleware import SESSION_CONSENT_DUE
from chuding.accounts.models import SignInCode
from chuding.accounts.people import roles_of
from chuding.accounts.roles import STAFF, Role
from chuding.accounts.services import SignInProblem, note_sign_out, redeem_code, send_code, sign_in_by_password
from chuding.accounts.step_up import code_again, may_call
from chuding.storage.clock import is_demonstration, now

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from chuding.accounts.models import Person

_CODE = "sign_in_code"
_NEXT = "sign_in_next"
_BY_VOICE = "sign_in_by_voice"


def own_path(text: str | None) -> str:
    """A path of this site to go on to, or "" for anything that leads elsewhere."""
    if text and text.startswith("/") and url_has_allowed_host_and_scheme(text, allowed_hosts=None):
        return text
    return ""


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """Ask for the phone and send a code."""
    if request.user.is_authenticated:
        return redirect(own_path(request.GET.get("next")) or reverse("me"))
    form = PhoneForm(request.POST or None)
    way_on = own_path(request.POST.get("next") or request.GET.get("next"))
    if request.method == "POST" and form.is_valid():
        problem = _send(request, form.cleaned_data["phone"])
        if problem is None:
            request.session[_NEXT] = way_on
            return redirect("sign_in_code")
        form.add_error("phone", problem)
    return render(request, "accounts/sign_in.html", {"form": form, "next": way_on})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in_code(request: HttpRequest) -> HttpResponse:
    """Ask for the code; the right one signs in, and makes the account if there was none."""
    sent = _sent(request)
    if sent is None:
        return redirect("sign_in")
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            person = redeem_code(
                phone=sent.phone,
                session_key=_session_key(request),
                code=form.cleaned_data["code"],
                purpose="sign_in",
                at=now(),
            )
        except SignInProblem as problem:
            form.add_error("code", problem.sentence)
        else:
            return come_in(request, person, str(request.session.pop(_NEXT, "")), way="code")
    return render(request, "accounts/sign_in_code.html", {"form": form, **_about(request, sent)})


@require_POST
def sign_in_resend(request: HttpRequest) -> HttpResponse:
    """Send a new code to the same phone, or have it said by voice; the old one stops counting."""
    sent = _sent(request)
    if sent is None:
        return redirect("sign_in")
    problem = _send(request, sent.phone, by_voice=may_call() and request.POST.get("by") == "voice")
    if problem is None:
        return redirect("sign_in_code")
    form = CodeForm()
    context = {"form": form, "errors": [{"text": problem, "href": ""}], **_about(request, sent)}
    return render(request, "accounts/sign_in_code.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in_password(request: HttpRequest) -> HttpResponse:
    """The other way in, for those who have set a password."""
    if request.user.is_authenticated:
        return redirect("me")
    form = PasswordSignInForm(request.POST or None)
    way_on = own_path(request.POST.get("next") or request.GET.get("next"))
    if request.method == "POST" and form.is_valid():
        try:
            person = sign_in_by_password(
                phone=form.cleaned_data["phone"], password=form.cleaned_data["password"], at=now()
            )
        except SignInProblem as problem:
            form.add_error("password", problem.sentence)
        else:
            return come_in(request, person, way_on, way="password")
    return render(request, "accounts/sign_in_password.html", {"form": form, "next": way_on})


@require_POST
def session_extend(request: HttpRequest) -> HttpResponse:
    """“继续使用”: the door has noted the visit; how long it lasts from now, or back to the page without a script."""
    if request.headers.get("Accept") == "application/json":
        return JsonResponse({"left": request.session_left})  # type: ignore[attr-defined]
    return redirect(own_path(request.POST.get("next")) or "me")


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session here and in the browser: a shared computer keeps nothing."""
    if request.user.is_authenticated:
        note_sign_out(person=request.user, at=now())
        visits.forget(request)
    auth.logout(request)
    response = redirect("home")
    response["Clear-Site-Data"] = '"cache", "cookies", "storage"'
    response["Cache-Control"] = "no-store"
    return response


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def consent_page(request: HttpRequest) -> HttpResponse:
    """Ask for consent, box by box, before anything else is asked."""
    person = cast("Person", request.user)
    way_on = own_path(request.POST.get("next") or request.GET.get("next"))
    form = ConsentForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        consent.give_consent(person=person, keys=form.chosen, at=now())
        request.session.pop(SESSION_CONSENT_DUE, None)
        return redirect(way_on or start_of(person))
    if request.method != "POST" and not consent.due(person):
        request.session.pop(SESSION_CONSENT_DUE, None)
        return redirect(way_on or reverse("me"))
    return render(request, "accounts/consent.html", {"form": form, "next": way_on})


def come_in(request: HttpRequest, person: Person, way_on: str, *, way: str) -> HttpResponse:
    """Start a session under a new key, and lead to consent first where it is due."""
    visits.begin(request, person, way=way, at=now())
    request.session.pop(_CODE, None)
    # People of the offices and units act by their duty, not by consent (PIPL 13(1)3).
    if not roles_of(person) & (STAFF | {Role.EMPLOYER_CLERK}) and consent.due(person):
        request.session[SESSION_CONSENT_DUE] = True
        address = reverse("consent")
        return HttpResponseRedirect(f"{address}?{urlencode({'next': way_on})}" if way_on else address)
    return redirect(way_on or start_of(person))


def start_of(person: Person) -> str:
    """The page on which this person's work begins."""
    roles = roles_of(person)
    if roles & {Role.REVIEWER, Role.LEAD, Role.RECHECKER}:
        return reverse("desk")
    if roles & {Role.ASSOCIATION_SIGNER, Role.CITY_SIGNER, Role.ASSOCIATION_DRAFTER, Role.CITY_DRAFTER}:
        return reverse("decisions_home")
    if Role.ADMINISTRATOR in roles:
        return reverse("publishing")
    if Role.EMPLOYER_CLERK in roles:
        return reverse("employer_home")
    return reverse("my_applications")


def _send(request: HttpRequest, phone: str, *, by_voice: bool = False) -> str | None:
    """Send a code for this session; the sentence of what is in the way, or None."""
    try:
        sent = send_code(
            phone=phone,
            session_key=_session_key(request),
            ip=address_of(request),
            purpose="sign_in",
            at=now(),
            by_voice=by_voice,
        )
    except SignInProblem as problem:
        return problem.sentence
    request.session[_CODE], request.session[_BY_VOICE] = sent.pk, by_voice
    return None


def _session_key(request: HttpRequest) -> str:
    if not request.session.session_key:
        request.session.create()
    return cast("str", request.session.session_key)


def _sent(request: HttpRequest) -> SignInCode | None:
    """The code that this session waits for."""
    return SignInCode.objects.filter(pk=request.session.get(_CODE, 0)).first()


def _about(request: HttpRequest, sent: SignInCode) -> dict[str, Any]:
    return {
        "by_voice": request.session.get(_BY_VOICE, False),
        "may_call": may_call(),
        "masked_phone": mask_phone(sent.phone),
        **code_again(sent.phone, at=now()),
        "outbox": reverse("outbox") if is_demonstration() or settings.DEMONSTRATION else "",
    }
