"""Pieces of the desk that are the same on every page: drawn once in each process."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import TYPE_CHECKING

from django import template
from django.template.loader import render_to_string
from django.utils.html import format_html, format_html_join

from chuding.applications.reviewing.reasons import reasons_for
from chuding.applications.workflow import State

if TYPE_CHECKING:
    from collections.abc import Iterable

    from chuding.applications.material_kinds import Kind


register = template.Library()
# Each has a digit of its own on the keyboard.
_WITH_KEYS = 9
# So many working days before its end a term is marked.
_SOON = 2


@register.simple_tag
@cache
def reason_buttons(kind: Kind) -> str:
    """The common reasons of a material to choose by mouse or by digit."""
    return format_html_join(
        "",
        '<li><button type="button" class="reason" data-reason="{0}" data-text="{1}"><kbd>{2}</kbd>{1}</button></li>',
        ((reason.code, reason.text, n) for n, reason in enumerate(reasons_for(kind)[:_WITH_KEYS], 1)),
    )


def options(rows: Iterable[tuple[str, str]], chosen: str) -> str:
    """The options of a list, value and words, with the chosen one."""
    return format_html_join(
        "",
        '<option value="{}"{}>{}</option>',
        ((value, format_html(" {}", "selected") if value == chosen else "", words) for value, words in rows),
    )


@register.simple_tag
@lru_cache(maxsize=128)
def reason_options(kind: Kind, chosen: str) -> str:
    """The same as a list for a page without scripts."""
    return options(((reason.code, reason.text) for reason in reasons_for(kind)), chosen)


@register.simple_tag
@lru_cache(maxsize=128)
def specialty_options(specialties: tuple[tuple[str, tuple[tuple[str, str], ...]], ...], chosen: str) -> str:
    """The specialties that a list is narrowed down by, series by series."""
    groups = ((series, options(below, chosen)) for series, below in specialties)
    return format_html_join("", '<optgroup label="{}">{}</optgroup>', groups)


@register.simple_tag
@lru_cache(maxsize=256)
def list_options(rows: tuple[tuple[str, str], ...], chosen: str) -> str:
    """The options that a list is narrowed down by, value and words."""
    return options(rows, chosen)


@register.simple_tag
@lru_cache(maxsize=512)
def due(left: int, late: int) -> str:
    """How long a file's term still runs, in working days, or for how many it has been over."""
    if left < 0:
        return format_html('<span class="due due-late">逾期 {} 个工作日</span>', late)
    tone = " due-soon" if left <= _SOON else ""
    words = f"还剩 {left} 个工作日" if left else "今天到期"
    return format_html('<span class="due{}">{}</span>', tone, words)


@register.simple_tag
@lru_cache(maxsize=1024)
def term(left: int | None, late: int, state: str, used: int | None) -> str:
    """What a list says of a file's term; `left` None: none runs. `used`: working days before a correction (None: none)."""
    if left is not None:
        said = due(left, late)
    else:
        said = format_html('<span class="muted">{}</span>', "等补正，暂停计时" if state == State.CORRECTION else "—")
    back = used and state == State.REVIEWING
    return format_html(
        "<span>{}{}</span>", said, format_html(' <span class="small muted">{}</span>', "补正回来") if back else ""
    )


@register.simple_tag
@cache
def state_tag(state: str) -> str:
    """A file's state in a word, in the one form that all pages have for it; the desks speak Chinese."""
    return render_to_string("partials/tag.html", {"text": State(state).label, "state": state})
