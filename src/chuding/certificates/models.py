"""The register of certificates. A row is written once; only its standing changes."""

from __future__ import annotations

import secrets
from typing import cast

from django.conf import settings
from django.db import models

from chuding.storage.fields import EncryptedTextField


def new_token() -> str:
    """128 bits from the system's generator, URL-safe, 22 characters: what the QR code carries."""
    return secrets.token_urlsafe(16)


class Standing(models.TextChoices):
    VALID = "valid", "有效"
    REVOKED = "revoked", "已撤销"
    REPLACED = "replaced", "已换发"


class Certificate(models.Model):
    """One issued certificate. `award` is the frozen award's canonical JSON, encrypted: it names a person."""

    token = models.CharField(max_length=32, unique=True, default=new_token)
    number = models.CharField(max_length=32, unique=True)
    office = models.CharField(max_length=16)
    holder = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="certificates")
    level = models.CharField(max_length=8)
    award = cast("models.Field[str, str]", EncryptedTextField())
    award_digest = models.CharField(max_length=64)
    file = models.CharField(max_length=64, help_text="SHA-256 of the signed PDF in the file store")
    document_number = models.CharField(max_length=40)
    issued_at = models.DateTimeField()
    provable_until = models.DateTimeField(
        null=True, help_text="the end of the certificate behind the newest time stamp; null without one"
    )
    standing = models.CharField(max_length=10, choices=Standing, default=Standing.VALID)
    revoked_at = models.DateTimeField(null=True, help_text="when it ceased to count: revoked or replaced")
    revocation_reason = models.CharField(max_length=400, blank=True)
    replaced_by = models.OneToOneField("self", models.PROTECT, null=True, related_name="replaces")

    class Meta:
        indexes = [models.Index(fields=["file"]), models.Index(fields=["document_number"])]
        constraints = [
            models.CheckConstraint(
                name="revoked_has_time",
                condition=models.Q(standing="valid", revoked_at__isnull=True)
                | models.Q(standing__in=["revoked", "replaced"], revoked_at__isnull=False),
            ),
            models.CheckConstraint(
                name="replaced_has_successor",
                condition=models.Q(standing="replaced", replaced_by__isnull=False)
                | (~models.Q(standing="replaced") & models.Q(replaced_by__isnull=True)),
            ),
        ]

    def __str__(self) -> str:
        return self.number


class EarlierFile(models.Model):
    """Bytes that a certificate had before an archive time stamp was put on top. Whoever kept them has a genuine copy."""

    certificate = models.ForeignKey(Certificate, models.PROTECT, related_name="earlier_files")
    file = models.CharField(max_length=64, unique=True, help_text="SHA-256 of the signed PDF in the file store")
    replaced_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.file


class CertificateSeries(models.Model):
    """The last serial given, one row per office, year and level; locked while a number is taken."""

    office = models.CharField(max_length=16)
    year = models.PositiveSmallIntegerField()
    level = models.CharField(max_length=8)
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["office", "year", "level"], name="one_series")]

    def __str__(self) -> str:
        return f"{self.office} {self.year} {self.level}: {self.last}"


class PaperKind(models.TextChoices):
    RECEIPT = "receipt", "申报回执"
    CORRECTION = "correction", "申报材料补正通知书"
    REFUSAL = "refusal", "不予通过决定书"
    APPEAL = "appeal", "复核决定书"
    ENDORSEMENT = "endorsement", "单位同意申报证明（待盖章）"


class Paper(models.Model):
    """One letter about a file. Made once and kept by digest, so every download is the same bytes.

    `subject_kind` and `subject_ref` name the file as the ledger does; this room knows no more of it. `occasion` tells two
    papers of one kind apart. `office` is who signed it, empty where nobody did.
    """

    kind = models.CharField(max_length=12, choices=PaperKind)
    subject_kind = models.CharField(max_length=20)
    subject_ref = models.CharField(max_length=64)
    occasion = models.CharField(max_length=64)
    holder = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="papers")
    office = models.CharField(max_length=16, blank=True)
    file = models.CharField(max_length=64, help_text="SHA-256 of the PDF in the file store")
    made_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["file"])]
        constraints = [
            models.UniqueConstraint(
                fields=["subject_kind", "subject_ref", "kind", "occasion"], name="one_paper_an_occasion"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject_ref}"


class SealedFile(models.Model):
    """The version of an issued paper with the state's electronic seal on it, beside the one that we signed.

    Ordered in the transaction that issues; `file` is empty until the seal service gave the sealed one. `source` is what was
    sent there. `subject_kind` and `subject_ref` name the paper as the ledger does: certificate or document, and its number.
    """

    subject_kind = models.CharField(max_length=20)
    subject_ref = models.CharField(max_length=64)
    office = models.CharField(max_length=16)
    source = models.CharField(max_length=64, help_text="SHA-256 of the page that was sent to be sealed")
    ordered_at = models.DateTimeField()
    form = models.CharField(max_length=3, blank=True, help_text="pdf or ofd")
    file = models.CharField(max_length=64, blank=True, help_text="SHA-256 of the sealed file in the file store")
    seal_id = models.CharField(max_length=64, blank=True, help_text="esID of GB/T 38540")
    seal_name = models.CharField(max_length=200, blank=True)
    sealed_at = models.DateTimeField(null=True)
    problem = models.CharField(max_length=400, blank=True)

    class Meta:
        indexes = [models.Index(fields=["file"])]
        constraints = [
            models.UniqueConstraint(fields=["subject_kind", "subject_ref"], name="one_sealed_version"),
            models.CheckConstraint(
                name="sealed_has_time_and_form",
                condition=models.Q(file="", sealed_at__isnull=True)
                | (~models.Q(file="") & ~models.Q(form="") & models.Q(sealed_at__isnull=False)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subject_kind} {self.subject_ref}"


class StatusPublication(models.Model):
    """One publication of the signed status lists: what /status.json says. The newest counts; older ones are history."""

    made_at = models.DateTimeField()
    until = models.DateTimeField()
    content = models.BinaryField(help_text="the status file, byte for byte as it is served")
    revoked = models.PositiveIntegerField()
    statements = models.JSONField(
        default=dict, help_text="the same as W3C status lists: office/block → signed credential"
    )

    class Meta:
        get_latest_by = ["made_at", "id"]

    def __str__(self) -> str:
        return f"{self.made_at:%F %T}: {self.revoked}"


class RedactedCopy(models.Model):
    """A copy of a certificate without ID number and birth date, which its holder made for one purpose and some weeks."""

    token = models.CharField(max_length=32, unique=True, default=new_token)
    certificate = models.ForeignKey(Certificate, models.PROTECT, related_name="copies")
    purpose = cast("models.Field[str, str]", EncryptedTextField())
    until = models.DateField()
    made_at = models.DateTimeField()
    file = models.CharField(max_length=64, blank=True, help_text="SHA-256 of the PDF; empty until the worker made it")
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["file"])]

    def __str__(self) -> str:
        return f"{self.certificate_id} until {self.until}"
