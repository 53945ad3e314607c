"""Give the pasted text of a notice its anchors: one before each numbered clause and each named part, to be looked over.

Only whole lines are recognised, and no word of the text is changed. A note inside a clause (二(一)注) has no number in the
text: its anchor is set by hand.
"""

from __future__ import annotations

import re
from typing import Final

_NUMERALS: Final = "零一二三四五六七八九十"
_CHAPTER: Final = re.compile(r"^#*\s*\**([一二三四五六七八九十]{1,3})、")
_CLAUSE: Final = re.compile(r"^#*\s*\**[（(]([一二三四五六七八九十]{1,3})[）)]")
_ITEM: Final = re.compile(r"^(?:- )?(\d{1,2})[.．、]")
_NUMBER: Final = re.compile(r"^\S{1,20}[〔\[]20\d\d[〕\]]\s*\d+\s*号$")
_ADDRESSEE: Final = re.compile(r"^各.{1,30}[：:]$")
_DAY: Final = re.compile(r"^20\d\d\s*年\s*\d{1,2}\s*月\s*\d{1,2}\s*日$")


def numeral(words: str) -> int:
    """十二 is 12; 0 for what is no numeral up to 99."""
    tens, mark, ones = words.partition("十")
    if not mark:
        return _NUMERALS.index(words) if len(words) == 1 and words in _NUMERALS else 0
    return (_NUMERALS.index(tens) if tens else 1) * 10 + (_NUMERALS.index(ones) if ones else 0)


def anchored(text: str) -> str:
    """The text with an anchor line before every clause that is recognised; as it is where it has anchors already."""
    if '<a id="' in text:
        return text
    marker = _Marker()
    return "".join(f"{marker.mark(line)}{line}\n" for line in text.rstrip("\n").split("\n"))


class _Marker:
    """Reads line by line and remembers which chapter and clause it is in."""

    def __init__(self) -> None:
        self._chapter = self._clause = 0
        self._seen: set[str] = set()

    def mark(self, line: str) -> str:
        anchor = self._anchor(line.strip())
        if not anchor or anchor in self._seen:
            return ""
        self._seen.add(anchor)
        return f'<a id="{anchor}"></a>\n'

    def _anchor(self, line: str) -> str:
        if found := _CHAPTER.match(line):
            self._chapter, self._clause = numeral(found[1]), 0
            return str(self._chapter) if self._chapter else ""
        if (found := _CLAUSE.match(line)) and self._chapter:
            self._clause = numeral(found[1])
            return f"{self._chapter}-{self._clause}" if self._clause else ""
        if (found := _ITEM.match(line)) and self._chapter and self._clause and int(found[1]):
            return f"{self._chapter}-{self._clause}-{int(found[1])}"
        return self._head(line) if not self._chapter else self._foot(line)

    def _head(self, line: str) -> str:
        bare = line.lstrip("# ").strip("*")
        if not bare:
            return ""
        if _NUMBER.match(bare):
            return "number"
        if bare.startswith("关于"):
            return "title"
        if _ADDRESSEE.match(bare):
            return "preamble"
        return "issuer" if not self._seen else ""

    def _foot(self, line: str) -> str:
        bare = line.lstrip("# ").strip("*")
        if bare.startswith("抄送"):
            return "copies"
        if bare.rstrip("：: ") == "附件" and ("signature" in self._seen or "enclosure" in self._seen):
            return "annex"
        if bare.startswith("附件"):
            return "enclosure"
        return "signature" if _DAY.match(bare) and "signature" not in self._seen else ""
