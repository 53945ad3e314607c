"""The numbers of a year as charts: for the offices, and, coarser, for everybody. Counted anew each time, nothing is kept."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext as _

from chuding.accounts import tallies
from chuding.accounts.models import Employer, Person
from chuding.applications.models import Application
from chuding.applications.statistics import beside, counting
from chuding.applications.statistics.charts import for_everybody
from chuding.applications.statistics.rows import channels, read
from chuding.applications.translate import local_day
from chuding.notices.shelf import timeline

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date

    from chuding.applications.models import ApplicationQuerySet
    from chuding.applications.statistics.charts import Chart
    from chuding.applications.statistics.rows import FileRow, Scope
    from chuding.policy.notice import Notice

MOST_OVERDUE = 10


#: What everybody may read: no unit, nobody's work.
PUBLIC: Final = (
    "funnel", "ages", "employer_ages", "on_time", "specialties", "arrivals", "reasons", "first_time_right", "self_checks", "verifications",
)  # fmt: skip


class Year:
    """What the charts of a scope are drawn from, as it stands on `day`: each thing read when it is first asked for."""

    def __init__(self, scope: Scope, notice: Notice, day: date) -> None:
        self.scope = scope
        self._makers: dict[str, Callable[[], Chart]] = {
            "funnel": lambda: counting.funnel(self._rows, before=_before(scope)),
            "ages": lambda: counting.ages(self._rows, day),
            "specialties": lambda: counting.specialties(
                self._rows, self._last_year, [rule.level.value for rule in notice.levels]
            ),
            "on_time": lambda: counting.on_time(self._rows, beside.paused(self._sent_back)),
            "arrivals": lambda: counting.arrivals(self._rows, self._last_year, day=day, last_day=notice.window.end),
            "reasons": lambda: beside.reasons(self._sent_back, self._rows, notice, self._changed(day)),
            "first_time_right": lambda: counting.first_time_right(
                self._rows, self._ways, Counter(pk for pk, *_ in self._sent_back)
            ),
            "returns_held_to": lambda: beside.returns_held_to(self._rows, self._sent_back, notice),
            "capacity": lambda: beside.capacity(day),
            "employer_ages": lambda: counting.employer_ages(self._rows, day),
            "employer_agreed": lambda: counting.employer_agreed(self._rows, self._ways),
            "funnel_by_channel": lambda: counting.funnel_by_channel(self._rows, self._ways),
            "slow_employers": lambda: counting.slow_employers(self._rows, day),
            "ratings": lambda: beside.ratings(scope),
            "messages": lambda: beside.messages(day),
            "messages_by_hour": lambda: beside.messages_by_hour(day),
            "verifications": lambda: beside.verifications(day),
            "refused_uploads": lambda: beside.refused_uploads(day),
            "self_checks": lambda: beside.self_checks(scope),
        }

    def charts(self) -> tuple[Chart, ...]:
        """Every chart, for the offices: exact."""
        return tuple(make() for make in self._makers.values())

    def chart(self, key: str) -> Chart | None:
        """One of them; None where there is none of this key."""
        make = self._makers.get(key)
        return make() if make else None

    def public_charts(self) -> tuple[Chart, ...]:
        """What everybody may read, without small counts (statistics.charts.for_everybody)."""
        return tuple(for_everybody(self._makers[key]()) for key in PUBLIC)

    def _changed(self, day: date) -> date | None:
        """The last day of the scope on which another version of a notice came into force; None where there was none."""
        first, end = self.scope.span()
        days = [local_day(moment.effective_at) for moment in timeline()[1:] if first < moment.effective_at < end]
        return max((each for each in days if each <= day), default=None)

    @cached_property
    def _rows(self) -> list[FileRow]:
        return read(self.scope)

    @cached_property
    def _ways(self) -> Mapping[int, str]:
        return channels(self._rows)

    @cached_property
    def _last_year(self) -> list[FileRow]:
        return read(self.scope.before())

    @cached_property
    def _sent_back(self) -> list[beside.SentBack]:
        return beside.corrections(self.scope)


def _before(scope: Scope) -> list[tuple[str, int]]:
    """The steps before a file is handed in, which only the whole can be asked for."""
    if scope.narrowed:
        return []
    first, end = scope.span()
    checks = tallies.sums(tallies.SELF_CHECK, first.date(), (end - timedelta(days=1)).date())
    joined = Person.objects.filter(joined_at__gte=first, joined_at__lt=end, office_roles__isnull=True).count()
    return [
        (_("自查"), sum(checks.values())),
        (_("注册"), joined),
        (_("建草稿"), Application.objects.filter(created_at__gte=first, created_at__lt=end).count()),
    ]


#: What of an overdue file is taken along; names stay here, as a list of people leaves with two persons' word only.
OVERDUE_HEAD: Final = ("办件号", "环节", "应当办完", "工作单位")


def overdue_table(files: list[Application]) -> list[tuple[str, ...]]:
    """The overdue files under OVERDUE_HEAD."""
    return [(file.number or "", str(file.life.label), f"{file.due_on:%Y-%m-%d}", file.employer_name) for file in files]


def overdue(*, files: ApplicationQuerySet, scope: Scope, day: date) -> list[Application]:
    """Those of `files` in the scope that are longest past the term of their stage."""
    held = scope.narrow(files).filter(due_on__lt=day).order_by("due_on", "id")
    return list(held.only("ref", "number", "full_name", "state", "due_on", "employer_name")[:MOST_OVERDUE])


def districts() -> list[str]:
    """The districts in which units stand."""
    return list(
        Employer.objects.exclude(district="").order_by("district").values_list("district", flat=True).distinct()
    )
