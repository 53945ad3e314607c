"""Telephone numbers that a text message reaches. Pure."""

from __future__ import annotations

import re
import unicodedata

_MAINLAND = re.compile(r"1[3-9]\d{9}")
_ABROAD = {
    "+852": ("香港", re.compile(r"[4-9]\d{7}"), "8位"),
    "+853": ("澳门", re.compile(r"6\d{7}"), "以6开头的8位"),
    "+886": ("台湾", re.compile(r"9\d{8}"), "以9开头的9位（不写开头的0）"),
}


def clean_phone(text: str) -> tuple[str, str | None]:
    """The number in its one canonical form and what is wrong with it, or None.

    Mainland numbers are 11 bare digits; Hong Kong, Macau and Taiwan keep their +852, +853, +886.
    Full-width digits, spaces, dashes, brackets and a leading +86 or 0086 are taken off without a word.
    """
    plain = unicodedata.normalize("NFKC", text)
    plain = re.sub(r"[\s\-().·\u2010-\u2015]", "", "".join(c for c in plain if unicodedata.category(c) != "Cf"))
    plain = re.sub(r"^00(?=86|852|853|886)", "+", plain)
    plain = re.sub(r"^\+86(?=1)", "", plain)
    if not plain:
        return "", "请输入手机号。"
    if plain.startswith("+"):
        return _abroad(plain)
    if not plain.isascii() or not plain.isdigit():
        return plain, "手机号只能是数字。请输入11位手机号；港澳台号码以 +852、+853 或 +886 开头。"
    if len(plain) != 11:
        return plain, f"手机号应为11位，您输入了{len(plain)}位。港澳台号码请以 +852、+853 或 +886 开头。"
    if not _MAINLAND.fullmatch(plain):
        return plain, "这不是手机号：手机号以13至19开头。请输入能收短信的手机号。"
    return plain, None


def _abroad(plain: str) -> tuple[str, str | None]:
    area = _ABROAD.get(plain[:4])
    if area is None:
        return plain, "短信目前只能发到内地和港澳台的手机。请输入11位手机号，或以 +852、+853、+886 开头的号码。"
    place, form, length = area
    # Taiwan writes a 0 before the number at home; behind +886 it is left out.
    rest = plain[4:].removeprefix("0") if plain.startswith("+886") else plain[4:]
    if not form.fullmatch(rest):
        return plain, f"{place}手机号在 {plain[:4]} 之后应为{length}数字，请核对。"
    return plain[:4] + rest, None
