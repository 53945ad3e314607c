"""An invitation to the people of a roster, and what they do with it: claim it, or decline it.

The employer typed a draft's beginnings; only the person makes an application of it. An invitation opens to whoever is
signed in and knows the identity number that HR typed: a phone alone, which may have gone to a stranger, shows nothing.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import F, Q

from chuding.accounts.identity import IdentityKind, Sex, check_identity, plain_code
from chuding.accounts.roles import Role
from chuding.applications.models import NO_UNIT, Application, Engagement, Identity
from chuding.applications.roster.models import EmployerStaff
from chuding.applications.services.drafting import declare, declare_educations, declare_work, live_file_of, start
from chuding.applications.services.moves import subject_of
from chuding.applications.services.staff import index_of, note, require_clerk
from chuding.applications.workflow import LIVE, Declined, State
from chuding.ledger.record import record
from chuding.messages.services import text_phone

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet

    from chuding.accounts.models import Employer, Person
    from chuding.policy.notice import Notice

AGAIN_AFTER = timedelta(days=1)
TRIES = 5
MOST_AT_ONCE = 200
CONSENT = (
    "以上内容由我的单位提供。我已核对，同意带入我本人的申报草稿；草稿由我修改、补充和提交，单位在我提交之前看不到。"
)
_SEX = {Sex.MALE: "男", Sex.FEMALE: "女"}
_IDENTITY = {
    IdentityKind.RESIDENT_ID: Identity.MAINLAND,
    IdentityKind.HMT_RESIDENCE_PERMIT: Identity.HK_MACAU_TAIWAN,
    IdentityKind.HK_MACAU_PERMIT: Identity.HK_MACAU_TAIWAN,
    IdentityKind.TAIWAN_PERMIT: Identity.HK_MACAU_TAIWAN,
    IdentityKind.FOREIGN_PERMANENT_RESIDENCE: Identity.FOREIGN,
    IdentityKind.PASSPORT: Identity.FOREIGN,
}


@dataclass(frozen=True)
class Invited:
    """How many texts went out, and how many were left aside and why."""

    sent: int
    too_soon: int
    not_open: int


def waiting(employer: Employer) -> QuerySet[EmployerStaff]:
    """Those of a roster who may be invited: neither claimed nor declined."""
    return EmployerStaff.objects.filter(employer=employer, claimed_at__isnull=True, declined_at__isnull=True)


def may_be_invited(employer: Employer, *, notice: Notice, at: datetime) -> QuerySet[EmployerStaff]:
    """Those whom an invitation would reach now: neither claimed nor declined, not applied, not invited within a day."""
    due = Q(invited_at__isnull=True) | Q(invited_at__lte=at - AGAIN_AFTER)
    return not_applied(waiting(employer).filter(due), employer, notice)


def not_applied(people: QuerySet[EmployerStaff], employer: Employer, notice: Notice) -> QuerySet[EmployerStaff]:
    """Those of a roster of whom the employer has no submitted file in this round."""
    return people.exclude(identity_index__in=_applied(employer, notice))


def _applied(employer: Employer, notice: Notice) -> QuerySet[Application, str]:
    live = sorted(LIVE - {State.DRAFT})
    files = Application.objects.filter(employer=employer, notice_id=notice.id, state__in=live)
    return files.values_list("identity_index", flat=True)


@transaction.atomic
def invite(*, employer: Employer, refs: list[str], notice: Notice, by: Person, at: datetime) -> Invited:
    """Send the invitation by text message to some of the roster, to nobody twice within a day.

    Who has applied, claimed or declined is left aside. Raises Declined where nobody is chosen, or too many at once.
    """
    require_clerk(employer, by)
    if not refs:
        raise Declined("请先勾选要邀请的人。")
    if len(refs) > MOST_AT_ONCE:
        raise Declined(f"一次最多邀请{MOST_AT_ONCE}人，请分几次邀请。")
    chosen = list(waiting(employer).select_for_update().filter(ref__in=refs))
    applied = set(_applied(employer, notice))
    open_to = [person for person in chosen if person.identity_index not in applied]
    due = [person for person in open_to if person.invited_at is None or at - person.invited_at >= AGAIN_AFTER]
    for person in due:
        text_phone(phone=person.phone, template="staff_invited", at=at)
        person.invited_at, person.claim_tries = at, 0
    EmployerStaff.objects.bulk_update(due, ["invited_at", "claim_tries"], batch_size=100)
    note("staff.invited", employer, by=by, at=at, rows=len(due), entries=[person.ref for person in due])
    return Invited(len(due), len(open_to) - len(due), len(refs) - len(open_to))


def invitations_of(person: Person) -> QuerySet[EmployerStaff]:
    """The open invitations that were sent to this person's phone."""
    return EmployerStaff.objects.filter(
        phone_index=person.phone_index, invited_at__isnull=False, claimed_at__isnull=True, declined_at__isnull=True
    ).select_related("employer")


def open_invitation(token: str) -> EmployerStaff | None:
    """The invitation of a link, as long as it is neither claimed nor declined."""
    return (
        EmployerStaff.objects.filter(claim_token=token, claimed_at__isnull=True, declined_at__isnull=True)
        .select_related("employer")
        .first()
    )


def recognise(*, token: str, number: str, by: Person, at: datetime) -> EmployerStaff:
    """The invitation, opened by the identity number that HR typed. Raises Declined; after five wrong ones it stays shut."""
    with transaction.atomic():
        held = EmployerStaff.objects.select_for_update(of=("self",)).select_related("employer").get(claim_token=token)
        if held.claimed_at or held.declined_at:
            raise Declined("这份邀请已经处理过了。")
        if held.claim_tries >= TRIES:
            raise Declined("证件号码输错已达5次，这份邀请已经锁住。请联系单位重新发送邀请，或者直接自己申报。")
        right = hmac.compare_digest(held.identity_index, index_of(_canonical(held, number, at)))
        if not right:
            EmployerStaff.objects.filter(pk=held.pk).update(claim_tries=F("claim_tries") + 1)
            record(
                action="staff.wrong_number",
                subject=("employer", held.employer.uscc),
                by=by,
                role=Role.APPLICANT,
                at=at,
                data={"entry": held.ref},
            )
    if not right:
        left = TRIES - held.claim_tries - 1
        more = f"还可以再试{left}次。" if left else "这份邀请已经锁住，请联系单位重新发送。"
        raise Declined(f"与单位填写的证件号码不一致，{more}号码没有输错的，可能是单位填错了，您可以直接自己申报。")
    return held


def _canonical(held: EmployerStaff, number: str, at: datetime) -> str:
    return check_identity(held.identity_type, number, on=at.date()).number or plain_code(number)


@transaction.atomic
def claim(*, token: str, number: str, agreed: bool, notice: Notice, by: Person, at: datetime) -> Application:
    """Take over what HR typed into one's own draft. Raises Declined without consent, or with a live file in this round."""
    held = EmployerStaff.objects.select_for_update(of=("self",)).select_related("employer").get(claim_token=token)
    if held.claimed_at or held.declined_at:
        raise Declined("这份邀请已经处理过了。")
    if not hmac.compare_digest(held.identity_index, index_of(_canonical(held, number, at))):
        raise Declined("请先输入与单位填写一致的证件号码。")
    if not agreed:
        raise Declined("请先核对内容，勾选同意后再带入草稿。")
    if live_file_of(by, notice) is not None:
        raise Declined("您本年度已经有一份申报，没有再带入。请在“我的申报”里继续。")
    file = _draft(held, notice=notice, by=by, at=at)
    held.claimed_at, held.claimed_by = at, by
    held.save(update_fields=["claimed_at", "claimed_by"])
    record(
        action="staff.claimed",
        subject=subject_of(file),
        by=by,
        role=Role.APPLICANT,
        at=at,
        data={"employer": held.employer.uscc, "consent": sha256(CONSENT.encode()).hexdigest()},
    )
    return file


@transaction.atomic
def decline(*, token: str, by: Person, at: datetime) -> Employer:
    """Refuse what the employer typed: it is emptied at once, and not imported again."""
    held = EmployerStaff.objects.select_for_update(of=("self",)).select_related("employer").get(claim_token=token)
    if held.claimed_at or held.declined_at:
        raise Declined("这份邀请已经处理过了。")
    held.identity_number, held.phone, held.phone_index, held.details = "", "", "", "{}"
    held.first_on, held.first_level, held.declined_at = None, "", at
    held.save()
    record(
        action="staff.declined",
        subject=("employer", held.employer.uscc),
        by=by,
        role=Role.APPLICANT,
        at=at,
        data={"entry": held.ref},
    )
    return held.employer


# ---- from the roster into a draft ----


def _day(value: object) -> date | None:
    return date.fromisoformat(value) if isinstance(value, str) and value else None


def _draft(held: EmployerStaff, *, notice: Notice, by: Person, at: datetime) -> Application:
    """A draft with what HR typed. What the notice asks of the person alone stays open, so that every section is seen."""
    told = held.declared
    file = start(notice=notice, by=by, at=at)
    for section, values in _values(held, told, notice, at).items():
        declare(ref=file.ref, section=section, values=values, by=by, at=at)
    if (told.get("schooling") or told.get("degree")) and not file.educations.exists():
        declare_educations(ref=file.ref, rows=[_education(told)], by=by, at=at)
    if (started := _day(told.get("started_on"))) and not file.spells.exists():
        spell = {
            "employer_name": NO_UNIT if held.employer.speaks_for_freelancers else held.employer.name,
            "post": told.get("post", ""),
            "started_on": started,
            "ended_on": None,
            "in_specialty": True,
        }
        values = {"assessed_fit": told["assessed_fit"]} if isinstance(told.get("assessed_fit"), bool) else {}
        declare_work(ref=file.ref, rows=[spell], values=values, by=by, at=at)
    file.refresh_from_db()
    return file


def _values(held: EmployerStaff, told: dict[str, Any], notice: Notice, at: datetime) -> dict[str, dict[str, Any]]:
    """Section by section, as `declare` takes it."""
    reading = check_identity(held.identity_type, held.identity_number, on=at.date())
    identity = {
        "full_name": held.full_name,
        "identity": _IDENTITY[IdentityKind(held.identity_type)].value,
        "identity_type": held.identity_type,
        "identity_number": held.identity_number,
        "sex": _SEX.get(reading.sex, "") if reading.sex else "",
        "born_on": reading.born_on,
    }
    employer = {"employer": held.employer, "post": told.get("post", "")}
    if held.employer.speaks_for_freelancers:
        employer |= {"engagement": Engagement.FREELANCE, "employer_name": NO_UNIT}
    else:
        unit = held.employer
        employer |= {"employer_name": unit.name, "employer_uscc": unit.uscc, "employer_kind": unit.kind}
    choice = notice.catalogue.find(told.get("specialty") or "")
    specialty = {"level": told.get("level", "")} | ({"specialty": choice.path} if choice else {})
    return {"identity": identity, "employer": employer} | ({"specialty": specialty} if any(specialty.values()) else {})


def _education(told: dict[str, Any]) -> dict[str, Any]:
    degree = told.get("degree", "")
    graduated = _day(told.get("graduated_on"))
    return {
        "schooling": told.get("schooling", ""),
        "graduated_on": graduated,
        "degree": degree,
        "degree_on": (_day(told.get("degree_on")) or graduated) if degree else None,
        "school": told.get("school", ""),
        "major": told.get("major", ""),
        "study_mode": told.get("study_mode", ""),
        "field_matches": told.get("field_matches"),
    }
