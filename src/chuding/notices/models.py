"""The notices that rule here: every published version with its files, and what was withdrawn before it took force.

Both tables are only ever added to: triggers refuse UPDATE and DELETE (notices/guards.py). Which version is in force is no
state that somebody sets: it is a question of the moment, answered from `effective_at` (notices/shelf.py).
"""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from chuding.policy.source import Files
from chuding.storage.tokens import new_ref


class Origin(models.TextChoices):
    INSTALLATION = "installation", "随系统安装"
    DESK = "desk", "两人发布"


class Version(models.Model):
    """One published version of a notice, whole and frozen: the files of its folder, and their digest."""

    ref = models.CharField(max_length=24, unique=True, default=new_ref)
    notice_id = models.CharField(max_length=64)
    digest = models.CharField(max_length=64)
    files = models.JSONField[dict[str, str], dict[str, str]](help_text="text by file name, line ends as they are")
    number = models.CharField(max_length=100, blank=True, help_text="文号")
    title = models.CharField(max_length=200)
    note = models.CharField(max_length=400, blank=True, help_text="what is different, in the publishers' words")
    origin = models.CharField(max_length=16, choices=Origin)
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    proposed_at = models.DateTimeField(null=True)
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    published_at = models.DateTimeField()
    effective_at = models.DateTimeField(db_index=True)

    class Meta:
        indexes = [models.Index(fields=["notice_id", "digest"], name="version_by_digest")]
        constraints = [
            models.CheckConstraint(
                name="notice_published_by_two",
                condition=Q(origin="installation", proposed_by__isnull=True, published_by__isnull=True)
                | (
                    Q(origin="desk", proposed_by__isnull=False, published_by__isnull=False)
                    & ~Q(proposed_by=F("published_by"))
                ),
            ),
            models.CheckConstraint(
                name="notice_effective_once_published", condition=Q(effective_at__gte=F("published_at"))
            ),
        ]
        verbose_name = "通知版本"

    def __str__(self) -> str:
        return f"{self.notice_id} {self.digest[:12]}"

    @property
    def content(self) -> Files:
        """The files as the law engine reads them."""
        return Files(self.notice_id, {name: text.encode() for name, text in self.files.items()})


class Withdrawal(models.Model):
    """A version taken back before its moment came."""

    version = models.OneToOneField(Version, models.PROTECT, related_name="withdrawal")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    reason = models.CharField(max_length=400)

    class Meta:
        verbose_name = "撤回的通知版本"

    def __str__(self) -> str:
        return f"{self.version_id} {self.at:%Y-%m-%d}"
