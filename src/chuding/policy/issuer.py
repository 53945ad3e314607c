"""Whose notice it is, read from its head (发文机关, 文件, 标题): the city, what it is about, and the offices' names and marks.

Every page, letter and document takes them from here, so that a platform of another city says that city's names.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pypinyin import Style, lazy_pinyin

from chuding.policy.source import NoticeError, read_yaml
from chuding.policy.speech import phrase

if TYPE_CHECKING:
    from pathlib import Path

#: Where a notice's head names no city: its own “我市”.
THIS_CITY: Final = phrase("本市").pattern
#: The initials of 职称, where the notice names no city.
_NOWHERE: Final = "ZC"
_PROVINCE: Final = r"(?:[^市州盟县区]{2,6}(?:省|自治区))?"
_CITY: Final = re.compile(rf"{_PROVINCE}([^市]{{2,12}}?(?:市|自治州|地区|盟|自治县|县))")
_ABOUT: Final = re.compile(r"年度(.*?)职称初定")
_NUMBER: Final = re.compile(r"(\w+)〔(\d{4})〕\s*(\d+)\s*号")


def city_of(issuer: str) -> str:
    """镇江市 of 镇江市职工技术协会; 本市 where the name does not begin with a place."""
    found = _CITY.match(issuer)
    return found[1] if found else THIS_CITY


def place_of(city: str) -> str:
    """镇江 of 镇江市: the city as a sentence names it (在镇江工作)."""
    return city if city == THIS_CITY else city.removesuffix("市")


def about_of(title: str) -> str:
    """综合工程专业 of 关于做好我市2024年度综合工程专业职称初定工作的通知; "" where the title names none."""
    found = _ABOUT.search(title)
    return found[1] if found else ""


@dataclass(frozen=True, slots=True)
class Contact:
    """Whom to ask (九)."""

    name: str
    telephone: str
    wechat: str


@dataclass(frozen=True, slots=True)
class Issuer:
    """The head of a notice as the offices of an installation need it: who issued it, under which number, whom one calls."""

    name: str
    number: str = ""
    telephone: str = ""

    @property
    def city(self) -> str:
        """The city."""
        return city_of(self.name)

    @property
    def number_letters(self) -> str:
        """What the numbers of its files begin with: the initials of the place's first two characters, and CD (初定)."""
        place = "" if self.city == THIS_CITY else place_of(self.city)[:2]
        initials = "".join(lazy_pinyin(place, style=Style.FIRST_LETTER, errors="ignore")).upper()
        return f"{initials if len(initials) == len(_NOWHERE) else _NOWHERE}CD"

    @property
    def offices(self) -> dict[str, str]:
        """What the two offices are called: the association is who issued the notice, the city's has its usual name."""
        return {"association": self.name, "city": f"{self.city}职称（职业资格）工作领导小组办公室"}

    @property
    def document_numbers(self) -> dict[str, str]:
        """The form of each office's document numbers: the association's as the notice has it, the city's beside it."""
        found = _NUMBER.fullmatch(self.number)
        association, city = (found[1], found[1][0]) if found else (f"{self.city}技协", self.city)
        return {
            "association": f"{association}〔{{year}}〕{{serial}}号",
            "city": f"{city}职称办〔{{year}}〕{{serial}}号",
        }

    @property
    def first_serials(self) -> dict[str, dict[int, int]]:
        """The first serial of a year that is free: the association's notice itself took one."""
        found = _NUMBER.fullmatch(self.number)
        return {"association": {int(found[2]): int(found[3]) + 1} if found else {}, "city": {}}


def issuer_of(file: Path) -> Issuer:
    """The head of a notice.yaml; of one that is missing or broken, nobody: whoever loads that notice says what is wrong."""
    try:
        head = read_yaml(file.read_text(encoding="utf-8"), file.name).data
    except (OSError, ValueError, NoticeError):
        head = {}
    contact = head.get("联系")
    telephone = contact.get("电话") if isinstance(contact, dict) else ""
    return Issuer(str(head.get("发文机关") or ""), str(head.get("文件") or ""), str(telephone or ""))
