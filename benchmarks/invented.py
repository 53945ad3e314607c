"""An invented population, as columns: the distributions are ours and stand for no town.

1.4 credentials and 1.8 spells of work a person, sanctions for one in fifty, dates all over the years; `missing` is the
share of facts that are unknown.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, get_args

import numpy as np

from chuding.policy.columns import SHAPE, Coded, Columns, Dated, Ragged, Table
from chuding.policy.dates import ALWAYS, NEVER
from chuding.policy.facts import Engagement, Identity, Permit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from chuding.policy.notice import Notice

KINDS = ("中专", "大专", "本科", "学士", "第二学士", "研究生", "硕士", "博士")
KIND_SHARES = (0.08, 0.27, 0.33, 0.14, 0.02, 0.06, 0.08, 0.02)


class Invention:
    """Draws columns; the same seed draws the same people."""

    def __init__(self, notice: Notice, size: int, missing: float, seed: int = 20_240_318) -> None:
        self._random = np.random.default_rng(seed)
        self._notice = notice
        self._size = size
        self._missing = missing

    def columns(self) -> Columns:
        size, specialties = self._size, [choice.path for choice in self._notice.catalogue.choices()]
        specialties += sorted(self._notice.examined)
        shares = np.array([0.94 / len(self._notice.catalogue)] * len(self._notice.catalogue))
        shares = np.append(shares, [0.06 / len(self._notice.examined)] * len(self._notice.examined))
        facts: dict[str, Coded | Dated] = {
            "filed_on": Dated.exactly(self._days(date(2024, 3, 1), date(2024, 12, 20), size)),
            "specialty": self._coded(tuple(specialties), tuple(shares), size),
            "identity": self._coded(get_args(Identity), (0.98, 0.01, 0.01), size),
            "permit": self._coded(get_args(Permit), (0.97, 0.01, 0.01, 0.01), size),
            "works_in_jurisdiction": self._coded((True, False), (0.98, 0.02), size),
            "engagement": self._coded(get_args(Engagement), (0.9, 0.08, 0.02), size),
            "civil_servant": self._coded((True, False), (0.02, 0.98), size),
            "retired_on": self._retired(size),
            "assessed_fit": self._coded((True, False), (0.96, 0.04), size),
            "established_post": self._coded((True, False), (0.1, 0.9), size),
            "established_post_since": self._dated(self._days(date(2015, 1, 1), date(2024, 6, 1), size)),
            "social_insurance_found": self._coded((True, False), (0.95, 0.05), size),
        }
        lists = {"credentials": self._credentials(), "work": self._work(), "sanctions": self._sanctions()}
        return Columns.build(size, facts, {name: lists[name] for name in lists if name in SHAPE.records})

    def _days(self, first: date, last: date, size: int) -> NDArray[np.int32]:
        return self._random.integers(first.toordinal(), last.toordinal(), size, dtype=np.int32)

    def _unknown(self, size: int) -> NDArray[np.bool_]:
        return self._random.random(size) < self._missing

    def _coded(self, values: tuple[Any, ...], shares: tuple[float, ...], size: int) -> Coded:
        codes = self._random.choice(len(values), size, p=np.array(shares) / sum(shares)).astype(np.int16)
        codes[self._unknown(size)] = -1
        return Coded(codes, values)

    def _dated(self, days: NDArray[np.int32]) -> Dated:
        gone = self._unknown(len(days))
        return Dated(np.where(gone, ALWAYS, days).astype(np.int32), np.where(gone, NEVER, days).astype(np.int32))

    def _retired(self, size: int) -> Dated:
        days = self._days(date(2020, 1, 1), date(2030, 1, 1), size)
        return self._dated(np.where(self._random.random(size) < 0.97, NEVER, days).astype(np.int32))

    def _offsets(self, counts: NDArray[np.int64]) -> NDArray[np.int64]:
        return np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)

    def _credentials(self) -> Ragged:
        offsets = self._offsets(self._random.choice([0, 1, 2, 3], self._size, p=[0.01, 0.63, 0.32, 0.04]))
        held = int(offsets[-1])
        columns: dict[str, Coded | Dated] = {
            "kind": self._coded(KINDS, KIND_SHARES, held),
            "awarded_on": self._dated(self._days(date(2012, 6, 1), date(2024, 9, 1), held)),
            "field_matches": self._coded((True, False), (0.8, 0.2), held),
        }
        return Ragged(offsets, Table.of(SHAPE.records["credentials"], columns, held))

    def _work(self) -> Ragged:
        """Spells one after the other, with gaps; the last one of most people goes on."""
        counts = self._random.choice([0, 1, 2, 3, 4, 5], self._size, p=[0.02, 0.44, 0.32, 0.15, 0.05, 0.02])
        offsets = self._offsets(counts)
        held = int(offsets[-1])
        owners = np.repeat(np.arange(self._size), counts)
        begun = self._days(date(2012, 6, 1), date(2024, 3, 1), self._size)[owners]
        lasted = self._random.integers(60, 1_500, held, dtype=np.int32)
        paused = np.where(self._random.random(held) < 0.6, 0, self._random.integers(1, 200, held)).astype(np.int32)
        run = np.cumsum(lasted + paused, dtype=np.int64)
        before = run - (lasted + paused)
        starts = (begun + before - before[offsets[:-1].clip(max=max(held - 1, 0))][owners]).astype(np.int32)
        ends = starts + lasted
        last_one = np.zeros(held, dtype=np.bool_)
        last_one[offsets[1:][counts > 0] - 1] = True
        open_end = last_one & (self._random.random(held) < 0.85)
        to = Dated(np.where(open_end, ALWAYS, ends).astype(np.int32), np.where(open_end, NEVER, ends).astype(np.int32))
        return Ragged(offsets, Table.of(SHAPE.records["work"], {"from_": self._dated(starts), "to": to}, held))

    def _sanctions(self) -> Ragged:
        counts = (self._random.random(self._size) < 0.02).astype(np.int64)
        gone = self._unknown(self._size)
        counts[gone] = 1
        offsets = self._offsets(counts)
        held = int(offsets[-1])
        owners = np.repeat(np.arange(self._size), counts)
        starts = self._days(date(2020, 1, 1), date(2024, 6, 1), held)
        ends = starts + 365
        starts, last = np.where(gone[owners], ALWAYS, starts), np.where(gone[owners], NEVER, starts)
        first_end, last_end = np.where(gone[owners], ALWAYS, ends), np.where(gone[owners], NEVER, ends)
        days = {
            "from_": Dated(starts.astype(np.int32), last.astype(np.int32)),
            "until": Dated(first_end.astype(np.int32), last_end.astype(np.int32)),
        }
        return Ragged(offsets, Table.of(SHAPE.records["sanctions"], days, held))


def invent(notice: Notice, size: int, missing: float = 0.0, seed: int = 20_240_318) -> Columns:
    """Columns of so many invented people for this notice."""
    return Invention(notice, size, missing, seed).columns()


def _day(column: Dated, index: int) -> str | None:
    first, last = int(column.first[index]), int(column.last[index])
    if first == NEVER:
        return "never"
    return date.fromordinal(first).isoformat() if first == last else None


def _row(table: Table, index: int) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, column in table.values.items():
        code = int(column.codes[index])
        found[name] = None if code < 0 else column.values[code]
    for name, days in table.days.items():
        found[name.rstrip("_")] = _day(days, index)
    return found


def people(columns: Columns) -> list[dict[str, Any]]:
    """The same people as JSON objects of the contract; facts known to the day, or unknown."""
    found = []
    for index in range(len(columns)):
        person = _row(columns.table, index)
        for name, ragged in columns.records.items():
            held = range(int(ragged.offsets[index]), int(ragged.offsets[index + 1]))
            records = [_row(ragged.table, each) for each in held]
            unknown = len(records) == 1 and not any(v is not None for v in records[0].values())
            person[name] = None if unknown else records
        found.append(person)
    return found
