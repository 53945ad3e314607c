"""Where the text message does not come, a call says the code (A4)."""

import re
from datetime import timedelta

import pytest

from chuding.accounts.models import Person
from chuding.ledger.models import Entry

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("site", "clock")]
PHONE = "13812345678"
BUTTON = '<button class="button button-secondary" name="by" value="voice" data-again>'


@pytest.fixture(autouse=True)
def _voice(site, tmp_path):
    options = {"folder": str(tmp_path), "channel": "voice"}
    site.VOICE_GATEWAY = {"class": "chuding.connectors.sms.OutboxGateway", "options": options}


def call(client):
    return client.post("/sign-in/code/again/", {"by": "voice"})


def heard(outbox, run_jobs, moment):
    """The code that the phone says, when it is a call."""
    run_jobs(moment)
    newest = outbox.last(1)[0]
    assert newest.channel == "voice"
    return re.search(r"验证码是：(\d(?:，\d){5})。", newest.text)[1]


def test_code_by_voice_signs_in_and_the_one_by_text_counts_no_more(client, newest_code, outbox, run_jobs, clock, at):
    client.post("/sign-in/", {"phone": PHONE})
    by_text = newest_code()
    assert BUTTON in client.get("/sign-in/code/").text
    clock.at = at + timedelta(seconds=60)
    assert call(client).url == "/sign-in/code/"
    page = client.get("/sign-in/code/").text
    assert "打电话。请接听" in page
    assert "短信是否被拦截" not in page
    by_voice = heard(outbox, run_jobs, clock.at)
    assert by_voice.replace("，", "") != by_text
    assert client.post("/sign-in/code/", {"code": by_text}).status_code == 200
    # As it was written down: with the commas of the pauses.
    assert client.post("/sign-in/code/", {"code": by_voice}).status_code == 302
    assert Person.objects.count() == 1
    assert Entry.objects.filter(action="code.sent").last().data == {"purpose": "sign_in", "way": "voice"}


def test_call_comes_a_minute_after_the_text_at_the_earliest(client):
    client.post("/sign-in/", {"phone": PHONE})
    assert call(client).context["errors"] == [{"text": "验证码刚刚发过，请60秒后再获取。", "href": ""}]


def test_phone_rings_three_times_a_day_at_most(client, clock, at):
    client.post("/sign-in/", {"phone": PHONE})
    for hours in (1, 2, 3):
        clock.at = at + timedelta(hours=hours)
        assert call(client).status_code == 302
    clock.at = at + timedelta(hours=5)
    refused = call(client).context["errors"][0]["text"]
    assert refused == "这个手机号24小时内已打过3次语音电话，请20小时后再用，或者改用短信验证码。"
    assert client.post("/sign-in/code/again/").status_code == 302


def test_code_by_voice_is_not_offered_where_nobody_says_it(client, site, clock, at, outbox, run_jobs):
    site.VOICE_GATEWAY = None
    client.post("/sign-in/", {"phone": PHONE})
    page = client.get("/sign-in/code/").text
    assert BUTTON not in page
    assert "语音" not in page
    clock.at = at + timedelta(seconds=60)
    assert call(client).status_code == 302
    run_jobs(clock.at)
    assert {sent.channel for sent in outbox.last(5)} == {"sms"}
