"""Write an invented population as CSV or Parquet, in the layout of docs/simulate.md.

.venv/bin/python benchmarks/people_file.py 10000 people.csv     (or people.parquet, which needs duckdb)
"""

from __future__ import annotations

import argparse
import csv
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from invented import invent

from chuding.policy.columns import SHAPE
from chuding.policy.columns_layout import GROUPS
from chuding.policy.dates import ALWAYS, NEVER
from chuding.policy.notice import load_notice

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chuding.policy.columns import Coded, Columns, Dated

_DAYS: dict[int, str] = {ALWAYS: "", NEVER: "never"}


def cells(column: Coded | Dated) -> list[str]:
    """The column as texts; unknown is empty."""
    if hasattr(column, "codes"):
        words = [str(value).lower() if isinstance(value, bool) else str(value) for value in column.values]
        return [*np.array([*words, ""], dtype=object)[column.codes]]
    for day in np.unique(column.first).tolist():
        _DAYS.setdefault(day, date.fromordinal(day).isoformat() if ALWAYS < day < NEVER else "")
    return [_DAYS[day] for day in column.first.tolist()]


def table(people: Columns) -> Iterator[tuple[str, list[str]]]:
    """Names and cells; lists as numbered columns with a count."""
    yield "id", [f"P{number:07}" for number in range(1, len(people) + 1)]
    for name in SHAPE.values:
        yield name, cells(people.table.values[name])
    for name in SHAPE.days:
        yield name, cells(people.table.days[name])
    for name, ragged in people.records.items():
        counts = ragged.counts
        vague = [column.vague() for column in (*ragged.table.values.values(), *ragged.table.days.values())]
        lost = np.logical_and.reduce(vague)
        unknown = np.zeros(len(people), dtype=bool)
        unknown[counts == 1] = lost[ragged.offsets[:-1][counts == 1]]
        yield name, ["" if gone else str(count) for gone, count in zip(unknown.tolist(), counts.tolist(), strict=True)]
        for rank in range(int(counts.max(initial=0))):
            who = np.flatnonzero(counts > rank)
            for field, column in (ragged.table.values | ragged.table.days).items():
                texts = np.full(len(people), "", dtype=object)
                texts[who] = np.array(cells(column), dtype=object)[ragged.offsets[:-1][who] + rank]
                yield f"{GROUPS[name]}_{rank + 1}_{field.rstrip('_')}", [*texts]


def write(people: Columns, file: Path) -> None:
    """CSV, or Parquet by way of DuckDB."""
    columns = dict(table(people))
    text = file if file.suffix == ".csv" else file.with_suffix(".parquet.csv")
    with text.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(columns)
        writer.writerows(zip(*columns.values(), strict=True))
    if text != file:
        import duckdb

        # names are this script's own caller's; the reader under test never builds a statement from a name
        duckdb.sql(f"COPY (SELECT * FROM read_csv('{text}', header=true, nullstr='')) TO '{file}' (FORMAT parquet)")
        text.unlink()


def _people(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text[:9]) <= 10_000_000:
        raise argparse.ArgumentTypeError(f"how many people: 1 to 10000000, not {text!r}")
    return int(text)


def _file(text: str) -> Path:
    file = Path(text)
    if file.suffix not in {".csv", ".parquet"}:
        raise argparse.ArgumentTypeError(f"the file ends in .csv or .parquet, not {text!r}")
    if not file.absolute().parent.is_dir():
        raise argparse.ArgumentTypeError(f"there is no folder for {text!r}")
    return file


def main() -> None:
    """Read the command line and write the file."""
    parser = argparse.ArgumentParser(description="Write an invented population in the layout of docs/simulate.md.")
    parser.add_argument("people", type=_people, help="how many people, for example 10000")
    parser.add_argument("file", type=_file, help="people.csv, or people.parquet (needs duckdb)")
    given = parser.parse_args()
    write(invent(load_notice("zhenjiang-2024-1"), given.people, 0.02), given.file)


if __name__ == "__main__":
    main()
