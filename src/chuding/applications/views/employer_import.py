"""Bringing a roster in: the template, the upload, the check cell by cell, mending in place, the import."""

from __future__ import annotations

import re
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import quote

from django.contrib import messages
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from chuding.applications.roster import workbooks
from chuding.applications.roster.columns import COLUMNS, PLACE, SHEET
from chuding.applications.roster.models import RosterImport
from chuding.applications.services import staff
from chuding.applications.views.employer_unit import unit_of
from chuding.applications.workflow import Declined
from chuding.notices.shelf import current
from chuding.paper.sheets import SheetRefused
from chuding.paper.tables import CONTENT_TYPES
from chuding.storage.clock import now, today

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from chuding.accounts.models import Employer
    from chuding.applications.roster.checking import Finding, Row
    from chuding.applications.views.desk_access import StaffRequest

MENDED_IN_PLACE = 20
SHOWN = 100
Sent = TypeVar("Sent", HttpResponse, StreamingHttpResponse)
# One check a clerk, kept for a day: a second window's upload ends the first's.
_GONE = "这份检查结果已经不在了：您后来又上传了一份，或者已经过了一天。请重新上传表格。"
_FIELD = re.compile(r"cell-(\d{1,5})-([a-z_]{1,30})", re.ASCII)


def download(data: bytes, name: str, kind: str) -> HttpResponse:
    """A file to save, under a Chinese name (RFC 6266)."""
    return _to_save(HttpResponse(data, content_type=CONTENT_TYPES[kind]), name, kind)


def download_blocks(blocks: Iterator[bytes], name: str, kind: str) -> StreamingHttpResponse:
    """A file to save that is made while it is being sent, so that only a block of it is ever held."""
    return _to_save(StreamingHttpResponse(blocks, content_type=CONTENT_TYPES[kind]), name, kind)


def _to_save(response: Sent, name: str, kind: str) -> Sent:
    response["Content-Disposition"] = f"attachment; filename=\"table.{kind}\"; filename*=UTF-8''{quote(name)}.{kind}"
    return response


@require_safe
def template(request: StaffRequest) -> HttpResponse:
    """The empty template with the current catalogue's choices."""
    del request
    return download(workbooks.template(current(now())), f"单位人员{SHEET}模板", "xlsx")


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: StaffRequest) -> HttpResponse:
    """Upload a filled template."""
    employer, _ = unit_of(request)
    errors: list[dict[str, str]] = []
    if request.method == "POST":
        try:
            held = _receive(request, employer)
        except Declined as refusal:
            errors = _at_the_file(refusal.sentence)
        else:
            return redirect("employer_import", ref=held.ref)
    return _upload_page(request, employer, errors, 422 if errors else 200)


def _upload_page(request: StaffRequest, employer: Employer, errors: list[dict[str, str]], status: int) -> HttpResponse:
    context = {"employer": employer, "errors": errors, "columns": COLUMNS}
    return render(request, "applications/employer/import_new.html", context, status=status)


def _at_the_file(sentence: str) -> list[dict[str, str]]:
    return [{"href": "#file", "text": sentence}]


def _receive(request: StaffRequest, employer: Employer) -> RosterImport:
    file = request.FILES.get("file")
    if file is None:
        raise Declined("请先选择填好的 XLSX 文件。")
    if getattr(file, "too_large", False):
        raise Declined(SheetRefused("too_large").sentence)
    return staff.open_import(
        employer=employer, chunks=file.chunks(), name=file.name or "名单.xlsx", by=request.user, at=now()
    )


def _held(request: StaffRequest, ref: str) -> RosterImport:
    held = RosterImport.objects.select_related("employer").filter(ref=ref, by=request.user).first()
    if held is None or held.employer not in unit_of(request)[1]:
        raise Http404
    return held


def _or_upload_again(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Instead of a page that is not there: the upload, and why the check is gone. The same for what never was."""

    @wraps(view)
    def answer(request: StaffRequest, ref: str) -> HttpResponse:
        try:
            return view(request, ref)
        except Http404:
            return _upload_page(request, unit_of(request)[0], _at_the_file(_GONE), 404)

    return answer


def _checked(held: RosterImport) -> list[Row]:
    return staff.check_import(held, notice=current(now()), on=today())


def _lines(bad: list[Row], *, fields: bool) -> list[dict[str, Any]]:
    """Rows with something wrong; each wrong cell with what stands in it, to be mended in place."""
    lines = []
    notice = current(now())
    for row in bad[:SHOWN]:
        cells: dict[str, list[Finding]] = {}
        for finding in row.findings:
            if finding.blocks:
                cells.setdefault(finding.column.key, []).append(finding)
        lines.append(
            {
                "row": row,
                "name": row.values.get("full_name") or row.cells[PLACE["full_name"]].text,
                "cells": [
                    {
                        "id": f"cell-{row.line}-{key}",
                        "column": found[0].column,
                        "choices": found[0].column.choices(notice),
                        "listed": "catalogue" if key == "specialty" else "",
                        "text": row.cells[PLACE[key]].text,
                        "problems": found,
                        "field": fields,
                    }
                    for key, found in cells.items()
                ],
            }
        )
    return lines


def _page(request: StaffRequest, held: RosterImport, errors: list[dict[str, str]] | None = None) -> HttpResponse:
    rows = _checked(held)
    bad = [row for row in rows if not row.good]
    in_place = len(bad) <= MENDED_IN_PLACE
    context = {
        "held": held,
        "employer": held.employer,
        "rows": rows,
        "good": len(rows) - len(bad),
        "bad": bad,
        "lines": _lines(bad, fields=in_place),
        "more": max(0, len(bad) - SHOWN),
        "specialties": [choice.path for choice in current(now()).catalogue.choices()] if in_place else [],
        "in_place": in_place,
        "notes": [finding for row in rows if row.good for finding in row.findings][:SHOWN],
        "errors": errors or [],
    }
    return render(request, "applications/employer/import.html", context, status=422 if errors else 200)


@require_safe
@_or_upload_again
def check(request: StaffRequest, ref: str) -> HttpResponse:
    """What is good, and every problem with its cell."""
    held = _held(request, ref)
    if held.done_at:
        return render(request, "applications/employer/import_done.html", {"held": held, "employer": held.employer})
    return _page(request, held)


@require_POST
@_or_upload_again
def mend(request: StaffRequest, ref: str) -> HttpResponse:
    """Corrected cells, checked again at once."""
    held = _held(request, ref)
    cells = {
        (int(found[1]), found[2]): request.POST[name]
        for name in request.POST
        if (found := _FIELD.fullmatch(name)) is not None
    }
    try:
        staff.mend_import(ref=held.ref, cells=cells, by=request.user)
    except Declined as refusal:
        messages.error(request, refusal.sentence)
    else:
        messages.success(request, "修改已保存，每一行都重新检查过了。")
    return redirect(f"{reverse('employer_import', args=[held.ref])}#result")


@require_safe
@_or_upload_again
def marked(request: StaffRequest, ref: str) -> HttpResponse:
    """The sheet with every problem coloured and commented."""
    held = _held(request, ref)
    if held.done_at:
        raise Http404
    data = workbooks.marked(current(now()), _checked(held))
    return download(data, f"{SHEET}（标注错误）", "xlsx")


@require_POST
@_or_upload_again
def finish(request: StaffRequest, ref: str) -> HttpResponse:
    """Import the good rows, or all or none."""
    held = _held(request, ref)
    try:
        staff.finish_import(
            ref=held.ref,
            whole=request.POST.get("what") == "all",
            notice=current(now()),
            by=request.user,
            at=now(),
            on=today(),
        )
    except Declined as refusal:
        if RosterImport.objects.filter(pk=held.pk, done_at__isnull=True).exists():
            return _page(request, held, [{"href": "#result", "text": refusal.sentence}])
    return redirect("employer_import", ref=held.ref)
