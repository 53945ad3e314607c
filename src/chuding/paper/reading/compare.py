"""What a paper says beside what was typed: agree, differ, or could not read. It informs and decides nothing."""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from typing import Literal

from chuding.paper.reading.papers import Field, day_of
from chuding.paper.reading.text import plain

Answer = Literal["agree", "differ", "unread"]

_BRACKETS = re.compile(r"[()\[\]《》〈〉]")


def compare(field: Field | None, typed: str) -> Answer:
    """Compare a read field with what was typed, both as text (days as 2018-06-20).

    A difference is only said where the eye was sure of every character and no rare character is at stake: the engine reads
    龚 for 䶮 without a doubt of its own.
    """
    if field is None or not typed:
        return "unread"
    if field.name.endswith("_on"):
        return _days(field, typed)
    read, said = _bare(field.value), _bare(typed)
    if read == said:
        return "agree"
    if not field.spot.sure or _rare(read, said):
        return "unread"
    if field.name in {"school", "employer_name", "major"} and (read in said or said in read):
        # 江苏大学 beside 江苏大学京江学院: neither the same nor another; a person looks.
        return "unread"
    return "differ"


def compare_span(field: Field, first: str, last: str) -> Answer:
    """Compare a read day with the first and last day between which it may lie, as 2018-06-20; a month is enough to lie there."""
    read, begin, end = day_of(field.value), day_of(first), day_of(last)
    if read is None or begin is None or end is None:
        return "unread"
    day, whole = read
    if begin[0] <= day <= end[0] if whole else begin[0].replace(day=1) <= day.replace(day=1) <= end[0]:
        return "agree"
    return "differ" if field.spot.sure else "unread"


def _days(field: Field, typed: str) -> Answer:
    read, said = day_of(field.value), day_of(typed)
    if read is None or said is None:
        return "unread"
    whole = read[1] and said[1]
    same = read[0] == said[0] if whole else (read[0].year, read[0].month) == (said[0].year, said[0].month)
    if same:
        return "agree"
    return "differ" if field.spot.sure else "unread"


def _bare(text: str) -> str:
    return _BRACKETS.sub("", plain(text)).upper().removesuffix("专业").replace("·", "")


def _rare(read: str, said: str) -> bool:
    """Whether the two part at a character outside the everyday ones (GB/T 2312): eyes misread those."""
    parts = SequenceMatcher(None, read, said, autojunk=False).get_opcodes()
    odd = "".join(read[a:b] + said[c:d] for tag, a, b, c, d in parts if tag != "equal")
    try:
        odd.encode("gb2312")
    except UnicodeEncodeError:
        return True
    return False
