"""“到那天提醒我”: set with a confirmed phone, sent once on the day, taken back, and nothing left behind."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from self_check_steps import day, walk

from chuding.accounts.people import phone_index
from chuding.applications.aside.models import Reminder
from chuding.applications.services.reminders import cancel_reminder, send_reminders, set_reminder
from chuding.ledger.models import Entry
from chuding.messages.models import Message
from chuding.storage.clock import SHANGHAI
from stage import NOW

if TYPE_CHECKING:
    from django.test import Client

PHONE = "19933330001"
DUE = date(2025, 3, 1)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def noon(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("self_check", "reminder"):
        monkeypatch.setattr(f"chuding.applications.views.{module}.now", lambda: NOW)


@pytest.fixture
def code(monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr("chuding.accounts.services.secrets.randbelow", lambda _: 384921)
    return "384921"


def texts() -> list[tuple[str, str]]:
    return list(Message.objects.filter(template="reminder").values_list("phone", "template"))


def test_reminder_is_set_after_the_code_and_shows_the_day(client: Client, code: str) -> None:
    walk(client, started=day("started_on", "2024-3-1"))
    assert "2025年3月1日" in client.get("/check/reminder/").content.decode()
    assert client.post("/check/reminder/", {"phone": PHONE, "agreed": "on"}).url == "/check/reminder/code/"
    assert Reminder.objects.count() == 0
    assert client.post("/check/reminder/code/", {"code": code}).url == "/check/reminder/set/"
    assert "提醒已设好" in client.get("/check/reminder/set/").content.decode()
    row = Reminder.objects.get()
    assert (row.phone, row.due_on, row.phone_index) == (PHONE, DUE, phone_index(PHONE))
    client.post("/check/reminder/cancel/")
    assert Reminder.objects.count() == 0
    assert "提醒已取消" in client.get("/check/reminder/set/").content.decode()


def test_code_that_does_not_come_is_sent_again_or_said_by_voice(
    client: Client, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    walk(client, started=day("started_on", "2024-3-1"))
    client.post("/check/reminder/", {"phone": PHONE, "agreed": "on"})
    asked = client.post("/check/reminder/code/", {"again": "voice"})
    assert asked.context["errors"] == [{"href": "", "text": "验证码刚刚发过，请60秒后再获取。"}]
    assert 'data-wait="60"' in asked.text
    monkeypatch.setattr("chuding.applications.views.reminder.now", lambda: NOW + timedelta(minutes=2))
    assert client.post("/check/reminder/code/", {"again": "voice"}).url == "/check/reminder/code/"
    assert "打电话。请接听" in client.get("/check/reminder/code/").text
    assert list(Message.objects.order_by("id").values_list("template", flat=True)) == ["code", "code_call"]
    client.post("/check/reminder/code/", {"code": code})
    assert Reminder.objects.get().due_on == DUE


def test_reminder_needs_consent_and_the_right_code(client: Client, code: str) -> None:
    walk(client, started=day("started_on", "2024-3-1"))
    page = client.post("/check/reminder/", {"phone": PHONE}).content.decode()
    assert "请先勾选同意" in page
    client.post("/check/reminder/", {"phone": PHONE, "agreed": "on"})
    assert "验证码不对" in client.post("/check/reminder/code/", {"code": "111111"}).content.decode()
    assert Reminder.objects.count() == 0


def test_reminder_is_offered_only_where_there_is_a_day(client: Client) -> None:
    walk(client)
    assert client.get("/check/reminder/").url == "/check/result/"


def test_reminder_is_cancelled_from_elsewhere_by_the_same_phone(client: Client, code: str) -> None:
    set_reminder(phone=PHONE, due_on=DUE, at=NOW)
    assert client.post("/check/reminder/?cancel", {"phone": PHONE}).url == "/check/reminder/code/"
    client.post("/check/reminder/code/", {"code": code})
    assert Reminder.objects.count() == 0


def test_reminder_code_opens_no_account(client: Client, code: str) -> None:
    set_reminder(phone=PHONE, due_on=DUE, at=NOW)
    client.post("/check/reminder/?cancel", {"phone": PHONE})
    client.post("/check/reminder/code/", {"code": code})
    assert client.get("/applications/").status_code == 302


def test_reminder_is_sent_once_on_its_day_and_forgotten() -> None:
    set_reminder(phone=PHONE, due_on=DUE, at=NOW)
    night = datetime(2025, 3, 1, 3, 0, tzinfo=SHANGHAI)
    assert send_reminders(at=night - timedelta(days=1)) == 0
    assert [send_reminders(at=night), send_reminders(at=night)] == [1, 0]
    assert (texts(), Reminder.objects.count()) == ([(PHONE, "reminder")], 0)
    send_reminders(at=night + timedelta(days=8))
    assert texts() == []


def test_last_reminder_of_a_phone_counts() -> None:
    set_reminder(phone=PHONE, due_on=DUE, at=NOW)
    set_reminder(phone=PHONE, due_on=date(2025, 4, 1), at=NOW)
    assert list(Reminder.objects.values_list("due_on", flat=True)) == [date(2025, 4, 1)]


def test_cancelled_reminder_is_not_sent_and_the_record_holds_no_number() -> None:
    set_reminder(phone=PHONE, due_on=DUE, at=NOW)
    assert [cancel_reminder(phone=PHONE, at=NOW), cancel_reminder(phone=PHONE, at=NOW)] == [True, False]
    assert send_reminders(at=datetime(2025, 3, 2, 3, 0, tzinfo=SHANGHAI)) == 0
    entries = Entry.objects.filter(action__startswith="reminder.")
    assert [entry.action for entry in entries] == ["reminder.set", "reminder.cancelled"]
    assert PHONE not in str(list(entries.values()))
