"""Who on a roster may apply from today: the night tells the unit's clerks, and those whom the unit has invited."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from chuding.accounts.models import Employer, EmployerClerk
from chuding.applications.roster.models import EmployerStaff
from chuding.applications.services.invitations import not_applied, waiting
from chuding.applications.services.staff import reckon
from chuding.applications.translate import local_day
from chuding.messages.services import tell, text_phone

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet

    from chuding.policy.notice import Notice

MOST_COUNTED = 99


def reckon_rosters(*, notice: Notice, at: datetime) -> int:
    """Ask again, unit by unit, for everybody whose day is still that of another notice; answers how many.

    Without it a new notice would end the reminders of every roster until a clerk asks.
    """
    day = local_day(at)
    if day > notice.window.end:
        return 0
    stale = EmployerStaff.objects.filter(declined_at__isnull=True).exclude(notice_digest=notice.digest)
    units = Employer.objects.filter(pk__in=stale.values("employer")).order_by("id")
    return sum(reckon(employer=unit, notice=notice, on=day) for unit in units)


def tell_who_may_apply(*, notice: Notice, at: datetime) -> int:
    """Tell each person's day once, while the notice takes applications for their level; answers how many were told of.

    A clerk hears how many there are and finds them in the list. The person hears it only after an invitation by the
    unit, and not where they have applied, claimed or declined; the text names nobody.
    """
    day = local_day(at)
    open_now = [rule.level.value for rule in notice.levels if notice.window_open(at, rule.level)]
    if not open_now:
        return 0
    held = EmployerStaff.objects.filter(told_on__isnull=True, awaits=False, first_on__lte=day, first_level__in=open_now)
    units = Employer.objects.filter(pk__in=held.values("employer"), verified_at__isnull=False).order_by("id")
    return sum(_tell_unit(unit, held, notice, at) for unit in units)


@transaction.atomic
def _tell_unit(unit: Employer, held: QuerySet[EmployerStaff], notice: Notice, at: datetime) -> int:
    reached = waiting(unit) & held
    # What another notice said of them is asked again before anybody is told (`reckon_rosters`).
    people = list(not_applied(reached.filter(notice_digest=notice.digest), unit, notice).select_for_update())
    if not people:
        return 0
    values = {"count": str(min(len(people), MOST_COUNTED))}
    for clerk in EmployerClerk.objects.filter(employer=unit, active=True).select_related("person"):
        tell(person=clerk.person, template="staff_eligible", values=values, subject=("employer", unit.uscc), at=at)
    for person in people:
        if person.invited_at is not None:
            text_phone(phone=person.phone, template="staff_may_apply", at=at)
        person.told_on = local_day(at)
    EmployerStaff.objects.bulk_update(people, ["told_on"], batch_size=100)
    return len(people)
