from datetime import timedelta

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from chuding.accounts.gate import GATE
from chuding.accounts.middleware import GateMiddleware

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("site", "clock")]


@pytest.mark.parametrize("path", ["/unnamed/", "/nameless/"])
def test_access_to_a_page_the_matrix_does_not_name_is_refused_to_all(client, staff, path):
    assert client.get(path).status_code == 404
    client.force_login(staff("association", "administrator"))
    assert client.get(path).status_code == 404


def test_access_of_a_visitor_to_public_pages_asks_the_database_nothing(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        response = client.get("/stand-in/guide/")
    assert (response.status_code, response.get("Cache-Control")) == (200, None)


def test_access_of_a_visitor_to_own_pages_leads_to_sign_in_and_back(client):
    assert client.get("/stand-in/desk/?a=1&b=2").url == "/sign-in/?next=%2Fstand-in%2Fdesk%2F%3Fa%3D1%26b%3D2"


@pytest.mark.parametrize(
    ("referer", "way_back"),
    [
        ("http://testserver/application/a1/", "%2Fapplication%2Fa1%2F"),
        ("https://evil.example/trap/", "%2Fme%2F"),
        ("", "%2Fme%2F"),
    ],
)
def test_access_lost_while_sending_a_form_leads_back_to_the_form(client, referer, way_back):
    response = client.post("/stand-in/application_submit/", headers={"referer": referer})
    assert response.url == f"/sign-in/?next={way_back}"


@pytest.mark.parametrize(
    ("office", "duty", "opens", "closed"),
    [
        ("association", "reviewer", "desk_verdict", "roster_act"),
        ("association", "signer", "roster_act", "desk_take"),
        ("city", "signer", "revoke_confirm", "employer_home"),
    ],
)
def test_access_of_staff_ends_where_their_duty_does(client, staff, office, duty, opens, closed):
    client.force_login(staff(office, duty))
    assert client.get(f"/stand-in/{opens}/").status_code == 200
    assert client.get(f"/stand-in/{closed}/").status_code == 404


def test_access_of_an_applicant_to_the_desk_is_a_page_that_does_not_exist(client, person):
    client.force_login(person())
    assert client.get("/stand-in/desk/").status_code == 404


def test_access_ends_at_once_with_the_account(client, person):
    someone = person()
    client.force_login(someone)
    assert client.get("/me/").status_code == 200
    someone.is_active = False
    someone.save()
    assert client.get("/me/").status_code == 302


def test_pages_of_signed_in_people_are_not_stored(client, person):
    client.force_login(person())
    assert client.get("/stand-in/guide/")["Cache-Control"] == "no-store"


@pytest.mark.parametrize(("rest", "status"), [(timedelta(minutes=29), 200), (timedelta(minutes=30), 302)])
def test_session_of_an_applicant_ends_after_half_an_hour_of_rest(client, person, clock, at, rest, status):
    client.force_login(person())
    client.get("/me/")
    clock.at = at + rest
    assert client.get("/me/").status_code == status


def test_session_of_staff_ends_after_a_quarter_of_an_hour_of_rest(client, staff, clock, at):
    client.force_login(staff("association", "reviewer"))
    client.get("/stand-in/desk/")
    clock.at = at + timedelta(minutes=14)
    assert client.get("/stand-in/desk/").status_code == 200
    clock.at += timedelta(minutes=15)
    assert client.get("/stand-in/desk/").url == "/sign-in/?next=%2Fstand-in%2Fdesk%2F"


def test_session_ends_after_twelve_hours_of_work(client, person, clock, at):
    client.force_login(person())
    for quarter in range(12 * 4):
        clock.at = at + timedelta(minutes=15 * quarter)
        assert client.get("/me/").status_code == 200
    clock.at = at + timedelta(hours=12)
    assert client.get("/me/").status_code == 302


def test_session_that_is_over_still_opens_public_pages(client, person, clock, at):
    client.force_login(person())
    client.get("/me/")
    clock.at = at + timedelta(hours=13)
    assert client.get("/stand-in/guide/").status_code == 200


def test_gate_is_passed_by_small_requests_and_not_by_uploads():
    seen = []

    def view(request):
        with GATE._guard:
            seen.append((request.content_type, GATE._free))
        return HttpResponse("ok")

    door = GateMiddleware(view)
    factory = RequestFactory()
    door(factory.get("/"))
    door(factory.post("/", {"a": "b"}, content_type="application/x-www-form-urlencoded"))
    door(factory.post("/", {"a": "b"}))
    assert seen == [("", 0), ("application/x-www-form-urlencoded", 0), ("multipart/form-data", 1)]


def test_gate_reads_a_small_body_before_it_waits():
    request = RequestFactory().post("/", "a=b", content_type="application/x-www-form-urlencoded")
    with GATE.passage():
        pass
    bodies = []

    def view(inner):
        bodies.append(inner._body)
        return HttpResponse("ok")

    GateMiddleware(view)(request)
    assert bodies == [b"a=b"]


def test_gate_answers_a_broken_body_with_a_sentence():
    class Broken:
        def read(self, *args):
            raise OSError("connection lost")

        def close(self):
            pass

    request = RequestFactory().post("/", "a=b", content_type="application/x-www-form-urlencoded")
    request._stream = Broken()
    request._read_started = False
    response = GateMiddleware(lambda inner: HttpResponse("never"))(request)
    assert (response.status_code, response.content.decode()) == (400, "请求没有收全，请重新提交。")
