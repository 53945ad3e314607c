from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction
from tempers import Temper

from chuding.accounts import courier
from chuding.connectors.sms import Fate, Report
from chuding.jobs.models import Job
from chuding.messages.delivery import PATIENCE, QUESTIONS, deliver, deliver_message
from chuding.messages.models import Message
from chuding.messages.services import carry_code, inbox_of, mark_read, tell, unread_count
from chuding.messages.templates import TemplateFaultError

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
VALUES = {"number": "ZJCD20240000017", "tail": "0017", "waiting": "单位审核"}
SUBJECT = ("application", "a1")


@pytest.fixture
def temper(settings):
    settings.SMS_GATEWAY = {"class": "tempers.Temper"}
    Temper.mode, Temper.sent, Temper.asked = "ok", [], []
    return Temper


def say(person, at, template="submitted"):
    return tell(person=person, template=template, values=VALUES, subject=SUBJECT, at=at)


def test_tell_writes_the_inbox_and_sends_the_text(wang, at, outbox, run_jobs):
    message = say(wang, at)
    assert (message.state, outbox.last(1)) == ("pending", [])
    assert run_jobs() == 1
    sent = outbox.last(2)
    text = "【职称初定】您的申报（办件号ZJCD20240000017）已提交，等待单位审核。登录官网“我的申报”可查进度。"
    assert [(line.phone, line.text, line.reference) for line in sent] == [(wang.phone, text, message.ref)]
    message.refresh_from_db()
    assert (message.state, message.tries, message.sent_at, message.gateway_id) == ("sent", 1, at, sent[0].gateway_id)
    assert (message.title, message.subject_kind, message.subject_ref) == ("申报已提交", "application", "a1")


def test_tell_vanishes_with_the_transaction(wang, at, outbox, run_jobs):
    with transaction.atomic():
        say(wang, at)
        transaction.set_rollback(True)
    assert (run_jobs(), Message.objects.count(), outbox.last(1)) == (0, 0, [])


def test_tell_with_a_missing_value_writes_nothing(wang, at):
    with pytest.raises(TemplateFaultError):
        tell(person=wang, template="correction", values=VALUES, subject=SUBJECT, at=at)
    assert Message.objects.count() == 0


def test_tell_keeps_the_text_and_the_phone_encrypted(wang, at):
    say(wang, at)
    row = Message.objects.extra(select={"raw_phone": "phone", "raw_text": "text"}).values("raw_phone", "raw_text").get()
    assert [value[:2] for value in row.values()] == ["1.", "1."]


def test_tell_at_night_waits_for_the_morning_with_the_text_only(wang, outbox, run_jobs, clock):
    night = datetime(2024, 7, 1, 22, 30, tzinfo=ZoneInfo("Asia/Shanghai"))
    say(wang, night)
    assert unread_count(wang) == 1
    assert run_jobs(night + timedelta(hours=9)) == 0
    assert run_jobs(night + timedelta(hours=9, minutes=30)) == 1
    assert len(outbox.last(2)) == 1


def test_tell_at_night_does_not_wait_in_a_demonstration(wang, outbox, run_jobs, settings):
    settings.DEMONSTRATION = True
    night = datetime(2024, 7, 1, 22, 30, tzinfo=ZoneInfo("Asia/Shanghai"))
    say(wang, night)
    assert run_jobs(night) == 1


def test_code_goes_out_at_night_and_not_into_an_inbox(wang, outbox, run_jobs):
    night = datetime(2024, 7, 1, 22, 30, tzinfo=ZoneInfo("Asia/Shanghai"))
    courier.courier()(phone=wang.phone, code="384921", purpose="sign_in", at=night)
    run_jobs(night)
    expected = "【职称初定】验证码384921，用于登录，10分钟内有效。工作人员不会向您索要验证码，请勿转发。"
    assert outbox.last(1)[0].text == expected
    assert list(inbox_of(wang)) == []
    assert Message.objects.get().text == "（验证码已隐去）"


def test_delivery_is_done_once_however_often_the_job_comes(wang, at, temper):
    message = say(wang, at)
    assert [deliver(message.pk, at=at) for _ in range(3)] == ["sent"] * 3
    assert len(temper.sent) == 1


def test_delivery_refused_is_failed_and_not_tried_again(wang, at, temper, run_jobs):
    temper.mode = "no"
    message = say(wang, at)
    run_jobs()
    message.refresh_from_db()
    assert (message.state, len(temper.sent), run_jobs(at + timedelta(days=2))) == ("failed", 1, 0)


def test_delivery_is_tried_again_with_growing_patience_under_one_reference(wang, at, temper, run_jobs, clock):
    temper.mode = "away"
    message = say(wang, at)
    run_jobs()
    for wait in PATIENCE[:3]:
        assert run_jobs(clock[0] + wait - timedelta(seconds=1)) == 0
        clock[0] += wait
        assert run_jobs(clock[0]) == 1
    temper.mode = "ok"
    clock[0] += PATIENCE[3]
    run_jobs(clock[0])
    message.refresh_from_db()
    assert (message.state, message.tries) == ("sent", 5)
    assert {reference for _, _, reference in temper.sent} == {message.ref}


def test_delivery_is_given_up_when_patience_ends(wang, at, temper, run_jobs, clock):
    temper.mode = "away"
    message = say(wang, at)
    run_jobs()
    for wait in PATIENCE:
        clock[0] += wait
        run_jobs(clock[0])
    message.refresh_from_db()
    assert (message.state, len(temper.sent)) == ("dead", len(PATIENCE) + 1)
    assert Job.objects.filter(state="ready").count() == 0


def test_delivery_of_a_code_is_not_tried_after_its_ten_minutes(at, temper, run_jobs, clock):
    temper.mode = "away"
    carry_code(phone="13812345678", code="384921", purpose="sign_in", at=at)
    run_jobs()
    for wait in PATIENCE[:4]:
        clock[0] += wait
        run_jobs(clock[0])
    message = Message.objects.get()
    # Tries at 0, 1, 3 and 8 minutes; the one at 23 finds the code worthless.
    assert (message.state, len(temper.sent), message.text) == ("failed", 4, "（验证码已隐去）")


def test_delivery_task_is_named_for_the_worker():
    assert deliver_message.module_path == "chuding.messages.delivery.deliver_message"


def test_inbox_is_ones_own_and_can_be_marked_as_read(wang, at, person_named_zhou):
    say(wang, at)
    say(wang, at, template="withdrawn")
    say(person_named_zhou, at)
    assert (unread_count(wang), inbox_of(wang).count()) == (2, 2)
    assert (mark_read(person=wang, at=at), mark_read(person=wang, at=at)) == (2, 0)
    assert (unread_count(wang), unread_count(person_named_zhou)) == (0, 1)


def test_delivery_through_the_second_service_is_written_down(wang, at, temper, run_jobs):
    temper.mode = "standby"
    message = say(wang, at)
    run_jobs()
    message.refresh_from_db()
    assert (message.state, message.gateway, message.standby, message.gateway_id) == ("sent", "temper", True, "m-1")


def test_delivery_that_fails_keeps_the_services_reason(wang, at, temper, run_jobs):
    temper.mode = "away"
    message = say(wang, at)
    run_jobs()
    message.refresh_from_db()
    assert (message.state, message.tries, message.failure) == ("pending", 1, "503")


def test_report_of_arrival_is_kept_with_its_time(wang, at, temper, run_jobs, clock):
    temper.mode, temper.fate = "reports", Report(Fate.WAITING)
    message = say(wang, at)
    run_jobs()
    clock[0] += QUESTIONS[0]
    assert (run_jobs(clock[0] - timedelta(seconds=1)), run_jobs(clock[0])) == (0, 1)
    message.refresh_from_db()
    assert (message.state, temper.asked[0][:2]) == ("sent", (wang.phone, message.ref))
    temper.fate = Report(Fate.DELIVERED, at + timedelta(seconds=7))
    clock[0] += QUESTIONS[1]
    run_jobs(clock[0])
    message.refresh_from_db()
    assert (message.state, message.delivered_at) == ("delivered", at + timedelta(seconds=7))
    assert Job.objects.filter(state="ready").count() == 0


def test_report_of_failure_is_kept_with_its_reason(wang, at, temper, run_jobs, clock):
    temper.mode, temper.fate = "reports", Report(Fate.FAILED, reason="MK:0001")
    message = say(wang, at)
    run_jobs()
    clock[0] += QUESTIONS[0]
    run_jobs(clock[0])
    message.refresh_from_db()
    assert (message.state, message.failure, message.delivered_at) == ("failed", "MK:0001", None)


def test_report_that_never_comes_leaves_the_message_sent(wang, at, temper, run_jobs, clock):
    temper.mode = "no_report"
    message = say(wang, at)
    run_jobs()
    for wait in QUESTIONS:
        clock[0] += wait
        run_jobs(clock[0])
    message.refresh_from_db()
    assert (message.state, len(temper.asked), Job.objects.filter(state="ready").count()) == ("sent", len(QUESTIONS), 0)


def test_values_of_a_code_are_wiped_with_its_text(at, temper, run_jobs):
    carry_code(phone="13812345678", code="384921", purpose="sign_in", at=at)
    assert Message.objects.get().values == '[["code", "384921"], ["act", "\\u767b\\u5f55"]]'
    run_jobs()
    assert Message.objects.get().values == ""
