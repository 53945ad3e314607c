"""The numbers of a year as charts: for the offices, and, coarser, for everybody. Counted anew each time, nothing is kept."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING

from chuding.accounts import tallies
from chuding.accounts.models import Employer, Person
from chuding.applications.models import Application
from chuding.applications.statistics import beside, counting
from chuding.applications.statistics.charts import for_everybody
from chuding.applications.statistics.rows import Scope, read

if TYPE_CHECKING:
    from datetime import date

    from chuding.applications.models import ApplicationQuerySet
    from chuding.applications.statistics.charts import Chart
    from chuding.policy.notice import Notice

MOST_OVERDUE = 10


def charts_of(*, scope: Scope, notice: Notice, day: date) -> tuple[Chart, ...]:
    """Every chart of a scope as it stands on `day`, for the offices: exact."""
    rows, last_year = read(scope), read(scope.before())
    sent_back = beside.corrections(scope)
    keys = {row.pk for row in rows}
    returned = Counter(pk for pk, *_ in sent_back)
    return (
        counting.funnel(rows, before=_before(scope)),
        counting.ages(rows, day),
        counting.specialties(rows, last_year, [rule.level.value for rule in notice.levels]),
        counting.on_time(rows, beside.paused(sent_back)),
        counting.arrivals(rows, last_year, day=day, last_day=notice.window.end),
        beside.reasons(sent_back, keys, notice),
        counting.first_time_right(rows, returned),
        beside.capacity(day),
        counting.slow_employers(rows, day),
        beside.ratings(scope),
        beside.messages(day),
        beside.verifications(day),
        beside.refused_uploads(day),
        beside.self_checks(scope),
    )


def public_charts(*, scope: Scope, notice: Notice, day: date) -> tuple[Chart, ...]:
    """What everybody may read: no unit, nobody's work, no small count (statistics.charts.for_everybody)."""
    return tuple(for_everybody(chart) for chart in charts_of(scope=scope, notice=notice, day=day) if chart.for_all)


def _before(scope: Scope) -> list[tuple[str, int]]:
    """The steps before a file is handed in, which only the whole can be asked for."""
    if scope.narrowed:
        return []
    first, end = scope.span()
    checks = tallies.sums(tallies.SELF_CHECK, first.date(), (end - timedelta(days=1)).date())
    joined = Person.objects.filter(joined_at__gte=first, joined_at__lt=end, office_roles__isnull=True).count()
    return [
        ("自查", sum(checks.values())),
        ("注册", joined),
        ("建草稿", Application.objects.filter(created_at__gte=first, created_at__lt=end).count()),
    ]


def overdue(*, files: ApplicationQuerySet, day: date) -> list[Application]:
    """Those of `files` that are longest past the term of their stage."""
    held = files.filter(due_on__lt=day).order_by("due_on", "id")
    return list(held.only("ref", "number", "full_name", "state", "due_on", "employer_name")[:MOST_OVERDUE])


def districts() -> list[str]:
    """The districts in which units stand."""
    return list(
        Employer.objects.exclude(district="").order_by("district").values_list("district", flat=True).distinct()
    )
