"""Pages by key, not by number: equally fast at the first row and at the millionth.

The condition is `a >= ? AND (a > ? OR id > ?)`. It says the same as `(a, id) > (?, ?)`, but in the form that both
databases answer from a composite index (measured: 0.06 ms against 44 ms for the naive OR, at row 300,000 of 1,000,000).
"""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from django.core.exceptions import ValidationError
from django.db.models import Field, Model, Q, QuerySet

if TYPE_CHECKING:
    from collections.abc import Sequence

Row = TypeVar("Row", bound=Model)
_PARTS = 2


@dataclass(frozen=True)
class Page(Generic[Row]):
    """Rows of one page, and the cursors that lead onwards and back; None where there is nothing."""

    rows: list[Row]
    next: str | None
    previous: str | None


@dataclass(frozen=True)
class _Place:
    """A place between two rows: the key of the row beside it, and the direction one reads from there."""

    backwards: bool
    key: tuple[Any, ...]


def keyset_page(
    queryset: QuerySet[Row],
    *,
    order: Sequence[str] = ("submitted_at", "id"),
    after: str | None,
    size: int,
) -> Page[Row]:
    """Return one page of at most `size` rows.

    `order` holds one or two field names, "-" before a descending one; the last is unique, none is ever NULL, and a name
    may pass through a relation (`application__submitted_at`). `after` is a cursor of a page of the same order, as it
    came with the request: what is no such cursor leads to the first page, and so does a place that has run empty.
    """
    place = _read(queryset, order, after)
    if place is None:
        return _forwards(queryset, order, None, size)
    page = _backwards(queryset, order, place, size) if place.backwards else _forwards(queryset, order, place, size)
    return page if page is not None and page.rows else _forwards(queryset, order, None, size)


def _forwards(queryset: QuerySet[Row], order: Sequence[str], place: _Place | None, size: int) -> Page[Row]:
    beyond = queryset if place is None else queryset.filter(_beyond(order, place.key))
    rows = list(beyond.order_by(*order)[: size + 1])
    more = len(rows) > size
    rows = rows[:size]
    return Page(
        rows,
        next=_cursor(order, rows[-1], backwards=False) if more else None,
        previous=_cursor(order, rows[0], backwards=True) if place is not None and rows else None,
    )


def _backwards(queryset: QuerySet[Row], order: Sequence[str], place: _Place, size: int) -> Page[Row] | None:
    """Return the page before a place, or None where what is left would be a short first page."""
    reverse = [name[1:] if name.startswith("-") else f"-{name}" for name in order]
    rows = list(queryset.filter(_beyond(reverse, place.key)).order_by(*reverse)[: size + 1])
    if len(rows) <= size:
        return None
    rows = rows[:size][::-1]
    return Page(
        rows,
        next=_cursor(order, rows[-1], backwards=False),
        previous=_cursor(order, rows[0], backwards=True),
    )


def _beyond(order: Sequence[str], key: tuple[Any, ...]) -> Q:
    names = [name.lstrip("-") for name in order]
    signs = ["lt" if name.startswith("-") else "gt" for name in order]
    last = Q(**{f"{names[-1]}__{signs[-1]}": key[-1]})
    if len(order) < _PARTS:
        return last
    first, sign = names[0], signs[0]
    return Q(**{f"{first}__{sign}e": key[0]}) & (Q(**{f"{first}__{sign}": key[0]}) | last)


def _cursor(order: Sequence[str], row: Model, *, backwards: bool) -> str:
    key = [_text(row, name.lstrip("-")) for name in order]
    return base64.urlsafe_b64encode(json.dumps([",".join(order), backwards, *key]).encode()).decode().rstrip("=")


def _text(row: Model, name: str) -> str:
    *path, last = name.split("__")
    for step in path:
        row = getattr(row, step)
    return _field(type(row), last).value_to_string(row)


def _read(queryset: QuerySet[Any], order: Sequence[str], cursor: str | None) -> _Place | None:
    if not cursor:
        return None
    try:
        held = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        written_for, backwards, *texts = held
        if written_for != ",".join(order) or len(texts) != len(order) or not all(map(_is_text, texts)):
            return None
        key = tuple(
            _field(queryset.model, name.lstrip("-")).to_python(text) for name, text in zip(order, texts, strict=True)
        )
    except (ValueError, TypeError, binascii.Error, ValidationError, OverflowError):
        return None
    return _Place(backwards is True, key) if None not in key else None


def _is_text(value: object) -> bool:
    return isinstance(value, str) and "\0" not in value  # PostgreSQL refuses NUL with an error


def _field(model: type[Model], name: str) -> Field[Any, Any]:
    *path, last = name.split("__")
    for step in path:
        related = model._meta.get_field(step).related_model  # noqa: SLF001 - Django's public-by-custom API
        if not isinstance(related, type):
            raise TypeError(f"{name}: {step} leads to no other model")
        model = related
    field = model._meta.pk if last == "pk" else model._meta.get_field(last)  # noqa: SLF001
    if not isinstance(field, Field):
        raise TypeError(f"{name} is no column")
    return field
