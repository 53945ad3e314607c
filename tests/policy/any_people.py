"""Invented facts of every kind, as hypothesis draws them; half of the people pass the gates."""

from __future__ import annotations

from datetime import date
from typing import Any, get_args

from hypothesis import strategies as st

from chuding.policy.facts import CredentialKind, Engagement, HeldLevel, Identity, Permit, read_facts
from chuding.policy.notice import list_notices, load_notice

NOTICES = [load_notice(identifier) for identifier in list_notices()]
PATHS = [choice.path for notice in NOTICES for choice in notice.catalogue.choices()[:3]] + ["会计"]


def known(*values: Any) -> st.SearchStrategy[Any]:
    return st.sampled_from([*values, None])


def days(first: int = 2015, last: int = 2026) -> st.SearchStrategy[str | None]:
    day = st.dates(date(first, 1, 1), date(last, 12, 31)).map(date.isoformat)
    return day | day.map(lambda text: text[:7]) | st.sampled_from(["2020-02-29", "2019-12-31", "2020-01-01", None])


def period(start: str, end: str) -> st.SearchStrategy[dict[str, Any]]:
    return st.tuples(days(), days()).map(
        lambda pair: {start: pair[0], end: None if None in pair or (pair[1] or "") <= (pair[0] or "") else pair[1]}
    )


def lists(records: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[list[dict[str, Any]] | None]:
    return st.none() | st.lists(records, max_size=4)


TRUTH = known(True, False)
FACTS = {
    "filed_on": days(2022, 2025),
    "specialty": known(*PATHS),
    "identity": known(*get_args(Identity)),
    "permit": known(*get_args(Permit)),
    "works_in_jurisdiction": TRUTH,
    "engagement": known(*get_args(Engagement)),
    "civil_servant": TRUTH,
    "retired_on": days() | st.just("never"),
    "sanctions": lists(period("from", "until")),
    "credentials": lists(
        st.fixed_dictionaries(
            {
                "kind": known(*get_args(CredentialKind)),
                "awarded_on": days(),
                "field_matches": TRUTH,
                "full_time": TRUTH,
            }
        )
    ),
    "work": lists(period("from", "to")),
    "titles": lists(st.fixed_dictionaries({"level": known(*get_args(HeldLevel)), "held_since": days()})),
    "assessed_fit": TRUTH,
    "established_post": TRUTH,
    "established_post_since": days(),
    "social_insurance_found": TRUTH,
    "continuing_education_hours": known(0, 50, 90),
    "social_insurance_months": known(0, 11, 12),
}
# Half of them pass the gates, so that the rows decide.
PASSING = {
    "filed_on": st.dates(date(2022, 1, 1), date(2025, 1, 1)).map(date.isoformat),
    "identity": st.just("mainland"),
    "works_in_jurisdiction": st.just(True),
    "engagement": st.just("employment_contract"),
    "civil_servant": st.just(False),
    "retired_on": st.just("never"),
    "sanctions": st.just([]),
    "assessed_fit": st.just(True),
}
PEOPLE = (st.fixed_dictionaries(FACTS) | st.fixed_dictionaries({**FACTS, **PASSING})).map(read_facts)
