"""Questions that every page asks: their SQL is made once in each process, and only their values change.

Django writes the statement anew each time one is asked, which costs many times what the database takes to answer it
(docs/performance.md, Pages). What is kept here is the form of a question and never a row of its answer.
"""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar

from django.core.exceptions import EmptyResultSet
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import Value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from django.db.models import Field, QuerySet

Row = TypeVar("Row")


class Slot(Value):
    """A place in a prepared question, filled whenever it is asked: `filter(application=Slot("file", BigIntegerField()))`."""

    def __init__(self, name: str, output_field: Field[Any, Any]) -> None:
        super().__init__(name, output_field=output_field)

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        """A parameter that is this place itself, until `Prepared` fills it."""
        del compiler, connection
        return "%s", [self]

    def filled(self, values: dict[str, Any], connection: Any) -> Any:
        """The value of this place as the database takes it."""
        return self.output_field.get_db_prep_value(values[self.value], connection)


class _Form(NamedTuple):
    """A question as one kind of database is asked it, and where each slot's value goes; empty `sql`: it has no answer."""

    sql: str
    params: tuple[Any, ...]
    slots: tuple[tuple[Slot, tuple[int, ...]], ...]
    compiler: Any
    converters: Any
    rows: Callable[[Any], Any]


@dataclass
class _Asked:
    """What Django's own reading of rows (QuerySet._iterable_class) asks of a queryset."""

    compiler: Any
    db: str = DEFAULT_DB_ALIAS
    _known_related_objects: dict[str, Any] = field(default_factory=dict)

    @property
    def query(self) -> _Asked:
        return self

    def get_compiler(self, using: str) -> Any:
        del using
        return self.compiler


class Prepared(Generic[Row]):
    """A queryset with slots, built when it is first asked: `ask = Prepared(lambda: …)`, then `ask(file=7)` for its rows."""

    def __init__(self, build: Callable[[], QuerySet[Any, Row]]) -> None:
        self._build = build
        self._forms: dict[str, _Form] = {}

    def __call__(self, **values: Any) -> list[Row]:
        """The rows, as the queryset would give them; every slot has its value by name."""
        connection = connections[DEFAULT_DB_ALIAS]
        form = self._forms.get(connection.vendor)
        if form is None:
            form = self._forms[connection.vendor] = self._form(connection)
        if not form.sql:
            return []
        params = list(form.params)
        for slot, places in form.slots:
            value = slot.filled(values, connection)
            for place in places:
                params[place] = value
        # A compiler belongs to one connection, so each asking has its own; what it has worked out is shared.
        compiler = copy(form.compiler)
        compiler.connection = connection
        compiler.as_sql = lambda: (form.sql, tuple(params))
        compiler.get_converters = lambda _: form.converters
        return list(form.rows(_Asked(compiler)))

    def _form(self, connection: Any) -> _Form:
        queryset = self._build()
        compiler = queryset.query.get_compiler(connection=connection)
        try:
            sql, params = compiler.as_sql()
        except EmptyResultSet:
            return _Form("", (), (), None, None, list)
        converters = compiler.get_converters([column[0] for column in compiler.select[: compiler.col_count]])
        return _Form(sql, tuple(params), _places(params), compiler, converters, queryset._iterable_class)  # noqa: SLF001 - how it reads rows


def _places(params: Iterable[Any]) -> tuple[tuple[Slot, tuple[int, ...]], ...]:
    """Each slot once, with all its places: its value is made ready for the database once, however often it is named."""
    found: dict[tuple[str, type[Any]], tuple[Slot, list[int]]] = {}
    for place, each in enumerate(params):
        if isinstance(each, Slot):
            found.setdefault((each.value, type(each.output_field)), (each, []))[1].append(place)
    return tuple((slot, tuple(places)) for slot, places in found.values())
