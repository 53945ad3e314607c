from __future__ import annotations

import io
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from python_calamine import CalamineWorkbook

from chuding.applications.workflow import State
from chuding.decisions.contents import LIST_HEAD, list_digest
from chuding.decisions.models import Document, Roster, RosterState
from chuding.decisions.services import rosters
from chuding.jobs.models import Job
from stage import NOW, code_of


@pytest.fixture(autouse=True)
def clock(settings):
    settings.CLOCK_OFFSET = NOW - timezone.now()


@pytest.fixture
def approved(stage):
    files = [stage.file_at(State.APPROVED) for _ in range(3)]
    return sorted(files, key=lambda file: file.approved_at)


@pytest.fixture
def drafter(stage):
    return stage.town.officer("association", "drafter")


@pytest.fixture
def roster(stage, approved):
    return rosters.draft(refs=[file.ref for file in approved], by=stage.wu, at=NOW)


def test_from_approved_people_to_the_document_by_the_pages(stage, client, approved, drafter, run_jobs):
    client.force_login(drafter)
    assert [file.ref for file in client.get("/decisions/").context["waiting"]] == [file.ref for file in approved]
    response = client.post("/decisions/rosters/", {"refs": [approved[0].ref, approved[2].ref]})
    roster = Roster.objects.get()
    address = f"/decisions/rosters/{roster.ref}/"
    assert response["Location"] == address
    page = client.get(address)
    assert [check["met"] for check in page.context["checks"]] == [True, True, True, True, True]
    assert page.content.decode().count("将在签发时编号") == 1
    assert (page.context["pages"], page.context["may_verify"], page.context["may_sign"]) == ([], False, False)
    run_jobs(NOW)
    assert client.get(address).context["pages"] == [1, 2, 3, 4]
    assert b"".join(client.get(address + "pages/1/").streaming_content)[8:12] == b"WEBP"
    client.force_login(stage.wu)
    seen = client.get(address).context["digest"]
    unsure = client.post(address + "act/", {"action": "verify", "seen": seen})
    assert (unsure.status_code, unsure.context["errors"][0]["text"]) == (422, "请先勾选“我已核对”，再核稿。")
    assert client.post(address + "act/", {"action": "verify", "seen": seen, "sure": "yes"})["Location"] == address
    client.force_login(stage.second_signer)
    confirm = client.get(address + "?sign")
    # A list that is called a region is no list any more: its items would belong to nothing.
    assert '<div class="names" tabindex="0" role="region" aria-label="名单"><ol>' in confirm.content.decode()
    assert confirm.content.decode().count("签发后将生成 2 份电子证书并发送通知，不能撤回，只能逐件撤销。") == 1
    form = {"action": "sign", "seen": confirm.context["digest"], "sure": "yes"}
    unsure = client.post(address + "act/", form | {"sure": ""})
    assert (unsure.status_code, unsure.context["errors"][0]["text"]) == (422, "请先勾选“我已核对名单”，再签发。")
    without = client.post(address + "act/", form)
    assert (without.status_code, "请确认是您本人" in without.content.decode()) == (200, True)
    form["step_up_code"] = code_of(stage.second_signer, NOW)
    assert client.post(address + "act/", form)["Location"] == address + "status/"
    assert client.post(address + "act/", form)["Location"] == address + "status/"  # a double click
    waiting = client.get(address + "status/").content.decode()
    assert (waiting.count('http-equiv="refresh"'), waiting.count("0 / 2</strong>")) == (1, 1)
    assert client.get(address)["Location"] == address + "status/"
    run_jobs(NOW)
    done = client.get(address + "status/")
    assert done.content.decode().count("2 / 2</strong>") == 1
    document = Document.objects.get()
    assert done.context["document"] == document
    pdf = client.get(f"/decisions/documents/{document.ref}/")
    assert b"".join(pdf.streaming_content)[:5] == b"%PDF-"
    assert [file.ref for file in client.get("/decisions/").context["waiting"]] == [approved[1].ref]


def test_words_are_changed_shown_in_red_and_taken_back_by_the_page(stage, client, roster):
    client.force_login(stage.wu)
    address = f"/decisions/rosters/{roster.ref}/words/"
    page = client.get(address).context
    typed = {"title": page["words"].title, "addressee": "各有关企业", "body": page["body"], "copies_to": "市总工会"}
    typed["seen"] = page["digest"]
    assert client.post(address, typed | {"action": "save"})["Location"] == f"/decisions/rosters/{roster.ref}/"
    shown = client.get(f"/decisions/rosters/{roster.ref}/").content.decode()
    assert ("<ins>企业</ins>" in shown, "<del>单位</del>" in shown) == (True, True)
    roster.refresh_from_db()
    empty = client.post(address, typed | {"title": "", "body": "", "copies_to": "市" * 500, "action": "save"})
    assert re.fullmatch("还没有写标题、正文。抄送最多[0-9]+个字，请缩短。", empty.context["errors"][0]["text"])
    stale = client.post(address, typed | {"addressee": "各单位", "action": "save"})
    assert (stale.status_code, stale.context["words"].addressee) == (422, "各单位")
    assert "文字或者名单有了变化" in stale.context["errors"][0]["text"]
    client.post(address, {"seen": list_digest(roster), "action": "standard"})
    roster.refresh_from_db()
    assert roster.words == {}


def test_roster_of_nobody_is_declined_on_the_page(stage, client):
    client.force_login(stage.wu)
    response = client.post("/decisions/rosters/", {})
    assert (response.status_code, Roster.objects.count()) == (422, 0)


def test_stale_list_is_declined_on_the_page(stage, client, roster):
    client.force_login(stage.second_signer)
    form = {"action": "verify", "seen": "0" * 64, "sure": "yes"}
    response = client.post(f"/decisions/rosters/{roster.ref}/act/", form)
    assert response.context["errors"][0]["text"] == "名单或文字在您查看之后有变化，请重新核对后再核稿。"
    roster.refresh_from_db()
    assert roster.state == RosterState.DRAFT


def test_draft_is_thrown_away_by_the_page(stage, client, roster):
    client.force_login(stage.wu)
    assert client.post(f"/decisions/rosters/{roster.ref}/act/", {"action": "discard"})["Location"] == "/decisions/"
    assert Roster.objects.count() == 0


def test_failed_roster_says_why_and_of_whom_and_is_tried_again(stage, client, approved):
    roster = stage.signed(approved)
    Roster.objects.filter(pk=roster.pk).update(state=RosterState.FAILED, problem="姓名里有一个字没有字体可用。")
    roster.entries.filter(application=approved[0]).update(problem="没有字体")
    client.force_login(stage.wu)
    page = client.get(f"/decisions/rosters/{roster.ref}/status/").content.decode()
    assert (page.count("姓名里有一个字没有字体可用。"), page.count(f"{approved[0].full_name}：没有字体")) == (1, 1)
    again = client.post(f"/decisions/rosters/{roster.ref}/act/", {"action": "retry"})
    assert again["Location"] == f"/decisions/rosters/{roster.ref}/status/"
    roster.refresh_from_db()
    assert (roster.state, roster.entries.exclude(problem="").count()) == (RosterState.SIGNED, 0)


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


def test_certificate_is_shown_as_it_will_be_before_it_is_decided_on(stage, client, run_jobs):
    waiting, approved = stage.file_at(State.SIGNING), stage.file_at(State.APPROVED)
    client.force_login(stage.wu)
    assert f"/decisions/files/{waiting.ref}/certificate/" in client.get(f"/desk/{waiting.ref}/").content.decode()
    for file in (waiting, approved):
        address = f"/decisions/files/{file.ref}/certificate/"
        assert "生成预览" in client.get(address).content.decode()
        assert client.get(f"{address}?page=1").status_code == 404
        assert client.post(address)["Location"] == f"{address}?ordered"
        assert "正在排版" in client.get(f"{address}?ordered").content.decode()
        Job.objects.exclude(task__endswith="preview_certificate").delete()
        run_jobs(NOW)
        assert f"{address}?page=1" in client.get(address).content.decode()
        assert b"".join(client.get(f"{address}?page=1").streaming_content)[8:12] == b"WEBP"
    client.force_login(stage.town.officer("association", "drafter"))
    answers = [client.get(f"/decisions/files/{file.ref}/certificate/").status_code for file in (approved, waiting)]
    assert answers == [200, 404]
    client.force_login(stage.zhao)
    assert client.get(f"/decisions/files/{approved.ref}/certificate/").status_code == 404


def test_list_beside_the_document_is_what_is_printed_with_each_certificates_number(stage, client, approved):
    document = stage.issued(approved)
    client.force_login(stage.wu)
    assert f"/decisions/documents/{document.ref}/list.xlsx" in client.get("/decisions/").content.decode()
    answer = client.get(f"/decisions/documents/{document.ref}/list.xlsx")
    head, *rows = CalamineWorkbook.from_filelike(io.BytesIO(answer.content)).get_sheet_by_index(0).to_python()
    assert tuple(head) == LIST_HEAD
    entries = list(document.roster.entries.select_related("application", "certificate").order_by("position"))
    assert [(row[0], row[1], row[6]) for row in rows] == [
        (str(e.position), e.application.full_name, e.certificate.number) for e in entries
    ]
    assert not any(e.application.identity_number in cell for e in entries for row in rows for cell in row)
    client.force_login(stage.zhao)
    assert client.get(f"/decisions/documents/{document.ref}/list.xlsx").status_code == 404
