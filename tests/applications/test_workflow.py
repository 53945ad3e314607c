"""The table of states: what it allows, what it forbids, and that every way through it can be walked."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chuding.accounts.roles import Role
from chuding.applications.workflow import (
    ACTION_LABELS,
    FINAL,
    LABELS,
    LIVE,
    TABLE,
    Action,
    IllegalAction,
    State,
    allowed,
    diagram,
    step,
)

CONDITIONS = [
    frozenset(words) - {""}
    for words in product(
        ("junior", "intermediate"),
        ("employer_online", "employer_offline"),
        ("first_return", "returned_before"),
        ("green", "red"),
        ("lease_over", ""),
        ("undoable", "undoable_agreement", "undoable_junior_refusal", "undoable_intermediate_refusal", ""),
        ("appealable", ""),
    )
]


def test_every_state_and_action_has_its_words() -> None:
    assert set(LABELS) == set(State)
    assert set(ACTION_LABELS) == set(Action)


def test_every_action_stands_in_the_table() -> None:
    assert {row.action for row in TABLE} == set(Action)


def test_nothing_leaves_a_dead_state_but_revocation_and_a_refusal_undone_or_appealed() -> None:
    assert {(row.state, row.action, row.when) for row in TABLE if row.state in FINAL} == {
        (State.ISSUED, Action.REVOKE, "junior"),
        (State.ISSUED, Action.REVOKE, "intermediate"),
        (State.REFUSED, Action.UNDO, "undoable"),  # half a minute, before anybody is told
        (State.REFUSED, Action.UNDO, "undoable_junior_refusal"),
        (State.REFUSED, Action.UNDO, "undoable_intermediate_refusal"),
        (State.EXPIRED, Action.UNDO, "undoable"),
        (State.REFUSED, Action.APPEAL, "appealable"),  # once, within the days that the decision names
    }


def test_every_state_is_reached_from_the_draft() -> None:
    reached = {State.DRAFT}
    while more := {row.next for row in TABLE if row.state in reached} - reached:
        reached |= more
    assert reached == set(State)


def test_a_row_is_found_by_one_role_and_condition_only() -> None:
    seen = set()
    for row in TABLE:
        for conditions in CONDITIONS:
            if not row.when or row.when in conditions:
                key = (row.state, row.action, row.role, conditions)
                assert key not in seen
                seen.add(key)


@given(
    st.sampled_from(State),
    st.sampled_from(Action),
    st.frozensets(st.sampled_from(Role)),
    st.integers(0, len(CONDITIONS) - 1),
)
def test_step_allows_exactly_the_table(state: State, action: Action, roles: frozenset[Role], place: int) -> None:
    conditions = CONDITIONS[place]
    rows = [
        r
        for r in TABLE
        if r.state == state and r.action == action and r.role in roles and (not r.when or r.when in conditions)
    ]
    assert [r for r in allowed(state, roles, conditions) if r.action == action] == rows
    if rows:
        assert step(state, action, roles, conditions) == rows[0]
    else:
        with pytest.raises(IllegalAction) as refusal:
            step(state, action, roles, conditions)
        assert refusal.value.sentence == f"当前状态是“{state.label}”，不能{action.label}。请刷新页面，查看最新进度。"


def test_no_machine_refuses_or_approves_anyone() -> None:
    people = {Role.RECHECKER, Role.ASSOCIATION_SIGNER, Role.CITY_SIGNER}
    assert {row.role for row in TABLE if row.action in {Action.REFUSE, Action.APPROVE}} <= people


def test_intermediate_is_signed_by_the_city_and_junior_by_the_association() -> None:
    signed = {(row.when, row.role) for row in TABLE if row.action in {Action.APPROVE, Action.ISSUE, Action.REVOKE}}
    assert signed == {("junior", Role.ASSOCIATION_SIGNER), ("intermediate", Role.CITY_SIGNER)}


def test_a_dead_file_frees_the_person_for_another() -> None:
    assert LIVE & {State.WITHDRAWN, State.REFUSED, State.EXPIRED, State.REVOKED} == frozenset()


def test_the_diagram_in_the_docs_is_the_table() -> None:
    page = Path(__file__).parents[2] / "docs" / "workflow.md"
    assert f"```mermaid\n{diagram()}\n```" in page.read_text(encoding="utf-8")
