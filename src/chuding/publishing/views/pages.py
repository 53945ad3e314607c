"""What the pages of the desk share: the draft, its frame, and how an edit that was refused is told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import Http404, HttpRequest
from django.urls import reverse

from chuding.policy.catalogue import FILE as CATALOGUE
from chuding.policy.notice import read_notice
from chuding.policy.source import WORDS, NoticeError
from chuding.publishing.findings import Place, choices_of, clauses_of, panel, places, quick
from chuding.publishing.models import Draft, DraftState, Run
from chuding.publishing.sections import SECTIONS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from chuding.accounts.models import Person
    from chuding.accounts.roles import Role
    from chuding.policy.notice import Notice

#: The parts besides those of notice.yaml: what they are called, and the file behind each.
OTHER_PARTS = {
    "text": ("通知原文", "notice.md"),
    "catalogue": ("专业目录", CATALOGUE),
    "cases": ("工作例", "cases.yaml"),
    "words": ("译文", f"{WORDS}en.yaml"),
    "file": ("源文件", "notice.yaml"),
}


class AdministratorRequest(HttpRequest):
    """A request of an administrator, with the roles that the access middleware read for it."""

    user: Person
    roles: frozenset[Role]


def notice_in(draft: Draft) -> Notice | None:
    """The notice that a draft makes; None while it cannot be read."""
    try:
        return read_notice(draft.content)
    except NoticeError:
        return None


def draft_of(ref: str) -> Draft:
    """A draft that was not put aside; 404 for anything else."""
    people = ("created_by", "saved_by", "proposed_by", "version")
    found = Draft.objects.select_related(*people).exclude(state=DraftState.DISCARDED).filter(ref=ref).first()
    if found is None:
        raise Http404
    return found


def frame(draft: Draft) -> dict[str, Any]:
    """What every page of a draft shows."""
    return {"draft": draft, "editable": draft.state == DraftState.OPEN}


def beside(draft: Draft, quotes: Iterable[tuple[str, str]] = ()) -> dict[str, Any]:
    """The notice's text for the panel, with these quotations marked, and the clauses to choose from."""
    clauses = clauses_of(draft.files["notice.md"])
    return {"clauses": clauses, "choices": choices_of(clauses), "panel": panel(clauses, quotes)}


def problems_of(draft: Draft) -> list[dict[str, Any]]:
    """What the quick check finds now, each with the page on which it is mended."""
    files = draft.content
    return [shown(draft, place) for place in places(files, quick(files).problems)]


def shown(draft: Draft, place: Place) -> dict[str, Any]:
    """A problem for a list: words, part, and the address to go to."""
    problem = place.problem
    title = OTHER_PARTS[place.part][0] if place.part in OTHER_PARTS else SECTIONS[place.part].title
    return {
        "text": problem.message,
        "part": place.part,
        "index": place.index,
        "title": title,
        "where": f"{problem.file} 第 {problem.line} 行",
        "href": address(draft, place.part, place.index),
    }


def address(draft: Draft, part: str, index: int | None) -> str:
    """The page of a part, or of one entry in it."""
    if part in {"text", "words", "file"}:
        return reverse("publishing_file", args=[draft.ref, OTHER_PARTS[part][1]])
    if part == "catalogue":
        return reverse("publishing_catalogue", args=[draft.ref])
    if part == "cases":
        return reverse("publishing_cases", args=[draft.ref]) if index is None else _numbered(draft, index)
    if index is None:
        return reverse("publishing_section", args=[draft.ref, part])
    return reverse("publishing_entry", args=[draft.ref, part, str(index + 1)])


def _numbered(draft: Draft, index: int) -> str:
    return reverse("publishing_case", args=[draft.ref, str(index + 1)])


def run_of(draft: Draft, kind: str) -> Run | None:
    """The latest computation of a kind about the draft as it stands."""
    return Run.objects.filter(draft=draft, kind=kind, digest=draft.digest).first()
