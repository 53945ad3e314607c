"""Changing the phone: the old way in is proved, then the new phone; the old one is told; nobody's account is taken over."""

import json
from datetime import timedelta

import pytest

from chuding.accounts import visits
from chuding.accounts.models import Person
from chuding.ledger.models import Entry
from chuding.messages.models import Message

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
NEW = "13987654321"
ADDRESS = "/me/phone/"


def code_sent_to(phone):
    message = next(each for each in Message.objects.filter(template="code").order_by("-id") if each.phone == phone)
    return dict(json.loads(message.values))["code"]


def sign_in(client, person, proved_at):
    client.force_login(person)
    session = client.session
    session[visits.PROVED] = proved_at.isoformat()
    session.save()


def text_of(response):
    return response.content.decode()


def test_phone_is_changed_with_a_code_sent_to_the_new_one(client, wang, at):
    before = wang.phone
    sign_in(client, wang, at)
    assert "更换以后，用新的手机号登录" in text_of(client.get(ADDRESS))
    asked = client.post(ADDRESS, {"phone": NEW})
    assert ("139****4321" in text_of(asked), 'data-wait="60"' in text_of(asked)) == (True, True)
    assert Person.objects.get(pk=wang.pk).phone == before
    wrong = client.post(ADDRESS, {"phone": NEW, "code": "abc"})
    assert (wrong.status_code, "验证码是6位数字" in text_of(wrong)) == (422, True)
    done = client.post(ADDRESS, {"phone": NEW, "code": code_sent_to(NEW)})
    assert done.url == "/me/"
    wang.refresh_from_db()
    assert wang.phone == NEW
    told = Message.objects.get(template="phone_changed")
    assert (told.phone, told.person) == (before, wang)
    assert told.text.endswith("变更为尾号4321。非本人操作请立即拨打0511-83320260。")
    entry = Entry.objects.get(action="phone.changed")
    assert (entry.by, NEW in str(entry.data)) == (wang, False)
    assert client.get("/me/").status_code == 200


def test_code_of_one_phone_changes_to_no_other(client, wang, at):
    sign_in(client, wang, at)
    client.post(ADDRESS, {"phone": NEW})
    answer = client.post(ADDRESS, {"phone": "13700000007", "code": code_sent_to(NEW)})
    assert (answer.status_code, "请先获取验证码" in text_of(answer)) == (422, True)
    assert not Message.objects.filter(template="phone_changed").exists()


def test_phone_of_another_account_is_not_taken(client, wang, person_named_zhou, at):
    taken = person_named_zhou.phone
    before = wang.phone
    sign_in(client, wang, at)
    client.post(ADDRESS, {"phone": taken})
    answer = client.post(ADDRESS, {"phone": taken, "code": code_sent_to(taken)})
    assert (answer.status_code, "已经有另一个账户" in text_of(answer)) == (422, True)
    wang.refresh_from_db()
    person_named_zhou.refresh_from_db()
    assert (wang.phone, person_named_zhou.phone) == (before, taken)
    assert not Message.objects.filter(template="phone_changed").exists()


def test_ones_own_phone_needs_no_change(client, wang, at):
    sign_in(client, wang, at)
    answer = client.post(ADDRESS, {"phone": wang.phone})
    assert (answer.status_code, "不用更换" in text_of(answer)) == (422, True)


def test_old_phone_is_proved_first(client, wang, at):
    sign_in(client, wang, at - timedelta(hours=1))
    assert client.get(ADDRESS).url == "/me/confirm/?next=%2Fme%2Fphone%2F&act=change_phone"
    asked = client.post(ADDRESS, {"phone": NEW})
    assert "确认更换手机号" in text_of(asked)
    assert ('data-wait="60"' in text_of(asked), text_of(asked).count(" data-again>")) == (True, 2)
    assert f'name="phone" value="{NEW}"' in text_of(asked)
    assert not [each for each in Message.objects.filter(template="code") if each.phone == NEW]


def test_code_that_is_on_its_way_keeps_its_box_when_another_is_asked_for_too_soon(client, wang, at):
    """As by a page that is loaded once more: the form before is sent once more, and a code counts already."""
    sign_in(client, wang, at)
    client.post(ADDRESS, {"phone": NEW})
    code = code_sent_to(NEW)
    again = client.post(ADDRESS, {"phone": NEW})
    assert (again.status_code, again.context["errors"][0]["text"]) == (422, "验证码刚刚发过，请60秒后再获取。")
    assert 'name="code"' in text_of(again)
    assert client.post(ADDRESS, {"phone": NEW, "code": code}).url == "/me/"
