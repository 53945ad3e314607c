"""The worked cases: which hold under the draft, and mending one that does not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from chuding.applications.workflow import Declined
from chuding.policy.assess import assess
from chuding.policy.cases import FILE, read_cases, run_case
from chuding.policy.diff import person_words
from chuding.policy.facts import FactsError
from chuding.policy.source import NoticeError, read_yaml
from chuding.publishing.case_words import EXPECTED, expected_words, lines_of, read_lines
from chuding.publishing.forms import CaseForm
from chuding.publishing.services import drafts
from chuding.publishing.services.drafts import Edit, mark_of
from chuding.publishing.views.pages import beside, draft_of, frame, notice_in
from chuding.publishing.yaml_text import GONE, data_of, put
from chuding.storage.clock import now

if TYPE_CHECKING:
    from django.http import HttpResponse

    from chuding.policy.cases import Case
    from chuding.publishing.models import Draft
    from chuding.publishing.views.pages import AdministratorRequest


def _written(draft: Draft) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The base and the cases as they stand in the file."""
    try:
        data = data_of(draft.files[FILE], FILE)
        held = [each for each in data.get("例") or [] if isinstance(each, dict)]
        return dict(data.get("基准") or {}), held
    except (NoticeError, AttributeError, TypeError, ValueError):
        return {}, []


def _read(draft: Draft) -> tuple[list[Case], list[str]]:
    try:
        return read_cases(read_yaml(draft.files[FILE], FILE)), []
    except NoticeError as error:
        return [], [str(problem) for problem in error.problems]


@require_safe
def cases(request: AdministratorRequest, ref: str) -> HttpResponse:
    """Every case, those that fail first."""
    draft = draft_of(ref)
    base, written = _written(draft)
    read, faults = _read(draft)
    notice = notice_in(draft)
    results = [run_case(notice, case) for case in read] if notice else []
    rows = [
        {
            "n": index + 1,
            "name": each.get("例", ""),
            "person": person_words(read[index].facts) if index < len(read) else "",
            "facts": lines_of({k: v for k, v in each.items() if k != "例" and k not in EXPECTED}),
            "expected": lines_of({k: v for k, v in each.items() if k in EXPECTED}),
            "differences": results[index] if index < len(results) else [],
            "seen": mark_of(each),
        }
        for index, each in enumerate(written)
    ]
    rows.sort(key=lambda row: not row["differences"])
    context = {
        "rows": rows, "faults": faults, "readable": notice is not None, "base": lines_of(base),
        "failing": sum(bool(row["differences"]) for row in rows),
        "wrong": [row for row in rows if row["differences"]], "agreeing": [row for row in rows if not row["differences"]], **frame(draft),
    }  # fmt: skip
    return render(request, "publishing/cases.html", context)


def _case_at(written: list[dict[str, Any]], n: str) -> dict[str, Any] | None:
    if n == "new":
        return None
    if not (n.isascii() and n.isdigit() and 1 <= int(n[:6]) <= len(written)):
        raise Http404
    return written[int(n) - 1]


@require_http_methods(["GET", "HEAD", "POST"])
def case(request: AdministratorRequest, ref: str, n: str) -> HttpResponse:
    """One case: who it is, what must come out, and what the draft answers."""
    draft = draft_of(ref)
    base, written = _written(draft)
    held = _case_at(written, n)
    errors: list[dict[str, str]] = []
    if request.method == "POST":
        form = CaseForm(request.POST)
        if form.is_valid():
            try:
                _save(request, draft, form, n, len(written))
            except Declined as refusal:
                errors = [{"href": "#id_facts", "text": refusal.sentence}]
                draft = draft_of(ref)
                held = _case_at(_written(draft)[1], n)
            else:
                messages.success(request, "已保存这个例子。")
                return redirect("publishing_cases", ref=ref)
    else:
        form = CaseForm(initial=_initial(held))
    answer, differences = _answer(draft, n)
    context = {
        "form": form, "n": n, "seen": mark_of(held), "base": lines_of(base), "answer": answer,
        "differences": differences, "errors": errors,
        "now_there": lines_of(held or {}) if errors else "",
        **beside(draft), **frame(draft),
    }  # fmt: skip
    return render(request, "publishing/case.html", context, status=422 if request.method == "POST" else 200)


def _initial(held: dict[str, Any] | None) -> dict[str, str]:
    if held is None:
        return {}
    return {
        "name": str(held.get("例", "")),
        "facts": lines_of({k: v for k, v in held.items() if k != "例" and k not in EXPECTED}),
        "expected": lines_of({k: v for k, v in held.items() if k in EXPECTED}),
    }


def _answer(draft: Draft, n: str) -> tuple[str, list[str]]:
    """What the draft says of a case, in the words of a case, and how that differs from what is written."""
    notice, (read, _) = notice_in(draft), _read(draft)
    if notice is None or n == "new" or int(n) > len(read):
        return "", []
    found = read[int(n) - 1]
    try:
        return expected_words(assess(notice, found.facts)), run_case(notice, found)
    except FactsError as error:
        return "", [str(error)]


def _save(request: AdministratorRequest, draft: Draft, form: CaseForm, n: str, count: int) -> None:
    try:
        facts, expected = read_lines(form.cleaned_data["facts"]), read_lines(form.cleaned_data["expected"])
    except ValueError as error:
        raise Declined(f"{error}。") from None
    strange = [key for key in facts if key in {*EXPECTED, "例"}] + [key for key in expected if key not in EXPECTED]
    if strange:
        raise Declined(f"“{strange[0]}”写错了地方：结论写 {'、'.join(EXPECTED)}，其余写在“这个人”里。")
    value = {"例": form.cleaned_data["name"], **facts, **expected}
    index = count if n == "new" else int(n) - 1
    _try(draft, index, value)
    edit = Edit(file=FILE, path=("例", index), value=value, seen=request.POST.get("seen", ""), about="cases")
    drafts.change(ref=draft.ref, edit=edit, by=request.user, at=now())


def _try(draft: Draft, index: int, value: dict[str, Any]) -> None:
    """Read the changed file as the check will; a case that cannot be read is not saved."""
    try:
        document = read_yaml(put(draft.files[FILE], FILE, ("例", index), value), FILE)
    except NoticeError as error:
        raise Declined(f"没有保存：{error.problems[0].message}。") from None
    try:
        read_cases(document)
    except NoticeError as error:
        line = document.line(("例", index))
        if mine := [each.message for each in error.problems if each.line == line]:
            raise Declined(f"没有保存：{mine[0]}。") from None


@require_POST
def act(request: AdministratorRequest, ref: str, n: str) -> HttpResponse:
    """Take a case away, or let it expect what the draft answers, for whoever has judged that the draft is right."""
    draft = draft_of(ref)
    held = _case_at(_written(draft)[1], n)
    if held is None:
        raise Http404
    path = ("例", int(n) - 1)
    try:
        if request.POST.get("action") == "remove":
            edit = Edit(file=FILE, path=path, value=GONE, seen=request.POST.get("seen", ""), about="cases")
            said = "已删除这个例子。"
        elif request.POST.get("action") == "accept":
            edit, said = _accepting(draft, n, held, request.POST.get("seen", "")), "已按草案的结论改写这个例子。"
        else:
            raise Declined("请选择删除，或者按草案的结论改写。")  # noqa: TRY301 - told below, like every refusal
        drafts.change(ref=ref, edit=edit, by=request.user, at=now())
    except Declined as refusal:
        messages.error(request, refusal.sentence)
    else:
        messages.success(request, said)
    return redirect("publishing_cases", ref=ref)


def _accepting(draft: Draft, n: str, held: dict[str, Any], seen: str) -> Edit:
    words, _ = _answer(draft, n)
    if not words:
        raise Declined("现在的草案还算不出结论，请先改正规则里的错误。")
    kept = {key: value for key, value in held.items() if key not in EXPECTED}
    found = read_lines(words)
    given = {key: found[key] for key in found if key == "期望" or key in held}
    return Edit(file=FILE, path=("例", int(n) - 1), value={**kept, **given}, seen=seen, about="cases")
