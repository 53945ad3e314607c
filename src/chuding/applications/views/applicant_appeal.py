"""The applicant asks for a refusal to be looked at again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import forms
from django.contrib import messages
from django.shortcuts import render
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.http import require_http_methods

from chuding.accounts.form_words import PlainWords
from chuding.applications.deadlines import service_levels
from chuding.applications.services.appealing import LONGEST, SHORTEST, appeal
from chuding.applications.views.applicant_pages import own_file, page_of, to_file
from chuding.applications.workflow import Declined, State
from chuding.storage.clock import now

if TYPE_CHECKING:
    from django.http import HttpResponse

    from chuding.applications.views.applicant_pages import OwnRequest


class AppealForm(PlainWords, forms.Form):
    """Why one does not agree, in one's own words."""

    reason = forms.CharField(
        label=gettext_lazy("哪一点不符合实际？有什么可以证明？"),
        min_length=SHORTEST,
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text=gettext_lazy("办理的人会原样读到。请不要写证件号码、手机号。"),
        error_messages={
            "required": gettext_lazy("请写明不同意的理由。"),
            "min_length": gettext_lazy("请把理由写得再具体些，至少 10 个字。"),
            "max_length": gettext_lazy("理由最多 2000 个字，请写短些。"),
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
def application_appeal(request: OwnRequest, ref: str) -> HttpResponse:
    """The reason in words; a declined appeal says why and leads back to the file."""
    file = own_file(request, ref)
    if file.life is not State.REFUSED:
        return to_file(file)
    form = AppealForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            appeal(ref=file.ref, reason=form.cleaned_data["reason"], by=request.user, at=now())
        except Declined as refusal:
            messages.error(request, refusal.sentence)
        else:
            messages.success(request, gettext("复核申请已提交。由没有办过这件申报的另一个人决定，结果会发短信告知。"))
        return to_file(file)
    context = page_of(file, now(), form=form, appeal_days=service_levels()[State.APPEALED])
    return render(request, "applications/applicant/appeal.html", context)
