"""A link for a unit without an account: the applicant makes it; whoever has it stamps, and hands the paper in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import segno
from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import FileResponse, Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from chuding.accounts import limits
from chuding.accounts.address import address_of
from chuding.accounts.form_words import PlainWords
from chuding.accounts.services import SignInProblem, count_public_try
from chuding.applications.forms.pieces import PickField
from chuding.applications.services import co_signing as services
from chuding.applications.services import nudging
from chuding.applications.services.endorsing import letter_code
from chuding.applications.services.papers import endorsement
from chuding.applications.translate import notice_of
from chuding.applications.uploads import receive_scan
from chuding.applications.views.applicant_pages import own_file, page_of
from chuding.applications.views.applicant_progress import pdf_response
from chuding.applications.workflow import Declined
from chuding.storage.clock import now

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from chuding.applications.models import Application
    from chuding.applications.views.applicant_pages import OwnRequest


class WordForm(PlainWords, forms.Form):
    """Who speaks for the unit, and what they say."""

    name = forms.CharField(label=_("经办人姓名"), max_length=100)
    phone = forms.CharField(
        label=_("手机号"),
        max_length=30,
        help_text=_("协会核实时可能会打电话。"),
        widget=forms.TextInput(attrs={"class": "input-20", "inputmode": "tel", "autocomplete": "tel"}),
    )
    uscc = forms.CharField(
        label=_("单位的统一社会信用代码"),
        max_length=60,
        help_text=_("18位，在营业执照上。用来确认是这个单位。"),
        widget=forms.TextInput(attrs={"class": "input-20", "autocomplete": "off", "spellcheck": "false"}),
    )
    agrees = PickField(
        label=_("单位的意见"),
        ask=_("请选择单位是否同意申报。"),
        choices=(("yes", _("同意申报，已盖章")), ("no", _("不同意"))),
    )
    file = forms.FileField(
        label=_("盖好公章的 PDF 或者照片"),
        required=False,
        help_text=_("不超过 10 MB。"),
        widget=forms.FileInput(attrs={"accept": "application/pdf,.pdf,image/jpeg,image/png", "class": "file-input"}),
    )
    reason = forms.CharField(
        label=_("不同意的理由"), required=False, max_length=400, widget=forms.Textarea(attrs={"rows": 3})
    )


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def offer(request: OwnRequest, ref: str) -> HttpResponse:
    """The applicant's side: make a link, see whether one is open and what the unit said to the last."""
    application, at = own_file(request, ref), now()
    context: dict[str, Any] = {}
    if request.method == "POST":
        try:
            token = services.make_link(ref=ref, by=request.user, at=at)
        except Declined as refusal:
            context["errors"] = [{"href": "#main", "text": refusal.sentence}]
        else:
            link = settings.PUBLIC_ADDRESS + reverse("co_sign", args=[token])
            context |= {"link": link, "picture": segno.make(link, error="m").svg_data_uri(scale=5, border=4)}
    last = application.co_signs.filter(used_at__isnull=False).order_by("-used_at").first()
    context |= {"letter": letter_code(application)}
    context |= {"standing": services.link_of(application, at), "last": last, "days": services.LIFE.days}
    status = 422 if context.get("errors") else 200
    return render(request, "applications/applicant/co_sign.html", page_of(application, at, **context), status=status)


@require_POST
def nudge(request: OwnRequest, ref: str) -> HttpResponse:
    """Remind the unit's clerks of one's own file."""
    own_file(request, ref)
    try:
        nudging.nudge(ref=ref, by=request.user, at=now())
    except Declined as refusal:
        messages.error(request, refusal.sentence)
    else:
        messages.success(request, gettext("已提醒单位经办人。"))
    return redirect("application", ref=ref)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def speak(request: HttpRequest, token: str) -> HttpResponse | FileResponse:
    """The unit's side; `?paper` is the endorsement to be stamped."""
    held = services.open_link(token=token, at=now())
    if held is None:
        return render(request, "applications/units/link_over.html", status=404)
    paper = endorsement(held.application)
    if "paper" in request.GET:
        if paper is None:
            raise Http404
        return pdf_response(paper.file, "单位同意申报证明.pdf")
    form = WordForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            done = _spoken(request, token, form)
        except SignInProblem as problem:
            form.add_error(None, problem.sentence)
        except services.CoSignProblem as problem:
            form.add_error(problem.field or None, problem.sentence)
        except Declined as refusal:
            form.add_error("file", refusal.sentence)
        else:
            return render(request, "applications/units/spoken.html", {"agrees": done.agrees})
    context = {"form": form, "rows": _rows(held.application), "paper": paper is not None, "until": held.until}
    return render(request, "applications/units/co_sign.html", context, status=422 if form.errors else 200)


def _spoken(request: HttpRequest, token: str, form: WordForm) -> Any:
    at, values = now(), form.cleaned_data
    count_public_try(address=address_of(request), kind="co-sign", rules=limits.CO_SIGNS_PER_ADDRESS, at=at)
    agrees = values["agrees"] == "yes"
    word = services.Word(values["name"], values["phone"], values["uscc"], agrees, values["reason"])
    file = values["file"] if agrees else None
    upload = receive_scan([file], by=None) if file else None
    return services.speak(token=token, word=word, upload=upload, at=at)


def _rows(application: Application) -> list[dict[str, str]]:
    chosen = notice_of(application).catalogue.find(application.specialty)
    return [
        {"key": str(_("姓名")), "value": application.full_name},
        {"key": str(_("工作单位")), "value": application.employer_name},
        {"key": str(_("岗位")), "value": application.post},
        {"key": str(_("申报级别")), "value": application.level},
        {"key": str(_("申报专业")), "value": chosen.label if chosen else application.specialty},
    ]
