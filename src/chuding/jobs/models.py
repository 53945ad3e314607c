"""The table of what is to be done. A row is enqueued in the transaction of the act that wants it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.db import models

# The due time of a job that nobody put off: due on every clock, the demonstration's included.
AT_ONCE = datetime(1970, 1, 1, tzinfo=UTC)


class JobState(models.TextChoices):
    """Where a job stands. A failed one goes back to READY with a later due time; DEAD waits for a person."""

    READY = "ready", "待办"
    RUNNING = "running", "进行中"
    DONE = "done", "已完成"
    DEAD = "dead", "已放弃"


class Job(models.Model):
    """One piece of work: a task function by its path, its arguments, and how far it got.

    `run_at` is the earliest time on the caller's clock (the demonstration's, where there is one). `lease_until` is on the
    machine's clock: it says whether the worker still lives, which no demonstration changes.
    """

    task = models.CharField(max_length=200)
    arguments = models.JSONField[dict[str, Any], dict[str, Any]]()
    state = models.CharField(max_length=10, choices=JobState.choices, default=JobState.READY)
    priority = models.SmallIntegerField(default=0)
    queue = models.CharField(max_length=50, default="default")
    run_at = models.DateTimeField(default=AT_ONCE)
    attempts = models.PositiveSmallIntegerField(default=0)
    worker = models.CharField(max_length=64, blank=True, default="")
    lease_until = models.DateTimeField(null=True)
    # The same key never enqueues a second job, not even after the first is done.
    dedupe_key = models.CharField(max_length=200, null=True, unique=True)  # noqa: DJ001 - many jobs have none
    error = models.TextField(blank=True, default="")
    result = models.JSONField[Any, Any](null=True)
    enqueued_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        # Whole indexes, not partial ones: SQLite cannot use a partial index when the state is a bound value.
        indexes = [
            models.Index(fields=["state", "-priority", "id"], name="job_ready"),
            models.Index(fields=["state", "lease_until"], name="job_leased"),
        ]
        verbose_name = "后台任务"

    def __str__(self) -> str:
        return f"{self.task} #{self.pk} ({self.state})"
