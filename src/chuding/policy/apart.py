"""Who tells a changed notice from its own: everybody of the enumeration is asked, for all changes at once.

Each person is made and asked of the notice itself once, whatever the number of changes. A change that leaves all but
some rows of 初定 as they are can show only in what those rows answer; so of most people only those rows are asked
again, and the two reports are laid side by side where one of them answers otherwise. That is the same proof: a report
is made of its rows' days, their open facts and their kinds (`Known.same_by`), and of nothing else that differs.
"""

from __future__ import annotations

from functools import cached_property
from itertools import combinations
from typing import TYPE_CHECKING, Any

from chuding.policy.asked import Asked, holds_kind
from chuding.policy.assess import ANY_DAY, assess
from chuding.policy.cells import Reader, credential_people, each_boundary_person
from chuding.policy.combined import between, varied_together
from chuding.policy.facts import FactsError
from chuding.policy.person import One

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from chuding.policy.assess import Report
    from chuding.policy.conditions import Condition, Stated
    from chuding.policy.facts import Facts
    from chuding.policy.notice import Notice, Row


class Known:
    """One of everybody, and what the notice itself says of them, as far as anybody asks."""

    def __init__(self, notice: Notice, facts: Facts) -> None:
        self.facts = facts
        self.notice = notice
        self.env = One(facts)
        self.filed = (ANY_DAY if facts.filed_on is None else facts.filed_on).first
        self._rows: dict[int, Asked] = {}

    @cached_property
    def report(self) -> Report:
        """The notice's report."""
        return assess(self.notice, self.facts)

    @cached_property
    def answer(self) -> dict[str, Any]:
        """The notice's report, laid out to be compared."""
        return comparable(self.report)

    def asked(self, row: Row) -> Asked:
        """A row asked of this person."""
        return Asked(row, row.rule.whole, row.clause.label, self.env, self.filed)

    def by_row(self, index: int) -> Asked:
        """A row of the notice itself, asked once."""
        found = self._rows.get(index)
        if found is None:
            found = self._rows[index] = self.asked(self.notice.rows[index])
        return found

    def same_by(self, index: int, changed: Row) -> bool:
        """Whether a row answers as the changed one in its place does: the days, the kind held, and what is open.

        What is open is looked at on one day alone: on which the level could hold at best. As the days are the same,
        that day is the same in both notices.
        """
        row, before, after = self.notice.rows[index], self.by_row(index), self.asked(changed)
        if (before.sure, before.best) != (after.sure, after.best):
            return False
        if _kind(row) != _kind(changed) and holds_kind(row, self.env) != holds_kind(changed, self.env):
            return False
        if before.sure == before.best:
            return True
        day = self.report.levels[row.level].at_best
        return before.open_facts(day, self.env) == after.open_facts(day, self.env)


class Suspect:
    """A changed notice that may answer everybody as the notice does: `witness` once somebody was answered otherwise."""

    def __init__(self, notice: Notice, changed: Notice) -> None:
        self.changed = changed
        self.rows = rows_apart(notice, changed)
        self.witness: Facts | None = None
        self.people = 0

    def ask(self, known: Known) -> None:
        """Ask it of one person."""
        self.people += 1
        if self.rows is not None and all(known.same_by(index, row) for index, row in self.rows):
            return
        if _answer_of(self.changed, known.facts) != known.answer:
            self.witness = known.facts


def rows_apart(notice: Notice, changed: Notice) -> tuple[tuple[int, Row], ...] | None:
    """The changed rows by their place, where the two notices differ in what rows ask and in nothing else; else None.

    Rows that say from when a title counts (生效), or leave the field to the reviewer, say more than a day: None.
    """
    whole = ("levels", "windows", "gates", "materials", "examined", "effects")
    if any(getattr(notice, name) != getattr(changed, name) for name in whole) or len(notice.rows) != len(changed.rows):
        return None
    if notice.catalogue is not changed.catalogue or notice.permits != changed.permits:
        return None
    found = []
    for index, (one, other) in enumerate(zip(notice.rows, changed.rows, strict=True)):
        if (one.level, one.clause.label) != (other.level, other.clause.label):
            return None
        if _asks(one) == _asks(other):
            continue
        if any(row.entry.effective is not None or row.entry.matching.reviewer for row in (one, other)):
            return None
        found.append((index, other))
    return tuple(found)


def _asks(row: Row) -> tuple[Any, ...]:
    rule = row.rule
    return rule.parts, rule.some, rule.also, rule.floor, row.entry.effective, row.entry.matching.reviewer


class People:
    """Everybody who could tell a changed notice from this one."""

    def __init__(self, notice: Notice) -> None:
        self._notice = notice

    def tell_apart(self, *changed: Notice) -> list[tuple[Facts | None, int]]:
        """For each changed notice somebody whom it answers otherwise, or None; and how many were asked."""
        suspects = [Suspect(self._notice, each) for each in changed]
        self._ask(each_boundary_person(self._notice), suspects)
        groups: dict[tuple[Any, ...], list[Suspect]] = {}
        for suspect in suspects:
            if suspect.witness is None:
                groups.setdefault(between(self._notice, suspect.changed), []).append(suspect)
        reader = Reader(self._notice)
        for (asked, touched), group in groups.items():
            self._ask(map(reader.person, varied_together(self._notice, asked, touched)), group)
            if not touched:
                alive = [suspect for suspect in group if suspect.witness is None]
                self._ask(map(reader.person, two_records(self._notice, alive)), alive)
        return [(suspect.witness, suspect.people) for suspect in suspects]

    def _ask(self, people: Iterable[Facts], suspects: Sequence[Suspect]) -> None:
        alive = [suspect for suspect in suspects if suspect.witness is None]
        for facts in people:
            if not alive:
                return
            known = Known(self._notice, facts)
            for suspect in alive:
                suspect.ask(known)
            if any(suspect.witness is not None for suspect in alive):
                alive = [suspect for suspect in alive if suspect.witness is None]


def two_records(notice: Notice, suspects: Sequence[Suspect]) -> Iterator[dict[str, Any]]:
    """Every pair of records that differ for some row of any of the notices, with every work history.

    A row asks the earliest of a person's records. So one record stands for all that every row of all the notices
    answers on the same days, and by the same open facts.
    """
    if not suspects:
        return
    reader = Reader(notice)
    classes: dict[int, dict[tuple[Any, ...], dict[str, Any]]] = {}
    works: dict[int, Any] = {}
    changed = _changed_rows(notice, suspects)
    for varied in credential_people(notice):
        if not varied["credentials"]:
            continue
        (record,) = varied["credentials"]
        known = Known(notice, reader.person(varied))
        rows = [known.by_row(index) for index in range(len(notice.rows))] + [known.asked(row) for row in changed]
        sign = (
            *((asked.sure, asked.best, holds_kind(asked.rule, known.env)) for asked in rows),  # type: ignore[arg-type]
            *(name for name, value in record.items() if value is None),
        )
        key = id(varied["work"])
        works[key] = varied["work"]
        classes.setdefault(key, {}).setdefault(sign, record)
    for key, found in classes.items():
        for pair in combinations(found.values(), 2):
            yield {"credentials": list(pair), "work": works[key]}


def _changed_rows(notice: Notice, suspects: Sequence[Suspect]) -> list[Row]:
    """Every row of a changed notice that asks what none of the notice's own does, each once."""
    found: dict[tuple[Any, ...], Row] = {}
    own = [_asks(row) for row in notice.rows]
    for suspect in suspects:
        for row in suspect.changed.rows:
            if _asks(row) not in own:
                found.setdefault(_days_of(row), row)
    return list(found.values())


def _days_of(row: Row) -> tuple[Condition, Condition]:
    """What a record's days depend on in a row: what it asks, and the kind it speaks of."""
    return row.rule.whole, _kind(row)


def _kind(row: Row) -> Stated:
    return row.rule.parts.kind


def _answer_of(changed: Notice, facts: Facts) -> dict[str, Any] | None:
    """What the changed notice says; None where it no longer knows the specialty or the permit."""
    try:
        return comparable(assess(changed, facts))
    except FactsError:
        return None


def comparable(report: Report) -> dict[str, Any]:
    """Answers, dates, reasons, materials, offices, titles, days of filing: everything but what merely names the notice."""
    return {
        **report.to_json(),
        "instead": [material.instead for material in report.materials],
        "names": [(rule.tier, rule.title) for rule in report.notice.levels],
        "filing": [
            (found.file_on, found.effective_from, [path.label for path in found.left_to_reviewer])
            for found in report.levels.values()
        ],
    }
