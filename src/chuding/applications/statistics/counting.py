"""The charts that follow from the files themselves."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import timedelta
from itertools import pairwise
from math import sqrt
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from chuding.applications.deadlines import WAITED, service_levels
from chuding.applications.statistics.charts import FEWEST_FOR_A_RATE, Chart, Column, Kind, Shape, median, percent
from chuding.applications.statistics.rows import WEEK, monday, short_day
from chuding.applications.workflow import State
from chuding.policy.working_days import working_days_between

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from chuding.applications.statistics.charts import Cell
    from chuding.applications.statistics.rows import FileRow

_STAGES: Final = (
    State.EMPLOYER, State.RECEIVED, State.REVIEWING, State.SECOND, State.LEAD, State.CORRECTION, State.RECHECK,
    State.SIGNING, State.CITY,
)  # fmt: skip
_BEFORE_OFFICE: Final = frozenset({State.EMPLOYER, State.EMPLOYER_RETURNED})
_PASSED: Final = frozenset({State.APPROVED, State.ISSUED, State.REVOKED})
_DECIDED: Final = _PASSED | {State.REFUSED}
_EVER: Final = 10**6
# How many working days files wait for their unit, finer around the five that it has.
_EMPLOYER_WAITS: Final = ((0, 1), (2, 3), (4, 5), (6, 8), (9, 15), (16, _EVER))


def funnel(rows: list[FileRow], *, before: Iterable[tuple[str, int]]) -> Chart:
    """How many came how far, and how many days each step took in the middle; the whole way in the words beneath.

    `before`: steps before handing in.
    """
    steps = [*((name, count, None) for name, count in before), *_steps(rows)]
    shares = [None, *(percent(now[1], last[1]) for last, now in pairwise(steps))]
    whole = _whole(_days(rows, "submitted", "issued"))
    return Chart(
        "funnel",
        _("申报漏斗"),
        " ".join([_("到了每一步的有多少件。天数是从上一个环节到这一环节的中位数（自然日）。"), *whole]),
        Shape.BARS,
        (
            Column(_("环节"), Kind.WORDS),
            Column(_("件数")),
            Column(_("占上一步"), Kind.PERCENT, drawn=False, of=1),
            Column(_("用时（天）"), Kind.DAYS, drawn=False),
        ),
        tuple((name, count, share, took) for (name, count, took), share in zip(steps, shares, strict=True)),
    )


def funnel_by_channel(rows: list[FileRow], ways: Mapping[int, str]) -> Chart:
    """The steps of the funnel from handing in, each split by the way in which its files came (`channels`)."""
    names = sorted(set(ways.values()))
    steps = [_steps([row for row in rows if ways[row.pk] == name]) for name in names]
    return Chart(
        "funnel_by_channel",
        _("按申报方式的漏斗"),
        _("到了每一步的件，按是单位导入名单后认领的还是本人填写的、单位是否在线审核分开。"),
        Shape.STACK,
        (Column(_("环节"), Kind.WORDS), *(Column(name) for name in names)),
        tuple((name, *(way[place][1] for way in steps)) for place, (name, *_rest) in enumerate(_steps([])) if names),
    )


def employer_agreed(rows: list[FileRow], ways: Mapping[int, str]) -> Chart:
    """How many working days units took to agree, in the middle: of all, and by the way in which the files came."""
    took: dict[str, list[int]] = defaultdict(list)
    for row in rows:
        if row.endorsed:
            days = working_days_between(row.submitted, row.endorsed)
            took[ways[row.pk]].append(days)
            took[""].append(days)
    return Chart(
        "employer_agreed",
        _("单位同意用了多久"),
        _("从提交到单位同意的工作日，取中位数；退回本人修改的时间也在里面。单位应当在 %(days)s 个工作日以内办完。")
        % {"days": service_levels()[State.EMPLOYER]},
        Shape.BARS,
        (
            Column(_("申报方式"), Kind.WORDS),
            Column(_("中位数（工作日）"), Kind.DAYS, of=2),
            Column(_("件数"), drawn=False),
        ),
        tuple((name or _("全部"), median(took[name]), len(took[name])) for name in sorted(took)),
    )


def _steps(rows: list[FileRow]) -> list[tuple[str, int, int | None]]:
    """Each step from handing in to the certificate: how many came to it, and the median of days from the one before."""

    def passed(row: FileRow) -> bool:
        return row.state not in _BEFORE_OFFICE and (row.accepted is not None or row.state != State.WITHDRAWN)

    issued = sum(row.state in {State.ISSUED, State.REVOKED} for row in rows)
    return [
        (_("提交"), len(rows), None),
        (_("转到协会"), sum(map(passed, rows)), median(_days(rows, "submitted", "endorsed"))),
        (_("受理"), sum(row.accepted is not None for row in rows), median(_days(rows, "submitted", "accepted"))),
        (_("复核完成"), sum(row.rechecked is not None for row in rows), median(_days(rows, "accepted", "rechecked"))),
        (_("审批通过"), sum(row.approved is not None for row in rows), median(_days(rows, "rechecked", "approved"))),
        (_("发证"), issued, median(_days(rows, "approved", "issued"))),
    ]


def _days(rows: list[FileRow], one: str, two: str) -> list[int]:
    pairs = [(getattr(row, one), getattr(row, two)) for row in rows]
    return [(last - first).days for first, last in pairs if first and last]


def _whole(days: list[int]) -> list[str]:
    """The median of the whole way in words, where it is one of enough people to be told."""
    if len(days) < FEWEST_FOR_A_RATE:
        return []
    return [_("从提交到发证，一半的件在 %(days)s 天以内走完。") % {"days": median(days)}]


def waited(row: FileRow, day: date) -> int:
    """Working days that a file has spent in its stage, without the time that its applicant was mending."""
    return row.used + (working_days_between(row.since, day) if row.since else 0)


def waited_words() -> tuple[str, ...]:
    """What the columns of deadlines.WAITED are called."""
    return (_("0–3天"), _("4–7天"), _("8–15天"), _("15天以上"))


def _waited_columns() -> tuple[Column, ...]:
    """The columns of `_by_age`: how many have waited so long, and beside each how many of them are past their term."""
    return tuple(
        column
        for n, name in enumerate(waited_words())
        for column in (Column(name), Column(_("%(days)s：逾期") % {"days": name}, drawn=False, late_of=1 + 2 * n))
    )


def _by_age(rows: Iterable[FileRow], day: date) -> list[int]:
    """The cells under `_waited_columns`."""
    cells = [0] * (2 * len(WAITED))
    for row in rows:
        age = waited(row, day)
        place = next(n for n, (_first, last) in enumerate(WAITED.values()) if age <= last)
        cells[2 * place] += 1
        cells[2 * place + 1] += row.due is not None and row.due < day
    return cells


def ages(rows: list[FileRow], day: date) -> Chart:
    """What is in hand, by stage and by how many working days it has waited there; in each the part past its term."""
    by_state: dict[str, list[FileRow]] = defaultdict(list)
    for row in rows:
        by_state[row.state].append(row)
    stages = [state for state in _STAGES if by_state[state]]
    return Chart(
        "ages",
        _("在办件龄"),
        _("现在停在各环节的件，按已经等了几个工作日分开；等申报人补正的时间不算。红色的超过了承诺的时限。"),
        Shape.STACK,
        (Column(_("环节"), Kind.WORDS), *_waited_columns()),
        tuple((_(state.label), *_by_age(by_state[state], day)) for state in stages),
        behind={
            (line, place): query
            for line, state in enumerate(stages)
            # What waits for its unit is not yet the offices' to see.
            if state not in _BEFORE_OFFICE
            for place, query in _lists_of(state)
        },
    )


def _lists_of(state: State) -> Iterable[tuple[int, str]]:
    """For each place under `_waited_columns` the query string of the files that are counted there."""
    for n, key in enumerate(WAITED):
        yield 1 + 2 * n, urlencode({"state": state, "waited": key})
        yield 2 + 2 * n, urlencode({"state": state, "waited": key, "due": "late"})


def specialties(rows: list[FileRow], last_year: list[FileRow], levels: Iterable[str]) -> Chart:
    """Series by level: in each cell how many, how many of the decided passed, and how many there were last year."""
    cells = [(name, level) for name in sorted({r.series for r in [*rows, *last_year] if r.series}) for level in levels]
    counted = Counter((row.series, row.level) for row in rows)
    then = Counter((row.series, row.level) for row in last_year)
    passed = Counter((row.series, row.level) for row in rows if row.state in _PASSED)
    decided = Counter((row.series, row.level) for row in rows if row.state in _DECIDED)
    return Chart(
        "specialties",
        _("专业和级别"),
        _(
            "每格是提交的件数和通过率，颜色越深件数越多，旁边虚线框里是上年的件数。通过率是已经决定的件里审批通过的占比。"
        ),
        Shape.HEAT,
        (
            Column(_("系列"), Kind.WORDS),
            Column(_("级别"), Kind.WORDS, drawn=False),
            Column(_("件数")),
            Column(_("已决定"), drawn=False),
            Column(_("通过率"), Kind.PERCENT, of=3),
            Column(_("上年"), then=True),
        ),
        tuple(
            (each[0], _(each[1]), counted[each], decided[each], percent(passed[each], decided[each]), then[each])
            for each in cells
        ),
    )


def on_time(rows: list[FileRow], paused: Mapping[int, int]) -> Chart:
    """By week: how many reviews ended within the promised working days, with the limits within which chance moves it.

    `paused`: working days that a file's applicant was mending, by its key.
    """
    levels = service_levels()
    promise = levels[State.REVIEWING] + levels[State.RECHECK]
    weeks: dict[date, list[bool]] = defaultdict(list)
    for row in rows:
        if row.accepted and row.rechecked:
            took = working_days_between(row.accepted, row.rechecked) - paused.get(row.pk, 0)
            weeks[monday(row.rechecked)].append(took <= promise)
    every = [held for week in weeks.values() for held in week]
    mean = sum(every) / len(every) if every else 0.0
    table = []
    for week in sorted(weeks):
        done = weeks[week]
        spread = 3 * sqrt(mean * (1 - mean) / len(done))
        table.append(
            (
                short_day(week),
                percent(sum(done), len(done)),
                round(100 * max(mean - spread, 0)),
                round(100 * min(mean + spread, 1)),
                len(done),
            )
        )
    return Chart(
        "on_time",
        _("按时办结"),
        _(
            "每周复核完成的件里，受理后 %(days)s 个工作日以内办完的占比；等申报人补正的时间不算。落在上下限以外的那一周要查原因。"
        )
        % {"days": promise},
        Shape.LINES,
        (
            Column(_("周（周一）"), Kind.WORDS),
            Column(_("按时"), Kind.PERCENT, of=4),
            Column(_("下限"), Kind.PERCENT),
            Column(_("上限"), Kind.PERCENT),
            Column(_("办结件数"), drawn=False),
        ),
        tuple(table),
    )


def arrivals(rows: list[FileRow], last_year: list[FileRow], *, day: date, last_day: date) -> Chart:
    """Handed in up to each week, beside the year before, and where it may stand on the last day of the window."""
    if not rows:
        return _arrivals(())
    first = min(monday(row.submitted) for row in rows)
    per_week = Counter(monday(row.submitted) for row in rows)
    # A year of 52 weeks earlier the same weekdays stand.
    earlier = Counter(monday(row.submitted) + 52 * WEEK for row in last_year)
    table: list[tuple[str, int | None, int | None, int | None, int | None]] = []
    total = old = 0
    old += sum(count for week, count in earlier.items() if week < first)
    week, end = first, max(monday(last_day), monday(day))
    now = monday(day)
    low, high = _forecast(per_week, earlier, now=now, end=end)
    while week <= end:
        total += per_week[week]
        old += earlier[week]
        ahead = (week - now).days // 7
        known = week <= now
        table.append(
            (
                short_day(week),
                total if known else None,
                old if last_year else None,
                None if known else total + round(low * ahead),
                None if known else total + round(high * ahead),
            )
        )
        week += WEEK
    return _arrivals(tuple(table))


def _forecast(per_week: Counter[date], earlier: Counter[date], *, now: date, end: date) -> tuple[float, float]:
    """Files a week that may still come: the pace of the last four whole weeks, and what came last year in what is left."""
    paces = [sum(per_week[now - n * WEEK] for n in range(1, 5)) / 4]
    left = max((end - now).days // 7, 1)
    if earlier:
        so_far = sum(count for week, count in earlier.items() if week <= now)
        rest = sum(count for week, count in earlier.items() if now < week <= end)
        grown = sum(per_week.values()) / so_far if so_far else 1.0
        paces.append(grown * rest / left)
    return min(paces), max(paces) if len(paces) > 1 else paces[0] * 1.5


def _arrivals(table: tuple[tuple[str, int | None, int | None, int | None, int | None], ...]) -> Chart:
    return Chart(
        "arrivals",
        _("累计提交"),
        _("到每周末一共提交了多少件，与上年同一周相比。预计的上下两条线按近四周的速度和上年余下的情形估算。"),
        Shape.LINES,
        (
            Column(_("周（周一）"), Kind.WORDS),
            Column(_("本年")),
            Column(_("上年")),
            Column(_("预计最少")),
            Column(_("预计最多")),
        ),
        table,
    )


def first_time_right(rows: list[FileRow], ways: Mapping[int, str], returned: Mapping[int, int]) -> Chart:
    """By the way a file came: how many reviews ended without a send-back, and how many needed a second one."""
    by_way: dict[str, list[int]] = defaultdict(list)
    for row in rows:
        if row.rechecked is not None or row.pk in returned:
            by_way[ways[row.pk]].append(returned.get(row.pk, 0))
    table = tuple(
        (
            way,
            percent(sum(n == 0 for n in times), len(times)),
            percent(sum(n > 1 for n in times), len(times)),
            len(times),
        )
        for way, times in sorted(by_way.items())
    )
    return Chart(
        "first_time_right",
        _("一次通过和二次退回"),
        _("审核过的件里，没有退回补正就通过的占比，和退回过两次以上的占比；目标是二次退回不超过 5%。"),
        Shape.BARS,
        (
            Column(_("申报方式"), Kind.WORDS),
            Column(_("一次通过"), Kind.PERCENT, of=3),
            Column(_("二次退回"), Kind.PERCENT, of=3),
            Column(_("件数"), drawn=False),
        ),
        table,
    )


def employer_ages(rows: list[FileRow], day: date) -> Chart:
    """How long the files that wait for their unit have waited, in working days; in each the part past the unit's term."""
    waiting = [row for row in rows if row.state == State.EMPLOYER]
    counted, late = Counter(waited(row, day) for row in waiting), Counter[int]()
    late.update(waited(row, day) for row in waiting if row.due is not None and row.due < day)
    table: list[tuple[Cell, ...]] = []
    for first, last in _EMPLOYER_WAITS:
        here = [n for n in counted if first <= n <= last]
        name = {"first": first, "last": last}
        words = _("%(first)s–%(last)s天") % name if last < _EVER else _("%(first)s天以上") % name
        table.append((words, sum(counted[n] for n in here), sum(late[n] for n in here)))
    return Chart(
        "employer_ages",
        _("单位审核等了多久"),
        _("等单位审核的件，按已经等了几个工作日分开；单位应当在 %(days)s 个工作日以内办完，红色的超过了。")
        % {"days": service_levels()[State.EMPLOYER]},
        Shape.STACK,
        (
            Column(_("已经等了"), Kind.WORDS),
            Column(_("件数")),
            Column(_("其中逾期"), drawn=False, late_of=1),
        ),
        tuple(table),
    )


def slow_employers(rows: list[FileRow], day: date) -> Chart:
    """The twenty units whose people wait longest for their agreement."""
    waiting: dict[str, list[int]] = defaultdict(list)
    for row in rows:
        if row.state == State.EMPLOYER:
            waiting[row.employer].append(waited(row, day))
    worst = sorted(waiting.items(), key=lambda item: (-max(item[1]), -len(item[1]), item[0]))[:20]
    return Chart(
        "slow_employers",
        "等单位审核",
        "等得最久的单位排在最前，可以逐个打电话。天数是工作日。",
        Shape.BARS,
        (Column("单位", Kind.WORDS), Column("最久等了（天）", Kind.DAYS), Column("等待的件数", drawn=False)),
        tuple((name, max(days), len(days)) for name, days in worst),
    )


def last_days(day: date, count: int) -> list[date]:
    """So many days up to this one."""
    return [day - timedelta(days=n) for n in range(count - 1, -1, -1)]
