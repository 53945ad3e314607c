"""The sections of the task list: one address, one view a section. Each keeps what was typed, whatever happens."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.contrib import messages
from django.http import Http404, JsonResponse
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST

from chuding.accounts.identity import IdentityKind, plain_code
from chuding.applications.asked import BARRING, schoolings_of
from chuding.applications.citing import clauses_about, named
from chuding.applications.forms.commitment import CommitmentForm
from chuding.applications.forms.identity import IdentityForm, initial_identity
from chuding.applications.forms.rows import posted_rows, stored_rows
from chuding.applications.forms.schooling import EducationForm, initial_education
from chuding.applications.forms.work import AppraisalForm, SpellForm, initial_appraisal, initial_spell
from chuding.applications.readings.filling import filled, names_read, offers_of
from chuding.applications.readings.told import name_told
from chuding.applications.sections import SECTIONS
from chuding.applications.services.drafting import commit, declare, declare_educations, declare_work
from chuding.applications.services.unsaved import forget_page, keep_page, unsaved_page
from chuding.applications.services.writing import writing_of
from chuding.applications.texts import COMMITMENT
from chuding.applications.translate import notice_of
from chuding.applications.views.applicant_employer import employer
from chuding.applications.views.applicant_materials import materials
from chuding.applications.views.applicant_pages import (
    back_of,
    barriers,
    clock_words,
    closed,
    form_data,
    is_stale,
    judged_by,
    next_after,
    own_file,
    ready_now,
    saved,
    show,
    stale_sentence,
    told_here,
)
from chuding.applications.views.applicant_specialty import specialty
from chuding.applications.work_history import drawing_of, line_of, stored_spans, typed_spans
from chuding.applications.workflow import Declined, State
from chuding.storage.clock import now

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpResponse

    from chuding.applications.forms.pieces import SectionForm
    from chuding.applications.models import Application
    from chuding.applications.views.applicant_pages import OwnRequest

#: The facts of which this page asks and says what they bar from.
_TOLD_HERE: Final = frozenset({"identity", "permit", *BARRING.values()})


def identity(request: OwnRequest, application: Application) -> HttpResponse:
    """Who the person is; what bars them is said with the clause, and they may go on."""
    at = now()
    on = judged_by(application, at)
    told, taken = told_here(request, application, name_told)
    options: dict[str, Any] = {
        "on": on,
        "notice": notice_of(application),
        "pictured": writing_of(application) is not None,
    }
    if request.method == "POST":
        form = IdentityForm(request.POST, **options)
        if form.is_valid() and not is_stale(request, application, form):
            try:
                declare(
                    ref=application.ref,
                    section="identity",
                    values=form.values(),
                    by=request.user,
                    at=at,
                    seen=application.version,
                )
                return saved(request, application, "identity", form.hints)
            except Declined as declined:
                form.add_error(None, declined.sentence)
    else:
        typed, silent = form_data(request)
        initial = initial_identity(application)
        if told and taken:
            initial["full_name"] = told.value
        form = IdentityForm(typed, initial=initial, silent=silent, **options)
    gates = barriers(application, ready_now(application, at), _TOLD_HERE)
    derived = application.identity_type in {
        IdentityKind.RESIDENT_ID,
        IdentityKind.HMT_RESIDENCE_PERMIT,
        IdentityKind.FOREIGN_PERMANENT_RESIDENCE,
    }
    # The card of 2017 has 15 characters and no sex in them; with 18 digits both are read, and neither is asked.
    old_card = len(plain_code(form["identity_number"].value() or "")) == 15
    context = {"barriers": gates, "derived": derived, "old_card": old_card, "told": told, "taken": taken}
    return show(request, application, "identity", form=form, excluding=_excluding(application), **context)


def _excluding(application: Application) -> str:
    """The clauses that keep some from applying at all."""
    return named(clauses_about(notice_of(application), *BARRING.values()))


def schooling(request: OwnRequest, application: Application) -> HttpResponse:
    """The list of schoolings and degrees."""
    at = now()
    options: dict[str, Any] = {
        "on": judged_by(application, at),
        "born_on": application.born_on,
        "schoolings": schoolings_of(notice_of(application)),
    }
    errors: list[dict[str, str]] = []
    if request.method == "POST":
        rows = posted_rows(EducationForm, request.POST, **options)
        if not rows.asked and rows.is_valid():
            errors = _page_errors(stale_sentence(request, application))
            if not errors:
                values = [form.values() for form in rows.forms if isinstance(form, EducationForm)]
                try:
                    declare_educations(
                        ref=application.ref, rows=values, by=request.user, at=at, seen=application.version
                    )
                    return saved(request, application, "schooling")
                except Declined as declined:
                    errors = _page_errors(declined.sentence)
        errors += _page_errors(rows.problem)
    elif kept := form_data(request)[0]:
        rows = posted_rows(EducationForm, kept, silent=True, **options)
    else:
        stored = [initial_education(each) for each in application.educations.order_by("id")]
        if taken := request.GET.getlist("take"):
            # Shown and not saved: the person looks at it once more, and presses 保存.
            stored = filled(stored, offers_of(application), taken)
        rows = stored_rows(EducationForm, stored, **options)
    return show(
        request,
        application,
        "schooling",
        rows=rows,
        errors=errors,
        has_errors=_any_errors(rows.forms),
        from_scan="take" in request.GET and request.method != "POST",
        known=names_read(application),
    )


def work(request: OwnRequest, application: Application) -> HttpResponse:
    """The list of spells with the unit's appraisal, and their line of time. Overlaps and breaks are hints."""
    at = now()
    on = judged_by(application, at)
    options: dict[str, Any] = {"on": on, "born_on": application.born_on}
    notice = notice_of(application)
    errors: list[dict[str, str]] = []
    spans = stored_spans(application)
    if request.method == "POST":
        rows = posted_rows(SpellForm, request.POST, **options)
        looking = "look" in request.POST
        appraisal = AppraisalForm(request.POST, on=on, notice=notice, silent=rows.asked or looking)
        if not rows.asked and all([rows.is_valid(), appraisal.is_valid()]):
            values = [form.values() for form in rows.forms if isinstance(form, SpellForm)]
            spans = typed_spans(values)
            errors = [] if looking else _page_errors(stale_sentence(request, application))
            if not errors and not looking:
                whose: dict[str, Any] = {"ref": application.ref, "by": request.user, "seen": application.version}
                try:
                    declare_work(rows=values, values=appraisal.values(), at=at, **whose)
                    return saved(request, application, "work", line_of(application, spans, on).hints)
                except Declined as declined:
                    errors = _page_errors(declined.sentence)
        errors += _page_errors(rows.problem)
    elif kept := form_data(request)[0]:
        rows = posted_rows(SpellForm, kept, silent=True, **options)
        appraisal = AppraisalForm(kept, on=on, notice=notice, silent=True)
    else:
        stored = [initial_spell(each) for each in application.spells.order_by("started_on", "id")]
        rows = stored_rows(SpellForm, stored, **options)
        appraisal = AppraisalForm(initial=initial_appraisal(application), on=on, notice=notice)
    wrong = _any_errors([*rows.forms, appraisal])
    line = line_of(application, spans, on)
    context = {"rows": rows, "appraisal": appraisal, "forms": [*rows.forms, appraisal], "errors": errors}
    return show(
        request, application, "work", line=line, drawing=drawing_of(line, on), has_errors=wrong, on=on, **context
    )


def _page_errors(sentence: str) -> list[dict[str, str]]:
    return [{"href": "", "text": sentence}] if sentence else []


def _any_errors(forms: list[SectionForm]) -> bool:
    return any(form.is_bound and form.errors for form in forms)


def commitment(request: OwnRequest, application: Application) -> HttpResponse:
    """The promise, signed by typing one's name."""
    at = now()
    if not application.full_name:
        messages.error(request, gettext("请先填写“核对身份信息”，再签署承诺。"))
        return redirect(back_of(application))
    options: dict[str, Any] = {"on": judged_by(application, at), "full_name": application.full_name}
    if request.method == "POST":
        form = CommitmentForm(request.POST, **options)
        if form.is_valid() and not is_stale(request, application, form):
            try:
                commit(
                    ref=application.ref,
                    name=form.cleaned_data["name"],
                    by=request.user,
                    at=at,
                    seen=application.version,
                )
                messages.success(request, gettext("承诺已签署。"))
                application.refresh_from_db()
                onward = application.life is State.DRAFT
                return redirect(next_after(application, "commitment", at) if onward else back_of(application))
            except Declined as declined:
                form.add_error("name", declined.sentence)
    else:
        signed = application.commitment_name if application.commitment_at else ""
        form = CommitmentForm(initial={"name": signed}, **options)
    gaps = ready_now(application, at).gaps
    waiting = [section.title for section in SECTIONS if section.key != "commitment" and gaps[section.key]]
    return show(request, application, "commitment", form=form, commitment=COMMITMENT, waiting=waiting)


_VIEWS: dict[str, Callable[[OwnRequest, Application], HttpResponse]] = {
    "identity": identity,
    "schooling": schooling,
    "work": work,
    "employer": employer,
    "specialty": specialty,
    "materials": materials,
    "commitment": commitment,
}


@require_http_methods(["GET", "HEAD", "POST"])
def application_section(request: OwnRequest, ref: str, section: str) -> HttpResponse:
    """One section of one's own file, where it may be changed now."""
    application = own_file(request, ref)
    if section not in _VIEWS:
        raise Http404
    refused = closed(request, application, section)
    if refused:
        return refused
    request.restored = None if request.method == "POST" else unsaved_page(application, section)
    return _VIEWS[section](request, application)


@require_POST
def application_keep(request: OwnRequest, ref: str, section: str) -> HttpResponse:
    """Keep what is being typed (the script asks every few seconds), or leave it aside (`forget`)."""
    application = own_file(request, ref)
    if section not in _VIEWS:
        raise Http404
    if "forget" in request.POST:
        forget_page(ref=ref, section=section, by=request.user)
        messages.info(request, gettext("没有保存的内容已经放弃，下面是上次保存的。"))
        return redirect("application_section", ref=ref, section=section)
    at = now()
    kept = keep_page(ref=application.ref, section=section, typed=dict(request.POST.lists()), by=request.user, at=at)
    return JsonResponse({"kept": clock_words(at) if kept else ""})
