"""Telling people: one row, one text message, one line in the inbox."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from django.conf import settings
from django.db.models import BigIntegerField, Count
from django.utils.translation import get_language

from chuding.accounts.services import CODE_LIFE, PURPOSES
from chuding.messages.delivery import CALL, deliver_message
from chuding.messages.models import Message
from chuding.messages.templates import fill, not_before, spoken
from chuding.storage.prepared import Prepared, Slot

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from django.db.models import QuerySet

    from chuding.accounts.models import Person


def tell(
    *, person: Person, template: str, values: Mapping[str, str], subject: tuple[str, str], at: datetime
) -> Message:
    """Tell a person by text message and in the inbox, in the caller's transaction: it goes out only if that commits.

    `subject` is ("application", ref) and makes the inbox a way to the file. In quiet hours (21:00 to 8:00 in Shanghai)
    the text waits for the morning; the inbox does not. Raises templates.TemplateFaultError.
    """
    text = fill(template, values)
    message = Message.objects.create(
        person=person,
        phone=person.phone,
        template=template,
        text=text.sms,
        values=json.dumps(text.values),
        title=text.title,
        body=text.body,
        subject_kind=subject[0],
        subject_ref=subject[1],
        created_at=at,
    )
    # In a demonstration the texts reach a file and wake nobody, and a visitor at night wants to see them.
    awake = text.any_hour or settings.DEMONSTRATION
    _queue(message, not_before(at, any_hour=awake))
    return message


def text_phone(*, phone: str, template: str, at: datetime) -> Message:
    """Send a text that names nobody to a phone that may have no account: an invitation. Quiet hours hold as for `tell`."""
    text = fill(template, {})
    message = Message.objects.create(
        phone=phone, template=template, text=text.sms, values=json.dumps(text.values), created_at=at
    )
    _queue(message, not_before(at, any_hour=text.any_hour or settings.DEMONSTRATION))
    return message


def forget_texts(*, template: str, before: datetime) -> int:
    """Delete texts of a kind that were sent to nobody in particular; answers how many went."""
    count, _ = Message.objects.filter(template=template, person__isnull=True, created_at__lt=before).delete()
    return count


def forget_words_to(person: Person) -> int:
    """Empty what was told to a person who leaves: phone and words go, that it was told stays. What waits is not sent.

    Answers how many messages that were.
    """
    mine = Message.objects.filter(person=person)
    mine.filter(state=Message.State.PENDING).update(state=Message.State.DEAD)
    return mine.update(phone="", text="", values="", title="", body="")


def carry_code(*, phone: str, code: str, purpose: str, at: datetime, by_voice: bool = False) -> None:
    """Send a code (see `accounts.courier`). It is worth nothing after ten minutes, so then it is not sent any more."""
    values = {"code": code, "act": PURPOSES[purpose]}
    text = spoken(values, str(get_language())) if by_voice else fill("code", values)
    message = Message.objects.create(
        phone=phone,
        template=CALL if by_voice else "code",
        text=text.sms,
        values=json.dumps(text.values),
        created_at=at,
        useless_at=at + CODE_LIFE,
    )
    # Somebody stands at the door: a code goes before page images and the other texts, however many wait.
    deliver_message.using(priority=100).enqueue(message_id=message.pk)


def told_since(*, template: str, subject: tuple[str, str], since: datetime) -> bool:
    """Whether somebody was told this about the subject at or after a moment."""
    kind, ref = subject
    return Message.objects.filter(template=template, subject_kind=kind, subject_ref=ref, created_at__gte=since).exists()


def inbox_of(person: Person | Slot) -> QuerySet[Message]:
    """What the inbox shows this person; in no order yet."""
    return Message.objects.filter(person=person).exclude(title="")


def unread_count(person: Person) -> int:
    """How many messages of the inbox this person has not marked as read: one question."""
    return sum(_UNREAD(person=person.pk))


def _unread() -> QuerySet[Message, int]:
    waiting = inbox_of(Slot("person", BigIntegerField())).filter(read_at__isnull=True)
    return waiting.order_by().values("person").annotate(n=Count("id")).values_list("n", flat=True)


_UNREAD = Prepared(_unread)


def mark_read(*, person: Person, at: datetime) -> int:
    """Mark everything in the inbox as read; answers how many were not."""
    return inbox_of(person).filter(read_at__isnull=True).update(read_at=at)


def _queue(message: Message, not_before: datetime | None) -> None:
    task = deliver_message if not_before is None else deliver_message.using(run_after=not_before)
    task.enqueue(message_id=message.pk)
