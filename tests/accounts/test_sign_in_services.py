from datetime import timedelta

import pytest

from chuding.accounts import services
from chuding.accounts.models import Person, SignInCode, Throttle
from chuding.accounts.people import phone_index
from chuding.accounts.services import (
    SignInProblem,
    confirm_code,
    redeem_code,
    send_code,
    set_display_name,
    set_password,
    sign_in_by_password,
)
from chuding.ledger.models import Entry
from chuding.messages.models import Message

pytestmark = pytest.mark.django_db
PHONE = "13812345678"
GOOD = "四月的雨 落在长江 2024"


def send(at, *, phone=PHONE, session="s1", ip="192.0.2.1", purpose="sign_in"):
    return send_code(phone=phone, session_key=session, ip=ip, purpose=purpose, at=at)


def redeem(code, at, *, phone=PHONE, session="s1", purpose="sign_in"):
    return redeem_code(phone=phone, session_key=session, code=code, purpose=purpose, at=at)


def problem_of(call, *args, **options):
    with pytest.raises(SignInProblem) as caught:
        call(*args, **options)
    return caught.value.sentence


def actions():
    return list(Entry.objects.order_by("id").values_list("action", flat=True))


def wrong(code):
    return f"{(int(code) + 1) % 10**6:06d}"


def test_code_signs_in_and_makes_the_person_once(site, newest_code, at):
    send(at)
    first = redeem(newest_code(), at)
    later = at + timedelta(minutes=2)
    send(later)
    again = redeem(newest_code(later), later)
    assert (first.pk, first.phone, again.pk) == (again.pk, PHONE, first.pk)
    assert Person.objects.count() == 1
    assert actions() == ["code.sent", "person.joined", "person.signed_in", "code.sent", "person.signed_in"]
    assert [entry.data for entry in Entry.objects.filter(action="person.signed_in").order_by("id")] == [
        {"way": "code", "first": True},
        {"way": "code", "first": False},
    ]


def test_code_is_found_under_any_way_of_writing_the_phone(site, newest_code, at):
    send(at, phone="+86 138-1234-5678")
    assert redeem(f" {newest_code()} ", at, phone="１３８１２３４５６７８").phone == PHONE


def test_code_is_not_kept_in_clear(site, newest_code, at):
    send(at)
    code = newest_code()
    row = SignInCode.objects.get()
    assert code not in (row.code_hash, row.session_hash, row.phone_index)
    assert len(row.code_hash) == 64
    assert Message.objects.get().text == "（验证码已隐去）"
    assert code not in str(list(Entry.objects.values()))


def test_code_works_once(site, newest_code, at):
    send(at)
    code = newest_code()
    redeem(code, at)
    assert problem_of(redeem, code, at) == "这个验证码已经用过，请重新获取。"


@pytest.mark.parametrize(
    "elsewhere",
    [{"session": "s2"}, {"purpose": "submit"}, {"phone": "13812345679"}],
    ids=["session", "purpose", "phone"],
)
def test_code_is_bound_to_session_purpose_and_phone(site, newest_code, at, elsewhere):
    send(at)
    code = newest_code()
    assert problem_of(redeem, code, at, **elsewhere) == "请先获取验证码，并在同一个浏览器里输入。"
    assert redeem(code, at).phone == PHONE


def test_code_lives_ten_minutes_to_the_second(site, newest_code, at):
    send(at)
    code = newest_code()
    assert problem_of(redeem, code, at + timedelta(minutes=10)) == "验证码已过期（10分钟内有效），请重新获取。"
    assert redeem(code, at + timedelta(minutes=10) - timedelta(seconds=1)).phone == PHONE


def test_code_dies_after_five_wrong_tries(site, newest_code, at):
    send(at)
    code = newest_code()
    sentences = [problem_of(redeem, wrong(code), at) for _ in range(5)]
    assert sentences == [
        *(f"验证码不对，还可以再试{left}次。请核对短信里的6位数字。" for left in (4, 3, 2, 1)),
        "验证码输错已达5次，已经失效，请重新获取。",
    ]
    assert problem_of(redeem, code, at) == "验证码输错已达5次，已经失效，请重新获取。"
    assert actions().count("code.wrong") == 5
    assert Person.objects.count() == 0


def test_code_of_another_shape_is_no_try(site, newest_code, at):
    send(at)
    code = newest_code()
    assert problem_of(redeem, "12345", at) == "验证码是6位数字。请对照短信重新输入。"
    assert SignInCode.objects.get().tries == 0
    full_width = code.translate(str.maketrans("0123456789", "０１２３４５６７８９"))
    assert redeem(f"\u200b{full_width[:3]}-{full_width[3:]} ", at).phone == PHONE


def test_code_sent_again_replaces_the_one_before(site, newest_code, at):
    send(at)
    old = newest_code()
    later = at + timedelta(seconds=60)
    send(later)
    new = newest_code(later)
    if old != new:
        assert problem_of(redeem, old, later) == "验证码不对，还可以再试4次。请核对短信里的6位数字。"
    assert redeem(new, later).phone == PHONE


def test_code_limits_per_phone_hold_at_their_edges(site, at):
    send(at)
    assert (
        problem_of(send, at + timedelta(seconds=59), session="s2", ip="192.0.2.2") == "验证码刚刚发过，请1秒后再获取。"
    )
    for minute in range(1, 5):
        send(at + timedelta(minutes=minute))
    assert problem_of(send, at + timedelta(minutes=59)) == "这个手机号1小时内获取验证码已达5次，请60秒后再试。"
    for minute in range(60, 65):
        send(at + timedelta(minutes=minute))
    assert problem_of(send, at + timedelta(hours=23)) == "这个手机号24小时内获取验证码已达10次，请60分钟后再试。"
    send(at + timedelta(hours=24))
    assert (SignInCode.objects.count(), actions().count("code.limited")) == (11, 3)


def test_code_limit_per_network_holds_across_phones(site, at):
    for last in range(20):
        send(at, phone=f"138000000{last:02d}", ip="2001:db8::1")
    neighbour = {"phone": "13800000099", "ip": "2001:db8::ffff"}
    assert problem_of(send, at, **neighbour) == "您所在网络1小时内获取验证码的次数过多，请60分钟后再试。"
    send(at, phone="13800000099", ip="2001:db8:0:1::1")
    send(at + timedelta(hours=1), phone="13800000098", ip="2001:db8::1")


@pytest.mark.parametrize("ip", ["127.0.0.1", "::1", ""])
def test_code_limit_per_network_does_not_count_this_machine(site, at, ip):
    for last in range(21):
        send(at, phone=f"138000000{last:02d}", ip=ip)
    assert SignInCode.objects.count() == 21


def test_code_refused_by_a_limit_is_not_counted(site, at):
    send(at)
    for _ in range(3):
        problem_of(send, at + timedelta(seconds=30))
    assert [len(row.marks) for row in Throttle.objects.all()] == [1, 1]


def test_code_for_no_phone_is_not_sent(site, at):
    assert (
        problem_of(send, at, phone="12345") == "手机号应为11位，您输入了5位。港澳台号码请以 +852、+853 或 +886 开头。"
    )
    assert SignInCode.objects.count() == 0


def test_code_does_not_open_a_switched_off_account(site, newest_code, person, at):
    person(is_active=False)
    send(at)
    assert problem_of(redeem, newest_code(), at) == "这个账户已停用。如有疑问，请致电协会。"


def test_code_as_second_factor_is_spent(site, newest_code, person, at):
    someone = person()
    send(at, purpose="submit")
    code = newest_code()
    confirm = {"person": someone, "session_key": "s1", "code": code, "purpose": "submit", "at": at}
    confirm_code(**confirm)
    assert problem_of(confirm_code, **confirm) == "这个验证码已经用过，请重新获取。"
    assert actions() == ["code.sent", "person.confirmed"]


def test_password_signs_in(site, person, at):
    someone = person()
    set_password(person=someone, password=GOOD, current=None, at=at)
    assert sign_in_by_password(phone="138 1234 5678", password=GOOD, at=at) == someone
    assert actions() == ["password.set", "person.signed_in"]


def test_password_is_kept_as_argon2id_of_the_cost_we_chose(person, at):
    someone = person()
    set_password(person=someone, password=GOOD, current=None, at=at)
    assert Person.objects.get().password.startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")


def test_password_answers_alike_for_known_and_unknown_phones(site, person, at, monkeypatch):
    someone = person()
    set_password(person=someone, password=GOOD, current=None, at=at)
    hashed = []
    make = services.make_password
    monkeypatch.setattr(services, "make_password", lambda text: hashed.append(text) or make(text))
    known = problem_of(sign_in_by_password, phone=PHONE, password="不对的密码不对的密码", at=at)
    unknown = problem_of(sign_in_by_password, phone="13900000000", password="不对的密码不对的密码", at=at)
    assert known == unknown == "手机号或密码不正确。忘记密码时，请改用短信验证码登录。"
    assert hashed == ["不对的密码不对的密码"]  # an unknown number costs the same work


def test_password_never_set_opens_nothing(site, person, at):
    person()
    assert (
        problem_of(sign_in_by_password, phone=PHONE, password="", at=at)
        == "手机号或密码不正确。忘记密码时，请改用短信验证码登录。"
    )


def test_password_tries_are_limited_per_account_known_or_not(site, person, at):
    set_password(person=person(), password=GOOD, current=None, at=at)
    for phone in (PHONE, "13900000000"):
        for _ in range(5):
            problem_of(sign_in_by_password, phone=phone, password="不对的密码不对的密码", at=at)
        full = problem_of(sign_in_by_password, phone=phone, password=GOOD, at=at + timedelta(minutes=10))
        assert full == "密码错误次数过多，请5分钟后再试，或者改用短信验证码登录。"
    assert sign_in_by_password(phone=PHONE, password=GOOD, at=at + timedelta(minutes=15)).phone == PHONE


def test_password_right_forgets_the_wrong_tries(site, person, at):
    set_password(person=person(), password=GOOD, current=None, at=at)
    for _ in range(3):
        for _ in range(4):
            problem_of(sign_in_by_password, phone=PHONE, password="不对的密码不对的密码", at=at)
        sign_in_by_password(phone=PHONE, password=GOOD, at=at)


@pytest.mark.parametrize(
    ("password", "problem"),
    [
        ("短密码", "密码至少12个字符，您输入了3个。可以用几个词连成一句话。"),
        ("长" * 129, "密码最多128个字符，您输入了129个。"),
        ("abab abab abab", "密码里重复的字符太多，容易被猜到，请换一个。"),
        ("我的号码13812345678", "密码里不要包含您的手机号，请换一个。"),
        ("zhenjiang2024", "这个密码容易被猜到，请不要只用职称、镇江一类的词加几个数字。"),
        ("1q2w3e4r5t6y", "这个密码太常见，容易被猜到，请换一个。"),
    ],
)
def test_password_too_weak_is_refused(person, at, password, problem):
    assert problem_of(set_password, person=person(), password=password, current=None, at=at) == problem


def test_password_changes_only_with_the_current_one(person, at):
    someone = person()
    set_password(person=someone, password=GOOD, current=None, at=at)
    sentence = problem_of(set_password, person=someone, password="另一个足够长的密码八九十", current="不对", at=at)
    assert sentence == "现在的密码不正确。请重新输入；忘记时请退出，用短信验证码登录后联系协会重置。"
    set_password(person=someone, password="另一个足够长的密码八九十", current=GOOD, at=at)
    assert Person.objects.get().check_password("另一个足够长的密码八九十")


def test_display_name_is_stored_encrypted_and_recorded_once(person, at, django_assert_num_queries):
    someone = person()
    for _ in range(2):
        set_display_name(person=someone, name="䶮小明", at=at)
    assert Person.objects.get(phone_index=phone_index(PHONE)).display_name == "䶮小明"
    assert actions() == ["person.named"]
    raw = Person.objects.extra(select={"raw": "display_name"}).values_list("raw", flat=True).get()
    assert raw.startswith("1.")
