"""Who stands in for whom while somebody is away: a duty lent to a colleague, with its first and its last day."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction

from chuding.accounts.models import Delegation, OfficeRole, Person
from chuding.accounts.people import ROLE_OF_DUTY
from chuding.accounts.roles import ROLE_NAMES, Role
from chuding.ledger.record import record

if TYPE_CHECKING:
    from datetime import date, datetime

    from django.db.models import QuerySet

LONGEST = timedelta(days=92)


class AbsenceProblem(Exception):  # noqa: N818 - an answer to a person, not a fault
    """It cannot be done; `sentence` says why and what to do."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


def colleagues_of(person: Person) -> QuerySet[Person]:
    """Who may stand in: active people with a duty in an office where this person has one."""
    offices = OfficeRole.objects.filter(person=person, active=True).values("office")
    there = OfficeRole.objects.filter(office__in=offices, active=True).exclude(person=person)
    return Person.objects.filter(pk__in=there.values("person"), is_active=True).order_by("id")


@transaction.atomic
def stand_in(*, delegate_ref: str, first: date, last: date, by: Person, at: datetime, on: date) -> list[Delegation]:
    """Lend every duty one has to a colleague of the same office from `first` to `last`. `on` is today.

    What binds a person binds the one standing in: nobody has two parts in a file, and everybody steps back from what
    they are tied to. Raises AbsenceProblem.
    """
    if last < first:
        raise AbsenceProblem("最后一天早于第一天，请改正日期。")
    if last < on:
        raise AbsenceProblem("这段时间已经过去了，请改正日期。")
    if last - first > LONGEST:
        raise AbsenceProblem("一次最多委托三个月。更长时间请由管理员调整岗位。")
    delegate = colleagues_of(by).filter(ref=delegate_ref).first()
    if delegate is None:
        raise AbsenceProblem("请从名单里选择本机构的一位同事。")
    duties = list(OfficeRole.objects.filter(person=by, active=True).exclude(role=OfficeRole.Duty.ADMINISTRATOR))
    if not duties:
        raise AbsenceProblem("您没有可以委托的岗位。")
    overlapping = Delegation.objects.filter(person=by, ended_at__isnull=True, first__lte=last, last__gte=first)
    if overlapping.exists():
        raise AbsenceProblem("这段时间已经委托过了。需要改的，请先结束原来的委托。")
    rows = [
        Delegation.objects.create(
            person=by, delegate=delegate, office=duty.office, role=duty.role, first=first, last=last, made_at=at
        )
        for duty in duties
    ]
    _note("absence.declared", by, delegate, at, first=first.isoformat(), last=last.isoformat(), duties=len(rows))
    return rows


@transaction.atomic
def end_absence(*, delegation_id: int, by: Person, at: datetime) -> None:
    """Take a lent duty back before its last day. Raises AbsenceProblem for what is no running one of one's own."""
    row = Delegation.objects.select_for_update().filter(pk=delegation_id, person=by, ended_at__isnull=True).first()
    if row is None:
        raise AbsenceProblem("这项委托已经结束，请刷新页面。")
    row.ended_at = at
    row.save(update_fields=["ended_at"])
    _note("absence.ended", by, row.delegate, at, duty=row.role)


def _note(action: str, by: Person, delegate: Person, at: datetime, **data: object) -> None:
    record(
        action=action,
        subject=("person", by.ref),
        by=by,
        role=Role.REVIEWER,
        at=at,
        data={"delegate": delegate.ref, **data},
    )


def role_name(office: str, duty: str) -> str:
    """A duty in words."""
    return ROLE_NAMES[ROLE_OF_DUTY[office, duty]]
