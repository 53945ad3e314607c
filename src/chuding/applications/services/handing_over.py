"""转交: a reviewer gives a file in hand to a colleague, and says why; the review goes on where it stood."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from chuding.accounts.models import OfficeRole, Person
from chuding.accounts.people import roles_of
from chuding.accounts.roles import Role
from chuding.applications.reviewing.ties import ties_of
from chuding.applications.services.moves import lock, move, permit
from chuding.applications.services.review import LEASE, require_distinct, require_held
from chuding.applications.translate import local_day
from chuding.applications.workflow import Action, Declined

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet

    from chuding.applications.models import Application


def other_reviewers(person: Person) -> QuerySet[Person]:
    """Whom a reviewer may hand a file to: the other reviewers of the association."""
    duties = OfficeRole.objects.filter(office="association", role=OfficeRole.Duty.REVIEWER, active=True)
    return Person.objects.filter(pk__in=duties.values("person"), is_active=True).exclude(pk=person.pk).order_by("id")


@transaction.atomic
def hand_over(*, ref: str, to: str, reason: str, by: Person, at: datetime) -> Application:
    """Give the file to the reviewer with the reference `to`, who holds it for half an hour from now. Raises Declined.

    Verdicts stay as they are; whoever passes the file has to have seen every page, so the colleague looks again.
    """
    application = lock(ref)
    permit(application, Action.HAND_OVER, by=by, at=at)
    require_held(application, by=by, at=at)
    colleague = other_reviewers(by).filter(ref=to).first()
    if colleague is None or Role.REVIEWER not in roles_of(colleague, on=local_day(at)):
        raise Declined("请选择要转交的审核员。")
    if ties_of(colleague, local_day(at)).against(application):
        raise Declined(f"{colleague.display_name}按规定要回避这份申报，请选择别的审核员。")
    move(application, Action.HAND_OVER, by=by, at=at, reason=reason, data={"to": colleague.ref})
    application.reviewer, application.taken_at, application.lease_until = colleague, at, at + LEASE
    require_distinct(application)
    application.save(update_fields=["reviewer", "taken_at", "lease_until"])
    return application
