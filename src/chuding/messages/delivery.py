"""Bringing a message to the gateway: once if the world allows, again with patience if not."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django_tasks import task

from chuding.connectors.sms import GatewayRefused, GatewayUnavailable, Receipt, gateway
from chuding.messages.models import Message
from chuding.storage.clock import now

if TYPE_CHECKING:
    from datetime import datetime

log = logging.getLogger(__name__)

# How long to wait after each failed try: 21 hours in all, then somebody has to look.
PATIENCE = tuple(timedelta(minutes=m) for m in (1, 2, 5, 15, 60, 180, 360, 660))
WIPED = "（验证码已隐去）"


@task()
def deliver_message(message_id: int) -> str:
    """Hand one pending message to the gateway; answers with its state. A repeat of this job does nothing new."""
    return deliver(message_id, at=now())


def deliver(message_id: int, *, at: datetime) -> str:
    """Try once, and write down what came of it.

    The gateway is called outside any transaction, so a slow one holds no lock. If we are killed after it took the text,
    the job comes again with the same reference, and the gateway knows it.
    """
    message = Message.objects.get(pk=message_id)
    if message.state != Message.State.PENDING:
        return message.state
    # The first try always goes out: the person is waiting. What failed then is not sent when it has lost its worth.
    if message.tries and message.useless_at is not None and at >= message.useless_at:
        return _settle(message, Message.State.FAILED, at)
    try:
        receipt = gateway(settings.SMS_GATEWAY).send(phone=message.phone, text=message.text, reference=message.ref)
    except GatewayRefused as refusal:
        log.warning("message %s refused: %s", message.ref, refusal)
        return _settle(message, Message.State.FAILED, at)
    except GatewayUnavailable as fault:
        log.warning("message %s not taken (try %s): %s", message.ref, message.tries + 1, fault)
        return _put_off(message, at)
    return _settle(message, Message.State.SENT, at, receipt)


def _settle(message: Message, state: Message.State, at: datetime, receipt: Receipt | None = None) -> str:
    with transaction.atomic():
        row = Message.objects.select_for_update().get(pk=message.pk)
        if row.state != Message.State.PENDING:
            return row.state
        row.state = state
        if receipt is not None:
            row.tries += 1
            row.gateway_id = receipt.gateway_id
            row.sent_at = at
        if row.useless_at is not None:
            row.text = WIPED
        row.save(update_fields=["state", "tries", "gateway_id", "sent_at", "text"])
    return row.state


def _put_off(message: Message, at: datetime) -> str:
    with transaction.atomic():
        row = Message.objects.select_for_update().get(pk=message.pk)
        if row.state != Message.State.PENDING:
            return row.state
        row.tries += 1
        if row.tries > len(PATIENCE):
            row.state = Message.State.DEAD
        else:
            deliver_message.using(run_after=at + PATIENCE[row.tries - 1]).enqueue(message_id=row.pk)
        row.save(update_fields=["tries", "state"])
    return row.state
