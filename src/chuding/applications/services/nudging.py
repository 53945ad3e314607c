"""Reminding a unit of what waits for it: by the applicant, once a day, and by the night, when a term is near."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Count, Q

from chuding.accounts.models import Employer, EmployerClerk
from chuding.accounts.roles import Role
from chuding.applications.models import Application
from chuding.applications.services.moves import subject_of
from chuding.applications.translate import local_day
from chuding.applications.workflow import Declined, State
from chuding.ledger.record import record
from chuding.messages.services import tell, told_since
from chuding.policy.working_days import add_working_days, is_working_day, working_days_between
from chuding.storage.clock import start_of

if TYPE_CHECKING:
    from datetime import datetime

    from chuding.accounts.models import Person

TEMPLATE = "employer_nudge"
# Within so many working days of the end a file is urgent, as the message says.
URGENT = 3
# So long a unit is left in peace.
PATIENCE = 2


def may_nudge(application: Application, at: datetime) -> bool:
    """Whether the unit has had the file long enough to be reminded of it by its applicant."""
    return (
        application.life is State.EMPLOYER
        and application.submitted_at is not None
        and working_days_between(local_day(application.submitted_at), local_day(at)) >= PATIENCE
    )


@transaction.atomic
def nudge(*, ref: str, by: Person, at: datetime) -> None:
    """The applicant reminds the unit's clerks. Raises Declined, in words; Application.DoesNotExist for another's file."""
    application = Application.objects.select_for_update(of=("self",)).select_related("employer").get(ref=ref)
    if application.applicant_id != by.pk:
        raise Application.DoesNotExist
    if application.life is not State.EMPLOYER or application.employer is None:
        raise Declined("申报已经不在单位审核，不用催办。")
    if not may_nudge(application, at):
        raise Declined(f"提交满{PATIENCE}个工作日以后才能催办，请再等等，或者直接联系单位人事。")
    if not _remind(application.employer, at):
        raise Declined("今天已经提醒过单位，请明天再催办，或者直接联系单位人事。")
    record(action="nudge", subject=subject_of(application), by=by, role=Role.APPLICANT, at=at)


def remind_units(*, at: datetime) -> int:
    """On working days, remind each unit once of what is urgent; answers how many units that were."""
    day = local_day(at)
    if not is_working_day(day):
        return 0
    last = add_working_days(day, URGENT)
    waiting = Application.objects.filter(state=State.EMPLOYER, due_on__lte=last, employer__verified_at__isnull=False)
    units = Employer.objects.filter(pk__in=waiting.values("employer")).order_by("id")
    reminded = 0
    for unit in units:
        with transaction.atomic():
            reminded += _remind(unit, at)
    return reminded


def _remind(unit: Employer, at: datetime) -> bool:
    """Tell the unit's clerks how much waits; False where they were told today already, or there is nobody to tell."""
    day = local_day(at)
    files = Application.objects.filter(employer=unit, state=State.EMPLOYER)
    counts = files.aggregate(all=Count("pk"), urgent=Count("pk", filter=Q(due_on__lte=add_working_days(day, URGENT))))
    subject = ("employer", unit.uscc)
    # The row is locked, so that two people who remind at once send one message.
    list(Employer.objects.select_for_update().filter(pk=unit.pk).values_list("pk"))
    if not counts["all"] or told_since(template=TEMPLATE, subject=subject, since=start_of(day)):
        return False
    clerks = [row.person for row in EmployerClerk.objects.filter(employer=unit, active=True).select_related("person")]
    values = {"count": str(min(counts["all"], 99)), "urgent": str(min(counts["urgent"], 99))}
    for clerk in clerks:
        tell(person=clerk, template=TEMPLATE, values=values, subject=subject, at=at)
    return bool(clerks)
