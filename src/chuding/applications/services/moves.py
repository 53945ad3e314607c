"""The one way that a file's state changes: lock, ask the table, change, record, in the caller's transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import BigIntegerField

from chuding.accounts.models import EmployerClerk
from chuding.accounts.people import roles_of
from chuding.accounts.roles import Role
from chuding.applications.deadlines import set_clock
from chuding.applications.models import Application
from chuding.applications.reviewing.ties import ties_of
from chuding.applications.translate import local_day
from chuding.applications.workflow import UNDOABLE, Action, Declined, State, Step, step
from chuding.ledger.record import record
from chuding.messages.services import tell
from chuding.storage.prepared import Prepared, Slot

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import datetime

    from django.db.models import QuerySet

    from chuding.accounts.models import Person

OFFICE_ROLES = frozenset({Role.REVIEWER, Role.LEAD, Role.RECHECKER, Role.ASSOCIATION_SIGNER, Role.CITY_SIGNER})


def subject_of(application: Application) -> tuple[str, str]:
    """What the ledger and the messages call this file."""
    return ("application", application.ref)


def lock(ref: str) -> Application:
    """The file, its row locked until the transaction ends. Raises Application.DoesNotExist."""
    return Application.objects.select_for_update().get(ref=ref)


def lock_all(refs: Collection[str]) -> None:
    """Lock the rows of these files until the transaction ends, always in one order; what is read after it stands still."""
    list(Application.objects.select_for_update().filter(ref__in=refs).order_by("id").values_list("pk", flat=True))


def clerks_online(application: Application) -> bool:
    """Whether the employer is verified here and has somebody to endorse the file."""
    return application.employer_id is not None and bool(_CLERKS(employer=application.employer_id))


def _clerks() -> QuerySet[EmployerClerk, int]:
    """One of the clerks who may endorse for a unit, by key."""
    unit = Slot("employer", BigIntegerField())
    clerks = EmployerClerk.objects.filter(employer=unit, active=True, employer__verified_at__isnull=False)
    return clerks.values_list("pk", flat=True)[:1]


_CLERKS = Prepared(_clerks)


# What a person reads in one go; the forms' own limits are below it or the same.
LONGEST_REASON = 2000


def letter_may_come_from_unit(application: Application) -> bool:
    """Whether the file may be handed in without the stamped letter, as the employer's clerk can make and attach it here."""
    return application.life in {State.DRAFT, State.EMPLOYER_RETURNED} and clerks_online(application)


def roles_on(application: Application, person: Person, at: datetime | None = None) -> frozenset[Role]:
    """In which roles this person may act on this file, read at the time of the act.

    On one's own file one is an applicant and nothing else, and nothing at all under another account; a clerk of its
    employer endorses and has no part in the offices' work on it; whoever has a tie to it (reviewing.ties) has no part at
    all: 回避. `at`: the moment of the act; without it the file's last change.
    """
    if application.applicant_id == person.pk:
        return frozenset({Role.APPLICANT})
    if (
        application.employer_id is not None
        and EmployerClerk.objects.filter(
            person=person, employer=application.employer_id, active=True, employer__verified_at__isnull=False
        ).exists()
    ):
        return frozenset() if own_by_another_account(application, person, at) else frozenset({Role.EMPLOYER_CLERK})
    held = roles_of(person, on=local_day(at or application.updated_at)) & OFFICE_ROLES
    if held and ties_of(person, local_day(at or application.updated_at)).against(application):
        return frozenset()
    return held


def own_by_another_account(application: Application, person: Person, at: datetime | None = None) -> bool:
    """Whether the file is this person's own although another account applied: by the identity number they are known by."""
    ties = ties_of(person, local_day(at or application.updated_at))
    return application.applicant_id != person.pk and ties.is_of_oneself(application)


def require_anothers(files: Iterable[Application], person: Person, at: datetime) -> None:
    """Raise Declined, in words, where one of the files is the clerk's own under another account."""
    ties = ties_of(person, local_day(at))
    if any(ties.is_of_oneself(file) for file in files):
        raise Declined("申报人的证件号码与您本人的相同，按回避规定请由单位的其他经办人办理。")


def conditions_of(application: Application, at: datetime | None = None) -> frozenset[str]:
    """Which `when` words of the workflow's table are true of this file; those that need a clock only with `at`."""
    found = {"junior" if application.is_junior else "intermediate"}
    if application.life is State.DRAFT:
        found.add("employer_online" if clerks_online(application) else "employer_offline")
    if application.life is State.REVIEWING:
        found.add("returned_before" if returned_before(application) else "first_return")
        found.add("red" if application.opinion == "for" and engine_answer(application) != "yes" else "green")
        if at is not None and (application.lease_until is None or application.lease_until <= at):
            found.add("lease_over")
    if at is not None and application.appeal_until is not None and local_day(at) <= application.appeal_until:
        found.add("appealable")
    if at is not None and application.undo_until is not None and at < application.undo_until:
        found.add(_undoable(application))
    return frozenset(found)


def _undoable(application: Application) -> str:
    """Whose act it is that may still be undone, as the table says it."""
    if application.life is State.REFUSED and application.signer_id is not None:
        return f"undoable_{'junior' if application.is_junior else 'intermediate'}_refusal"
    agreed = application.life is State.CORRECTION and any(
        each.mended_at is None and each.agreed_by_id is not None for each in application.corrections.all()
    )
    return "undoable_agreement" if agreed else "undoable"


def returned_before(application: Application) -> bool:
    """Whether the applicant has mended a send-back already."""
    return any(correction.mended_at is not None for correction in application.corrections.all())


def engine_answer(application: Application) -> str:
    """What the law engine said at the last submission: yes, no or unknown."""
    latest = max(application.assessments.all(), key=lambda each: (each.at, each.pk))
    report: dict[str, Any] = latest.report
    return str(report["levels"][application.level]["answer"])


def permit(application: Application, action: Action, *, by: Person, at: datetime) -> Step:
    """The row of the table that lets `by` do this to the file as it stands. Raises IllegalAction, in words, where none does."""
    return step(application.life, action, roles_on(application, by, at), conditions_of(application, at))


def move(
    application: Application,
    action: Action,
    *,
    by: Person,
    at: datetime,
    reason: str = "",
    data: dict[str, Any] | None = None,
) -> Step:
    """Carry out one step of the table on a locked file and record it; the caller saves nothing itself afterwards.

    Fields that the caller set on `application` before are saved along. Raises Declined, in words, where the table or
    the recusal forbids it, or where a reason is due and missing.
    """
    row = permit(application, action, by=by, at=at)
    if row.reason and not reason.strip():
        raise Declined(f"请写明{action.label}的理由，再提交一次。")
    if len(reason) > LONGEST_REASON:
        raise Declined(f"最多写{LONGEST_REASON}个字，现在有{len(reason)}个字。您写的都还在，请写短一些。")
    before = application.life
    application.state = row.next
    application.version += 1
    application.updated_at = at
    if action not in UNDOABLE:
        application.undo_by, application.undo_until, application.undo_clock = None, None, None
    if action is not Action.UNDO:
        set_clock(application, before, local_day(at))
    application.save()
    record(
        action=action,
        subject=subject_of(application),
        by=by,
        role=row.role,
        at=at,
        reason=reason,
        data={"from": str(before), "to": str(row.next), "notice_digest": application.notice_digest, **(data or {})},
    )
    return row


def tell_applicant(application: Application, template: str, *, at: datetime, **values: str) -> None:
    """Tell the applicant by SMS and in the inbox; the message goes out only if the transaction holds."""
    number = application.number or ""
    tell(
        person=application.applicant,
        template=template,
        values={"number": number, "tail": number[-4:], **values},
        subject=subject_of(application),
        at=at,
    )
