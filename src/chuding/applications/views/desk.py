"""The desk's queue: what waits for this person, filtered, oldest first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.db import connection
from django.db.models import Count, Q
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from chuding.accounts.roles import Role
from chuding.applications.translate import local_day
from chuding.applications.views.desk_access import office_files
from chuding.applications.workflow import FINAL, State
from chuding.notices.shelf import current
from chuding.policy.working_days import working_days_between
from chuding.storage.clock import now, today
from chuding.storage.paginate import keyset_page

if TYPE_CHECKING:
    from django.http import HttpResponse, QueryDict

    from chuding.applications.models import ApplicationQuerySet
    from chuding.applications.views.desk_access import StaffRequest

PAGE_SIZE = 25
_DESK = frozenset({Role.REVIEWER, Role.RECHECKER})
_ALL = _DESK | {Role.ASSOCIATION_SIGNER, Role.CITY_SIGNER}
# What the desk shows of a file before the employer has agreed: nothing.
_NOT_YET = frozenset({State.DRAFT, State.EMPLOYER, State.EMPLOYER_RETURNED})
# Where nobody waits for the office any more, days are not counted.
DECIDED = FINAL | {State.APPROVED}
OFFICE_STATES = tuple(state for state in State if state not in _NOT_YET)


@dataclass(frozen=True)
class Tab:
    """One view of the queue. Work that is done has no count: counting it would read every file there ever was."""

    key: str
    text: str
    states: frozenset[State]
    roles: frozenset[Role]
    mine: bool = False
    counted: bool = True

    def condition(self, person_id: int) -> Q:
        """Which files stand under this tab."""
        states = Q(state__in=sorted(self.states))
        return states & Q(reviewer=person_id) if self.mine else states


TABS = (
    Tab("received", "待受理", frozenset({State.RECEIVED}), frozenset({Role.REVIEWER})),
    Tab("mine", "我在审", frozenset({State.REVIEWING}), frozenset({Role.REVIEWER}), mine=True),
    Tab("correction", "待补正", frozenset({State.CORRECTION}), frozenset({Role.REVIEWER})),
    Tab("recheck", "待复核", frozenset({State.RECHECK}), frozenset({Role.RECHECKER})),
    Tab("signing", "待协会审批", frozenset({State.SIGNING}), frozenset({Role.ASSOCIATION_SIGNER})),
    Tab("city", "待市职称办审批", frozenset({State.CITY}), frozenset({Role.CITY_SIGNER})),
    Tab("approved", "已通过", frozenset({State.APPROVED, State.ISSUED}), _ALL, counted=False),
    Tab("all", "全部", frozenset(OFFICE_STATES), _ALL, counted=False),
)
TAB = {tab.key: tab for tab in TABS}
_NOTHING_HERE = {
    "received": ("没有待受理的申报", "单位审核同意以后，新的申报会出现在这里。"),
    "mine": ("您手上没有在审的申报", "从“待受理”领取以后，申报会出现在这里，补正回来的也在这里。"),
    "correction": ("没有待补正的申报", "退回补正的申报在申报人重新提交之前列在这里。"),
    "recheck": ("没有待复核的申报", "初审完成以后，申报会出现在这里。"),
    "signing": ("没有待审批的申报", "复核完成的初级申报会出现在这里。"),
    "city": ("没有待审批的申报", "协会复核完成的中级申报会出现在这里。"),
}


@dataclass(frozen=True)
class Filters:
    """What the list is narrowed down to; a value that is none of the choices narrows nothing."""

    series: str = ""
    level: str = ""
    state: str = ""
    text: str = ""

    @classmethod
    def read(cls, query: QueryDict) -> Filters:
        """The filters of a query string."""
        notice = current(now())

        def one_of(name: str, choices: object) -> str:
            value = query.get(name, "")
            return value if value in choices else ""  # type: ignore[operator]

        return cls(
            one_of("series", notice.catalogue.series()),
            one_of("level", [rule.level.value for rule in notice.levels]),
            one_of("state", [state.value for state in OFFICE_STATES]),
            query.get("q", "").strip()[:100],
        )

    def apply(self, files: ApplicationQuerySet) -> ApplicationQuerySet:
        """Narrow the files down: a number exactly, a name by its beginning."""
        if self.series:
            files = files.filter(series=self.series)
        if self.level:
            files = files.filter(level=self.level)
        if self.state:
            files = files.filter(state=self.state)
        if not self.text:
            return files
        if self.text.isascii() and any(c.isdigit() for c in self.text):
            return files.filter(number=self.text.upper())
        return files.filter(_begins_with(self.text))

    def query(self, tab: str) -> str:
        """The query string that leads to this list again."""
        values = {"tab": tab, "series": self.series, "level": self.level, "state": self.state, "q": self.text}
        return urlencode({name: value for name, value in values.items() if value})


def _begins_with(name: str) -> Q:
    """A name's beginning, answered from the index of names.

    SQLite compares code points, so a range finds them; PostgreSQL's order depends on its locale and its LIKE does not.
    """
    if connection.vendor == "postgresql":
        return Q(full_name__startswith=name)
    return Q(full_name__gte=name, full_name__lt=name + "\U0010ffff")


def tabs_for(roles: frozenset[Role]) -> list[Tab]:
    """The tabs that concern somebody with these roles."""
    return [tab for tab in TABS if tab.roles & roles]


def _counts(request: StaffRequest, tabs: list[Tab]) -> dict[str, int]:
    """How many files wait under each counted tab, in one question."""
    wanted = {state for tab in tabs if tab.counted for state in tab.states}
    rows = office_files(request).filter(state__in=sorted(wanted)).values("state")
    found = {
        row["state"]: (row["n"], row["own"])
        for row in rows.annotate(n=Count("id"), own=Count("id", filter=Q(reviewer=request.user.pk))).order_by()
    }
    return {
        tab.key: sum(found.get(state, (0, 0))[1 if tab.mine else 0] for state in tab.states)
        for tab in tabs
        if tab.counted
    }


_COLUMNS = (
    "ref", "number", "full_name", "level", "series", "specialty", "employer_name", "state", "submitted_at",
    "reviewer__display_name",
)  # fmt: skip


def _links(tabs: list[Tab], counts: dict[str, int], current: Tab) -> list[dict[str, Any]]:
    """The tabs for partials/tabs.html."""
    return [
        {
            "href": f"{reverse('desk')}?{urlencode({'tab': tab.key})}",
            "text": tab.text,
            "count": counts.get(tab.key),
            "current": tab == current,
        }
        for tab in tabs
    ]


@require_safe
def queue(request: StaffRequest) -> HttpResponse:
    """The queue of one tab."""
    tabs = tabs_for(request.roles)
    counts = _counts(request, tabs)
    busy = next((tab for tab in tabs if counts.get(tab.key)), tabs[0])
    tab = TAB.get(request.GET.get("tab", ""), busy)
    tab = tab if tab in tabs else busy
    filters = Filters.read(request.GET)
    files = filters.apply(office_files(request).filter(tab.condition(request.user.pk)))
    page = keyset_page(files.select_related("reviewer").only(*_COLUMNS), after=request.GET.get("after"), size=PAGE_SIZE)
    day = today()
    notice = current(now())
    title, text = _NOTHING_HERE.get(tab.key, ("还没有申报", ""))
    if filters != Filters():
        title, text = "没有符合条件的申报", "请放宽筛选条件。办件号要写完整，姓名可以只写开头的字。"
    context = {
        "tab": tab,
        "tabs": _links(tabs, counts, tab),
        "page": page,
        "rows": [
            (
                file,
                file.specialty_words,
                None if file.life in DECIDED else working_days_between(local_day(file.submitted_at), day),
            )
            for file in page.rows
            if file.submitted_at
        ],
        "query": filters.query(tab.key),
        "filters": filters,
        "filtered": filters != Filters(),
        "series": notice.catalogue.series(),
        "levels": [rule.level.value for rule in notice.levels],
        "states": [state for state in OFFICE_STATES if state in tab.states],
        "may_take": Role.REVIEWER in request.roles,
        "waiting": counts.get("received", 0),
        "nothing_title": title,
        "nothing_text": text,
    }
    return render(request, "applications/desk/queue.html", context)
