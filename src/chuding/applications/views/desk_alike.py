"""Two files that look like one, side by side; a person says whether they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from chuding.applications.models import NO_UNIT, Application
from chuding.applications.services.likenesses import settle
from chuding.applications.services.remarks import write_note
from chuding.applications.views.desk_access import office_file, office_files
from chuding.applications.views.desk_file import declined
from chuding.applications.views.desk_gone import even_if_gone
from chuding.applications.workflow import Declined, State
from chuding.storage.clock import now

if TYPE_CHECKING:
    from django.http import HttpResponse

    from chuding.applications.views.desk_access import StaffRequest


def _side(application: Application, *, open_to_me: bool) -> list[tuple[str, Any]]:
    a = application
    if not open_to_me:
        return [("办件号", a.number or "没有提交"), ("状态", a.life.label)]
    return [
        ("办件号", a.number),
        ("姓名", a.full_name),
        ("级别", a.level),
        ("专业", a.specialty_words),
        ("工作单位", a.employer_name or NO_UNIT),
        ("状态", a.life.label),
        ("提交", f"{a.submitted_at.astimezone():%Y-%m-%d %H:%M}" if a.submitted_at else ""),
    ]


def _yes_or_no(answer: str) -> bool:
    if answer not in {"yes", "no"}:
        raise Declined("请选择“是重复”或“不是重复”。")
    return answer == "yes"


@require_http_methods(["GET", "HEAD", "POST"])
def alike(request: StaffRequest, ref: str, n: int) -> HttpResponse:
    """One likeness: both files, both pictures, one question."""
    file = office_file(request, ref)
    held = file.likenesses.select_related("other", "material", "other_material", "decided_by").filter(pk=n).first()
    if held is None:
        raise Http404
    error = ""
    if request.method == "POST":
        answer = request.POST.get("same", "")
        reason = request.POST.get("reason", "")
        try:
            settle(ref=ref, likeness_id=n, same=_yes_or_no(answer), reason=reason, by=request.user, at=now())
        except Declined as refusal:
            error = refusal.sentence
        else:
            messages.success(request, "已记下您的判断。")
            return redirect(f"{request.path.rpartition('alike/')[0]}#alike")
    theirs = office_files(request).filter(pk=held.other_id).exists()
    context = {
        "application": file,
        "held": held,
        "sides": [(file, _side(file, open_to_me=True)), (held.other, _side(held.other, open_to_me=theirs))],
        "theirs": theirs,
        "may": file.life is State.REVIEWING and file.reviewer_id == request.user.pk,
        "typed": request.POST,
        "errors": [{"href": "#settle", "text": error}] if error else [],
    }
    return render(request, "applications/desk/alike.html", context, status=422 if error else 200)


@require_POST
@even_if_gone
def note(request: StaffRequest, ref: str) -> HttpResponse:
    """A remark among the offices."""
    file = office_file(request, ref)
    try:
        write_note(ref=file.ref, text=request.POST.get("note", ""), by=request.user, at=now())
    except (Declined, Application.DoesNotExist) as refusal:
        sentence = refusal.sentence if isinstance(refusal, Declined) else "您不能给这份申报写备注。"
        return declined(request, ref, sentence, "notes")
    messages.success(request, "备注已保存，申报人看不到。")
    return redirect(f"{request.path.rpartition('note/')[0]}#notes")
