from __future__ import annotations

import csv
import io
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from desk_steps import crowd, statements
from django.db import IntegrityError, transaction
from django.utils import timezone

from chuding.accounts.appointments import appoint
from chuding.accounts.roles import Role
from chuding.applications.finding_models import Export, SavedSearch, SearchTerm
from chuding.applications.models import Application
from chuding.applications.services import exporting, searching
from chuding.applications.services.moves import OFFICE_ROLES
from chuding.applications.services.searching import MOST_SHOWN, every, find, index_for_search
from chuding.applications.workflow import Declined, State
from chuding.ledger.models import Entry
from chuding.paper.tables import FORMULA_STARTS
from chuding.storage.clock import now
from stage import NOW, code_of


@pytest.fixture(autouse=True)
def clock(settings):
    settings.CLOCK_OFFSET = NOW - timezone.now()


def numbers(client, **query):
    return [file.number for file, *_ in client.get("/desk/search/", query).context["rows"]]


def renamed(file, **changes):
    Application.objects.filter(pk=file.pk).update(**changes)
    file.refresh_from_db()
    index_for_search(file)
    return file


def test_search_finds_a_file_by_everything_it_is_known_by(stage, client):
    file = renamed(stage.file_at(State.RECEIVED), full_name="王小明", identity_number="11010519491231002X")
    other = renamed(
        crowd(stage, file, 1)[0], full_name="李䶮", identity_number="44052418800101001X", employer_name="镇江船舶厂"
    )
    client.force_login(stage.li)
    for question in ("王小明", "小明", "wangxm"[:4], "wxm", file.number, file.number[-4:], "002x"):
        assert numbers(client, q=question) == [file.number], question
    assert numbers(client, q="䶮") == [other.number]
    assert client.get("/desk/search/", {"q": "船舶"}).context["employers"] == ["镇江船舶厂"]
    assert numbers(client, employer="镇江船舶厂") == [other.number]
    assert numbers(client, year="2023") == []
    assert numbers(client, q="没有这个人") == []


def test_submission_writes_the_terms(stage):
    file = stage.file_at(State.RECEIVED)
    held = set(SearchTerm.objects.filter(application=file).values_list("term", flat=True))
    renamed(file)
    assert set(SearchTerm.objects.filter(application=file).values_list("term", flat=True)) == held
    assert find(Application.objects.all(), file.full_name).keys == [file.pk]


@pytest.mark.parametrize("question", ["王明", "wangming", "wm"])
def test_what_the_filters_leave_is_found_behind_any_number_of_others(stage, client, monkeypatch, question):
    """The index is read to a limit; what lies behind it and fits the filters is asked of the files themselves."""
    monkeypatch.setattr(searching, "MOST_LOOKED_AT", 5)
    file = renamed(stage.file_at(State.RECEIVED), full_name="王明")
    others = [renamed(each, full_name="王明") for each in crowd(stage, file, 9)]
    Application.objects.filter(pk=others[-1].pk).update(state=State.REVIEWING)
    client.force_login(stage.li)
    found = client.get("/desk/search/", {"q": question, "state": "reviewing"})
    assert [one.pk for one, *_ in found.context["rows"]] == [others[-1].pk]
    assert found.context["more"] is False, "these are all"
    assert len(numbers(client, q=question)) == 10
    monkeypatch.setattr(searching, "MOST_SHOWN", 3)
    cut = client.get("/desk/search/", {"q": question})
    assert (len(cut.context["rows"]), cut.context["more"]) == (3, True)


def test_exact_name_comes_before_longer_ones_and_a_crowd_is_cut(stage, client):
    file = renamed(stage.file_at(State.RECEIVED), full_name="王明华")
    for twin in crowd(stage, file, MOST_SHOWN):
        renamed(twin, full_name="王明")
    client.force_login(stage.li)
    response = client.get("/desk/search/", {"q": "王明"})
    assert [one.full_name for one, *_ in response.context["rows"]] == ["王明"] * MOST_SHOWN
    assert response.context["more"] is True


def test_search_shows_only_what_the_searcher_may_see(stage, client):
    draft, city = stage.file_at(State.EMPLOYER), stage.file_at(State.CITY, "中级")
    waiting = stage.file_at(State.RECEIVED)
    client.force_login(stage.li)
    assert numbers(client, q=draft.full_name) == []
    assert numbers(client, q=city.full_name) == [city.number]
    client.force_login(stage.zhao)
    assert numbers(client, q=city.full_name) == [city.number]
    assert numbers(client, q=waiting.full_name) == []
    assert numbers(client, q=waiting.number) == []


def test_search_costs_the_same_at_one_row_and_at_a_page_of_thirty_found(stage, client):
    file = renamed(stage.file_at(State.RECEIVED), full_name="王小明")
    client.force_login(stage.li)
    client.get("/desk/search/", {"q": "wang"})
    one, _ = statements(client, "/desk/search/?q=wang")
    for twin in crowd(stage, file, 29):
        renamed(twin)
    thirty, response = statements(client, "/desk/search/?q=wang")
    assert (thirty, one <= 8, len(response.context["rows"])) == (one, True, MOST_SHOWN)


def test_saved_search_leads_back_and_is_ones_own(stage, client):
    client.force_login(stage.li)
    query = urlencode({"q": "王", "level": "中级"})
    client.post("/desk/search/save/", {"query": query, "name": "中级的王"})
    kept = SavedSearch.objects.get()
    assert (kept.person, kept.name) == (stage.li, "中级的王")
    filters = client.get(f"/desk/search/?{kept.query}").context["filters"]
    assert (filters.q, filters.level) == ("王", "中级")
    assert "中级的王" in client.get("/desk/search/").content.decode()
    client.force_login(stage.zhou)
    assert "中级的王" not in client.get("/desk/search/").content.decode()
    client.post("/desk/search/save/", {"query": query, "forget": "中级的王"})
    assert SavedSearch.objects.count() == 1
    client.force_login(stage.li)
    client.post("/desk/search/save/", {"query": query, "forget": "中级的王"})
    assert SavedSearch.objects.count() == 0


def test_saved_search_needs_a_name_and_a_condition(stage, client):
    client.force_login(stage.li)
    for query, name in (("q=x", ""), ("", "空的")):
        client.post("/desk/search/save/", {"query": query, "name": name})
    assert SavedSearch.objects.count() == 0


# ---- exports ----


def asked(stage, client, **changes):
    client.force_login(stage.li)
    form = {"query": "", "purpose": "年度总结统计", "form": "csv"} | changes
    return client.post("/desk/exports/ask/", form, follow=True)


def test_export_takes_two_people_and_says_so_in_the_table(stage, client):
    file = renamed(stage.file_at(State.RECEIVED), full_name="=cmd|' /C calc'!A0")
    asked(stage, client)
    export = Export.objects.get()
    assert (export.rows, export.allowed) == (1, None)
    assert client.post(f"/desk/exports/{export.ref}/fetch/", follow=True).redirect_chain == [("/desk/exports/", 302)]
    client.post(f"/desk/exports/{export.ref}/decide/", {"choice": "allow"})
    assert Export.objects.get().allowed is None
    client.force_login(stage.wu)
    assert [each for each, _ in client.get("/desk/exports/").context["waiting"]] == [export]
    client.post(f"/desk/exports/{export.ref}/decide/", {"choice": "allow"})
    assert client.post(f"/desk/exports/{export.ref}/fetch/").status_code == 404
    client.force_login(stage.li)
    table = list(csv.reader(io.StringIO(client.post(f"/desk/exports/{export.ref}/fetch/").content.decode("utf-8-sig"))))
    assert "年度总结统计" in table[0][0]
    assert all(name in table[0][0] for name in (stage.li.display_name, stage.wu.display_name, export.ref))
    assert table[1] == list(exporting.HEAD)
    assert [row[0] for row in table[2:]] == [file.number]
    assert not any(cell[:1] in FORMULA_STARTS for row in table for cell in row if cell)
    assert not any(file.identity_number in cell for row in table for cell in row)
    acts = Entry.objects.filter(subject_kind="export").order_by("id").values_list("action", flat=True)
    assert list(acts) == ["export.asked", "export.allowed", "export.fetched"]


def test_export_is_allowed_and_fetched_only_with_a_fresh_code(stage, client, settings):
    stage.file_at(State.RECEIVED)
    asked(stage, client)
    export = Export.objects.get()
    client.force_login(stage.wu)
    settings.CLOCK_OFFSET += timedelta(minutes=6)
    decide = f"/desk/exports/{export.ref}/decide/"
    assert "请确认是您本人" in client.post(decide, {"choice": "allow"}).content.decode()
    assert Export.objects.get().allowed is None
    client.post(decide, {"choice": "allow", "step_up_code": code_of(stage.wu, now())})
    assert Export.objects.get().allowed is True
    client.force_login(stage.li)
    settings.CLOCK_OFFSET += timedelta(minutes=6)
    fetch = f"/desk/exports/{export.ref}/fetch/"
    assert "请确认是您本人" in client.post(fetch).content.decode()
    table = client.post(fetch, {"step_up_code": code_of(stage.li, now())})
    assert "text/csv" in table["Content-Type"]


def test_export_is_over_after_a_week_and_when_declined(stage, client, settings):
    stage.file_at(State.RECEIVED)
    asked(stage, client)
    export = Export.objects.get()
    exporting.decide_export(ref=export.ref, allow=True, by=stage.wu, at=NOW - timedelta(days=8))
    assert "重新申请导出" in client.post(f"/desk/exports/{export.ref}/fetch/", follow=True).content.decode()
    with pytest.raises(Declined, match="已经有人处理"):
        exporting.decide_export(ref=export.ref, allow=False, by=stage.wu, at=NOW)


def test_export_is_decided_by_a_signer_of_the_same_office(stage, client):
    stage.file_at(State.RECEIVED)
    asked(stage, client)
    export = Export.objects.get()
    for person in (stage.zhou, stage.zhao):
        with pytest.raises(Export.DoesNotExist):
            exporting.decide_export(ref=export.ref, allow=True, by=person, at=NOW)


def test_leads_export_waits_for_the_signer_and_breaks_nobodys_page(stage, client):
    stage.file_at(State.RECEIVED)
    lead = stage.person("尤芒种", "19944444444")
    appoint(person=lead, office="association", duty="lead", at=NOW)
    client.force_login(lead)
    client.post("/desk/exports/ask/", {"query": "", "purpose": "年度总结统计", "form": "csv"})
    export = Export.objects.get()
    for other, waiting in ((stage.li, []), (stage.zhao, []), (stage.wu, [export])):
        client.force_login(other)
        assert [each for each, _ in client.get("/desk/exports/").context["waiting"]] == waiting
    client.post(f"/desk/exports/{export.ref}/decide/", {"choice": "allow"})
    assert Export.objects.get().decided_by == stage.wu


@pytest.mark.parametrize("role", sorted(OFFICE_ROLES))
def test_every_role_of_an_office_has_somebody_who_allows_its_exports(role, monkeypatch):
    monkeypatch.setattr(exporting, "roles_of", lambda person: frozenset({role}))
    assert exporting.who_allows(None) <= {Role.ASSOCIATION_SIGNER, Role.CITY_SIGNER}
    assert exporting.who_allows(None)


def test_export_of_words_holds_all_that_they_find_and_not_one_page(stage, client):
    file = renamed(stage.file_at(State.RECEIVED), full_name="王明")
    *same, other = crowd(stage, file, MOST_SHOWN + 6)
    for twin in same:
        renamed(twin)
    renamed(other, full_name="李明", number="ZJCD20249999")
    asked(stage, client, query="q=wangming")
    export = Export.objects.get()
    assert export.rows == MOST_SHOWN + 6
    exporting.decide_export(ref=export.ref, allow=True, by=stage.wu, at=NOW)
    table = list(csv.reader(io.StringIO(client.post(f"/desk/exports/{export.ref}/fetch/").content.decode("utf-8-sig"))))
    assert len(table) == 2 + MOST_SHOWN + 6
    assert other.number not in {row[0] for row in table}
    assert {each.pk for each in every(Application.objects.all(), other.number)} == {other.pk}


def test_export_that_has_grown_too_long_is_declined_and_not_cut(stage, client, monkeypatch):
    file = stage.file_at(State.RECEIVED)
    asked(stage, client)
    export = Export.objects.get()
    exporting.decide_export(ref=export.ref, allow=True, by=stage.wu, at=NOW)
    monkeypatch.setattr(exporting, "MOST_ROWS", 1)
    crowd(stage, file, 1)
    assert "一次最多导出1件" in client.post(f"/desk/exports/{export.ref}/fetch/", follow=True).content.decode()


def test_search_queue_and_export_go_by_specialty(stage, client):
    file = stage.file_at(State.RECEIVED)
    (other,) = crowd(stage, file, 1, specialty="电力工程/发电", employer_name="镇江发电厂")
    client.force_login(stage.li)
    assert numbers(client, specialty="电力工程/发电") == [other.number]
    for query in ({"specialty": other.specialty}, {"employer": other.employer_name}):
        rows = client.get("/desk/", {"tab": "received", **query}).context["rows"]
        assert [each.pk for each, *_ in rows] == [other.pk]
    asked(stage, client, query=urlencode({"specialty": "电力工程/发电"}))
    assert Export.objects.get().rows == 1
    assert "电力工程 › 发电" in client.get("/desk/exports/").content.decode()


def test_export_asks_for_a_purpose_and_something_to_export(stage, client):
    assert "不用导出" in asked(stage, client).content.decode()
    stage.file_at(State.RECEIVED)
    assert "请写明导出的用途" in asked(stage, client, purpose=" ab ").content.decode()
    assert "请选择导出的格式" in asked(stage, client, form="exe").content.decode()
    assert Export.objects.count() == 0


def test_database_refuses_an_export_allowed_by_its_asker(stage):
    with pytest.raises(IntegrityError), transaction.atomic():
        Export.objects.create(
            query="",
            purpose="年度总结",
            form="csv",
            rows=1,
            asked_by=stage.li,
            asked_at=NOW,
            decided_by=stage.li,
            allowed=True,
        )
