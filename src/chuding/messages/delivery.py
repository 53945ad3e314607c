"""Bringing a message to the gateway: once if the world allows, again with patience if not; and asking what became of it."""

from __future__ import annotations

import json
import logging
from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django_tasks import task

from chuding.connectors.sms import Fate, GatewayRefused, GatewayUnavailable, Receipt, Sms, gateway
from chuding.messages.models import Message
from chuding.storage.clock import now

if TYPE_CHECKING:
    from datetime import datetime

    from chuding.connectors.sms import Report, SmsGateway

log = logging.getLogger(__name__)

# How long to wait after each failed try: 21 hours in all, then somebody has to look.
PATIENCE = tuple(timedelta(minutes=m) for m in (1, 2, 5, 15, 60, 180, 360, 660))
# When to ask what became of a message that was taken: a phone that was off for three days has lost it.
QUESTIONS = tuple(timedelta(minutes=m) for m in (1, 5, 30, 240, 1440, 2880))
# The template of a code that is said by voice.
CALL = "code_call"
WIPED = "（验证码已隐去）"


@task()
def deliver_message(message_id: int) -> str:
    """Hand one pending message to the gateway; answers with its state. A repeat of this job does nothing new."""
    return deliver(message_id, at=now())


@task()
def ask_report(message_id: int, asked: int) -> str:
    """Ask the service what became of a message that it took; answers with its state."""
    return follow(message_id, asked=asked, at=now())


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
    sms = Sms(message.text, message.template, tuple(map(tuple, json.loads(message.values or "[]"))))
    try:
        receipt = _carrier(message).send(phone=message.phone, sms=sms, reference=message.ref)
    except GatewayRefused as refusal:
        log.warning("message %s refused: %s", message.ref, refusal)
        return _settle(message, Message.State.FAILED, at, failure=str(refusal))
    except GatewayUnavailable as fault:
        log.warning("message %s not taken (try %s): %s", message.ref, message.tries + 1, fault)
        return _put_off(message, at, str(fault))
    return _settle(message, Message.State.SENT, at, receipt)


def follow(message_id: int, *, asked: int, at: datetime) -> str:
    """Ask once; while it is on its way, or nobody answers, again later, and in the end the state stays "sent"."""
    message = Message.objects.get(pk=message_id)
    if message.state != Message.State.SENT or message.sent_at is None:
        return message.state
    receipt = Receipt(message.gateway_id, message.sent_at, message.gateway, message.standby, reports=True)
    try:
        report = _carrier(message).report(phone=message.phone, reference=message.ref, receipt=receipt)
    except GatewayUnavailable as fault:
        log.warning("message %s: no report (question %s): %s", message.ref, asked + 1, fault)
        report = None
    with transaction.atomic():
        row = Message.objects.select_for_update().get(pk=message_id)
        if row.state == Message.State.SENT:
            _learn(row, report, asked, at)
    return row.state


def _carrier(message: Message) -> SmsGateway:
    return gateway(settings.SMS_GATEWAY if message.template != CALL else settings.VOICE_GATEWAY or {})


def _learn(row: Message, report: Report | None, asked: int, at: datetime) -> None:
    if report is None or report.fate is Fate.WAITING:
        if asked + 1 < len(QUESTIONS):
            wait = QUESTIONS[asked + 1]
            ask_report.using(run_after=at + wait).enqueue(message_id=row.pk, asked=asked + 1)
        return
    arrived = report.fate is Fate.DELIVERED
    row.state = Message.State.DELIVERED if arrived else Message.State.FAILED
    row.delivered_at = (report.at or at) if arrived else None
    row.failure = _short(report.reason)
    row.save(update_fields=["state", "delivered_at", "failure"])


def _settle(
    message: Message, state: Message.State, at: datetime, receipt: Receipt | None = None, failure: str = ""
) -> str:
    with transaction.atomic():
        row = Message.objects.select_for_update().get(pk=message.pk)
        if row.state != Message.State.PENDING:
            return row.state
        row.state = state
        row.failure = _short(failure)
        if receipt is not None:
            row.tries += 1
            row.gateway_id, row.gateway, row.standby = receipt.gateway_id, receipt.gateway, receipt.standby
            row.sent_at = at
            if receipt.reports:
                ask_report.using(run_after=at + QUESTIONS[0]).enqueue(message_id=row.pk, asked=0)
        if row.useless_at is not None:
            row.text, row.values = WIPED, ""
        row.save(
            update_fields=[
                "state", "tries", "gateway_id", "gateway", "standby", "failure", "sent_at", "text", "values",
            ]
        )  # fmt: skip
    return row.state


def _put_off(message: Message, at: datetime, failure: str) -> str:
    with transaction.atomic():
        row = Message.objects.select_for_update().get(pk=message.pk)
        if row.state != Message.State.PENDING:
            return row.state
        row.tries += 1
        row.failure = _short(failure)
        if row.tries > len(PATIENCE):
            row.state = Message.State.DEAD
        else:
            deliver_message.using(run_after=at + PATIENCE[row.tries - 1]).enqueue(message_id=row.pk)
        row.save(update_fields=["tries", "state", "failure"])
    return row.state


def _short(text: str) -> str:
    return text[:80]
