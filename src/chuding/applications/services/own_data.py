"""Everything the site holds of a person, to take along (PIPL 45): one JSON and every paper, in a ZIP.

What is exported is read from the models field by field, so that a new field is in it the day it is made. A model that
refers to a person stands in one of the three tables below: whoever adds one says where, or why it stays here.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import Any, Final

from django.db import models, transaction
from django.db.models import Q

from chuding.accounts.models import (
    Authenticator,
    Consent,
    Delegation,
    EmployerClerk,
    OfficeRole,
    Person,
    RecoveryCode,
    Visit,
)
from chuding.accounts.roles import Role
from chuding.applications.aftercare_models import Appeal, FileView, Rating
from chuding.applications.aside.models import Reminder, UnsavedPage
from chuding.applications.finding_models import SavedSearch
from chuding.applications.models import Application, Assessment, Correction, Education, Material, WorkSpell
from chuding.applications.photos.models import NameWriting, PhotoPage
from chuding.applications.readings.models import PaperReading
from chuding.applications.reviewing.models import DeskKeys, Tie
from chuding.applications.roster.models import EmployerStaff, UnitLetter
from chuding.applications.services.moves import subject_of
from chuding.applications.services.papers import papers_of
from chuding.applications.units.models import CoSign, UnitPosted, UnitRequest
from chuding.applications.workflow import State
from chuding.certificates.models import Certificate, EarlierFile, Paper, RedactedCopy
from chuding.certificates.sealing import seals_about
from chuding.ledger.record import entries_about, record
from chuding.messages.models import Message
from chuding.storage.files import store

Rows = Iterable[models.Model]

# Indexes, keyed hashes and secrets that only the site reads; and who at a unit spoke through a link, another person.
_NOT_OWN: Final = frozenset({
    "id", "password", "phone_index", "identity_index", "claim_token", "is_active", "secret", "code_hash", "token_hash",
    "session_key",
})  # fmt: skip
_OF_OTHERS: Final[dict[type[models.Model], frozenset[str]]] = {CoSign: frozenset({"name", "phone"})}

#: What hangs on a person: the part's name in the JSON → its model and the rows.
OF_PERSON: Final[dict[str, tuple[type[models.Model], Callable[[Person], Rows]]]] = {
    "consents": (Consent, lambda p: Consent.objects.filter(person=p)),
    "messages": (Message, lambda p: Message.objects.filter(person=p)),
    "employer_rosters": (EmployerStaff, lambda p: EmployerStaff.objects.filter(claimed_by=p)),
    "certificates": (Certificate, lambda p: Certificate.objects.filter(holder=p)),
    "earlier_certificate_files": (EarlierFile, lambda p: EarlierFile.objects.filter(certificate__holder=p)),
    "redacted_copies": (RedactedCopy, lambda p: RedactedCopy.objects.filter(certificate__holder=p)),
    "letters": (Paper, lambda p: Paper.objects.filter(holder=p)),
    "signed_in_devices": (Visit, lambda p: Visit.objects.filter(person=p)),
    "authenticators": (Authenticator, lambda p: Authenticator.objects.filter(person=p)),
    "recovery_codes": (RecoveryCode, lambda p: RecoveryCode.objects.filter(person=p)),
    "reminders": (Reminder, lambda p: Reminder.objects.filter(phone_index=p.phone_index)),
    "unit_requests": (UnitRequest, lambda p: UnitRequest.objects.filter(asked_by=p)),
    "clerk_of": (EmployerClerk, lambda p: EmployerClerk.objects.filter(person=p)),
    "office_duties": (OfficeRole, lambda p: OfficeRole.objects.filter(person=p)),
    "stand_ins": (Delegation, lambda p: Delegation.objects.filter(Q(person=p) | Q(delegate=p))),
    "declared_ties": (Tie, lambda p: Tie.objects.filter(person=p)),
    "kept_searches": (SavedSearch, lambda p: SavedSearch.objects.filter(person=p)),
    "desk_keys": (DeskKeys, lambda p: DeskKeys.objects.filter(person=p)),
}
#: What hangs on one of their files.
OF_FILE: Final[dict[str, tuple[type[models.Model], Callable[[Application], Rows]]]] = {
    "educations": (Education, lambda f: f.educations.all()),
    "spells": (WorkSpell, lambda f: f.spells.all()),
    "materials": (Material, lambda f: f.materials.all()),
    "read_on_materials": (PaperReading, lambda f: PaperReading.objects.filter(material__application=f)),
    "photo_pages": (PhotoPage, lambda f: f.photo_pages.all()),
    "name_writing": (NameWriting, lambda f: NameWriting.objects.filter(application=f)),
    "not_saved_yet": (UnsavedPage, lambda f: f.unsaved.all()),
    "assessments": (Assessment, lambda f: f.assessments.all()),
    "corrections": (Correction, lambda f: f.corrections.all()),
    "appeals": (Appeal, lambda f: Appeal.objects.filter(application=f)),
    "ratings": (Rating, lambda f: Rating.objects.filter(application=f)),
    "links_to_the_unit": (CoSign, lambda f: f.co_signs.all()),
    "posted_at_the_unit": (UnitPosted, lambda f: UnitPosted.objects.filter(application=f)),
}
#: Told in words of their own: the account, the files, their acts, and who opened them (by role and day).
TOLD: Final = frozenset({"accounts.Person", "applications.Application", "ledger.Entry", "applications.FileView"})
_ACTED: Final = "what somebody did in an office or for a unit; the ledger's acts of a file tell its owner the role"
#: What refers to a person and stays here, and why.
LEFT_OUT: Final[dict[str, str]] = {
    "accounts.SignInCode": "a code's keyed hash, gone within two days",
    "accounts.HandOver": "keyed hashes that hold for ten minutes",
    "applications.SearchTerm": "an index over the file's own words",
    "applications.Viewing": "which pages an officer had on the screen; who opened the file is told by role and day",
    "applications.Note": "remarks among the offices before a decision",
    "applications.Likeness": "speaks of another person's file as much as of this one",
    "applications.SecondLook": "a blind check of the reviewers' work, not of the person",
    "applications.LetterPerson": "the place on a unit's letter, which names others; its scan is among the materials",
    "certificates.SealedFile": "the file itself is in the package beside the certificate",
    "decisions.RosterEntry": "the place in an official document, which names others; the certificate says which document",
    "decisions.PublicityEntry": "the place on a public list, which names others; the file's acts tell of it",
    "decisions.Revocation": "its reason stands at the certificate; the rest is the two officers'",
    "decisions.ArchivePackage": "made of what is exported here, with the officers' names",
    "decisions.SpotCheck": "a check of the offices' work, not of the person",
    **dict.fromkeys(
        (
            "notices.Version", "notices.Withdrawal", "publishing.Draft", "publishing.Run", "applications.Export",
            "applications.RosterImport", "applications.UnitLetter", "applications.UnitPosting", "decisions.Roster",
            "decisions.Publicity", "decisions.Objection",
        ),
        _ACTED,
    ),
}  # fmt: skip


def plain(row: models.Model) -> dict[str, Any]:
    """A row as JSON under its fields' names, without what is nobody's own and without other people."""
    own = _NOT_OWN | _OF_OTHERS.get(type(row), frozenset())
    told: dict[str, Any] = {}
    for field in row._meta.concrete_fields:  # noqa: SLF001 - Django's public-by-custom API
        if field.name in own or field.related_model in {Person, Application, Material, Certificate}:
            continue
        value = getattr(row, field.attname)
        told[field.name] = value.isoformat() if isinstance(value, date | datetime) else value
    return told


def _ordered(rows: Rows) -> list[dict[str, Any]]:
    return [plain(row) for row in sorted(rows, key=lambda row: row.pk)]


def data_of(person: Person, *, at: datetime) -> dict[str, Any]:
    """Everything the site holds of this person, as one JSON object."""
    files = Application.objects.filter(applicant=person).order_by("id")
    return {
        "made_at": at.isoformat(),
        "account": plain(person),
        "account_acts": _acts(("person", person.ref)),
        **{part: _ordered(rows(person)) for part, (_, rows) in OF_PERSON.items()},
        "applications": [_file(file) for file in files],
    }


def _acts(subject: tuple[str, str]) -> list[dict[str, str]]:
    return [
        {"at": entry.at.isoformat(), "action": entry.action, "role": entry.role, "reason": entry.reason}
        for entry in entries_about(subject)
    ]


def _file(file: Application) -> dict[str, Any]:
    told = plain(file)
    for part, (_, rows) in OF_FILE.items():
        told[part] = _ordered(rows(file))
    told["acts"] = _acts(subject_of(file))
    told["opened_by"] = [
        {"role": view.role, "day": view.day.isoformat()}
        for view in FileView.objects.filter(application=file).order_by("day", "id")
    ]
    return told


def package_of(person: Person, *, at: datetime) -> bytes:
    """The same as a ZIP with every paper in it: `my-data.json`, and a folder a file with uploads, letters, certificate."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as package:
        package.writestr("my-data.json", json.dumps(data_of(person, at=at), ensure_ascii=False, indent=1, default=str))
        found = [
            (f"{file.number or f'draft-{file.ref}'}/{name}", digest)
            for file in Application.objects.filter(applicant=person).order_by("id")
            for name, digest in _papers(file)
        ]
        for name, digest in found + _other_papers(person):
            if digest and store().exists(digest):
                package.write(store().path(digest), name)
    return out.getvalue()


def _papers(file: Application) -> list[tuple[str, str]]:
    # A unit's letter for many names others: their names are not this person's data.
    own = file.materials.exclude(file__in=UnitLetter.scans_of(file))
    found = [(f"upload-{m.code}-{m.pk}.pdf", m.file) for m in own.order_by("code", "id")]
    found += [(f"photo-{page.code}-{page.pk}.jpg", page.file) for page in file.photo_pages.all()]
    found += [("name-writing.jpg", each.file) for each in NameWriting.objects.filter(application=file)]
    found += [(f"letter-{n}-{paper.kind}.pdf", paper.file) for n, paper in enumerate(papers_of(file))]
    if file.life is State.ISSUED:
        found.append(("declaration.pdf", file.declaration_file))
        held = Certificate.objects.filter(number=file.certificate_number, holder_id=file.applicant_id)
        found += [(f"certificate-{each.number}.pdf", each.file) for each in held]
        sealed = seals_about("certificate", [each.number for each in held]).exclude(file="")
        found += [(f"certificate-{each.subject_ref}-sealed.{each.form}", each.file) for each in sealed]
    return found


def _other_papers(person: Person) -> list[tuple[str, str]]:
    """Copies that one made of a certificate, and the stamped papers with which one asked for a unit's account."""
    copies = RedactedCopy.objects.filter(certificate__holder=person).select_related("certificate").order_by("id")
    asked = UnitRequest.objects.filter(asked_by=person).order_by("id")
    return [
        *((f"copies/{copy.certificate.number}-{copy.pk}.pdf", copy.file) for copy in copies),
        *((f"unit-requests/{each.uscc}-{each.pk}.pdf", each.file) for each in asked),
    ]


@transaction.atomic
def take_along(*, by: Person, at: datetime) -> bytes:
    """The package, and a note in the ledger that it was fetched."""
    made = package_of(by, at=at)
    record(
        action="data.exported", subject=("person", by.ref), by=by, role=Role.APPLICANT, at=at, data={"bytes": len(made)}
    )
    return made
