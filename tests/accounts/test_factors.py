"""The second factor: codes that count once, limits, recovery codes, and what opens a desk."""

import re
from datetime import timedelta
from pathlib import Path

import pytest

import chuding
from chuding.accounts import factors, visits
from chuding.accounts.models import Authenticator, RecoveryCode, Visit
from chuding.accounts.services import SignInProblem, set_password
from chuding.accounts.step_up import ACTS
from chuding.ledger.models import Entry

GOOD = "江边的风车今天转得很慢呢"
PHONE = "13812345678"


@pytest.fixture
def bound(person, at):
    """Somebody with an authenticator, and a way to read its next code."""
    someone = person()
    factors.begin(person=someone, at=at)
    row = Authenticator.objects.get()
    codes = factors.confirm(person=someone, code=factors.code_at(row, at), at=at)
    return someone, codes


def code_of(someone, at):
    return factors.code_at(Authenticator.objects.get(person=someone), at)


def prove(someone, code, at):
    factors.prove(person=someone, code=code, act="issue", at=at)


def test_authenticator_makes_the_codes_of_rfc_6238(person, at):
    """Appendix B, SHA-1, the last six of eight digits: at 59 s 94287082, at 1111111109 s 07081804."""
    row = Authenticator(person=person(), secret="GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", made_at=at)
    codes = [factors._totp(row).generate(second).decode() for second in (59, 1111111109)]
    assert codes == ["287082", "081804"]


def test_authenticator_counts_from_its_first_right_code(person, at):
    someone = person()
    row = factors.begin(person=someone, at=at)
    wrong = "000000" if factors.code_at(row, at) != "000000" else "000001"
    with pytest.raises(SignInProblem, match="动态码不对"):
        factors.confirm(person=someone, code=wrong, at=at)
    assert factors.authenticator_of(someone) is None
    codes = factors.confirm(person=someone, code=factors.code_at(row, at), at=at)
    assert (len(set(codes)), factors.authenticator_of(someone).confirmed_at) == (10, at)
    with pytest.raises(SignInProblem, match="已经绑定"):
        factors.begin(person=someone, at=at)


def test_code_counts_once_and_no_earlier_one_after_it(bound, at):
    someone, _ = bound
    now_code = code_of(someone, at)  # of the step after the one that bound the phone
    prove(someone, now_code, at)
    with pytest.raises(SignInProblem, match="已经用过"):
        prove(someone, now_code, at)
    later = at + timedelta(seconds=300)
    early, late = code_of(someone, later - timedelta(seconds=30)), code_of(someone, later)
    prove(someone, late, later)
    with pytest.raises(SignInProblem, match="已经用过"):
        prove(someone, early, later)


def test_code_of_another_time_does_not_count(bound, at):
    someone, _ = bound
    with pytest.raises(SignInProblem, match="动态码不对"):
        prove(someone, code_of(someone, at + timedelta(seconds=300)), at)


@pytest.mark.parametrize("typed", ["", "12345", "abcdef", "1234567", "一二三四五六"])
def test_code_that_is_none_is_said_to_be_none(bound, at, typed):
    with pytest.raises(SignInProblem, match="动态码是6位数字，恢复码是10位"):
        prove(bound[0], typed, at)


def test_code_is_refused_after_five_wrong_ones(bound, at):
    someone, _ = bound
    right = code_of(someone, at + timedelta(seconds=300))
    for _ in range(5):
        with pytest.raises(SignInProblem, match="不对"):
            prove(someone, right, at)
    with pytest.raises(SignInProblem, match="请15分钟后再试"):
        prove(someone, code_of(someone, at), at)
    later = at + timedelta(seconds=900)
    prove(someone, code_of(someone, later), later)


def test_recovery_code_counts_once_and_forgives_its_form(bound, at):
    someone, codes = bound
    prove(someone, codes[0].lower().replace("-", " "), at)
    assert factors.recovery_codes_left(someone) == 9
    with pytest.raises(SignInProblem, match="恢复码不对，或者已经用过"):
        prove(someone, codes[0], at)


def test_recovery_codes_are_not_kept_in_clear_and_end_with_new_ones(bound, at):
    someone, codes = bound
    assert [row for row in RecoveryCode.objects.all() if any(code in row.code_hash for code in codes)] == []
    renewed = factors.renew_recovery_codes(person=someone, at=at)
    with pytest.raises(SignInProblem, match="恢复码不对"):
        prove(someone, codes[1], at)
    prove(someone, renewed[1], at)


def test_factor_leaves_every_answer_in_the_ledger(bound, at):
    someone, _ = bound
    prove(someone, code_of(someone, at), at)
    with pytest.raises(SignInProblem):
        prove(someone, "000000", at - timedelta(days=400))
    factors.forget(person=someone, by=None, at=at)
    told = [(entry.action, entry.data.get("way")) for entry in Entry.objects.order_by("id")]
    assert told == [
        ("factor.enrolled", None),
        ("factor.proved", "totp"),
        ("factor.wrong", "totp"),
        ("factor.forgotten", None),
    ]


def test_factor_counts_the_worlds_time_in_a_demonstration(person, at, settings):
    """A real phone shows real time, whatever the demonstration's clock says."""
    row = factors.begin(person=person(), at=at)
    settings.CLOCK_OFFSET = timedelta(days=-800)
    ours = at + settings.CLOCK_OFFSET
    assert factors.code_at(row, ours) == factors._totp(row).generate(int(at.timestamp())).decode()


# ---- pages ----


@pytest.fixture
def officer(staff, at):
    """A reviewer with password and authenticator."""
    someone = staff("association", "reviewer", PHONE)
    set_password(person=someone, password=GOOD, current=None, at=at)
    row = factors.begin(person=someone, at=at)
    factors.confirm(person=someone, code=factors.code_at(row, at), at=at)
    return someone


def by_password(client):
    return client.post("/sign-in/password/", {"phone": PHONE, "password": GOOD})


def test_desk_opens_with_password_and_code(client, site, clock, officer, at):
    assert by_password(client).url == "/stand-in/desk/"
    assert client.get("/stand-in/desk/").url == "/sign-in/second/?next=%2Fstand-in%2Fdesk%2F"
    page = client.get("/sign-in/second/?next=/stand-in/desk/")
    assert list(page.context["form"].fields) == ["code"]
    wrong = client.post("/sign-in/second/", {"code": "12345", "next": "/stand-in/desk/"})
    assert wrong.context["form"].errors == {"code": ["动态码是6位数字，恢复码是10位字母和数字。请重新输入。"]}
    key = client.session.session_key
    done = client.post("/sign-in/second/", {"code": code_of(officer, at), "next": "/stand-in/desk/"})
    assert (done.url, client.session.session_key == key) == ("/stand-in/desk/", False)
    assert client.get("/stand-in/desk/").status_code == 200


def test_text_message_opens_no_desk(client, site, clock, officer, newest_code, at):
    """D2: staff by password and authenticator, never by SMS."""
    client.post("/sign-in/", {"phone": PHONE})
    client.post("/sign-in/code/", {"code": newest_code()})
    assert client.get("/stand-in/desk/").url.startswith("/sign-in/second/")
    assert client.get("/stand-in/my_applications/").status_code == 200
    page = client.get("/sign-in/second/?next=/stand-in/desk/")
    assert list(page.context["form"].fields) == ["password", "code"]
    wrong = client.post("/sign-in/second/", {"password": "不对的密码", "code": code_of(officer, at)})
    assert wrong.context["form"].errors == {"password": ["密码不正确，请重新输入。"]}
    client.post("/sign-in/second/", {"password": GOOD, "code": code_of(officer, at)})
    assert client.get("/stand-in/desk/").status_code == 200


def test_new_officer_sets_a_password_and_binds_a_phone(client, site, clock, staff, newest_code, at):
    someone = staff("city", "signer", PHONE)
    client.post("/sign-in/", {"phone": PHONE})
    client.post("/sign-in/code/", {"code": newest_code()})
    first = client.get("/sign-in/second/?next=/stand-in/desk/").content.decode()
    assert "先设置密码，再绑定动态码" in first
    assert client.get("/me/authenticator/").url.startswith("/sign-in/second/")
    back = "/sign-in/second/?next=%2Fstand-in%2Fdesk%2F"
    assert client.post("/me/password/", {"password": GOOD, "next": back}).url == back
    assert client.get(back).url == "/me/authenticator/?next=%2Fstand-in%2Fdesk%2F"
    scan = client.post("/me/authenticator/", {"next": "/stand-in/desk/"})
    secret = Authenticator.objects.get(person=someone).secret
    assert scan.context["secret"].replace(" ", "") == secret
    assert scan.context["picture"].startswith("data:image/png;base64,")
    codes = client.post("/me/authenticator/", {"code": code_of(someone, at), "next": "/stand-in/desk/"})
    assert len(codes.context["codes"]) == 10
    assert client.get("/stand-in/desk/").status_code == 200
    assert [code for code in codes.context["codes"] if code in client.get("/me/authenticator/").content.decode()] == []


def test_duties_are_read_at_every_request(client, site, clock, officer, at):
    client.force_login(officer)
    assert client.get("/stand-in/desk/").status_code == 200
    officer.office_roles.update(active=False)
    assert client.get("/stand-in/desk/").status_code == 404


def test_replacing_the_phone_asks_for_a_fresh_code(client, site, clock, officer, at):
    client.force_login(officer)
    clock.at = at + timedelta(hours=1)
    session = client.session
    session[visits.PROVED] = at.isoformat()
    session[visits.SINCE] = session[visits.SEEN] = clock.at.isoformat()
    session.save()
    asked = client.post("/me/authenticator/replace/")
    assert (asked.status_code, "请确认是您本人" in asked.content.decode()) == (200, True)
    assert factors.authenticator_of(officer) is not None
    again = client.post("/me/authenticator/replace/", {"step_up_code": code_of(officer, clock.at)})
    assert (again.url, factors.authenticator_of(officer)) == ("/me/authenticator/", None)


# ---- sessions ----


def test_sessions_are_listed_and_ended_from_another(client, client_of, site, clock, officer, at):
    other = client_of()
    other.defaults["HTTP_USER_AGENT"] = "Mozilla/5.0 (iPhone) AppleWebKit Safari/604.1"
    by_password(other)
    client.defaults["HTTP_USER_AGENT"] = "Mozilla/5.0 (Windows NT 10.0) Chrome/120.0 Safari/537.36"
    by_password(client)
    page = client.get("/me/sessions/")
    assert sorted(visit.device for visit in page.context["visits"]) == ["Windows 电脑，Chrome", "iPhone，Safari"]
    foreign = Visit.objects.get(device="iPhone，Safari")
    client.post("/me/sessions/end/", {"visit": str(foreign.pk)})
    assert other.get("/me/").status_code == 302
    assert client.get("/me/").status_code == 200
    assert Entry.objects.last().action == "session.ended"


def test_session_of_somebody_else_cannot_be_ended(client, client_of, site, clock, officer, person, at):
    other = client_of()
    by_password(other)
    client.force_login(person("13700000000"))
    client.post("/me/sessions/end/", {"visit": str(Visit.objects.get().pk)})
    client.post("/me/sessions/end/", {"visit": "others"})
    assert other.get("/me/").status_code == 200


def test_signing_out_strikes_the_session_from_the_list(client, site, clock, officer):
    by_password(client)
    assert Visit.objects.count() == 1
    client.post("/sign-out/")
    assert Visit.objects.count() == 0


def test_every_act_that_is_named_is_asked_for_somewhere():
    """security.md D2 and ASVS 7.5.3; "confirm" stands for an unknown one on the page before a page."""
    source = "".join(path.read_text(encoding="utf-8") for path in Path(chuding.__file__).parent.rglob("*.py"))
    asked = set(re.findall(r'(?:@step_up\(|challenge\(request, )"(\w+)"', source))
    assert asked | {"confirm"} == set(ACTS)
