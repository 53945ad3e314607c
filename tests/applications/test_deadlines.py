"""Service levels: working days a stage, standing still while the applicant mends."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from desk_steps import judge_all, reread

from chuding.applications.deadlines import days_left, service_levels, set_clock
from chuding.applications.services import drafting, employer, review, submission
from chuding.applications.services.review import Defects
from chuding.applications.workflow import State
from chuding.policy.working_days import add_working_days
from stage import NOW, SHANGHAI


def at(month, day):
    return datetime(2024, month, day, 10, 0, tzinfo=SHANGHAI)


def test_each_stage_has_its_working_days():
    assert service_levels() == {
        State.EMPLOYER: 5,
        State.RECEIVED: 5,
        State.REVIEWING: 10,
        State.SECOND: 3,
        State.RECHECK: 5,
        State.SIGNING: 5,
        State.CITY: 10,
        State.APPEALED: 10,
        State.APPROVED: 10,
    }


def taken(stage, moment):
    file = stage.file_at(State.RECEIVED)
    return review.take(ref=file.ref, by=stage.li, at=moment)


def test_review_counts_working_days_over_the_holidays(stage):
    # 23 September to 12 October 2024: the holiday week off, Sunday 29 September and Saturday 12 October worked.
    assert taken(stage, at(9, 23)).due_on == date(2024, 10, 11)


def test_changing_hands_does_not_start_the_clock_anew(stage):
    file = taken(stage, at(9, 23))
    review.release(ref=file.ref, by=stage.li, at=at(9, 26))
    review.take(ref=file.ref, by=stage.li, at=at(9, 27))
    assert reread(file).due_on == date(2024, 10, 11)


def test_correction_stops_the_clock_and_what_is_left_goes_on(stage):
    file = taken(stage, at(9, 23))
    judge_all(file, stage.li, at=at(9, 26))
    review.send_back(ref=file.ref, defects=Defects({"work": "请补写。"}), by=stage.li, at=at(9, 26))
    paused = reread(file)
    assert (paused.due_on, paused.stage_used, days_left(paused, date(2024, 10, 20))) == (None, 3, None)
    spells = [
        {k: getattr(s, k) for k in ("employer_name", "post", "started_on", "ended_on", "in_specialty")}
        for s in file.spells.all()
    ]
    drafting.declare_work(ref=file.ref, rows=spells, values={}, by=file.applicant, at=at(10, 8))
    submission.resubmit(ref=file.ref, by=file.applicant, at=at(10, 8))
    # Seven of ten days are left: 9, 10, 11, 12 (worked), 14, 15, 16 October.
    assert reread(file).due_on == date(2024, 10, 16)


def test_days_left_are_negative_once_it_is_overdue(stage):
    file = taken(stage, at(9, 23))
    assert [days_left(file, date(2024, 10, day)) for day in (9, 11, 12, 14)] == [2, 0, -1, -2]


def test_what_the_unit_returns_stops_its_clock_and_goes_on_with_what_is_left(stage):
    file = stage.file_at(State.EMPLOYER, online=True)
    set_clock(file, State.DRAFT, date(2024, 9, 23))
    assert file.due_on == date(2024, 9, 29)
    file.save()
    employer.return_to_applicant(
        ref=file.ref, version=file.version, reason="请改岗位。", by=stage.clerk_of(file), at=at(9, 26)
    )
    paused = reread(file)
    assert (paused.due_on, paused.stage_used) == (None, 3)
    submission.resubmit(ref=file.ref, by=file.applicant, at=at(10, 8))
    assert reread(file).due_on == date(2024, 10, 10), "two of five days are left"


def test_what_is_approved_waits_for_its_document_and_what_is_issued_for_nothing(stage):
    file = stage.file_at(State.APPROVED)
    assert file.due_on == add_working_days(file.stage_since, 10)
    assert stage.file_at(State.ISSUED).due_on is None
    assert (stage.file_at(State.RECHECK).due_on is None, NOW - timedelta(0)) == (False, NOW)
