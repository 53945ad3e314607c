"""Which clauses carry the answers of many people: `assess.LevelReport.clauses`, over columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from chuding.policy.dates import ALWAYS, NEVER

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from chuding.policy.columns import Days32
    from chuding.policy.conditions import Condition
    from chuding.policy.notice import Notice, Row
    from chuding.policy.population import LevelColumns, Many
    from chuding.policy.terms import Level

    Mask = NDArray[np.bool_]

#: From low to high, for naming a person by the highest they hold.
SCHOOLINGS: Final = (
    *("中专", "中级工班", "大专", "高级工班", "本科", "学士", "预备技师班", "技师班"),
    *("第二学士", "研究生班", "研究生", "硕士", "博士"),
)
NO_SCHOOLING: Final = "无"
UNKNOWN_SCHOOLING: Final = "未知"


@dataclass(frozen=True, slots=True)
class Reasons:
    """For each person the clauses of one level's answer: bit i of `bits` stands for `labels[i]`."""

    labels: tuple[str, ...]
    bits: NDArray[np.int64]

    def named(self, bits: int) -> tuple[str, ...]:
        """The clauses of one person's bits."""
        return tuple(label for index, label in enumerate(self.labels) if bits >> index & 1)


class _Answers:
    """Conditions asked of a block on the day of filing, at best and at worst."""

    def __init__(self, people: Many) -> None:
        self.people = people
        self.first = people.day("filed_on", True)
        self.last = np.minimum(people.day("filed_on", False), NEVER - 1)

    def day(self, condition: Condition, favour: bool) -> Days32:
        return condition.nt(self.first, self.people, favour)

    def open_at(self, condition: Condition, t: Days32) -> Mask:
        found: Mask = (condition.nt(t, self.people, True) == t) & (condition.nt(t, self.people, False) != t)
        return found

    def holds_kind(self, row: Row) -> Mask:
        """Holds, or may hold, what the row asks for: then the row is what the person failed."""
        kind = row.rule.parts.kind
        least = self.people.least_title if row.rule.of_titles else self.people.least
        return np.asarray(least(kind, True) == ALWAYS)


def reasons_of(notice: Notice, people: Many, answers: dict[Level, LevelColumns]) -> dict[Level, Reasons]:
    """The clauses of every level's answer."""
    asked = _Answers(people)
    gates = {gate.clause.label: np.zeros(people.size, dtype=np.bool_) for gate in notice.gates}
    for gate in notice.gates:
        gates[gate.clause.label] |= asked.day(gate.condition, True) > asked.last
    found = {}
    for level, answer in answers.items():
        rows = [row for row in notice.rows if row.level == level]
        labels = tuple(dict.fromkeys([*gates, *(row.clause.label for row in rows)]))
        reasons = Reasons(labels, np.zeros(people.size, dtype=np.int64))
        for label, failing in gates.items():
            _mark(reasons, label, answer.no & failing)
        unknown = ~answer.yes & ~answer.no
        if unknown.any():
            for gate in notice.gates:
                _mark(reasons, gate.clause.label, unknown & asked.open_at(gate.condition, answer.best))
        _mark_rows(reasons, rows, asked, answer)
        found[level] = reasons
    return found


def _mark_rows(reasons: Reasons, rows: list[Row], asked: _Answers, answer: LevelColumns) -> None:
    """The rows that grant; of a no, the rows for what the person holds; of an unknown, those that may grant."""
    nobody = np.zeros(asked.people.size, dtype=np.bool_)
    unknown = ~answer.yes & ~answer.no
    sure = [asked.day(row.rule.whole, False) for row in rows]
    best = [asked.day(row.rule.whole, True) for row in rows]
    held = [asked.holds_kind(row) for row in rows]
    possible = np.logical_or.reduce([nobody, *(day <= asked.last for day in best)])
    holds_any = np.logical_or.reduce([nobody, *held])
    granting = np.logical_or.reduce([nobody, *(day <= answer.best for day in sure)])
    for index, row in enumerate(rows):
        failed = answer.no & ~possible & (held[index] | ~holds_any)
        open_ = unknown & np.where(granting, sure[index] <= answer.best, best[index] <= answer.best)
        _mark(reasons, row.clause.label, (answer.yes & (sure[index] <= asked.first)) | failed | open_)


def _mark(reasons: Reasons, label: str, mask: Mask) -> None:
    reasons.bits[mask] |= 1 << reasons.labels.index(label)


def schoolings_of(people: Many) -> tuple[tuple[str, ...], NDArray[np.int64]]:
    """Names, and for each person the index of their highest schooling or degree; 未知 where none is known, 无 for none."""
    names = (NO_SCHOOLING, UNKNOWN_SCHOOLING, *SCHOOLINGS)
    ragged = people.columns.records["credentials"]
    kinds = ragged.table.values["kind"]
    rank = np.array([*(names.index(kind) for kind in kinds.values), 1], dtype=np.int64)[kinds.codes]
    highest = np.zeros(people.size, dtype=np.int64)
    np.maximum.at(highest, np.repeat(np.arange(people.size), ragged.counts), rank)
    return names, highest
