"""The pages of public verification."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import forms
from django.conf import settings
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from chuding.accounts import limits, tallies
from chuding.accounts.address import address_of
from chuding.accounts.services import SignInProblem, count_public_try
from chuding.certificates.copies import look_up_copy
from chuding.certificates.statements import issuer_document
from chuding.certificates.statuses import published, published_statement
from chuding.certificates.verification import check_file, issuers_of, known_issuers, look_up, matches, token_of_code
from chuding.paper.jose import jwk_of
from chuding.paper.keys import OFFICES
from chuding.storage.clock import now, today

if TYPE_CHECKING:
    from django.http import HttpRequest


class MatchForm(forms.Form):
    """A certificate number and a name, to be confirmed or not."""

    number = forms.CharField(
        label=_("证书编号"),
        max_length=40,
        help_text=_("印在证书上，16位字母和数字，例如 ZJX2024200000112。"),
        error_messages={"required": _("请输入证书编号。")},
    )
    name = forms.CharField(label=_("姓名"), max_length=100, error_messages={"required": _("请输入证书上的姓名。")})


class FileForm(forms.Form):
    """A PDF that claims to be a certificate or an official document."""

    file = forms.FileField(
        label=_("证书 PDF 文件"),
        help_text=_("不超过 10 MB。文件只用来核验，不保存。"),
        widget=forms.FileInput(attrs={"accept": "application/pdf,.ofd"}),
        error_messages={"required": _("请选择要验证的 PDF 文件。"), "empty": _("这个文件是空的，请重新选择。")},
    )

    def clean_file(self) -> object:
        file = self.cleaned_data["file"]
        if getattr(file, "too_large", False):
            raise forms.ValidationError(gettext("文件超过 10 MB，不是本平台的证书。"))
        return file


@require_safe
def certificate_public(request: HttpRequest, token: str) -> HttpResponse:
    """The page behind the QR code."""
    at = now()
    answer = look_up(token, at=at)
    status = 404 if answer.standing == "not_found" else 200
    return render(
        request,
        "certificates/public.html",
        {"answer": answer, "at": at, "host": settings.PUBLIC_ADDRESS},
        status=status,
    )


@require_safe
def copy_public(request: HttpRequest, token: str) -> HttpResponse:
    """The page behind the code of a redacted copy: short-lived, and kept by nobody on the way."""
    at = now()
    copy = look_up_copy(token, at=at)
    context = {"copy": copy, "at": at, "host": settings.PUBLIC_ADDRESS}
    response = render(request, "certificates/copy.html", context, status=404 if copy.state == "not_found" else 200)
    response["Cache-Control"] = "private, no-store"
    response["X-Robots-Tag"] = "noindex"
    return response


@require_safe
def credential_public(request: HttpRequest, code: str) -> HttpResponse:
    """The address in the offline code: where there is a network, the same page as the first code's.

    Only a code that one of our offices signed leads on, so that nobody walks the register by number.
    """
    token = token_of_code(code, at=now())
    return certificate_public(request, "-") if token is None else redirect("certificate_public", token=token)


@require_safe
def offline_page(request: HttpRequest) -> HttpResponse:
    """A page to keep: it checks offline codes on any device, and knows our offices' public keys."""
    context = {"issuers": known_issuers(), "host": settings.PUBLIC_ADDRESS, "made_at": now()}
    response = render(request, "certificates/offline_page.html", context)
    # Always a download: its script is inside it, and this site runs no script that stands in a page.
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename="离线核验.html") or ""
    return response


@require_safe
def status_list(_request: HttpRequest) -> HttpResponse:
    """The signed lists of revoked certificates, one an office, for checks without a network."""
    content = published()
    if content is None:
        raise Http404
    response = HttpResponse(content, content_type="application/json")
    response["Access-Control-Allow-Origin"] = "*"
    return response


@require_safe
def issuer(_request: HttpRequest, office: str) -> HttpResponse:
    """Who an office is to readers of Verifiable Credentials: its identifier and its public keys."""
    certificates = issuers_of(office)
    if not certificates:
        raise Http404
    return _open_to_all(JsonResponse(issuer_document(office, certificates)))


@require_safe
def issuer_status(_request: HttpRequest, office: str, block: int) -> HttpResponse:
    """One signed W3C status list."""
    content = published_statement(office, block)
    if content is None:
        raise Http404
    return _open_to_all(HttpResponse(content, content_type="application/vc+jwt"))


@require_safe
def jwks(_request: HttpRequest) -> HttpResponse:
    """The public keys of every office, for libraries that look here."""
    keys = [jwk_of(one) for office in OFFICES for one in issuers_of(office)]
    return _open_to_all(JsonResponse({"keys": keys}))


def _open_to_all(response: HttpResponse) -> HttpResponse:
    response["Access-Control-Allow-Origin"] = "*"
    return response


@require_http_methods(["GET", "HEAD", "POST"])
def verify(request: HttpRequest) -> HttpResponse:
    """Type number and name: same or not, nothing more."""
    at = now()
    form = MatchForm(request.POST or None)
    answer = None
    if request.method == "POST" and form.is_valid():
        try:
            count_public_try(address=address_of(request), kind="verify", rules=limits.VERIFICATIONS_PER_ADDRESS, at=at)
            answer = matches(number=form.cleaned_data["number"], name=form.cleaned_data["name"], at=at)
            tallies.count(kind=tallies.VERIFICATION, key="number", on=today())
        except SignInProblem as problem:
            form.add_error(None, problem.sentence)
    return render(
        request,
        "certificates/verify.html",
        {"form": form, "file_form": FileForm(), "answer": answer, "at": at, "host": settings.PUBLIC_ADDRESS},
    )


@require_http_methods(["GET", "HEAD", "POST"])
def verify_file(request: HttpRequest) -> HttpResponse:
    """Upload a PDF: numbered steps with a reason for each."""
    at = now()
    form = FileForm(request.POST, request.FILES) if request.method == "POST" else FileForm()
    result = None
    if request.method == "POST" and form.is_valid():
        try:
            count_public_try(
                address=address_of(request), kind="verify-file", rules=limits.VERIFICATIONS_PER_ADDRESS, at=at
            )
            result = check_file(form.cleaned_data["file"].read(), at=at)
            tallies.count(kind=tallies.VERIFICATION, key="file", on=today())
        except SignInProblem as problem:
            form.add_error(None, problem.sentence)
    return render(
        request,
        "certificates/verify_file.html",
        {"form": form, "result": result, "at": at, "host": settings.PUBLIC_ADDRESS},
    )
