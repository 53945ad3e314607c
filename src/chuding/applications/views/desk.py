"""The desk's queue: what waits for this person, filtered, oldest first."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.db.models import BigIntegerField, Case, Count, DateTimeField, F, Q, Value, When
from django.db.models.functions import Concat
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from chuding.accounts.roles import Role, may_open
from chuding.applications.deadlines import days_left
from chuding.applications.models import Application
from chuding.applications.reviewing.day import done_since, target
from chuding.applications.translate import local_day
from chuding.applications.views.desk_access import office_files
from chuding.applications.views.desk_filters import DUE, OFFICE_STATES, QueueFilters, choices
from chuding.applications.views.desk_keys import keys_for
from chuding.applications.workflow import State
from chuding.policy.working_days import announced
from chuding.storage.clock import start_of, today
from chuding.storage.paginate import keyset_page
from chuding.storage.prepared import Prepared, Slot

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from django.http import HttpResponse

    from chuding.applications.models import ApplicationQuerySet
    from chuding.applications.views.desk_access import StaffRequest

PAGE_SIZE = 25
# Keys of the counts beside the states' own.
_DONE, _OWN, _MINE = "done", "own:", "mine:"
_ANY = "ANY"
_DESK = frozenset({Role.REVIEWER, Role.LEAD, Role.RECHECKER})
_ALL = _DESK | {Role.ASSOCIATION_SIGNER, Role.CITY_SIGNER}


@dataclass(frozen=True)
class Tab:
    """One view of the queue. Work that is done has no count: counting it would read every file there ever was."""

    key: str
    text: str
    states: frozenset[State]
    roles: frozenset[Role]
    mine: bool = False
    counted: bool = True
    # What waits for an office is ordered by its deadline; what waits for the applicant or is done, by its submission.
    by_deadline: bool = True

    def condition(self, person_id: int) -> Q:
        """Which files stand under this tab.

        A list in the order of submission is read from an index for one state or for all of them; a few of twelve
        states would have to be sorted, which a million files forbid. So a tab holds one state or everything.
        """
        if self.states == frozenset(OFFICE_STATES):
            return Q()
        (states,) = (Q(state=state) for state in self.states)
        return states & Q(reviewer=person_id) if self.mine else states


TABS = (
    Tab("received", "待受理", frozenset({State.RECEIVED}), frozenset({Role.REVIEWER})),
    Tab("mine", "我在审", frozenset({State.REVIEWING}), frozenset({Role.REVIEWER}), mine=True),
    Tab("second", "待第二人审核", frozenset({State.SECOND}), frozenset({Role.REVIEWER})),
    Tab("lead", "待组长审定", frozenset({State.LEAD}), frozenset({Role.LEAD})),
    Tab("correction", "待补正", frozenset({State.CORRECTION}), frozenset({Role.REVIEWER}), by_deadline=False),
    Tab("recheck", "待复核", frozenset({State.RECHECK}), frozenset({Role.RECHECKER})),
    Tab("signing", "待协会审批", frozenset({State.SIGNING}), frozenset({Role.ASSOCIATION_SIGNER})),
    Tab("city", "待市职称办审批", frozenset({State.CITY}), frozenset({Role.CITY_SIGNER})),
    Tab(
        "appealed",
        "复核申请",
        frozenset({State.APPEALED}),
        frozenset({Role.LEAD, Role.ASSOCIATION_SIGNER, Role.CITY_SIGNER}),
    ),
    Tab("approved", "待发文", frozenset({State.APPROVED}), _ALL, counted=False, by_deadline=False),
    Tab("issued", "已发证", frozenset({State.ISSUED}), _ALL, counted=False, by_deadline=False),
    Tab("all", "全部", frozenset(OFFICE_STATES), _ALL, counted=False, by_deadline=False),
)
TAB = {tab.key: tab for tab in TABS}
_IN_HAND = sorted({state for tab in TABS if tab.mine for state in tab.states})
_NOTHING_HERE = {
    "received": ("没有待受理的申报", "单位审核同意以后，新的申报会出现在这里。"),
    "mine": ("您手上没有在审的申报", "从“待受理”领取以后，申报会出现在这里，补正回来的也在这里。"),
    "correction": ("没有待补正的申报", "退回补正的申报在申报人重新提交之前列在这里。"),
    "second": ("没有待第二人审核的申报", "规则核验不是“符合”而初审建议通过的申报，由另一名审核员同意，列在这里。"),
    "lead": ("没有待审定的申报", "审核员提请再次退回的申报，等您同意，列在这里。"),
    "recheck": ("没有待复核的申报", "初审完成以后，申报会出现在这里。"),
    "signing": ("没有待审批的申报", "复核完成的初级申报会出现在这里。"),
    "appealed": ("没有待办理的复核申请", "申报人对不予通过的决定申请复核的，列在这里，由没有办过的人决定。"),
    "city": ("没有待审批的申报", "协会复核完成的中级申报会出现在这里。"),
}


def tabs_for(roles: frozenset[Role]) -> list[Tab]:
    """The tabs that concern somebody with these roles."""
    return [tab for tab in TABS if tab.roles & roles]


def _counts(request: StaffRequest, tabs: list[Tab]) -> dict[str, int]:
    """How many files wait under each counted tab: all of a state from its index alone, less one's own (recusal).

    Beside them, under `_DONE`, in how many this person has ended a reviewer's part today.
    """
    wanted = tuple(sorted({state for tab in tabs if tab.counted for state in tab.states}))
    total: dict[str, int] = dict(_waiting(wanted)(person=request.user.pk, morning=start_of(today())))

    def waits(tab: Tab, state: State) -> int:
        if tab.mine:
            return total.get(f"{_MINE}{state}", 0)
        return total.get(state, 0) - total.get(f"{_OWN}{state}", 0)

    counted = (tab for tab in tabs if tab.counted)
    return {tab.key: sum(waits(tab, state) for state in tab.states) for tab in counted} | {_DONE: total.get(_DONE, 0)}


@lru_cache(maxsize=64)
def _waiting(states: tuple[State, ...]) -> Prepared[Any]:
    """How many files wait in each of these states; of them one person's own (`_OWN`), and those in their hand (`_MINE`).

    Each part is counted in an index, whatever else the table holds; `_DONE` comes along. Nobody has their own file in hand.
    """
    person = Slot("person", BigIntegerField())
    waiting = Application.objects.filter(state__in=states, submitted_at__isnull=False)
    parts = (
        (waiting.filter(applicant=person), _OWN),
        (Application.objects.filter(state__in=_IN_HAND, reviewer=person), _MINE),
    )
    kept = [
        files.annotate(key=Concat(Value(mark), "state")).values_list("key").annotate(n=Count("id")).order_by()
        for files, mark in parts
    ]
    held = waiting.values_list("state").annotate(n=Count("id")).order_by()
    done = done_since(Slot("morning", DateTimeField()), person).annotate(key=Value(_DONE)).values_list("key", "n")
    return Prepared(lambda: held.union(*kept, done, all=True))


_ROW_COLUMNS = (
    "ref", "number", "full_name", "level", "series", "specialty", "employer_name", "state", "submitted_at",
    "due_on", "stage_used",
)  # fmt: skip


def columns_of(files: ApplicationQuerySet) -> ApplicationQuerySet:
    """These files with what a row of desk/rows.html shows of them.

    Names are enciphered: whose hand a file is in is read only of files that are in somebody's.
    """
    holder = Case(When(state=State.REVIEWING, then=F("reviewer__display_name")), default=None)
    return files.only(*_ROW_COLUMNS).annotate(holder=holder)


def rows_of(files: Iterable[Application], day: date) -> list[tuple[Application, str, str, str, int | None, int]]:
    """The rows of desk/rows.html.

    Each a file, its address, its specialty in words, the day it was submitted, the working days left (None: no term runs)
    and those overdue.
    """
    return [
        (
            file,
            _address_of_any().replace(_ANY, file.ref),
            file.specialty_words,
            local_day(file.submitted_at).isoformat() if file.submitted_at else "",
            (left := days_left(file, day)),
            -(left or 0),
        )
        for file in files
    ]


@cache
def _address_of_any() -> str:
    """A file's address with `_ANY` for its reference: asked of the table of addresses once, not for every row."""
    return reverse("desk_application", args=[_ANY])


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
    filters = QueueFilters.read(request.GET)
    files = filters.apply(office_files(request).filter(tab.condition(request.user.pk)))
    page = keyset_page(
        columns_of(files),
        order=("due_on", "id") if tab.by_deadline else ("submitted_at", "id"),
        after=request.GET.get("after"),
        size=PAGE_SIZE,
    )
    day = today()
    filtered = filters != QueueFilters()
    nothing = ("没有符合条件的申报", "请放宽筛选条件。") if filtered else _NOTHING_HERE.get(tab.key, ("还没有申报", ""))
    context = {
        "tab": tab,
        "tabs": _links(tabs, counts, tab),
        "page": page,
        "rows": rows_of(page.rows, day),
        "query": filters.query(tab=tab.key),
        "filters": filters,
        "filtered": filtered,
        **choices(),
        "states": tuple((state.value, state.label) for state in OFFICE_STATES if state in tab.states),
        "several": len(tab.states) > 1,
        "may_take": Role.REVIEWER in request.roles,
        "keys": keys_for(request) if Role.REVIEWER in request.roles else None,
        "opens": {name for name in ("desk_statistics", "desk_units") if may_open(name, request.roles)},
        "waiting": counts.get("received", 0),
        "done": counts[_DONE],
        "target": target(),
        "in_hand": counts.get("mine", 0),
        "due_choices": tuple(DUE.items()),
        "uncertain": not announced(day.year),
        "nothing": nothing,
    }
    return render(request, "applications/desk/queue.html", context)
