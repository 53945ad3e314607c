"""Once more, before an act that binds: the second factor, fresh (ASVS 7.5.3, D2).

A view asks `challenge` (or wears `@step_up`) and gets either None, and acts, or a page to send back. That page carries what
was typed, so that nothing is lost, and sends it to the same address together with the code: one page more, no script.
Staff and everybody with an authenticator show its code; others a code by text message.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from functools import wraps
from typing import TYPE_CHECKING, Any, cast

from django.conf import settings
from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode

from chuding.accounts import factors, visits
from chuding.accounts.address import address_of
from chuding.accounts.masking import mask_phone
from chuding.accounts.services import SignInProblem, confirm_code, next_code_in, send_code
from chuding.storage.clock import is_demonstration, now

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse

    from chuding.accounts.models import Person

# How long a code shown before still counts. Acts that cannot be taken back ask for a code of their own (NONE).
NONE = timedelta(0)
FRESH = timedelta(minutes=5)
# Outside the offices a text message at sign-in is the factor, and half an hour is what one sitting takes.
FRESH_OUTSIDE = timedelta(minutes=30)

CODE, SEND = "step_up_code", "step_up_send"
_OWN = frozenset({CODE, SEND, "csrfmiddlewaretoken"})
_LAST = "step_up_last"
# A double click sends the same form twice: the second of one act on one thing is the first one's.
_DOUBLE = timedelta(seconds=30)

# What somebody is about to do, in words; the key goes into the ledger.
ACTS: dict[str, str] = {
    "approve_many": "批量审批通过",
    "approve_publication": "发布政策",
    "change_phone": "更换手机号",
    "confirm": "查看或更改受保护的内容",
    "download": "下载证书",
    "endorse": "代表单位同意申报",
    "export": "批量导出",
    "issue": "签发公文",
    "replace_factor": "更换动态码",
    "renew_codes": "重新生成恢复码",
    "revoke": "撤销证书",
    "submit": "提交申报",
    "verify": "核稿",
}


def challenge(request: HttpRequest, act: str, *, fresh_for: timedelta = FRESH) -> HttpResponse | None:
    """None when the second factor is fresh, or was shown with this very request; else the page that asks for it.

    `act` is a key of ACTS. A form that already has a field `step_up_code` (partials/step_up_field.html) is answered in
    one go. Files cannot wait on the way: ask before the page on which they are chosen; the page says that files sent
    along have to be chosen once more.
    """
    at = now()
    if fresh_for and visits.proved_within(request, fresh_for, at):
        return None
    if request.method in {"GET", "HEAD"}:
        query = urlencode({"next": request.get_full_path(), "act": act})
        return HttpResponseRedirect(f"{reverse('step_up')}?{query}")
    person = cast("Person", request.user)
    by_phone = factors.authenticator_of(person) is None
    problem = ""
    if CODE in request.POST and SEND not in request.POST:
        try:
            _take(request, act, by_phone=by_phone, at=at)
        except SignInProblem as found:
            problem = found.sentence
        else:
            return None
    elif by_phone:
        problem = _send(request, act, at)
    return _page(request, act, by_phone=by_phone, problem=problem)


def may_call() -> bool:
    """Whether somebody says codes by voice here."""
    return settings.VOICE_GATEWAY is not None


def code_again(phone: str, *, at: datetime) -> dict[str, Any]:
    """What partials/code_again.html says of the next code for this phone: after how many seconds, and at what time."""
    wait = next_code_in(phone=phone, at=at)
    return {"wait": wait, "again_at": at + timedelta(seconds=wait)}


def step_up(
    act: str, *, fresh_for: timedelta = FRESH, when: Callable[[HttpRequest], bool] | None = None
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Let a view run only with a fresh second factor (`challenge`); `when` tells for which requests, else for all."""

    def around(view: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(view)
        def asked(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            due = when is None or when(request)
            answer = challenge(request, act, fresh_for=fresh_for) if due else None
            return view(request, *args, **kwargs) if answer is None else answer

        return asked

    return around


def field_for(person: Person) -> dict[str, Any]:
    """What partials/step_up_field.html needs on a page that asks for the code in its own form."""
    return {"by_phone": factors.authenticator_of(person) is None, "outbox": _outbox()}


def _take(request: HttpRequest, act: str, *, by_phone: bool, at: datetime) -> None:
    """Take the code that came along. Raises SignInProblem."""
    person, code = cast("Person", request.user), request.POST[CODE]
    mark = hashlib.sha256(f"{act} {request.path} {code}".encode()).hexdigest()
    last = request.session.get(_LAST)
    if last and last[0] == mark and at - datetime.fromisoformat(last[1]) < _DOUBLE:
        return
    if by_phone:
        confirm_code(
            person=person, session_key=request.session.session_key or "", code=code, purpose=_purpose(act), at=at
        )
    else:
        factors.prove(person=person, code=code, act=act, at=at)
    visits.factor_shown(request, at=at, authenticator=not by_phone)
    request.session[_LAST] = [mark, at.isoformat()]


def _send(request: HttpRequest, act: str, at: datetime) -> str:
    """Send a text message with a code, or have it said by voice; the sentence of what is in the way."""
    person = cast("Person", request.user)
    try:
        send_code(
            phone=person.phone,
            session_key=request.session.session_key or "",
            ip=address_of(request),
            purpose=_purpose(act),
            at=at,
            by_voice=_by_voice(request),
        )
    except SignInProblem as problem:
        return problem.sentence
    return ""


def _by_voice(request: HttpRequest) -> bool:
    return may_call() and request.POST.get(SEND) == "voice"


def _purpose(act: str) -> str:
    """What the text message says that its code is for."""
    return "submit" if act == "submit" else "confirm"


def _page(request: HttpRequest, act: str, *, by_phone: bool, problem: str) -> HttpResponse:
    errors = [{"href": f"#{CODE}", "text": problem}] if problem else []
    carried = [(name, value) for name in request.POST if name not in _OWN for value in request.POST.getlist(name)]
    context = {
        "act": ACTS[act],
        "errors": errors,
        "carried": carried,
        "masked_phone": mask_phone(cast("Person", request.user).phone),
        "action": request.get_full_path(),
        "by_phone": by_phone,
        "by_voice": _by_voice(request),
        "may_call": may_call(),
        "outbox": _outbox(),
        "files": bool(request.FILES),
        **(code_again(cast("Person", request.user).phone, at=now()) if by_phone else {}),
    }
    return render(request, "accounts/step_up.html", context, status=422 if problem else 200)


def _outbox() -> str:
    """Where the demonstration shows codes; nowhere else."""
    return reverse("outbox") if is_demonstration() or settings.DEMONSTRATION else ""
