"""Rows of several tables in one statement: each comes as one JSON object and is made into its model's instance again."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.db import connection, models
from django.db.models import F, Value
from django.db.models.functions import JSONObject

from chuding.storage.fields import EncryptedTextField
from chuding.storage.prepared import Prepared

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


class Together:
    """The rows of several querysets with slots (`prepared.Slot`), in one statement, whole and with their annotations.

    What they are joined with is not fetched: annotate the names that are wanted. `build` is called once.
    """

    def __init__(self, build: Callable[[], Sequence[models.QuerySet[Any]]]) -> None:
        self._build = build
        self._ask = Prepared(lambda: _in_one(self._querysets))

    @cached_property
    def _querysets(self) -> Sequence[models.QuerySet[Any]]:
        return self._build()

    @cached_property
    def _shapes(self) -> list[_Shape]:
        return [_Shape(held) for held in self._querysets]

    def __call__(self, **values: Any) -> list[list[Any]]:
        """The rows of each, in the order of their keys."""
        found: list[list[Any]] = [[] for _ in self._querysets]
        for place, row in self._ask(**values):
            found[place].append(self._shapes[place].instance(row))
        return [sorted(rows, key=lambda each: each.pk) for rows in found]


def _in_one(querysets: Sequence[models.QuerySet[Any]]) -> models.QuerySet[Any, Any]:
    parts: list[models.QuerySet[Any, Any]] = [
        held.order_by()
        .annotate(
            place_=Value(place),
            row_=JSONObject(**{name: F(name) for name in (*_columns(held), *held.query.annotations)}),
        )
        .values_list("place_", "row_")
        for place, held in enumerate(querysets)
    ]
    first, *others = parts
    return first.union(*others, all=True) if others else first


def keep_prefetched(instance: models.Model, name: str, rows: list[Any]) -> None:
    """Let `instance.<name>.all()` answer with these rows, as if prefetched."""
    kept = getattr(instance, name).get_queryset()
    kept._result_cache, kept._prefetch_done = rows, True  # noqa: SLF001 - as Django's own prefetch does
    held = vars(instance).setdefault("_prefetched_objects_cache", {})
    held[name] = kept


def _columns(held: models.QuerySet[Any]) -> list[str]:
    return [field.attname for field in held.model._meta.concrete_fields]  # noqa: SLF001 - public by custom


class _Shape:
    """How the rows of one queryset become instances again."""

    def __init__(self, held: models.QuerySet[Any]) -> None:
        self._held = held
        self._fields = held.model._meta.concrete_fields  # noqa: SLF001 - public by custom
        self._names = [field.attname for field in self._fields]
        self._more = [(name, said.output_field) for name, said in held.query.annotations.items()]

    def instance(self, row: dict[str, Any]) -> models.Model:
        """One row as its model's instance, with the annotations."""
        values = [_value(field, row[field.attname]) for field in self._fields]
        made: models.Model = self._held.model.from_db(self._held.db, self._names, values)
        for name, field in self._more:
            setattr(made, name, _value(field, row[name]))
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
