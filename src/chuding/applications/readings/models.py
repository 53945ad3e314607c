"""What was read on an uploaded paper."""

from __future__ import annotations

from typing import cast

from django.db import models

from chuding.paper.reading.lines import Page, load
from chuding.storage.fields import EncryptedTextField


class ReadingState(models.TextChoices):
    READ = "read", "已识别"
    FAILED = "failed", "未能识别"


class PaperReading(models.Model):
    """The lines of one material as they were read; its fields are worked out whenever they are shown."""

    material = models.OneToOneField("applications.Material", models.CASCADE, related_name="reading")
    state = models.CharField(max_length=8, choices=ReadingState)
    pages = cast("models.Field[str, str]", EncryptedTextField(help_text="JSON as paper.reading.lines reads it"))
    read_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.material_id} {self.state}"

    def read_pages(self) -> tuple[Page, ...]:
        """The pages as objects."""
        return load(self.pages)
