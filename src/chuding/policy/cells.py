"""Boundary people of a notice: every threshold one day before, on and after it, every listed value, and unknown.

Every condition is a threshold on one fact, so these representatives stand for everyone. They are derived from the
notice's own lists, never written by hand.
"""

from __future__ import annotations

from datetime import date, timedelta
from itertools import product
from typing import TYPE_CHECKING, Any, Final, get_args

from chuding.policy.dates import latest_start
from chuding.policy.facts import CredentialKind, Engagement, Facts, Identity, Permit

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from chuding.policy.notice import Notice

_DAY: Final = timedelta(days=1)
_TRUTHS: Final = (True, False, None)


def _around(day: date) -> tuple[date, date, date]:
    return day - _DAY, day, day + _DAY


def _filing_day(notice: Notice) -> date:
    return notice.window.start + (notice.window.end - notice.window.start) / 2


def base_person(notice: Notice) -> dict[str, Any]:
    """Someone whom no gate stops: facts of the contract, to vary from."""
    filed = _filing_day(notice)
    return {
        "filed_on": filed,
        "specialty": notice.catalogue.choices()[0].path,
        "identity": "mainland",
        "permit": "none",
        "works_in_jurisdiction": True,
        "engagement": "employment_contract",
        "civil_servant": False,
        "retired_on": "never",
        "sanctions": [],
        "credentials": [],
        "work": [{"from": filed.replace(year=filed.year - 8), "to": None}],
        "assessed_fit": True,
        "established_post": False,
        "established_post_since": None,
        "social_insurance_found": True,
    }


def _years(notice: Notice) -> tuple[int, ...]:
    """The years rows ask for, and one more and fewer: a mutant shifts by one."""
    asked = {row.entry.years for row in notice.rows if row.entry.years}
    return tuple(sorted({years + shift for years in asked for shift in (-1, 0, 1)} - {0}))


def _credential_people(notice: Notice) -> Iterator[dict[str, Any]]:
    """Kind × day of award × field × work: the decision table's own space."""
    filed = _filing_day(notice)
    cutoffs = {row.entry.awarded_by for row in notice.rows if row.entry.awarded_by is not None}
    old, fresh = filed.replace(year=filed.year - 10), filed
    awards = sorted({old, *_around(fresh), *(day for cutoff in cutoffs for day in _around(cutoff))})
    work: list[list[dict[str, Any]] | None] = [None, [], [{"from": old, "to": filed - _DAY}]]
    for years in _years(notice):
        start = date.fromordinal(latest_start(filed.toordinal(), years))
        work += [[{"from": day, "to": None}] for day in _around(start)]
        pause = start + timedelta(days=90)
        work.append([{"from": start - timedelta(days=30), "to": pause}, {"from": pause + 30 * _DAY, "to": None}])
        work.append([{"from": start, "to": pause}, {"from": pause + _DAY, "to": None}])
    for kind, awarded, matches, spells in product((*get_args(CredentialKind), None), awards, _TRUTHS, work):
        yield {
            "credentials": [{"kind": kind, "awarded_on": awarded, "field_matches": matches}],
            "work": spells,
        }
    yield {"credentials": None}
    yield {"credentials": []}


def _values(notice: Notice) -> dict[str, tuple[Any, ...]]:
    """Every value of every fact that gates and materials look at, one period around each boundary."""
    filed = _filing_day(notice)
    long_ago = filed.replace(year=filed.year - 5)
    periods = [(long_ago, day) for day in _around(filed)] + [(day, None) for day in _around(filed)]
    held = [date.fromordinal(latest_start(filed.toordinal(), years)) for years in (1, 2)]
    return {
        "filed_on": (None, *_around(notice.window.start), *_around(notice.window.end)),
        "specialty": (None, *(choice.path for choice in notice.catalogue.choices()), *sorted(notice.examined)),
        "works_in_jurisdiction": _TRUTHS,
        "engagement": (None, *get_args(Engagement)),
        "civil_servant": _TRUTHS,
        "retired_on": (None, "never", *_around(filed)),
        "sanctions": (None, *([{"from": first, "until": end}] for first, end in periods)),
        "work": (None, [], *([{"from": first, "to": end}] for first, end in periods)),
        "assessed_fit": _TRUTHS,
        "social_insurance_found": _TRUTHS,
        "established_post_since": (None, *(day for start in held for day in _around(start))),
    }


def _gate_people(notice: Notice) -> Iterator[dict[str, Any]]:
    filed = _filing_day(notice)
    holders = [
        {"credentials": [{"kind": kind, "awarded_on": filed.replace(year=filed.year - 8), "field_matches": True}]}
        for kind in dict.fromkeys(row.entry.kinds[0] for row in notice.rows)
    ]
    for holder in holders:
        for fact, values in _values(notice).items():
            yield from ({**holder, fact: value} for value in values)
        for identity, permit in product((None, *get_args(Identity)), (None, *get_args(Permit))):
            yield {**holder, "identity": identity, "permit": permit}
        for post, since in product(_TRUTHS, _values(notice)["established_post_since"]):
            yield {**holder, "established_post": post, "established_post_since": since}


def boundary_people(notice: Notice, *others: Notice) -> tuple[Facts, ...]:
    """The boundary people of the notices together, each once; varied from a person whom no gate stops."""
    people: dict[str, Facts] = {}
    for each in (notice, *others):
        base = base_person(each)
        for varied in (*_credential_people(each), *_gate_people(each)):
            facts = Facts.model_validate(_plain({**base, **varied}))
            people.setdefault(repr(facts), facts)
    return tuple(people.values())


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    return dict(values)
