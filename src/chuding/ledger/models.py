"""The table of what happened. Nothing in it is ever changed: triggers refuse UPDATE and DELETE on both databases."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models


class Entry(models.Model):
    """One act: who did what to what, when and why; chained to the entry before it by `previous`.

    Written by `ledger.record.record` only. `id` counts from 1 without a gap. `hash` is the RFC 6962 leaf hash of the
    entry's canonical JSON, `previous` the hash of entry id-1 (64 zeros for the first).
    """

    id = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField()
    # No constraint in the database: PostgreSQL would lock the person's row at commit, while whoever holds that row may
    # wait in record() for us. PROTECT still refuses to delete a person who stands here.
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        db_constraint=False,
    )
    role = models.CharField(max_length=40)
    action = models.CharField(max_length=80)
    subject_kind = models.CharField(max_length=40)
    subject_ref = models.CharField(max_length=80)
    reason = models.TextField(blank=True)
    data = models.JSONField[dict[str, Any], dict[str, Any]](default=dict)
    previous = models.CharField(max_length=64)
    hash = models.CharField(max_length=64, unique=True)

    class Meta:
        indexes = [
            models.Index(fields=["subject_kind", "subject_ref", "id"], name="entry_subject"),
            models.Index(fields=["by", "at"], name="entry_by_person"),
        ]
        verbose_name = "操作记录"

    def __str__(self) -> str:
        return f"{self.pk} {self.action} {self.subject_kind}:{self.subject_ref}"
