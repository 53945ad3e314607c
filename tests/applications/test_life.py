"""A Hypothesis state machine over the real services: whoever tries whatever, only the table's steps happen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from desk_steps import judge_all, version_of
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from chuding.accounts.appointments import appoint
from chuding.accounts.roles import Role
from chuding.applications.models import Application
from chuding.applications.services import appealing, drafting, employer, handing_over, review, submission, undoing
from chuding.applications.services.moves import conditions_of, roles_on
from chuding.applications.workflow import TABLE, UNDOABLE, Action, Declined, State, Step, allowed
from chuding.connectors.social_insurance import EmbeddedSocialInsurance
from chuding.demonstration.cast import UNIT
from chuding.demonstration.town import fill_in
from chuding.ledger.record import entries_about
from stage import NOW, Stage

ANSWER = "核对了合同和社保记录，理由如下。"
PEOPLE = ("applicant", "sun", "li", "he", "you", "zhou", "wu", "zhao", "jin", "second_signer", "qian")


def redden(ref: str) -> None:
    """The law engine does not bear the file out any more."""
    kept = Application.objects.get(ref=ref).assessments.order_by("at", "id").last()
    if kept is not None:
        kept.report["levels"][kept.application.level]["answer"] = "unknown"
        kept.save()


def mend(ref: str, at: Any) -> None:
    """The applicant does what was asked."""
    file = Application.objects.get(ref=ref)
    if file.life is State.CORRECTION:
        spells = [
            {k: getattr(s, k) for k in ("employer_name", "post", "started_on", "ended_on", "in_specialty")}
            for s in file.spells.all()
        ]
        drafting.declare_work(ref=ref, rows=spells, values={}, by=file.applicant, at=at)


def staffed(stage: Stage) -> Stage:
    """何 reviews too, 尤 leads the reviewers, 金 signs for the city too."""
    stage.he = stage.person("何立冬", "19922222222")  # type: ignore[attr-defined]
    stage.you = stage.person("尤芒种", "19944444444")  # type: ignore[attr-defined]
    appoint(person=stage.he, office="association", duty="reviewer", at=NOW)  # type: ignore[attr-defined]
    appoint(person=stage.you, office="association", duty="lead", at=NOW)  # type: ignore[attr-defined]
    stage.jin = stage.person("金白露", "19955555555")  # type: ignore[attr-defined]
    appoint(person=stage.jin, office="city", duty="signer", at=NOW)  # type: ignore[attr-defined]
    return stage


class Life(RuleBasedStateMachine):
    """One file; at each step somebody tries something. The model is the table."""

    stage: Stage
    walked: set[tuple[State, Action, State]]

    @initialize(level=st.sampled_from(["助理级", "中级"]), online=st.booleans())
    def begin(self, level: str, online: bool) -> None:
        self.set_out(level, online)

    def set_out(self, level: str, online: bool) -> None:
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
            Action.ENDORSE: lambda: employer.endorse(ref=ref, version=version_of(ref), by=by, at=at),
            Action.EMPLOYER_RETURN: lambda: employer.return_to_applicant(
                ref=ref, version=version_of(ref), reason="请改岗位", by=by, at=at
            ),
            Action.ASK_LEAD: lambda: review.send_back(
                ref=ref, defects=review.Defects({"work": "再补写"}, missed="漏看"), by=by, at=at
            ),
            Action.CONCUR: lambda: review.concur(ref=ref, text="同意", by=by, at=at),
            Action.UNDO: lambda: undoing.undo(ref=ref, by=by, at=at),
            Action.TAKE: lambda: review.take(ref=ref, by=by, at=at),
            Action.HAND_OVER: lambda: handing_over.hand_over(
                ref=ref, to=(self.stage.he if by == self.stage.li else self.stage.li).ref, reason="请假", by=by, at=at
            ),
            Action.RELEASE: lambda: review.release(ref=ref, by=by, at=at),
            Action.SEND_BACK: lambda: (
                review.agree_to_return(ref=ref, by=by, at=at)
                if Application.objects.get(ref=ref).life is State.LEAD
                else review.send_back(ref=ref, defects=review.Defects({"work": "请补写"}), by=by, at=at)
            ),
            Action.RECOMMEND: lambda: review.recommend(ref=ref, favourable=True, text="核实", by=by, at=at),
            Action.CONFIRM: lambda: review.confirm(ref=ref, text="", by=by, at=at),
            Action.RETURN: lambda: review.return_one_step(ref=ref, reason="再核", by=by, at=at),
            Action.APPROVE: lambda: review.approve(ref=ref, by=by, at=at),
            Action.REFUSE: lambda: review.refuse(ref=ref, clause="二(二)", reason="不满1年", by=by, at=at),
            Action.APPEAL: lambda: appealing.appeal(ref=ref, reason="劳动合同能证明已满一年。", by=by, at=at),
            Action.UPHOLD: lambda: appealing.decide_appeal(ref=ref, upheld=True, answer=ANSWER, by=by, at=at),
            Action.ANNUL: lambda: appealing.decide_appeal(ref=ref, upheld=False, answer=ANSWER, by=by, at=at),
            Action.REOPEN: lambda: review.reopen(ref=ref, reason="公示的异议成立", by=by, at=at),
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
            for row in allowed(file.life, roles_on(file, by, self.clock), conditions_of(file, self.clock))
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
        # Whether a pass goes against the law engine is known once it has been recommended.
        words = conditions_of(before, self.clock) | ({"red", "green"} if before.life is State.REVIEWING else set())
        if action is Action.ASK_LEAD and "returned_before" not in words:
            action = Action.SEND_BACK  # one form and one service for both: which of them it is, the file says
        legal = {
            row.next for row in allowed(before.life, roles_on(before, by, self.clock), words) if row.action == action
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
        if file.life is State.REVIEWING and file.reviewer is not None:
            judge_all(file, file.reviewer, at=self.clock)

    @rule()
    def the_engine_says_unknown(self) -> None:
        redden(self.ref)

    @rule()
    def the_applicant_mends(self) -> None:
        mend(self.ref, self.clock)

    @invariant()
    def three_people_are_three_and_never_the_applicant(self) -> None:
        if not hasattr(self, "ref"):
            return
        file = Application.objects.get(ref=self.ref)
        people = [p for p in (file.reviewer_id, file.second_id, file.rechecker_id, file.signer_id) if p]
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
        settings=settings(max_examples=examples, stateful_step_count=steps, suppress_health_check=list(HealthCheck)),
    )
    return walked


# Issuing and revoking go through rosters and two signers (tests/decisions).
EDGES = {(r.state, r.action, r.next) for r in TABLE if r.action not in {Action.ISSUE, Action.REVOKE}}


def test_no_illegal_step_is_reachable(stage: Stage) -> None:
    assert _run(staffed(stage), 25, 25) <= EDGES


@pytest.mark.soak
def test_no_illegal_step_is_reachable_for_long(stage: Stage) -> None:
    assert _run(staffed(stage), 300, 60) <= EDGES


@dataclass(frozen=True)
class Place:
    """Where a file is, as far as the table and its conditions care."""

    state: State
    last: tuple[Action, Role] | None = None
    returned: bool = False
    red: bool = False
    anew: bool = False

    def steps(self, kind: frozenset[str]) -> list[tuple[Step, Place]]:
        """What may be done here to a file of this kind, and where that leads."""
        found: list[tuple[Step, Place]] = []
        if self.anew:
            return found
        for row in TABLE:
            if row.state is not self.state or row.action in {Action.ISSUE, Action.REVOKE} or not self._open(row, kind):
                continue
            red = row.when == "red" or (self.red and row.action is not Action.RESUBMIT)
            returned = self.returned or (row.state is State.CORRECTION and row.action is Action.RESUBMIT)
            # A file that begins anew ends the walk: its first deciders have stepped back from it.
            anew = row.action is Action.ANNUL
            found.append((row, Place(row.next, (row.action, row.role), returned, red, anew)))
        return found

    def _open(self, row: Step, kind: frozenset[str]) -> bool:
        if row.action is Action.UNDO:
            return self.last is not None and self.last[0] in UNDOABLE and self.last[1] is row.role
        if row.action is Action.APPROVE and self.red:
            return False
        if row.action is Action.APPEAL:
            return self.last is not None and self.last[0] is Action.REFUSE
        words = kind | {"lease_over", "returned_before" if self.returned else "first_return"}
        words |= {"red"} if self.red else {"red", "green"}
        return not row.when or row.when in words


class Walker(Life):
    """Walks one file along a planned way; the right person acts, and everything an act needs is done before."""

    def walk(self, row: Step) -> None:
        who = {
            Role.APPLICANT: "applicant", Role.EMPLOYER_CLERK: "sun", Role.LEAD: "you", Role.RECHECKER: "zhou",
            Role.ASSOCIATION_SIGNER: "wu", Role.CITY_SIGNER: "zhao",
        }  # fmt: skip
        if row.state is State.APPEALED:  # somebody who had no part before
            who |= {Role.ASSOCIATION_SIGNER: "second_signer", Role.CITY_SIGNER: "jin"}
        file = Application.objects.get(ref=self.ref)
        by = self._person(who[row.role]) if row.role in who else file.reviewer or self.stage.li
        if row.role is Role.EMPLOYER_CLERK:
            by = file.employer.clerks.get().person if file.employer else by
        if (
            row.action is Action.CONCUR
            or (row.action is Action.RETURN and row.state is State.SECOND)
            or row.when == "lease_over"
        ):
            by = self.stage.he if file.reviewer_id != self.stage.he.pk else self.stage.li  # type: ignore[attr-defined]
        if row.when == "red":
            redden(self.ref)
        if row.state is State.REVIEWING and row.role is Role.REVIEWER and row.action is not Action.TAKE:
            judge_all(file, by, at=self.clock)
        if row.action is Action.RESUBMIT:
            mend(self.ref, self.clock)
        waits = {
            Action.CLOSE: timedelta(days=40),
            Action.TAKE: timedelta(minutes=31),
            Action.APPEAL: timedelta(minutes=1),
        }
        self.clock += waits.get(row.action, timedelta())
        self._act(row.action, by)()
        after = Application.objects.get(ref=self.ref).life
        assert (row.state, row.action, after) == (row.state, row.action, row.next)
        self.walked.add((row.state, row.action, after))


def _way(place: Place, kind: frozenset[str], left: set[tuple[State, Action, State]]) -> list[Step]:
    """The shortest way from here that ends with an edge not yet walked; empty where there is none."""
    queue: list[tuple[Place, list[Step]]] = [(place, [])]
    known = {place}
    for here, way in queue:
        for row, there in here.steps(kind):
            if (row.state, row.action, row.next) in left:
                return [*way, row]
            if there not in known:
                known.add(there)
                queue.append((there, [*way, row]))
    return []


def test_every_edge_of_the_table_is_walked(stage: Stage) -> None:
    staffed(stage)
    left = set(EDGES)
    for level, online in (("助理级", True), ("中级", False), ("助理级", False), ("中级", True)):
        kind = frozenset(
            {"junior" if level == "助理级" else "intermediate", "employer_online" if online else "employer_offline"}
        )
        while _way(Place(State.DRAFT), kind, left):
            walker = type("Walker", (Walker,), {"stage": stage, "walked": set()})()
            walker.set_out(level, online)
            place = Place(State.DRAFT)
            while way := _way(place, kind, left):
                for row in way:
                    walker.walk(row)
                    place = dict(place.steps(kind))[row]
                left -= walker.walked
            walker.teardown()
    assert left == set()


def test_the_database_too_refuses_one_person_in_two_parts(stage: Stage) -> None:
    file = stage.file_at(State.REVIEWING)
    for change in ({"reviewer": file.applicant}, {"rechecker": file.reviewer}, {"signer": file.reviewer}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Application.objects.filter(pk=file.pk).update(**change)
