"""A Hypothesis state machine over the real services: whoever tries whatever, only the table's steps happen."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from chuding.applications.models import Application, Verdict
from chuding.applications.services import drafting, employer, review, submission
from chuding.applications.services.moves import conditions_of, roles_on
from chuding.applications.workflow import TABLE, Action, Declined, State, allowed
from chuding.connectors.social_insurance import EmbeddedSocialInsurance
from chuding.demonstration.cast import UNIT
from chuding.demonstration.town import fill_in
from chuding.ledger.record import entries_about
from stage import NOW, Stage

PEOPLE = ("applicant", "sun", "li", "zhou", "wu", "zhao", "qian")


class Life(RuleBasedStateMachine):
    """One file; at each step somebody tries something. The model is the table."""

    stage: Stage
    walked: set[tuple[State, Action, State]]

    @initialize(level=st.sampled_from(["助理级", "中级"]), online=st.booleans())
    def begin(self, level: str, online: bool) -> None:
        self.savepoint = transaction.savepoint()
        who = self.stage.character(level, State.DRAFT, online=online)
        self.person = self.stage.person(who.name, who.phone)
        file = drafting.start(notice=self.stage.town.notice, by=self.person, at=NOW)
        fill_in(self.stage.town, file.ref, who, self.person, NOW, upto=7)
        self.ref, self.online = file.ref, UNIT[who.unit].clerk
        self.clock = NOW

    def _act(self, action: Action, by: Any) -> Callable[[], Any]:
        ref, at = self.ref, self.clock
        insurance = EmbeddedSocialInsurance("/nonexistent")
        acts: dict[Action, Callable[[], Any]] = {
            Action.SUBMIT: lambda: submission.submit(ref=ref, connector=insurance, by=by, at=at),
            Action.WITHDRAW: lambda: submission.withdraw(ref=ref, by=by, at=at),
            Action.RESUBMIT: lambda: submission.resubmit(ref=ref, by=by, at=at),
            Action.ENDORSE: lambda: employer.endorse(ref=ref, by=by, at=at),
            Action.EMPLOYER_RETURN: lambda: employer.return_to_applicant(ref=ref, reason="请改岗位", by=by, at=at),
            Action.TAKE: lambda: review.take(ref=ref, by=by, at=at),
            Action.RELEASE: lambda: review.release(ref=ref, by=by, at=at),
            Action.SEND_BACK: lambda: review.send_back(ref=ref, sections={"work": "请补写"}, missing={}, by=by, at=at),
            Action.RECOMMEND: lambda: review.recommend(ref=ref, favourable=True, text="核实", by=by, at=at),
            Action.CONFIRM: lambda: review.confirm(ref=ref, text="", by=by, at=at),
            Action.RETURN: lambda: review.return_one_step(ref=ref, reason="再核", by=by, at=at),
            Action.APPROVE: lambda: review.approve(ref=ref, by=by, at=at),
            Action.REFUSE: lambda: review.refuse(ref=ref, clause="二(二)", reason="不满1年", by=by, at=at),
            Action.CLOSE: lambda: review.close_overdue(ref=ref, reason="逾期", by=by, at=at),
        }
        return acts[action]

    @rule(
        action=st.sampled_from([a for a in Action if a not in {Action.ISSUE, Action.REVOKE}]),
        who=st.sampled_from(PEOPLE),
        later=st.integers(0, 20),
    )
    def somebody_acts(self, action: Action, who: str, later: int) -> None:
        self._try(action, self._person(who), later)

    @rule(choice=st.integers(0, 60), later=st.integers(0, 20))
    def the_right_person_acts(self, choice: int, later: int) -> None:
        """Somebody who may; without this, chance alone would hardly get past the reviewer."""
        file = Application.objects.get(ref=self.ref)
        open_steps = [
            (row.action, by)
            for by in map(self._person, PEOPLE)
            for row in allowed(file.life, roles_on(file, by), conditions_of(file))
            if row.action not in {Action.ISSUE, Action.REVOKE}
        ]
        if open_steps:
            action, by = open_steps[choice % len(open_steps)]
            self._try(action, by, later)

    def _person(self, who: str) -> Any:
        return self.person if who == "applicant" else getattr(self.stage, who)

    def _try(self, action: Action, by: Any, later: int) -> None:
        self.clock += timedelta(days=later)
        before = Application.objects.get(ref=self.ref)
        legal = {
            row.next
            for row in allowed(before.life, roles_on(before, by), conditions_of(before))
            if row.action == action
        }
        told = len(entries_about(("application", self.ref)))
        try:
            with transaction.atomic():
                self._act(action, by)()
        except (Declined, Application.DoesNotExist):
            after = Application.objects.get(ref=self.ref)
            assert after.life is before.life
            return
        after = Application.objects.get(ref=self.ref)
        if after.life is before.life:
            return  # a repeated act answers with what already stands
        assert after.life in legal
        self.walked.add((before.life, action, after.life))
        assert len(entries_about(("application", self.ref))) > told

    @rule()
    def the_reviewer_judges(self) -> None:
        file = Application.objects.get(ref=self.ref)
        if file.life is not State.REVIEWING or file.reviewer is None:
            return
        for material in file.current_materials():
            review.judge_material(
                ref=self.ref, material_ref=material.ref, verdict=Verdict.FIT, reason="", by=file.reviewer, at=self.clock
            )

    @rule()
    def the_applicant_mends(self) -> None:
        file = Application.objects.get(ref=self.ref)
        if file.life is State.CORRECTION:
            spells = [
                {k: getattr(s, k) for k in ("employer_name", "post", "started_on", "ended_on", "in_specialty")}
                for s in file.spells.all()
            ]
            drafting.declare_work(ref=self.ref, rows=spells, values={}, by=self.person, at=self.clock)

    @invariant()
    def three_people_are_three_and_never_the_applicant(self) -> None:
        if not hasattr(self, "ref"):
            return
        file = Application.objects.get(ref=self.ref)
        people = [p for p in (file.reviewer_id, file.rechecker_id, file.signer_id) if p]
        assert len(people) == len(set(people))
        assert file.applicant_id not in people

    @invariant()
    def a_number_means_it_was_submitted(self) -> None:
        if hasattr(self, "ref"):
            file = Application.objects.get(ref=self.ref)
            assert (file.number is None) == (file.submitted_at is None)

    def teardown(self) -> None:
        if hasattr(self, "savepoint"):
            transaction.savepoint_rollback(self.savepoint)


def _run(stage: Stage, examples: int, steps: int) -> set[tuple[State, Action, State]]:
    walked: set[tuple[State, Action, State]] = set()
    machine = type("Life", (Life,), {"stage": stage, "walked": walked})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples, stateful_step_count=steps, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
    return walked


# Issuing and revoking go through rosters and two signers (tests/decisions).
EDGES = {(r.state, r.action, r.next) for r in TABLE if r.action not in {Action.ISSUE, Action.REVOKE}}


def test_no_illegal_step_is_reachable(stage: Stage) -> None:
    assert _run(stage, 25, 25) <= EDGES


@pytest.mark.soak
def test_no_illegal_step_is_reachable_for_long(stage: Stage) -> None:
    assert _run(stage, 1000, 40) == EDGES


def test_the_database_too_refuses_one_person_in_two_parts(stage: Stage) -> None:
    file = stage.file_at(State.REVIEWING)
    for change in ({"reviewer": file.applicant}, {"rechecker": file.reviewer}, {"signer": file.reviewer}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Application.objects.filter(pk=file.pk).update(**change)
