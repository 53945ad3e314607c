"""How much of a personal value is shown. Pure; one table, so that no page invents its own stars."""

from __future__ import annotations

import re

from chuding.accounts.names import DOT, is_han

STAR = "*"


def mask_name(name: str) -> str:
    """王小明 → 王*明, 王明 → 王*; names of several parts keep their outermost characters: 阿***·**提.

    Latin names keep the first letter of each word.
    """
    if not name:
        return ""
    if not any(is_han(c) for c in name):
        return re.sub(r"[^\W\d_]+", lambda word: word[0][0] + STAR * (len(word[0]) - 1), name)
    if len(name) == 1:
        return STAR
    if len(name) == 2:
        return name[0] + STAR
    middle = "".join(c if c == DOT else STAR for c in name[1:-1])
    return name[0] + middle + name[-1]


def mask_identity(number: str, *, public: bool = False) -> str:
    """321102********1234 on one's own pages and staff pages; 3211**********1234 where `public` must tell two apart.

    Permits and passports (anything but 18 characters) keep the first and the last three.
    """
    if len(number) == 18:
        shown = 4 if public else 6
        return number[:shown] + STAR * (14 - shown) + number[14:]
    if len(number) <= 4:
        return STAR * len(number)
    return number[0] + STAR * (len(number) - 4) + number[-3:]


def mask_phone(phone: str) -> str:
    """13812345678 → 138****5678; +85261234567 → +852****4567."""
    if phone.startswith("+"):
        return phone[:4] + STAR * max(0, len(phone) - 8) + phone[-4:] if len(phone) > 8 else STAR * len(phone)
    if len(phone) < 8:
        return STAR * len(phone)
    return phone[:3] + STAR * (len(phone) - 7) + phone[-4:]


def mask_email(address: str) -> str:
    """zhang@qq.com → z***@qq.com."""
    local, at, domain = address.partition("@")
    return local[:1] + STAR * 3 + at + domain if at else STAR * len(address)
