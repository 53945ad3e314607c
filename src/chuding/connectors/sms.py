"""Text messages: the protocol, the embedded outbox, and a gateway over signed HTTP. Pure.

A service that says a text by voice on the phone speaks the same protocol; the setting VOICE_GATEWAY names it.

The gateways of Aliyun and Tencent, and the change from one to the other, stand beside it (`sms_aliyun`, `sms_tencent`,
`sms_failover`).
"""

from __future__ import annotations

import fcntl
import json
import os
import secrets
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, cast

from chuding.connectors.choice import make
from chuding.connectors.signed_http import Account, NoAnswerError, RefusedError, post

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


class GatewayRefused(Exception):  # noqa: N818 - it says what the gateway did
    """The gateway will never take this message (a number that does not exist, a text it blocks)."""


class GatewayUnavailable(Exception):  # noqa: N818 - it says how the gateway is
    """The gateway did not take the message now; try again later with the same reference."""


@dataclass(frozen=True, slots=True)
class Sms:
    """One text message: the whole text, signature first, and what gateways of registered templates make it from.

    `values` are those of `template`, named, in the order in which the text has them.
    """

    text: str
    template: str = ""
    values: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Receipt:
    """The gateway has taken the message. `accepted_at` is aware.

    `gateway` names which one took it, `standby` says that it was not the first choice, `reports` that it can be asked
    later what became of the message.
    """

    gateway_id: str
    accepted_at: datetime
    gateway: str = ""
    standby: bool = False
    reports: bool = False


class Fate(StrEnum):
    """What became of a message that a gateway took."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Report:
    """What the gateway says became of a message; `reason` is its code of a failure, `at` when the phone had it."""

    fate: Fate
    at: datetime | None = None
    reason: str = ""


class SmsGateway(Protocol):
    """Carries one text to one phone."""

    def send(self, *, phone: str, sms: Sms, reference: str) -> Receipt:
        """Hand over a text. The same `reference` again is the same message: where the service knows references it
        reaches the phone once, elsewhere (Tencent) an unclear answer may make it twice.

        `phone` is canonical (11 digits, or +852/+853/+886…). Raises GatewayRefused or GatewayUnavailable.
        """

    def report(self, *, phone: str, reference: str, receipt: Receipt) -> Report:
        """What became of a message that was taken with this receipt. Raises GatewayUnavailable.

        Asked only of gateways whose receipt says `reports`.
        """


@dataclass(frozen=True, slots=True)
class Sent:
    """One line of the outbox; `accepted_at` is ISO 8601 with offset, `channel` is sms or voice."""

    gateway_id: str
    accepted_at: str
    phone: str
    text: str
    reference: str
    channel: str = "sms"


class OutboxGateway:
    """The embedded default: texts go into a file that the demonstration shows, and to no phone.

    One JSON object a line in `folder`/sms.jsonl (0600), appended under a lock and brought to disk before the receipt.
    """

    name = "outbox"

    def __init__(self, folder: str, channel: str = "sms") -> None:
        self._file = Path(folder) / "sms.jsonl"
        self._channel = channel

    def report(self, *, phone: str, reference: str, receipt: Receipt) -> Report:
        """Nothing more: whether anybody looked into the outbox is not known."""
        del phone, reference, receipt
        return Report(Fate.WAITING)

    def send(self, *, phone: str, sms: Sms, reference: str) -> Receipt:
        """Append the text. A reference already in the last 200 lines gets its old receipt and no second line."""
        with self._locked() as file:
            for sent in reversed(_last_lines(file, 200)):
                if sent.reference == reference:
                    return Receipt(sent.gateway_id, datetime.fromisoformat(sent.accepted_at), self.name)
            now = datetime.now(UTC)
            sent = Sent(
                f"outbox-{secrets.token_hex(8)}",
                now.isoformat(timespec="milliseconds"),
                phone,
                sms.text,
                reference,
                self._channel,
            )
            line = json.dumps(asdict(sent), ensure_ascii=False).encode() + b"\n"
            self._append(file, line)
        return Receipt(sent.gateway_id, now, self.name)

    def last(self, count: int) -> list[Sent]:
        """The newest `count` texts, newest first."""
        try:
            descriptor = os.open(self._file, os.O_RDONLY)
        except FileNotFoundError:
            return []
        try:
            return _last_lines(descriptor, count)[::-1]
        finally:
            os.close(descriptor)

    @contextmanager
    def _locked(self) -> Iterator[int]:
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            descriptor = os.open(self._file, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
        except OSError as error:
            raise GatewayUnavailable(f"{self._file}: {error.strerror}") from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield descriptor
        finally:
            os.close(descriptor)

    def _append(self, descriptor: int, line: bytes) -> None:
        size = os.fstat(descriptor).st_size
        try:
            whole = os.write(descriptor, line) == len(line)
            if whole:
                os.fsync(descriptor)
                return
            fault = "the disk is full"
        except OSError as error:
            fault = error.strerror or str(error)
        # A half line would hide every later one: take it back.
        os.ftruncate(descriptor, size)
        raise GatewayUnavailable(f"{self._file}: {fault}")


def _last_lines(descriptor: int, count: int) -> list[Sent]:
    """The last `count` whole lines, oldest first; what is no line of ours is passed over."""
    size = os.fstat(descriptor).st_size
    block = min(size, 1024 * max(count, 1))
    lines = os.pread(descriptor, block, size - block).split(b"\n")
    if block < size:
        lines = lines[1:]
    sent = []
    for line in lines:
        try:
            sent.append(Sent(**json.loads(line)))
        except (ValueError, TypeError):
            continue
    return sent[-count:]


class HttpGateway:
    """A gateway over signed HTTP: POST {phone, text, reference} → 200 {"id": …}."""

    name = "http"

    def __init__(self, url: str, key: str, secret_variable: str = "CHUDING_SMS_SECRET", timeout: float = 5.0) -> None:  # noqa: S107 - a variable's name
        self._account = Account(url, key, secret_variable, timeout)

    def report(self, *, phone: str, reference: str, receipt: Receipt) -> Report:
        """Nothing more: this small protocol has no question for it."""
        del phone, reference, receipt
        return Report(Fate.WAITING)

    def send(self, *, phone: str, sms: Sms, reference: str) -> Receipt:
        """Hand the text over; 4xx is GatewayRefused, anything unclear is GatewayUnavailable."""
        try:
            answer = post(self._account, {"phone": phone, "text": sms.text, "reference": reference})
        except RefusedError as error:
            raise GatewayRefused(str(error)) from error
        except NoAnswerError as error:
            raise GatewayUnavailable(str(error)) from error
        gateway_id = answer.get("id")
        if not isinstance(gateway_id, str) or not gateway_id:
            raise GatewayUnavailable("the gateway's answer carries no id")
        return Receipt(gateway_id[:64], datetime.now(UTC), self.name)


def gateway(choice: Mapping[str, Any]) -> SmsGateway:
    """The gateway that the setting SMS_GATEWAY or VOICE_GATEWAY names. Raises choice.WrongChoiceError."""
    return cast("SmsGateway", make(choice))
