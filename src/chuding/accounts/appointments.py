"""Who is entered by an office rather than by signing in: people, employers, duties, clerks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction

from chuding.accounts.identity import check_uscc
from chuding.accounts.models import Employer, EmployerClerk, OfficeRole, Person
from chuding.accounts.people import phone_index
from chuding.accounts.phone import clean_phone
from chuding.accounts.roles import Role
from chuding.accounts.services import set_display_name
from chuding.ledger.record import record
from chuding.policy.issuer import place_of

if TYPE_CHECKING:
    from datetime import datetime


@transaction.atomic
def add_person(*, phone: str, name: str, at: datetime, by: Person | None = None) -> Person:
    """The person of this phone, entered now if new, under this name. Raises ValueError for a phone that cannot be one."""
    number, problem = clean_phone(phone)
    if problem:
        raise ValueError(problem)
    person, new = Person.objects.get_or_create(
        phone_index=phone_index(number), defaults={"phone": number, "joined_at": at}
    )
    if new:
        record(action="person.added", subject=("person", person.ref), by=by, role=Role.ADMINISTRATOR, at=at)
    set_display_name(person=person, name=name, at=at)
    return person


@transaction.atomic
def add_employer(
    *, name: str, uscc: str, kind: str, verified: bool, at: datetime, by: Person | None = None
) -> Employer:
    """Enter an employer (GB 32100-2015 code). Raises ValueError for a code that fails its check."""
    reading = check_uscc(uscc)
    if reading.problem:
        raise ValueError(reading.problem)
    employer = Employer.objects.create(
        name=name,
        uscc=reading.number,
        kind=kind,
        district=place_of(settings.CITY),
        verified_at=at if verified else None,
    )
    record(
        action="employer.added",
        subject=("employer", reading.number),
        by=by,
        role=Role.ADMINISTRATOR,
        at=at,
        data={"kind": kind, "verified": verified},
    )
    return employer


@transaction.atomic
def appoint(*, person: Person, office: str, duty: str, at: datetime, by: Person | None = None) -> OfficeRole:
    """Give somebody a duty in an office; nobody appoints themselves."""
    if by is not None and by.pk == person.pk:
        raise ValueError("不能给自己授予岗位，请由其他管理员办理。")
    row, _ = OfficeRole.objects.update_or_create(person=person, office=office, role=duty, defaults={"active": True})
    record(
        action="duty.given",
        subject=("person", person.ref),
        by=by,
        role=Role.ADMINISTRATOR,
        at=at,
        data={"office": office, "duty": duty},
    )
    return row


@transaction.atomic
def appoint_clerk(*, person: Person, employer: Employer, at: datetime, by: Person | None = None) -> EmployerClerk:
    """Let somebody act for an employer."""
    row, _ = EmployerClerk.objects.update_or_create(person=person, employer=employer, defaults={"active": True})
    record(
        action="clerk.given",
        subject=("person", person.ref),
        by=by,
        role=Role.ADMINISTRATOR,
        at=at,
        data={"employer": employer.uscc},
    )
    return row
