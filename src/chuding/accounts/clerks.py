"""A unit's clerks, kept by the clerks themselves: one adds another by phone, ends one, and the last one stays."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from chuding.accounts.models import Employer, EmployerClerk, Person
from chuding.accounts.names import clean_name
from chuding.accounts.people import phone_index
from chuding.accounts.phone import clean_phone
from chuding.accounts.roles import Role
from chuding.ledger.record import record

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet

MOST_CLERKS = 20


class ClerkProblem(Exception):  # noqa: N818 - an answer to a person, not a fault
    """It cannot be done; `sentence` says why and what to do, `field` where."""

    def __init__(self, sentence: str, field: str = "") -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.field = field


def clerks_of(employer: Employer) -> QuerySet[EmployerClerk]:
    """The clerks at work for a unit, in the order in which they came."""
    return EmployerClerk.objects.filter(employer=employer, active=True).select_related("person").order_by("id")


@transaction.atomic
def add_clerk(*, employer: Employer, phone: str, name: str, by: Person, at: datetime) -> EmployerClerk:
    """Let the person of this phone act for the unit, too; somebody new gets an account and this name.

    A name that an account has already is the account's own and stays. Raises ClerkProblem.
    """
    unit = _locked(employer, by)
    number, problem = clean_phone(phone)
    if problem:
        raise ClerkProblem(problem, "phone")
    called, problem = clean_name(name)
    if problem:
        raise ClerkProblem(problem, "name")
    if EmployerClerk.objects.filter(employer=unit, active=True).count() >= MOST_CLERKS:
        raise ClerkProblem(f"一个单位最多{MOST_CLERKS}名经办人，请先停用不再经办的人。")
    person, new = Person.objects.get_or_create(
        phone_index=phone_index(number), defaults={"phone": number, "joined_at": at, "display_name": called}
    )
    if not person.is_active:
        raise ClerkProblem("这个手机号的账户已停用，请换一个手机号，或致电协会。", "phone")
    row, fresh = EmployerClerk.objects.get_or_create(person=person, employer=unit)
    if row.active and not fresh:
        raise ClerkProblem("这个人已经是本单位的经办人。", "phone")
    if not row.active:
        row.active = True
        row.save(update_fields=["active"])
    _record("clerk.added", unit, person, by, at, new_account=new)
    return row


@transaction.atomic
def end_clerk(*, employer: Employer, person_ref: str, by: Person, at: datetime) -> EmployerClerk:
    """End somebody's acting for the unit; what they did stays in the record. Raises ClerkProblem for the last one."""
    unit = _locked(employer, by)
    row = (
        EmployerClerk.objects.select_related("person")
        .filter(employer=unit, person__ref=person_ref, active=True)
        .first()
    )
    if row is None:
        raise ClerkProblem("这个人已经不是本单位的经办人，请刷新页面。")
    if EmployerClerk.objects.filter(employer=unit, active=True).count() <= 1:
        raise ClerkProblem("这是本单位最后一名经办人，不能停用。请先添加另一名经办人。")
    row.active = False
    row.save(update_fields=["active"])
    _record("clerk.ended", unit, row.person, by, at)
    return row


def _locked(employer: Employer, by: Person) -> Employer:
    """The unit with its row locked, so that two clerks cannot end each other at once."""
    unit = Employer.objects.select_for_update().get(pk=employer.pk)
    if unit.verified_at is None or not EmployerClerk.objects.filter(employer=unit, person=by, active=True).exists():
        raise ClerkProblem("您已不是这个单位的经办人，请刷新页面。")
    return unit


def _record(action: str, unit: Employer, person: Person, by: Person, at: datetime, **data: bool) -> None:
    record(
        action=action,
        subject=("person", person.ref),
        by=by,
        role=Role.EMPLOYER_CLERK,
        at=at,
        data={"employer": unit.uscc, **data},
    )
