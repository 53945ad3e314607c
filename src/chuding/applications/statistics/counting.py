"""The charts that follow from the files themselves."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import timedelta
from itertools import pairwise
from math import sqrt
from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext as _

from chuding.applications.deadlines import service_levels
from chuding.applications.statistics.charts import FEWEST_FOR_A_RATE, Chart, Column, Kind, Shape, median, percent
from chuding.applications.statistics.rows import WEEK, channels, monday, short_day
from chuding.applications.workflow import State
from chuding.policy.working_days import working_days_between

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from chuding.applications.statistics.charts import Cell
    from chuding.applications.statistics.rows import FileRow

BUCKETS: Final = (("0–3天", 3), ("4–7天", 7), ("8–15天", 15), ("15天以上", 10**6))
_STAGES: Final = (
    State.EMPLOYER, State.RECEIVED, State.REVIEWING, State.SECOND, State.LEAD, State.CORRECTION, State.RECHECK,
    State.SIGNING, State.CITY,
)  # fmt: skip
_BEFORE_OFFICE: Final = frozenset({State.EMPLOYER, State.EMPLOYER_RETURNED})
_PASSED: Final = frozenset({State.APPROVED, State.ISSUED, State.REVOKED})
_DECIDED: Final = _PASSED | {State.REFUSED}


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


def _steps(rows: list[FileRow]) -> list[tuple[str, int, int | None]]:
    """Each step from handing in to the certificate: how many came to it, and the median of days from the one before."""

    def passed(row: FileRow) -> bool:
        return row.state not in _BEFORE_OFFICE and (row.accepted is not None or row.state != State.WITHDRAWN)

    issued = sum(row.state in {State.ISSUED, State.REVOKED} for row in rows)
    return [
        (_("提交"), len(rows), None),
        (_("转到协会"), sum(map(passed, rows)), None),
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


def ages(rows: list[FileRow], day: date) -> Chart:
    """What is in hand, by stage and by how many working days it has waited there; what is past its term."""
    counted: dict[str, Counter[str]] = defaultdict(Counter)
    for row in rows:
        age = waited(row, day)
        counted[row.state][next(name for name, most in BUCKETS if age <= most)] += 1
        counted[row.state]["late"] += row.due is not None and row.due < day
    table: list[tuple[Cell, ...]] = []
    for state in _STAGES:
        if counted[state]:
            cells: list[Cell] = [state.label, *(counted[state][name] for name, _ in BUCKETS), counted[state]["late"]]
            table.append(tuple(cells))
    return Chart(
        "ages",
        "在办件龄",
        "现在停在各环节的件，按已经等了几个工作日分开；等申报人补正的时间不算。",
        Shape.STACK,
        (Column("环节", Kind.WORDS), *(Column(name) for name, _ in BUCKETS), Column("其中逾期", drawn=False)),
        tuple(table),
    )


def specialties(rows: list[FileRow], last_year: list[FileRow], levels: Iterable[str]) -> Chart:
    """Series by level: how many, how many of the decided passed, and how many there were last year."""
    order, levels = sorted({row.series for row in [*rows, *last_year] if row.series}), tuple(levels)
    place = 1 + len(levels)
    counted = Counter((row.series, row.level) for row in rows)
    then = Counter(row.series for row in last_year)
    passed = Counter(row.series for row in rows if row.state in _PASSED)
    decided = Counter(row.series for row in rows if row.state in _DECIDED)
    table = tuple(
        (
            name,
            *(counted[name, level] for level in levels),
            decided[name],
            percent(passed[name], decided[name]),
            then[name],
        )
        for name in order
    )
    return Chart(
        "specialties",
        _("专业和级别"),
        _("每格是提交的件数，颜色越深越多。通过率是已经决定的件里审批通过的占比。"),
        Shape.HEAT,
        (
            Column(_("系列"), Kind.WORDS),
            *(Column(_(level)) for level in levels),
            Column(_("已决定"), drawn=False),
            Column(_("通过率"), Kind.PERCENT, drawn=False, of=place),
            Column(_("上年"), drawn=False),
        ),
        table,
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


def first_time_right(rows: list[FileRow], returned: Mapping[int, int]) -> Chart:
    """By the way a file came: how many reviews ended without a send-back, and how many needed a second one."""
    by_way: dict[str, list[int]] = defaultdict(list)
    ways = channels(rows)
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
