"""The employer's pages: who asks for agreement, one person's post and letter, agree or return.

An employer sees what its agreement is about and no more: name, post, specialty, level, established post and its own
letter; never diplomas, identity numbers or what reviewers wrote.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import Count, Q
from django.http import FileResponse, Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from chuding.accounts.models import Employer
from chuding.accounts.people import employers_of
from chuding.accounts.roles import Role
from chuding.accounts.step_up import FRESH_OUTSIDE, step_up
from chuding.applications.citing import cited
from chuding.applications.material_kinds import Kind, rule_of
from chuding.applications.services import employer as services
from chuding.applications.services import endorsing
from chuding.applications.services.aftercare import note_view
from chuding.applications.services.nudging import URGENT
from chuding.applications.translate import local_day, notice_of
from chuding.applications.views.desk_access import clerk_files
from chuding.applications.views.desk_images import image_response
from chuding.applications.views.employer_bulk import note_opened, opened_by
from chuding.applications.views.employer_filters import HAS_LETTER, UnitFilters, levels
from chuding.applications.workflow import Action, Declined, State
from chuding.notices.shelf import current
from chuding.policy.working_days import add_working_days, working_days_between
from chuding.storage.clock import now, today
from chuding.storage.paginate import keyset_page

if TYPE_CHECKING:
    from django.http import HttpResponse

    from chuding.applications.models import Application, Material
    from chuding.applications.views.desk_access import StaffRequest

PAGE_SIZE = 25


@dataclass(frozen=True)
class Tab:
    """One view of the unit's people."""

    key: str
    text: str
    states: frozenset[State]


TABS = (
    Tab("todo", "待审核", frozenset({State.EMPLOYER})),
    Tab("returned", "已退回修改", frozenset({State.EMPLOYER_RETURNED})),
    Tab("agreed", "已同意", frozenset(State) - {State.DRAFT, State.EMPLOYER, State.EMPLOYER_RETURNED, State.WITHDRAWN}),
)
_COLUMNS = (
    "ref", "number", "full_name", "post", "level", "specialty", "employer_name", "state", "submitted_at", "notice_id", "notice_digest",
    "version", "assessed_fit", "social_insurance",
)  # fmt: skip


def _specialty(application: Application) -> str:
    choice = notice_of(application).catalogue.find(application.specialty)
    return choice.label if choice else application.specialty


def _rows(request: StaffRequest, files: list[Application], *, deciding: bool) -> list[dict[str, Any]]:
    """Each file with what was checked of it, and whether it may be agreed to together with others."""
    day, opened, rows = today(), opened_by(request), []
    for file in files:
        checks = endorsing.checks_of(file) if deciding else None
        rows.append(
            {
                "file": file,
                "specialty": _specialty(file),
                "days": working_days_between(local_day(file.submitted_at), day) if file.submitted_at else 0,
                "checks": checks.checks if checks else (),
                "agreeable": checks is not None and (checks.pass_all or opened.get(file.ref) == file.version),
            }
        )
    return rows


def _todo_title(waiting: int, late: int, near: int) -> str:
    pressing = [f"{late} 件已经逾期"] if late else []
    pressing += [f"{near} 件距截止不足 {URGENT} 个工作日"] if near else []
    return f"待审核 {waiting} 件" + (f"，其中 {'，'.join(pressing)}" if pressing else "")


def _tabs(chosen: Tab, counts: dict[str, int]) -> list[dict[str, object]]:
    return [
        {
            "href": f"{reverse('employer_home')}?{urlencode({'tab': each.key})}",
            "text": each.text,
            "count": counts[each.key],
            "current": each == chosen,
        }
        for each in TABS
    ]


@require_safe
def home(request: StaffRequest) -> HttpResponse:
    """What waits for the unit, then everything else."""
    files, filters = clerk_files(request), UnitFilters.read(request.GET)
    day = today()
    late, near = Q(due_on__lt=day), Q(due_on__gte=day, due_on__lte=add_working_days(day, URGENT))
    by_state = files.values_list("state").annotate(
        n=Count("id"), late=Count("id", filter=late), near=Count("id", filter=near)
    )
    found = {state: (n, *pressing) for state, n, *pressing in by_state.order_by()}
    counts = {tab.key: sum(found.get(state, (0,))[0] for state in tab.states) for tab in TABS}
    tab = next((each for each in TABS if each.key == request.GET.get("tab")), TABS[0])
    listed = filters.apply(files.filter(state__in=sorted(tab.states))).only(*_COLUMNS)
    deciding = tab.key == "todo"
    page = keyset_page(
        endorsing.with_checks(listed) if deciding else listed, after=request.GET.get("after"), size=PAGE_SIZE
    )
    context = {
        "tab": tab,
        "tabs": _tabs(tab, counts),
        "todo": counts["todo"],
        "todo_title": _todo_title(*found.get(State.EMPLOYER, (0, 0, 0))),
        "page": page,
        "rows": _rows(request, page.rows, deciding=deciding),
        # Said once where it is one for all.
        "units": {file.employer_name for file in page.rows} or {unit.name for unit in employers_of(request.user)},
        "several": len(tab.states) > 1,
        "query": filters.query(tab=tab.key),
        "filters": filters,
        "filtered": filters != UnitFilters(),
        "filterable": counts[tab.key] > 0,
        "levels": levels(),
        **_of_letters(),
    }
    return render(request, "applications/employer/home.html", context)


def _of_letters() -> dict[str, Any]:
    """What the list may be narrowed to by the stamped letter, and the clause that asks for one."""
    letter = rule_of(current(now()), Kind.ENDORSEMENT)
    return {"letter_choices": HAS_LETTER, "letter_clause": cited([letter.clause.label] if letter else [])}


def _file(request: StaffRequest, ref: str) -> Application:
    found = clerk_files(request).select_related("employer").filter(ref=ref).first()
    if found is None:
        raise Http404
    return found


def _letter(application: Application) -> Material | None:
    return application.current_materials().filter(code=endorsing.letter_code(application)).first()


def _context(application: Application) -> dict[str, Any]:
    letter = _letter(application)
    established = {True: "在编", False: "不在编", None: "未填写"}[application.established_post]
    public = application.employer_kind == Employer.Kind.PUBLIC_INSTITUTION
    return {
        "application": application,
        "deciding": application.life is State.EMPLOYER,
        "rows": [
            {"key": "姓名", "value": application.full_name},
            {"key": "岗位", "value": application.post},
            {"key": "工作单位", "value": application.employer_name},
            *([{"key": "人事代理机构", "value": application.agency.name}] if application.agency else []),
            *([{"key": "是否事业单位在编", "value": established}] if public else []),
            {"key": "申报级别", "value": application.level},
            {"key": "申报专业", "value": _specialty(application)},
            {"key": "办件号", "value": application.number},
        ],
        "letter": letter,
        "page_numbers": range(1, letter.pages + 1) if letter else (),
        "days": working_days_between(local_day(application.submitted_at), local_day(now()))
        if application.submitted_at
        else 0,
        "typed": "",
    }


@require_safe
def application(request: StaffRequest, ref: str) -> HttpResponse | FileResponse:
    """One of the unit's people; `?page=2` is that page of the letter as an image."""
    file = _file(request, ref)
    if wanted := request.GET.get("page"):
        letter = _letter(file)
        if letter is None or not wanted.isascii() or not wanted.isdigit():
            raise Http404
        return image_response(letter, int(wanted))
    note_opened(request, file)
    note_view(file, by=request.user, roles={Role.EMPLOYER_CLERK}, at=now())
    return render(request, "applications/employer/file.html", _context(file))


def _decide(request: StaffRequest, ref: str, action: str, reason: str) -> str:
    shown = request.POST.get("version", "")
    version = int(shown) if shown.isascii() and shown.isdigit() and len(shown) < 10 else -1
    if action == Action.ENDORSE:
        services.endorse(ref=ref, version=version, by=request.user, at=now())
        return "已同意申报，转协会受理"
    if action == Action.EMPLOYER_RETURN:
        services.return_to_applicant(ref=ref, version=version, reason=reason, by=request.user, at=now())
        return "已退回修改并通知本人"
    raise Declined("请选择“同意申报”或“退回修改”。")


@require_POST
@step_up("endorse", fresh_for=FRESH_OUTSIDE, when=lambda request: request.POST.get("action") == Action.ENDORSE)
def act(request: StaffRequest, ref: str) -> HttpResponse:
    """Agree, or return with a reason."""
    file = _file(request, ref)
    action, reason = request.POST.get("action", ""), request.POST.get("reason", "")
    try:
        done = _decide(request, ref, action, reason)
    except Declined as refusal:
        errors = [{"href": "#reason" if action == Action.EMPLOYER_RETURN else "#main", "text": refusal.sentence}]
        context = _context(_file(request, ref)) | {"typed": reason, "errors": errors}
        return render(request, "applications/employer/file.html", context, status=422)
    messages.success(request, f"{file.full_name}（{file.number}）：{done}。")
    return redirect("employer_home")
