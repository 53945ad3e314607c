"""From page to page without the list between: what is known is offered, what is open comes next."""

from datetime import date

import pytest
from applicant_steps import (
    EMPLOYER,
    IDENTITY,
    PATH,
    USCC,
    Applicant,
    education,
    insure,
    make_person,
    make_unit,
    newest_code,
    spell,
    words,
)
from django.urls import reverse
from django.utils import timezone
from self_check_steps import walk

from chuding.applications.models import Application

pytestmark = pytest.mark.django_db


@pytest.fixture
def me(settings, client, at, data_folder):
    settings.CLOCK_OFFSET = at - timezone.now()
    insure(data_folder, (IDENTITY["identity_number"], "王小明"))
    return Applicant(client, make_person(at), at)


def test_save_and_go_on_leads_through_what_is_open_to_the_last_look(me):
    on = {"save": "next"}
    assert me.post("identity", IDENTITY | on).url == me.url("schooling/")
    assert me.post("schooling", education() | on).url == me.url("work/")
    assert me.post("work", spell() | {"assessed_fit": "yes"} | on).url == me.url("employer/")
    assert me.post("employer", EMPLOYER | on).url == me.url("specialty/")
    me.post("specialty", {"choose": "1", "specialty": PATH})
    assert me.post("specialty", {"level": "助理级"} | on).url == me.url("materials/")
    assert "材料齐了，继续" not in words(me.get("materials/"))
    for code in ("1", "2", "3"):
        me.upload(code)
    assert me.get("materials/").context["onward"] == me.url("commitment/")
    assert me.post("commitment", {"name": "王小明"}).url == me.url("check/")


def test_what_was_left_open_before_comes_after_the_rest_and_before_the_commitment(me):
    me.fill(upto="materials")
    Application.objects.filter(ref=me.ref).update(full_name="")
    assert me.get("materials/").context["onward"] == me.url("identity/")
    assert me.post("identity", IDENTITY | {"save": "next"}).url == me.url("commitment/")


def test_save_leads_to_the_list_where_that_was_asked_for(me):
    assert me.post("identity", IDENTITY | {"save": "list"}).url == me.url()


def test_enter_at_the_employer_still_searches(me):
    page = me.post(
        "employer", {"works_in_jurisdiction": "yes", "engagement": "employment_contract", "q": "示例", "enter": "next"}
    )
    assert page.status_code == 200
    assert page.context["looked"]


def begun(me, **changes):
    me.post("work", spell(**changes) | {"assessed_fit": "yes"})
    Application.objects.filter(ref=me.ref).update(engagement="employment_contract", works_in_jurisdiction=True)
    return me.get("employer/").context["form"].initial


def test_unit_of_the_present_job_is_marked_where_its_name_is_exactly_that(me, at):
    make_unit(at)
    initial = begun(me)
    assert (initial["employer"], initial["post"]) == (USCC, "电气工程师助理")
    assert me.file.employer_id is None, "shown and not saved"


def test_unit_of_a_like_name_is_shown_and_not_marked(me, at):
    make_unit(at, name="镇江示例机械有限公司丹徒分公司")
    initial = begun(me)
    assert (initial["employer"], initial["employer_name"]) == ("", "")
    assert "镇江示例机械有限公司丹徒分公司" in words(me.get("employer/"))


def test_unknown_unit_of_the_present_job_is_typed_in(me):
    initial = begun(me)
    assert (initial["employer"], initial["employer_name"]) == ("", "镇江示例机械有限公司")


def test_job_that_ended_offers_nothing(me, at):
    make_unit(at)
    initial = begun(me, last_day_0="2023", last_day_1="6", last_day_2="30")
    assert (initial["employer"], initial["post"]) == ("", "")


def test_asked_before_the_sign_in_the_draft_opens_after_it(settings, client, at, data_folder):
    settings.CLOCK_OFFSET = at - timezone.now()
    assert reverse("self_check_begin") in walk(client).content.decode()
    page = client.post("/check/begin/", follow=True)
    assert page.redirect_chain[-1][0] == "/sign-in/?next=%2Fapplications%2Fnew%2F"
    client.post("/sign-in/", {"phone": "13812345678", "next": "/applications/new/"})
    client.post("/sign-in/code/", {"code": newest_code("13812345678")})
    done = client.post("/consent/", {"handling": "on", "sensitive": "on", "next": "/applications/new/"}, follow=True)
    assert done.redirect_chain[-1][0] == f"/applications/{Application.objects.get().ref}/"
    assert Application.objects.get().spells.get().started_on == date(2022, 7, 1)
    assert client.get("/applications/new/").url == "/applications/", "a bare visit opens nothing"
