"""The keys of the desk: what each does, where it lies by itself, and what a person may put elsewhere. Pure.

Codes are those of KeyboardEvent.code: the place on the keyboard, whatever an input method makes of it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Key:
    """One act of the keyboard: its name in the page, where it lies at first, and what people read."""

    act: str
    code: str
    text: str


KEYS = (
    Key("pass", "KeyA", "通过、同意（再按回车确认）"),
    Key("back", "KeyB", "退回（再按回车确认）"),
    Key("refuse", "KeyN", "不通过"),
    Key("fit", "KeyY", "当前材料合格"),
    Key("defect", "KeyX", "当前材料有问题（再按数字选理由）"),
    Key("next", "KeyG", "下一件"),
    Key("undo", "KeyU", "撤销刚才的办理（30秒内）"),
    Key("hold", "KeyH", "放回待受理"),
    Key("note", "KeyM", "写备注"),
    Key("mark", "KeyK", "在页面上画框"),
    Key("turn", "KeyR", "旋转"),
    Key("two", "KeyD", "单页、双页"),
    Key("compare", "KeyC", "与之前交的对照"),
)
_KEY = {key.act: key for key in KEYS}
# Digits choose, and the rest is the browser's or the page's own.
_FREE = re.compile(r"Key[A-Z]|F[2-4]|F[6-9]|Comma|Period|Slash|Semicolon|Quote|BracketLeft|BracketRight|Backslash")


def clean_keys(wanted: Mapping[str, str]) -> tuple[dict[str, str], str]:
    """What differs from the usual places, and what is wrong with it as a sentence (empty: nothing)."""
    codes = {key.act: (wanted.get(key.act) or key.code).strip() for key in KEYS}
    for act, code in codes.items():
        if not _FREE.fullmatch(code):
            return {}, f"“{_KEY[act].text}”不能用这个键。可以用字母键和标点键。"
    if len(set(codes.values())) < len(codes):
        double = next(code for code in codes.values() if list(codes.values()).count(code) > 1)
        return {}, f"{name_of(double)} 键用了两次。每个操作请用不同的键。"
    return {act: code for act, code in codes.items() if code != _KEY[act].code}, ""


def name_of(code: str) -> str:
    """What stands on the key."""
    marks = {
        "Comma": "，", "Period": "。", "Slash": "/", "Semicolon": "；", "Quote": "'", "BracketLeft": "[",
        "BracketRight": "]", "Backslash": "\\",
    }  # fmt: skip
    return marks.get(code, code.removeprefix("Key"))


def keys_of(changed: Mapping[str, str]) -> dict[str, str]:
    """Where every act lies for a person who has changed these."""
    return {key.act: changed.get(key.act, key.code) for key in KEYS}
