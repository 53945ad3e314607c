"""One's own data: who looked at it, taking it along, closing the account; and grading the service."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import forms
from django.contrib import auth, messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from chuding.accounts import consent
from chuding.accounts.form_words import PlainWords
from chuding.applications.aftercare_models import Aspect, Grade, Rating
from chuding.applications.services.aftercare import RATEABLE, Opinion, rate
from chuding.applications.services.my_data import close_account, copies_in_use, in_the_way, kept_of, who_looked
from chuding.applications.services.own_data import take_along
from chuding.applications.views.applicant_pages import own_file, to_file
from chuding.applications.workflow import Declined
from chuding.storage.clock import now, today

if TYPE_CHECKING:
    from chuding.applications.views.applicant_pages import OwnRequest


@require_safe
def my_data(request: OwnRequest) -> HttpResponse:
    """Who looked at my files, what I consented to, how to take my data along, how to correct it, how to close the account."""
    context = {
        "looked": who_looked(request.user),
        "consents": consent.given_by(request.user),
        "copies": copies_in_use(request.user, on=today()),
        "hindrance": in_the_way(request.user),
    }
    return render(request, "applications/applicant/my_data.html", context)


@require_POST
def export(request: OwnRequest) -> HttpResponse:
    """Everything as a ZIP. A POST: it is on record."""
    response = HttpResponse(take_along(by=request.user, at=now()), content_type="application/zip")
    response["Content-Disposition"] = f'attachment; filename="my-data-{today():%Y%m%d}.zip"'
    return response


@require_http_methods(["GET", "HEAD", "POST"])
def close(request: OwnRequest) -> HttpResponse:
    """Close the account, after a page that says what goes and what stays and why."""
    error = ""
    if request.method == "POST":
        if request.POST.get("sure") != "yes":
            error = _("请先勾选“我已下载需要的材料，确认注销”。")
        else:
            try:
                close_account(by=request.user, at=now())
            except Declined as refusal:
                error = refusal.sentence
            else:
                auth.logout(request)
                messages.success(request, _("账户已注销。再次使用同一手机号，会成为新的账户。"))
                return redirect("home")
    context = {
        "errors": [{"href": "#sure", "text": error}] if error else [],
        "hindrance": in_the_way(request.user),
        "kept": kept_of(request.user),
    }
    return render(request, "applications/applicant/close.html", context)


class RatingForm(PlainWords, forms.Form):
    """好差评: five grades, the aspects and words only for those who want to."""

    grade = forms.TypedChoiceField(
        label=gettext_lazy("您对这次服务满意吗？"), choices=Grade.choices, coerce=int, widget=forms.RadioSelect
    )
    comment = forms.CharField(
        label=gettext_lazy("哪里做得好，哪里要改？"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("请不要写证件号码、手机号。"),
    )
    anonymous = forms.BooleanField(label=gettext_lazy("不告诉工作人员是我评价的"), required=False, initial=True)

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        for aspect in Aspect:
            self.fields[aspect.value] = forms.TypedChoiceField(
                label=aspect.label, choices=[("", gettext_lazy("不评")), *Grade.choices], coerce=int, required=False
            )

    @property
    def opinion(self) -> Opinion:
        """What was said, with the aspects that were graded."""
        said = self.cleaned_data
        aspects = {aspect.value: said[aspect.value] for aspect in Aspect if said.get(aspect.value)}
        return Opinion(said["grade"], aspects, said["comment"], said["anonymous"])


@require_http_methods(["GET", "HEAD", "POST"])
def rating(request: OwnRequest, ref: str) -> HttpResponse:
    """Grade the service once the file is done; never in the way of a download."""
    file = own_file(request, ref)
    if file.life not in RATEABLE:
        raise Http404
    given = Rating.objects.filter(application=file).first()
    form = RatingForm(request.POST or None)
    if request.method == "POST" and given is None and form.is_valid():
        try:
            rate(ref=file.ref, opinion=form.opinion, by=request.user, at=now())
        except Declined as refusal:
            messages.error(request, refusal.sentence)
        else:
            messages.success(request, _("谢谢您的评价。"))
        return to_file(file)
    context = {"application": file, "form": form, "given": given, "aspects": [form[aspect.value] for aspect in Aspect]}
    return render(request, "applications/applicant/rating.html", context)
