"""Notes among the offices, apart from what the applicant is told; and each person's keys at the desk."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from chuding.applications.models import Application
from chuding.applications.reviewing.keys import clean_keys
from chuding.applications.reviewing.models import DeskKeys, Note
from chuding.applications.services.moves import OFFICE_ROLES, lock, roles_on, subject_of
from chuding.applications.workflow import Declined
from chuding.ledger.record import record

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from chuding.accounts.models import Person


@transaction.atomic
def write_note(*, ref: str, text: str, by: Person, at: datetime) -> Note:
    """Keep a remark beside the file. Its words are not in the ledger: a note may have to be forgotten."""
    application = lock(ref)
    roles = roles_on(application, by, at) & OFFICE_ROLES
    if not roles:
        raise Application.DoesNotExist
    if not text.strip():
        raise Declined("请写下备注的内容。")
    note = Note.objects.create(application=application, by=by, at=at, text=text.strip()[:2000])
    application.remarked = True
    application.save(update_fields=["remarked"])
    record(action="note", subject=subject_of(application), by=by, role=min(roles), at=at, data={"note": note.pk})
    return note


@transaction.atomic
def set_keys(*, on: bool, keys: Mapping[str, str], by: Person) -> DeskKeys:
    """Keep one's keys: switched on or off, and on which key each act lies. Raises Declined for one key with two acts."""
    wanted, problem = clean_keys(keys)
    if problem:
        raise Declined(problem)
    held, _ = DeskKeys.objects.update_or_create(person=by, defaults={"on": on, "keys": wanted})
    return held
