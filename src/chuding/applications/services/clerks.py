"""Clerks added and ended by clerks, with a word to whom it concerns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from chuding.accounts import clerks
from chuding.messages.services import tell

if TYPE_CHECKING:
    from datetime import datetime

    from chuding.accounts.models import Employer, EmployerClerk, Person


@transaction.atomic
def add(*, employer: Employer, phone: str, name: str, by: Person, at: datetime) -> EmployerClerk:
    """Add a clerk and tell them. Raises accounts.clerks.ClerkProblem."""
    row = clerks.add_clerk(employer=employer, phone=phone, name=name, by=by, at=at)
    tell(person=row.person, template="clerk_added", values={}, subject=("employer", employer.uscc), at=at)
    return row


@transaction.atomic
def end(*, employer: Employer, person_ref: str, by: Person, at: datetime) -> EmployerClerk:
    """End a clerk and tell them. Raises accounts.clerks.ClerkProblem for the last one."""
    row = clerks.end_clerk(employer=employer, person_ref=person_ref, by=by, at=at)
    tell(person=row.person, template="clerk_ended", values={}, subject=("employer", employer.uscc), at=at)
    return row
