"""How a unit comes to act here: its account asked for and verified by a person, or one word through a link without an account."""

from __future__ import annotations

from typing import cast

from django.conf import settings
from django.db import models
from django.db.models import Q

from chuding.accounts.models import Employer
from chuding.storage.fields import EncryptedTextField
from chuding.storage.tokens import new_ref


class UnitRequest(models.Model):
    """Somebody asks to act for a unit. Opened by an officer who looked at the stamped paper, or by a letter's code."""

    ref = models.CharField(max_length=24, unique=True, default=new_ref)
    uscc = models.CharField(max_length=18)
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=24, choices=Employer.Kind.choices)
    district = models.CharField(max_length=60, blank=True)
    address = models.CharField(max_length=200, help_text="where a letter with a code would go")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="unit_requests")
    clerk_name = cast("models.Field[str, str]", EncryptedTextField())
    asked_at = models.DateTimeField()
    file = models.CharField(max_length=64, blank=True, help_text="SHA-256 of the stamped paper in the store")
    pages = models.PositiveSmallIntegerField(default=0)
    code_hash = models.CharField(max_length=64, blank=True)
    code_tries = models.PositiveSmallIntegerField(default=0)
    letter_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    letter_at = models.DateTimeField(null=True)
    accepted = models.BooleanField(null=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=400, blank=True)

    class Meta:
        app_label = "applications"
        indexes = [models.Index(fields=["accepted", "asked_at", "id"], name="unit_requests_waiting")]
        constraints = [
            models.UniqueConstraint(
                fields=["uscc", "asked_by"], condition=Q(accepted__isnull=True), name="one_open_unit_request"
            ),
            models.CheckConstraint(
                condition=Q(accepted__isnull=True) | Q(decided_by__isnull=False, decided_at__isnull=False),
                name="unit_is_opened_by_a_person",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.uscc} {self.asked_at:%F}"


class CoSign(models.Model):
    """A link by which a unit without an account gives its word on one file, once. Only the link's keyed hash is kept."""

    application = models.ForeignKey("applications.Application", models.CASCADE, related_name="co_signs")
    token_hash = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()
    until = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    agrees = models.BooleanField(null=True)
    name = cast("models.Field[str, str]", EncryptedTextField(blank=True, default=""))
    phone = cast("models.Field[str, str]", EncryptedTextField(blank=True, default=""))
    reason = models.CharField(max_length=400, blank=True)

    class Meta:
        app_label = "applications"
        constraints = [
            models.UniqueConstraint(
                fields=["application"], condition=Q(used_at__isnull=True), name="one_open_link_a_file"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.application_id} {self.made_at:%F}"


class UnitPosting(models.Model):
    """Names shown at the unit (单位公示) before it agrees, where the notice asks for it; closed with what came of it."""

    ref = models.CharField(max_length=24, unique=True, default=new_ref)
    employer = models.ForeignKey(Employer, models.PROTECT, related_name="postings")
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    last_on = models.DateField(help_text="the last working day of the list")
    result = models.CharField(max_length=400, blank=True, help_text="what came of it, in the unit's words")
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    closed_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "applications"

    def __str__(self) -> str:
        return f"{self.employer_id} {self.made_at:%F}"


class UnitPosted(models.Model):
    """One person on a unit's list."""

    posting = models.ForeignKey(UnitPosting, models.CASCADE, related_name="people")
    application = models.OneToOneField("applications.Application", models.CASCADE, related_name="unit_posted")

    class Meta:
        app_label = "applications"

    def __str__(self) -> str:
        return f"{self.posting_id} {self.application_id}"
