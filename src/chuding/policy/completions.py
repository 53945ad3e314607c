"""Values that a missing fact may be given so that it favours a level; each is tried, none is taken for granted."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING, Any, Final, get_args

from chuding.policy.conditions import AtLeast, Stated
from chuding.policy.facts import Engagement, Facts, Identity
from chuding.policy.named import permit_values
from chuding.policy.terms import HELD_NAMES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from chuding.policy.conditions import Condition
    from chuding.policy.notice import Notice
    from chuding.policy.terms import Level

_ELEMENT: Final = re.compile(r"(?P<list>[a-z_]+)\[(?P<index>\d+)\]\.(?P<field>[a-z_]+)")
_LONG: Final = 10  # years that are more than any notice asks
_CHOICES: Final[dict[str, tuple[Any, ...]]] = {
    "identity": get_args(Identity),
    "engagement": get_args(Engagement),
    "retired_on": ("never",),
    "sanctions": ([],),
}

#: What a notice lets these facts be.
_NOTICES_OWN: Final[dict[str, Callable[[Notice], Iterable[str]]]] = {
    "permit": lambda notice: permit_values(notice)[::-1],
    "specialty": lambda notice: (choice.path for choice in notice.catalogue.choices()),
}


def with_fact(facts: Facts, path: str, value: Any) -> Facts:
    """The facts with one changed; `path` as reports name it (`assessed_fit`, `credentials[0].awarded_on`)."""
    record = facts.to_json()
    element = _ELEMENT.fullmatch(path)
    if element is None:
        record[path] = value
    else:
        record[element["list"]][int(element["index"])][element["field"]] = value
    return Facts.model_validate(record)


def stated(facts: Facts, path: str) -> Any:
    """The fact as it stands, as JSON has it."""
    record = facts.to_json()
    element = _ELEMENT.fullmatch(path)
    if element is None:
        return record.get(path)
    return record[element["list"]][int(element["index"])].get(element["field"])


def completions(notice: Notice, facts: Facts, level: Level, path: str) -> Iterator[Any]:
    """Values for a missing fact, likeliest to help first."""
    field = path.rsplit(".", 1)[-1]
    known = stated(facts, path)
    if isinstance(known, str) and known != "never":
        yield from _days_of(known)
        return
    filed = _filing_day(notice, facts)
    long_ago = filed.replace(year=filed.year - _LONG, day=min(filed.day, 28)).isoformat()
    if field in _CHOICES:
        yield from _CHOICES[field]
    elif field in _NOTICES_OWN:
        yield from _NOTICES_OWN[field](notice)
    elif field == "filed_on":
        yield from (window.start.isoformat() for window in notice.windows_of(level))
        yield from (window.end.isoformat() for window in notice.windows_of(level))
    elif field in ("credentials", "titles", "work"):
        yield from _records(notice, level, field, long_ago)
    elif field in ("kind", "level"):
        yield from _kinds(notice, level, titles=field == "level")
    elif field in ("awarded_on", "held_since", "from", "established_post_since"):
        yield from (long_ago, filed.isoformat())
    elif field in ("until", "to"):
        begins = stated(facts, f"{path.rpartition('.')[0]}.from") or ""
        yield max(filed.isoformat(), str(begins))  # no period ends before it begins
    elif totals := [number for gate in notice.gates for number in _totals(gate.condition, field)]:
        yield max(totals)
    else:
        yield from (True, False)


def _filing_day(notice: Notice, facts: Facts) -> date:
    return notice.window.start if facts.filed_on is None else date.fromordinal(facts.filed_on.first)


def _days_of(month: str) -> Iterator[str]:
    """The first and the last day of a month known only so."""
    year, number = (int(part) for part in month.split("-")[:2])
    first = date(year, number, 1)
    following = date(year + number // 12, number % 12 + 1, 1)
    yield from (first.isoformat(), date.fromordinal(following.toordinal() - 1).isoformat())


def _kinds(notice: Notice, level: Level, *, titles: bool) -> Iterator[str]:
    for row in notice.rows:
        if row.level == level:
            yield from (kind for kind in (*row.entry.kinds, *row.entry.also_held) if (kind in HELD_NAMES) == titles)


def _records(notice: Notice, level: Level, field: str, day: str) -> Iterator[list[dict[str, Any]]]:
    if field == "work":
        yield [{"from": day, "to": None}]
        return
    for kind in dict.fromkeys(_kinds(notice, level, titles=field == "titles")):
        if field == "titles":
            yield [{"level": kind, "held_since": day}]
        else:
            yield [{"kind": kind, "awarded_on": day, "field_matches": True, "full_time": True}]
    yield []


def _totals(condition: Condition, fact: str) -> Iterator[int]:
    if isinstance(condition, Stated) and condition.fact == fact and isinstance(condition.values, AtLeast):
        yield condition.values.number
    for part in getattr(condition, "parts", ()):
        yield from _totals(part, fact)
