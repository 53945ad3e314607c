"""The signing desk: keeps the offices' keys, asks for evidence, counts, writes down, and can be stopped."""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections import deque
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from django.conf import settings
from django.db import DataError

from chuding.connectors.choice import make
from chuding.paper.keys import OFFICES, KeysError, load_chain, load_lists
from chuding.paper.mandate import Mandate, Material, SignerRefused, SignerUnavailable
from chuding.policy.os_errors import why
from chuding.signing.evidence import Evidence

if TYPE_CHECKING:
    from cryptography import x509

    from chuding.paper.keys import Signer

_HOUR = 3600.0


class KeyHolder(Protocol):
    """Where the keys are: files, or a token."""

    def signer(self, office: str) -> Signer:
        """The office's signer, loaded once. Raises KeysError."""


class Desk:
    """A `SigningDesk` with the keys in this process.

    `per_hour` bounds how many signatures an office gives in an hour, whatever is asked. The file `stopped` in `folder`
    stops every signature until somebody removes it. Each signature is a line of `journal.jsonl`, written before it is given.
    """

    def __init__(self, folder: Path, keys: KeyHolder, per_hour: int) -> None:
        self._folder, self._keys, self._per_hour = folder, keys, per_hour
        self._evidence = Evidence()
        self._signers: dict[str, Signer] = {}
        self._given: dict[str, deque[float]] = {office: deque() for office in OFFICES}

    def material(self, office: str) -> Material:
        """From the certificates' files: no key is touched for it."""
        try:
            return Material(load_chain(self._folder, self._known(office)), load_lists(self._folder))
        except KeysError as error:
            raise SignerUnavailable(f"签名证书读不到：{error}") from error

    def sign(self, office: str, mandate: Mandate, data: bytes) -> bytes:
        """Sign what a decision names. Raises SignerRefused for everything else."""
        self._known(office)
        if (reason := stopped(self._folder)) is not None:
            raise SignerUnavailable(f"签名已停用：{reason}")
        self._count(office)
        try:
            leaf = self.material(office).certificate_chain[0]
            self._evidence.require(office, mandate, data, leaf)
            signer = self._signer(office, leaf)
            self._write_down(office, mandate, data)
            signature = signer.sign(data)
        except KeysError as error:
            raise SignerUnavailable(f"签名密钥用不了：{error}") from error
        except (KeyError, ValueError, TypeError, DataError) as error:  # a NUL is text nowhere in PostgreSQL
            raise SignerRefused("签名请求不完整。") from error
        self._given[office].append(time.monotonic())
        return signature

    def _signer(self, office: str, leaf: x509.Certificate) -> Signer:
        """Loaded once for each certificate: a renewed one comes with a key of its own."""
        held = self._signers.get(office)
        if held is None or held.certificate_chain[0] != leaf:
            held = self._signers[office] = self._keys.signer(office)
        return held

    def _known(self, office: str) -> str:
        if office not in OFFICES:
            raise SignerRefused("没有这个签名单位。")
        return office

    def _count(self, office: str) -> None:
        given, now = self._given[office], time.monotonic()
        while given and given[0] < now - _HOUR:
            given.popleft()
        if len(given) >= self._per_hour:
            raise SignerUnavailable(f"一小时内的签名已达上限 {self._per_hour} 个，请查明原因后再继续")

    def _write_down(self, office: str, mandate: Mandate, data: bytes) -> None:
        """What was asked and on what ground; digests only, no name of a person."""
        line: dict[str, Any] = {
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
            "office": office,
            "purpose": mandate.purpose,
            "subject": list(mandate.subject),
            "claim": hashlib.sha256(mandate.claim.encode()).hexdigest(),
            "signed": hashlib.sha256(data).hexdigest(),
        }
        try:
            file = os.open(self._folder / "journal.jsonl", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            try:
                os.write(file, json.dumps(line, ensure_ascii=False).encode() + b"\n")
            finally:
                os.close(file)
        except OSError as error:
            raise SignerUnavailable(f"签名日志写不进去：{why(error)}") from error


def stopped(folder: Path) -> str | None:
    """Why signing is stopped; None while it is not."""
    try:
        return (folder / "stopped").read_text(encoding="utf-8").strip() or "没有写明原因"
    except FileNotFoundError:
        return None
    except (OSError, ValueError):
        return "停用文件读不到"


def own_desk() -> Desk:
    """The desk of this installation, with the keys where the settings say."""
    choice = settings.SIGNING_KEYS
    keys = make({**choice, "options": {"folder": settings.SIGNING_FOLDER, **choice.get("options", {})}})
    return Desk(Path(settings.SIGNING_FOLDER), keys, settings.SIGNATURES_PER_HOUR)
