"""What a list of the desk is narrowed down to, read from and written into its address, so that it can be shared."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlencode

from django.utils.formats import date_format

from chuding.applications.deadlines import SOON, WAITED, waited_between
from chuding.applications.statistics.counting import waited_words
from chuding.applications.workflow import State
from chuding.notices.shelf import current
from chuding.policy.working_days import add_working_days
from chuding.storage.clock import SHANGHAI, now, start_of, today

if TYPE_CHECKING:
    from collections.abc import Collection

    from django.http import QueryDict

    from chuding.applications.models import ApplicationQuerySet
    from chuding.policy.notice import Notice

# What the desk shows of a file before the employer has agreed: nothing.
_NOT_YET = frozenset({State.DRAFT, State.EMPLOYER, State.EMPLOYER_RETURNED})
OFFICE_STATES = tuple(state for state in State if state not in _NOT_YET)
_YEAR = re.compile(r"20[0-9]{2}")


@dataclass(frozen=True)
class Filters:
    """What a list is narrowed down to; a value that is none of the choices narrows nothing."""

    series: str = ""
    specialty: str = ""
    level: str = ""
    state: str = ""
    employer: str = ""

    @classmethod
    def read(cls, query: QueryDict) -> Self:
        """The filters of a query string."""
        return cls(**cls._values(query))

    @classmethod
    def _values(cls, query: QueryDict) -> dict[str, str]:
        notice = current(now())
        return {
            "series": one_of(query, "series", notice.catalogue.series()),
            # A file of an older notice may have a path that this one's catalogue no longer has.
            "specialty": plain_words(query.get("specialty", ""))[:200],
            "level": one_of(query, "level", [rule.level.value for rule in notice.levels]),
            "state": one_of(query, "state", [state.value for state in OFFICE_STATES]),
            "employer": plain_words(query.get("employer", ""))[:200],
        }

    def apply(self, files: ApplicationQuerySet) -> ApplicationQuerySet:
        """Narrow the files down."""
        chosen = {
            "series": self.series,
            "specialty": self.specialty,
            "level": self.level,
            "state": self.state,
            "employer_name": self.employer,
        }
        return files.filter(**{name: value for name, value in chosen.items() if value})

    @property
    def specialty_words(self) -> str:
        """The specialty's path for people, a name that recurs at the next level said once."""
        return " › ".join(dict.fromkeys(self.specialty.split("/")))

    def query(self, **more: str) -> str:
        """The query string that leads to this list again."""
        values = more | {field.name: getattr(self, field.name) for field in fields(self)}
        return urlencode({name: value for name, value in values.items() if value})


# By deadline, and what came back from a correction.
DUE = {"late": "已经逾期", "soon": f"{SOON} 个工作日内到期", "back": "补正回来的"}


@dataclass(frozen=True)
class QueueFilters(Filters):
    """The same for the queue, which also knows deadlines."""

    due: str = ""

    @classmethod
    def _values(cls, query: QueryDict) -> dict[str, str]:
        return super()._values(query) | {"due": one_of(query, "due", DUE)}

    def apply(self, files: ApplicationQuerySet) -> ApplicationQuerySet:
        """Narrow the files down."""
        files, day = super().apply(files), today()
        if self.due == "late":
            return files.filter(due_on__lt=day)
        if self.due == "soon":
            return files.filter(due_on__gte=day, due_on__lte=add_working_days(day, SOON))
        return files.filter(stage_used__gt=0) if self.due == "back" else files


@dataclass(frozen=True)
class SearchFilters(Filters):
    """The same for the search page, which also knows words and the year of submission.

    A bar of the statistics leads here with the rest: the unit's district, the week of submission (its Monday), how long a
    file has waited in its stage and whether it is past its term; the last two only within one stage.
    """

    q: str = ""
    year: str = ""
    district: str = ""
    week: str = ""
    waited: str = ""
    due: str = ""

    @classmethod
    def _values(cls, query: QueryDict) -> dict[str, str]:
        year = query.get("year", "")
        values = super()._values(query)
        return values | {
            "q": plain_words(query.get("q", ""))[:100],
            "year": year if _YEAR.fullmatch(year) else "",
            "district": plain_words(query.get("district", ""))[:100],
            "week": _day_in(query.get("week", "")),
            "waited": one_of(query, "waited", WAITED) if values["state"] else "",
            "due": one_of(query, "due", ("late",)) if values["state"] else "",
        }

    def apply(self, files: ApplicationQuerySet) -> ApplicationQuerySet:
        """Narrow the files down by everything but the words."""
        files = super().apply(files)
        if self.year:
            first = datetime(int(self.year), 1, 1, tzinfo=SHANGHAI)
            files = files.filter(submitted_at__gte=first, submitted_at__lt=first.replace(year=first.year + 1))
        if self.week:
            monday = start_of(date.fromisoformat(self.week))
            files = files.filter(submitted_at__gte=monday, submitted_at__lt=monday + timedelta(days=7))
        if self.district:
            files = files.filter(employer__district=self.district)
        if self.waited:
            files = files.filter(waited_between(self.waited, today()))
        return files.filter(due_on__lt=today()) if self.due else files

    @property
    def words(self) -> str:
        """What is looked for, as people say it."""
        state = State(self.state).label if self.state else ""
        year = f"{self.year}年提交" if self.year else ""
        field = self.specialty_words or self.series
        parts = (f"“{self.q}”" if self.q else "", self.employer, field, self.level, state, year, *self.behind)
        return " · ".join(part for part in parts if part) or "全部申报"

    @property
    def behind(self) -> list[str]:
        """What only a bar of the statistics narrows down to, as people say it."""
        week = f"{date_format(date.fromisoformat(self.week), 'MONTH_DAY_FORMAT')}那一周提交" if self.week else ""
        late = DUE[self.due] if self.due else ""
        waited = f"等了{dict(zip(WAITED, waited_words(), strict=True))[self.waited]}" if self.waited else ""
        return [part for part in (self.district, week, waited, late) if part]


def choices() -> dict[str, Any]:
    """What the lists of the filters offer, values and words: series, specialties by series, levels."""
    return _choices(current(now()))


@lru_cache(maxsize=8)
def _choices(notice: Notice) -> dict[str, Any]:
    catalogue = notice.catalogue
    below: dict[str, list[tuple[str, str]]] = {series: [] for series in catalogue.series()}
    for each in catalogue.choices():
        words = " › ".join(dict.fromkeys(each.path.split("/")[1:]))
        below[each.series].append((each.path, words or each.series))
    return {
        "series": tuple((series, series) for series in catalogue.series()),
        "specialties": tuple((series, tuple(found)) for series, found in below.items()),
        "levels": tuple((rule.level.value, rule.level.value) for rule in notice.levels),
    }


def one_of(query: QueryDict, name: str, choices: Collection[str]) -> str:
    """The value of that name if it is one of the choices, else nothing."""
    value = query.get(name, "")
    return value if value in choices else ""


def _day_in(text: str) -> str:
    """The text if it is a day, else nothing."""
    try:
        return date.fromisoformat(text).isoformat() if _YEAR.match(text) else ""
    except ValueError:
        return ""


def plain_words(text: str) -> str:
    """Words of a query string as a database takes them."""
    return text.replace("\0", "").strip()  # PostgreSQL refuses NUL with an error
