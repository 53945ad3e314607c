"""What is made of photos: pages waiting to become a PDF, gone once they have or after some days; how a character is written."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from chuding.storage.tokens import new_ref


class PhotoPage(models.Model):
    """One page under one item of a draft. `position` orders them; `turn` counts quarter turns clockwise."""

    application = models.ForeignKey("applications.Application", models.CASCADE, related_name="photo_pages")
    code = models.CharField(max_length=4, help_text="number of the item in 五（三）")
    ref = models.CharField(max_length=24, unique=True, default=new_ref)
    position = models.PositiveIntegerField()
    turn = models.PositiveSmallIntegerField(default=0)
    file = models.CharField(max_length=64, help_text="SHA-256 of the JPEG in the file store")
    width = models.PositiveSmallIntegerField()
    height = models.PositiveSmallIntegerField()
    hints = models.JSONField(default=list, help_text="codes of paper.photos")
    sent = models.CharField(max_length=64, blank=True, default="", help_text="SHA-256 of the photo as it came")
    added_at = models.DateTimeField()

    class Meta:
        ordering = ["position", "id"]
        indexes = [models.Index(fields=["application", "code", "position"], name="photos_in_order")]

    def __str__(self) -> str:
        return f"{self.application_id} {self.code} {self.position}"


class NameWriting(models.Model):
    """How a character of the name is written, where nobody could type it: a picture, until an officer has read it."""

    application = models.OneToOneField("applications.Application", models.CASCADE, related_name="name_writing")
    file = models.CharField(max_length=64, help_text="SHA-256 of the JPEG in the file store")
    width = models.PositiveSmallIntegerField()
    height = models.PositiveSmallIntegerField()
    added_at = models.DateTimeField()
    # One for every place in the name, in their order.
    characters = models.CharField(max_length=8, blank=True, default="", help_text="what an officer read in the picture")
    read_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    read_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "字的写法"

    def __str__(self) -> str:
        return f"{self.application_id} {self.characters}"
