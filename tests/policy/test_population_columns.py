"""Columns by property: invented facts of every kind, whole and in blocks, against the tree asked of one person."""

from datetime import date
from typing import Any

import numpy as np
import pytest
from any_people import NOTICES, PEOPLE
from hypothesis import given, settings
from hypothesis import strategies as st

from chuding.policy.assess import assess
from chuding.policy.columns import SHAPE, Coded, Columns, Dated, Ragged, Table
from chuding.policy.columns_reasons import reasons_of
from chuding.policy.conditions import all_of, any_of
from chuding.policy.dates import ALWAYS, NEVER, anniversary, reach
from chuding.policy.facts import Facts, read_facts
from chuding.policy.notice import FOLDER, Notice, list_notices, load_notice, read_notice
from chuding.policy.person import One
from chuding.policy.population import Many, Periods, Population, Scenario, assess_many


def level_days(notice: Notice, facts: Facts) -> list[tuple[int, int]]:
    """Sure and best day of each level, by the tree asked of one person."""
    found = []
    for rule in notice.levels:
        rows = any_of([row.rule.whole for row in notice.rows if row.level == rule.level])
        condition = all_of([*(gate.condition for gate in notice.gates), rows])
        day = ALWAYS if facts.filed_on is None else facts.filed_on.first
        one = One(facts)
        found.append((condition.nt(day, one, False), condition.nt(day, one, True)))
    return found


@pytest.mark.parametrize("notice", NOTICES, ids=lambda notice: notice.id)
@given(people=st.lists(PEOPLE, min_size=1, max_size=12), block=st.integers(1, 5))
@settings(max_examples=25)
def test_columns_answer_as_one_person_does(notice: Notice, people: list[Facts], block: int) -> None:
    singly = [level_days(notice, facts) for facts in people]
    blocks = list(Population(Columns.of(people), block).assess(notice))
    for position, rule in enumerate(notice.levels):
        sure, best = (np.concatenate([getattr(part[rule.level], name) for part in blocks]) for name in ("sure", "best"))
        assert sure.tolist() == [each[position][0] for each in singly]
        assert best.tolist() == [each[position][1] for each in singly]


@pytest.mark.parametrize("notice", NOTICES, ids=lambda notice: notice.id)
@given(people=st.lists(PEOPLE, min_size=1, max_size=8))
@settings(max_examples=25)
def test_columns_give_the_answers_and_clauses_of_the_report(notice: Notice, people: list[Facts]) -> None:
    own = {*(choice.path for choice in notice.catalogue.choices()), *notice.examined}
    people = [facts if facts.specialty in own else facts.model_copy(update={"specialty": None}) for facts in people]
    many = Many(people)
    answers = assess_many(notice, many)
    reasons = reasons_of(notice, many, answers)
    for index, facts in enumerate(people):
        report = assess(notice, facts)
        for level, single in report.levels.items():
            column = answers[level]
            answer = "yes" if column.yes[index] else "no" if column.no[index] else "unknown"
            assert (answer, reasons[level].named(int(reasons[level].bits[index]))) == (single.answer, single.clauses)


@given(
    history=st.lists(st.tuples(st.integers(730_000, 740_000), st.integers(-40, 900)), max_size=5),
    since=st.integers(729_000, 741_000),
    years=st.integers(1, 5),
    restart=st.booleans(),
)
def test_periods_reach_enter_and_leave_as_one_history_does(
    history: list[tuple[int, int]], since: int, years: int, restart: bool
) -> None:
    spans = [(start, start + length) for start, length in history]
    starts, ends = (np.array([span[side] for span in spans], dtype=np.int32) for side in (0, 1))
    periods = Periods.of(np.array([0, 0, len(spans)]), starts, ends)  # somebody without any stands before
    asked = np.array([since, since], dtype=np.int32)
    assert periods.reach(asked, years, restart=restart).tolist() == [
        NEVER,
        reach(sorted(spans), since, years, restart=restart),
    ]
    inside = [max(first, since) for first, end in spans if first < end and end > since]
    assert periods.enter(asked).tolist() == [NEVER, min(inside, default=NEVER)]
    day = since
    for first, end in sorted(spans):
        day = end if first <= day < end else day
    assert periods.leave(asked).tolist() == [since, day]


def test_strange_years_are_reckoned_without_the_table() -> None:
    table = Table.of(SHAPE, {}, 6)
    many = Many(Columns.build(6, table.values, {}))
    column = np.array([1, 600_000, 693_595, 800_000, ALWAYS, NEVER], dtype=np.int32)
    counting = NOTICES[0].rows[0].rule.parts.worked
    assert many.after(column, 3, getattr(counting, "counting", None) or _counting()).tolist() == [
        anniversary(int(day), 3) for day in column
    ]


def _counting() -> Any:
    return next(
        row.rule.parts.worked.counting  # type: ignore[union-attr]
        for row in load_notice("zhenjiang-2024-1").rows
        if row.rule.parts.worked is not None
    )


def test_kept_answers_are_kept_by_value() -> None:
    """Another notice at a reused address gets its own answers; the same rules read anew get the kept ones."""
    person = {"filed_on": "2024-07-01", "credentials": [{"kind": "大专", "awarded_on": "2020-06-30"}], "work": []}
    population = Population(Columns.of([read_facts(person)] * 3))
    notice = load_notice("zhenjiang-2024-1")
    list(population.assess(notice))
    kept = len(population.blocks[0]._kept)
    list(population.assess(read_notice(FOLDER / notice.id)))
    assert len(population.blocks[0]._kept) == kept
    for _ in range(20):
        for other in list_notices():
            again = read_notice(FOLDER / other)
            fresh = Population(Columns.of([read_facts(person)] * 3))
            for ours, theirs in zip(population.assess(again), fresh.assess(again), strict=True):
                for level, column in ours.items():
                    assert (column.sure.tolist(), column.best.tolist()) == (
                        theirs[level].sure.tolist(),
                        theirs[level].best.tolist(),
                    )


def test_what_is_kept_stays_bounded(notice: Notice, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chuding.policy.population._KEPT", 4)
    many = Many([Facts()])
    assess_many(notice, many)
    assert len(many._kept) == 4


def test_a_scenario_knows_what_is_asked(notice: Notice) -> None:
    asked = Scenario.of(notice).asked
    assert asked >= {"specialty", "work", "sanctions", "retired_on", "kind", "awarded_on", "field_matches"}
    assert not asked & {"titles", "continuing_education_hours", "social_insurance_months", "full_time"}


def test_columns_are_built_from_arrays() -> None:
    offsets = np.array([0, 1, 1, 3])
    kinds = Coded(np.array([0, 1, -1], dtype=np.int16), ("本科", "硕士"))
    awarded = Dated.exactly(np.array([738_000, 738_001, 738_002], dtype=np.int32))
    held = Ragged(offsets, Table.of(SHAPE.records["credentials"], {"kind": kinds, "awarded_on": awarded}, 3))
    columns = Columns.build(3, {"civil_servant": Coded.of([True, None, False])}, {"credentials": held})
    people = [
        {"civil_servant": True, "credentials": [{"kind": "本科", "awarded_on": date.fromordinal(738_000)}]},
        {"credentials": []},
        {
            "civil_servant": False,
            "credentials": [
                {"kind": "硕士", "awarded_on": date.fromordinal(738_001)},
                {"awarded_on": date.fromordinal(738_002)},
            ],
        },
    ]
    for notice in NOTICES:
        ours = assess_many(notice, Many(columns))
        theirs = assess_many(notice, Many([Facts.model_validate(person) for person in people]))
        assert [(c.sure.tolist(), c.best.tolist()) for c in ours.values()] == [
            (c.sure.tolist(), c.best.tolist()) for c in theirs.values()
        ]


@pytest.mark.parametrize(
    ("build", "sentence"),
    [
        (lambda: Columns.build(2, {"shoe_size": Coded.unknown(2)}, {}), "column shoe_size: no such fact"),
        (lambda: Columns.build(2, {"identity": Coded.unknown(3)}, {}), "column identity: 3 entries where 2 are needed"),
        (lambda: Columns.build(2, {}, {"shoes": Ragged.unknown(SHAPE, 2)}), "column shoes: no such list"),
        (
            lambda: Columns.build(2, {}, {"work": Ragged.unknown(SHAPE.records["work"], 3)}),
            "column work: 3 people where 2 are needed",
        ),
        (lambda: Coded(np.array([2], dtype=np.int16), ("a", "b")), "codes must lie between -1 and 1"),
        (
            lambda: Dated(np.array([2], dtype=np.int32), np.array([1], dtype=np.int32)),
            "a range of days must begin before it ends",
        ),
        (
            lambda: Ragged(np.array([0, 2]), Table.of(SHAPE.records["work"], {}, 3)),
            "offsets must rise from 0 to the number of records",
        ),
    ],
)
def test_columns_that_do_not_fit_are_refused(build: Any, sentence: str) -> None:
    with pytest.raises(ValueError, match=f"^{sentence}$"):
        build()
