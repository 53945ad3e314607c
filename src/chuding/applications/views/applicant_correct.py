"""补正: exactly what is to be mended, told at once; then the file is handed in again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from chuding.accounts.step_up import FRESH_OUTSIDE, challenge
from chuding.applications.roster.models import names_others
from chuding.applications.sections import SECTION
from chuding.applications.services.drafting import open_correction
from chuding.applications.services.submission import Incomplete, mended_parts, resubmit
from chuding.applications.translate import notice_of
from chuding.applications.verdicts import speech_here
from chuding.applications.views.applicant_pages import own_file, page_of, ready_now, task_rows, to_file
from chuding.applications.workflow import Action, Declined, State
from chuding.ledger.record import entries_about
from chuding.storage.clock import now

if TYPE_CHECKING:
    from django.http import HttpResponse

    from chuding.applications.models import Application, Correction
    from chuding.applications.views.applicant_pages import OwnRequest


def mending(application: Application, correction: Correction) -> list[dict[str, Any]]:
    """Each item of the send-back: what, why, where to mend it, and whether that was done since."""
    names = {rule.code: speech_here().own_words(rule.name) for rule in notice_of(application).materials}
    mended = mended_parts(application)
    found = []
    for item in correction.items:
        kind, _, key = item["part"].partition(":")
        material = kind == "material"
        url = reverse("application_section", args=[application.ref, "materials" if material else key])
        found.append(
            {
                "title": material_title(key, names) if material else SECTION[key].title,
                "reason": item["reason"],
                "href": f"{url}#m{key}" if material else url,
                "action": "重新上传" if material else "去修改",
                "mended": item["part"] in mended,
                "sheets": marked_sheets(application, item),
            }
        )
    return found


def material_title(code: str, names: dict[str, str]) -> str:
    """An item of the notice with its number, in the page's language."""
    return gettext("材料%(key)s：%(key2)s") % {"key": code, "key2": names.get(code, "")}


def marked_sheets(application: Application, item: dict[str, Any]) -> list[dict[str, Any]]:
    """The pages on which the reviewer drew boxes: number, picture ("" while it is being drawn), boxes in thousandths."""
    by_page: dict[int, list[list[int]]] = {}
    for page, *box in item.get("marks", ()):
        by_page.setdefault(page, []).append(box)
    if not by_page:
        return []
    material = application.materials.get(ref=item["material"])
    if names_others(application, material):
        return []
    url = reverse("material_file", args=[application.ref, item["material"]])
    return [
        {"n": n, "src": f"{url}?sheet={n}" if material.pages_ready else "", "boxes": boxes}
        for n, boxes in sorted(by_page.items())
    ]


@require_http_methods(["GET", "HEAD", "POST"])
def application_correct(request: OwnRequest, ref: str) -> HttpResponse:
    """What was sent back, by the association or by the unit."""
    application = own_file(request, ref)
    if application.life not in {State.CORRECTION, State.EMPLOYER_RETURNED}:
        return to_file(application)
    gaps: dict[str, list[str]] = {}
    refused = ""
    if request.method == "POST":
        if asked := challenge(request, "submit", fresh_for=FRESH_OUTSIDE):
            return asked
        try:
            resubmit(ref=ref, by=request.user, at=now())
        except Incomplete as incomplete:
            gaps = incomplete.gaps
        except Declined as declined:
            refused = declined.sentence
        else:
            messages.success(request, gettext("已重新提交。"))
            return to_file(application)
    return _page(request, application, gaps, refused)


def _page(request: OwnRequest, application: Application, gaps: dict[str, list[str]], refused: str) -> HttpResponse:
    """The list; what was refused, and each gap that a second hand-in found, leads to where it is mended."""
    at = now()
    correction = open_correction(application)
    items = mending(application, correction) if correction else []
    waiting = next((place for place, item in enumerate(items, start=1) if not item["mended"]), 0)
    returned = entries_about(("application", application.ref)).filter(action=Action.EMPLOYER_RETURN).last()
    errors = [
        {"href": reverse("application_section", args=[application.ref, key]), "text": sentence}
        for key, sentences in gaps.items()
        for sentence in sentences
    ]
    if refused:
        errors.insert(0, {"href": f"#item-{waiting}" if waiting else "#main", "text": refused})
    context = page_of(
        application,
        at,
        correction=correction,
        items=items,
        left=sum(not item["mended"] for item in items),
        errors=errors,
        employer_reason=returned.reason if returned and correction is None else "",
        tasks=task_rows(application, ready_now(application, at), at) if correction is None else [],
    )
    return render(request, "applications/applicant/correct.html", context, status=422 if errors else 200)
