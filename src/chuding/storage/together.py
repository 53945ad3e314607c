"""Rows of several tables in one statement: each comes as one JSON object and is made into its model's instance again."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from django.db import connection, models
from django.db.models import F, Value
from django.db.models.functions import JSONObject

from chuding.storage.fields import EncryptedTextField

if TYPE_CHECKING:
    from collections.abc import Sequence


def fetch_together(querysets: Sequence[models.QuerySet[Any]]) -> list[list[Any]]:
    """The rows of each queryset, whole, with its annotations (of joined columns), by their keys.

    One statement for all of them. What they are joined with is not fetched: annotate the names that are wanted.
    """
    parts = [
        held.order_by()
        .annotate(
            place_=Value(place),
            row_=JSONObject(**{name: F(name) for name in (*_columns(held), *held.query.annotations)}),
        )
        .values_list("place_", "row_")
        for place, held in enumerate(querysets)
    ]
    first, *others = parts
    found: list[list[Any]] = [[] for _ in querysets]
    for place, row in first.union(*others, all=True) if others else first:
        found[place].append(_instance(querysets[place], row))
    return [sorted(rows, key=lambda each: each.pk) for rows in found]


def keep_prefetched(instance: models.Model, name: str, rows: list[Any]) -> None:
    """Let `instance.<name>.all()` answer with these rows, as if prefetched."""
    kept = getattr(instance, name).get_queryset()
    kept._result_cache, kept._prefetch_done = rows, True  # noqa: SLF001 - as Django's own prefetch does
    held = vars(instance).setdefault("_prefetched_objects_cache", {})
    held[name] = kept


def _columns(held: models.QuerySet[Any]) -> list[str]:
    return [field.attname for field in held.model._meta.concrete_fields]  # noqa: SLF001 - public by custom


def _instance(held: models.QuerySet[Any], row: dict[str, Any]) -> models.Model:
    fields = held.model._meta.concrete_fields  # noqa: SLF001 - public by custom
    values = [_value(field, row[field.attname]) for field in fields]
    made: models.Model = held.model.from_db(held.db, [field.attname for field in fields], values)
    for name, said in held.query.annotations.items():
        setattr(made, name, _value(said.output_field, row[name]))
    return made


def _value(field: models.Field[Any, Any], raw: Any) -> Any:
    """A column's value out of JSON, as the field gives it when the column is read itself."""
    if raw is None:
        return None
    if isinstance(field, EncryptedTextField):
        return field.from_db_value(raw, None, connection)
    if isinstance(field, models.JSONField):
        return json.loads(raw) if isinstance(raw, str) else raw
    if isinstance(field, models.DateTimeField):
        moment = datetime.fromisoformat(raw)
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return field.to_python(raw)
