"""The unit's letter for many: choose people, have it made, print and stamp it, upload its scan once for all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import FileResponse, Http404
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from chuding.accounts.gate import GATE
from chuding.accounts.names import few_names
from chuding.accounts.people import employers_of
from chuding.applications.roster.models import UnitLetter
from chuding.applications.services import unit_letters
from chuding.applications.services.endorsing import MOST_AT_ONCE
from chuding.applications.translate import notice_of
from chuding.applications.uploads import receive_scan
from chuding.applications.views.applicant_progress import pdf_response
from chuding.applications.views.desk_access import clerk_files
from chuding.applications.views.employer_filters import UnitFilters
from chuding.applications.workflow import Declined, State
from chuding.storage.clock import now

if TYPE_CHECKING:
    from django.http import HttpResponse

    from chuding.applications.models import Application, ApplicationQuerySet
    from chuding.applications.views.desk_access import StaffRequest

# How often the waiting page asks again, in seconds.
PATIENCE = 2
# The newest letters are enough to find the one that comes back with its stamp.
SHOWN = 50
_COLUMNS = ("ref", "number", "full_name", "post", "level", "specialty", "employer_name", "state", "notice_id",
            "notice_digest", "version", "submitted_at", "employer")  # fmt: skip


def _own(request: StaffRequest, ref: str) -> UnitLetter:
    found = UnitLetter.objects.select_related("employer", "made_by").filter(ref=ref).first()
    if found is None or found.employer not in employers_of(request.user):
        raise Http404
    return found


def _specialty(file: Application) -> str:
    choice = notice_of(file).catalogue.find(file.specialty)
    return choice.label if choice else file.specialty


@require_safe
def letters(request: StaffRequest) -> HttpResponse:
    """The unit's letters, newest first."""
    found = UnitLetter.objects.filter(employer__in=employers_of(request.user)).prefetch_related("people__application")
    return render(request, "applications/employer/letters.html", {"letters": found.order_by("-made_at", "-id")[:SHOWN]})


@require_http_methods(["GET", "HEAD", "POST"])
def letter_new(request: StaffRequest) -> HttpResponse:
    """GET lists who is chosen: the ticked ones, or all who wait without a letter; POST has one made for those listed.

    A letter speaks of one unit and one notice, so "all" means those of the first who waits; the rest come next.
    """
    if request.method == "POST":
        mine = clerk_files(request).filter(ref__in=request.POST.getlist("refs")).values_list("ref", flat=True)
        try:
            letter = unit_letters.draft(refs=list(mine), by=request.user, at=now())
        except Declined as refusal:
            messages.error(request, refusal.sentence)
            return redirect("employer_home")
        return redirect("employer_letter", ref=letter.ref)
    waiting = clerk_files(request).filter(state=State.EMPLOYER).only(*_COLUMNS).order_by("submitted_at", "id")
    everybody = request.GET.get("what") == "all"
    chosen = _without_letter(request, waiting) if everybody else waiting.filter(ref__in=request.GET.getlist("refs"))
    files = list(chosen[:MOST_AT_ONCE])
    if not files:
        said = "待审核的人都已经有盖章的证明。" if everybody else "请先勾选要写进证明的人。"
        messages.info(request, said)
        return redirect("employer_home")
    rows = [(file, _specialty(file)) for file in files]
    left = chosen.count() - len(files)
    return render(request, "applications/employer/letter_new.html", {"rows": rows, "left": left, "most": MOST_AT_ONCE})


def _without_letter(request: StaffRequest, waiting: ApplicationQuerySet) -> ApplicationQuerySet:
    """Who waits without a stamped letter, narrowed down as the list was, of one unit and one notice."""
    files = UnitFilters(name="", level="", letter="no").apply(UnitFilters.read(request.GET).apply(waiting))
    first = files.first()
    return (
        files
        if first is None
        else files.filter(employer=first.employer_id, engagement=first.engagement, notice_digest=first.notice_digest)
    )


def _letter(request: StaffRequest, letter: UnitLetter, error: str = "") -> HttpResponse:
    people = list(letter.people.select_related("application"))
    context: dict[str, Any] = {
        "letter": letter,
        "people": people,
        "rows": [(person, _specialty(person.application)) for person in people],
        "fitting": sum(person.fits for person in people),
        "given": sum(person.attached for person in people),
        "paper": unit_letters.paper_for(letter),
        "errors": [{"href": "#file", "text": error}] if error else [],
    }
    response = render(request, "applications/employer/letter.html", context, status=422 if error else 200)
    if context["paper"] is None:
        response["Refresh"] = str(PATIENCE)
    return response


@require_http_methods(["GET", "HEAD", "POST"])
def letter(request: StaffRequest, ref: str) -> HttpResponse:
    """One letter: print it; when it is stamped, upload its scan for everybody on it."""
    with GATE.passage():
        found = _own(request, ref)
    if request.method != "POST":
        return _letter(request, found)
    files = [file for file in request.FILES.getlist("file") if isinstance(file, UploadedFile) and file.size]
    if not files:
        return _letter(request, found, "请先选择盖章以后的扫描件或者照片，再点“上传”。")
    try:
        upload = receive_scan(files, by=request.user)
        with GATE.passage():
            done = unit_letters.attach(ref=ref, upload=upload, by=request.user, at=now())
    except Declined as refusal:
        return _letter(request, found, refusal.sentence)
    said = f"已附到{len(done.given)}人的申报里，可以同意申报了。"
    if done.left:
        said += f"{few_names([each.full_name for each in done.left])}的申报已经办理或者有变化，没有附上。"
    messages.success(request, said)
    return redirect("employer_letter", ref=ref)


@require_safe
def letter_file(request: StaffRequest, ref: str) -> FileResponse:
    """The letter to be printed and stamped; the same bytes every time."""
    paper = unit_letters.paper_for(_own(request, ref))
    if paper is None:
        raise Http404
    return pdf_response(paper.file, f"单位同意申报证明-{paper.made_at:%Y%m%d}.pdf")
