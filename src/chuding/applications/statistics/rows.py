"""What the charts count: the files of a year, read once, as plain rows."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple, Self
from urllib.parse import urlencode

from django.db.models import OuterRef, Subquery
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from chuding.accounts.models import EmployerClerk
from chuding.applications.models import Application
from chuding.applications.roster.models import EmployerStaff
from chuding.applications.translate import local_day
from chuding.applications.workflow import Action, State
from chuding.certificates.models import Certificate
from chuding.ledger.models import Entry
from chuding.storage.clock import start_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chuding.applications.models import ApplicationQuerySet

WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Scope:
    """What is counted: the files handed in in one year, narrowed down. `week` is its Monday."""

    year: int
    level: str = ""
    series: str = ""
    specialty: str = ""
    district: str = ""
    employer: str = ""
    week: date | None = None

    @property
    def narrowed(self) -> bool:
        """Whether only a part of the year's files is counted."""
        return any((self.level, self.series, self.specialty, self.district, self.employer, self.week))

    def before(self) -> Self:
        """The same a year before; weeks have no counterpart."""
        values = {each.name: getattr(self, each.name) for each in fields(self)}
        return type(self)(**values | {"year": self.year - 1, "week": None})

    def span(self) -> tuple[datetime, datetime]:
        """The moments between which files were handed in: from the first, before the second."""
        if self.week is not None:
            first = start_of(self.week)
            return first, first + WEEK
        return start_of(date(self.year, 1, 1)), start_of(date(self.year + 1, 1, 1))

    def narrow(self, files: ApplicationQuerySet) -> ApplicationQuerySet:
        """Those of `files` that were handed in within the scope."""
        first, end = self.span()
        chosen = {
            "level": self.level,
            "series": self.series,
            "specialty": self.specialty,
            "employer__district": self.district,
            "employer_name": self.employer,
        }
        within = files.filter(submitted_at__gte=first, submitted_at__lt=end).exclude(state=State.DRAFT)
        return within.filter(**{name: value for name, value in chosen.items() if value})

    def query(self) -> str:
        """The query string that leads here again."""
        values = {each.name: getattr(self, each.name) for each in fields(self)}
        return urlencode({name: str(value) for name, value in values.items() if value})


class FileRow(NamedTuple):
    """One file as the charts see it: no name, no number."""

    pk: int
    applicant: int
    state: str
    level: str
    series: str
    employer: str
    employer_id: int | None
    submitted: date
    accepted: date | None
    rechecked: date | None
    approved: date | None
    issued: date | None
    since: date | None
    used: int
    due: date | None
    endorsed: date | None = None


_COLUMNS = (
    "pk", "applicant_id", "state", "level", "series", "employer_name", "employer_id", "submitted_at", "accepted_at",
    "rechecked_at", "approved_at", "certificate_number", "stage_since", "stage_used", "due_on",
    "endorsed_at",
)  # fmt: skip


def read(scope: Scope) -> list[FileRow]:
    """The files of a scope, in two questions to the database: the files, and when certificates were issued."""
    first, _end = scope.span()
    agreed = Entry.objects.filter(subject_kind="application", subject_ref=OuterRef("ref"), action=Action.ENDORSE)
    files = scope.narrow(Application.objects.all()).annotate(
        endorsed_at=Subquery(agreed.order_by("-id").values("at")[:1])
    )
    issued = dict(Certificate.objects.filter(issued_at__gte=first).values_list("number", "issued_at"))
    return [_row(values, issued) for values in files.order_by().values_list(*_COLUMNS).iterator(chunk_size=5000)]


def _row(values: tuple[Any, ...], issued: Mapping[str, datetime]) -> FileRow:
    moments = (*values[7:11], issued.get(values[11]), values[15])
    *days, endorsed = [local_day(moment) if moment else None for moment in moments]
    return FileRow._make((*values[:7], *days, *values[12:15], endorsed))


def monday(day: date) -> date:
    """The first day of its week."""
    return day - timedelta(days=day.weekday())


def short_day(day: date) -> str:
    """A day as charts name it; a week is named by its Monday."""
    return date_format(day, "MONTH_DAY_FORMAT")


def channels(rows: list[FileRow]) -> Mapping[int, str]:
    """By which way each file came, by its key."""
    online = set(EmployerClerk.objects.filter(active=True).values_list("employer_id", flat=True))
    claimed = set(EmployerStaff.objects.filter(claimed_by__isnull=False).values_list("claimed_by_id", flat=True))
    found = {}
    for row in rows:
        if row.applicant in claimed:
            found[row.pk] = _("单位导入名单后认领")
        elif row.employer_id is None:
            found[row.pk] = _("本人填写，单位不在线")
        else:
            found[row.pk] = _("本人填写，单位在线审核") if row.employer_id in online else _("本人填写，单位不在线")
    return found
