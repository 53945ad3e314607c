"""Revoking, correcting or replacing a certificate: one person proposes, another of the same office confirms."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from chuding.accounts.step_up import NONE, step_up
from chuding.applications.workflow import Declined
from chuding.certificates.models import Certificate, Standing
from chuding.decisions.models import Revocation, RevocationKind
from chuding.decisions.services import revocations as services
from chuding.decisions.services.replacements import CORRECTABLE, award_of_certificate, differences, said
from chuding.decisions.services.replacements import propose as propose_replacement
from chuding.decisions.services.signing_people import keeping_away
from chuding.decisions.views.pages import office
from chuding.notices.shelf import current
from chuding.storage.clock import now

if TYPE_CHECKING:
    from django.http import HttpResponse, QueryDict

    from chuding.decisions.views.pages import SignerRequest

_RECENT = 20


def _context(request: SignerRequest, typed: QueryDict | None = None) -> dict[str, Any]:
    mine = office(request)
    proposals = services.open_proposals(mine)
    away = keeping_away([each.certificate for each in proposals], by=request.user, at=now())
    done = Certificate.objects.filter(office=mine).exclude(standing=Standing.VALID).order_by("-revoked_at")
    return {
        "office_name": settings.OFFICE_NAMES[mine],
        "proposals": [
            {
                "proposal": each,
                "mine": each.proposed_by_id == request.user.pk,
                "away": away.get(each.certificate_id, ""),
                "changes": differences(each),
            }
            for each in proposals
        ],
        "revoked": list(done.select_related("replaced_by")[:_RECENT]),
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


@require_http_methods(["GET", "HEAD", "POST"])
def replace(request: SignerRequest) -> HttpResponse:
    """Look a certificate up, see what it says, and propose a corrected one or the same anew."""
    typed = request.POST if request.method == "POST" else request.GET
    number = typed.get("number", "").strip().upper()
    found = Certificate.objects.filter(number=number, office=office(request)).first()
    errors = [] if found or not number else [{"href": "#number", "text": "没有这个证书编号，请对照证书检查。"}]
    if request.method == "POST" and found:
        try:
            propose_replacement(
                number=number,
                kind=typed.get("kind", ""),
                typed={name: typed[name] for name in CORRECTABLE if name in typed},
                reason=typed.get("reason", ""),
                by=request.user,
                at=now(),
            )
        except Declined as refusal:
            errors = [{"href": "#kind", "text": refusal.sentence}]
        else:
            messages.success(request, "已提出，等待另一位签发人确认。确认之前原证书仍然有效。")
            return redirect("revocations")
    award = award_of_certificate(found) if found else None
    context = {
        "office_name": settings.OFFICE_NAMES[office(request)],
        "number": number,
        "found": found,
        "away": keeping_away([found], by=request.user, at=now()).get(found.pk, "") if found else "",
        "award": award,
        "typed": typed,
        "errors": errors,
        "values": {name: typed.get(name, said(award, name)) for name in CORRECTABLE} if award else {},
    }
    return render(request, "decisions/replace.html", context, status=422 if errors else 200)


def _done(revocation: Revocation) -> str:
    if revocation.kind == RevocationKind.REVOKE:
        return "证书已撤销，并已通知本人。"
    return "已确认。新证书正在制作，一分钟内生效，并会通知本人。"


@require_POST
@step_up("revoke", fresh_for=NONE, when=lambda request: request.POST.get("choice") == "agree")
def confirm(request: SignerRequest, number: int) -> HttpResponse:
    """Confirm or reject somebody else's proposal."""
    found = get_object_or_404(Revocation, pk=number, certificate__office=office(request))
    try:
        agree = _agrees(request.POST.get("choice", ""))
        services.decide(revocation_id=found.pk, agree=agree, by=request.user, at=now())
    except Declined as refusal:
        context = _context(request) | {"errors": [{"href": "#proposals", "text": refusal.sentence}]}
        return render(request, "decisions/revocations.html", context, status=422)
    messages.success(request, _done(found) if agree else "没有同意，证书仍然有效。")
    return redirect("revocations")
