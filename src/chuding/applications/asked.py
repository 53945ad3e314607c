"""What only some notices ask of a person, and the schoolings that a notice knows: what its pages offer and demand."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from chuding.applications.education_choices import Schooling
from chuding.applications.models import Permit
from chuding.policy.simulate import facts_asked

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

    from chuding.policy.notice import Notice

FULL_TIME = "full_time"
TITLES = "titles"
HOURS = "continuing_education_hours"
MONTHS = "social_insurance_months"
#: What may bar somebody from applying at all, each question of the identity page and the fact that it states.
BARRING = {"civil_servant": "civil_servant", "retired": "retired_on", "sanctioned": "sanctions"}


@lru_cache(maxsize=32)
def asked_by_some(notice: Notice) -> frozenset[str]:
    """Which of the facts that only some notices ask this one does ask (policy.md §0.8)."""
    asked = facts_asked(notice)
    titles = {TITLES} if any(fact.startswith("title.") for fact in asked) else set()
    return frozenset((asked & {FULL_TIME, HOURS, MONTHS}) | titles)


@lru_cache(maxsize=32)
def asks_any(notice: Notice, facts: tuple[str, ...]) -> bool:
    """Whether the notice asks anyone for one of these facts."""
    return not (facts_asked(notice) | asked_by_some(notice)).isdisjoint(facts)


def barring_asked(notice: Notice) -> tuple[str, ...]:
    """Those of BARRING that some condition of the notice looks at: nobody is asked the others."""
    return tuple(question for question, fact in BARRING.items() if asks_any(notice, (fact,)))


@lru_cache(maxsize=32)
def schoolings_of(notice: Notice) -> tuple[tuple[str, str], ...]:
    """The schoolings to choose from: those that every notice knows, and those that this one names (凭, 等同)."""
    return tuple((value, str(label)) for value, label in Schooling.choices if value in notice.entry.kinds)


def permits_of(notice: Notice) -> tuple[tuple[str, StrOrPromise], ...]:
    """The permits of foreign nationals to choose from: those that the notice accepts, else those of the contract; and none."""
    known = {str(each): each.label for each in Permit if each is not Permit.NONE}
    accepted = {code: known.get(code, code) for code in notice.permits} or known
    return (*accepted.items(), (str(Permit.NONE), _("都没有")))
