"""Copies of one's certificate for one purpose: make one, fetch it, let it count no more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import forms
from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.text import format_lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from chuding.applications.forms.pieces import WholeNumberField, WordsField
from chuding.applications.places import PLACE_NOW
from chuding.applications.views.applicant_pages import own_file, page_of
from chuding.applications.views.applicant_progress import current_certificate, pdf_response
from chuding.certificates import copies
from chuding.storage.clock import now, today

if TYPE_CHECKING:
    from django.http import FileResponse, HttpResponse

    from chuding.applications.models import Application
    from chuding.applications.views.applicant_pages import OwnRequest
    from chuding.certificates.models import Certificate, RedactedCopy

# How often the waiting page asks again, in seconds.
PATIENCE = 2


class CopyForm(forms.Form):
    """For what, and for how long."""

    use_required_attribute = False
    purpose = WordsField(
        label=_("用途"),
        max_length=copies.WORDS,
        help_text=format_lazy(
            _("印在副本上，别人看得到。例如“应聘{place}某某公司”，最多{WORDS}个字。"),
            place=PLACE_NOW,
            WORDS=copies.WORDS,
        ),
        ask=format_lazy(_("请写明用途，例如“应聘{place}某某公司”。"), place=PLACE_NOW),
    )
    days = WholeNumberField(
        label=_("有效天数"),
        most=copies.LONGEST,
        help_text=format_lazy(_("1到{LONGEST}天。过期以后，扫码会显示“已过有效期”。"), LONGEST=copies.LONGEST),
    )


def _own(request: OwnRequest, ref: str) -> tuple[Application, Certificate]:
    application = own_file(request, ref)
    certificate = current_certificate(application)
    if certificate is None:
        raise Http404
    return application, certificate


def _rows(certificate: Certificate) -> list[tuple[int, RedactedCopy]]:
    """The newest first, each with its number."""
    return list(enumerate(certificate.copies.order_by("id"), start=1))[::-1]


@require_http_methods(["GET", "HEAD", "POST"])
def certificate_copies(request: OwnRequest, ref: str) -> HttpResponse:
    """The copies that were made, and the form for another; the worker makes it."""
    application, certificate = _own(request, ref)
    form = CopyForm(request.POST) if request.method == "POST" else CopyForm(initial={"days": 30})
    if request.method == "POST" and form.is_valid():
        try:
            copies.order(
                certificate=certificate,
                purpose=form.cleaned_data["purpose"],
                days=form.cleaned_data["days"],
                by=request.user,
                at=now(),
            )
        except copies.CopyRefused as refused:
            form.add_error(None, str(refused))
        else:
            return redirect("certificate_copies", ref=ref)
    rows = _rows(certificate)
    waiting = any(not copy.file for _, copy in rows)
    context = page_of(application, now(), form=form, copies=rows, certificate=certificate, waiting=waiting, day=today())
    response = render(request, "applications/applicant/copies.html", context, status=422 if form.errors else 200)
    if waiting and request.method != "POST":
        response["Refresh"] = f"{PATIENCE}; url={reverse('certificate_copies', args=[ref])}"
    return response


def _copy(certificate: Certificate, n: int) -> RedactedCopy:
    """The n-th copy that was made; its place never changes."""
    found = list(certificate.copies.order_by("id")[: n + 1])
    if not 1 <= n <= len(found):
        raise Http404
    return found[n - 1]


@require_safe
def certificate_copy_file(request: OwnRequest, ref: str, n: int) -> FileResponse:
    """One copy, the same bytes every time."""
    _, certificate = _own(request, ref)
    copy = _copy(certificate, n)
    response = pdf_response(copy.file, f"证书副本-有效至{copy.until:%Y%m%d}.pdf")
    response["Cache-Control"] = "private, no-store"
    return response


@require_POST
def certificate_copy_withdraw(request: OwnRequest, ref: str, n: int) -> HttpResponse:
    """Let a copy count no more."""
    _, certificate = _own(request, ref)
    copies.withdraw(copy_id=_copy(certificate, n).pk, by=request.user, at=now())
    messages.success(request, gettext("这份副本已停用，扫码会显示“已停用”。"))
    return redirect("certificate_copies", ref=ref)
