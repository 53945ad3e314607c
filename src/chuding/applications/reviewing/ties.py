"""Who has to step back from which file (回避): the applicant, under whatever account; colleagues of three years; whoever said so.

The database holds the same rules in triggers (`guards`), for the day on which a service forgets one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db.models import CharField, Exists, F, OuterRef, Q, Value

from chuding.accounts.models import EmployerClerk
from chuding.applications.models import NO_UNIT, Application, WorkSpell
from chuding.applications.reviewing.guards import COLLEAGUE_YEARS
from chuding.applications.reviewing.models import Tie, TieKind
from chuding.storage.clock import start_of

if TYPE_CHECKING:
    from datetime import date

    from django.db.models import QuerySet

    from chuding.accounts.models import Person
    from chuding.applications.models import ApplicationQuerySet


def years_before(day: date, years: int) -> date:
    """The same day so many years ago; 29 February becomes the 28th."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)


@dataclass(frozen=True)
class Ties:
    """What keeps one person away from files, on one day."""

    person: int
    day: date
    identities: frozenset[str] = frozenset()
    usccs: frozenset[str] = frozenset()
    employers: frozenset[str] = frozenset()
    files: frozenset[str] = frozenset()

    def against(self, application: Application) -> str:  # noqa: PLR0911 - one sentence a rule
        """Why this person must not work on this file, as a sentence; empty where nothing stands against it."""
        if application.applicant_id == self.person:
            return "这是您本人的申报。"
        if application.identity_index and application.identity_index in self.identities:
            return "申报人的证件号码与您本人的相同。"
        if application.employer_uscc and application.employer_uscc in self.usccs:
            return "申报人的工作单位，是您现在或近三年内的单位，或者您是它的经办人。"
        if application.employer_name and application.employer_name in self.employers:
            return "申报人的工作单位，是您近三年内的单位。"
        if application.ref in self.files:
            return "您已声明与这份申报有利害关系。"
        if self.employers and self._worked_together(application):
            return "申报人近三年内与您在同一个单位工作过。"
        return ""

    def is_of_oneself(self, application: Application) -> bool:
        """Whether the file is this person's own, under this account or another; the only tie of a unit's clerk."""
        return application.applicant_id == self.person or (
            bool(application.identity_index) and application.identity_index in self.identities
        )

    def _worked_together(self, application: Application) -> bool:
        since = years_before(self.day, COLLEAGUE_YEARS)
        return any(
            spell.employer_name in self.employers and (spell.ended_on is None or spell.ended_on > since)
            for spell in application.spells.all()
        )

    def leave_out(self, files: ApplicationQuerySet) -> ApplicationQuerySet:
        """The files that this person may work on. Each condition is asked of a row at hand, so an index still leads."""
        files = files.exclude(applicant=self.person)
        if self.identities:
            files = files.exclude(identity_index__in=sorted(self.identities))
        if self.usccs:
            files = files.exclude(employer_uscc__in=sorted(self.usccs))
        if self.files:
            files = files.exclude(ref__in=sorted(self.files))
        if self.employers:
            since = years_before(self.day, COLLEAGUE_YEARS)
            together = WorkSpell.objects.filter(
                Q(ended_on__isnull=True) | Q(ended_on__gt=since),
                application=OuterRef("pk"),
                employer_name__in=sorted(self.employers),
            )
            files = files.exclude(employer_name__in=sorted(self.employers)).exclude(Exists(together))
        return files


def ties_of(person: Person, day: date) -> Ties:
    """Everything that ties this person, in one question: own files under this account, clerkships, and what was declared.

    An own file says where its applicant was on the day of its submission, so as a tie to a unit it ends after the years
    of the rule, as does what it calls "to this day"; whose it is never ends.
    """
    since = years_before(day, COLLEAGUE_YEARS)
    own = Application.objects.filter(applicant=person)
    recent = own.filter(_said_after(since))
    until_then = Q(ended_on__isnull=True) & _said_after(since, "application__")
    spells = WorkSpell.objects.filter(until_then | Q(ended_on__gt=since), application__applicant=person)
    declared = Tie.objects.filter(Q(until__isnull=True) | Q(until__gte=day), person=person)
    rows = _pairs(own, TieKind.IDENTITY, "identity_index").union(
        _pairs(recent, TieKind.USCC, "employer_uscc"),
        _pairs(recent, TieKind.EMPLOYER, "employer_name"),
        _pairs(spells, TieKind.EMPLOYER, "employer_name"),
        _pairs(EmployerClerk.objects.filter(person=person), TieKind.USCC, "employer__uscc"),
        declared.values_list(F("kind"), F("value")),
    )
    found: dict[str, set[str]] = {kind: set() for kind in TieKind.values}
    for kind, value in rows:
        if value:
            found[kind].add(value)
    return Ties(
        person=person.pk,
        day=day,
        identities=frozenset(found[TieKind.IDENTITY]),
        usccs=frozenset(found[TieKind.USCC]),
        employers=frozenset(found[TieKind.EMPLOYER] - {NO_UNIT}),
        files=frozenset(found[TieKind.FILE]),
    )


def _said_after(since: date, file: str = "") -> Q:
    """Whether a file was handed in, or while it is none yet written in, after this day (in Shanghai)."""
    moment = start_of(since + timedelta(days=1))
    handed_in, written = f"{file}submitted_at", f"{file}updated_at"
    return Q(**{f"{handed_in}__gte": moment}) | Q(**{f"{handed_in}__isnull": True, f"{written}__gte": moment})


def _pairs(rows: QuerySet[Any], kind: TieKind, field: str) -> QuerySet[Any, tuple[str, str]]:
    return rows.order_by().values_list(Value(str(kind), output_field=CharField()), F(field))
