"""A chart is a table first: what is drawn, read aloud, printed and taken along is the same rows. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

#: In what everybody may read, a count of fewer people than this is not told, and others are told in steps of it, so that
#: nobody is found by taking one table from another.
SMALLEST: Final = 5
#: A rate or a median of fewer people than this is not told either.
FEWEST_FOR_A_RATE: Final = 10

Cell = str | int | None


class Kind(StrEnum):
    """What a column holds."""

    WORDS = "words"
    COUNT = "count"
    PERCENT = "percent"
    DAYS = "days"
    SECONDS = "seconds"


class Shape(StrEnum):
    """How a chart is drawn."""

    BARS = "bars"
    STACK = "stack"
    LINES = "lines"
    HEAT = "heat"


@dataclass(frozen=True)
class Column:
    """One column of the table; `drawn` ones are in the picture. `of`: the place of the count that a rate is a share of.

    `late_of`: the place of the count of which this is what is past its term, drawn red within it. `then`: the same of the
    year before, drawn paler beside it.
    """

    name: str
    kind: Kind = Kind.COUNT
    drawn: bool = True
    of: int | None = None
    late_of: int | None = None
    then: bool = False


@dataclass(frozen=True)
class Chart:
    """One chart. The first column says what a row is about; None in any other is "not known" or "not told".

    `behind`: the query string of the list of files that a cell counts, by its row and place; only the offices' have any.
    """

    key: str
    title: str
    says: str
    shape: Shape
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    hidden: str = "—"
    behind: Mapping[tuple[int, int], str] = field(default_factory=dict)

    @property
    def head(self) -> tuple[str, ...]:
        """The names of the columns."""
        return tuple(column.name for column in self.columns)

    @property
    def table(self) -> tuple[tuple[str, ...], ...]:
        """The rows in words, as the page and the CSV show them."""
        return tuple(tuple(self.words(cell, n) for n, cell in enumerate(row)) for row in self.rows)

    @property
    def cells(self) -> list[list[tuple[str, str]]]:
        """The same, each cell with the query string of the list behind it."""
        return [[(text, self.behind.get((i, n), "")) for n, text in enumerate(row)] for i, row in enumerate(self.table)]

    def late(self, place: int) -> int | None:
        """The place of what is past its term in that column; None where nothing is told apart."""
        return next((n for n, column in enumerate(self.columns) if column.late_of == place), None)

    @property
    def drawn(self) -> tuple[int, ...]:
        """The places of the columns that are drawn: those of which anything is known."""
        places = [n for n, column in enumerate(self.columns) if n and column.drawn]
        known = [n for n in places if any(row[n] is not None for row in self.rows)]
        return tuple(known or places)

    @property
    def empty(self) -> bool:
        """Whether there is nothing to draw."""
        return not any(row[n] for row in self.rows for n in self.drawn)

    @property
    def untold(self) -> bool:
        """Whether there is something that is only not told: every number is of few people."""
        counts = [n for n, column in enumerate(self.columns) if column.kind is Kind.COUNT]
        return any(row[n] is None for row in self.rows for n in counts)

    def words(self, cell: Cell, place: int) -> str:
        """One cell as people read it."""
        if cell is None:
            return self.hidden if self.columns[place].kind is Kind.COUNT else "—"
        return f"{cell}%" if self.columns[place].kind is Kind.PERCENT else str(cell)


def median(values: Sequence[int]) -> int | None:
    """The middle one of some numbers, the lower of two; None of none."""
    return sorted(values)[(len(values) - 1) // 2] if values else None


def percent(part: int, whole: int) -> int | None:
    """A share in whole per cent; None of nothing."""
    return round(100 * part / whole) if whole else None


def for_everybody(chart: Chart) -> Chart:
    """The same chart for the public: small counts untold, the others in steps, rates of few people left out."""
    return replace(
        chart,
        rows=tuple(_coarse(chart, row) for row in chart.rows),
        hidden=_("少于%(number)s") % {"number": SMALLEST},
        behind={},
    )


def _coarse(chart: Chart, row: tuple[Cell, ...]) -> tuple[Cell, ...]:
    counts = [c for c, column in zip(row, chart.columns, strict=True) if column.kind is Kind.COUNT]
    people = max((count for count in counts if isinstance(count, int)), default=0)
    return tuple(
        _told(cell, column, people if column.of is None else row[column.of])
        for cell, column in zip(row, chart.columns, strict=True)
    )


def _told(cell: Cell, column: Column, people: Cell) -> Cell:
    """One cell for the public; `people`: how many a rate or a median is of."""
    if not isinstance(cell, int) or column.kind is Kind.WORDS:
        return cell
    if column.kind is Kind.COUNT:
        return None if 0 < cell < SMALLEST else SMALLEST * round(cell / SMALLEST)
    if not isinstance(people, int) or people < FEWEST_FOR_A_RATE:
        return None
    if column.kind is not Kind.PERCENT:
        return cell
    # An exact share tells how many are missing from it, and nearly all of a known number is a count of few.
    part = round(people * cell / 100)
    few = column.of is not None and (0 < part < SMALLEST or 0 < people - part < SMALLEST)
    return None if few else SMALLEST * round(cell / SMALLEST)
