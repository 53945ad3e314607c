"""Whoever drafts finds the approved by pages, narrows them, takes all of a filter, and reads who is missing and why."""

from __future__ import annotations

import pytest
from desk_steps import crowd, statements
from django.utils import timezone

from chuding.applications.models import Application
from chuding.applications.workflow import State
from chuding.decisions.models import Roster, RosterEntry
from chuding.decisions.services import publicity
from chuding.decisions.views import waiting
from stage import NOW


@pytest.fixture(autouse=True)
def clock(settings):
    settings.CLOCK_OFFSET = NOW - timezone.now()


@pytest.fixture
def many(stage, client):
    """Thirty approved people of two units, and the association's clerk of documents at the page."""
    first = stage.file_at(State.APPROVED)
    files = [first, *crowd(stage, first, 29)]
    Application.objects.filter(pk__in=[file.pk for file in files[20:]]).update(employer_name="镇江另一家机械厂")
    client.force_login(stage.town.officer("association", "drafter"))
    return files


def draft(client, context, **form):
    shown = [file.ref for file in context["waiting"]]
    sent = {"shown": shown, "refs": shown, "count": context["count"], "scope": "all", **form}
    return client.post("/decisions/rosters/", sent)


def test_people_stand_on_pages_and_a_filter_finds_them(client, many):
    context = client.get("/decisions/").context
    assert (len(context["waiting"]), context["waiting_total"], context["count"]) == (waiting.A_PAGE, 30, 30)
    second = client.get(f"/decisions/?after={context['waiting_page'].next}").context
    assert len({file.ref for file in [*context["waiting"], *second["waiting"]]}) == 30
    found = client.get("/decisions/?q=另一家").context
    assert ({file.employer_name for file in found["waiting"]}, found["count"]) == ({"镇江另一家机械厂"}, 10)
    number = many[3].number
    assert [file.number for file in client.get(f"/decisions/?q={number[-5:]}").context["waiting"]] == [number]
    nobody = client.get("/decisions/?q=没有这家").content.decode()
    assert (nobody.count("没有符合筛选的人员"), nobody.count("清除筛选")) == (1, 1)


def test_all_of_a_filter_goes_on_one_list_but_what_was_unticked(client, many):
    context = client.get("/decisions/?q=另一家").context
    unticked = context["waiting"][0].ref
    refs = [file.ref for file in context["waiting"]][1:]
    draft(client, context, q="另一家", refs=refs)
    listed = set(RosterEntry.objects.values_list("application__ref", flat=True))
    assert listed == {file.ref for file in many[20:]} - {unticked}


def test_ticked_ones_alone_go_on_the_list_where_nothing_else_was_chosen(client, many):
    context = client.get("/decisions/").context
    draft(client, context, scope="ticked", refs=[many[0].ref])
    assert list(RosterEntry.objects.values_list("application__ref", flat=True)) == [many[0].ref]


def test_somebody_who_came_in_between_is_not_listed_unseen(stage, client, many):
    context = client.get("/decisions/").context
    stage.file_at(State.APPROVED)
    answer = draft(client, context)
    assert (answer.status_code, Roster.objects.count()) == (422, 0)
    said = "打开页面以后，符合筛选的人员有了变化，现在是31人。没有拟稿，请核对后再提交。"
    assert answer.context["errors"][0]["text"] == said
    assert answer.context["scope"] == "all"


def test_more_than_one_document_holds_are_not_taken_at_once(client, many, monkeypatch):
    monkeypatch.setattr(waiting, "MOST_PEOPLE", 20)
    answer = draft(client, client.get("/decisions/").context)
    said = "一份公文最多20名，符合筛选的有30名。请先用系列或单位筛选，分几份拟稿。"
    assert (answer.status_code, answer.context["errors"][0]["text"]) == (422, said)


def test_page_costs_no_more_statements_with_thirty_than_with_one(stage, client):
    first = stage.file_at(State.APPROVED)
    client.force_login(stage.wu)
    client.get("/decisions/")
    few, _ = statements(client, "/decisions/")
    crowd(stage, first, 29)
    assert (few, statements(client, "/decisions/")[0]) == (7, 7)


def test_who_is_missing_is_named_with_why_and_until_when(stage, client):
    files = [stage.file_at(State.APPROVED) for _ in range(3)]
    own = publicity.Terms("协会章程第十条", 5)
    shown = publicity.publish(refs=[file.ref for file in files[:2]], own=own, by=stage.wu, at=NOW)
    entry = shown.entries.get(application=files[1])
    said = publicity.Said("钱谷子", "13800001111", "这个人的年限不是实际情况，请核实。")
    publicity.object_to(ref=shown.ref, position=entry.position, said=said, at=NOW)
    client.force_login(stage.town.officer("association", "drafter"))
    page = client.get("/decisions/")
    held = {each.file.full_name: (each.reason, each.until) for each in page.context["held"]}
    assert held == {
        files[0].full_name: ("公示中", shown.last_on),
        files[1].full_name: ("公示中，有异议还没有处理完", shown.last_on),
    }
    assert (page.context["held_count"], page.context["waiting_total"]) == (2, 1)
    until = f"{shown.last_on.year}年{shown.last_on.month}月{shown.last_on.day}日</span> 24:00"
    assert page.content.decode().count(until) == 2
