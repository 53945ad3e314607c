import re
from datetime import timedelta

import pytest
from django.utils.timezone import localtime

from chuding.accounts import consent
from chuding.accounts.models import Consent, Person
from chuding.accounts.services import SignInProblem, set_password
from chuding.ledger.models import Entry

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("site", "clock")]
PHONE = "13812345678"
GOOD = "四月的雨 落在长江 2024"


def ask(client, phone=PHONE, way_on=""):
    return client.post("/sign-in/", {"phone": phone, "next": way_on})


def enter(client, newest_code, *, way_on="", phone=PHONE):
    assert ask(client, phone, way_on).url == "/sign-in/code/"
    return client.post("/sign-in/code/", {"code": newest_code()})


def errors(response):
    return [error for errors in response.context["form"].errors.values() for error in errors]


def without_token(response):
    return re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", response.content.decode())


def test_sign_in_of_a_new_person_leads_over_consent_to_where_they_wanted(client, newest_code, at):
    response = enter(client, newest_code, way_on="/stand-in/application_new/?from=check")
    assert response.url == "/consent/?next=%2Fstand-in%2Fapplication_new%2F%3Ffrom%3Dcheck"
    page = client.get(response.url)
    assert [name for name, box in page.context["form"].fields.items() if box.initial] == []
    done = client.post("/consent/", {"handling": "on", "sensitive": "on", "next": page.context["next"]})
    assert done.url == "/stand-in/application_new/?from=check"
    assert consent.standing(Person.objects.get()) == {"handling", "sensitive"}


def test_sign_in_of_a_known_person_asks_no_consent_again(client, newest_code, person, at):
    consent.give_consent(person=person(), keys=["handling", "sensitive"], at=at)
    assert enter(client, newest_code).url == "/stand-in/my_applications/"


@pytest.mark.parametrize(
    ("office", "duty", "start"),
    [
        ("association", "reviewer", "/stand-in/desk/"),
        ("association", "rechecker", "/stand-in/desk/"),
        ("association", "signer", "/stand-in/decisions_home/"),
        ("city", "signer", "/stand-in/decisions_home/"),
    ],
)
def test_sign_in_of_staff_leads_to_their_work(client, newest_code, staff, office, duty, start):
    staff(office, duty)
    assert enter(client, newest_code, phone="13900000001").url == start


def test_sign_in_of_a_clerk_leads_to_their_unit(client, newest_code, clerk):
    clerk()
    assert enter(client, newest_code, phone="13900000009").url == "/stand-in/employer_home/"


def test_sign_in_looks_the_same_for_new_and_known_phones(client, newest_code, person):
    person("13800000001")
    pages = []
    for phone in ("13800000001", "13800000002"):
        client.cookies.clear()
        asked = ask(client, phone)
        shown = client.get("/sign-in/code/")
        wrong = client.post("/sign-in/code/", {"code": "000000" if newest_code() != "000000" else "000001"})
        pages.append((asked.status_code, asked.url, without_token(shown), without_token(wrong)))
    assert pages[0] == tuple(part.replace("0002", "0001") if isinstance(part, str) else part for part in pages[1])


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "javascript:alert(1)",
        "evil",
        "http:///evil.example",
        "\t//evil.example",
    ],
)
def test_sign_in_leads_to_own_paths_only(client, newest_code, person, at, elsewhere):
    consent.give_consent(person=person(), keys=["handling", "sensitive"], at=at)
    assert enter(client, newest_code, way_on=elsewhere).url == "/stand-in/my_applications/"


def test_sign_in_gives_the_session_a_new_key(client, newest_code):
    ask(client)
    before = client.cookies["session"].value
    client.post("/sign-in/code/", {"code": newest_code()})
    after = client.cookies["session"].value
    assert before != after
    client.cookies["session"] = before
    assert client.get("/me/").status_code == 302


def test_sign_in_code_of_another_browser_does_not_work(client, newest_code, client_of):
    ask(client)
    code = newest_code()
    other = client_of()
    assert other.post("/sign-in/code/", {"code": code}).url == "/sign-in/"
    assert Person.objects.count() == 0


def test_sign_in_code_field_helps_the_phone_to_fill_it(client):
    ask(client)
    page = client.get("/sign-in/code/").content.decode()
    field = re.search(r'<input[^>]*name="code"[^>]*>', page)[0]
    assert 'autocomplete="one-time-code"' in field
    assert 'inputmode="numeric"' in field
    assert "onpaste" not in page
    assert "138****5678" in page
    assert PHONE not in page


def test_sign_in_code_page_links_to_the_outbox_in_a_demonstration_only(client, settings):
    ask(client)
    assert client.get("/sign-in/code/").context["outbox"] == ""
    settings.DEMONSTRATION = True
    assert client.get("/sign-in/code/").context["outbox"] == "/outbox/"


@pytest.mark.parametrize(
    ("header", "told", "expected"),
    [("", "203.0.113.9", "192.0.2.7"), ("HTTP_X_FORWARDED_FOR", "10.0.0.1, 203.0.113.9", "203.0.113.9")],
)
def test_sign_in_limits_the_address_that_the_operator_trusts(client, settings, monkeypatch, header, told, expected):
    settings.CLIENT_ADDRESS_HEADER = header
    seen = []

    def send(*, ip, **rest):
        seen.append(ip)
        raise SignInProblem("到此为止。")

    monkeypatch.setattr("chuding.accounts.views.sign_in.send_code", send)
    client.post("/sign-in/", {"phone": PHONE}, REMOTE_ADDR="192.0.2.7", HTTP_X_FORWARDED_FOR=told)
    assert seen == [expected]


def test_sign_in_without_asking_first_starts_at_the_phone(client):
    assert client.get("/sign-in/code/").url == "/sign-in/"
    assert client.post("/sign-in/code/again/").url == "/sign-in/"


def test_sign_in_resend_waits_a_minute_and_sends_another(client, newest_code, clock, at):
    ask(client)
    too_soon = client.post("/sign-in/code/again/")
    assert too_soon.context["errors"] == [{"text": "验证码刚刚发过，请60秒后再获取。", "href": ""}]
    assert too_soon.context["wait"] == 60
    time = localtime(at + timedelta(seconds=60)).strftime("%H:%M:%S")
    assert (f"{time} 以后可以重新获取验证码。" in too_soon.text, 'data-wait="60"' in too_soon.text) == (True, True)
    clock.at = at + timedelta(seconds=60)
    assert "以后可以重新获取验证码" not in client.get("/sign-in/code/").text
    assert client.post("/sign-in/code/again/").url == "/sign-in/code/"
    assert client.post("/sign-in/code/", {"code": newest_code(clock.at)}).status_code == 302


@pytest.mark.parametrize(
    ("phone", "problem"),
    [
        ("", "请输入手机号。"),
        ("1381234567", "手机号应为11位，您输入了10位。港澳台号码请以 +852、+853 或 +886 开头。"),
        ("1" * 31, "手机号太长，请核对。"),
    ],
)
def test_sign_in_says_what_is_wrong_with_the_phone_and_keeps_it(client, phone, problem):
    response = ask(client, phone)
    assert (response.status_code, errors(response)) == (200, [problem])
    assert f'value="{phone}"' in response.content.decode() or not phone


def test_sign_in_says_what_is_wrong_with_the_code(client, newest_code):
    ask(client)
    assert errors(client.post("/sign-in/code/", {"code": ""})) == ["请输入短信里的6位验证码。"]
    assert errors(client.post("/sign-in/code/", {"code": "12 34"})) == ["验证码是6位数字。请对照短信重新输入。"]


def test_sign_in_pages_are_kept_out_of_caches(client):
    assert "no-store" in client.get("/sign-in/")["Cache-Control"]


def test_password_page_signs_in(client, person, at):
    someone = person()
    set_password(person=someone, password=GOOD, current=None, at=at)
    consent.give_consent(person=someone, keys=["handling", "sensitive"], at=at)
    response = client.post("/sign-in/password/", {"phone": PHONE, "password": GOOD, "next": "/inbox/"})
    assert response.url == "/inbox/"
    assert client.get("/inbox/").status_code == 200


def test_password_page_answers_alike_for_known_and_unknown(client, person, at):
    set_password(person=person(), password=GOOD, current=None, at=at)
    pages = [
        without_token(client.post("/sign-in/password/", {"phone": phone, "password": "不对的密码不对的密码"})).replace(
            phone, ""
        )
        for phone in (PHONE, "13900000000")
    ]
    assert pages[0] == pages[1]
    assert "不对的密码" not in pages[0]


def test_consent_page_needs_the_first_two_boxes_only(client, newest_code):
    enter(client, newest_code)
    response = client.post("/consent/", {"follow_up": "on"})
    # Each line says which box it means.
    assert errors(response) == [
        f"请勾选“{name}”；不勾选就无法在线办理，可以到协会窗口办理。"
        for name in ("我同意为办理职称初定处理我的个人信息", "我单独同意处理我的敏感个人信息")
    ]
    assert Consent.objects.count() == 0
    assert client.post("/consent/", {"handling": "on", "sensitive": "on"}).url == "/stand-in/my_applications/"


def test_consent_stands_before_everything_personal_and_before_nothing_public(client, newest_code):
    enter(client, newest_code)
    assert client.get("/me/").url == "/consent/?next=%2Fme%2F"
    assert client.get("/stand-in/guide/").status_code == 200
    assert client.post("/sign-out/").url == "/stand-in/home/"


def test_consent_page_of_someone_who_has_given_it_leads_on(client, person, at):
    someone = person()
    consent.give_consent(person=someone, keys=["handling", "sensitive"], at=at)
    client.force_login(someone)
    assert client.get("/consent/?next=/inbox/").url == "/inbox/"


def test_sign_out_ends_the_session_and_clears_the_browser(client, person):
    client.force_login(person())
    key = client.cookies["session"].value
    response = client.post("/sign-out/")
    assert response["Clear-Site-Data"] == '"cache", "cookies", "storage"'
    client.cookies["session"] = key
    assert client.get("/me/").status_code == 302
    assert Entry.objects.last().action == "person.signed_out"


def test_sign_out_is_no_link(client, person):
    client.force_login(person())
    assert client.get("/sign-out/").status_code == 405
    assert client.get("/me/").status_code == 200


def test_me_shows_masked_data_and_no_more_questions_than_needed(client, person, at, django_assert_max_num_queries):
    someone = person(display_name="䶮小明")
    consent.give_consent(person=someone, keys=["handling", "sensitive", "follow_up"], at=at)
    client.force_login(someone)
    client.get("/me/")
    with django_assert_max_num_queries(8):
        page = client.get("/me/").content.decode()
    assert "138****5678" in page
    assert PHONE not in page
    assert "䶮小明" in page


def test_me_names_the_unit_one_acts_for(client, clerk):
    client.force_login(clerk())
    page = client.get("/me/")
    assert "镇江示例机械有限公司" in page.content.decode()
    assert page.context["role_names"] == ["申报人", "单位经办人"]


def test_me_takes_back_a_free_consent_and_keeps_the_necessary_one(client, person, at):
    someone = person()
    consent.give_consent(person=someone, keys=["handling", "sensitive", "follow_up"], at=at)
    client.force_login(someone)
    client.post("/me/consent/withdraw/", {"purpose": "follow_up"})
    client.post("/me/consent/withdraw/", {"purpose": "handling"})
    assert consent.standing(someone) == {"handling", "sensitive"}


def test_me_password_keeps_this_session_and_ends_the_others(client, client_of, person):
    someone = person()
    other = client_of()
    client.force_login(someone)
    other.force_login(someone)
    assert client.post("/me/password/", {"password": GOOD}).url == "/me/"
    assert client.get("/me/").status_code == 200
    assert other.get("/me/").status_code == 302


def test_me_password_puts_each_problem_at_its_field(client, person, at):
    someone = person()
    set_password(person=someone, password=GOOD, current=None, at=at)
    client.force_login(someone)
    wrong = client.post("/me/password/", {"current": "不对", "password": "另一个足够长的密码八九十"})
    assert list(wrong.context["form"].errors) == ["current"]
    weak = client.post("/me/password/", {"current": GOOD, "password": "短"})
    assert weak.context["form"].errors == {"password": ["密码至少12个字符，您输入了1个。可以用几个词连成一句话。"]}
