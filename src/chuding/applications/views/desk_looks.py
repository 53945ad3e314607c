"""抽检: files drawn for a blind second look, the look itself, and where the two opinions differ."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from chuding.accounts.roles import Role
from chuding.applications.models import Verdict
from chuding.applications.reviewing.models import SecondLook
from chuding.applications.reviewing.ties import ties_of
from chuding.applications.services import looks
from chuding.applications.services.submission import filing_day
from chuding.applications.translate import assess_file, local_day
from chuding.applications.verdicts import verdict_of
from chuding.applications.views.desk_access import office_file, office_files
from chuding.applications.views.desk_facts import facts_rows, given_materials, material_rows
from chuding.applications.views.desk_file import viewer_context
from chuding.applications.views.desk_keys import keys_for
from chuding.applications.workflow import Declined
from chuding.policy.terms import Level
from chuding.storage.clock import now

if TYPE_CHECKING:
    from django.http import HttpResponse

    from chuding.applications.models import Application
    from chuding.applications.views.desk_access import StaffRequest

_SHOWN = 50


@require_safe
def home(request: StaffRequest) -> HttpResponse:
    """What waits for a second look by this person, and to the lead where the two differ."""
    mine = ties_of(request.user, local_day(now())).leave_out(office_files(request))
    for part in ("reviewer", "second", "rechecker", "signer"):
        mine = mine.exclude(**{part: request.user})
    waiting = SecondLook.objects.filter(at__isnull=True, application__in=mine).select_related("application")
    done = SecondLook.objects.filter(agrees=False).select_related("application__reviewer", "by").order_by("-at")
    context = {
        "waiting": waiting.order_by("drawn_at", "id")[:_SHOWN],
        "lead": Role.LEAD in request.roles,
        "differing": done[:_SHOWN] if Role.LEAD in request.roles else (),
        "told": SecondLook.objects.filter(at__isnull=False).count() if Role.LEAD in request.roles else 0,
        "agreed": SecondLook.objects.filter(agrees=True).count() if Role.LEAD in request.roles else 0,
    }
    return render(request, "applications/desk/looks.html", context)


def _blind(request: StaffRequest, file: Application) -> dict[str, object]:
    """The file as it was handed in: no verdict, no box, no opinion, no history."""
    report = assess_file(file, filing_day(file, now()))
    given = given_materials(file, request.user.pk)
    for material in given:
        material.verdict, material.verdict_reason, material.marks = Verdict.PENDING, "", []
    rows = material_rows(given, report, request.GET.get("material", ""), None)
    return {
        "application": file,
        "qualification": report.notice.title_of(Level(file.level)),
        "verdict": verdict_of(report, file.level),
        "facts": facts_rows(file),
        "materials": rows,
        "keys": keys_for(request),
        **viewer_context(request, rows),
    }


@require_http_methods(["GET", "HEAD", "POST"])
def look(request: StaffRequest, ref: str) -> HttpResponse:
    """One blind look."""
    file = office_file(request, ref)
    held = SecondLook.objects.filter(application=file, at__isnull=True).first()
    worked = {file.reviewer_id, file.second_id, file.rechecker_id, file.signer_id}
    if held is None or request.user.pk in worked or ties_of(request.user, local_day(now())).against(file):
        raise Http404
    error = ""
    if request.method == "POST":
        form = request.POST
        opinion = form.get("opinion", "")
        try:
            if opinion not in {"for", "against"}:
                error = "请选择“建议通过”或“不建议通过”。"
            else:
                looks.look(
                    ref=ref, favourable=opinion == "for", codes=form.getlist("defect"), text=form.get("text", ""),
                    by=request.user, at=now(),
                )  # fmt: skip
        except Declined as refusal:
            error = refusal.sentence
        if not error:
            messages.success(request, "抽检意见已保存。")
            return redirect("desk_looks")
    context = _blind(request, file) | {
        "typed": request.POST,
        "typed_codes": request.POST.getlist("defect"),
        "errors": [{"href": "#look", "text": error}] if error else [],
    }
    return render(request, "applications/desk/look.html", context, status=422 if error else 200)
