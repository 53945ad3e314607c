"""A unit is reminded of what waits: by the applicant after two working days, once a day, and by the night before a term."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from chuding.applications.models import Application
from chuding.applications.services import nudging
from chuding.applications.workflow import Declined, State
from chuding.messages.models import Message
from stage import NOW


@pytest.fixture
def waiting(stage):
    file = stage.file_at(State.EMPLOYER, online=True)
    Application.objects.filter(pk=file.pk).update(submitted_at=NOW, due_on=(NOW + timedelta(days=6)).date())
    file.refresh_from_db()
    return file


def refused(**values):
    with pytest.raises(Declined) as refusal:
        nudging.nudge(**values)
    return refusal.value.sentence


def told():
    return Message.objects.filter(template="employer_nudge").count()


def test_applicant_reminds_after_two_working_days_once_a_day(stage, waiting):
    mine = {"ref": waiting.ref, "by": waiting.applicant}
    assert refused(**mine, at=NOW).startswith("提交满2个工作日以后才能催办")
    later = NOW + timedelta(days=5)
    nudging.nudge(**mine, at=later)
    assert told() == 1
    assert refused(**mine, at=later + timedelta(hours=3)).startswith("今天已经提醒过单位")
    nudging.nudge(**mine, at=later + timedelta(days=1))
    assert told() == 2
    with pytest.raises(Application.DoesNotExist):
        nudging.nudge(ref=waiting.ref, by=stage.qian, at=later)


def test_night_reminds_of_what_is_urgent_on_working_days_only(waiting):
    assert nudging.remind_units(at=NOW - timedelta(days=2)) == 0, "16 September 2024 was a holiday"
    assert nudging.remind_units(at=NOW + timedelta(days=2)) == 1
    assert nudging.remind_units(at=NOW + timedelta(days=2, hours=1)) == 0
    assert Message.objects.get(template="employer_nudge").body == (
        "贵单位有1件申报待审核，其中1件距截止不足3个工作日，请尽快处理。"
    )


def test_button_stands_on_the_page_when_it_may_be_pressed(waiting, client, settings):
    settings.CLOCK_OFFSET = NOW + timedelta(days=5) - timezone.now()
    client.force_login(waiting.applicant)
    address = f"/applications/{waiting.ref}/"
    assert "提醒单位审核" in client.get(address).content.decode()
    assert client.post(f"{address}papers/nudge/")["Location"] == address
    assert told() == 1
