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
    Key("hand", "KeyT", "转交给别的审核员"),
    Key("page", "Space", "翻页（按住 Shift 往回）"),
    Key("larger", "Equal", "放大"),
    Key("smaller", "Minus", "缩小"),
    Key("whole", "Digit0", "适合宽度"),
    Key("help", "Slash", "打开、关上快捷键说明（? 在这个键上）"),
    *(Key(f"item{n}", f"Digit{n}", f"第{n}项材料；选理由时是第{n}条理由") for n in range(1, 10)),
)
# What a person may do without: no key does it.
OFF = "none"
_KEY = {key.act: key for key in KEYS}
ITEM = "item"
# The rest is the browser's: Enter, Tab, Escape and the arrows work everywhere alike.
_FREE = re.compile(
    r"Key[A-Z]|Digit[0-9]|F[2-4]|F[6-9]|Space|Equal|Minus|Comma|Period|Slash|Semicolon|Quote|BracketLeft|BracketRight"
    r"|Backslash|Backquote|none"
)


def clean_keys(wanted: Mapping[str, str]) -> tuple[dict[str, str], str]:
    """What differs from the usual places, and what is wrong with it as a sentence (empty: nothing)."""
    codes = {key.act: (wanted.get(key.act) or key.code).strip() for key in KEYS}
    for act, code in codes.items():
        if not _FREE.fullmatch(code):
            return {}, f"“{_KEY[act].text}”不能用这个键。可以用字母键、数字键、标点键和空格。"
    used = [code for code in codes.values() if code != OFF]
    if len(set(used)) < len(used):
        double = next(code for code in used if used.count(code) > 1)
        return {}, f"{name_of(double)} 键用了两次。每个操作请用不同的键。"
    return {act: code for act, code in codes.items() if code != _KEY[act].code}, ""


def name_of(code: str) -> str:
    """What stands on the key."""
    marks = {
        "Comma": "，", "Period": "。", "Slash": "/", "Semicolon": "；", "Quote": "'", "BracketLeft": "[",
        "BracketRight": "]", "Backslash": "\\", "Backquote": "`", "Space": "空格", "Equal": "+", "Minus": "-", OFF: "不用",
    }  # fmt: skip
    return marks.get(code, code.removeprefix("Key").removeprefix("Digit"))


def keys_of(changed: Mapping[str, str]) -> dict[str, str]:
    """Where every act lies for a person who has changed these."""
    return {key.act: changed.get(key.act, key.code) for key in KEYS}


def help_rows(codes: Mapping[str, str]) -> list[tuple[str, str]]:
    """What stands on the keys and what it does, for the help; the nine that choose an item in one line."""
    rows = [(name_of(codes[key.act]), key.text) for key in KEYS if not key.act.startswith(ITEM)]
    items = " ".join(name_of(codes[key.act]) for key in KEYS if key.act.startswith(ITEM))
    return [*rows, (items, "看第几项材料；选理由时是第几条理由")]


CHOICES = tuple(
    (code, name_of(code))
    for code in (
        *(f"Key{letter}" for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
        *(f"Digit{n}" for n in range(10)),
        *(f"F{n}" for n in (2, 3, 4, 6, 7, 8, 9)),
        "Space", "Equal", "Minus", "Comma", "Period", "Slash", "Semicolon", "Quote", "BracketLeft", "BracketRight",
        "Backslash", "Backquote", OFF,
    )
)  # fmt: skip
