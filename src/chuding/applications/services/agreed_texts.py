"""Texts that people agreed to and that no step of a file sends: the next round has begun, and how was the service."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction

from chuding.accounts.models import Consent, Person
from chuding.applications.models import Application
from chuding.applications.services.aftercare import RATEABLE
from chuding.applications.services.moves import subject_of, tell_applicant
from chuding.applications.translate import local_day
from chuding.applications.windows import window_at
from chuding.messages.services import tell, told_since
from chuding.notices.shelf import current
from chuding.storage.clock import start_of

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet

#: Whoever was told of the decision has a day to read it; whoever was not asked within so long is left in peace.
SETTLED, TOO_LATE = timedelta(days=1), timedelta(days=8)


def _standing(purpose: str) -> QuerySet[Consent]:
    return Consent.objects.filter(purpose=purpose, withdrawn_at__isnull=True)


def ask_for_ratings(*, at: datetime) -> int:
    """Ask once a file, a day after it was done, whoever agreed to be asked and has not said; answers how many were asked."""
    files = Application.objects.filter(
        state__in=sorted(RATEABLE),
        updated_at__gt=at - TOO_LATE,
        updated_at__lte=at - SETTLED,
        rating__isnull=True,
        applicant__is_active=True,
        applicant__in=_standing("follow_up").values("person"),
    )
    asked = 0
    for pk in files.order_by("pk").values_list("pk", flat=True):
        with transaction.atomic():
            # The row is locked, so that two nights at once send one message.
            file = Application.objects.select_for_update(of=("self",)).select_related("applicant").get(pk=pk)
            if file.submitted_at is None or told_since(
                template="rate_asked", subject=subject_of(file), since=file.submitted_at
            ):
                continue
            tell_applicant(file, "rate_asked", at=at)
            asked += 1
    return asked


def tell_of_next_round(*, at: datetime) -> int:
    """While a window is open (for some levels only: which, is said), tell once whoever agreed before it opened and has no file in it; answers how many were told."""
    notice, day = current(at), local_day(at)
    if not notice.window_open(at):
        return 0
    opened = window_at(notice, "", day)
    since = start_of(opened.start)
    people = Person.objects.filter(
        is_active=True, pk__in=_standing("next_round").filter(given_at__lt=since).values("person")
    )
    people = people.exclude(pk__in=Application.objects.filter(notice_id=notice.id).values("applicant"))
    whom = f"（{'、'.join(opened.levels)}）" if opened.levels else ""
    due = f"{opened.end.month}月{opened.end.day}日24时{whom}"
    told = 0
    for pk in people.order_by("pk").values_list("pk", flat=True):
        with transaction.atomic():
            person = Person.objects.select_for_update().get(pk=pk)
            subject = ("person", person.ref)
            if told_since(template="next_round", subject=subject, since=since):
                continue
            tell(person=person, template="next_round", values={"due": due}, subject=subject, at=at)
            told += 1
    return told
