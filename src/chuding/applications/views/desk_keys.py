"""Each person's keys at the desk: switched off, or put elsewhere. Kept with the person, and in the session for every page."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.html import format_html_join
from django.views.decorators.http import require_http_methods

from chuding.applications.reviewing.keys import CHOICES, ITEM, KEYS, help_rows, keys_of, name_of
from chuding.applications.reviewing.models import DeskKeys
from chuding.applications.services.remarks import set_keys
from chuding.applications.workflow import Declined

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from chuding.accounts.models import Person
    from chuding.applications.views.desk_access import StaffRequest

_SESSION = "desk_keys"


def _held_by(person: Person) -> dict[str, Any]:
    row = DeskKeys.objects.filter(person=person).first()
    return {"on": row.on if row else True, "keys": row.keys if row else {}}


def remember(request: HttpRequest, user: Person, **_: object) -> None:
    """Put a person's keys into the session that begins, so that no page has to ask for them."""
    request.session[_SESSION] = _held_by(user)


def keys_for(request: StaffRequest) -> dict[str, Any]:
    """Whether this person's keys are on, and where each act lies; read when they signed in."""
    held = request.session.get(_SESSION) or _held_by(request.user)
    return _laid_out(held["on"], tuple(sorted(held["keys"].items())))


@lru_cache(maxsize=256)
def _laid_out(on: bool, changed: tuple[tuple[str, str], ...]) -> dict[str, Any]:
    """The same for everybody who has changed these: `attributes` and `help` are drawn for the pages."""
    codes = keys_of(dict(changed))
    rows = help_rows(codes)
    return {
        "on": on,
        "codes": codes,
        "names": {act: name_of(code) for act, code in codes.items()},
        "rows": [(key, codes[key.act], name_of(codes[key.act])) for key in KEYS],
        "attributes": format_html_join("", ' data-key-{}="{}"', codes.items()),
        "help": format_html_join("", "<dt><kbd>{}</kbd></dt><dd>{}</dd>", rows),
        "items": rows[-1][0],
    }


@require_http_methods(["GET", "HEAD", "POST"])
def keys(request: StaffRequest) -> HttpResponse:
    """Change the keys: by form, so that it works without a script too."""
    error = ""
    if request.method == "POST":
        wanted = {key.act: request.POST.get(key.act, "") for key in KEYS}
        if request.POST.get("act") == "reset":
            wanted = {}
        try:
            held = set_keys(on=request.POST.get("on") != "no", keys=wanted, by=request.user)
        except Declined as refusal:
            error = refusal.sentence
        else:
            request.session[_SESSION] = {"on": held.on, "keys": held.keys}
            messages.success(request, "快捷键已保存。")
            return redirect("desk_keys")
    held_now = keys_for(request)
    rows = [
        {"act": key.act, "text": key.text, "code": request.POST.get(key.act) or code, "name": name}
        for key, code, name in held_now["rows"]
    ]
    items = [row for row in rows if row["act"].startswith(ITEM)]
    context = {
        "rows": [row for row in rows if row not in items],
        "items": items,
        "items_now": held_now["items"],
        "choices": CHOICES,
        "on": held_now["on"],
        "errors": [{"href": "#keys", "text": error}] if error else [],
    }
    return render(request, "applications/desk/keys.html", context, status=422 if error else 200)
