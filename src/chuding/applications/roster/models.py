"""An employer's own list of its people: for reminders and invitations, never an application.

HR typed it, so nothing of it is a statement of the person. Who claims the entry sees it, mends it and consents; who
declines it has it emptied.
"""

from __future__ import annotations

import json
import secrets
from typing import TYPE_CHECKING, Any, cast

from django.conf import settings
from django.db import models

from chuding.accounts.models import Employer
from chuding.applications.workflow import State
from chuding.storage.fields import EncryptedTextField
from chuding.storage.tokens import new_ref

if TYPE_CHECKING:
    from chuding.applications.models import Application, Material


def new_token() -> str:
    """What stands in an invitation's address (128 bits)."""
    return secrets.token_urlsafe(16)


class EmployerStaff(models.Model):
    """One person on an employer's roster, with what the law engine makes of it and how the invitation stands."""

    employer = models.ForeignKey(Employer, models.PROTECT, related_name="staff")
    ref = models.CharField(max_length=24, unique=True, default=new_ref)
    full_name = cast("models.Field[str, str]", EncryptedTextField())
    identity_type = models.CharField(max_length=32)
    identity_number = cast("models.Field[str, str]", EncryptedTextField())
    identity_index = models.CharField(max_length=64)
    phone = cast("models.Field[str, str]", EncryptedTextField())
    phone_index = models.CharField(max_length=64)
    details = cast("models.Field[str, str]", EncryptedTextField(default="{}", help_text="JSON: post, schooling, work"))
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    added_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    # what the engine says, so that lists and counts need no decryption; recomputed when the row or the notice changes
    first_on = models.DateField(null=True, help_text="first day on which some level's conditions hold; null: open")
    first_level = models.CharField(max_length=8, blank=True)
    awaits = models.BooleanField(default=False, help_text="the assessment at the end of probation is still to come")
    notice_digest = models.CharField(max_length=64, blank=True)

    claim_token = models.CharField(max_length=32, unique=True, default=new_token)
    claim_tries = models.PositiveSmallIntegerField(default=0)
    invited_at = models.DateTimeField(null=True)
    told_on = models.DateField(null=True, help_text="the day on which it was told that this person may apply")
    claimed_at = models.DateTimeField(null=True)
    claimed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    declined_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["employer", "identity_index"], name="one_entry_a_person_an_employer"),
        ]
        indexes = [
            models.Index(fields=["employer", "first_on", "id"], name="staff_by_day"),
            models.Index(fields=["phone_index"], name="staff_by_phone"),
        ]

    def __str__(self) -> str:
        return self.ref

    @property
    def declared(self) -> dict[str, Any]:
        """What HR typed besides name, number and phone."""
        return cast("dict[str, Any]", json.loads(self.details))


class RosterImport(models.Model):
    """One uploaded sheet between its check and its import. The cells are wiped when it is done or given up."""

    employer = models.ForeignKey(Employer, models.PROTECT, related_name="roster_imports")
    ref = models.CharField(max_length=24, unique=True, default=new_ref)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    name = models.CharField(max_length=120, help_text="file name as given, for display only")
    digest = models.CharField(max_length=64, help_text="SHA-256 of the uploaded sheet")
    cells = cast("models.Field[str, str]", EncryptedTextField(default="", blank=True))
    done_at = models.DateTimeField(null=True)
    imported = models.PositiveSmallIntegerField(default=0)
    left_out = models.PositiveSmallIntegerField(default=0)

    class Meta:
        indexes = [models.Index(fields=["at"], name="import_by_age")]

    def __str__(self) -> str:
        return self.ref


class UnitLetter(models.Model):
    """One 单位同意申报证明 for many people: typeset from their files, stamped on paper once, its scan attached to all of them."""

    employer = models.ForeignKey(Employer, models.PROTECT, related_name="letters")
    ref = models.CharField(max_length=24, unique=True, default=new_ref)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    scan = models.CharField(max_length=64, blank=True, help_text="SHA-256 of the stamped letter in the file store")
    attached_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["scan"], name="letter_by_scan")]

    def __str__(self) -> str:
        return self.ref

    @classmethod
    def scans_of(cls, application: Application) -> models.QuerySet[UnitLetter, str]:
        """The digests of the stamped letters that speak of this file."""
        return cls.objects.exclude(scan="").filter(people__application=application).values_list("scan", flat=True)


def names_others(application: Application, material: Material) -> bool:
    """Whether this upload is a unit's letter for many, with other people's names: its office reads it, the applicant does not."""
    return material.file in UnitLetter.scans_of(application)


class LetterPerson(models.Model):
    """One person on such a letter. `version` is the file's when the letter was made, so that it speaks of what it says."""

    letter = models.ForeignKey(UnitLetter, models.PROTECT, related_name="people")
    application = models.ForeignKey("applications.Application", models.PROTECT, related_name="unit_letters")
    position = models.PositiveSmallIntegerField()
    version = models.PositiveIntegerField()
    attached = models.BooleanField(default=False)

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["letter", "application"], name="one_place_a_person_a_letter")]

    def __str__(self) -> str:
        return f"{self.letter_id}/{self.position}"

    @property
    def fits(self) -> bool:
        """Whether the file still waits for the unit and says what the letter says of it."""
        return self.application.state == State.EMPLOYER and self.application.version == self.version
