"""What is done to a roster: its words changed, verified, sent back, thrown away, signed, tried again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from chuding.accounts.step_up import NONE, step_up
from chuding.applications.workflow import Declined
from chuding.decisions.contents import standard_of
from chuding.decisions.models import Roster
from chuding.decisions.services import rosters as services
from chuding.decisions.texts import Words
from chuding.decisions.views.pages import find_roster, own_roster
from chuding.decisions.views.rosters import roster_context
from chuding.storage.clock import now

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse

    from chuding.decisions.views.pages import SignerRequest


def _typed(request: SignerRequest) -> Words:
    def text(name: str) -> str:
        return " ".join(request.POST.get(name, "").split())

    lines = request.POST.get("body", "").splitlines()
    paragraphs = tuple(line.strip() for line in lines if line.strip())
    return Words(text("title"), text("addressee"), paragraphs, text("copies_to"))


@require_http_methods(["GET", "HEAD", "POST"])
def words(request: SignerRequest, ref: str) -> HttpResponse:
    """Change the words, or take the standard ones again."""
    found = own_roster(request, ref)
    if request.method != "POST":
        return render(request, "decisions/words.html", roster_context(request, found))
    typed = standard_of(found, now()) if request.POST.get("action") == "standard" else _typed(request)
    try:
        services.edit(ref=ref, seen=request.POST.get("seen", ""), words=typed, by=request.user, at=now())
    except Declined as refusal:
        context = roster_context(request, found) | {
            "words": typed,
            "body": request.POST.get("body", ""),
            "errors": [{"href": "#title", "text": refusal.sentence}],
        }
        return render(request, "decisions/words.html", context, status=422)
    messages.success(request, "文字已保存。")
    return redirect("roster", ref=ref)


def _verify(request: SignerRequest, ref: str) -> str:
    if request.POST.get("sure") != "yes":
        raise Declined("请先勾选“我已核对”，再核稿。")
    services.verify(ref=ref, seen=request.POST.get("seen", ""), by=request.user, at=now())
    return "已核稿，等待签发。"


def _sign(request: SignerRequest, ref: str) -> str:
    if request.POST.get("sure") != "yes":
        raise Declined("请先勾选“我已核对名单”，再签发。")
    services.sign(ref=ref, seen=request.POST.get("seen", ""), by=request.user, at=now())
    return ""


def _send_back(request: SignerRequest, ref: str) -> str:
    services.send_back(ref=ref, reason=request.POST.get("reason", ""), by=request.user, at=now())
    return "已退回拟稿。"


def _discard(request: SignerRequest, ref: str) -> str:
    services.discard(ref=ref, by=request.user, at=now())
    return "已删除拟稿，人员回到待发文名单。"


def _retry(request: SignerRequest, ref: str) -> str:
    services.retry(ref=ref, by=request.user, at=now())
    return "已重新开始制证。"


_ACTS: dict[str, tuple[Callable[[SignerRequest, str], str], str, str]] = {
    "verify": (_verify, "#sure", "roster"),
    "sign": (_sign, "#sure", "roster_status"),
    "send_back": (_send_back, "#reason", "roster"),
    "discard": (_discard, "#main", "decisions_home"),
    "retry": (_retry, "#main", "roster_status"),
}


def _still_there(place: str, context: dict[str, Any]) -> str:
    """Where the summary's link leads: to the form's field, or to the top where the form is gone meanwhile."""
    open_forms = {"#sure": context["may_sign"] or context["may_verify"], "#reason": context["may_send_back"]}
    return place if open_forms.get(place, True) else "#main"


def _gone(request: SignerRequest, ref: str) -> HttpResponse:
    """Somebody threw the draft away meanwhile: who, on the page where its people wait again; 404 for what never was."""
    said = services.discarded(ref=ref, by=request.user, at=now())
    if not said:
        raise Http404
    messages.error(request, said)
    return redirect("decisions_home")


def _ready_to(action: str) -> Callable[[HttpRequest], bool]:
    """Whether a form is complete but for the second factor: what it lacks otherwise is said first."""
    return lambda request: request.POST.get("action") == action and request.POST.get("sure") == "yes"


@require_POST
@step_up("issue", fresh_for=NONE, when=_ready_to("sign"))
@step_up("verify", when=_ready_to("verify"))
def act(request: SignerRequest, ref: str) -> HttpResponse:
    """One act on a roster, by the name of its button."""
    found = find_roster(request, ref)
    if found is None:
        return _gone(request, ref)
    action = request.POST.get("action", "")
    if action not in _ACTS:
        messages.error(request, "请用页面上的按钮办理。")
        return redirect("roster", ref=ref)
    do, place, onwards = _ACTS[action]
    try:
        said = do(request, found.ref)
    except Roster.DoesNotExist:
        return _gone(request, ref)
    except Declined as refusal:
        context = roster_context(request, own_roster(request, ref)) | {"typed": request.POST}
        context["kept"] = request.POST.get("reason", "").strip() if not context["may_send_back"] else ""
        context["errors"] = [{"href": _still_there(place, context), "text": refusal.sentence}]
        template = "decisions/sign.html" if action == "sign" and context["may_sign"] else "decisions/roster.html"
        return render(request, template, context, status=422)
    if said:
        messages.success(request, said)
    return redirect("decisions_home") if onwards == "decisions_home" else redirect(onwards, ref=ref)
