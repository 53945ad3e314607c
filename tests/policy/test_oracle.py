"""The engine against an oracle written without it: two values, day by day, over every completion of what is missing."""

from copy import deepcopy
from datetime import date
from itertools import product
from typing import Any

import pytest
from dateutil.relativedelta import relativedelta
from hypothesis import example, given, settings
from hypothesis import strategies as st

from chuding.policy.assess import assess
from chuding.policy.facts import read_facts
from chuding.policy.notice import load_notice

EXAMINED = {"经济", "会计", "统计", "审计", "卫生技术", "船舶", "翻译", "出版", "通信"}
PERMITS = {"foreign_work_permit", "foreign_permanent_residence", "jiangsu_overseas_talent"}
TABLE = [
    ("员级", {"大专", "中专"}, 1, False),
    ("助理级", {"大专"}, 3, True),
    ("助理级", {"本科", "学士"}, 1, False),
    ("助理级", {"研究生", "硕士", "第二学士"}, 0, False),
    ("中级", {"研究生", "硕士"}, 3, True),
    ("中级", {"博士"}, 0, False),
]
LEVELS = ("员级", "助理级", "中级")
HORIZON = 500
FAR, AGO = date(2200, 1, 1), date(1900, 1, 1)
FILED = date(2024, 7, 1)


def inside(day: date, periods: list[dict[str, Any]], end: str) -> bool:
    return any(period["from"] <= day and (period[end] is None or day < period[end]) for period in periods)


def completed_on(work: list[dict[str, Any]], since: date, years: int) -> date | None:
    """Day by day: the clock starts on the first day worked since the award and stops while there is no work."""
    starts = [max(spell["from"], since) for spell in work if spell["to"] is None or spell["to"] > since]
    if not starts:
        return None
    day, target = min(starts), None
    while day < FILED + relativedelta(days=HORIZON):
        if target == day:
            return day
        if inside(day, work, "to"):
            target = target or day + relativedelta(years=years)
            # nothing changes inside an open spell until the target
            if day >= FILED and all(spell["to"] is None or spell["to"] <= day for spell in work):
                return target
        elif target is not None:
            target += relativedelta(days=1)
        day += relativedelta(days=1)
    return None


def gates_hold(person: dict[str, Any], day: date) -> bool:
    return (
        person["works_in_jurisdiction"]
        and person["engagement"] in ("employment_contract", "freelance")
        and (person["identity"] != "foreign" or person["permit"] in PERMITS)
        and not person["civil_servant"]
        and (person["retired_on"] == "never" or day < person["retired_on"])
        and not inside(day, person["sanctions"], "until")
        and person["specialty"] not in EXAMINED
        and inside(day, person["work"], "to")
        and person["assessed_fit"]
    )


def granted_days(person: dict[str, Any]) -> dict[str, list[date]]:
    """For each level the days on which some row of the table is fulfilled, gates aside."""
    granted: dict[str, list[date]] = {level: [] for level in LEVELS}
    for credential, (level, kinds, years, transitional) in product(person["credentials"], TABLE):
        awarded = credential["awarded_on"]
        if credential["kind"] not in kinds:
            continue
        if transitional and (awarded > date(2019, 12, 31) or not credential["field_matches"]):
            continue
        day = completed_on(person["work"], awarded, years) if years else awarded
        if day is not None:
            granted[level].append(day)
    return granted


def first_days(person: dict[str, Any]) -> dict[str, date | None]:
    """For each level the first day within the horizon, found by walking."""
    granted = granted_days(person)
    found: dict[str, date | None] = dict.fromkeys(LEVELS)
    for offset in range(HORIZON):
        day = FILED + relativedelta(days=offset)
        if not gates_hold(person, day):
            continue
        for level in LEVELS:
            if found[level] is None and any(start <= day for start in granted[level]):
                found[level] = day
        if None not in found.values():
            break
    return found


#: What a missing fact may turn out to be: the values that matter, at their extremes.
COMPLETIONS: dict[str, list[Any]] = {
    "specialty": ["电力工程/电气工程/电气工程", "船舶"],
    "identity": ["mainland", "hk_macau_taiwan", "foreign"],
    "permit": ["none", "foreign_work_permit"],
    "works_in_jurisdiction": [True, False],
    "engagement": ["employment_contract", "freelance", "none"],
    "civil_servant": [True, False],
    "retired_on": ["never", AGO],
    "sanctions": [[], [{"from": AGO, "until": FAR}]],
    "credentials": [
        [],
        *([{"kind": kind, "awarded_on": AGO, "field_matches": True}] for kind in ("大专", "硕士", "博士")),
    ],
    "work": [[], [{"from": AGO, "to": None}]],
    "assessed_fit": [True, False],
}
KINDS = ("中专", "大专", "本科", "学士", "第二学士", "研究生", "硕士", "博士")


def completions(person: dict[str, Any]) -> list[dict[str, Any]]:
    missing = [fact for fact in COMPLETIONS if person[fact] is None]
    people = []
    for values in product(*(COMPLETIONS[fact] for fact in missing)):
        completed = {**person, **dict(zip(missing, values, strict=True))}
        choices = [credential_completions(credential) for credential in completed["credentials"]]
        people += [{**completed, "credentials": list(chosen)} for chosen in product(*choices)]
    return people


def credential_completions(credential: dict[str, Any]) -> list[dict[str, Any]]:
    kinds = [credential["kind"]] if credential["kind"] else list(KINDS)
    days = [credential["awarded_on"]] if credential["awarded_on"] else [AGO, FAR]
    matches = [credential["field_matches"]] if credential["field_matches"] is not None else [True, False]
    return [
        {"kind": kind, "awarded_on": day, "field_matches": match} for kind, day, match in product(kinds, days, matches)
    ]


NEAR = st.dates(date(2019, 6, 1), date(2025, 3, 1))
EDGES = st.sampled_from([date(2019, 12, 30), date(2019, 12, 31), date(2020, 1, 1), date(2020, 2, 29), FILED])


@st.composite
def periods(draw: st.DrawFn, end: str, open_end: bool) -> list[dict[str, Any]]:
    found = []
    for _ in range(draw(st.integers(0, 3))):
        first = draw(NEAR | EDGES)
        last = draw(st.none() | NEAR | EDGES if open_end else NEAR | EDGES)
        if last is None or first <= last:
            found.append({"from": first, end: last})
    return found


CREDENTIALS = st.lists(
    st.fixed_dictionaries(
        {
            "kind": st.sampled_from(KINDS),
            "awarded_on": NEAR | EDGES,
            "field_matches": st.sampled_from([True, True, False, None]),
        }
    ),
    min_size=1,
    max_size=2,
)


@st.composite
def people(draw: st.DrawFn) -> dict[str, Any]:
    """Someone whom mostly nothing stops, with up to three facts changed and up to three missing."""
    person: dict[str, Any] = {
        "filed_on": FILED,
        "specialty": "电力工程/电气工程/电气工程",
        "identity": "mainland",
        "permit": "none",
        "works_in_jurisdiction": True,
        "engagement": "employment_contract",
        "civil_servant": False,
        "retired_on": draw(st.sampled_from(["never", "never", "never", date(2024, 7, 1), date(2024, 12, 1)])),
        "sanctions": draw(st.just([]) | periods("until", open_end=False)),
        "credentials": draw(CREDENTIALS),
        "work": draw(st.just([{"from": date(2021, 7, 1), "to": None}]) | periods("to", open_end=True)),
        "assessed_fit": True,
    }
    simple = ["specialty", "identity", "permit", "works_in_jurisdiction", "engagement", "civil_servant", "assessed_fit"]
    for fact in draw(st.lists(st.sampled_from(simple), max_size=2, unique=True)):
        person[fact] = draw(st.sampled_from(COMPLETIONS[fact]))
    for fact in draw(st.lists(st.sampled_from(sorted(COMPLETIONS)), max_size=3, unique=True)):
        person[fact] = None
    return person


PLAIN: dict[str, Any] = {
    "filed_on": FILED, "specialty": "电力工程/电气工程/电气工程", "identity": "mainland", "permit": "none",
    "works_in_jurisdiction": True, "engagement": "employment_contract", "civil_servant": False, "retired_on": "never",
    "sanctions": [], "work": [{"from": date(2019, 7, 1), "to": None}], "assessed_fit": True,
}  # fmt: skip


def as_json(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list):
        return [as_json(each) for each in value]
    return {key: as_json(each) for key, each in value.items()} if isinstance(value, dict) else value


@settings(max_examples=60)
@given(person=people())
def test_assess_equals_the_oracle_over_every_completion(person: dict[str, Any]) -> None:
    agree(person)


@pytest.mark.soak
@settings(max_examples=3000)
@given(person=people())
def test_assess_equals_the_oracle_over_many_more(person: dict[str, Any]) -> None:
    agree(person)


def agree(person: dict[str, Any]) -> None:
    report = assess(load_notice("zhenjiang-2024-1"), read_facts(as_json(person)))
    walked = [first_days(each) for each in completions(person)]
    for level, found in report.levels.items():
        days = {each[level.value] for each in walked}
        verdicts = {day == FILED for day in days}
        expected = "unknown" if len(verdicts) > 1 else "yes" if verdicts == {True} else "no"
        assert found.answer == expected
        beyond = found.from_ is not None and found.from_ >= FILED + relativedelta(days=HORIZON)
        if len(days) == 1 and not beyond:
            assert found.from_ == next(iter(days))
        elif len(days) > 1:
            assert found.from_ is None
        if days != {None}:  # a day beyond the horizon may still be open
            assert (found.missing == ()) is (len(days) == 1)


def told(person: dict[str, Any], missing: tuple[str, ...]) -> list[dict[str, Any]]:
    """The person with the facts named as missing told in every way, those of single records too; nothing else is told."""
    values = [MATCHES if path.endswith("].field_matches") else COMPLETIONS[path] for path in missing]
    people = []
    for chosen in product(*values):
        completed = deepcopy(person)
        for path, value in zip(missing, chosen, strict=True):
            if path in COMPLETIONS:
                completed[path] = value
            else:
                completed["credentials"][int(path.partition("[")[2].partition("]")[0])]["field_matches"] = value
        people.append(completed)
    return people


MATCHES = [True, False]


@settings(max_examples=100)
@given(person=people())
@example(person=PLAIN | {"credentials": [{"kind": "硕士", "awarded_on": date(2019, 6, 30), "field_matches": None}]})
def test_missing_facts_once_told_decide(person: dict[str, Any]) -> None:
    """Whatever is not named as missing may stay unknown: telling the named facts settles the answer."""
    report = assess(load_notice("zhenjiang-2024-1"), read_facts(as_json(person)))
    for level, found in report.levels.items():
        if found.answer != "unknown":
            assert found.missing == () or found.answer == "no"  # a later day may still be open
            continue
        answers = {
            assess(load_notice("zhenjiang-2024-1"), read_facts(as_json(completed))).levels[level].answer
            for completed in told(person, found.missing)
        }
        assert "unknown" not in answers
        assert answers == {"yes", "no"}


MONTHS = [(2019, 11), (2019, 12), (2020, 1), (2021, 6), (2021, 7), (2023, 6), (2023, 7), (2024, 6), (2024, 7)]


def in_month(month: tuple[int, int], end: int) -> date:
    """The first day (0) or the last (1) of a month."""
    first = date(*month, 1)
    return first if end == 0 else first + relativedelta(months=1, days=-1)


@settings(max_examples=60)
@given(
    st.sampled_from(KINDS),
    st.sampled_from(MONTHS),
    st.sampled_from(MONTHS),
    st.none() | st.sampled_from(MONTHS[-4:]),
)
def test_month_precision_is_the_span_of_its_days(
    kind: str, awarded: tuple[int, int], started: tuple[int, int], ended: tuple[int, int] | None
) -> None:
    """Known to the month: sure where both extreme days agree, unknown where they do not."""
    if ended is not None and ended <= started:
        ended = None

    def person(award: Any, start: Any, end: Any) -> dict[str, Any]:
        return {
            "filed_on": FILED,
            "specialty": "电力工程/电气工程/电气工程",
            "identity": "mainland",
            "permit": "none",
            "works_in_jurisdiction": True,
            "engagement": "employment_contract",
            "civil_servant": False,
            "retired_on": "never",
            "sanctions": [],
            "credentials": [{"kind": kind, "awarded_on": award, "field_matches": True}],
            "work": [{"from": start, "to": end}],
            "assessed_fit": True,
        }

    def text(month: tuple[int, int] | None) -> str | None:
        return None if month is None else f"{month[0]}-{month[1]:02}"

    report = assess(
        load_notice("zhenjiang-2024-1"), read_facts(as_json(person(text(awarded), text(started), text(ended))))
    )
    ends = (0, 1) if ended else (0,)
    exact = [
        first_days(person(in_month(awarded, a), in_month(started, s), ended and in_month(ended, e)))
        for a, s, e in product((0, 1), (0, 1), ends)
    ]
    for level, found in report.levels.items():
        verdicts = {days[level.value] == FILED for days in exact}
        assert found.answer == ("unknown" if len(verdicts) > 1 else "yes" if verdicts == {True} else "no")
