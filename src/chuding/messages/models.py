from __future__ import annotations

import secrets
from typing import ClassVar, cast

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from chuding.storage.fields import EncryptedTextField


def new_ref() -> str:
    """What the gateway calls this message: the same for every try, so that a repeat reaches the phone once."""
    return secrets.token_hex(16)


class Message(models.Model):
    """One thing told to one phone, and to the inbox of its person when there is a body."""

    class State(models.TextChoices):
        PENDING = "pending", _("待发送")
        SENT = "sent", _("已发送")
        DELIVERED = "delivered", _("已送达")
        FAILED = "failed", _("发送失败")
        DEAD = "dead", _("多次未送达，已停止")

    ref = models.CharField(max_length=32, unique=True, default=new_ref, editable=False)
    # Empty for a code on its way to a phone that has no account yet.
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="messages"
    )
    phone = cast("models.Field[str, str]", EncryptedTextField())
    template = models.CharField(max_length=24)
    # The text of a code is wiped once it is sent or given up, and its values with it.
    text = cast("models.Field[str, str]", EncryptedTextField())
    values = cast("models.Field[str, str]", EncryptedTextField(blank=True, default=""))
    title = models.CharField(max_length=80, blank=True, default="")
    body = models.CharField(max_length=500, blank=True, default="")
    subject_kind = models.CharField(max_length=24, blank=True, default="")
    subject_ref = models.CharField(max_length=64, blank=True, default="")
    state = models.CharField(max_length=12, choices=State.choices, default=State.PENDING)
    tries = models.PositiveSmallIntegerField(default=0)
    gateway_id = models.CharField(max_length=64, blank=True, default="")
    gateway = models.CharField(max_length=16, blank=True, default="", help_text="the service that took it")
    standby = models.BooleanField(default=False, help_text="whether that was not the first choice")
    failure = models.CharField(max_length=80, blank=True, default="", help_text="the service's reason, last time")
    created_at = models.DateTimeField()
    # After this moment the text is worth nothing (a code's ten minutes).
    useless_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    delivered_at = models.DateTimeField(null=True, blank=True)
    read_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("消息")
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["person", "-created_at", "-id"], name="message_by_person"),
            models.Index(fields=["state", "created_at"], name="message_by_state"),
        ]

    def __str__(self) -> str:
        return f"{self.template} {self.ref[:8]}"
