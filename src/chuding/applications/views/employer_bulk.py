"""Agreeing to many at once: a page that lists the names, then one POST; and the progress list to take away."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from chuding.accounts.step_up import FRESH_OUTSIDE, step_up
from chuding.applications.services import endorsing, staff
from chuding.applications.translate import notice_of
from chuding.applications.views.desk_access import clerk_files
from chuding.applications.views.employer_filters import UnitFilters
from chuding.applications.views.employer_import import download
from chuding.applications.views.employer_unit import unit_of
from chuding.applications.workflow import Declined, State
from chuding.paper.tables import CONTENT_TYPES, csv_of, xlsx_of
from chuding.storage.clock import now, today

if TYPE_CHECKING:
    from django.http import HttpResponse

    from chuding.applications.models import Application, ApplicationQuerySet
    from chuding.applications.views.desk_access import StaffRequest

OPENED = "employer_opened"
_MOST_OPENED = 500
EXPORT_HEAD = ("姓名", "工作单位", "岗位", "申报级别", "申报专业", "办件号", "状态", "提交时间", "最近变化")
_COLUMNS = (
    "ref", "number", "full_name", "post", "level", "specialty", "employer_name", "state", "submitted_at", "updated_at",
    "notice_id", "notice_digest", "version", "assessed_fit", "social_insurance",
)  # fmt: skip


def note_opened(request: StaffRequest, file: Application) -> None:
    """Remember that this clerk has looked at the detail of a file as it stands."""
    opened: dict[str, int] = request.session.get(OPENED, {})
    if opened.get(file.ref) != file.version:
        opened[file.ref] = file.version
        request.session[OPENED] = dict(list(opened.items())[-_MOST_OPENED:])


def opened_by(request: StaffRequest) -> dict[str, int]:
    """What this clerk has looked at in this session: reference and version."""
    return dict(request.session.get(OPENED, {}))


def _waiting(request: StaffRequest) -> ApplicationQuerySet:
    return endorsing.with_checks(clerk_files(request).filter(state=State.EMPLOYER).only(*_COLUMNS))


def _agreeable(file: Application, opened: dict[str, int]) -> bool:
    return endorsing.checks_of(file).pass_all or opened.get(file.ref) == file.version


@require_http_methods(["GET", "HEAD", "POST"])
@step_up("endorse", fresh_for=FRESH_OUTSIDE, when=lambda request: request.method == "POST")
def endorse_many(request: StaffRequest) -> HttpResponse:
    """GET lists who is chosen: the ticked ones, or everything that may be agreed to; POST agrees to those listed."""
    if request.method == "POST":
        return _agree(request)
    everything = request.GET.get("what") == "all"
    refs = request.GET.getlist("refs")
    files = UnitFilters.read(request.GET).apply(_waiting(request))
    if not everything:
        files = _waiting(request).filter(ref__in=refs[: endorsing.MOST_AT_ONCE])
    found, opened = list(files.order_by("submitted_at", "id")[: endorsing.MOST_AT_ONCE + 1]), opened_by(request)
    more, found = len(found) > endorsing.MOST_AT_ONCE, found[: endorsing.MOST_AT_ONCE]
    ready = [file for file in found if _agreeable(file, opened)]
    unseen = [] if everything else [file for file in found if file not in ready]
    if not ready and not unseen:
        messages.info(request, "没有选中可以一起同意的申报。请先勾选，或者逐件打开核对。")
        return redirect("employer_home")
    context = {
        "ready": [(file, notice_of(file).catalogue.find(file.specialty)) for file in ready],
        "unseen": unseen,
        "more": more,
        "most": endorsing.MOST_AT_ONCE,
    }
    return render(request, "applications/employer/endorse_many.html", context)


def _agree(request: StaffRequest) -> HttpResponse:
    chosen = []
    for pair in request.POST.getlist("chosen"):
        ref, _, version = pair.partition(":")
        if version.isascii() and version.isdigit():
            chosen.append((ref, int(version)))
    mine = set(clerk_files(request).filter(ref__in=[ref for ref, _ in chosen]).values_list("ref", flat=True))
    try:
        files = endorsing.endorse_many(
            chosen=[pair for pair in chosen if pair[0] in mine], opened=opened_by(request), by=request.user, at=now()
        )
    except Declined as refusal:
        messages.error(request, refusal.sentence)
    else:
        messages.success(request, f"已同意{len(files)}人的申报，转协会受理。")
    return redirect("employer_home")


@require_POST
def export(request: StaffRequest) -> HttpResponse:
    """The progress of the unit's people as XLSX or CSV; no identity numbers, no phones, nothing a spreadsheet runs."""
    kind = request.POST.get("kind", "xlsx")
    if kind not in CONTENT_TYPES:
        kind = "xlsx"
    employer, _ = unit_of(request)
    files = clerk_files(request).filter(employer=employer).only(*_COLUMNS).order_by("submitted_at", "id")
    rows = [_row(file) for file in files]
    staff.note("progress.exported", employer, by=request.user, at=now(), rows=len(rows), kind=kind)
    data = csv_of(EXPORT_HEAD, rows) if kind == "csv" else xlsx_of("申报进度", EXPORT_HEAD, rows)
    return download(data, f"申报进度{today():%Y%m%d}", kind)


def _row(file: Application) -> tuple[str, ...]:
    choice = notice_of(file).catalogue.find(file.specialty)
    times = (file.submitted_at, file.updated_at)
    return (
        file.full_name,
        file.employer_name,
        file.post,
        file.level,
        choice.label if choice else file.specialty,
        file.number or "",
        file.life.label,
        *(f"{timezone.localtime(at):%Y-%m-%d %H:%M}" if at else "" for at in times),
    )
