"""What a file leaves for its owner to know and to say: who looked at it, and how the service was."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class FileView(models.Model):
    """That somebody of an office or of the employer opened a file: one row a person and day, for its owner to see."""

    application = models.ForeignKey("applications.Application", models.CASCADE, related_name="views")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    role = models.CharField(max_length=24)
    day = models.DateField()
    last_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["application", "person", "day"], name="one_view_a_day")]

    def __str__(self) -> str:
        return f"{self.application_id} {self.role} {self.day}"


class Appeal(models.Model):
    """That the applicant asked for a refusal to be looked at again (复核), and what another person decided of it. Once a file.

    The refusal is kept as it was: `refused_by` is whose word it was. `upheld` is open until it is decided.
    """

    application = models.OneToOneField("applications.Application", models.PROTECT, related_name="appeal")
    reason = models.TextField(help_text="the applicant's, word for word")
    asked_at = models.DateTimeField()
    refused_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    refused_on = models.DateField()
    clause = models.CharField(max_length=16)
    refused_reason = models.TextField()
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    upheld = models.BooleanField(null=True)
    answer = models.TextField(blank=True, help_text="why, as told to the person")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("refused_by")),
                name="appeal_is_decided_by_another",
            ),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True, decided_at__isnull=True, upheld__isnull=True)
                | (Q(decided_by__isnull=False, decided_at__isnull=False, upheld__isnull=False) & ~Q(answer="")),
                name="appeal_is_decided_by_a_person_in_words",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.application_id} {self.asked_at:%F}"


class Grade(models.IntegerChoices):
    """The five grades of 政务服务好差评."""

    VERY_GOOD = 5, _("非常满意")
    GOOD = 4, _("满意")
    FAIR = 3, _("基本满意")
    BAD = 2, _("不满意")
    VERY_BAD = 1, _("非常不满意")


class Aspect(models.TextChoices):
    """What an online service is graded for besides the whole."""

    SPEED = "speed", _("办事效率")
    GUIDE = "guide", _("办事指南精确度")
    EASE = "ease", _("办事便捷度")
    PLATFORM = "platform", _("平台操作性")


class Rating(models.Model):
    """What the applicant says of the service, once a file (一事一评). A bad one waits for an answer by a person."""

    application = models.OneToOneField("applications.Application", models.CASCADE, related_name="rating")
    grade = models.PositiveSmallIntegerField(choices=Grade)
    aspects = models.JSONField(default=dict, help_text="{aspect: grade}; what was not graded is not there")
    comment = models.CharField(max_length=500, blank=True)
    anonymous = models.BooleanField(default=True)
    rated_at = models.DateTimeField()
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField(null=True)
    answer = models.CharField(max_length=500, blank=True, help_text="what was found and mended, as told to the person")

    class Meta:
        indexes = [models.Index(fields=["grade", "answered_at", "id"], name="rating_to_answer")]
        constraints = [models.CheckConstraint(condition=Q(grade__gte=1, grade__lte=5), name="five_grades")]

    def __str__(self) -> str:
        return f"{self.application_id}: {self.grade}"
