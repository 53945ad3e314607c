"""Sliding windows: how often something may be tried. Pure; the rows that remember live in `models.Throttle`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `count` tries in any `seconds` seconds; `sentence` says so, with {wait} for when it is over."""

    count: int
    seconds: int
    sentence: str


CODES_PER_PHONE = (
    Limit(1, 60, "验证码刚刚发过，请{wait}后再获取。"),
    Limit(5, 3600, "这个手机号1小时内获取验证码已达5次，请{wait}后再试。"),
    Limit(10, 86400, "这个手机号24小时内获取验证码已达10次，请{wait}后再试。"),
)
CODES_PER_ADDRESS = (Limit(20, 3600, "您所在网络1小时内获取验证码的次数过多，请{wait}后再试。"),)
# A phone that rings is more than one that buzzes.
CALLS_PER_PHONE = (Limit(3, 86400, "这个手机号24小时内已打过3次语音电话，请{wait}后再用，或者改用短信验证码。"),)
PASSWORDS_PER_ACCOUNT = (Limit(5, 900, "密码错误次数过多，请{wait}后再试，或者改用短信验证码登录。"),)
FACTORS_PER_ACCOUNT = (
    Limit(5, 900, "动态码输错次数过多，请{wait}后再试。"),
    Limit(20, 86400, "24小时内动态码输错已达20次，请{wait}后再试，或者联系管理员重置。"),
)

HAND_OVERS_PER_ADDRESS = (
    Limit(10, 60, "尝试次数过多，请{wait}后再试。"),
    Limit(60, 3600, "您所在网络1小时内尝试次数过多，请{wait}后再试。"),
)

VERIFICATIONS_PER_ADDRESS = (
    Limit(30, 60, "查验次数过多，请{wait}后再试。"),
    Limit(300, 3600, "您所在网络1小时内查验次数过多，请{wait}后再试。"),
)

OBJECTIONS_PER_ADDRESS = (
    Limit(5, 600, "提出异议的次数过多，请{wait}后再试。"),
    Limit(20, 86400, "您所在网络24小时内提出异议的次数过多，请{wait}后再试，或者致电办公室。"),
)

CO_SIGNS_PER_ADDRESS = (
    Limit(5, 600, "提交的次数过多，请{wait}后再试。"),
    Limit(20, 86400, "您所在网络24小时内提交的次数过多，请{wait}后再试，或者请申报人改用盖章的证明。"),
)

VERDICTS_PER_ADDRESS = (
    Limit(20, 60, "生成的次数过多，请{wait}后再试。"),
    Limit(200, 3600, "您所在网络1小时内生成的次数过多，请{wait}后再试。"),
)

# security.md 3.9: files of a person in a day, whether they were kept or not; a photo is one page of a file.
FILES_PER_PERSON = (
    Limit(40, 86400, "24小时内上传的文件已达40个（没有通过检查的也算），请{wait}后再传；急需的，请与受理窗口联系。"),
)
# A clerk hands in those of a whole unit.
UNIT_PAPERS_PER_PERSON = (Limit(400, 86400, "24小时内上传的文件已达400个，请{wait}后再传；急需的，请与受理窗口联系。"),)
PHOTOS_PER_PERSON = (Limit(200, 86400, "24小时内添加的照片已达200张，请{wait}后再添加；急需的，请与受理窗口联系。"),)


class Refused(str):  # noqa: SLOT000 - a sentence like any other, that also knows its seconds
    """The sentence of a limit that refuses; `seconds`: how long, in whole seconds, until it no longer does."""

    seconds: int

    @classmethod
    def of(cls, limit: Limit, left: float) -> Refused:
        """The sentence with the wait in it."""
        refused = cls(limit.sentence.format(wait=_wait(left)))
        refused.seconds = max(1, -int(-left // 1))
        return refused


def refused_by(limits: Sequence[Limit], marks: Sequence[float], at: float) -> Refused | None:
    """The sentence of the limit that one more try at `at` would break, or None.

    `marks` and `at` are POSIX seconds. A window is half open: a try exactly `seconds` ago no longer counts.
    """
    for limit in limits:
        recent = sorted(mark for mark in marks if at - mark < limit.seconds)
        if len(recent) >= limit.count:
            # The window frees itself when the oldest of the last `count` tries leaves it.
            left = recent[-limit.count] + limit.seconds - at
            return Refused.of(limit, left)
    return None


def kept(limits: Sequence[Limit], marks: Sequence[float], at: float) -> list[float]:
    """The marks that can still matter, oldest first: what a row has to remember."""
    longest = max(limit.seconds for limit in limits)
    return sorted(mark for mark in marks if at - mark < longest)


def _wait(seconds: float) -> str:
    whole = max(1, -int(-seconds // 1))
    if whole <= 90:
        return gettext("%(number)s秒") % {"number": whole}
    if whole <= 5400:
        return gettext("%(number)s分钟") % {"number": -(-whole // 60)}
    return gettext("%(number)s小时") % {"number": -(-whole // 3600)}
