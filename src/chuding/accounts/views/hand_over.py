"""接力 between computer and phone: one device shows a code, the other goes on with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import segno
from django import forms
from django.conf import settings
from django.http import Http404
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from chuding.accounts import limits
from chuding.accounts.address import address_of
from chuding.accounts.handover import LENGTH, accept, may_hand_over, offer, stands
from chuding.accounts.services import SignInProblem, count_public_try
from chuding.accounts.views.sign_in import come_in, own_path
from chuding.storage.clock import now

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from chuding.accounts.models import Person


class OverForm(forms.Form):
    """The code that the other device shows."""

    use_required_attribute = False

    code = forms.CharField(
        label=_("接力码"),
        help_text=_("另一台设备上显示的8位字母和数字，大小写都可以。"),
        max_length=30,
        error_messages={"required": _("请输入另一台设备上显示的接力码。"), "max_length": _("接力码是8位，请核对。")},
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "characters", "class": "input-10", "spellcheck": "false"}
        ),
    )


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def hand_over(request: HttpRequest) -> HttpResponse:
    """On the device one leaves: POST shows a new code, good for ten minutes and once."""
    person = cast("Person", request.user)
    if not may_hand_over(person):
        raise Http404
    way_on = own_path(request.POST.get("next") or request.GET.get("next")) or reverse("my_applications")
    context: dict[str, Any] = {"next": way_on, "address": settings.PUBLIC_ADDRESS + reverse("over")}
    if request.method == "POST":
        made = offer(by=person, path=way_on, at=now())
        link = settings.PUBLIC_ADDRESS + reverse("over_link", args=[made.token])
        picture = segno.make(link, error="m").svg_data_uri(scale=6, border=4)
        context |= {"code": made.code, "picture": picture, "until": made.expires_at}
    return render(request, "accounts/hand_over.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def over(request: HttpRequest) -> HttpResponse:
    """On the device where one goes on: the code is typed."""
    form = OverForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            _count(request)
            person, path = accept(code=form.cleaned_data["code"], at=now())
        except SignInProblem as problem:
            form.add_error("code", problem.sentence)
        else:
            return come_in(request, person, path, way="hand_over")
    return render(request, "accounts/over.html", {"form": form, "length": LENGTH})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def over_link(request: HttpRequest, token: str) -> HttpResponse:
    """What the QR code leads to. Opening it uses nothing up: a messenger's preview opens links too."""
    if request.method == "POST":
        try:
            _count(request)
            person, path = accept(token=token, at=now())
        except SignInProblem as problem:
            errors = [{"text": problem.sentence, "href": "#id_code"}]
            return render(request, "accounts/over.html", {"form": OverForm(), "errors": errors})
        return come_in(request, person, path, way="hand_over")
    return render(request, "accounts/over_link.html", {"stands": stands(token=token, at=now())})


def _count(request: HttpRequest) -> None:
    count_public_try(address=address_of(request), kind="hand-over", rules=limits.HAND_OVERS_PER_ADDRESS, at=now())
