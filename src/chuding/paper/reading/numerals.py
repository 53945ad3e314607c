"""Days as papers write them: 2018年6月20日, 二〇一八年六月二十日, and what an eye makes of the latter."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

# A zero is written 〇, ○, 零 or O, and read as any of them, as 0, or not at all.
_ZERO = "〇○◯零Oo0□"  # full-width ones are narrow by now, see text.plain
_DIGIT = {
    **dict.fromkeys(_ZERO, 0), "一": 1, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9,
    "壹": 1, "贰": 2, "叁": 3, "肆": 4, "伍": 5, "陆": 6, "柒": 7, "捌": 8, "玖": 9, "两": 2, "1": 1, "2": 2, "3": 3, "4": 4,
    "5": 5, "6": 6, "7": 7, "8": 8, "9": 9,
}  # fmt: skip
_TEN = "十拾"
_NUMERAL = "".join(_DIGIT) + _TEN
# Two figures of a day stand for themselves where a seal lies over the 日; of one figure, or a numeral, more may be under it.
_DAY = re.compile(
    rf"([{_NUMERAL}]{{2,4}})年([{_NUMERAL}]{{1,3}})月(?:份|([{_NUMERAL}]{{1,4}})[日号]|([0-9]{{2}})(?![0-9人名个]))?"
)
_PLAIN = re.compile(r"(?<![0-9])((?:19|20)[0-9]{2})[-./]([0-9]{1,2})(?:[-./]([0-9]{1,2}))?(?![0-9])")
_FIRST, _LAST = 1930, 2060


@dataclass(frozen=True)
class WrittenDay:
    """A day found in a text from `start` to `end`; `day` is the first of the month where no day stands (`whole` False)."""

    day: date
    whole: bool
    start: int
    end: int


def days_in(text: str) -> Iterator[WrittenDay]:
    """Every day or month in a text, in order; what is no day of 1930 to 2060 is passed over."""
    for found in sorted([*_DAY.finditer(text), *_PLAIN.finditer(text)], key=lambda match: match.start()):
        year, month = _year(found[1]), _small(found[2])
        written = next((part for part in found.groups()[2:] if part), None)
        day = _small(written) if written else None
        if year is None or month is None or (written and day is None):
            continue
        try:
            yield WrittenDay(date(year, month, day or 1), day is not None, found.start(), found.end())
        except ValueError:
            continue


def _year(words: str) -> int | None:
    """Four digits, or fewer of a year after 2000 whose 〇, or 二 before it, the eye has dropped."""
    if any(sign in _TEN for sign in words):
        return None
    digits = [_DIGIT[sign] for sign in words]
    if len(digits) == 3 and not digits[0]:
        digits = [2, *digits]  # 〇二四: no other thousand has a 〇 behind it
    if len(digits) in {2, 3} and digits[0] == 2:
        # 二一九 is 2019 and 二五 is 2005, but 二〇一 may be 2001 or 2010: then nothing is said.
        rest = [digit for digit in digits[1:] if digit]
        if len(rest) == 2 or (len(digits) == 3 and digits[1] and not digits[2]):
            digits = [2, 0, *digits[1:]]
        elif len(rest) == 1 and rest[0] > 2:
            digits = [2, 0, 0, *rest]
    if len(digits) != 4:
        return None
    year = int("".join(map(str, digits)))
    return year if _FIRST <= year <= _LAST else None


def _small(words: str) -> int | None:
    """1 to 31: 6, 06, 六, 十二, 二十, 二十三, 三十一, and 二三 with its ten dropped."""
    if not any(sign in _TEN for sign in words):
        if len(words) > 2:
            return None
        return int("".join(str(_DIGIT[sign]) for sign in words)) or None
    tens, _, units = re.sub(f"[{_TEN}]", "十", words).partition("十")
    if len(tens) > 1 or len(units) > 1 or "十" in units:
        return None
    return 10 * (_DIGIT[tens] if tens else 1) + (_DIGIT[units] if units else 0)
