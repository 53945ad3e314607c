"""From approved people to a roster: choose, draft, look at list and words beside the page as it will be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib import messages
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from chuding.accounts.step_up import field_for
from chuding.applications.characters import undrawn
from chuding.applications.models import Application
from chuding.applications.workflow import Declined
from chuding.decisions.contents import list_digest, rows_of, standard_of
from chuding.decisions.models import Document, Roster, RosterState
from chuding.decisions.services import preview
from chuding.decisions.services import rosters as services
from chuding.decisions.services.publicity import held_back
from chuding.decisions.texts import differences, disagreements, words_of
from chuding.decisions.views.pages import office, own_roster
from chuding.decisions.views.waiting import COLUMNS, refs_meant, waiting_context
from chuding.decisions.workflow import OFFICE_SIGNER
from chuding.storage.clock import now, today
from chuding.storage.paginate import keyset_page

if TYPE_CHECKING:
    from django.http import HttpResponse

    from chuding.decisions.models import RosterEntry
    from chuding.decisions.views.pages import SignerRequest

PAGE_SIZE = 20
OPEN_STATES = (RosterState.DRAFT, RosterState.VERIFIED, RosterState.SIGNED, RosterState.FAILED)
# What is printed of a file besides, for the question whether it can be.
_WRITTEN = ("post", "permit_number")


@require_safe
def home(request: SignerRequest) -> HttpResponse:
    """People who wait for a document, drafts, and what was issued."""
    return render(request, "decisions/home.html", _home(request))


def _home(request: SignerRequest) -> dict[str, Any]:
    mine = office(request)
    drafts = Roster.objects.filter(office=mine, state__in=OPEN_STATES).select_related("drafted_by", "verified_by")
    issued = Document.objects.filter(office=mine).select_related("roster", "roster__signed_by")
    return {
        "office_name": settings.OFFICE_NAMES[mine],
        "signs": OFFICE_SIGNER[mine] in request.roles,
        **waiting_context(mine, request.GET, request.POST, on=today()),
        "drafts": list(drafts.order_by("id")),
        "page": keyset_page(issued, order=("-issued_at", "-id"), after=request.GET.get("issued"), size=PAGE_SIZE),
    }


@require_POST
def new(request: SignerRequest) -> HttpResponse:
    """Draft a roster of the people that were ticked."""
    try:
        refs = refs_meant(office(request), request.POST, on=today())
        roster = services.draft(refs=refs, by=request.user, at=now())
    except Declined as refusal:
        context = _home(request) | {"errors": [{"href": "#waiting", "text": refusal.sentence}]}
        return render(request, "decisions/home.html", context, status=422)
    messages.success(request, f"已拟稿，名单 {roster.entries.count()} 名。请另一个人核稿。")
    return redirect("roster", ref=roster.ref)


def _checks(entries: list[RosterEntry], request: SignerRequest) -> list[dict[str, Any]]:
    """What has to be true before signing, each with the people of whom it is not."""

    def fault(ok: bool, entry: RosterEntry) -> list[str]:
        return [] if ok else [entry.application.full_name]

    same = [n for e in entries for n in fault(len(set(_three(e.application))) == 3, e)]
    own = [n for e in entries for n in fault(e.application.applicant_id != request.user.pk, e)]
    strange = [n for e in entries for n in fault(not undrawn(e.application), e)]
    moved = [n for e in entries for n in fault(e.application.state in {"approved", "issued", "revoked"}, e)]
    files = Application.objects.filter(pk__in=[e.application_id for e in entries])
    public = list(held_back(files, on=today()).values_list("full_name", flat=True))
    return [
        {"text": "需要公示的已经期满，没有没处理完的异议", "met": not public, "who": "、".join(public)},
        {"text": "每件的初审、复核、审批是三个不同的人", "met": not same, "who": "、".join(same)},
        {"text": "每件都已审批通过", "met": not moved, "who": "、".join(moved)},
        {"text": "名单里没有您本人", "met": not own, "who": "、".join(own)},
        {"text": "每个字都印得出来（字库齐全）", "met": not strange, "who": "、".join(strange)},
    ]


def _three(file: Application) -> tuple[int | None, int | None, int | None]:
    return file.reviewer_id, file.rechecker_id, file.signer_id


def _entries(roster: Roster) -> list[RosterEntry]:
    columns = (
        "application__reviewer__display_name",
        "application__rechecker__display_name",
        "application__signer__display_name",
        *(
            f"application__{name}"
            for name in (*COLUMNS, "version", "state", "applicant", "certificate_number", *_WRITTEN)
        ),
        "position",
        "roster",
        "problem",
        "certificate__number",
        "certificate__standing",
    )
    people = ("application__reviewer", "application__rechecker", "application__signer", "certificate")
    written = ("application__educations", "application__spells")
    return list(roster.entries.select_related(*people).prefetch_related(*written).only(*columns))


def _words_context(roster: Roster) -> dict[str, Any]:
    """The document's words, what the office changed of them, and where they part from the list."""
    at = now()
    standard = standard_of(roster, at)
    words = words_of(roster, standard)
    pairs = (
        ("标题", standard.title, words.title),
        ("主送", standard.addressee, words.addressee),
        ("正文", "\n".join(standard.paragraphs), "\n".join(words.paragraphs)),
        ("抄送", standard.copies_to, words.copies_to),
    )
    return {
        "words": words,
        "body": "\n".join(words.paragraphs),
        "changes": [(name, differences(old, new)) for name, old, new in pairs if old != new],
        "disagreements": disagreements(words, rows_of(roster, at)),
    }


def roster_context(request: SignerRequest, roster: Roster) -> dict[str, Any]:
    """Everything that the pages of one roster show, and which acts are this person's."""
    entries = _entries(roster)
    checks = _checks(entries, request)
    digest = list_digest(roster)
    words = _words_context(roster)
    sound = all(check["met"] for check in checks) and not words["disagreements"]
    mine, state = request.user.pk, roster.state
    signs = OFFICE_SIGNER[roster.office] in request.roles
    return words | {
        "roster": roster,
        "entries": entries,
        "checks": checks,
        "sound": sound,
        "digest": roster.list_digest or digest,
        "office_name": settings.OFFICE_NAMES[roster.office],
        "number_form": settings.DOCUMENT_NUMBERS[roster.office].format(year=today().year, serial=" × "),
        "document": Document.objects.filter(roster=roster).first(),
        "pages": [n for n, _ in enumerate(preview.pages_of(digest), start=1)],
        "signs": signs,
        "may_edit": state == RosterState.DRAFT,
        "may_verify": state == RosterState.DRAFT and mine != roster.drafted_by_id,
        "may_sign": state == RosterState.VERIFIED
        and signs
        and mine not in {roster.drafted_by_id, roster.verified_by_id},
        "may_discard": state in {RosterState.DRAFT, RosterState.VERIFIED, RosterState.FAILED},
        "may_send_back": state == RosterState.VERIFIED or (state == RosterState.DRAFT and mine != roster.drafted_by_id),
        **field_for(request.user),
    }


@require_safe
def roster(request: SignerRequest, ref: str) -> HttpResponse:
    """One roster; with `?sign` the page on which one says yes."""
    found = own_roster(request, ref)
    if found.state in {RosterState.SIGNED, RosterState.FAILED, RosterState.ISSUED}:
        return redirect("roster_status", ref=ref)
    context = roster_context(request, found)
    template = "decisions/sign.html" if "sign" in request.GET and context["may_sign"] else "decisions/roster.html"
    return render(request, template, context)
