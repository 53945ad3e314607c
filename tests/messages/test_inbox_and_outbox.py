import re
from datetime import timedelta

import pytest
from django.utils.html import strip_tags

from chuding.connectors.sms import HttpGateway, Sms
from chuding.messages.models import Message
from chuding.messages.services import tell

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


def fill_inbox(person, at, count):
    for number in range(count):
        tell(
            person=person,
            template="withdrawn",
            values={"number": f"ZJCD2024{number:07d}", "tail": f"{number:04d}"},
            subject=("application", f"a{number}"),
            at=at + timedelta(minutes=number),
        )


def test_inbox_asks_a_visitor_to_sign_in(client):
    assert client.get("/inbox/").url == "/sign-in/?next=%2Finbox%2F"


def test_inbox_shows_ones_own_messages_newest_first_with_the_way_to_the_file(client, wang, person_named_zhou, at):
    fill_inbox(wang, at, 2)
    fill_inbox(person_named_zhou, at, 3)
    client.force_login(wang)
    response = client.get("/inbox/")
    assert [message.subject_ref for message in response.context["page"].rows] == ["a1", "a0"]
    assert 'href="/applications/a1/"' in response.content.decode()
    assert response.context["unread_here"] == 2


def test_inbox_looked_at_stays_unread_until_it_is_marked(client, wang, at):
    fill_inbox(wang, at, 2)
    client.force_login(wang)
    client.get("/inbox/")
    assert client.get("/inbox/").context["unread_here"] == 2
    assert client.get("/inbox/read/").status_code == 405
    assert client.post("/inbox/read/").url == "/inbox/"
    assert client.get("/inbox/").context["unread_here"] == 0


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, "短信待发送"),
        ({"tries": 2}, "短信试了 2 次还没有发出，正在重试，请以这里为准"),
        ({"state": "sent", "tries": 1}, "短信已发出"),
        ({"state": "sent", "tries": 3, "standby": True}, "短信已发出（试到第 3 次）（经备用短信通道）"),
        ({"state": "delivered", "tries": 1, "delivered_at": True}, "短信 2024年7月1日 10:00 已送达"),
        ({"state": "failed"}, "短信没有送达，请以这里为准"),
        ({"state": "dead", "tries": 9}, "短信没有送达，请以这里为准"),
    ],
)
def test_inbox_says_what_became_of_the_text(client, wang, at, fields, words):
    fill_inbox(wang, at, 1)
    Message.objects.update(**{name: at if name == "delivered_at" else value for name, value in fields.items()})
    client.force_login(wang)
    page = client.get("/inbox/").content.decode()
    assert [strip_tags(each) for each in re.findall(r'· <span class="piece">(短信.*?)\s*</span></p>', page)] == [words]


def test_inbox_pages_by_key(client, wang, at):
    fill_inbox(wang, at, 25)
    client.force_login(wang)
    first = client.get("/inbox/").context["page"]
    second = client.get("/inbox/", {"after": first.next}).context["page"]
    refs = [message.subject_ref for message in [*first.rows, *second.rows]]
    assert refs == [f"a{number}" for number in range(24, -1, -1)]


def test_inbox_costs_the_same_for_one_message_and_for_thirty(client, wang, at, django_assert_num_queries):
    client.force_login(wang)
    client.get("/inbox/")
    for count in (1, 30):
        fill_inbox(wang, at, count)
        # session, person, duties (units among them), the page, its unread ones, and the count in the head
        with django_assert_num_queries(6):
            client.get("/inbox/")


def test_outbox_does_not_exist_outside_a_demonstration(client, outbox):
    assert client.get("/outbox/").status_code == 404


def test_outbox_does_not_exist_with_a_real_gateway(client, settings):
    settings.DEMONSTRATION = True
    settings.SMS_GATEWAY = {
        "class": f"{HttpGateway.__module__}.HttpGateway",
        "options": {"url": "https://sms.example.com/", "key": "town"},
    }
    assert client.get("/outbox/").status_code == 404


def test_outbox_shows_the_newest_text_first_and_refreshes_itself(client, outbox, settings):
    settings.DEMONSTRATION = True
    outbox.send(phone="13812345678", sms=Sms("第一条<b>"), reference="1")
    outbox.send(phone="13812345679", sms=Sms("第二条"), reference="2")
    response = client.get("/outbox/")
    assert [(row["phone"], row["text"]) for row in response.context["rows"]] == [
        ("13812345679", "第二条"),
        ("13812345678", "第一条<b>"),
    ]
    assert "第一条&lt;b&gt;" in response.content.decode()
    assert response["Refresh"] == "5"
    assert "no-store" in response["Cache-Control"]


def test_outbox_stops_refreshing_when_asked(client, outbox, settings):
    settings.DEMONSTRATION = True
    assert "Refresh" not in client.get("/outbox/?refresh=off")


def test_outbox_tells_the_time_of_the_demonstration(client, outbox, settings):
    settings.DEMONSTRATION = True
    receipt = outbox.send(phone="13812345678", sms=Sms("第一条"), reference="1")
    settings.CLOCK_OFFSET = timedelta(days=-800)
    shown = client.get("/outbox/").context["rows"][0]["at"]
    assert abs(shown - (receipt.accepted_at - timedelta(days=800))) < timedelta(seconds=1)
