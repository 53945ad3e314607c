"""The desk's first page: what is in force, what will be, what is being written; beginning, versions, taking back."""

from __future__ import annotations

import io
import re
import zipfile
from itertools import count
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from chuding.applications.workflow import Declined
from chuding.notices.models import Version
from chuding.notices.shelf import current, files_of, held, moment_in_force
from chuding.policy.source import Files
from chuding.publishing.forms import CopyForm
from chuding.publishing.models import Draft, DraftState
from chuding.publishing.services import drafts
from chuding.storage.clock import now
from chuding.storage.paginate import keyset_page

if TYPE_CHECKING:
    from collections.abc import Container
    from datetime import datetime

    from chuding.publishing.views.pages import AdministratorRequest

PAGE_SIZE = 20
_YEAR = re.compile(r"20\d\d")


@require_safe
def home(request: AdministratorRequest) -> HttpResponse:
    """Drafts, the version in force, those to come, and those that were."""
    at = now()
    open_drafts = Draft.objects.filter(state__in=[DraftState.OPEN, DraftState.PROPOSED]).defer("files")
    versions = Version.objects.select_related("published_by", "proposed_by", "withdrawal").defer("files")
    in_force = moment_in_force(at)
    page = keyset_page(versions, order=("-effective_at", "-id"), after=request.GET.get("after"), size=PAGE_SIZE)
    context = {
        "drafts": list(open_drafts.select_related("saved_by", "proposed_by").order_by("-saved_at")),
        "rows": [(version, standing(version, in_force.id if in_force else None, at)) for version in page.rows],
        "page": page,
        "now": at,
    }
    return render(request, "publishing/home.html", context)


def standing(version: Version, in_force: int | None, at: datetime) -> str:
    """withdrawn, scheduled, in_force or past: what a version is at this moment."""
    if hasattr(version, "withdrawal"):
        return "withdrawn"
    if version.effective_at > at:
        return "scheduled"
    return "in_force" if version.pk == in_force else "past"


def _bases(at: datetime) -> list[tuple[str, str]]:
    """Every notice at hand, the one in force first, then every published version."""
    found = {}
    for each in held(at).values():
        found[f"{each.id}:{each.digest}"] = f"{each.number or each.id}　{each.title}"
    for version in Version.objects.order_by("-effective_at", "-id").defer("files"):
        moment = version.effective_at.astimezone(at.tzinfo)
        said = f"{version.number or version.notice_id}　{version.title}（{moment:%Y-%m-%d} 版）"
        found.setdefault(f"{version.notice_id}:{version.digest}", said)
    now_ruling = current(at)
    first = f"{now_ruling.id}:{now_ruling.digest}"
    return sorted(found.items(), key=lambda item: item[0] != first)


def _next_id(identifier: str, taken: Container[str]) -> str:
    """The same of next year; where somebody has that id already, the first free number after it."""
    wanted = _YEAR.sub(lambda found: str(int(found[0]) + 1), identifier)
    stem, _, number = wanted.rpartition("-")
    if not number.isdigit():
        stem, number = wanted, "1"
    later = (f"{stem}-{each}" for each in count(int(number) + 1))
    return wanted if wanted not in taken else next(each for each in later if each not in taken)


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: AdministratorRequest) -> HttpResponse:
    """Copy a notice into a draft."""
    at = now()
    bases = _bases(at)
    if request.method == "POST":
        form = CopyForm(request.POST, bases=bases)
        if form.is_valid() and (draft := _begun(form, request, at)) is not None:
            return redirect("publishing_draft", ref=draft.ref)
        return render(request, "publishing/new.html", {"form": form}, status=422)
    chosen = request.GET.get("base", "")
    first = chosen if chosen in dict(bases) else bases[0][0]
    kind = "correct" if request.GET.get("kind") == "correct" else "new"
    taken = {*drafts.ids_being_written(), *held(at)}
    initial = {"base": first, "kind": kind, "identifier": _next_id(first.partition(":")[0], taken)}
    return render(request, "publishing/new.html", {"form": CopyForm(initial=initial, bases=bases)})


def _begun(form: CopyForm, request: AdministratorRequest, at: datetime) -> Draft | None:
    data = form.cleaned_data
    identifier, _, digest = data["base"].partition(":")
    base = files_of(identifier, digest)
    files = base if data["kind"] == "correct" else Files(data["identifier"], base.content)
    try:
        return drafts.begin(base=base, files=files, by=request.user, at=at)
    except Declined as refusal:
        form.add_error("identifier" if data["kind"] == "new" else None, refusal.sentence)
        return None


@require_safe
def version(request: AdministratorRequest, version_ref: str) -> HttpResponse:
    """One version: who published it, when, its fingerprint; take it back while there is time."""
    return _version_page(request, version_ref)


def _version_page(request: AdministratorRequest, ref: str, errors: list[dict[str, str]] | None = None) -> HttpResponse:
    at = now()
    found = get_object_or_404(Version.objects.select_related("published_by", "proposed_by", "withdrawal"), ref=ref)
    in_force = moment_in_force(at)
    context: dict[str, Any] = {
        "version": found,
        "standing": standing(found, in_force.id if in_force else None, at),
        "base": f"{found.notice_id}:{found.digest}",
        "files": sorted(found.files),
        "errors": errors or [],
        "typed": request.POST.get("reason", ""),
    }
    return render(request, "publishing/version.html", context, status=422 if errors else 200)


@require_POST
def take_back(request: AdministratorRequest, version_ref: str) -> HttpResponse:
    """Withdraw a version before its moment."""
    get_object_or_404(Version, ref=version_ref)
    try:
        draft = drafts.take_back(ref=version_ref, reason=request.POST.get("reason", ""), by=request.user, at=now())
    except Declined as refusal:
        return _version_page(request, version_ref, [{"href": "#reason", "text": refusal.sentence}])
    messages.success(request, "已撤回，到时不会生效。草案可以继续修改。")
    return (
        redirect("publishing_version", version_ref=version_ref)
        if draft is None
        else redirect("publishing_draft", ref=draft.ref)
    )


@require_safe
def download(request: AdministratorRequest, version_ref: str) -> HttpResponse:
    """The version's folder as a ZIP: the very bytes that its digest was made of."""
    del request
    found = get_object_or_404(Version, ref=version_ref)
    return zipped(found.content)


def zipped(files: Files) -> HttpResponse:
    """A notice's folder, packed; the same content always gives the same bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name in sorted(files.content):
            package.writestr(zipfile.ZipInfo(f"{files.id}/{name}", (2000, 1, 1, 0, 0, 0)), files.content[name])
    response = HttpResponse(out.getvalue(), content_type="application/zip")
    response["Content-Disposition"] = f'attachment; filename="{files.id}.zip"'
    return response
