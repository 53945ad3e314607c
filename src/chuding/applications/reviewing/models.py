"""What the desks keep beside a file: which pages were shown to whom, notes, likenesses, ties, second looks, keys."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q


class Viewing(models.Model):
    """Which pages of a material were on one person's screen. `whole`: all of them; a pass stands on it."""

    material = models.ForeignKey("applications.Material", models.CASCADE, related_name="viewings")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    pages = models.JSONField(default=list)
    whole = models.BooleanField(default=False)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["material", "person"], name="one_viewing_each")]

    def __str__(self) -> str:
        return f"{self.material_id} {self.person_id}: {len(self.pages)}"


class Note(models.Model):
    """A remark among the offices; the applicant never sees it, and it goes when the file goes."""

    application = models.ForeignKey("applications.Application", models.CASCADE, related_name="notes")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    text = models.TextField()

    def __str__(self) -> str:
        return f"{self.application_id} {self.at:%F %T}"


class LikenessKind(models.TextChoices):
    PERSON = "person", "同一证件号码"
    NAME = "name", "姓名和出生日期相同"
    SCAN = "scan", "同一个文件"
    NEAR = "near", "几乎相同的扫描件"


class Likeness(models.Model):
    """Two files that look like one: found by the machine, decided by a person. Until then the file cannot pass."""

    application = models.ForeignKey("applications.Application", models.CASCADE, related_name="likenesses")
    other = models.ForeignKey("applications.Application", models.CASCADE, related_name="+")
    kind = models.CharField(max_length=8, choices=LikenessKind)
    material = models.ForeignKey("applications.Material", models.CASCADE, null=True, related_name="+")
    other_material = models.ForeignKey("applications.Material", models.CASCADE, null=True, related_name="+")
    page = models.PositiveSmallIntegerField(default=1)
    other_page = models.PositiveSmallIntegerField(default=1)
    found_at = models.DateTimeField()
    same = models.BooleanField(null=True, help_text="what a person found; None: nobody has looked yet")
    reason = models.CharField(max_length=400, blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["application", "other", "material"],
                condition=Q(material__isnull=False),
                name="one_likeness_a_material",
            ),
            models.UniqueConstraint(
                fields=["application", "other"], condition=Q(material__isnull=True), name="one_likeness_a_person"
            ),
            models.CheckConstraint(
                condition=Q(same__isnull=True) | (Q(decided_by__isnull=False) & ~Q(reason="")),
                name="likeness_is_decided_by_a_person",
            ),
            models.CheckConstraint(condition=~Q(application=F("other")), name="likeness_is_between_two"),
        ]

    def __str__(self) -> str:
        return f"{self.application_id} ~ {self.other_id} ({self.kind})"


class PageMark(models.Model):
    """A page image that can be found again: its points lie beside it in the file store, its words in `PageWord`."""

    file = models.CharField(max_length=64, help_text="SHA-256 in the file store")
    page = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["file", "page"], name="one_mark_a_page")]

    def __str__(self) -> str:
        return f"{self.file[:8]} {self.page}"


class PageWord(models.Model):
    """One of the numbers under which an index finds a page that was scanned again; `prints.words_of` makes them."""

    mark = models.ForeignKey(PageMark, models.CASCADE, related_name="words")
    word = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["word", "mark"], name="one_word_a_page")]

    def __str__(self) -> str:
        return f"{self.mark_id} {self.word}"


class TieKind(models.TextChoices):
    IDENTITY = "identity", "本人的证件号码"
    USCC = "uscc", "单位代码"
    EMPLOYER = "employer", "单位名称"
    FILE = "file", "这一份申报"


class Tie(models.Model):
    """What an officer has declared that makes them step back (回避): who they are, where they worked, whom they know.

    An identity number is kept as its blind index only. `until`: the last day on which it counts; None is for good.
    """

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="ties")
    kind = models.CharField(max_length=8, choices=TieKind)
    value = models.CharField(max_length=200)
    label = models.CharField(max_length=200, blank=True, help_text="what the officer reads in their own list")
    until = models.DateField(null=True)
    declared_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "kind", "value"], name="one_tie_each")]

    def __str__(self) -> str:
        return f"{self.person_id} {self.kind}"


class SecondLook(models.Model):
    """A file drawn for a blind second look (抽检): somebody else judges it without seeing the first opinion."""

    application = models.OneToOneField("applications.Application", models.CASCADE, related_name="second_look")
    drawn_at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(null=True)
    opinion = models.CharField(max_length=8, blank=True, help_text="for | against")
    codes = models.JSONField(default=list, help_text="codes of the materials found defective")
    text = models.TextField(blank=True)
    agrees = models.BooleanField(null=True, help_text="whether it says the same as the first review")

    class Meta:
        indexes = [models.Index(fields=["at", "drawn_at", "id"], name="looks_waiting")]

    def __str__(self) -> str:
        return f"{self.application_id} {self.opinion or '…'}"


class DeskKeys(models.Model):
    """One person's keys at the desk: on or off, and what was put on another key ({"fit": "KeyF"})."""

    person = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="desk_keys")
    on = models.BooleanField(default=True)
    keys = models.JSONField(default=dict)

    def __str__(self) -> str:
        return f"{self.person_id}"
