"""The officer's side of opening a unit's account: the stamped paper beside what was typed, a letter, the decision."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import FileResponse, Http404
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from chuding.accounts.masking import mask_phone
from chuding.accounts.models import Employer, EmployerClerk
from chuding.accounts.roles import may_open
from chuding.applications.services import units as services
from chuding.applications.units.models import UnitRequest
from chuding.applications.views.desk_images import guarded
from chuding.applications.workflow import Declined
from chuding.paper.pages import drawn_pages
from chuding.storage.clock import now
from chuding.storage.files import store

if TYPE_CHECKING:
    from django.http import HttpResponse

    from chuding.applications.views.desk_access import StaffRequest

_SHOWN = 50


@require_safe
def home(request: StaffRequest) -> HttpResponse:
    """What waits, the oldest first, and what was decided."""
    rows = UnitRequest.objects.select_related("asked_by", "decided_by")
    context = {
        "waiting": list(rows.filter(accepted__isnull=True).order_by("asked_at", "id")[:_SHOWN]),
        "decided": list(rows.filter(accepted__isnull=False).order_by("-decided_at", "-id")[:_SHOWN]),
        "at_desk": may_open("desk", request.roles),
    }
    return render(request, "applications/units/desk.html", context)


def _found(ref: str) -> UnitRequest:
    found = UnitRequest.objects.select_related("asked_by", "letter_by", "decided_by").filter(ref=ref).first()
    if found is None:
        raise Http404
    return found


def _page(request: StaffRequest, found: UnitRequest, problem: str = "") -> HttpResponse:
    unit = Employer.objects.filter(uscc=found.uscc).first()
    context = {
        "asked": found,
        "phone": mask_phone(found.asked_by.phone),
        "pages": range(1, found.pages + 1) if found.file else (),
        "ready": bool(found.file) and bool(drawn_pages(store().derived(found.file))),
        "clerks": EmployerClerk.objects.filter(employer=unit, active=True).count() if unit else 0,
        "other_name": unit.name if unit and unit.name != found.name else "",
        "other_kind": unit.get_kind_display() if unit and unit.kind != found.kind and found.accepted is None else "",
        "errors": [{"href": "#decide", "text": problem}] if problem else [],
        "typed": request.POST,
    }
    return render(request, "applications/units/desk_one.html", context, status=422 if problem else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def one(request: StaffRequest, ref: str) -> HttpResponse:
    """One request; the code of a letter is on the answer of its making only."""
    found = _found(ref)
    if request.method != "POST":
        return _page(request, found)
    choice = request.POST.get("choice", "")
    if choice not in {"accept", "decline", "letter"}:
        return _page(request, found, "请选择核验通过、不通过，或者寄核验信。")
    try:
        if choice == "letter":
            found, code = services.write_letter(ref=ref, by=request.user, at=now())
            return render(request, "applications/units/letter.html", {"asked": found, "code": code, "at": now()})
        reason = request.POST.get("reason", "")
        services.decide(ref=ref, accept=choice == "accept", reason=reason, by=request.user, at=now())
    except Declined as refusal:
        return _page(request, _found(ref), refusal.sentence)
    messages.success(request, f"{found.name}：" + ("已开通。" if choice == "accept" else "已告知不通过的理由。"))
    return redirect("desk_units")


@require_safe
def page(request: StaffRequest, ref: str, n: int) -> FileResponse:
    """One page of the stamped paper as an image."""
    del request
    found = _found(ref)
    image = store().derived(found.file) / f"page-{n}.webp" if found.file else None
    if image is None or not 1 <= n <= found.pages or not image.is_file():
        raise Http404
    return guarded(FileResponse(image.open("rb"), content_type="image/webp"))
