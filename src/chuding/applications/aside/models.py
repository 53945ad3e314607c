"""What is kept aside for people without being part of any file: pages not saved yet, and reminders asked for without an account."""

from __future__ import annotations

from typing import cast

from django.db import models

from chuding.storage.fields import EncryptedTextField


class UnsavedPage(models.Model):
    """What stands in the boxes of a section and is not saved yet: kept while typing, and when a session ends."""

    application = models.ForeignKey("applications.Application", models.CASCADE, related_name="unsaved")
    section = models.CharField(max_length=16)
    typed = cast("models.Field[str, str]", EncryptedTextField(help_text="the form, as a query string"))
    kept_at = models.DateTimeField()

    class Meta:
        app_label = "applications"
        constraints = [models.UniqueConstraint(fields=["application", "section"], name="one_unsaved_page_a_section")]

    def __str__(self) -> str:
        return f"{self.application_id} {self.section}"


class Reminder(models.Model):
    """A text message on one day that somebody without an account asked for; the row goes with the message."""

    phone = cast("models.Field[str, str]", EncryptedTextField())
    phone_index = models.CharField(max_length=64, unique=True)
    due_on = models.DateField(db_index=True)
    agreed_at = models.DateTimeField()

    class Meta:
        app_label = "applications"

    def __str__(self) -> str:
        return f"{self.phone_index[:8]} {self.due_on}"
