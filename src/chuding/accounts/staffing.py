"""Who belongs to an office or a unit: opened by the command line and the demonstration, and by those who may."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from chuding.accounts.identity import check_uscc
from chuding.accounts.models import Employer, EmployerClerk, OfficeRole, Person
from chuding.accounts.people import phone_index
from chuding.accounts.phone import clean_phone
from chuding.accounts.roles import Role
from chuding.ledger.record import record

if TYPE_CHECKING:
    from datetime import datetime


class StaffingProblemError(ValueError):
    """Something about a person or a unit cannot be so; `sentence` says what to correct."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


def add_person(*, phone: str, display_name: str, by: Person | None, at: datetime) -> Person:
    """The person of this number, made if there is none; a name already kept stays. Raises StaffingProblemError."""
    number, problem = clean_phone(phone)
    if problem:
        raise StaffingProblemError(problem)
    with transaction.atomic():
        person, new = Person.objects.get_or_create(
            phone_index=phone_index(number),
            defaults={"phone": number, "display_name": display_name, "joined_at": at},
        )
        if new:
            _record("person.joined", ("person", person.ref), by, at, {})
    return person


def appoint(*, person: Person, office: str, duty: str, by: Person | None, at: datetime) -> OfficeRole:
    """Give a duty in an office: `office` association or city, `duty` reviewer, rechecker, signer or administrator."""
    if office not in OfficeRole.Office or duty not in OfficeRole.Duty:
        raise StaffingProblemError("没有这个岗位：office 为 association 或 city，duty 见 OfficeRole.Duty。")
    if office == OfficeRole.Office.CITY and duty in {OfficeRole.Duty.REVIEWER, OfficeRole.Duty.RECHECKER}:
        raise StaffingProblemError("审核和复核由协会负责（通知第五、七条），市职称办只有签发和管理岗位。")
    with transaction.atomic():
        row, new = OfficeRole.objects.select_for_update().get_or_create(person=person, office=office, role=duty)
        if new or not row.active:
            row.active = True
            row.save(update_fields=["active"])
            _record("role.given", ("person", person.ref), by, at, {"office": office, "duty": duty})
    return row


def dismiss(*, person: Person, office: str, duty: str, by: Person | None, at: datetime) -> bool:
    """End a duty; it counts from the next request on. Answers whether there was one."""
    with transaction.atomic():
        ended = OfficeRole.objects.filter(person=person, office=office, role=duty, active=True).update(active=False)
        if ended:
            _record("role.ended", ("person", person.ref), by, at, {"office": office, "duty": duty})
    return bool(ended)


def add_employer(*, name: str, uscc: str, kind: str, district: str, by: Person | None, at: datetime) -> Employer:
    """The unit of this code, made unverified if there is none. Raises StaffingProblemError for a code that cannot be."""
    reading = check_uscc(uscc)
    if reading.problem:
        raise StaffingProblemError(reading.problem)
    with transaction.atomic():
        employer, new = Employer.objects.get_or_create(
            uscc=reading.number, defaults={"name": name, "kind": Employer.Kind(kind), "district": district}
        )
        if new:
            _record("employer.added", ("employer", employer.uscc), by, at, {"kind": employer.kind})
    return employer


def verify_employer(*, employer: Employer, by: Person | None, at: datetime) -> None:
    """Say that an office has seen this unit's papers; only then can its clerks endorse anything."""
    with transaction.atomic():
        row = Employer.objects.select_for_update().get(pk=employer.pk)
        if row.verified_at is None:
            row.verified_at = at
            row.save(update_fields=["verified_at"])
            _record("employer.verified", ("employer", row.uscc), by, at, {})
    employer.verified_at = row.verified_at


def add_clerk(*, person: Person, employer: Employer, by: Person | None, at: datetime) -> EmployerClerk:
    """Let a person act for a unit."""
    with transaction.atomic():
        row, new = EmployerClerk.objects.select_for_update().get_or_create(person=person, employer=employer)
        if new or not row.active:
            row.active = True
            row.save(update_fields=["active"])
            _record("clerk.added", ("employer", employer.uscc), by, at, {"person": person.ref})
    return row


def _record(action: str, subject: tuple[str, str], by: Person | None, at: datetime, data: dict[str, str]) -> None:
    record(action=action, subject=subject, by=by, role=Role.ADMINISTRATOR, at=at, data=data)
