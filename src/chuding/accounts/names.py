"""People's names as they are on the document: any Chinese character, 间隔号, Latin names. Pure (GB 18030-2022, A50)."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

LONGEST = 50
DOT = "·"
# A character that no input method at hand gives may be written by its code: 王U+4DAE.
_CODED = re.compile(r"U\+([0-9A-F]{4,6})(?![0-9A-F])", re.IGNORECASE)
# Every dot that input methods give for the one between the parts of a name (domain.md 5.7).
_DOTS = dict.fromkeys(map(ord, "•・．‧∙⋅･\u0387"), DOT)
_HAN = (
    (0x3007, 0x3007),  # 〇
    (0x3400, 0x4DBF),  # extension A
    (0x4E00, 0x9FFF),
    (0xF900, 0xFAFF),  # the twelve that NFC leaves
    (0x20000, 0x3FFFF),  # planes 2 and 3: extensions B to J and what is yet to come
)


# Scripts that stand on identity cards beside the Chinese name; no font of ours draws them (docs/names.md).
_SCRIPTS = {
    "TIBETAN": "藏文",
    "MONGOLIAN": "蒙古文",
    "ARABIC": "维吾尔文或哈萨克文的字母",
    "YI ": "彝文",
    "TAI LE": "傣文",
    "NEW TAI LUE": "傣文",
    "LISU": "傈僳文",
    "MIAO": "苗文",
    "HANGUL": "朝鲜文",
}


def few_names(names: Sequence[str]) -> str:
    """Who is meant, for a sentence: the first five, and how many they are where there are more."""
    return "、".join(names[:5]) + (f"等{len(names)}人" if len(names) > 5 else "")


def same_spelling(name: str) -> str:
    """What two spellings of one name have in common, for finding a person again and never for showing.

    Full width, case, accents and what stands between the parts are made one, traditional characters simplified (the
    document of one place writes 張, of another 张), and the words of a Latin name put in order (DOE JOHN, John Doe).
    """
    plain = unicodedata.normalize("NFKD", _plain(unicodedata.normalize("NFKC", name))).casefold()
    plain = "".join(c for c in plain if unicodedata.category(c) != "Mn").translate(simplified())
    words = re.findall(r"\w+", plain)
    return "".join(words) if any(is_han(c) for c in plain) else " ".join(sorted(words))


# What printers set where they lack a character (the geta mark, U+3013): here, until an officer has put in the real one.
PLACEHOLDER = "〓"


@cache
def simplified() -> dict[int, str]:
    """Every traditional character that OpenCC simplifies by itself, and what to; `simplified.txt` is made by tools/make_simplified.py."""
    pairs = (resources.files("chuding.accounts") / "simplified.txt").read_text(encoding="utf-8").split()
    return {ord(pair[0]): pair[1] for pair in pairs}


def is_han(character: str) -> bool:
    """Whether this is a Chinese character, in any extension."""
    return any(low <= ord(character) <= high for low, high in _HAN)


def clean_name(text: str, *, pictured: bool = False) -> tuple[str, str | None]:
    """The name in canonical form and what is wrong with it, or None.

    `pictured`: how a character is written was handed in as a picture, so that PLACEHOLDER may stand for it.

    A Chinese character may be written by its code (U+4DAE). NFC, never NFKC (which would change characters); invisible
    characters and glyph selectors go, every middle dot becomes U+00B7, spaces go between Chinese characters and shrink to one between words. At most 50 characters.
    """
    name = _plain(text)
    while (decoded := _plain(_CODED.sub(_character, name))) != name:
        name = decoded
    # For every rule it is the Chinese character that it stands for.
    return name, _problem_with(name.replace(PLACEHOLDER, chr(0x4E00)) if pictured else name)


def _character(found: re.Match[str]) -> str:
    code = int(found[1], 16)
    return chr(code) if code <= 0x10FFFF and is_han(chr(code)) else found[0]


def _plain(text: str) -> str:
    name = unicodedata.normalize("NFC", text).translate(_DOTS)
    name = "".join(c for c in name if not _is_invisible(c))
    name = re.sub(r"\s+", " ", name).strip()
    if any(is_han(c) for c in name):
        name = name.replace(" ", "").replace(".", DOT)
    return re.sub(rf" ?{DOT} ?", DOT, name)


def _is_invisible(character: str) -> bool:
    selector = 0xFE00 <= ord(character) <= 0xFE0F or 0xE0100 <= ord(character) <= 0xE01EF
    return selector or (unicodedata.category(character) in {"Cf", "Cc"} and not character.isspace())


def _problem_with(name: str) -> str | None:
    if not name:
        return "请输入姓名，与证件上的完全一致。"
    if len(name) > LONGEST:
        return f"姓名最多{LONGEST}个字，您输入了{len(name)}个。请只填证件上的姓名。"
    if strange := next((c for c in name if not _belongs(c)), None):
        return _problem_with_character(strange)
    if name[0] == DOT or name[-1] == DOT or DOT * 2 in name:
        return "“·”要写在两部分姓名的中间，不能在开头、结尾或连着写。"
    return _problem_with_script(name)


def _problem_with_script(name: str) -> str | None:
    chinese = any(is_han(c) for c in name)
    if chinese and any(c.isascii() for c in name):
        return "姓名里同时有汉字和字母。请按证件填写其中一种。"
    if sum(c.isalpha() or is_han(c) for c in name) < 2:
        return "请填写证件上的完整姓名，至少2个字。"
    return None


def _belongs(character: str) -> bool:
    # The two turned commas are letters of Uzbek and Hawaiian names.
    if is_han(character) or character in f"{DOT} -'’.\u02bb\u02bc":
        return True
    named = unicodedata.name(character, "")
    return (character.isalpha() and named.startswith("LATIN")) or (
        unicodedata.category(character) == "Mn" and named.startswith("COMBINING")
    )


def _problem_with_character(character: str) -> str:
    if unicodedata.category(character) == "Co":
        return "姓名里有一个只在您的电脑上能显示的自造字。请换用标准输入法的这个字，或写它的编码（例如 U+4DAE）。"
    if character.isdigit():
        return f"姓名里不能有数字“{character}”。请按证件填写。"
    if character == PLACEHOLDER:
        return f"用“{PLACEHOLDER}”代替打不出的字，要先上传这个字的写法。请点姓名下面的“有的字输不出来？”。"
    if character in "*\uff0a?？□\ufffd":
        return f"姓名里不能用“{character}”代替打不出的字。请用手写输入法输入，或写它的编码（例如 U+4DAE）。"
    if script := next(
        (ours for name, ours in _SCRIPTS.items() if unicodedata.name(character, "").startswith(name)), None
    ):
        return f"姓名里的“{character}”（U+{ord(character):04X}）是{script}，证书上印不出来。请填证件上的汉字姓名，各部分之间用“·”隔开。"
    return f"姓名里不能有“{character}”。请按证件填写，各部分之间用“·”隔开。"
