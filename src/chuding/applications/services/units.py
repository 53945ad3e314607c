"""A unit opens its account: asked for by code and stamped paper, looked at by an officer, or confirmed by a posted letter."""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction

from chuding.accounts.appointments import appoint_clerk
from chuding.accounts.identity import check_uscc, plain_code
from chuding.accounts.models import Employer, EmployerClerk
from chuding.accounts.names import clean_name
from chuding.accounts.people import roles_of
from chuding.accounts.roles import Role
from chuding.accounts.services import set_display_name
from chuding.applications.tasks import make_pages_of
from chuding.applications.units.models import UnitRequest
from chuding.applications.workflow import Declined, FieldDeclined
from chuding.ledger.record import record
from chuding.messages.services import tell
from chuding.storage.fields import blind_index

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet

    from chuding.accounts.models import Person
    from chuding.applications.services.drafting import Upload

#: Who verifies units: the association, whose reviewers meet their papers.
OFFICERS = frozenset({Role.ASSOCIATION_SIGNER, Role.LEAD, Role.ADMINISTRATOR})
# Without letters and digits that look alike.
_ALPHABET = "ABCDEFGHJKMNPQRTUVWXYZ23456789"
_LENGTH = 10
TRIES = 5
MOST_OPEN = 3


@dataclass(frozen=True)
class Asked:
    """What somebody says of the unit and of themselves."""

    uscc: str
    name: str
    kind: str
    district: str
    address: str
    clerk_name: str


class UnitProblem(FieldDeclined):
    """What is in the way of a unit's account."""


def requests_of(person: Person) -> QuerySet[UnitRequest]:
    """What this person asked for, the newest first."""
    return UnitRequest.objects.filter(asked_by=person).order_by("-asked_at", "-id")


@transaction.atomic
def ask(*, asked: Asked, by: Person, at: datetime) -> UnitRequest:
    """Ask to act for a unit. Raises UnitProblem."""
    reading = check_uscc(asked.uscc)
    if reading.problem:
        raise UnitProblem(reading.problem, "uscc")
    called, problem = clean_name(asked.clerk_name)
    if problem:
        raise UnitProblem(problem, "clerk_name")
    unit = Employer.objects.filter(uscc=reading.number).first()
    if unit and EmployerClerk.objects.filter(employer=unit, person=by, active=True).exists() and unit.verified_at:
        raise UnitProblem("您已经是这个单位的经办人，请直接打开“单位审核”。", "uscc")
    open_ones = UnitRequest.objects.filter(asked_by=by, accepted__isnull=True)
    if open_ones.filter(uscc=reading.number).exists():
        raise UnitProblem("您已经申请过这个单位，正在核验。请在“我的申请”里查看进度。", "uscc")
    if open_ones.count() >= MOST_OPEN:
        raise UnitProblem(f"您有{MOST_OPEN}个单位正在核验，请等办完再申请。", "uscc")
    found = UnitRequest.objects.create(
        uscc=reading.number,
        name=asked.name.strip(),
        kind=asked.kind,
        district=asked.district.strip(),
        address=asked.address.strip(),
        asked_by=by,
        clerk_name=called,
        asked_at=at,
    )
    _record("unit.asked", found, by=by, role=Role.APPLICANT, at=at)
    return found


@transaction.atomic
def attach(*, ref: str, upload: Upload, by: Person, at: datetime) -> UnitRequest:
    """Hand in the paper with the unit's stamp, in place of an earlier one."""
    found = _open(ref).select_related("asked_by").filter(asked_by=by).first()
    if found is None:
        raise UnitProblem("这份申请已经办完，请刷新页面。")
    found.file, found.pages = upload.digest, upload.pages
    found.save(update_fields=["file", "pages"])
    make_pages_of.enqueue(digest=upload.digest)
    _record("unit.paper", found, by=by, role=Role.APPLICANT, at=at)
    return found


def _open(ref: str) -> QuerySet[UnitRequest]:
    return UnitRequest.objects.select_for_update(of=("self",)).filter(ref=ref, accepted__isnull=True)


def _for_decision(ref: str, by: Person) -> tuple[UnitRequest, Role]:
    role = min(roles_of(by) & OFFICERS, default=None)
    if role is None:
        raise Declined("只有协会的签发人、组长和管理员可以核验单位。")
    found = _open(ref).select_related("asked_by").first()
    if found is None:
        raise Declined("这份申请已经有人处理过了，请刷新页面。")
    if found.asked_by_id == by.pk:
        raise Declined("这是您本人的申请，请由其他人核验。")
    return found, role


@transaction.atomic
def decide(*, ref: str, accept: bool, reason: str, by: Person, at: datetime) -> UnitRequest:
    """A person who has looked at the stamped paper opens the unit's account, or declines with a reason."""
    found, role = _for_decision(ref, by)
    if accept and not found.file:
        raise Declined("还没有上传盖章的材料，不能核验通过。可以寄核验信。")
    if not accept and len(reason.strip()) < 4:
        raise Declined("请写明不通过的理由，告诉申请人怎么办。")
    _close(found, accept=accept, reason=reason.strip()[:400], by=by, at=at)
    if accept:
        # The officer saw what kind of unit the paper speaks of: an account may become an agency's later.
        Employer.objects.filter(uscc=found.uscc).exclude(kind=found.kind).update(kind=found.kind)
    _record("unit.opened" if accept else "unit.declined", found, by=by, role=role, at=at, reason=found.reason)
    return found


@transaction.atomic
def write_letter(*, ref: str, by: Person, at: datetime) -> tuple[UnitRequest, str]:
    """Make the code of a letter to the unit's address; it is shown once, for printing. A new one ends the one before."""
    found, role = _for_decision(ref, by)
    code = "".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH))
    found.code_hash, found.code_tries = _hash(found, code), 0
    found.letter_by, found.letter_at = by, at
    found.save(update_fields=["code_hash", "code_tries", "letter_by", "letter_at"])
    _record("unit.letter", found, by=by, role=role, at=at)
    return found, f"{code[:5]}-{code[5:]}"


def _hash(found: UnitRequest, code: str) -> str:
    return blind_index(f"{found.ref} {plain_code(code)}", "unit-letter")


def confirm(*, ref: str, code: str, by: Person, at: datetime) -> UnitRequest:
    """The code of the letter, which only came to the unit's own address, opens the account. Raises UnitProblem."""
    with transaction.atomic():
        found = _open(ref).select_related("asked_by", "letter_by").filter(asked_by=by).first()
        if found is None or found.letter_by is None:
            raise UnitProblem("这份申请没有寄出的核验信，或者已经办完。请刷新页面。", "code")
        if found.code_tries >= TRIES:
            raise UnitProblem(f"核验码输错已达{TRIES}次，已经失效。请致电协会重新寄信。", "code")
        right = hmac.compare_digest(found.code_hash, _hash(found, code))
        if right:
            _close(found, accept=True, reason="核验信", by=found.letter_by, at=at)
            _record("unit.opened", found, by=by, role=Role.APPLICANT, at=at, reason="核验信")
        else:
            found.code_tries += 1
            found.save(update_fields=["code_tries"])
    if not right:
        raise UnitProblem(f"核验码不对，还可以再试{TRIES - found.code_tries}次。请对照信上的10位字母和数字。", "code")
    return found


def _close(found: UnitRequest, *, accept: bool, reason: str, by: Person, at: datetime) -> None:
    found.accepted, found.decided_by, found.decided_at, found.reason = accept, by, at, reason
    found.code_hash = ""
    found.save()
    if accept:
        unit, new = Employer.objects.get_or_create(
            uscc=found.uscc,
            defaults={"name": found.name, "kind": found.kind, "district": found.district, "verified_at": at},
        )
        if not new and unit.verified_at is None:
            unit.name, unit.kind, unit.district, unit.verified_at = found.name, found.kind, found.district, at
            unit.save()
        appoint_clerk(person=found.asked_by, employer=unit, at=at, by=by)
        if not found.asked_by.display_name:
            set_display_name(person=found.asked_by, name=found.clerk_name, at=at)
    template = "unit_opened" if accept else "unit_declined"
    tell(person=found.asked_by, template=template, values={}, subject=("employer", found.uscc), at=at)


def _record(action: str, found: UnitRequest, *, by: Person, role: Role, at: datetime, reason: str = "") -> None:
    data = {"request": found.ref, "file": found.file}
    record(action=action, subject=("employer", found.uscc), by=by, role=role, at=at, reason=reason, data=data)
