"""Opening a unit's account: who one is, the paper with the stamp or a posted letter, and how it stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from chuding.accounts.form_words import PlainWords
from chuding.applications.forms.employer import KINDS
from chuding.applications.forms.pieces import PickField
from chuding.applications.places import DISTRICT_EXAMPLE
from chuding.applications.services import units as services
from chuding.applications.uploads import receive_scan
from chuding.applications.workflow import Declined
from chuding.storage.clock import now

if TYPE_CHECKING:
    from django.http import HttpResponse

    from chuding.applications.units.models import UnitRequest
    from chuding.applications.views.desk_access import StaffRequest


class UnitForm(PlainWords, forms.Form):
    """The unit as its licence says, and who acts for it."""

    uscc = forms.CharField(
        label=_("统一社会信用代码"),
        max_length=60,
        help_text=_("18位，在营业执照或事业单位法人证书上。"),
        widget=forms.TextInput(attrs={"class": "input-20", "autocomplete": "off", "spellcheck": "false"}),
    )
    name = forms.CharField(label=_("单位全称"), max_length=120, help_text=_("与单位公章一致。"))
    kind = PickField(
        label=_("单位性质"),
        ask=_("请选择单位性质。"),
        choices=KINDS,
        help_text=_("为自由职业者代理人事、出具证明的，选“人事代理机构”，协会会核对。"),
    )
    district = forms.CharField(label=_("所在的区、市"), max_length=60, help_text=DISTRICT_EXAMPLE)
    address = forms.CharField(
        label=_("单位的登记地址"), max_length=200, help_text=_("需要寄核验信的，寄到这里。与营业执照一致。")
    )
    clerk_name = forms.CharField(label=_("您的姓名"), max_length=100)


@require_http_methods(["GET", "HEAD", "POST"])
def home(request: StaffRequest) -> HttpResponse:
    """What one has asked for, and asking for one more."""
    form = UnitForm(
        request.POST if request.method == "POST" else None, initial={"clerk_name": request.user.display_name}
    )
    if request.method == "POST" and form.is_valid():
        try:
            found = services.ask(asked=services.Asked(**form.cleaned_data), by=request.user, at=now())
        except services.UnitProblem as problem:
            form.add_error(problem.field or None, problem.sentence)
        else:
            return redirect("unit_request", ref=found.ref)
    context = {"form": form, "mine": list(services.requests_of(request.user)[:20])}
    return render(request, "applications/units/open.html", context, status=422 if form.errors else 200)


def _mine(request: StaffRequest, ref: str) -> UnitRequest:
    found = services.requests_of(request.user).filter(ref=ref).first()
    if found is None:
        raise Http404
    return found


@require_http_methods(["GET", "HEAD", "POST"])
def one(request: StaffRequest, ref: str) -> HttpResponse:
    """One request: hand in the stamped paper, or type the code of the letter."""
    found = _mine(request, ref)
    problem = None
    if request.method == "POST":
        try:
            return _act(request, found)
        except services.UnitProblem as refusal:
            problem = {"href": f"#{refusal.field or 'file'}", "text": refusal.sentence}
        except Declined as refusal:
            problem = {"href": "#file", "text": refusal.sentence}
    context = {
        "asked": _mine(request, ref),
        "errors": [problem] if problem else [],
        "problem": problem,
        "limit": settings.UPLOAD_LIMIT,
        "typed": request.POST,
    }
    return render(request, "applications/units/request.html", context, status=422 if problem else 200)


def _act(request: StaffRequest, found: UnitRequest) -> HttpResponse:
    if "code" in request.POST:
        services.confirm(ref=found.ref, code=request.POST["code"], by=request.user, at=now())
        messages.success(request, gettext("核验码正确，单位账户已开通。"))
        return redirect("employer_home")
    file = request.FILES.get("file")
    if not isinstance(file, UploadedFile) or not file.size:
        raise Declined(gettext("请先选择盖好公章的 PDF 或者照片，再点“上传”。"))
    services.attach(ref=found.ref, upload=receive_scan([file], by=request.user), by=request.user, at=now())
    messages.success(request, gettext("已上传，等协会核验。核验结果会发短信。"))
    return redirect("unit_request", ref=found.ref)
