"""Many people as columns: what is stated of them, in arrays, one entry a person or one a record.

The columns follow `Facts` field by field, so a fact added there is a column here. Unknown needs no column of its own:
an unknown value is the code -1, an unknown day the range (ALWAYS, NEVER), an unknown list one record of which nothing
is known. Days are int32 ordinals; `never` is (NEVER, NEVER).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, get_args

import numpy as np
from pydantic import BaseModel

from chuding.policy.dates import ALWAYS, NEVER
from chuding.policy.facts import Facts, When

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    Days32 = NDArray[np.int32]


def parts_of(annotation: Any) -> set[Any]:
    """The members of a (nested) union, and the words of its literals."""
    members = get_args(annotation)
    return set().union(*map(parts_of, members)) | {annotation} if members else {annotation}


@dataclass(frozen=True, slots=True)
class Shape:
    """Which facts of a model are values, days, and lists of records (with the shape of a record)."""

    model: type[BaseModel]
    values: tuple[str, ...]
    days: tuple[str, ...]
    records: dict[str, Shape]


def shape_of(model: type[BaseModel]) -> Shape:
    """Sort the fields of `Facts`, or of one of its records, by what they hold."""
    values, days, records = [], [], {}
    for name, field in model.model_fields.items():
        parts = parts_of(field.annotation)
        inner = [part for part in parts if isinstance(part, type) and issubclass(part, BaseModel)]
        if inner:
            records[name] = shape_of(inner[0])
        elif When in parts:
            days.append(name)
        else:
            values.append(name)
    return Shape(model, tuple(values), tuple(days), records)


SHAPE: Final = shape_of(Facts)


@dataclass(frozen=True, slots=True)
class Coded:
    """A column of values as codes into `values`; -1 is unknown."""

    codes: NDArray[np.int16]
    values: tuple[Any, ...]

    def __post_init__(self) -> None:
        if len(self.codes) and not -1 <= int(self.codes.min()) <= int(self.codes.max()) < len(self.values):
            raise ValueError(f"codes must lie between -1 and {len(self.values) - 1}")

    def __len__(self) -> int:
        return len(self.codes)

    @classmethod
    def of(cls, column: Sequence[Any]) -> Coded:
        """Code a column; None becomes -1."""
        code: dict[Any, int] = {None: -1}
        codes = [code.setdefault(value, len(code) - 1) for value in column]
        return cls(np.array(codes, dtype=np.int16), tuple(code)[1:])

    @classmethod
    def unknown(cls, size: int) -> Coded:
        """A column of which nothing is known."""
        return cls(np.full(size, -1, dtype=np.int16), ())

    def part(self, start: int, end: int) -> Coded:
        """The entries from `start` up to `end`."""
        return Coded(self.codes[start:end], self.values)

    def vague(self) -> NDArray[np.bool_]:
        """Where nothing is known."""
        return np.asarray(self.codes < 0)


@dataclass(frozen=True, slots=True)
class Dated:
    """A column of days as ranges, both ends inclusive: first possible day, last possible day."""

    first: Days32
    last: Days32

    def __post_init__(self) -> None:
        if len(self.first) != len(self.last) or bool((self.first > self.last).any()):
            raise ValueError("a range of days must begin before it ends")

    def __len__(self) -> int:
        return len(self.first)

    @classmethod
    def of(cls, column: Sequence[When | str | None]) -> Dated:
        """Take the ranges of a column; the word `never` is a day that does not come."""
        pairs = [
            (day.first, day.last) if isinstance(day, When) else (ALWAYS if day is None else NEVER, NEVER)
            for day in column
        ]
        ranges = np.array(pairs, dtype=np.int32).reshape(-1, 2)
        return cls(np.ascontiguousarray(ranges[:, 0]), np.ascontiguousarray(ranges[:, 1]))

    @classmethod
    def exactly(cls, days: Days32) -> Dated:
        """Days that are known to the day."""
        return cls(days, days)

    @classmethod
    def unknown(cls, size: int) -> Dated:
        """A column of which nothing is known."""
        return cls(np.full(size, ALWAYS, dtype=np.int32), np.full(size, NEVER, dtype=np.int32))

    def part(self, start: int, end: int) -> Dated:
        """The entries from `start` up to `end`."""
        first = self.first[start:end]
        return Dated(first, first if self.last is self.first else self.last[start:end])

    def vague(self) -> NDArray[np.bool_]:
        """Where the day is not known to the day."""
        return np.asarray(self.first != self.last)


@dataclass(frozen=True, slots=True)
class Table:
    """Columns of one length; those not given are unknown."""

    size: int
    values: dict[str, Coded]
    days: dict[str, Dated]

    @classmethod
    def of(cls, shape: Shape, given: Mapping[str, Coded | Dated], size: int) -> Table:
        """Check the columns against the shape; raises ValueError naming the column that does not fit."""
        for name, column in given.items():
            wanted = Coded if name in shape.values else Dated if name in shape.days else None
            if wanted is None or not isinstance(column, wanted):
                raise ValueError(f"column {name}: " + ("no such fact" if wanted is None else f"must be {wanted}"))
            if len(column) != size:
                raise ValueError(f"column {name}: {len(column)} entries where {size} are needed")
        values = {name: given.get(name, Coded.unknown(0)) for name in shape.values}
        days = {name: given.get(name, Dated.unknown(0)) for name in shape.days}
        return cls(
            size,
            {name: each if name in given else Coded.unknown(size) for name, each in values.items()},  # type: ignore[misc]
            {name: each if name in given else Dated.unknown(size) for name, each in days.items()},  # type: ignore[misc]
        )

    @classmethod
    def of_models(cls, shape: Shape, models: Sequence[BaseModel]) -> Table:
        """The columns of validated models."""
        return cls(
            len(models),
            {name: Coded.of([getattr(each, name) for each in models]) for name in shape.values},
            {name: Dated.of([getattr(each, name) for each in models]) for name in shape.days},
        )

    def part(self, start: int, end: int) -> Table:
        """The rows from `start` up to `end`."""
        return Table(
            end - start,
            {name: column.part(start, end) for name, column in self.values.items()},
            {name: column.part(start, end) for name, column in self.days.items()},
        )

    def vague_names(self) -> frozenset[str]:
        """The columns in which something is not exactly known."""
        return frozenset(name for name, column in (self.values | self.days).items() if column.vague().any())


@dataclass(frozen=True, slots=True)
class Ragged:
    """The records of many people one after the other; person i holds `offsets[i]` up to `offsets[i + 1]`."""

    offsets: NDArray[np.int64]
    table: Table

    def __post_init__(self) -> None:
        steps = np.diff(self.offsets)
        if not len(self.offsets) or self.offsets[0] != 0 or self.offsets[-1] != self.table.size or (steps < 0).any():
            raise ValueError("offsets must rise from 0 to the number of records")

    @classmethod
    def of(cls, shape: Shape, histories: Sequence[Sequence[BaseModel] | None]) -> Ragged:
        """The records of validated models; None (unknown) becomes one record of which nothing is known."""
        unknown = [shape.model()]
        lists = [unknown if history is None else history for history in histories]
        offsets = np.zeros(len(lists) + 1, dtype=np.int64)
        np.cumsum([len(each) for each in lists], out=offsets[1:])
        return cls(offsets, Table.of_models(shape, [record for each in lists for record in each]))

    @classmethod
    def unknown(cls, shape: Shape, people: int) -> Ragged:
        """Lists of which nothing is known."""
        return cls(np.arange(people + 1, dtype=np.int64), Table.of(shape, {}, people))

    @property
    def counts(self) -> NDArray[np.int64]:
        """How many records each person holds."""
        return np.diff(self.offsets)

    def part(self, start: int, end: int) -> Ragged:
        """The people from `start` up to `end`."""
        first, last = int(self.offsets[start]), int(self.offsets[end])
        return Ragged(self.offsets[start : end + 1] - first, self.table.part(first, last))


@dataclass(frozen=True, slots=True)
class Columns:
    """The facts of many people."""

    table: Table
    records: dict[str, Ragged]

    def __len__(self) -> int:
        return self.table.size

    @classmethod
    def build(cls, size: int, facts: Mapping[str, Coded | Dated], records: Mapping[str, Ragged]) -> Columns:
        """From arrays, without a `Facts` for each person; what is not given is unknown. ValueError where it misfits."""
        for name, ragged in records.items():
            if name not in SHAPE.records:
                raise ValueError(f"column {name}: no such list")
            if len(ragged.offsets) != size + 1:
                raise ValueError(f"column {name}: {len(ragged.offsets) - 1} people where {size} are needed")
        missing = {n: Ragged.unknown(shape, size) for n, shape in SHAPE.records.items() if n not in records}
        return cls(Table.of(SHAPE, facts, size), {**missing, **records})

    @classmethod
    def of(cls, people: Sequence[Facts]) -> Columns:
        """From validated facts."""
        records = {
            name: Ragged.of(shape, [getattr(person, name) for person in people])
            for name, shape in SHAPE.records.items()
        }
        return cls(Table.of_models(SHAPE, people), records)

    def part(self, start: int, end: int) -> Columns:
        """The people from `start` up to `end`, as views of the same arrays."""
        end = min(end, len(self))
        records = {name: ragged.part(start, end) for name, ragged in self.records.items()}
        return Columns(self.table.part(start, end), records)

    def blocks(self, size: int) -> Iterator[Columns]:
        """All people, `size` at a time."""
        for start in range(0, len(self), size):
            yield self.part(start, start + size)
