"""People from files, block by block: CSV, Parquet (with the extra `parquet`), and JSON Lines of the contract's facts."""

from __future__ import annotations

import csv
import importlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from io import BufferedReader, TextIOWrapper
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from chuding.policy.columns import SHAPE, Coded, Columns, Dated, Ragged, Table
from chuding.policy.columns_layout import GROUPS, Cells, Layout, LayoutError, reader_of
from chuding.policy.facts import FactsError, When, inverted, read_facts
from chuding.policy.named import CHECKED
from chuding.policy.os_errors import why
from chuding.policy.population import BLOCK
from chuding.policy.reader_words import csv_words
from chuding.policy.records import read_records

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from chuding.policy.columns import Shape
    from chuding.policy.facts import Facts
    from chuding.policy.notice import Notice
    from chuding.policy.records import JsonRecord

SUFFIXES: Final = (".csv", ".parquet", ".jsonl", ".ndjson")
Rows = list[Sequence[str | None]]


class PeopleError(ValueError):
    """A file of people that cannot be read; the message is one line that names the place and says what to do."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Some people of a file: their columns, their ids where the file has them, and how far into the file they reach."""

    people: Columns
    first: int  # number of the first of them, from 1
    identifiers: tuple[str, ...] | None
    position: int


def extent(file: Path) -> int:
    """How far `Batch.position` will go: bytes, or people of a Parquet file. Raises `PeopleError`."""
    _check_suffix(file)
    try:
        size = file.stat().st_size
    except OSError as error:
        raise PeopleError(f"{file}：读不了这个文件（{why(error)}）") from None
    if file.suffix.lower() != ".parquet":
        return size
    with _parquet(file) as (rows, _):
        return rows


def read_people(file: Path, notices: Sequence[Notice], asked: frozenset[str], size: int = BLOCK) -> Iterator[Batch]:
    """The people of a file in blocks of at most `size`; `asked` are the facts that must have a column.

    A specialty must be known to one of the notices. Raises `PeopleError`; nothing before it has been held back, so a
    caller keeps its results to itself until the end.
    """
    _check_suffix(file)
    read = {".csv": _read_csv, ".parquet": _read_parquet}.get(file.suffix.lower(), _read_lines)
    try:
        yield from read(file, _Wanted(tuple(notices), asked, size))
    except LayoutError as error:
        raise PeopleError(f"{file}：{error}") from None
    except UnicodeDecodeError:
        raise PeopleError(f"{file}：不是 UTF-8 编码，请另存为 UTF-8 再试") from None
    except OSError as error:
        raise PeopleError(f"{file}：读不了这个文件（{why(error)}）") from None


def _check_suffix(file: Path) -> None:
    if file.suffix.lower() not in SUFFIXES:
        raise PeopleError(f"{file}：看不出格式，文件名要以 {'、'.join(SUFFIXES)} 之一结尾")


@dataclass(frozen=True, slots=True)
class _Wanted:
    notices: tuple[Notice, ...]
    asked: frozenset[str]
    size: int

    def word(self, fact: str, text: str) -> str:
        """A specialty or a permit, known to one of the notices; ValueError with the first notice's advice."""
        problems = []
        for notice in self.notices:
            try:
                CHECKED[fact](notice, text)
            except FactsError as error:
                problems.append(error.message)
            else:
                return text
        raise ValueError(problems[0] if problems else "没有通知")


class _Tables:
    """Turns rows of texts into columns; every distinct text of a kind of column is read once for the whole file."""

    def __init__(self, layout: Layout, wanted: _Wanted) -> None:
        self._layout = layout
        self._facts = {fact: Cells(reader_of(SHAPE, fact, wanted.word)) for fact in layout.facts}
        self._counts = Cells(reader_of(SHAPE, "continuing_education_hours", wanted.word))
        self._fields = {
            (records, field): Cells(reader_of(SHAPE.records[records], field, wanted.word))
            for records, groups in layout.groups.items()
            for field in (groups[0] if groups else ())
        }

    def columns(self, rows: Rows, place: Callable[[int], str]) -> Columns:
        """The columns of some rows; `place` names a row by its index in an error."""
        texts = list(zip(*rows, strict=True))
        facts = {
            fact: self._column(SHAPE, fact, self._ids(self._facts[fact], texts, at, place), self._facts[fact])
            for fact, at in self._layout.facts.items()
        }
        records = {
            name: self._ragged(name, texts, len(rows), place)
            for name, groups in self._layout.groups.items()
            if groups or name in self._layout.counts
        }
        return Columns.build(len(rows), facts, records)

    def _ids(
        self, cells: Cells, texts: Sequence[Sequence[str | None]], at: int, place: Callable[[int], str]
    ) -> NDArray[np.int32]:
        column = texts[at]
        try:
            return np.fromiter(map(cells.__getitem__, column), dtype=np.int32, count=len(column))
        except ValueError:
            for index, text in enumerate(column):
                try:
                    cells[text]
                except ValueError as error:
                    raise PeopleError(f"{place(index)}，列 {self._layout.names[at]}：{error}") from None
            raise

    def _column(self, shape: Shape, field: str, ids: NDArray[np.int32], cells: Cells) -> Coded | Dated:
        if field in shape.values:
            return Coded((ids - 1).astype(np.int16), tuple(cells.found))
        known = Dated.of([None, *cells.found])
        return Dated(known.first[ids], known.last[ids])

    def _ragged(
        self, name: str, texts: Sequence[Sequence[str | None]], people: int, place: Callable[[int], str]
    ) -> Ragged:
        shape, groups = SHAPE.records[name], self._layout.groups[name]
        ids = {
            field: np.stack([self._ids(self._fields[name, field], texts, group[field], place) for group in groups])
            for field in (groups[0] if groups else ())
        }
        filled = np.zeros((len(groups), people), dtype=np.bool_)
        for each in ids.values():
            filled |= each > 0
        last = np.max(np.where(filled, np.arange(1, len(groups) + 1)[:, None], 0), axis=0, initial=0)
        held = self._held(name, texts, last, place)
        offsets = np.zeros(people + 1, dtype=np.int64)
        np.cumsum(held, out=offsets[1:])
        owners = np.repeat(np.arange(people), held)
        rank = np.arange(offsets[-1]) - offsets[owners]
        columns = {
            # a list of which nothing is known is one record, also in a table without any group
            field: self._column(
                shape, field, each[np.minimum(rank, len(groups) - 1), owners], self._fields[name, field]
            )
            for field, each in ids.items()
        }
        self._refuse_inverted(name, columns, lambda at: (place(int(owners[at])), int(rank[at])))
        return Ragged(offsets, Table.of(shape, columns, int(offsets[-1])))

    def _refuse_inverted(
        self, name: str, columns: dict[str, Coded | Dated], whose: Callable[[int], tuple[str, int]]
    ) -> None:
        """The same sentence as of one person: a period that surely ends before it begins is a mistake of the file."""
        ends = next((field for field in ("to", "until") if field in columns), "")
        start, end = columns.get("from_"), columns.get(ends)
        if not isinstance(start, Dated) or not isinstance(end, Dated):
            return
        wrong = np.flatnonzero(start.first > end.last)
        if wrong.size:
            at = int(wrong[0])
            where, group = whose(at)
            column = self._layout.names[self._layout.groups[name][group]["from_"]]
            first, last = (When(int(each.first[at]), int(each.last[at])) for each in (start, end))
            raise PeopleError(f"{where}，列 {column}：{inverted(first, last, ends)}")

    def _held(
        self,
        name: str,
        texts: Sequence[Sequence[str | None]],
        last: NDArray[np.int64],
        place: Callable[[int], str],
    ) -> NDArray[np.int64]:
        """How many records each person has: as counted, else up to the last that is filled in, else one unknown."""
        held = np.maximum(last, 1)
        if name not in self._layout.counts:
            return held
        at = self._layout.counts[name]
        ids = self._ids(self._counts, texts, at, place)
        said = np.array([-1, *self._counts.found], dtype=np.int64)[ids]
        most = len(self._layout.groups[name])
        wrong = (said >= 0) & ((said < last) | (said > most))
        if wrong.any():
            index = int(np.flatnonzero(wrong)[0])
            group = GROUPS[name]
            remedy = (
                f"后面却填到了 {group}_{last[index]}_…"
                if said[index] < last[index]
                else f"表里只有 {most} 组 {group}_… 列"
            )
            raise PeopleError(f"{place(index)}，列 {name}：写着 {said[index]} 项，{remedy}，请核对")
        return np.where(said >= 0, said, held)


def _identifiers(layout: Layout, rows: Rows) -> tuple[str, ...] | None:
    at = layout.identifier
    return None if at is None else tuple(row[at] or "" for row in rows)


def _read_csv(file: Path, wanted: _Wanted) -> Iterator[Batch]:
    with file.open("rb") as raw, TextIOWrapper(raw, encoding="utf-8-sig", newline="") as stream:
        reader = csv.reader(stream, strict=True)
        try:
            yield from _csv_batches(file, reader, raw, wanted)
        except csv.Error as error:
            raise PeopleError(f"{file} 第 {reader.line_num} 行：不是合格的 CSV：{csv_words(error)}") from None


def _csv_batches(file: Path, reader: Any, raw: BufferedReader, wanted: _Wanted) -> Iterator[Batch]:
    names = next(reader, None)
    if not names:
        raise PeopleError(f"{file}：是空的；第一行应当是列名")
    layout = Layout.of(names, wanted.asked)
    tables = _Tables(layout, wanted)
    first = 1
    while True:
        rows, lines, taken = [], [], 0
        for taken, row in enumerate(islice(reader, wanted.size), start=1):  # noqa: B007 - none taken is the end
            if not row:
                continue
            if len(row) != len(names):
                raise PeopleError(f"{file} 第 {reader.line_num} 行：有 {len(row)} 格，列名有 {len(names)} 个，请补齐")
            rows.append(row)
            lines.append(reader.line_num)
        if not taken:
            break
        if not rows:
            continue
        people = tables.columns(rows, partial(_line, file, lines))
        yield Batch(people, first, _identifiers(layout, rows), raw.tell())
        first += len(rows)
    if first == 1:
        raise PeopleError(f"{file}：只有列名，没有人")


class _parquet:  # noqa: N801 - used as a context, like a function
    """Rows and an open cursor of a Parquet file; DuckDB is an extra and asked for only here."""

    def __init__(self, file: Path) -> None:
        self._file = file
        try:
            self._engine = importlib.import_module("duckdb")
        except ImportError:
            raise PeopleError(
                f"{file}：读 Parquet 要装 duckdb（pip install -r requirements/parquet.txt），或者另存为 CSV"
            ) from None

    def __enter__(self) -> tuple[int, Any]:
        self._connection = self._engine.connect(config={"threads": 1})
        try:
            # parameters only: a file's name is never part of the statement
            found = self._connection.execute("SELECT count(*) FROM read_parquet(?)", [str(self._file)]).fetchone()
        except self._engine.Error as error:
            self._connection.close()
            reason = str(error).splitlines()[0]
            raise PeopleError(f"{self._file}：不是能读的 Parquet 文件（{reason}）") from None
        return int(found[0]), self._connection

    def __exit__(self, *_: object) -> None:
        self._connection.close()


def _read_parquet(file: Path, wanted: _Wanted) -> Iterator[Batch]:
    with _parquet(file) as (count, connection):
        if count == 0:
            raise PeopleError(f"{file}：里面没有人")
        described = connection.execute("DESCRIBE SELECT * FROM read_parquet(?)", [str(file)]).fetchall()
        layout = Layout.of([row[0] for row in described], wanted.asked)
        tables = _Tables(layout, wanted)
        # the order of the file is kept: one thread, and DuckDB preserves insertion order
        cursor = connection.execute("SELECT CAST(COLUMNS(*) AS VARCHAR) FROM read_parquet(?)", [str(file)])
        first = 1
        while rows := cursor.fetchmany(wanted.size):
            people = tables.columns(rows, partial(_record, file, first))
            first += len(rows)
            yield Batch(people, first - len(rows), _identifiers(layout, rows), first - 1)


def _record(file: Path, first: int, index: int) -> str:
    return f"{file} 第 {first + index} 条记录"


def _line(file: Path, lines: list[int], index: int) -> str:
    return f"{file} 第 {lines[index]} 行"


def _read_lines(file: Path, wanted: _Wanted) -> Iterator[Batch]:
    """JSON Lines; blank lines do not count."""
    with file.open("rb") as raw, TextIOWrapper(raw, encoding="utf-8-sig") as stream:
        first, line = 1, 0
        while texts := list(islice(stream, wanted.size)):
            people: list[Facts] = []
            for line, text in enumerate(texts, start=line + 1):  # noqa: B020 - counts on over the batches
                for record in read_records(text):
                    people.append(_facts(record, f"{file} 第 {line} 行（第 {first + len(people)} 条记录）", wanted))
            if people:
                yield Batch(Columns.of(people), first, None, raw.tell())
            first += len(people)
    if first == 1:
        raise PeopleError(f"{file}：里面没有人；每行应当是一个 JSON 对象")


def _facts(record: JsonRecord, where: str, wanted: _Wanted) -> Facts:
    if record.fault is not None:
        raise PeopleError(f"{where}：{record.fault}")
    try:
        facts = read_facts(record.value)
        for fact in CHECKED:
            stated = getattr(facts, fact)
            if stated is not None:
                wanted.word(fact, stated)
    except FactsError as error:
        raise PeopleError(f"{where}：{error}") from None
    except ValueError as error:
        raise PeopleError(f"{where}：{fact}：{error}") from None
    return facts
