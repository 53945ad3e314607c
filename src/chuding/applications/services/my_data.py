"""One's own data: everything the site holds of a person, to take along, and closing the account (PIPL 45, 47).

What is exported is read from the models field by field, so that a new field is in it the day it is made; what is never
a person's own (keys, hashes, other people) is named below and left out.
"""

from __future__ import annotations

import io
import json
import secrets
import zipfile
from datetime import date, datetime
from functools import partial
from typing import Any, Final

from django.db import models, transaction

from chuding.accounts.models import Consent, EmployerClerk, OfficeRole, Person
from chuding.accounts.roles import ROLE_NAMES, Role
from chuding.applications.aftercare_models import FileView, Rating
from chuding.applications.models import Application, Material
from chuding.applications.roster.models import EmployerStaff, UnitLetter
from chuding.applications.services.moves import subject_of
from chuding.applications.services.papers import papers_of
from chuding.applications.workflow import Declined, State
from chuding.certificates.models import Certificate
from chuding.certificates.sealing import seals_about
from chuding.ledger.record import entries_about, record
from chuding.messages.services import inbox_of
from chuding.storage.files import store

# Indexes and digests that only the site reads, and who of the staff did a thing: roles are told, names are theirs.
_NOT_OWN: Final = frozenset({
    "id", "password", "phone_index", "identity_index", "claim_token", "reviewer", "rechecker", "signer", "verdict_by",
    "asked_by", "applicant", "application", "person", "answered_by", "added_by", "is_active", "by",
})  # fmt: skip
# While one of these is open, the office is at work on it or a paper may still come of it.
_OPEN: Final = frozenset(State) - {
    State.DRAFT, State.ISSUED, State.REFUSED, State.WITHDRAWN, State.EXPIRED, State.REVOKED,
}  # fmt: skip
_PARTS: Final = ("educations", "spells", "materials", "assessments", "corrections")


def plain(row: models.Model) -> dict[str, Any]:
    """A row as JSON under its fields' names, without what is nobody's own."""
    told: dict[str, Any] = {}
    for field in row._meta.concrete_fields:  # noqa: SLF001 - Django's public-by-custom API
        if field.name in _NOT_OWN:
            continue
        value = getattr(row, field.attname)
        told[field.name] = value.isoformat() if isinstance(value, date | datetime) else value
    return told


def data_of(person: Person, *, at: datetime) -> dict[str, Any]:
    """Everything the site holds of this person, as one JSON object."""
    files = Application.objects.filter(applicant=person).order_by("id")
    return {
        "made_at": at.isoformat(),
        "account": plain(person),
        "consents": [plain(row) for row in Consent.objects.filter(person=person).order_by("id")],
        "applications": [_file(file) for file in files],
        "messages": [plain(row) for row in inbox_of(person).order_by("id")],
        "employer_rosters": [plain(row) for row in EmployerStaff.objects.filter(claimed_by=person).order_by("id")],
        "certificates": [plain(row) for row in Certificate.objects.filter(holder_id=person.pk).order_by("id")],
    }


def _file(file: Application) -> dict[str, Any]:
    told = plain(file)
    for part in _PARTS:
        told[part] = [plain(row) for row in getattr(file, part).order_by("id")]
    told["acts"] = [
        {"at": entry.at.isoformat(), "action": entry.action, "role": entry.role, "reason": entry.reason}
        for entry in entries_about(subject_of(file))
    ]
    told["opened_by"] = [
        {"role": view.role, "day": view.day.isoformat()}
        for view in FileView.objects.filter(application=file).order_by("day", "id")
    ]
    rating = Rating.objects.filter(application=file).first()
    told["rating"] = plain(rating) if rating else None
    return told


def package_of(person: Person, *, at: datetime) -> bytes:
    """The same as a ZIP with every paper in it: `my-data.json`, and a folder a file with uploads, letters, certificate."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as package:
        package.writestr("my-data.json", json.dumps(data_of(person, at=at), ensure_ascii=False, indent=1, default=str))
        for file in Application.objects.filter(applicant=person).order_by("id"):
            folder = file.number or f"draft-{file.ref}"
            for name, digest in _papers(file):
                if digest and store().exists(digest):
                    package.write(store().path(digest), f"{folder}/{name}")
    return out.getvalue()


def _papers(file: Application) -> list[tuple[str, str]]:
    # A unit's letter for many names others: their names are not this person's data.
    own = file.materials.exclude(file__in=UnitLetter.scans_of(file))
    found = [(f"upload-{m.code}-{m.pk}.pdf", m.file) for m in own.order_by("code", "id")]
    found += [(f"letter-{n}-{paper.kind}.pdf", paper.file) for n, paper in enumerate(papers_of(file))]
    if file.life is State.ISSUED:
        found.append(("declaration.pdf", file.declaration_file))
        held = Certificate.objects.filter(number=file.certificate_number, holder_id=file.applicant_id)
        found += [(f"certificate-{each.number}.pdf", each.file) for each in held]
        sealed = seals_about("certificate", [each.number for each in held]).exclude(file="")
        found += [(f"certificate-{each.subject_ref}-sealed.{each.form}", each.file) for each in sealed]
    return found


@transaction.atomic
def take_along(*, by: Person, at: datetime) -> bytes:
    """The package, and a note in the ledger that it was fetched."""
    made = package_of(by, at=at)
    record(
        action="data.exported", subject=("person", by.ref), by=by, role=Role.APPLICANT, at=at, data={"bytes": len(made)}
    )
    return made


def who_looked(person: Person) -> list[tuple[Application, list[tuple[str, FileView]]]]:
    """Each of one's files with who opened it, by role: the newest first."""
    views = FileView.objects.filter(application__applicant=person).select_related("application")
    found: dict[int, tuple[Application, list[tuple[str, FileView]]]] = {}
    for view in views.order_by("-application_id", "-last_at", "-id"):
        name = ROLE_NAMES[Role(view.role)]
        found.setdefault(view.application_id, (view.application, []))[1].append((name, view))
    return list(found.values())


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
    """Close the account: drafts and what was uploaded to them go, name and phone go, decided files stay.

    Raises Declined, in words, while something is in the way. The phone can open a new account afterwards.
    """
    person = Person.objects.select_for_update().get(pk=by.pk)
    if reason := in_the_way(person):
        raise Declined(reason)
    drafts = Application.objects.filter(applicant=person, submitted_at__isnull=True)
    digests = set(Material.objects.filter(application__in=drafts).values_list("file", flat=True))
    Material.objects.filter(application__in=drafts).delete()
    count, _ = drafts.delete()
    Consent.objects.filter(person=person, withdrawn_at__isnull=True).update(withdrawn_at=at)
    EmployerStaff.objects.filter(claimed_by=person).update(claimed_by=None)
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
    gone = digests - set(Material.objects.filter(file__in=digests).values_list("file", flat=True))
    for digest in sorted(gone):
        transaction.on_commit(partial(store().remove, digest))
