"""A notice that is being written, and what was found out about it: checks, differences, replays."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from chuding.notices.models import Version
from chuding.policy.source import Files
from chuding.storage.tokens import new_ref


class DraftState(models.TextChoices):
    OPEN = "open", "起草中"
    PROPOSED = "proposed", "待复核发布"
    PUBLISHED = "published", "已发布"
    DISCARDED = "discarded", "已删除"


class Draft(models.Model):
    """A notice in the making: the files of its folder as they stand now, and where it came from."""

    ref = models.CharField(max_length=24, unique=True, default=new_ref)
    notice_id = models.CharField(max_length=64)
    digest = models.CharField(max_length=64)
    files = models.JSONField[dict[str, str], dict[str, str]]()
    base_id = models.CharField(max_length=64, help_text="what it was copied from, and is compared with")
    base_digest = models.CharField(max_length=64)
    note = models.CharField(max_length=400, blank=True)
    state = models.CharField(max_length=12, choices=DraftState, default=DraftState.OPEN)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()
    saved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    saved_at = models.DateTimeField()
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    proposed_at = models.DateTimeField(null=True)
    returned_because = models.CharField(max_length=400, blank=True)
    version = models.OneToOneField(Version, models.PROTECT, null=True, related_name="draft")

    class Meta:
        indexes = [models.Index(fields=["state", "-saved_at"], name="draft_by_state")]
        constraints = [
            models.CheckConstraint(
                name="draft_proposed_by_somebody",
                condition=~Q(state__in=["proposed", "published"])
                | Q(proposed_by__isnull=False, proposed_at__isnull=False),
            ),
            models.CheckConstraint(
                name="draft_published_as_a_version",
                condition=Q(state="published", version__isnull=False)
                | (~Q(state="published") & Q(version__isnull=True)),
            ),
        ]
        verbose_name = "通知草案"

    def __str__(self) -> str:
        return f"{self.notice_id} {self.digest[:12]}"

    @property
    def content(self) -> Files:
        """The files as the law engine reads them."""
        return Files(self.notice_id, {name: text.encode() for name, text in self.files.items()})

    @property
    def corrects(self) -> bool:
        """Whether it is another version of the same notice, rather than a new one."""
        return self.base_id == self.notice_id


class RunKind(models.TextChoices):
    CHECK = "check", "检查"
    DIFFERENCE = "difference", "与底稿的不同"
    REPLAY = "replay", "试算"


class RunState(models.TextChoices):
    WAITING = "waiting", "排队"
    RUNNING = "running", "计算中"
    DONE = "done", "完成"
    FAILED = "failed", "没有算完"


class Run(models.Model):
    """One computation about a draft as it stood: its files by digest, so that a result never speaks of other words."""

    draft = models.ForeignKey(Draft, models.CASCADE, related_name="runs")
    kind = models.CharField(max_length=12, choices=RunKind)
    digest = models.CharField(max_length=64)
    state = models.CharField(max_length=8, choices=RunState, default=RunState.WAITING)
    progress = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    outcome = models.JSONField[dict[str, Any], dict[str, Any]](default=dict)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["draft", "kind", "digest"], name="one_run_a_kind_a_content"),
            models.CheckConstraint(name="run_within_its_total", condition=Q(progress__lte=F("total"))),
        ]
        verbose_name = "草案的检查和试算"

    def __str__(self) -> str:
        return f"{self.kind} {self.digest[:12]} {self.state}"


class ChangedKind(models.TextChoices):
    OWN = "own", "所申报级别的结论改变"
    ASIDE = "aside", "没有申报的级别"
    GONE = "gone", "专业不在新目录里"


class ChangedFile(models.Model):
    """One answer of one file that a replay found to be another, or a file whose specialty is gone; no name is kept."""

    run = models.ForeignKey(Run, models.CASCADE, related_name="changed_files")
    position = models.PositiveIntegerField(help_text="in the order of handing in, from 1")
    kind = models.CharField(max_length=8, choices=ChangedKind)
    ref = models.CharField(max_length=24)
    level = models.CharField(max_length=8, blank=True)
    schooling = models.CharField(max_length=16, blank=True)
    before = models.CharField(max_length=8, blank=True)
    after = models.CharField(max_length=8, blank=True)
    clauses = models.JSONField[list[list[str]], list[list[str]]](default=list)

    class Meta:
        indexes = [models.Index(fields=["run", "kind", "position"], name="changed_by_kind")]
        constraints = [models.UniqueConstraint(fields=["run", "position"], name="one_changed_file_a_position")]
        verbose_name = "试算中结论改变的件"

    def __str__(self) -> str:
        return f"{self.run_id} {self.position} {self.kind} {self.ref}"
