"""One's own data: who looked at it, and closing the account (PIPL 47). What can be taken along is in `own_data`."""

from __future__ import annotations

import secrets
from functools import partial
from typing import TYPE_CHECKING, Final

from django.db import transaction

from chuding.accounts.factors import forget_factors
from chuding.accounts.models import Consent, EmployerClerk, HandOver, OfficeRole, Person, Visit
from chuding.accounts.roles import ROLE_NAMES, Role
from chuding.accounts.visits import end
from chuding.applications.aftercare_models import FileView
from chuding.applications.models import Application, Material
from chuding.applications.photos.models import NameWriting, PhotoPage
from chuding.applications.roster.models import EmployerStaff
from chuding.applications.services.reminders import cancel_reminder
from chuding.applications.workflow import Declined, State
from chuding.certificates.models import RedactedCopy
from chuding.ledger.record import record
from chuding.messages.services import forget_words_to
from chuding.storage.files import store

if TYPE_CHECKING:
    from datetime import date, datetime

# While one of these is open, the office is at work on it or a paper may still come of it.
_OPEN: Final = frozenset(State) - {
    State.DRAFT, State.ISSUED, State.REFUSED, State.WITHDRAWN, State.EXPIRED, State.REVOKED,
}  # fmt: skip


def who_looked(person: Person) -> list[tuple[Application, list[tuple[str, FileView]]]]:
    """Each of one's files with who opened it, by role: the newest first."""
    views = FileView.objects.filter(application__applicant=person).select_related("application")
    found: dict[int, tuple[Application, list[tuple[str, FileView]]]] = {}
    for view in views.order_by("-application_id", "-last_at", "-id"):
        name = ROLE_NAMES[Role(view.role)]
        found.setdefault(view.application_id, (view.application, []))[1].append((name, view))
    return list(found.values())


def copies_in_use(person: Person, *, on: date) -> list[tuple[Application, RedactedCopy]]:
    """The copies of one's certificates that others may still be shown on this day, each with the file that it came of."""
    files = {file.certificate_number: file for file in Application.objects.filter(applicant=person)}
    rows = RedactedCopy.objects.filter(certificate__holder=person, withdrawn_at__isnull=True, until__gte=on)
    found = [(files.get(copy.certificate.number), copy) for copy in rows.select_related("certificate").order_by("id")]
    return [(file, copy) for file, copy in found if file is not None]


def in_the_way(person: Person) -> str:
    """Why the account cannot be closed now, in one sentence that says what to do; empty where it can."""
    waiting = Application.objects.filter(applicant=person, state__in=sorted(_OPEN)).first()
    if waiting is not None:
        return f"申报 {waiting.number} 正在办理（{waiting.life.label}）。请先撤回，或者等办结以后再注销。"
    if OfficeRole.objects.filter(person=person, active=True).exists():
        return "您还是工作人员。请先由管理员结束您的岗位，再注销。"
    if EmployerClerk.objects.filter(person=person, active=True).exists():
        return "您还是单位的经办人。请先在“经办人管理”里结束，再注销。"
    return ""


def kept_of(person: Person) -> list[Application]:
    """The files that stay after closing: what was decided is a record of the office (档案法), with its reasons."""
    return list(Application.objects.filter(applicant=person).exclude(submitted_at__isnull=True).order_by("id"))


@transaction.atomic
def close_account(*, by: Person, at: datetime) -> None:
    """Close the account: drafts and what was uploaded to them go, name, phone, factors and texts go, decided files stay.

    Raises Declined, in words, while something is in the way. The phone can open a new account afterwards.
    """
    person = Person.objects.select_for_update().get(pk=by.pk)
    if reason := in_the_way(person):
        raise Declined(reason)
    count, digests = _delete_drafts(person)
    Consent.objects.filter(person=person, withdrawn_at__isnull=True).update(withdrawn_at=at)
    EmployerStaff.objects.filter(claimed_by=person).update(claimed_by=None)
    cancel_reminder(phone=person.phone, at=at)
    forget_words_to(person)
    forget_factors(person)
    HandOver.objects.filter(person=person).delete()
    end(person=person, visit_ids=list(Visit.objects.filter(person=person).values_list("pk", flat=True)), at=at)
    record(
        action="account.closed",
        subject=("person", person.ref),
        by=person,
        role=Role.APPLICANT,
        at=at,
        data={"rows_deleted": count, "files_kept": len(kept_of(person))},
    )
    person.phone, person.phone_index = "", f"closed-{secrets.token_hex(16)}"
    person.display_name, person.is_active = "", False
    person.set_unusable_password()
    person.save()
    held = set(Material.objects.filter(file__in=digests).values_list("file", flat=True))
    held |= set(PhotoPage.objects.filter(file__in=digests).values_list("file", flat=True))
    held |= set(NameWriting.objects.filter(file__in=digests).values_list("file", flat=True))
    for digest in sorted(digests - held):
        transaction.on_commit(partial(store().remove, digest))


def _delete_drafts(person: Person) -> tuple[int, set[str]]:
    """Delete what was never handed in; how many rows that were, and the digests of the bytes they had."""
    drafts = Application.objects.filter(applicant=person, submitted_at__isnull=True)
    digests = set(Material.objects.filter(application__in=drafts).values_list("file", flat=True))
    digests |= set(PhotoPage.objects.filter(application__in=drafts).values_list("file", flat=True))
    digests |= set(NameWriting.objects.filter(application__in=drafts).values_list("file", flat=True))
    Material.objects.filter(application__in=drafts).delete()
    count, _ = drafts.delete()
    return count, digests
