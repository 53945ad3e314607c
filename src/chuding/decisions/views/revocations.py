"""Revoking a certificate: one person proposes, another of the same office confirms."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from chuding.applications.workflow import Declined
from chuding.certificates.models import Certificate, Standing
from chuding.decisions.models import Revocation
from chuding.decisions.services import revocations as services
from chuding.decisions.views.pages import office
from chuding.notices.shelf import current
from chuding.storage.clock import now

if TYPE_CHECKING:
    from django.http import HttpResponse, QueryDict

    from chuding.decisions.views.pages import SignerRequest

_RECENT = 20


def _context(request: SignerRequest, typed: QueryDict | None = None) -> dict[str, Any]:
    mine = office(request)
    done = Certificate.objects.filter(office=mine, standing=Standing.REVOKED).order_by("-revoked_at")
    return {
        "office_name": settings.OFFICE_NAMES[mine],
        "proposals": [(each, each.proposed_by_id == request.user.pk) for each in services.open_proposals(request.user)],
        "revoked": list(done.only("number", "revoked_at", "revocation_reason", "level")[:_RECENT]),
        "clauses": current(now()).clauses,
        "typed": typed or {"number": request.GET.get("number", "")},
    }


@require_safe
def home(request: SignerRequest) -> HttpResponse:
    """The form to propose, what waits for a second person, and what was revoked."""
    return render(request, "decisions/revocations.html", _context(request))


def _clause(label: str) -> str:
    if label not in {clause.label for clause in current(now()).clauses}:
        raise Declined("请选择撤销所依据的通知条款。")
    return label


def _agrees(choice: str) -> bool:
    if choice not in {"agree", "reject"}:
        raise Declined("请选择“确认撤销”或“不同意撤销”。")
    return choice == "agree"


@require_POST
def propose(request: SignerRequest) -> HttpResponse:
    """Propose the revocation of a certificate."""
    form = request.POST
    try:
        services.propose(
            number=form.get("number", ""),
            reason=form.get("reason", ""),
            clause=_clause(form.get("clause", "")),
            by=request.user,
            at=now(),
        )
    except Declined as refusal:
        context = _context(request, form) | {"errors": [{"href": "#number", "text": refusal.sentence}]}
        return render(request, "decisions/revocations.html", context, status=422)
    messages.success(request, "已提出撤销，等待另一位签发人确认。确认之前证书仍然有效。")
    return redirect("revocations")


@require_POST
def confirm(request: SignerRequest, number: int) -> HttpResponse:
    """Confirm or reject somebody else's proposal."""
    found = get_object_or_404(Revocation, pk=number, certificate__office=office(request))
    try:
        agree = _agrees(request.POST.get("choice", ""))
        services.decide(revocation_id=found.pk, agree=agree, by=request.user, at=now())
    except Declined as refusal:
        context = _context(request) | {"errors": [{"href": "#proposals", "text": refusal.sentence}]}
        return render(request, "decisions/revocations.html", context, status=422)
    messages.success(request, "证书已撤销，并已通知本人。" if agree else "没有撤销，证书仍然有效。")
    return redirect("revocations")
