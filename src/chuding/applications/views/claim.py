"""What a unit prepared for somebody: opened with one's identity number, looked through, taken over or declined."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_safe

from chuding.accounts.identity import KIND_NAMES, IdentityKind
from chuding.accounts.masking import mask_identity
from chuding.applications.roster.columns import told_rows
from chuding.applications.sentences import Typed
from chuding.applications.services import invitations
from chuding.applications.workflow import Declined
from chuding.notices.shelf import current
from chuding.storage.clock import now

if TYPE_CHECKING:
    from django.http import HttpResponse

    from chuding.applications.roster.models import EmployerStaff
    from chuding.applications.views.applicant_pages import OwnRequest

_PAGE = "applications/applicant/claim.html"


@require_safe
def claims(request: OwnRequest) -> HttpResponse:
    """The invitations that were sent to one's own phone."""
    found = list(invitations.invitations_of(request.user))
    return render(request, "applications/applicant/claims.html", {"invitations": found})


@require_http_methods(["GET", "HEAD", "POST"])
def claim(request: OwnRequest, token: str) -> HttpResponse:
    """First the number, then everything that the unit typed, then one's own decision."""
    held = invitations.open_invitation(token)
    if held is None:
        raise Http404
    context: dict[str, Any] = {"held": held, "kind": KIND_NAMES[IdentityKind(held.identity_type)]}
    if request.method != "POST":
        return render(request, _PAGE, context)
    number, step = request.POST.get("number", "").strip(), request.POST.get("step", "")
    context["number"] = number
    try:
        invitations.recognise(token=token, number=number, by=request.user, at=now())
    except Declined as refusal:
        return render(request, _PAGE, context | {"errors": [{"href": "#number", "text": refusal.sentence}]}, status=422)
    context |= {"rows": _rows(held), "consent": invitations.CONSENT}
    if step == "decline":
        return _decline(request, token, context)
    if step == "take":
        return _take(request, token, number, context)
    return render(request, _PAGE, context)


def _rows(held: EmployerStaff) -> list[dict[str, Any]]:
    return [
        {"key": gettext("姓名"), "value": Typed(held.full_name)},
        {"key": KIND_NAMES[IdentityKind(held.identity_type)], "value": mask_identity(held.identity_number)},
        {"key": gettext("工作单位"), "value": Typed(held.employer.name)},
        *told_rows(held.declared),
    ]


def _take(request: OwnRequest, token: str, number: str, context: dict[str, Any]) -> HttpResponse:
    try:
        file = invitations.claim(
            token=token,
            number=number,
            agreed=request.POST.get("agree") == "yes",
            notice=current(now()),
            by=request.user,
            at=now(),
        )
    except Declined as refusal:
        return render(request, _PAGE, context | {"errors": [{"href": "#agree", "text": refusal.sentence}]}, status=422)
    messages.success(request, gettext("单位填写的内容已带入草稿。请逐项核对、补充，然后由您本人提交。"))
    return redirect("application", ref=file.ref)


def _decline(request: OwnRequest, token: str, context: dict[str, Any]) -> HttpResponse:
    try:
        employer = invitations.decline(token=token, by=request.user, at=now())
    except Declined as refusal:
        return render(request, _PAGE, context | {"errors": [{"href": "#main", "text": refusal.sentence}]}, status=422)
    messages.success(
        request, gettext("已谢绝，%(name)s填写的内容已经删除。您仍然可以自己申报。") % {"name": employer.name}
    )
    return redirect("my_applications")
