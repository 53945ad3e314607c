"""What makes a password good enough: length and not being everyone's, never composition (ASVS 6.2.5)."""

from __future__ import annotations

from functools import cache

from django.conf import settings
from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError
from pypinyin import lazy_pinyin

from chuding.policy.issuer import place_of

LEAST = 12
MOST = 128
_CONTEXT = ("zhicheng", "chuding", "password", "职称", "初定")


def _here() -> str:
    return place_of(settings.CITY)


@cache
def _common() -> CommonPasswordValidator:
    return CommonPasswordValidator()


def problem_with_password(password: str, *, phone: str) -> str | None:
    """What is wrong with a new password as a sentence, or None. Spaces and Chinese are welcome."""
    if len(password) < LEAST:
        return f"密码至少{LEAST}个字符，您输入了{len(password)}个。可以用几个词连成一句话。"
    if len(password) > MOST:
        return f"密码最多{MOST}个字符，您输入了{len(password)}个。"
    for sentence, met in (
        ("密码里不要包含您的手机号，请换一个。", bool(phone) and phone.removeprefix("+") in password),
        ("密码里重复的字符太多，容易被猜到，请换一个。", len(set(password)) < 5),
        (f"这个密码容易被猜到，请不要只用职称、{_here()}一类的词加几个数字。", _mostly_context(password.lower())),
        ("这个密码太常见，容易被猜到，请换一个。", _is_common(password)),
    ):
        if met:
            return sentence
    return None


def _mostly_context(lowered: str) -> bool:
    words = (*_CONTEXT, _here(), "".join(lazy_pinyin(_here())))
    return any(len(lowered.replace(word, "")) < 6 for word in words if word in lowered)


def _is_common(password: str) -> bool:
    try:
        _common().validate(password)
    except ValidationError:
        return True
    return False
