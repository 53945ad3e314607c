"""An officer's declarations of what they step back from (回避). Values stay out of the ledger; that something was declared is in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from chuding.accounts.identity import check_identity, check_uscc
from chuding.accounts.masking import mask_identity
from chuding.accounts.people import roles_of
from chuding.applications.models import NO_UNIT
from chuding.applications.reviewing.models import Tie, TieKind
from chuding.applications.services.moves import OFFICE_ROLES, lock, subject_of
from chuding.applications.services.review import release
from chuding.applications.translate import local_day
from chuding.applications.workflow import Declined, State
from chuding.ledger.record import record
from chuding.storage.fields import blind_index

if TYPE_CHECKING:
    from datetime import date, datetime

    from chuding.accounts.models import Person
    from chuding.accounts.roles import Role
    from chuding.applications.models import Application


def _role(person: Person) -> Role:
    held = roles_of(person) & OFFICE_ROLES
    if not held:
        raise Declined("只有工作人员需要声明回避。")
    return min(held)


@transaction.atomic
def _declare(person: Person, kind: TieKind, value: str, *, label: str, until: date | None, at: datetime) -> Tie:
    role = _role(person)
    tie, _ = Tie.objects.update_or_create(
        person=person, kind=kind, value=value, defaults={"label": label, "until": until, "declared_at": at}
    )
    record(action="tie.declared", subject=("person", person.ref), by=person, role=role, at=at, data={"kind": str(kind)})
    return tie


def declare_identity(*, number: str, by: Person, at: datetime) -> Tie:
    """Declare one's own identity number, so that a file under a second account is seen. Only its blind index is kept."""
    reading = check_identity("resident_id", number, on=local_day(at))
    if reading.problem:
        raise Declined(reading.problem)
    index = blind_index(reading.number, "identity")
    return _declare(by, TieKind.IDENTITY, index, label=mask_identity(reading.number), until=None, at=at)


def declare_employer(*, name: str, uscc: str, until: date | None, by: Person, at: datetime) -> Tie:
    """Declare a unit where one works, or has worked until less than three years ago. `until`: the last day of stepping back."""
    if uscc.strip():
        reading = check_uscc(uscc)
        if reading.problem:
            raise Declined(reading.problem)
        return _declare(by, TieKind.USCC, reading.number, label=name.strip() or reading.number, until=until, at=at)
    if not name.strip():
        raise Declined("请填写单位全称或统一社会信用代码。")
    if name.strip() == NO_UNIT:
        raise Declined(f"“{NO_UNIT}”不是单位，不用声明。要回避某一份申报的，请在那份申报的页面上声明。")
    return _declare(by, TieKind.EMPLOYER, name.strip()[:200], label=name.strip()[:200], until=until, at=at)


@transaction.atomic
def step_back(*, ref: str, reason: str, by: Person, at: datetime) -> Application:
    """Declare a tie to one file, and give it back if it is in hand. The reason is for the offices only."""
    if not reason.strip():
        raise Declined("请写明回避的理由，例如“申报人是我的亲属”。")
    application = lock(ref)
    role = _role(by)
    if application.life is State.REVIEWING and application.reviewer_id == by.pk:
        release(ref=ref, by=by, at=at)
    Tie.objects.update_or_create(
        person=by,
        kind=TieKind.FILE,
        value=ref,
        defaults={"label": application.number or ref, "until": None, "declared_at": at},
    )
    record(action="step_back", subject=subject_of(application), by=by, role=role, at=at, reason=reason.strip())
    return application


@transaction.atomic
def withdraw_tie(*, tie_id: int, by: Person, at: datetime) -> None:
    """Take back a declared unit that was wrong. One's identity and a declared file stay."""
    role = _role(by)
    kinds = [TieKind.USCC, TieKind.EMPLOYER]
    gone, _ = Tie.objects.filter(pk=tie_id, person=by, kind__in=kinds).delete()
    if not gone:
        raise Declined("这一条不能撤回。")
    record(action="tie.withdrawn", subject=("person", by.ref), by=by, role=role, at=at)
