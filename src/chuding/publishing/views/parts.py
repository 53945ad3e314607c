"""The parts of notice.yaml: lists of entries, and the form of one entry with the notice's text beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from chuding.applications.workflow import Declined
from chuding.policy.notice import FILE
from chuding.policy.source import NoticeError
from chuding.publishing.findings import choices_of, clauses_of, quote_problem
from chuding.publishing.forms import EntryForm
from chuding.publishing.sections import SECTIONS, SHOWN, entries_of
from chuding.publishing.services import drafts
from chuding.publishing.services.drafts import Edit, Order, Overtaken, mark_of, place_of
from chuding.publishing.views.pages import beside, draft_of, frame, problems_of
from chuding.publishing.yaml_text import GONE, at, data_of, flow_of
from chuding.storage.clock import now

if TYPE_CHECKING:
    from django.http import HttpResponse

    from chuding.publishing.models import Draft
    from chuding.publishing.sections import Section
    from chuding.publishing.views.pages import AdministratorRequest


def _section(key: str) -> Section:
    if key not in SECTIONS:
        raise Http404
    return SECTIONS[key]


def _rules(draft: Draft) -> Any:
    """The data of notice.yaml; what is saved is always YAML, so only a draft brought in from outside can fail here."""
    try:
        return data_of(draft.files[FILE], FILE)
    except NoticeError:
        return {}


def _line(section: Section, entry: dict[str, object]) -> list[dict[str, str]]:
    """What the list shows of an entry: each key with its value in words."""
    return [
        {"key": key, "text": "、".join(map(str, value)) if isinstance(value, list) else flow_of(value)}
        for key in SHOWN[section.key]
        if (value := entry.get(key)) not in (None, "", [])
    ]


@require_safe
def section(request: AdministratorRequest, ref: str, section: str) -> HttpResponse:
    """The entries of a part; a part of one entry is its form."""
    chosen, draft = _section(section), draft_of(ref)
    if not chosen.listed:
        return entry(request, ref=ref, section=section, n="1")
    wrong: dict[int | None, list[str]] = {}
    for problem in problems_of(draft):
        if problem["part"] == section:
            wrong.setdefault(problem["index"], []).append(problem["text"])
    clauses = clauses_of(draft.files["notice.md"])
    rows = []
    for index, each in enumerate(entries_of(chosen, _rules(draft))):
        said = quote_problem(clauses, str(each.get("依据", "")), str(each.get("原文", "")))
        rows.append(
            {
                "n": index + 1,
                "words": _line(chosen, each),
                "clause": each.get("依据", ""),
                "sentence": each.get("原文", ""),
                "problems": wrong.get(index) or ([said] if said else []),
                "seen": mark_of(each),
            }
        )
    context = {"section": chosen, "rows": rows, "last": len(rows), **frame(draft)}
    return render(request, "publishing/section.html", context)


def _entry_of(chosen: Section, rules: Any, n: str) -> dict[str, Any]:
    """What an entry says now: empty for a new one; 404 for one that is not there."""
    if not chosen.path:
        return {field.key: rules[field.key] for field in chosen.fields if field.key in rules}
    entries = entries_of(chosen, rules)
    if not chosen.listed:
        return dict(entries[0]) if entries else {}
    if n == "new":
        return {}
    if not (n.isascii() and n.isdigit() and 1 <= int(n[:6]) <= len(entries)):
        raise Http404
    return dict(entries[int(n) - 1])


def _edit(chosen: Section, rules: Any, n: str, made: dict[str, Any], seen: str = "") -> Edit:
    """The change that puts `made` in the entry's place."""
    held = at(rules, chosen.path)
    path: tuple[str | int, ...] = chosen.path
    value: Any = made
    if not chosen.path:
        value = {field.key: made.get(field.key, GONE) for field in chosen.fields}
    elif chosen.listed and n == "new" and not isinstance(held, list):
        value = [made] if held is None else [held, made]  # 受理 may be written without the list around it
    elif chosen.listed and isinstance(held, list):
        path = (*chosen.path, len(held) if n == "new" else int(n) - 1)
    return Edit(file=FILE, path=path, value=value, seen=seen, about=chosen.key)


@require_http_methods(["GET", "HEAD", "POST"])
def entry(request: AdministratorRequest, ref: str, section: str, n: str) -> HttpResponse:
    """One entry: change it, or add one."""
    chosen, draft = _section(section), draft_of(ref)
    value = _entry_of(chosen, _rules(draft), n)
    posted = request.POST if request.method == "POST" else None
    choices = choices_of(clauses_of(draft.files["notice.md"]))
    form = EntryForm(posted, section=chosen, clauses=choices, value=value)
    errors: list[dict[str, str]] = []
    if posted is not None and form.is_valid():
        edit = _edit(chosen, _rules(draft), n, form.entry(), posted.get("seen", ""))
        try:
            draft = drafts.change(ref=ref, edit=edit, by=request.user, at=now())
        except Declined as refusal:
            errors = [{"href": "#main", "text": refusal.sentence}]
            draft = draft_of(ref)
            value = _entry_of(chosen, _rules(draft), n)
        else:
            return _after(request, draft, chosen, n, form)
    label, sentence = _quoted(form, value)
    context = {
        "section": chosen,
        "form": form,
        "n": n,
        "seen": mark_of(place_of(draft.files[FILE], _edit(chosen, _rules(draft), n, {}))),
        "now_there": [{"key": key, "text": flow_of(each)} for key, each in value.items()] if errors else [],
        "errors": errors,
        "quote_problem": quote_problem(clauses_of(draft.files["notice.md"]), label, sentence),
        **beside(draft, [(label, sentence), *_others(value)]),
        **frame(draft),
    }
    return render(request, "publishing/entry.html", context, status=422 if posted is not None else 200)


def _quoted(form: EntryForm, value: dict[str, Any]) -> tuple[str, str]:
    """Clause and sentence as they stand in the form now."""
    if form.is_bound:
        return str(form.data.get("clause", "")), str(form.data.get("sentence", "")).strip()
    return str(value.get("依据", "")), str(value.get("原文", ""))


def _others(value: dict[str, Any]) -> list[tuple[str, str]]:
    also = value.get("另见")
    found = also if isinstance(also, list) else []
    return [(str(each.get("依据")), str(each.get("原文"))) for each in found if isinstance(each, dict)]


def _after(request: AdministratorRequest, draft: Draft, chosen: Section, n: str, form: EntryForm) -> HttpResponse:
    """Saved. A quotation that is not in the text is told at once, on the very page where it is mended."""
    label, sentence = _quoted(form, {})
    wrong = quote_problem(clauses_of(draft.files["notice.md"]), label, sentence)
    if wrong:
        messages.warning(request, f"已保存。但是原文不对：{wrong}")
        number = str(len(entries_of(chosen, _rules(draft)))) if n == "new" else n
        return redirect("publishing_entry", ref=draft.ref, section=chosen.key, n=number)
    messages.success(request, f"已保存“{chosen.title}”。")
    if chosen.listed:
        return redirect("publishing_section", ref=draft.ref, section=chosen.key)
    return redirect("publishing_draft", ref=draft.ref)


@require_POST
def act(request: AdministratorRequest, ref: str, section: str, n: str) -> HttpResponse:
    """Take an entry away, or move it up or down by one."""
    chosen, draft = _section(section), draft_of(ref)
    if not chosen.listed or n == "new":
        raise Http404
    rules = _rules(draft)
    value = _entry_of(chosen, rules, n)
    held = at(rules, chosen.path)
    count, index = len(held) if isinstance(held, list) else 1, int(n) - 1
    action = request.POST.get("action", "")
    step = {"up": -1, "down": 1}.get(action, 0)
    try:
        if request.POST.get("seen") != mark_of(value):
            raise Overtaken("这一条刚刚被别人改过，没有做任何改动。请看过现在的内容再办。")
        if action == "remove":
            place: tuple[str | int, ...] = chosen.path if isinstance(held, dict) else (*chosen.path, index)
            edit = Edit(file=FILE, path=place, value=GONE, seen=mark_of(value), about=chosen.key)
        elif step and 0 <= index + step < count:
            order = list(range(count))
            order[index], order[index + step] = order[index + step], order[index]
            edit = Edit(file=FILE, path=chosen.path, value=Order(tuple(order)), seen=mark_of(held), about=chosen.key)
        else:
            raise Declined("请选择上移、下移或者删除。")  # noqa: TRY301 - told below, like every refusal
        drafts.change(ref=ref, edit=edit, by=request.user, at=now())
    except Declined as refusal:
        messages.error(request, refusal.sentence)
    else:
        messages.success(request, "已删除。" if action == "remove" else "已移动。")
    return redirect("publishing_section", ref=ref, section=section)
