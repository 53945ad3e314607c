import pytest

from chuding.accounts.limits import CODES_PER_ADDRESS, CODES_PER_PHONE, PASSWORDS_PER_ACCOUNT, Limit, kept, refused_by
from chuding.accounts.services import SignInProblem, count_public_try

NOW = 1_720_000_000.0


@pytest.mark.parametrize(
    ("limits", "ages", "sentence"),
    [
        (CODES_PER_PHONE, [], None),
        (CODES_PER_PHONE, [60], None),
        (CODES_PER_PHONE, [59], "验证码刚刚发过，请1秒后再获取。"),
        (CODES_PER_PHONE, [0], "验证码刚刚发过，请60秒后再获取。"),
        (CODES_PER_PHONE, [3600, 3000, 2000, 1000, 100], None),
        (CODES_PER_PHONE, [3599, 3000, 2000, 1000, 100], "这个手机号1小时内获取验证码已达5次，请1秒后再试。"),
        (CODES_PER_PHONE, [86400, *range(9000, 81001, 9000)], None),
        (CODES_PER_PHONE, [79200, *range(9000, 81001, 9000)], "这个手机号24小时内获取验证码已达10次，请90分钟后再试。"),
        (CODES_PER_ADDRESS, [3600, *[100] * 19], None),
        (CODES_PER_ADDRESS, [100] * 20, "您所在网络1小时内获取验证码的次数过多，请59分钟后再试。"),
        (PASSWORDS_PER_ACCOUNT, [900, 1, 1, 1, 1], None),
        (PASSWORDS_PER_ACCOUNT, [600, 1, 1, 1, 1], "密码错误次数过多，请5分钟后再试，或者改用短信验证码登录。"),
    ],
)
def test_limit_at_its_edges(limits, ages, sentence):
    assert refused_by(limits, [NOW - age for age in ages], NOW) == sentence


def test_limit_names_hours_when_the_wait_is_long():
    marks = [NOW - 10 * index - 7200 for index in range(10)]
    assert refused_by(CODES_PER_PHONE, marks, NOW) == "这个手机号24小时内获取验证码已达10次，请22小时后再试。"


def test_limit_keeps_only_what_can_still_matter():
    assert kept(CODES_PER_PHONE, [NOW, NOW - 86400, NOW - 86399], NOW) == [NOW - 86399, NOW]


@pytest.mark.django_db
def test_limit_of_public_tries_is_counted_by_network_and_kind(at):
    rules = (Limit(2, 60, "请{wait}后再试。"),)
    for kind in ("verify", "file"):
        for _ in range(2):
            count_public_try(address="192.0.2.1", kind=kind, rules=rules, at=at)
    with pytest.raises(SignInProblem, match="请60秒后再试。"):
        count_public_try(address="192.0.2.1", kind="verify", rules=rules, at=at)
    count_public_try(address="192.0.2.2", kind="verify", rules=rules, at=at)
