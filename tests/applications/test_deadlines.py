"""Service levels: working days a stage, standing still while the applicant mends."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from desk_steps import judge_all, reread

from chuding.applications.deadlines import days_left, service_levels
from chuding.applications.services import drafting, review, submission
from chuding.applications.services.review import Defects
from chuding.applications.workflow import State
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


def test_what_is_decided_has_no_deadline(stage):
    file = stage.file_at(State.APPROVED)
    assert (file.due_on, file.stage_since) == (None, None)
    assert (stage.file_at(State.RECHECK).due_on is None, NOW - timedelta(0)) == (False, NOW)
