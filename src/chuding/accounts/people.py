"""Who someone is here: roles and units, read in as few questions as possible."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import BigIntegerField, DateField, Value

from chuding.accounts.models import Delegation, Employer, EmployerClerk, OfficeRole
from chuding.accounts.phone import clean_phone
from chuding.accounts.roles import Role
from chuding.storage.clock import today
from chuding.storage.fields import blind_index
from chuding.storage.prepared import Prepared, Slot

if TYPE_CHECKING:
    from datetime import date

    from django.contrib.auth.models import AnonymousUser
    from django.db.models import QuerySet

    from chuding.accounts.models import Person

# What a duty in an office, and acting for a unit, makes of a person here.
ROLE_OF_DUTY: dict[tuple[str, str], Role] = {
    ("association", "reviewer"): Role.REVIEWER,
    ("association", "lead"): Role.LEAD,
    ("association", "rechecker"): Role.RECHECKER,
    ("association", "signer"): Role.ASSOCIATION_SIGNER,
    ("association", "administrator"): Role.ADMINISTRATOR,
    ("association", "drafter"): Role.ASSOCIATION_DRAFTER,
    ("city", "signer"): Role.CITY_SIGNER,
    ("city", "drafter"): Role.CITY_DRAFTER,
    ("city", "administrator"): Role.ADMINISTRATOR,
    ("employer", "clerk"): Role.EMPLOYER_CLERK,
}
NOBODY: frozenset[Role] = frozenset({Role.ANYONE})


def phone_index(phone: str) -> str:
    """The blind index under which a phone number is found; the number may be written in any accepted form."""
    return blind_index(clean_phone(phone)[0], "phone")


def roles_of(person: Person | AnonymousUser, on: date | None = None) -> frozenset[Role]:
    """What this person is, in one question. Someone signed out or switched off is only ANYONE. `on`: the day on which a colleague may stand in; today where it is not said."""
    if not person.is_authenticated or not person.is_active:
        return NOBODY
    held = _DUTIES(person=person.pk, day=on or today())
    return frozenset({Role.ANYONE, Role.APPLICANT, *(ROLE_OF_DUTY[pair] for pair in held)})


def _duties() -> QuerySet[Any, tuple[str, str]]:
    """Office and duty of one person: their own, as a clerk of a verified unit, and those lent to them on a day."""
    person, day = Slot("person", BigIntegerField()), Slot("day", DateField())
    held = OfficeRole.objects.filter(person_id=person, active=True).values_list("office", "role")
    acts = EmployerClerk.objects.filter(person_id=person, active=True, employer__verified_at__isnull=False)
    clerk = acts.values_list(Value("employer"), Value("clerk"))
    lent = Delegation.objects.filter(
        delegate_id=person, ended_at__isnull=True, first__lte=day, last__gte=day, person__is_active=True
    ).values_list("office", "role")
    return held.union(clerk, lent)


_DUTIES = Prepared(_duties)


def employers_of(person: Person | AnonymousUser) -> QuerySet[Employer]:
    """The verified units for which this person acts; an unverified unit can endorse nothing."""
    return Employer.objects.filter(
        clerks__person_id=person.pk or 0,
        clerks__active=True,
        verified_at__isnull=False,
    ).order_by("name", "id")
