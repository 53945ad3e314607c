from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from chuding.applications.workflow import State
from chuding.decisions.models import Document, Roster, RosterState
from chuding.decisions.services import rosters
from stage import NOW


@pytest.fixture(autouse=True)
def clock(settings):
    settings.CLOCK_OFFSET = NOW - timezone.now()


@pytest.fixture
def approved(stage):
    files = [stage.file_at(State.APPROVED) for _ in range(3)]
    return sorted(files, key=lambda file: file.approved_at)


@pytest.fixture
def roster(stage, approved):
    return rosters.draft(refs=[file.ref for file in approved], by=stage.wu, at=NOW)


def test_from_approved_people_to_the_document_by_the_pages(stage, client, approved, run_jobs):
    client.force_login(stage.wu)
    assert [file.ref for file in client.get("/decisions/").context["waiting"]] == [file.ref for file in approved]
    response = client.post("/decisions/rosters/", {"refs": [approved[0].ref, approved[2].ref]})
    roster = Roster.objects.get()
    address = f"/decisions/rosters/{roster.ref}/"
    assert response["Location"] == address
    page = client.get(address)
    assert [check["met"] for check in page.context["checks"]] == [True] * 4
    assert page.content.decode().count("将在签发时编号") == 1
    confirm = client.get(address + "?sign")
    assert confirm.content.decode().count("签发后将生成 2 份电子证书并发送通知，不能撤回，只能逐件撤销。") == 1
    unsure = client.post(address + "act/", {"action": "sign", "seen": confirm.context["digest"]})
    assert (unsure.status_code, unsure.context["errors"][0]["text"]) == (422, "请先勾选“我已核对名单”，再签发。")
    form = {"action": "sign", "seen": confirm.context["digest"], "sure": "yes"}
    assert client.post(address + "act/", form)["Location"] == address + "status/"
    waiting = client.get(address + "status/").content.decode()
    assert waiting.count('http-equiv="refresh"') == 1
    assert client.get(address)["Location"] == address + "status/"
    run_jobs(NOW)
    done = client.get(address + "status/")
    assert done.content.decode().count('http-equiv="refresh"') == 0
    document = Document.objects.get()
    assert done.context["document"] == document
    pdf = client.get(f"/decisions/documents/{document.ref}/")
    assert b"".join(pdf.streaming_content)[:5] == b"%PDF-"
    assert [file.ref for file in client.get("/decisions/").context["waiting"]] == [approved[1].ref]


def test_roster_of_nobody_is_declined_on_the_page(stage, client):
    client.force_login(stage.wu)
    response = client.post("/decisions/rosters/", {})
    assert (response.status_code, Roster.objects.count()) == (422, 0)


def test_stale_list_is_declined_on_the_page(stage, client, roster):
    client.force_login(stage.wu)
    form = {"action": "sign", "seen": "0" * 64, "sure": "yes"}
    response = client.post(f"/decisions/rosters/{roster.ref}/act/", form)
    assert response.context["errors"][0]["text"] == "名单在您查看之后有变化，请重新核对后再签发。"
    roster.refresh_from_db()
    assert roster.state == RosterState.DRAFT


def test_draft_is_thrown_away_by_the_page(stage, client, roster):
    client.force_login(stage.wu)
    assert client.post(f"/decisions/rosters/{roster.ref}/act/", {"action": "discard"})["Location"] == "/decisions/"
    assert Roster.objects.count() == 0


def test_failed_roster_says_why_and_may_be_signed_again(stage, client, roster):
    Roster.objects.filter(pk=roster.pk).update(state=RosterState.FAILED, problem="姓名里有一个字没有字体可用。")
    client.force_login(stage.wu)
    page = client.get(f"/decisions/rosters/{roster.ref}/status/").content.decode()
    assert page.count("姓名里有一个字没有字体可用。") == 1
    assert client.get(f"/decisions/rosters/{roster.ref}/?sign").context["confirming"] is True


def test_pages_of_another_office_and_of_strangers_do_not_exist(stage, client, roster):
    document = stage.file_at(State.ISSUED).roster_entry.roster.document
    pages = (
        f"/decisions/rosters/{roster.ref}/",
        f"/decisions/rosters/{roster.ref}/status/",
        f"/decisions/documents/{document.ref}/",
    )
    for person in (stage.zhao, stage.li, stage.sun, stage.qian):
        client.force_login(person)
        assert [client.get(page).status_code for page in pages] == [404, 404, 404]
        assert client.post(f"/decisions/rosters/{roster.ref}/act/", {"action": "discard"}).status_code == 404
    client.force_login(stage.zhao)
    home = client.get("/decisions/").context
    assert (home["waiting"], home["drafts"], home["page"].rows) == ([], [], [])


def test_roster_page_costs_the_same_for_one_and_for_three(stage, client, approved):
    client.force_login(stage.wu)
    costs = []
    for files in (approved[:1], approved[1:]):
        roster = rosters.draft(refs=[file.ref for file in files], by=stage.wu, at=NOW)
        client.get(f"/decisions/rosters/{roster.ref}/")
        with CaptureQueriesContext(connection) as asked:
            client.get(f"/decisions/rosters/{roster.ref}/")
        costs.append(len(asked))
    assert costs[0] == costs[1]
