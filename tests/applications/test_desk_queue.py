from __future__ import annotations

import pytest
from desk_steps import crowd, statements
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from chuding.applications.models import Application
from chuding.applications.workflow import State
from stage import NOW


@pytest.fixture(autouse=True)
def clock(settings):
    settings.CLOCK_OFFSET = NOW - timezone.now()


def shown(response):
    return [file.number for file, *_ in response.context["rows"]]


def test_queue_costs_the_same_at_one_row_and_at_thirty(stage, client):
    file = stage.file_at(State.RECEIVED)
    client.force_login(stage.li)
    client.get("/desk/")
    one, response = statements(client, "/desk/")
    assert (one <= 8, len(shown(response))) == (True, 1)
    crowd(stage, file, 29)
    thirty, response = statements(client, "/desk/")
    assert (thirty, len(shown(response))) == (one, 25)


def test_queue_is_oldest_first_and_turns_pages(stage, client):
    file = stage.file_at(State.RECEIVED)
    crowd(stage, file, 29)
    client.force_login(stage.li)
    first = client.get("/desk/")
    second = client.get("/desk/", {"after": first.context["page"].next})
    assert shown(first) + shown(second) == list(
        Application.objects.filter(state=State.RECEIVED).order_by("submitted_at", "id").values_list("number", flat=True)
    )


def test_queue_draws_the_tabs_of_each_duty(stage, client):
    for state in (State.RECEIVED, State.REVIEWING, State.CORRECTION, State.RECHECK, State.SIGNING):
        stage.file_at(state)
    stage.file_at(State.CITY, "中级")

    def tabs(person):
        client.force_login(person)
        return [(tab["text"], tab["count"]) for tab in client.get("/desk/").context["tabs"]]

    done = [("待发文", None), ("已发证", None), ("全部", None)]
    assert tabs(stage.li) == [("待受理", 1), ("我在审", 1), ("待第二人审核", 0), ("待补正", 1), *done]
    assert tabs(stage.zhou) == [("待复核", 1), *done]
    assert tabs(stage.wu) == [("待协会审批", 1), ("复核申请", 0), *done]
    assert tabs(stage.zhao) == [("待市职称办审批", 1), ("复核申请", 0), *done]


def test_queue_narrows_down_by_series_and_level(stage, client):
    file = stage.file_at(State.RECEIVED)
    twins = crowd(stage, file, 2)
    Application.objects.filter(pk=twins[0].pk).update(level="员级")
    Application.objects.filter(pk=twins[1].pk).update(series="纺织工程")
    client.force_login(stage.li)

    def found(**query):
        return shown(client.get("/desk/", {"tab": "received", **query}))

    assert found(level="员级") == [twins[0].number]
    assert found(series="纺织工程") == [twins[1].number]
    assert len(found(series="没有这个系列", level="x", after="x")) == 3


def test_take_next_gives_the_oldest_and_says_when_there_is_none(stage, client):
    file = stage.file_at(State.RECEIVED)
    (younger,) = crowd(stage, file, 1, submitted_at=file.submitted_at.replace(year=2025))
    client.force_login(stage.li)
    for expected in (file, younger):
        assert client.post("/desk/take/")["Location"] == f"/desk/{expected.ref}/"
    response = client.post("/desk/take/", follow=True)
    assert "没有可以领取的申报" in response.content.decode()


def test_desk_is_closed_to_everybody_else(stage, client):
    file = stage.file_at(State.RECEIVED)
    for person in (stage.qian, stage.sun, file.applicant):
        client.force_login(person)
        assert client.get("/desk/").status_code == 404
        assert client.get(f"/desk/{file.ref}/").status_code == 404
        assert client.post("/desk/take/").status_code == 404


def test_that_files_were_submitted_is_asked_once(stage, client):
    """Asked twice, it would lead SQLite to an index in the wrong order (models._office_sees)."""
    client.force_login(stage.li)
    with CaptureQueriesContext(connection) as asked:
        client.get("/desk/?tab=issued")
    lists = [each["sql"] for each in asked if each["sql"].endswith("LIMIT 26")]
    assert [sql.count('"submitted_at" IS NOT NULL') for sql in lists] == [1]
