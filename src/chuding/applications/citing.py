"""What a page cites of the notice in hand: the clauses that speak of a matter, and how a sentence names them.

What a notice does not state is not cited: the names are empty then, and a sentence stands without its bracket, or not at all.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from django.utils.translation import gettext

from chuding.applications.material_kinds import Kind, decided_by, kind_of
from chuding.policy.conditions import facts_of
from chuding.policy.named import examined

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from chuding.policy.notice import MaterialRule, Notice

SHIPS = "船舶"
_BUILDING_SHIPS = "船舶与海洋工程"
NO_EXCEPTIONS = "不得擅自开口子"
_LABEL = re.compile(r"([一二三四五六七八九十]+)(?:\(([一二三四五六七八九十]+)\))?(\d+)?(注)?")


def _chapter(label: str) -> str:
    """二 of 二(一)注; a label of another kind is its own."""
    return found[1] if (found := _LABEL.fullmatch(label)) else label


def _gathered(notice: Notice, labels: Iterable[str]) -> tuple[str, ...]:
    """Each clause once; several of one chapter are cited as the chapter."""
    chapters: dict[str, list[str]] = {}
    for label in dict.fromkeys(labels):
        chapters.setdefault(_chapter(label), []).append(label)
    known = {clause.label for clause in notice.clauses}
    cited: list[str] = []
    for chapter, within in chapters.items():
        cited += [chapter] if len(within) > 1 and chapter in known else within
    return tuple(cited)


@lru_cache(maxsize=256)
def clauses_about(notice: Notice, *facts: str) -> tuple[str, ...]:
    """The clauses of the conditions of everyone that ask one of these facts."""
    asking = [gate for gate in notice.gates if not set(facts).isdisjoint(facts_of(gate.condition))]
    return _gathered(
        notice, (each.label for gate in asking for each in (gate.clause, *(also for also, _ in gate.also)))
    )


def clauses_examining(notice: Notice, specialty: str | None = None) -> tuple[str, ...]:
    """The clauses that leave specialties (None: any) to an examination; none where the notice has no such."""
    found = ((gate.clause.label, examined([gate.condition])) for gate in notice.gates)
    return _gathered(notice, (label for label, names in found if (names if specialty is None else specialty in names)))


def builds_ships(notice: Notice) -> bool:
    """Whether its catalogue has the specialty that is taken for the examined one."""
    return _BUILDING_SHIPS in notice.catalogue.series()


def clauses_dividing(notice: Notice) -> tuple[str, ...]:
    """The clauses that say which administrative division an application is for."""
    return _gathered(notice, (entry.clause for entry in notice.entry.divisions))


def clauses_approving(notice: Notice, tier: str) -> tuple[str, ...]:
    """The clauses that say who approves a tier (初级, 中级)."""
    return _gathered(notice, (entry.clause for entry in notice.entry.authorities if entry.tier == tier))


def _saying(notice: Notice, *words: str) -> Iterator[str]:
    """The clauses whose text has all these words: for what no notice's data name."""
    return (clause.label for clause in notice.clauses if all(word in clause.text for word in words))


def clauses_filing(notice: Notice) -> tuple[str, ...]:
    """The first clause that says that the printed form goes into the personal file."""
    return tuple(_saying(notice, "申报表", "档案"))[:1]


def clauses_against_exceptions(notice: Notice) -> tuple[str, ...]:
    """The clause that forbids to confer what no condition grants."""
    return tuple(_saying(notice, NO_EXCEPTIONS))[:1]


def clauses_on_learning(notice: Notice) -> tuple[str, ...]:
    """The first clause on continuing education, where the notice welcomes it without asking for it."""
    welcome = any(kind_of(rule) is Kind.LEARNING and rule.required is False for rule in notice.materials)
    return tuple(_saying(notice, "继续教育"))[:1] if welcome else ()


def material_on(notice: Notice, fact: str) -> MaterialRule | None:
    """The paper that a fact decides on; None where the notice has no such paper."""
    return next((rule for rule in notice.materials if decided_by(rule, fact)), None)


def in_words(label: str) -> str:
    """一(三) as a sentence says it: 第一条第三款; what is no such label stays as it is."""
    found = _LABEL.fullmatch(label)
    if found is None:
        return label
    chapter, clause, item, note = found.groups()
    said = gettext("第%(number)s条") % {"number": chapter}
    said += gettext("第%(number)s款") % {"number": clause} if clause else ""
    said += gettext("第%(number)s项") % {"number": item} if item else ""
    return said + (note or "")


def named(labels: Iterable[str]) -> str:
    """第一条、第四条第一款: clauses within a sentence, in the language of the page; "" for none."""
    return gettext("、").join(map(in_words, labels))


def cited(labels: Iterable[str]) -> str:
    """（通知第一条第三款）: clauses behind a sentence, in the language of the page; "" for none."""
    names = named(labels)
    return gettext("（通知%(clauses)s）") % {"clauses": names} if names else ""
