"""Reminders of the self-check: one text message on the day from which somebody may apply. No account, no name."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction

from chuding.accounts.people import phone_index
from chuding.accounts.roles import Role
from chuding.applications.aside.models import Reminder
from chuding.applications.translate import local_day
from chuding.ledger.record import record
from chuding.messages.services import forget_texts, text_phone

if TYPE_CHECKING:
    from datetime import date, datetime

# The text itself is kept for questions of the next days ("did it go out?"), then deleted too.
TEXTS_KEPT = timedelta(days=7)


def set_reminder(*, phone: str, due_on: date, at: datetime) -> Reminder:
    """Keep a phone, which a code has confirmed, until the day `due_on`. A phone has one reminder: the last one asked for."""
    with transaction.atomic():
        row, _ = Reminder.objects.update_or_create(
            phone_index=phone_index(phone), defaults={"phone": phone, "due_on": due_on, "agreed_at": at}
        )
        _record("reminder.set", row.phone_index, at)
    return row


def cancel_reminder(*, phone: str, at: datetime) -> bool:
    """Delete the reminder of a phone; answers whether there was one."""
    with transaction.atomic():
        row = Reminder.objects.select_for_update().filter(phone_index=phone_index(phone)).first()
        if row is not None:
            row.delete()
            _record("reminder.cancelled", phone_index(phone), at)
    return row is not None


def send_reminders(*, at: datetime) -> int:
    """Send what is due, each once: the message and the end of the row are one transaction. Answers how many went."""
    sent = 0
    for pk in Reminder.objects.filter(due_on__lte=local_day(at)).order_by("due_on", "pk").values_list("pk", flat=True):
        with transaction.atomic():
            row = Reminder.objects.select_for_update().filter(pk=pk).first()
            if row is not None:  # another night's run, or the person, was faster
                text_phone(phone=row.phone, template="reminder", at=at)
                _record("reminder.sent", row.phone_index, at)
                row.delete()
                sent += 1
    forget_texts(template="reminder", before=at - TEXTS_KEPT)
    return sent


def _record(action: str, index: str, at: datetime) -> None:
    record(action=action, subject=("phone", index), by=None, role=Role.ANYONE, at=at)
