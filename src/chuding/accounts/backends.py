"""Who a session belongs to, asked with every page of somebody signed in."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.db.models import BigIntegerField

from chuding.accounts.models import Person
from chuding.storage.prepared import Prepared, Slot

_PERSON: Prepared[Person] = Prepared(lambda: Person.objects.filter(pk=Slot("pk", BigIntegerField())))


class PersonBackend(ModelBackend):
    """Django's own, with one statement made once in each process."""

    def get_user(self, user_id: Any) -> Person | None:
        """The person of a session; None where they are gone or switched off."""
        person = next(iter(_PERSON(pk=user_id)), None)
        return person if person is not None and self.user_can_authenticate(person) else None
