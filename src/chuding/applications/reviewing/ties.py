"""Who has to step back from which file (回避): the applicant, under whatever account; colleagues of three years; whoever said so.

Of a freelancer whom an agency speaks for, the agency's people are kept away like an employer's.

The database holds the same rules in triggers (`guards`), for the day on which a service forgets one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db.models import BigIntegerField, CharField, DateField, DateTimeField, Exists, F, OuterRef, Q, Value
from django.db.models.functions import Cast

from chuding.accounts.models import Employer, EmployerClerk
from chuding.applications.models import NO_UNIT, Application, WorkSpell
from chuding.applications.reviewing.guards import COLLEAGUE_YEARS
from chuding.applications.reviewing.models import Likeness, LikenessKind, Tie, TieKind
from chuding.applications.roster.models import EmployerStaff
from chuding.storage.clock import start_of
from chuding.storage.prepared import Prepared, Slot

if TYPE_CHECKING:
    from datetime import date

    from django.db.models import QuerySet

    from chuding.accounts.models import Person
    from chuding.applications.models import ApplicationQuerySet


# What `ties_of` finds besides the kinds that one may declare.
_AGENCY, _ALIKE = "agency", "alike"
_OF_ONE_PERSON = (LikenessKind.PERSON, LikenessKind.NAME)


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
    agencies: frozenset[int] = frozenset()
    """Agencies, by key, for which they act or in which they work: what these speak for, they keep away from."""
    alike: frozenset[int] = frozenset()
    """Files, by key, that look like this same person's while nobody has found that they are two people."""

    def against(self, application: Application) -> str:  # noqa: PLR0911 - one sentence a rule
        """Why this person must not work on this file, as a sentence; empty where nothing stands against it."""
        if application.applicant_id == self.person:
            return "这是您本人的申报。"
        if application.identity_index and application.identity_index in self.identities:
            return "申报人的证件号码与您本人的相同。"
        if application.pk in self.alike:
            return "申报人的姓名和出生日期与您本人的相同，还没有人查明是两个人。"
        if application.employer_id in self.agencies:
            return "出具证明的人事代理机构，是您现在或近三年内的单位，或者您是它的经办人。"
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
        return (
            application.applicant_id == self.person
            or application.pk in self.alike
            or (bool(application.identity_index) and application.identity_index in self.identities)
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
        if self.alike:
            files = files.exclude(pk__in=sorted(self.alike))
        if self.agencies:
            files = files.exclude(employer__in=sorted(self.agencies))
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
    found: dict[str, set[str]] = {kind: set() for kind in (*TieKind.values, _AGENCY, _ALIKE)}
    since = years_before(day, COLLEAGUE_YEARS)
    for kind, value in _TOLD(person=person.pk, day=day, since=since, moment=start_of(since + timedelta(days=1))):
        if value:
            found[kind].add(value)
    return Ties(
        person=person.pk,
        day=day,
        identities=frozenset(found[TieKind.IDENTITY]),
        usccs=frozenset(found[TieKind.USCC]),
        employers=frozenset(found[TieKind.EMPLOYER] - {NO_UNIT}),
        files=frozenset(found[TieKind.FILE]),
        agencies=frozenset(map(int, found[_AGENCY])),
        alike=frozenset(map(int, found[_ALIKE])),
    )


def _told() -> QuerySet[Any, tuple[str, str]]:
    """What is known of one person, as pairs of kind and value.

    `since` is the last day that ties them to nothing any more, `moment` the first one after it.
    """
    person, day, since = Slot("person", BigIntegerField()), Slot("day", DateField()), Slot("since", DateField())
    own = Application.objects.filter(applicant=person)
    recent = own.filter(_said_lately())
    until_then = Q(ended_on__isnull=True) & _said_lately("application__")
    spells = WorkSpell.objects.filter(until_then | Q(ended_on__gt=since), application__applicant=person)
    declared = Tie.objects.filter(Q(until__isnull=True) | Q(until__gte=day), person=person)
    acts_for = EmployerClerk.objects.filter(person=person)
    names = declared.filter(kind=TieKind.EMPLOYER).values("value")
    agencies = Employer.objects.filter(kind=Employer.Kind.AGENCY).filter(
        Q(pk__in=acts_for.values("employer"))
        | Q(uscc__in=recent.values("employer_uscc"))
        | Q(uscc__in=declared.filter(kind=TieKind.USCC).values("value"))
        | Q(name__in=recent.values("employer_name"))
        | Q(name__in=spells.values("employer_name"))
        | Q(name__in=names)
    )
    alike = Likeness.objects.filter(Q(same__isnull=True) | Q(same=True), kind__in=_OF_ONE_PERSON)
    return _pairs(own, TieKind.IDENTITY, "identity_index").union(
        _pairs(EmployerStaff.objects.filter(claimed_by=person), TieKind.IDENTITY, "identity_index"),
        _pairs(agencies, _AGENCY, "pk"),
        _pairs(alike.filter(application__applicant=person), _ALIKE, "other_id"),
        _pairs(alike.filter(other__applicant=person), _ALIKE, "application_id"),
        _pairs(recent, TieKind.USCC, "employer_uscc"),
        _pairs(recent, TieKind.EMPLOYER, "employer_name"),
        _pairs(spells, TieKind.EMPLOYER, "employer_name"),
        _pairs(acts_for, TieKind.USCC, "employer__uscc"),
        declared.values_list(F("kind"), F("value")),
    )


_TOLD = Prepared(_told)


def _said_lately(file: str = "") -> Q:
    """Whether a file was handed in, or while it is none yet written in, from that moment on."""
    moment = Slot("moment", DateTimeField())
    handed_in, written = f"{file}submitted_at", f"{file}updated_at"
    return Q(**{f"{handed_in}__gte": moment}) | Q(**{f"{handed_in}__isnull": True, f"{written}__gte": moment})


def _pairs(rows: QuerySet[Any], kind: str, field: str) -> QuerySet[Any, tuple[str, str]]:
    return rows.order_by().values_list(Value(str(kind), output_field=CharField()), Cast(F(field), CharField()))
