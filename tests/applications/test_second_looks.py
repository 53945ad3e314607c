"""抽检: one in twenty, blind, by somebody who had no part in the file; differences are on the lead's list."""

from __future__ import annotations

import pytest
from desk_steps import judge_all, reread
from django.utils import timezone

from chuding.accounts.appointments import appoint
from chuding.applications.reviewing.models import SecondLook
from chuding.applications.services import looks, review
from chuding.applications.workflow import Declined, State
from chuding.storage.tokens import new_ref
from stage import NOW


@pytest.fixture(autouse=True)
def clock(settings):
    settings.CLOCK_OFFSET = NOW - timezone.now()


@pytest.fixture
def he(stage):
    person = stage.person("何立冬", "19922222222")
    appoint(person=person, office="association", duty="reviewer", at=NOW)
    return person


def drawn(stage, monkeypatch):
    monkeypatch.setattr(looks, "is_drawn", lambda ref: True)
    file = stage.file_at(State.REVIEWING)
    judge_all(file, stage.li)
    review.recommend(ref=file.ref, favourable=True, text="", by=stage.li, at=NOW)
    return file


def test_about_one_file_in_twenty_is_drawn_whoever_reviews_it(db):
    share = sum(looks.is_drawn(new_ref()) for _ in range(4000)) / 4000
    assert 0.03 < share < 0.07


def test_second_look_is_blind_and_changes_nothing_on_the_file(stage, he, client, monkeypatch):
    file = drawn(stage, monkeypatch)
    client.force_login(he)
    assert [each.application for each in client.get("/desk/looks/").context["waiting"]] == [file]
    page = client.get(f"/desk/{file.ref}/look/")
    text = page.content.decode()
    assert ("李谷雨" in text, "建议通过</span>" in text, "办理经过" in text) == (False, False, False)
    assert {row.current.verdict for row in page.context["materials"] if row.current} == {"pending"}
    response = client.post(f"/desk/{file.ref}/look/", {"opinion": "for"})
    assert response["Location"] == "/desk/looks/"
    held = SecondLook.objects.get(application=file)
    assert (held.by, held.opinion, held.agrees, reread(file).life) == (he, "for", True, State.RECHECK)


def test_difference_is_on_the_leads_list_only(stage, he, client, monkeypatch):
    file = drawn(stage, monkeypatch)
    looks.look(ref=file.ref, favourable=False, codes=["2", "9"], text="证书编号不符。", by=he, at=NOW)
    lead = stage.person("尤芒种", "19944444444")
    appoint(person=lead, office="association", duty="lead", at=NOW)
    client.force_login(lead)
    (row,) = client.get("/desk/looks/").context["differing"]
    assert (row.application, row.codes, row.text, row.agrees) == (file, ["2"], "证书编号不符。", False)
    client.force_login(stage.li)
    assert client.get("/desk/looks/").context["differing"] == ()


def test_who_worked_on_the_file_does_not_look_again(stage, he, client, monkeypatch):
    file = drawn(stage, monkeypatch)
    client.force_login(stage.li)
    assert client.get(f"/desk/{file.ref}/look/").status_code == 404
    with pytest.raises(Declined) as refusal:
        looks.look(ref=file.ref, favourable=True, codes=[], text="", by=stage.li, at=NOW)
    assert refusal.value.sentence == "您办过这份申报，抽检要由没有办过的人来做。"
    looks.look(ref=file.ref, favourable=True, codes=[], text="", by=he, at=NOW)
    with pytest.raises(Declined) as refusal:
        looks.look(ref=file.ref, favourable=True, codes=[], text="", by=he, at=NOW)
    assert refusal.value.sentence == "这份申报不在抽检之列，或者已经有人抽检过了。"
