"""“到那天提醒我”: a phone, a tick, a code; and the same way back."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.conf import settings
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from chuding.accounts.address import address_of
from chuding.accounts.forms import CodeForm, PhoneForm
from chuding.accounts.masking import mask_phone
from chuding.accounts.models import SignInCode
from chuding.accounts.services import SignInProblem, confirm_phone, send_code
from chuding.accounts.step_up import code_again, may_call
from chuding.applications.services.reminders import cancel_reminder, set_reminder
from chuding.applications.views.self_check import check_of, first_day, in_this_round
from chuding.storage.clock import now

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

PURPOSE = "reminder"
_WAITING = "reminder_waiting"  # the code that was sent, and the day; no day: to cancel
_SET = "reminder_set"  # the code row that made it, so that this browser can take it back at once


class ReminderForm(PhoneForm):
    """A phone and the consent to one message."""

    agreed = forms.BooleanField(
        label=_("我同意保存这个手机号，到那天给我发一条短信"),
        help_text=_("只保存手机号和日期，发出后立即删除；随时可以取消。不用于其他事情。"),
        error_messages={"required": _("请先勾选同意。不同意就无法发送提醒。")},
    )

    def __init__(self, *args: Any, cancelling: bool, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["phone"].help_text = _("先用验证码确认是您的手机。港澳台号码以 +852、+853、+886 开头。")
        if cancelling:
            del self.fields["agreed"]


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def reminder(request: HttpRequest) -> HttpResponse:
    """Ask for the phone. `?cancel` takes a reminder back."""
    cancelling = "cancel" in request.GET
    check = check_of(request)
    day = first_day(check) if check else None
    if day is None and not cancelling:
        return redirect("self_check_result")
    form = ReminderForm(request.POST or None, cancelling=cancelling)
    if request.method == "POST" and form.is_valid():
        if not request.session.session_key:
            request.session.create()
        wanted = day.isoformat() if day and not cancelling else ""
        problem = _send(request, form.cleaned_data["phone"], wanted)
        if not problem:
            return redirect("reminder_code")
        form.add_error("phone", problem)
    context = {"form": form, "day": day, "cancelling": cancelling}
    context["this_round"] = check is None or in_this_round(check, day)
    return render(request, "applications/public/reminder.html", context)


def _send(request: HttpRequest, phone: str, day: str, *, by_voice: bool = False) -> str:
    """Send a code and wait for it; the sentence of what is in the way."""
    key = cast("str", request.session.session_key)
    try:
        sent = send_code(
            phone=phone, session_key=key, ip=address_of(request), purpose=PURPOSE, at=now(), by_voice=by_voice
        )
    except SignInProblem as problem:
        return problem.sentence
    request.session[_WAITING] = [sent.pk, day, by_voice]
    return ""


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def reminder_code(request: HttpRequest) -> HttpResponse:
    """The code that came to the phone; then the reminder stands, or is gone."""
    pk, day, by_voice = request.session.get(_WAITING) or (0, "", False)
    sent = SignInCode.objects.filter(pk=pk).first()
    if sent is None:
        return redirect("reminder")
    form, errors = CodeForm(request.POST or None), []
    if "again" in request.POST:
        problem = _send(request, sent.phone, day, by_voice=may_call() and request.POST["again"] == "voice")
        if not problem:
            return redirect("reminder_code")
        form, errors = CodeForm(), [{"href": "", "text": problem}]
    elif request.method == "POST" and form.is_valid():
        try:
            phone = confirm_phone(
                phone=sent.phone,
                session_key=request.session.session_key or "",
                code=form.cleaned_data["code"],
                purpose=PURPOSE,
                at=now(),
            )
        except SignInProblem as problem:
            form.add_error("code", problem.sentence)
        else:
            del request.session[_WAITING]
            if day:
                set_reminder(phone=phone, due_on=date.fromisoformat(day), at=now())
            else:
                cancel_reminder(phone=phone, at=now())
            request.session[_SET] = [sent.pk, day]
            return redirect("reminder_set")
    context = {
        "form": form,
        "errors": errors,
        "by_voice": by_voice,
        "may_call": may_call(),
        "masked_phone": mask_phone(sent.phone),
        "outbox": reverse("outbox") if settings.DEMONSTRATION else "",
        "cancelling": not day,
        **code_again(sent.phone, at=now()),
    }
    return render(request, "applications/public/reminder_code.html", context)


@never_cache
@require_safe
def reminder_set(request: HttpRequest) -> HttpResponse:
    """What was set or taken back."""
    pk, day = request.session.get(_SET) or (0, "")
    sent = SignInCode.objects.filter(pk=pk).first()
    if sent is None:
        return redirect("self_check")
    context = {"day": date.fromisoformat(day) if day else None, "masked_phone": mask_phone(sent.phone)}
    return render(request, "applications/public/reminder_set.html", context)


@require_POST
def reminder_cancel(request: HttpRequest) -> HttpResponse:
    """Take back what this browser has just set; elsewhere the phone has to be confirmed again."""
    pk, _day = request.session.get(_SET) or (0, "")
    sent = SignInCode.objects.filter(pk=pk, used_at__isnull=False).first()
    if sent is None:
        return redirect(reverse("reminder") + "?cancel")
    cancel_reminder(phone=sent.phone, at=now())
    request.session[_SET] = [sent.pk, ""]
    return redirect("reminder_set")
