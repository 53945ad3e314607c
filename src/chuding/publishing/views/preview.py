"""The public pages as they would be under a draft: the guide and the self-check, marked as a preview, keeping nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_safe

from chuding.applications.forms.self_check import SelfCheckForm
from chuding.applications.self_check_pages import PAGES
from chuding.applications.translate import local_day
from chuding.applications.verdicts import verdicts_of
from chuding.applications.views.public import guide_of
from chuding.policy.assess import assess
from chuding.policy.facts import Facts
from chuding.publishing.views.pages import draft_of, frame, notice_in, problems_of
from chuding.storage.clock import now

if TYPE_CHECKING:
    from django.http import HttpResponse

    from chuding.publishing.models import Draft
    from chuding.publishing.views.pages import AdministratorRequest


def _broken(request: AdministratorRequest, draft: Draft) -> HttpResponse:
    context = {"problems": problems_of(draft), **frame(draft)}
    return render(request, "publishing/preview_broken.html", context)


@require_safe
def guide(request: AdministratorRequest, ref: str) -> HttpResponse:
    """办事指南 under the draft."""
    draft = draft_of(ref)
    notice = notice_in(draft)
    if notice is None:
        return _broken(request, draft)
    return render(request, "publishing/preview_guide.html", {**guide_of(notice), **frame(draft)})


@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: AdministratorRequest, ref: str) -> HttpResponse:
    """All questions of the self-check on one page, and what the draft answers; from the first day of its window on."""
    draft = draft_of(ref)
    notice = notice_in(draft)
    if notice is None:
        return _broken(request, draft)
    day = max(local_day(now()), notice.window.start)
    form = SelfCheckForm(request.POST if request.method == "POST" else None, notice=notice, today=day)
    for page in PAGES:
        for name in [each for each in page.fields if each in form.fields]:
            form.fields[name].label = form.fields[name].label or page.title
    context = {"form": form, "day": day, **frame(draft)}
    if form.is_bound and form.is_valid():
        report = assess(notice, Facts.model_validate(form.facts()))
        context |= {"verdicts": verdicts_of(report), "materials": report.materials}
    return render(request, "publishing/preview_ask.html", context)
