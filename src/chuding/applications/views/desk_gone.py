"""A file that left somebody's desk while its page was open: what happened and what they had typed, where else nothing is found (R6)."""

from __future__ import annotations

from datetime import timedelta
from functools import wraps
from typing import TYPE_CHECKING, Any

from django.http import Http404
from django.shortcuts import render

from chuding.applications.models import Application
from chuding.applications.reviewing.latest import gone_meanwhile
from chuding.applications.sections import SECTIONS
from chuding.applications.services.moves import OFFICE_ROLES
from chuding.applications.views.desk_access import office_files
from chuding.applications.workflow import ACTION_LABELS, Action
from chuding.storage.clock import now

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpResponse, QueryDict

    from chuding.applications.views.desk_access import StaffRequest

# A page that is older than this was closed long ago.
_OPEN = timedelta(days=1)
# Acts that are not rows of the table by these names.
_TITLES = {"step_back": "回避", "decide_appeal": "复核申请", "agree": "同意再次退回"}
_NAMES = {"reason": "理由", "answer": "复核的理由", "text": "意见", "missed": "上次为什么没有一并告知"}


def kept_words(typed: QueryDict | None, acts: set[Action]) -> list[tuple[str, str]]:
    """What somebody typed into a form that is no longer open to them: shown, so that nothing is lost (R6)."""
    action = typed.get("action", "") if typed else ""
    if typed is None or action in {str(act) for act in acts} or (Action.RECOMMEND in acts and "verdict" in typed):
        return []
    title = ACTION_LABELS[Action(action)] if action in set(Action) else _TITLES.get(action, "判断材料")
    names = {f"section_{s.key}": s.title for s in SECTIONS} | _NAMES
    return [
        (f"{title}：{names.get(name, name.replace('missing_', '材料'))}", str(value))
        for name, value in typed.items()
        if (name in names or name.startswith("missing_")) and str(value).strip()
    ]


def even_if_gone(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Tell whoever had this file on their desk a moment ago where it went; to everybody else it is not there."""

    @wraps(view)
    def answer(request: StaffRequest, ref: str, *arguments: Any, **named: Any) -> HttpResponse:
        try:
            return view(request, ref, *arguments, **named)
        except Http404:
            file = _left(request, ref)
            if file is None:
                raise
            return _told(request, file)

    return answer


def _left(request: StaffRequest, ref: str) -> Application | None:
    """The file, if it is no longer this person's to see, but was within the last day and in the part they still have.

    The recheck is taken back within its half minute, and the city office loses sight of the file again.
    """
    if office_files(request).filter(ref=ref).exists():
        return None  # something of it was not found, not the file
    had_open = Application.objects.filter(
        views__person=request.user,
        views__role__in=request.roles & OFFICE_ROLES,
        views__last_at__gte=now() - _OPEN,
    )
    return had_open.filter(ref=ref).exclude(applicant=request.user).first()


def _told(request: StaffRequest, file: Application) -> HttpResponse:
    form = request.POST if request.method == "POST" else None
    kept = kept_words(form, set())
    if form and form.get("note", "").strip():
        kept = [("内部备注", form["note"])]
    context = {
        "application": file,
        "kept": kept,
        "sentence": gone_meanwhile(file, reader=request.user, at=now()),
        "sent": form is not None,
    }
    return render(request, "applications/desk/gone.html", context, status=422 if form is not None else 404)
