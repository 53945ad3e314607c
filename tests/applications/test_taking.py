"""Taking: the oldest due first, half an hour each, nothing one is tied to, and never two people on one file."""

from __future__ import annotations

import threading
from datetime import date, timedelta

import pytest
from desk_steps import crowd, judge_all, reread
from django.db import close_old_connections, connection

from chuding.accounts.appointments import appoint, appoint_clerk
from chuding.applications.models import Application, WorkSpell
from chuding.applications.services import review, taking, ties
from chuding.applications.workflow import Declined, State
from chuding.ledger.record import entries_about
from chuding.messages.models import Message
from stage import NOW, Stage

LATER = NOW + timedelta(minutes=31)


def reviewer(stage, name="何立冬", phone="19922222222"):
    person = stage.person(name, phone)
    appoint(person=person, office="association", duty="reviewer", at=NOW)
    return person


def test_next_is_the_oldest_due_and_twenty_are_twenty(stage):
    file = stage.file_at(State.RECEIVED)
    files = crowd(stage, file, 24)
    for n, each in enumerate([file, *files]):
        Application.objects.filter(pk=each.pk).update(due_on=date(2024, 9, 30) - timedelta(days=n))
    taken = taking.take_next(by=stage.li, at=NOW)
    assert [each.pk for each in taken] == [files[-1].pk]
    taken = taking.take_next(by=stage.li, at=NOW, most=taking.BATCH)
    assert [each.pk for each in taken] == [each.pk for each in files[-2:-22:-1]]
    assert {each.lease_until for each in taken} == {NOW + review.LEASE}
    assert taking.held_by(stage.li, NOW).count() == 21


def test_lease_keeps_others_away_for_half_an_hour_and_no_longer(stage):
    other = reviewer(stage)
    file = stage.file_at(State.RECEIVED)
    review.take(ref=file.ref, by=stage.li, at=NOW)
    with pytest.raises(Declined) as refusal:
        review.take(ref=file.ref, by=other, at=NOW + timedelta(minutes=29))
    assert refusal.value.sentence == "该件由李谷雨于10:00领取，正在审核。请领取别的申报，或者与对方联系。"
    assert taking.take_next(by=other, at=NOW + timedelta(minutes=29)) == []
    assert [each.pk for each in taking.take_next(by=other, at=LATER)] == [file.pk]
    assert reread(file).reviewer == other
    with pytest.raises(Declined):
        judge_all(file, stage.li, at=LATER)


def test_acts_prolong_the_lease_and_a_lease_that_ran_out_begins_anew_for_its_holder(stage):
    file = stage.file_at(State.RECEIVED)
    review.take(ref=file.ref, by=stage.li, at=NOW)
    judge_all(file, stage.li, at=NOW + timedelta(minutes=20))
    assert reread(file).lease_until == NOW + timedelta(minutes=50)
    judge_all(file, stage.li, at=NOW + timedelta(hours=3))
    assert reread(file).held_by(stage.li, NOW + timedelta(hours=3, minutes=29)) is True


def test_applicant_is_told_of_the_acceptance_once(stage):
    other = reviewer(stage)
    file = stage.file_at(State.RECEIVED)
    review.take(ref=file.ref, by=stage.li, at=NOW)
    review.release(ref=file.ref, by=stage.li, at=NOW)
    review.take(ref=file.ref, by=stage.li, at=NOW)
    review.take(ref=file.ref, by=other, at=LATER)
    assert Message.objects.filter(person=file.applicant, template="accepted").count() == 1
    acts = entries_about(("application", file.ref)).filter(action="take").values_list("data__from", flat=True)
    assert list(acts) == ["received", "received", "reviewing"]


def test_give_back_returns_everything_in_hand(stage):
    crowd(stage, stage.file_at(State.RECEIVED), 2)
    taking.take_next(by=stage.li, at=NOW, most=taking.BATCH)
    assert taking.give_back(by=stage.li, at=NOW) == 3
    assert (taking.held_by(stage.li, NOW).count(), Application.objects.filter(state=State.RECEIVED).count()) == (0, 3)


def test_what_came_back_to_oneself_comes_first(stage):
    waiting = stage.file_at(State.RECEIVED)
    back = stage.file_at(State.REVIEWING)
    Application.objects.filter(pk=back.pk).update(lease_until=None, due_on=date(2025, 1, 1))
    assert [each.pk for each in taking.take_next(by=stage.li, at=NOW, most=2)] == [back.pk, waiting.pk]


def test_what_somebody_let_lie_has_its_place_by_its_day_though_the_queue_is_never_empty(stage):
    other = reviewer(stage)
    file = stage.file_at(State.RECEIVED)
    review.take(ref=file.ref, by=other, at=NOW)
    waiting = crowd(stage, reread(file), 4, state=State.RECEIVED, reviewer=None, lease_until=None, accepted_at=None)
    for n, each in enumerate(waiting):
        Application.objects.filter(pk=each.pk).update(due_on=date(2024, 9, 20) + timedelta(days=2 * n))
    Application.objects.filter(pk=file.pk).update(due_on=date(2024, 9, 21))
    assert [each.pk for each in taking.take_next(by=stage.li, at=LATER)] == [waiting[0].pk]
    assert [each.pk for each in taking.take_next(by=stage.li, at=LATER, most=2)] == [file.pk, waiting[1].pk]
    assert reread(file).reviewer == stage.li


# ---- recusal ----


def own_file(stage, person, **changes):
    (own,) = crowd(stage, stage.file_at(State.EMPLOYER, online=True), 1, applicant=person, state=State.WITHDRAWN)
    Application.objects.filter(pk=own.pk).update(**changes)
    return own


def tie_by_second_account(stage, file):
    own_file(stage, stage.li, identity_index=file.identity_index)


def tie_by_clerkship(stage, file):
    appoint_clerk(person=stage.li, employer=file.employer, at=NOW)


def tie_by_own_work(stage, file):
    own = own_file(stage, stage.li, employer_name="", employer_uscc="", employer=None, identity_index="li")
    WorkSpell.objects.create(
        application=own,
        employer_name=file.employer_name,
        post="工程师",
        started_on=date(2015, 1, 1),
        ended_on=date(2022, 1, 1),
        in_specialty=True,
    )


def tie_by_declared_unit(stage, file):
    ties.declare_employer(name="", uscc=file.employer_uscc, until=date(2024, 12, 31), by=stage.li, at=NOW)


def tie_by_word(stage, file):
    ties.step_back(ref=file.ref, reason="申报人是我的亲属。", by=stage.li, at=NOW)


def tie_by_own_number(stage, file):
    ties.declare_identity(number=file.identity_number, by=stage.li, at=NOW)


@pytest.mark.parametrize(
    ("tie", "sentence"),
    [
        (tie_by_second_account, "申报人的证件号码与您本人的相同。"),
        (tie_by_own_number, "申报人的证件号码与您本人的相同。"),
        (tie_by_clerkship, "申报人的工作单位，是您现在或近三年内的单位，或者您是它的经办人。"),
        (tie_by_own_work, "申报人的工作单位，是您近三年内的单位。"),
        (tie_by_declared_unit, "申报人的工作单位，是您现在或近三年内的单位，或者您是它的经办人。"),
        (tie_by_word, "您已声明与这份申报有利害关系。"),
    ],
)
def test_who_is_tied_to_a_file_never_gets_it(stage, tie, sentence):
    file = stage.file_at(State.RECEIVED, online=True)
    tie(stage, file)
    assert taking.take_next(by=stage.li, at=NOW) == []
    with pytest.raises(Declined) as refusal:
        review.take(ref=file.ref, by=stage.li, at=NOW)
    assert refusal.value.sentence == f"{sentence}按规定您要回避，请由其他人办理。"
    assert [each.pk for each in taking.take_next(by=reviewer(stage), at=NOW)] == [file.pk]


def test_ties_end_with_their_last_day(stage):
    file = stage.file_at(State.RECEIVED, online=True)
    ties.declare_employer(name="", uscc=file.employer_uscc, until=NOW.date() - timedelta(days=1), by=stage.li, at=NOW)
    assert [each.pk for each in taking.take_next(by=stage.li, at=NOW)] == [file.pk]


def test_stepping_back_gives_the_file_back_and_is_in_the_ledger_with_its_reason(stage):
    file = stage.file_at(State.REVIEWING)
    tie_by_word(stage, file)
    assert (reread(file).life, reread(file).reviewer) == (State.RECEIVED, None)
    entry = entries_about(("application", file.ref)).get(action="step_back")
    assert (entry.by, entry.reason) == (stage.li, "申报人是我的亲属。")


# ---- two at once ----


@pytest.mark.django_db(transaction=True)
def test_many_reviewers_at_once_get_different_files() -> None:
    stage = Stage()
    crowd(stage, stage.file_at(State.RECEIVED), 11)
    people = [reviewer(stage, f"审{n}", f"1993333{n:04d}") for n in range(4)]
    got: dict[int, list[str]] = {}
    faults: list[BaseException] = []
    start = threading.Barrier(len(people))

    def work(person) -> None:
        close_old_connections()
        try:
            start.wait()
            for _ in range(4):
                got.setdefault(person.pk, []).extend(f.ref for f in taking.take_next(by=person, at=NOW))
        except BaseException as fault:  # noqa: BLE001 - told to the test's own thread
            faults.append(fault)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(person,)) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    refs = [ref for mine in got.values() for ref in mine]
    assert (faults, len(refs), len(set(refs))) == ([], 12, 12)
    held = dict(Application.objects.filter(state=State.REVIEWING).values_list("ref", "reviewer"))
    assert held == {ref: person for person, mine in got.items() for ref in mine}
