"""Service levels: working days a stage, standing still while the applicant mends."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta

from desk_steps import judge_all, reread
from django.test import Client
from django.utils import timezone

from chuding.applications.deadlines import (
    Clock,
    clock_of,
    days_left,
    promised_by_association,
    promised_for,
    service_levels,
    set_clock,
)
from chuding.applications.services import appealing, drafting, employer, review, submission
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


# ---- what the applicant reads of it ----


def lines(file, moment, settings):
    """The steps of the progress page that are not past, each as title and the words about its term."""
    settings.CLOCK_OFFSET = moment - timezone.now()
    client = Client()  # of its own: a session of last month has ended
    client.force_login(file.applicant)
    page = client.get(f"/applications/{file.ref}/")
    shown = page.content.decode()
    items = re.findall(r'<li class="(now|next)".*?timeline-title">(.*?)</span>(.*?)</li>', shown, re.DOTALL)
    return [
        (state, title, "".join(re.sub(r"<[^>]+>", "", line).strip() for line in re.findall(r"<p.*?</p>", rest)[1:]))
        for state, title, rest in items
    ]


def test_clock_tells_used_and_promised_days_and_by_how_much_it_is_late(stage):
    file = taken(stage, at(9, 23))
    last = date(2024, 10, 11)
    assert [clock_of(file, date(2024, *day)) for day in ((9, 23), (9, 26), (10, 11), (10, 14))] == [
        Clock(0, 10, last),
        Clock(3, 10, last),
        Clock(10, 10, last),
        Clock(12, 10, last, late=2),
    ]


def test_timeline_says_who_until_when_and_what_is_promised_for_the_rest(stage, settings):
    file = taken(stage, at(9, 23))
    assert lines(file, at(9, 26), settings) == [
        ("now", "审核", "已用 3 / 承诺 10 个工作日，2024年10月11日前办完。"),
        ("next", "复核", "承诺 5 个工作日以内"),
        ("next", "审批", "承诺 5 个工作日以内"),
        ("next", "发文，发放电子证书", "承诺 10 个工作日以内"),
    ]
    assert lines(file, at(10, 14), settings)[0][2] == "已用 12 / 承诺 10 个工作日，超过了 2 个工作日。"


def test_timeline_stands_still_while_the_applicant_mends_and_goes_on_afterwards(stage, settings):
    file = taken(stage, at(9, 23))
    judge_all(file, stage.li, at=at(9, 26))
    review.send_back(ref=file.ref, defects=Defects({"work": "请补写。"}), by=stage.li, at=at(9, 26))
    due = f"{file.corrections.get().due_on:%Y年%-m月%-d日}"
    for day in (at(9, 27), at(10, 8)):
        assert lines(file, day, settings)[:2] == [
            ("now", "等您补正", f"请在 {due} 24:00 前重新提交。"),
            ("next", "审核", "已用 3 / 承诺 10 个工作日，暂停计算，您重新提交以后接着算。"),
        ]


def test_city_office_has_its_own_days_and_the_unit_too(stage, client, settings):
    file = stage.file_at(State.EMPLOYER, "中级", online=True)
    assert [(title, words) for _, title, words in lines(file, file.submitted_at, settings)][1:] == [
        ("受理", "承诺 5 个工作日以内"),
        ("审核", "承诺 10 个工作日以内"),
        ("复核", "承诺 5 个工作日以内"),
        ("审批", "承诺 10 个工作日以内"),
        ("发文，发放电子证书", "承诺 10 个工作日以内"),
    ]
    assert (promised_for({State.SIGNING, State.CITY}, junior=True), promised_by_association()) == (5, 20)
    client.force_login(file.applicant)
    receipt = client.get(f"/applications/{file.ref}/submitted/").content.decode()
    assert [days in receipt for days in ("，5 个工作日内。", "20 个工作日内。", "审批 10 个工作日内。")] == [True] * 3


def test_appeal_says_until_when_it_is_decided(stage, settings):
    file = stage.file_at(State.REFUSED)
    moment = file.updated_at + timedelta(minutes=5)
    appealing.appeal(ref=file.ref, reason="学历证书编号写错了一位，现在附上更正。", by=file.applicant, at=moment)
    (only,) = lines(file, moment, settings)
    assert only[:2] == ("now", "复核，由没有办过的人决定")
    assert only[2].startswith("已用 0 / 承诺 10 个工作日，")
