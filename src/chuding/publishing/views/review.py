"""A draft on its way: the overview, checks and replays, putting forward, sending back, publishing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.contrib import messages
from django.db.models import Count
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from chuding.accounts.gate import GATE
from chuding.accounts.masking import mask_name
from chuding.accounts.step_up import NONE, field_for, step_up
from chuding.applications.models import Application
from chuding.applications.verdicts import verdict_of
from chuding.applications.views.employer_import import download_blocks
from chuding.applications.workflow import Declined, State
from chuding.notices.shelf import LEAD, load
from chuding.paper.tables import csv_blocks
from chuding.policy.assess import assess
from chuding.policy.notice import read_notice
from chuding.policy.source import NoticeError, Problem
from chuding.publishing.findings import places
from chuding.publishing.forms import MomentForm
from chuding.publishing.models import ChangedFile, ChangedKind, DraftState, Run, RunKind, RunState
from chuding.publishing.replay import facts_of_file, files_of
from chuding.publishing.sections import SECTIONS
from chuding.publishing.services import drafts, runs
from chuding.publishing.side_by_side import around, pieces
from chuding.publishing.views.files import TEXTS
from chuding.publishing.views.home import zipped
from chuding.publishing.views.pages import OTHER_PARTS, address, draft_of, frame, problems_of, run_of, shown
from chuding.storage.clock import now
from chuding.storage.paginate import keyset_page

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.http import HttpRequest, StreamingHttpResponse

    from chuding.publishing.models import Draft
    from chuding.publishing.views.pages import AdministratorRequest

PAGE: Final = 50
#: Rows of the table to save that are read, and held, at once.
BLOCK: Final = 500
_HEAD: Final = ("哪一种", "办件号", "姓名", "学历", "级别", "底稿", "草案", "现在的状态")
_OVERTAKEN: Final = "又试算了一次：这张表到此为止，不完整。请重新下载。"
_ANSWERS: Final = {"yes": "可以", "no": "不可以", "unknown": "不能确定"}
_KINDS: Final = {kind.value: kind for kind in RunKind}
#: Parts in the order in which a notice is read.
_PARTS: Final = (
    "text", "head", "windows", "rows", "gates", "materials", "catalogue", "levels", "levels_quote", "authorities",
    "divisions", "readings", "publicity", "yields", "equivalences", "floors", "information", "contact", "cases",
)  # fmt: skip


@require_safe
def draft(request: AdministratorRequest, ref: str) -> HttpResponse:
    """The parts with what is wrong in each, the three computations, and the next step."""
    return _overview(request, draft_of(ref))


def _overview(
    request: AdministratorRequest, found: Draft, errors: list[dict[str, str]] | None = None, status: int = 200
) -> HttpResponse:
    problems = problems_of(found)
    counts: dict[str, int] = {}
    for problem in problems:
        counts[problem["part"]] = counts.get(problem["part"], 0) + 1
    parts = [
        {
            "name": OTHER_PARTS[key][0] if key in OTHER_PARTS else SECTIONS[key].title,
            "href": address(found, key, None),
            "problems": counts.get(key, 0),
        }
        for key in _PARTS
    ]
    computed = {kind.value: run_of(found, kind.value) for kind in RunKind}
    context: dict[str, Any] = {
        "parts": parts,
        "same_as_base": drafts.same_as_base(found),
        "problems": problems,
        "runs": [
            (kind, computed[kind.value], reverse(f"publishing_{kind.value}", args=[found.ref])) for kind in RunKind
        ],
        "computing": any(run and run.state in {RunState.WAITING, RunState.RUNNING} for run in computed.values()),
        "missing": drafts.missing_before_proposal(found) if found.state == DraftState.OPEN else [],
        "experts": [(name, TEXTS[name][0]) for name in TEXTS if TEXTS[name][2]],
        "errors": errors or [],
        "typed": request.POST,
        "mine": found.proposed_by_id == request.user.pk,
        **frame(found),
    }
    return render(request, "publishing/draft.html", context, status=status)


# ---- computations ----


@require_POST
def run(request: AdministratorRequest, ref: str) -> HttpResponse:
    """Have one, or all, computed of the draft as it stands."""
    found = draft_of(ref)
    wanted = request.POST.get("kind", "")
    kinds = (_KINDS[wanted],) if wanted in _KINDS else tuple(RunKind)
    try:
        runs.ask(ref=ref, kinds=kinds, by=request.user, at=now())
    except Declined as refusal:
        return _overview(request, found, [{"href": "#runs", "text": refusal.sentence}], 422)
    return (
        redirect(f"publishing_{kinds[0].value}", ref=ref) if len(kinds) == 1 else redirect("publishing_draft", ref=ref)
    )


def _outcome(found: Draft, kind: RunKind) -> dict[str, Any]:
    computed: Run | None = run_of(found, kind)
    return {
        "run": computed,
        "kind": kind,
        "waiting": computed is not None and computed.state in {RunState.WAITING, RunState.RUNNING},
        "outcome": computed.outcome if computed is not None else {},
        **frame(found),
    }


@require_safe
def check(request: AdministratorRequest, ref: str) -> HttpResponse:
    """The whole check: every part that holds, every problem with place and remedy."""
    found = draft_of(ref)
    context = _outcome(found, RunKind.CHECK)
    problems = [Problem(each["file"], each["line"], each["message"]) for each in context["outcome"].get("problems", [])]
    context["problems"] = [shown(found, place) for place in places(found.content, problems)]
    return render(request, "publishing/check.html", context)


@require_safe
def difference(request: AdministratorRequest, ref: str) -> HttpResponse:
    """Clause by clause beside the base, then rule by rule, then for whom the answer is another."""
    found = draft_of(ref)
    context = _outcome(found, RunKind.DIFFERENCE)
    for group in ("clauses", "rules"):
        context[group] = [
            {
                "where": each["where"],
                "before": around(before),
                "after": around(after),
                "new": each["before"] is None,
                "gone": each["after"] is None,
            }
            for each in context["outcome"].get(group, [])
            for before, after in [pieces(each["before"] or "", each["after"] or "")]
        ]
    context["base"] = load(found.base_id, found.base_digest)
    return render(request, "publishing/difference.html", context)


@require_safe
def replay(request: AdministratorRequest, ref: str) -> HttpResponse | StreamingHttpResponse:
    """Whose answer would be another; names masked, for administrators decide about no file."""
    found = draft_of(ref)
    context = _outcome(found, RunKind.REPLAY)
    if "csv" in request.GET and context["run"] and context["run"].state == RunState.DONE:
        return download_blocks(csv_blocks(_HEAD, _table(context["run"])), "试算结果", "csv")
    files = ChangedFile.objects.filter(run=context["run"])
    totals = dict(files.order_by().values_list("kind").annotate(count=Count("pk")))
    asked = request.GET.get("of", "")
    kind = asked if asked in ChangedKind.values else next((k for k in ChangedKind.values if totals.get(k)), "own")
    page = keyset_page(files.filter(kind=kind), order=("position",), after=request.GET.get("after"), size=PAGE)
    context |= {
        "page": page,
        "rows": _shown_files(page.rows),
        "kind_shown": ChangedKind(kind),
        "total": totals.get(kind, 0),
        "query": f"of={kind}",
        "totals": [(each, totals[each]) for each in ChangedKind if totals.get(each)],
        "base": load(found.base_id, found.base_digest),
    }
    return render(request, "publishing/replay.html", context)


def _shown_files(rows: list[ChangedFile]) -> list[dict[str, Any]]:
    """The rows with the file's number, masked name and standing, as they are now."""
    files = Application.objects.filter(ref__in={row.ref for row in rows})
    known = {file.ref: file for file in files.only("ref", "number", "full_name", "state")}
    return [
        {
            "row": row,
            "number": known[row.ref].number or "",
            "name": mask_name(known[row.ref].full_name),
            "standing": State(known[row.ref].state).label,
        }
        for row in rows
        if row.ref in known
    ]


def _table(run: Run) -> Iterator[list[tuple[str, ...]]]:
    """Every changed answer of a run, for a CSV, block by block; each waits its turn at the door like a page."""
    after: str | None = None
    while True:
        with GATE.passage():
            page = keyset_page(ChangedFile.objects.filter(run=run), order=("position",), after=after, size=BLOCK)
            rows = [_table_row(each) for each in _shown_files(page.rows)]
            same = Run.objects.filter(pk=run.pk, finished_at=run.finished_at).exists()
        if not same:
            yield [(_OVERTAKEN,)]
            return
        yield rows
        after = page.next
        if after is None:
            return


def _table_row(shown_file: dict[str, Any]) -> tuple[str, ...]:
    row: ChangedFile = shown_file["row"]
    sides = [
        f"{_ANSWERS.get(answer, '')} {'、'.join(labels)}".strip()
        for answer, labels in zip((row.before, row.after), row.clauses or ((), ()), strict=True)
    ]
    label = str(ChangedKind(row.kind).label)
    return (label, shown_file["number"], shown_file["name"], row.schooling, row.level, *sides, shown_file["standing"])


@require_safe
def replay_file(request: AdministratorRequest, ref: str, file_ref: str) -> HttpResponse:
    """One file under both notices, condition by condition."""
    found = draft_of(ref)
    file = files_of(found.base_id).prefetch_related("educations", "spells").filter(ref=file_ref).first()
    if file is None:
        raise Http404
    facts = facts_of_file(file)
    base, level = load(found.base_id, found.base_digest), request.GET.get("level", "") or file.level
    try:
        draft_notice = read_notice(found.content)
        sides = [
            {"title": title, "verdict": verdict_of(assess(notice, facts), level)}
            for title, notice in (("底稿", base), ("草案", draft_notice))
        ]
    except (NoticeError, ValueError, KeyError) as error:
        return render(request, "publishing/replay_file.html", {"problem": str(error), "file": file, **frame(found)})
    context = {"file": file, "name": mask_name(file.full_name), "sides": sides, "level": level, **frame(found)}
    return render(request, "publishing/replay_file.html", context)


@require_safe
def picture(request: AdministratorRequest, ref: str) -> HttpResponse:
    """Who gains and who loses, drawn; `?narrow` for a phone."""
    computed = run_of(draft_of(ref), RunKind.REPLAY)
    drawn = computed.outcome.get("picture_narrow" if "narrow" in request.GET else "picture") if computed else None
    if not drawn:
        raise Http404
    response = HttpResponse(drawn, content_type="image/svg+xml; charset=utf-8")
    response["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    return response


# ---- the two people ----


@require_POST
def propose(request: AdministratorRequest, ref: str) -> HttpResponse:
    """Put the draft forward."""
    found = draft_of(ref)
    try:
        drafts.propose(ref=ref, note=request.POST.get("note", ""), by=request.user, at=now())
    except Declined as refusal:
        return _overview(request, found, [{"href": "#note", "text": refusal.sentence}], 422)
    messages.success(request, "已提请发布。请另一位管理员核对后发布。")
    return redirect("publishing_draft", ref=ref)


@require_POST
def send_back(request: AdministratorRequest, ref: str) -> HttpResponse:
    """Back to writing, with a reason."""
    found = draft_of(ref)
    try:
        drafts.send_back(ref=ref, reason=request.POST.get("reason", ""), by=request.user, at=now())
    except Declined as refusal:
        return _overview(request, found, [{"href": "#reason", "text": refusal.sentence}], 422)
    messages.success(request, "已退回起草。")
    return redirect("publishing_draft", ref=ref)


def _complete(request: HttpRequest) -> bool:
    """Whether the form lacks nothing but the code: what it lacks otherwise is said first."""
    return request.method == "POST" and MomentForm(request.POST).is_valid()


@require_http_methods(["GET", "HEAD", "POST"])
@step_up("approve_publication", fresh_for=NONE, when=_complete)
def release(request: AdministratorRequest, ref: str) -> HttpResponse:
    """The second person: what is published, when it takes force, yes, and a fresh code."""
    found = draft_of(ref)
    if found.state != DraftState.PROPOSED:
        return redirect("publishing_draft", ref=ref)
    at = now()
    form = MomentForm(request.POST if request.method == "POST" else None, initial={"day": (at + LEAD).date()})
    errors: list[dict[str, str]] = []
    if request.method == "POST" and form.is_valid():
        try:
            version = drafts.release(
                ref=ref, seen=request.POST.get("seen", ""), by=request.user, at=at, effective_at=form.moment()
            )
        except Declined as refusal:
            errors = [{"href": "#id_day_0", "text": refusal.sentence}]
        else:
            messages.success(request, "已发布，到时自动生效。")
            return redirect("publishing_version", version_ref=version.ref)
    outcomes = {kind: run_of(found, kind) for kind in RunKind}
    changed, tried = outcomes[RunKind.DIFFERENCE], outcomes[RunKind.REPLAY]
    context = {
        "form": form,
        "errors": errors,
        "difference": changed.outcome if changed else {},
        "replay": tried.outcome if tried else {},
        "mine": found.proposed_by_id == request.user.pk,
        "same_as_base": drafts.same_as_base(found),
        **field_for(request.user),
        **frame(found),
    }
    return render(request, "publishing/release.html", context, status=422 if request.method == "POST" else 200)


@require_POST
def discard(request: AdministratorRequest, ref: str) -> HttpResponse:
    """Put the draft aside for good."""
    found = draft_of(ref)
    try:
        if request.POST.get("sure") != "yes":
            raise Declined("请先勾选“确定删除”，再删除。")  # noqa: TRY301 - told below, like every refusal
        drafts.discard(ref=ref, by=request.user, at=now())
    except Declined as refusal:
        return _overview(request, found, [{"href": "#sure", "text": refusal.sentence}], 422)
    messages.success(request, "已删除草案。")
    return redirect("publishing")


@require_safe
def download(request: AdministratorRequest, ref: str) -> HttpResponse:
    """The draft's folder as a ZIP, for `chuding notice check` or for keeping."""
    del request
    return zipped(draft_of(ref).content)
