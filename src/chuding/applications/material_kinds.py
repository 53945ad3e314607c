"""What a material of a notice is, by the words of its own item: a notice may number its materials as it likes. Pure."""

from __future__ import annotations

from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from chuding.policy.conditions import facts_of

if TYPE_CHECKING:
    from chuding.policy.notice import MaterialRule, Notice

#: The fact that the social insurance's answer states.
LOOKED_UP: Final = "social_insurance_found"


class Kind(StrEnum):
    """What the platform knows of a material beyond the notice's words; of OTHER it knows nothing, and asks no more."""

    ENDORSEMENT = "endorsement"
    LEARNING = "continuing education"
    SCHOOLING = "schooling"
    SUMMARY = "summary"
    APPRAISAL = "appraisal"
    INSURANCE = "insurance"
    OTHER = ""


#: The papers that the machine reads.
READ: Final = frozenset({Kind.ENDORSEMENT, Kind.SCHOOLING})
# Looked for in this order; docs/adding-a-notice.md lists them for whoever writes a notice.
_WORDS: Final = {
    Kind.ENDORSEMENT: ("申报证明", "同意申报", "单位证明"),
    Kind.LEARNING: ("继续教育",),
    Kind.SCHOOLING: ("学历", "学位", "毕业证"),
    Kind.SUMMARY: ("工作总结", "业务总结", "技术总结"),
    Kind.APPRAISAL: ("年度考核", "考核表"),
    Kind.INSURANCE: ("社保", "社会保险"),
}


def decided_by(rule: MaterialRule, fact: str) -> bool:
    """Whether this fact decides who gives it."""
    return rule.when is not None and fact in facts_of(rule.when)


def kind_of(rule: MaterialRule) -> Kind:
    """What an item asks for."""
    if decided_by(rule, LOOKED_UP):
        return Kind.INSURANCE
    found = (kind for kind, words in _WORDS.items() if any(word in rule.name for word in words))
    return next(found, Kind.OTHER)


@lru_cache(maxsize=256)
def codes_of(notice: Notice, *kinds: Kind) -> tuple[str, ...]:
    """The numbers of the items that ask for such papers, in the notice's order."""
    return tuple(rule.code for rule in notice.materials if kind_of(rule) in kinds)


def code_of(notice: Notice, kind: Kind) -> str:
    """The number of the first such item; empty where the notice has none."""
    return next(iter(codes_of(notice, kind)), "")


def rule_of(notice: Notice, kind: Kind) -> MaterialRule | None:
    """The first such item; None where the notice has none."""
    return next((rule for rule in notice.materials if kind_of(rule) is kind), None)


@lru_cache(maxsize=1024)
def kind_in(notice: Notice, code: str) -> Kind:
    """What the item of this number asks for; OTHER where the notice has no such item."""
    return next((kind_of(rule) for rule in notice.materials if rule.code == code), Kind.OTHER)
