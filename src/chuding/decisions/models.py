"""Rosters, the official documents that come of them, and proposals to revoke."""

from __future__ import annotations

from typing import cast

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from chuding.applications.models import Application
from chuding.certificates.models import Certificate
from chuding.storage.fields import EncryptedTextField
from chuding.storage.tokens import new_ref


class Office(models.TextChoices):
    ASSOCIATION = "association", "协会（初级）"
    CITY = "city", "市职称办（中级）"


class RosterState(models.TextChoices):
    DRAFT = "draft", "拟稿，待核稿"
    VERIFIED = "verified", "已核稿，待签发"
    SIGNED = "signed", "已签发，正在制证"
    ISSUED = "issued", "已发文"
    FAILED = "failed", "制证没有完成"


class Roster(models.Model):
    """Approved people of one office that go into one document. Its list is fixed once it is signed."""

    ref = models.CharField(max_length=24, unique=True, default=new_ref)
    office = models.CharField(max_length=16, choices=Office)
    notice_id = models.CharField(max_length=64)
    state = models.CharField(max_length=8, choices=RosterState, default=RosterState.DRAFT)
    title = models.CharField(max_length=200)
    words = models.JSONField(default=dict, blank=True, help_text="what the office changed of the standard words")
    drafted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    drafted_at = models.DateTimeField()
    verified_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    verified_at = models.DateTimeField(null=True)
    signed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    signed_at = models.DateTimeField(null=True)
    list_digest = models.CharField(max_length=64, blank=True, help_text="what the signer saw, by digest")
    problem = models.CharField(max_length=400, blank=True)
    # Held while papers are made ready, spent with the document (services/issuing.py).
    number = models.CharField(max_length=40, blank=True)
    issue_on = models.DateField(null=True)
    predates_verification = models.BooleanField(default=False, help_text="signed before a third person verified")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(verified_by__isnull=True) | ~Q(verified_by=F("drafted_by")),
                name="verifier_is_not_drafter",
            ),
            models.CheckConstraint(
                condition=Q(signed_by__isnull=True)
                | Q(predates_verification=True)
                | (Q(verified_by__isnull=False) & ~Q(signed_by=F("drafted_by")) & ~Q(signed_by=F("verified_by"))),
                name="signer_is_a_third_person",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class RosterEntry(models.Model):
    """One person's place on a roster; a file stands on one roster at most."""

    roster = models.ForeignKey(Roster, models.CASCADE, related_name="entries")
    application = models.OneToOneField(Application, models.PROTECT, related_name="roster_entry")
    position = models.PositiveIntegerField()
    certificate = models.OneToOneField(Certificate, models.PROTECT, null=True, related_name="roster_entry")
    # Papers that are ready but do not count yet: numbers and digests, and for which 发文字号 they were made.
    prepared = models.JSONField(default=dict, blank=True)
    prepared_for = models.CharField(max_length=40, blank=True)
    problem = models.CharField(max_length=400, blank=True)

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["roster", "position"], name="one_person_a_place")]

    def __str__(self) -> str:
        return f"{self.roster_id}/{self.position}"


class DocumentSeries(models.Model):
    """The last serial of an office's documents in a year; locked while a number is taken, so no gap and no double."""

    office = models.CharField(max_length=16, choices=Office)
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["office", "year"], name="one_document_series")]

    def __str__(self) -> str:
        return f"{self.office} {self.year}: {self.last}"


class Document(models.Model):
    """One issued official document (发文): its number, its signed PDF and the roster annexed to it."""

    ref = models.CharField(max_length=24, unique=True, default=new_ref)
    roster = models.OneToOneField(Roster, models.PROTECT, related_name="document")
    office = models.CharField(max_length=16, choices=Office)
    year = models.PositiveSmallIntegerField()
    serial = models.PositiveIntegerField()
    number = models.CharField(max_length=40, unique=True)
    issued_on = models.DateField()
    issued_at = models.DateTimeField()
    file = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["office", "year", "serial"], name="one_document_a_serial")]

    def __str__(self) -> str:
        return self.number


class RevocationKind(models.TextChoices):
    REVOKE = "revoke", "撤销"
    CORRECT = "correct", "更正"
    REPLACE = "replace", "换发"


class Revocation(models.Model):
    """The end of a certificate: proposed by one person, confirmed by another, with its reason.

    `kind` says whether another takes its place: a corrected one (`changes`: what is put right, as JSON) or the same anew.
    `problem` says why the new one could not be made.
    """

    certificate = models.ForeignKey(Certificate, models.PROTECT, related_name="revocations")
    kind = models.CharField(max_length=8, choices=RevocationKind, default=RevocationKind.REVOKE)
    changes = cast("models.Field[str, str]", EncryptedTextField(blank=True))
    problem = models.CharField(max_length=400, blank=True)
    reason = models.CharField(max_length=400)
    clause = models.CharField(max_length=40, blank=True)
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    confirmed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    confirmed_at = models.DateTimeField(null=True)
    rejected_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(confirmed_by__isnull=True) | ~Q(confirmed_by=F("proposed_by")), name="two_people_revoke"
            ),
            models.UniqueConstraint(
                fields=["certificate"],
                condition=Q(confirmed_at__isnull=True, rejected_at__isnull=True),
                name="one_open_revocation",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.certificate_id} {self.proposed_at:%F}"


class ArchivePackage(models.Model):
    """The newest archive package of an issued file, kept by digest."""

    application = models.OneToOneField(Application, models.PROTECT, related_name="archive_package")
    file = models.CharField(max_length=64)
    size = models.PositiveIntegerField()
    made_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.application_id} {self.made_at:%F}"


class Publicity(models.Model):
    """One public list (公示) of approved people, before their document is issued.

    The notice asks for it, with so many working days; or the office does, and says on what ground.
    """

    ref = models.CharField(max_length=24, unique=True, default=new_ref)
    office = models.CharField(max_length=16, choices=Office)
    ground = models.CharField(max_length=300, help_text="the sentence that asks for it, and where it stands")
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    opened_at = models.DateTimeField()
    last_on = models.DateField(help_text="the last working day on which an objection is in time")

    class Meta:
        indexes = [models.Index(fields=["office", "last_on"], name="publicity_by_day")]

    def __str__(self) -> str:
        return f"{self.office} {self.opened_at:%F}"


class PublicityEntry(models.Model):
    """One person's place on a public list. Struck off, when the file went back: approved again, it is shown again."""

    publicity = models.ForeignKey(Publicity, models.PROTECT, related_name="entries")
    application = models.ForeignKey(Application, models.PROTECT, related_name="publicity_entries")
    position = models.PositiveIntegerField()
    struck_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["publicity", "position"], name="one_person_a_public_place"),
            models.UniqueConstraint(
                fields=["application"], condition=Q(struck_at__isnull=True), name="one_public_place_a_file"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.publicity_id}/{self.position}"


class Objection(models.Model):
    """What somebody has against a person on a public list: it holds that person's document back until it is decided."""

    entry = models.ForeignKey(PublicityEntry, models.PROTECT, related_name="objections")
    ref = models.CharField(max_length=24, unique=True, default=new_ref)
    name = cast("models.Field[str, str]", EncryptedTextField())
    contact = cast("models.Field[str, str]", EncryptedTextField())
    text = cast("models.Field[str, str]", EncryptedTextField())
    filed_at = models.DateTimeField()
    upheld = models.BooleanField(null=True)
    answer = models.CharField(max_length=400, blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(upheld__isnull=True)
                | (Q(decided_by__isnull=False, decided_at__isnull=False) & ~Q(answer="")),
                name="objection_is_decided_by_a_person",
            ),
        ]

    def __str__(self) -> str:
        return self.ref


class SpotCheck(models.Model):
    """A file drawn by lot for another look before it is approved (抽查); it waits until somebody has looked."""

    application = models.ForeignKey(Application, models.PROTECT, related_name="spot_checks")
    drawn_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    drawn_at = models.DateTimeField()
    note = models.CharField(max_length=400, blank=True)
    done_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    done_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["application"], condition=Q(done_at__isnull=True), name="one_open_spot_check"
            ),
            models.CheckConstraint(
                condition=Q(done_at__isnull=True) | (Q(done_by__isnull=False) & ~Q(note="")),
                name="spot_check_is_a_persons",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.application_id} {self.drawn_at:%F}"
