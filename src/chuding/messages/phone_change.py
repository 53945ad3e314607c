"""Changing the phone that one signs in with: the old way in is proved first, then the new phone is; the old one is told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django.contrib import messages as flash
from django.db import IntegrityError, transaction
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from chuding.accounts.address import address_of
from chuding.accounts.forms import CodeForm, NewPhoneForm
from chuding.accounts.masking import mask_phone
from chuding.accounts.models import Person
from chuding.accounts.people import phone_index
from chuding.accounts.phone import clean_phone
from chuding.accounts.roles import Role
from chuding.accounts.services import SignInProblem, code_is_out, confirm_phone, send_code
from chuding.accounts.step_up import code_again, may_call, step_up
from chuding.ledger.record import record
from chuding.messages.services import tell
from chuding.storage.clock import SHANGHAI, now

if TYPE_CHECKING:
    from datetime import datetime

    from django.http import HttpRequest, HttpResponse

_PURPOSE = "change_phone"
_TAKEN = "这个手机号已经有另一个账户。请改用别的手机号，或者用这个手机号登录。"


def change_phone(*, person: Person, phone: str, session_key: str, code: str, at: datetime) -> Person:
    """Give a person the phone whose code this is; the phone before is told by text message (ASVS 6.3.7).

    Raises SignInProblem where the code is wrong, or the phone is another account's.
    """
    number = confirm_phone(phone=phone, session_key=session_key, code=code, purpose=_PURPOSE, at=at)
    try:
        with transaction.atomic():
            row = Person.objects.select_for_update().get(pk=person.pk)
            before = row.phone_index
            local = at.astimezone(SHANGHAI)
            # Told before the number changes: a text message goes to the phone that the person has at that moment.
            tell(
                person=row,
                template="phone_changed",
                values={"moment": f"{local.month}月{local.day}日{local:%H:%M}", "tail": number[-4:]},
                subject=("person", row.ref),
                at=at,
            )
            row.phone, row.phone_index = number, phone_index(number)
            row.save(update_fields=["phone", "phone_index"])
            record(
                action="phone.changed",
                subject=("person", row.ref),
                by=row,
                role=Role.APPLICANT,
                at=at,
                data={"before": before, "after": row.phone_index},
            )
    except IntegrityError as taken:
        raise SignInProblem(_TAKEN) from taken
    return row


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@step_up("change_phone")
def me_phone(request: HttpRequest) -> HttpResponse:
    """Ask for the new phone, then for the code that was sent there."""
    person = cast("Person", request.user)
    form = NewPhoneForm(request.POST or None, person=person)
    if request.method != "POST" or not form.is_valid():
        return _page(request, form)
    phone = form.cleaned_data["phone"]
    if "code" not in request.POST or "again" in request.POST:
        return _send(request, form, phone, by_voice=may_call() and request.POST.get("again") == "voice")
    code = CodeForm(request.POST)
    if not code.is_valid():
        return _page(request, form, code=code, sent_to=phone)
    key = request.session.session_key or ""
    try:
        change_phone(person=person, phone=phone, session_key=key, code=code.cleaned_data["code"], at=now())
    except SignInProblem as problem:
        if problem.sentence == _TAKEN:
            form.add_error("phone", problem.sentence)
            return _page(request, form)
        code.add_error("code", problem.sentence)
        return _page(request, form, code=code, sent_to=phone)
    flash.success(request, gettext("手机号已更换。以后用新的手机号登录。"))
    return redirect("me")


def _send(request: HttpRequest, form: NewPhoneForm, phone: str, *, by_voice: bool) -> HttpResponse:
    """Send a code to the new phone; its limits are those of every code."""
    if request.session.session_key is None:
        request.session.save()
    key = request.session.session_key or ""
    try:
        send_code(phone=phone, session_key=key, ip=address_of(request), purpose=_PURPOSE, at=now(), by_voice=by_voice)
    except SignInProblem as problem:
        # Asked too soon, as by a page that is loaded once more: the code that is on its way has its box.
        if code_is_out(phone=phone, session_key=key, purpose=_PURPOSE, at=now()):
            return _page(request, form, code=CodeForm(), sent_to=phone, problem=problem.sentence)
        form.add_error("phone", problem.sentence)
        return _page(request, form)
    return _page(request, form, code=CodeForm(), sent_to=phone, by_voice=by_voice)


def _page(
    request: HttpRequest,
    form: NewPhoneForm,
    *,
    code: CodeForm | None = None,
    sent_to: str = "",
    by_voice: bool = False,
    problem: str = "",
) -> HttpResponse:
    number, _ = clean_phone(sent_to)
    context: dict[str, Any] = {
        "form": form if code is None else code,
        "phone": sent_to,
        "sent_to": mask_phone(number) if sent_to else "",
        "by_voice": by_voice,
        "errors": [{"text": problem, "href": ""}] if problem else [],
        "may_call": may_call(),
        "masked_phone": mask_phone(cast("Person", request.user).phone),
        **(code_again(number, at=now()) if sent_to else {}),
    }
    wrong = bool(problem) or (form.is_bound and (bool(form.errors) or (code is not None and bool(code.errors))))
    return render(request, "messages/me_phone.html", context, status=422 if wrong else 200)
