"""Scan first, type less: give the diploma or the report of 学信网, look at what was read, take over what is right."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from chuding.applications.material_kinds import Kind, code_of
from chuding.applications.readings.filling import offers_of
from chuding.applications.sections import SECTION
from chuding.applications.translate import notice_of
from chuding.applications.views.applicant_pages import closed, own_file, page_of
from chuding.storage.clock import now

if TYPE_CHECKING:
    from django.http import HttpResponse

    from chuding.applications.views.applicant_pages import OwnRequest


@require_safe
def application_scan(request: OwnRequest, ref: str) -> HttpResponse:
    """What was read on the papers of schooling, each value beside its place; the form takes what is ticked, unsaved."""
    application = own_file(request, ref)
    if refused := closed(request, application, "schooling"):
        return refused
    code = code_of(notice_of(application), Kind.SCHOOLING)
    context = page_of(
        application,
        now(),
        section=SECTION["schooling"],
        reasons=[],
        offers=offers_of(application),
        code=code,
        limit=settings.UPLOAD_LIMIT,
        back_url=reverse("application_section", args=[ref, "schooling"]),
        card_url=reverse("application_section", args=[ref, "materials"]) + f"#m{code}",
    )
    return render(request, "applications/applicant/scan.html", context)
