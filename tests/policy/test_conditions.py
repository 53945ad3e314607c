"""Laws of the algebra on random trees: nt and nf are what a walk day by day would find, negation swaps them."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chuding.policy.conditions import (
    Condition,
    Elapsed,
    Monotone,
    MonotoneAll,
    Never,
    Some,
    Stated,
    Within,
    all_of,
    any_of,
    negate,
)
from chuding.policy.dates import NEVER
from chuding.policy.facts import read_facts
from chuding.policy.person import One

START = date(2024, 1, 1).toordinal()
DAYS = 60


def iso(offset: int) -> str:
    return date.fromordinal(START + offset).isoformat()


LEAVES = st.sampled_from(
    [
        Stated("civil_servant", frozenset({True})),
        Stated("assessed_fit", frozenset({True}), excluded=True),
        Stated("identity", frozenset({"mainland", "foreign"})),
        Elapsed("retired_on"),
        Elapsed("established_post_since", 1),
        Within("work"),
        Within("sanctions"),
    ]
)


def negated(condition: Condition) -> Condition:
    return negate(condition)


TREES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map(all_of),
        st.lists(inner, min_size=1, max_size=3).map(any_of),
        inner.map(negated),
    ),
    max_leaves=6,
)
OFFSETS = st.integers(0, DAYS - 10)


@st.composite
def facts(draw: st.DrawFn) -> dict[str, Any]:
    def periods(end: str) -> list[dict[str, Any]]:
        pairs = draw(st.lists(st.tuples(OFFSETS, OFFSETS).map(sorted), max_size=3))
        return [{"from": iso(first), end: iso(last)} for first, last in pairs]

    year_before = date.fromordinal(START + draw(OFFSETS)).replace(year=2023).isoformat()
    return {
        "civil_servant": draw(st.sampled_from([True, False, None])),
        "assessed_fit": draw(st.sampled_from([True, False, None])),
        "identity": draw(st.sampled_from(["mainland", "foreign", "hk_macau_taiwan", None])),
        "retired_on": draw(st.sampled_from(["never", None]) | OFFSETS.map(iso)),
        "established_post_since": draw(st.sampled_from([None, year_before])),
        "work": draw(st.none() | st.just(periods("to"))),
        "sanctions": draw(st.none() | st.just(periods("until"))),
    }


@given(TREES, facts(), st.booleans())
def test_nt_and_nf_are_what_a_walk_finds(tree: Condition, stated: dict[str, Any], favour: bool) -> None:
    env = One(read_facts(stated))
    holds = [tree.nt(START + offset, env, favour) == START + offset for offset in range(DAYS)]
    for offset in range(DAYS):
        found, lost = tree.nt(START + offset, env, favour), tree.nf(START + offset, env, favour)
        coming = [day for day in range(offset, DAYS) if holds[day]]
        going = [day for day in range(offset, DAYS) if not holds[day]]
        assert found == START + coming[0] if coming else found >= START + DAYS
        assert lost == START + going[0] if going else lost >= START + DAYS


@given(TREES, facts(), OFFSETS, st.booleans())
def test_negation_swaps_the_question_and_its_favour(
    tree: Condition, stated: dict[str, Any], offset: int, favour: bool
) -> None:
    env = One(read_facts(stated))
    t = START + offset
    assert negate(tree).nt(t, env, favour) == tree.nf(t, env, not favour)
    assert negate(tree).nf(t, env, favour) == tree.nt(t, env, not favour)


@given(TREES, facts(), OFFSETS)
def test_favour_never_harms_and_open_facts_are_named(tree: Condition, stated: dict[str, Any], offset: int) -> None:
    env = One(read_facts(stated))
    t = START + offset
    assert tree.nt(t, env, True) <= tree.nt(t, env, False)
    assert tree.nf(t, env, True) >= tree.nf(t, env, False)
    assert bool(tree.open_facts(t, env)) is tree.is_open(t, env)
    unknown = {fact for fact, value in stated.items() if value is None}
    assert set(tree.open_facts(t, env)) <= unknown


def test_level_without_rows_is_never() -> None:
    env = One(read_facts({}))
    assert any_of([]) == Never()
    assert any_of([]).nt(START, env, True) == NEVER
    with pytest.raises(ValueError, match="no condition"):
        all_of([])


def test_some_credential_is_the_earliest() -> None:
    env = One(
        read_facts({"credentials": [{"kind": "硕士", "awarded_on": iso(9)}, {"kind": "博士", "awarded_on": iso(3)}]})
    )
    masters: list[Monotone] = [Stated("kind", frozenset({"硕士"})), Elapsed("awarded_on")]
    anything: list[Monotone] = [Stated("kind", frozenset({"硕士", "博士"})), Elapsed("awarded_on")]
    assert Some(MonotoneAll(tuple(masters))).since(env, False) == START + 9
    assert Some(MonotoneAll(tuple(anything))).since(env, False) == START + 3
