"""Check the answers, hand in once, the receipt, and withdrawing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from chuding.accounts.roles import Role
from chuding.accounts.step_up import FRESH_OUTSIDE, challenge
from chuding.applications.characters import undrawn
from chuding.applications.citing import cited, material_on
from chuding.applications.deadlines import promised_by_association, promised_for, service_levels
from chuding.applications.material_kinds import LOOKED_UP
from chuding.applications.models import SocialInsuranceState
from chuding.applications.services.moves import conditions_of
from chuding.applications.services.submission import Incomplete, submit, withdraw
from chuding.applications.templatetags.notice_words import plainly
from chuding.applications.translate import notice_of
from chuding.applications.verdicts import speech_here, verdict_of
from chuding.applications.views.applicant_answers import answers
from chuding.applications.views.applicant_pages import (
    barriers,
    own_file,
    page_of,
    ready_now,
    stale_sentence,
    task_rows,
    to_file,
)
from chuding.applications.workflow import Action, Declined, IllegalAction, State, step
from chuding.connectors.social_insurance import social_insurance
from chuding.policy.terms import Level
from chuding.storage.clock import now

if TYPE_CHECKING:
    from django.http import HttpResponse

    from chuding.applications.models import Application
    from chuding.applications.views.applicant_pages import OwnRequest


def _check_context(application: Application) -> dict[str, Any]:
    at = now()
    ready = ready_now(application, at)
    level, speech = application.level, speech_here()
    return page_of(
        application,
        at,
        groups=answers(application),
        gaps=[row for row in task_rows(application, ready, at) if row["state"] != "done"],
        complete=ready.complete,
        verdict=verdict_of(ready.report, level) if level else None,
        barriers=barriers(application, ready),
        undrawn=[(glyph.character, f"U+{glyph.code_point:04X}") for glyph in undrawn(application)],
        authority=speech.own_words(ready.report.authority[Level(level)]) if level else "",
        division=speech.own_words(ready.report.division[Level(level)]) if level else "",
        online="employer_online" in conditions_of(application),
    )


@require_safe
def application_check(request: OwnRequest, ref: str) -> HttpResponse:
    """All answers on one page; each leads to where it can be changed."""
    application = own_file(request, ref)
    if application.life is not State.DRAFT:
        return to_file(application)
    return render(request, "applications/applicant/check.html", _check_context(application))


@require_POST
def application_submit(request: OwnRequest, ref: str) -> HttpResponse:
    """Hand in, with the second factor fresh (D2). A second click lands on the same receipt."""
    application = own_file(request, ref)
    if application.life is State.DRAFT and stale_sentence(request, application):
        messages.error(
            request, gettext("您打开核对页以后，内容在别的页面或设备上改过，所以还没有提交。请再核对一遍后提交。")
        )
        return redirect("application_check", ref=ref)
    if application.life is State.DRAFT and (asked := challenge(request, "submit", fresh_for=FRESH_OUTSIDE)):
        return asked
    try:
        done = submit(ref=ref, connector=social_insurance(settings.SOCIAL_INSURANCE), by=request.user, at=now())
    except Incomplete as incomplete:
        return _incomplete(request, own_file(request, ref), incomplete)
    except Declined as declined:
        messages.error(request, declined.sentence)
        return redirect("application_check" if application.life is State.DRAFT else "application", ref=ref)
    return redirect("application_submitted", ref=done.ref)


def _incomplete(request: OwnRequest, application: Application, incomplete: Incomplete) -> HttpResponse:
    """What is missing still, first of all what the social insurance brought up."""
    others = [gap for key, gaps in incomplete.gaps.items() if key != "materials" for gap in gaps]
    proof = material_on(notice_of(application), LOOKED_UP)
    if application.social_insurance == SocialInsuranceState.NOT_FOUND and proof and not others:
        sentence = gettext(
            "提交时系统没有查到您的社保缴费记录，所以需要上传材料%(code)s“%(name)s”%(cited)s。"
            "填写的内容都在，补传后请重新签署承诺并提交。"
        )
        names = {"code": proof.code, "name": plainly(proof.name), "cited": cited([proof.clause.label])}
        messages.error(request, sentence % names)
        return redirect(reverse("application_section", args=[application.ref, "materials"]) + f"#m{proof.code}")
    messages.error(request, incomplete.sentence)
    return to_file(application)


@require_safe
def application_submitted(request: OwnRequest, ref: str) -> HttpResponse:
    """The receipt: number, what happens next, when. Works by bookmark as long as the file lives."""
    application = own_file(request, ref)
    if application.submitted_at is None or application.life is State.WITHDRAWN:
        return to_file(application)
    names = {rule.code: rule.name for rule in notice_of(application).materials}
    context = page_of(
        application,
        now(),
        through_employer=application.life in {State.EMPLOYER, State.EMPLOYER_RETURNED},
        no_answer=application.social_insurance == SocialInsuranceState.NO_ANSWER,
        city=not application.is_junior,
        handed_in=[(names.get(each.code, each.name), each) for each in application.current_materials()],
        unit_days=service_levels()[State.EMPLOYER],
        association_days=promised_by_association(),
        approval_days=promised_for({State.SIGNING, State.CITY}, junior=application.is_junior),
    )
    return render(request, "applications/applicant/submitted.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def application_withdraw(request: OwnRequest, ref: str) -> HttpResponse:
    """Ask once more, then take the file back."""
    application = own_file(request, ref)
    try:
        step(application.life, Action.WITHDRAW, frozenset({Role.APPLICANT}), conditions_of(application))
    except IllegalAction as declined:
        messages.error(request, declined.sentence)
        return to_file(application)
    if request.method != "POST":
        return render(request, "applications/applicant/withdraw.html", page_of(application, now()))
    try:
        withdraw(ref=ref, by=request.user, at=now(), reason=request.POST.get("reason", "").strip()[:400])
    except Declined as declined:
        messages.error(request, declined.sentence)
        return to_file(application)
    except application.DoesNotExist as gone:
        raise Http404 from gone
    messages.success(request, gettext("已撤回。填写的内容都保留着，重新开始时会自动带入。"))
    return redirect("my_applications")
