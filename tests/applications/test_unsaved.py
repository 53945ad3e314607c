"""What was typed and not saved: kept while typing, kept when the session ended, shown again, and gone with the save."""

from __future__ import annotations

from datetime import timedelta

import pytest
from applicant_steps import IDENTITY, Applicant, day, education, make_person, mistakes, spell, words
from django.db import connection

from chuding.applications.aside.models import UnsavedPage
from chuding.applications.services.unsaved import forget_unsaved, keep_page
from chuding.storage.clock import SHANGHAI
from stage import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def clock(monkeypatch):
    """A clock that the pages and the door read."""

    class Clock:
        at = NOW

    held = Clock()
    for module in (
        "accounts.middleware", "accounts.views.sign_in", "applications.views.applicant_sections",
        "applications.views.applicant_pages", "applications.views.applicant_employer",
    ):  # fmt: skip
        monkeypatch.setattr(f"chuding.{module}.now", lambda: held.at)
    return held


@pytest.fixture
def applicant(client, data_folder, clock):
    return Applicant(client, make_person(NOW), NOW)


def kept(applicant, section, data):
    return applicant.client.post(applicant.url(f"{section}/keep/"), data)


def test_page_half_typed_is_kept_and_shown_again_without_being_judged(applicant):
    answer = kept(
        applicant, "identity", {"full_name": "王小", "identity_type": "resident_id", "identity_number": "3211"}
    )
    assert answer.json() == {"kept": "10:00"}
    page = applicant.get("identity/")
    body = page.content.decode()
    assert "您上次填的内容还在" in body
    assert ('value="王小"' in body, 'value="3211"' in body, mistakes(page)) == (True, True, [])
    assert applicant.file.full_name == ""


@pytest.mark.parametrize(
    ("section", "typed", "seen"),
    [
        (
            "schooling",
            education(school="镇江示例大学", graduated_on_0="2022", graduated_on_1=""),
            "镇江示例大学",
        ),
        ("work", spell(employer_name="只填了一半的单位") | {"assessed_fit": "yes"}, "只填了一半的单位"),
        ("employer", {"works_in_jurisdiction": "yes", "employer_name": "没有填完的厂"}, "没有填完的厂"),
    ],
)
def test_every_typed_section_comes_back_as_it_was(applicant, section, typed, seen):
    kept(applicant, section, typed)
    page = applicant.get(f"{section}/")
    assert (seen in page.content.decode(), mistakes(page)) == (True, [])


def test_rows_come_back_in_their_number(applicant):
    kept(applicant, "schooling", {"rows": ["0", "3"], "row0-school": "甲校", "row3-school": "乙校"})
    body = applicant.get("schooling/").content.decode()
    assert (body.count('name="rows"'), "甲校" in body, "乙校" in body) == (2, True, True)


def test_save_ends_what_was_kept(applicant):
    kept(applicant, "identity", {"full_name": "王小"})
    assert applicant.post("identity", IDENTITY).status_code == 302
    assert UnsavedPage.objects.count() == 0
    assert "您上次填的内容还在" not in applicant.get("identity/").content.decode()


def test_kept_page_is_left_aside_at_wish(applicant):
    kept(applicant, "identity", {"full_name": "王小"})
    applicant.client.post(applicant.url("identity/keep/"), {"forget": "1"})
    assert "王小" not in words(applicant.get("identity/"))
    assert UnsavedPage.objects.count() == 0


def test_form_sent_after_the_session_ended_stands_there_after_signing_in_again(applicant, clock):
    applicant.get("identity/")
    clock.at = NOW + timedelta(minutes=31)
    answer = applicant.post("identity", IDENTITY | {"identity_number": "321102"})
    assert answer.url == f"/sign-in/?next=%2Fapplications%2F{applicant.ref}%2Fidentity%2F"
    assert "您刚才填写的内容已经保存，登录后可以接着填" in applicant.client.get(answer.url).content.decode()
    applicant.client.force_login(applicant.person)
    body = applicant.get("identity/").content.decode()
    assert ('value="王小明"' in body, 'value="321102"' in body) == (True, True)
    assert applicant.file.full_name == ""


def test_page_says_how_long_the_session_lasts_and_extending_begins_it_anew(applicant, clock):
    assert 'data-session-left="1800"' in applicant.get("identity/").content.decode()
    clock.at = NOW + timedelta(minutes=28)
    answer = applicant.client.post("/session/", headers={"accept": "application/json"})
    assert answer.json() == {"left": 1800}
    clock.at += timedelta(minutes=29)
    assert applicant.get("identity/").status_code == 200


def test_keeping_what_is_typed_counts_as_a_visit(applicant, clock):
    applicant.get("identity/")
    for _ in range(3):
        clock.at += timedelta(minutes=20)
        assert kept(applicant, "identity", {"full_name": "王小"}).status_code == 200


def test_unsaved_page_is_encrypted_and_nobody_elses(applicant, client):
    kept(applicant, "identity", {"full_name": "王小明", "identity_number": "321102200005121234"})
    with connection.cursor() as cursor:
        cursor.execute("SELECT typed FROM applications_unsavedpage")
        stored = cursor.fetchone()[0]
    assert "321102200005121234" not in stored
    stranger = make_person(NOW, phone="13900000009")
    assert not keep_page(ref=applicant.ref, section="identity", typed={"full_name": ["钱"]}, by=stranger, at=NOW)
    client.force_login(stranger)
    assert client.post(applicant.url("identity/keep/"), {"full_name": "钱"}).status_code == 404
    assert "%E7%8E%8B%E5%B0%8F%E6%98%8E" in UnsavedPage.objects.get().typed


@pytest.mark.parametrize("section", ["specialty", "materials", "commitment"])
def test_choices_files_and_signatures_are_not_kept(applicant, section):
    assert kept(applicant, section, {"name": "王小明"}).json() == {"kept": ""}
    assert UnsavedPage.objects.count() == 0


def test_endless_page_is_not_kept(applicant):
    assert kept(applicant, "identity", {"full_name": "王" * 40000}).json() == {"kept": ""}


def test_kept_pages_are_forgotten_after_a_month_and_with_the_file(applicant):
    kept(applicant, "identity", {"full_name": "王"})
    assert forget_unsaved(at=NOW + timedelta(days=29)) == 0
    assert forget_unsaved(at=NOW + timedelta(days=31)) == 1
    kept(applicant, "work", spell(**day("started_on", "2024-1-1")))
    applicant.client.post(applicant.url("withdraw/"))
    assert forget_unsaved(at=NOW) == 1


def test_kept_at_is_said_in_local_time(applicant):
    kept(applicant, "identity", {"full_name": "王"})
    said = f"{NOW.astimezone(SHANGHAI):%-m月%-d日 %H:%M}"
    assert said in words(applicant.get("identity/"))
