"""年度考核表 of the unit's people, many scans chosen at once: each goes to the person whose row code its name carries."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from chuding.accounts.gate import GATE
from chuding.applications.material_kinds import Kind, code_of
from chuding.applications.services import unit_papers as services
from chuding.applications.translate import notice_of
from chuding.applications.uploads import receive_unit_paper
from chuding.applications.views.employer_unit import unit_of, unit_tabs
from chuding.applications.workflow import Declined
from chuding.storage.clock import now

if TYPE_CHECKING:
    from django.core.files.uploadedfile import UploadedFile
    from django.http import HttpResponse

    from chuding.applications.models import Application
    from chuding.applications.views.desk_access import StaffRequest


def _page(request: StaffRequest, problems: list[str]) -> HttpResponse:
    employer, units = unit_of(request)
    files = list(services.waiting_for_papers(employer, request.user))
    context = {
        "employer": employer,
        "units": unit_tabs(units, employer, reverse("employer_papers")),
        "rows": [(file, services.row_code(file)) for file in files],
        "missing": sum(not file.given for file in files),  # type: ignore[attr-defined] # an annotation
        "most": services.MOST_AT_ONCE,
        "errors": [{"href": "#files", "text": problem} for problem in problems],
    }
    return render(request, "applications/employer/papers.html", context, status=422 if problems else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def home(request: StaffRequest) -> HttpResponse:
    """Who wants one and under which code; POST takes the scans: the good ones are kept, and each other is told why not."""
    if request.method != "POST":
        return _page(request, [])
    scans = request.FILES.getlist("files")
    if not scans:
        return _page(request, ["请先选择扫描件（PDF），再点“上传”。"])
    if len(scans) > services.MOST_AT_ONCE:
        return _page(request, [f"一次最多选{services.MOST_AT_ONCE}个文件，请分几次上传。"])
    with GATE.passage():
        employer, _ = unit_of(request)
        files = list(services.waiting_for_papers(employer, request.user))
    owners = [services.whose(scan.name or "", files) for scan in scans]
    told = [_take(request, *pair, twice=owners.count(pair[1]) > 1) for pair in zip(scans, owners, strict=True)]
    problems = [problem for problem in told if problem]
    if len(told) > len(problems):
        messages.success(request, f"已附到{len(told) - len(problems)}人的申报里。")
    return _page(request, problems) if problems else redirect("employer_papers")


def _take(request: StaffRequest, scan: UploadedFile[Any], file: Application | None, *, twice: bool) -> str:
    """Keep one scan; why not, in words, where it cannot be."""
    name = f"“{scan.name}”："
    if file is None:
        return f"{name}文件名里没有下面表里的行号，不知道是谁的。请改名后再传。"
    if twice:
        return f"{name}有两个文件写着{file.full_name}的行号。一个人的合成一个PDF，再传。"
    try:
        upload = receive_unit_paper(scan, code=code_of(notice_of(file), Kind.APPRAISAL), by=request.user)
        with GATE.passage():
            services.attach(ref=file.ref, upload=upload, by=request.user, at=now())
    except Declined as refusal:
        return f"{name}{refusal.sentence}"
    return ""
