"""The signing desk in a process of its own, reached over a Unix socket: one question, one answer, a connection each. Pure.

A message is four bytes of length (big-endian) and JSON. Questions: `{"ask": "material", "office"}` and `{"ask": "sign",
"office", "purpose", "subject", "claim", "data"}`; answers: what was asked for in base 64, or `{"refused": sentence}`.
"""

from __future__ import annotations

import base64
import json
import os
import socket
import struct
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from chuding.paper.mandate import Mandate, Material, SignerRefused, SignerUnavailable

if TYPE_CHECKING:
    from collections.abc import Iterator

LONGEST = 1 << 20
_LENGTH = struct.Struct(">I")
# Certificates and lists change once in months; a process that signs thousands need not ask each time.
_FRESH = 60.0
# The kernel takes 108 bytes as a socket's address; a data folder may lie deeper.
_LONGEST_ADDRESS = 100


class SocketDesk:
    """The desk behind the socket at this path."""

    def __init__(self, socket: str, timeout: float = 20.0) -> None:
        self._path, self._timeout = Path(socket), timeout
        self._known: dict[str, tuple[float, Material]] = {}

    def material(self, office: str) -> Material:
        """The office's certificates and lists, asked for once a minute."""
        known = self._known.get(office)
        if known is not None and time.monotonic() - known[0] < _FRESH:
            return known[1]
        material = unpack_material(self._ask({"ask": "material", "office": office}))
        self._known[office] = time.monotonic(), material
        return material

    def sign(self, office: str, mandate: Mandate, data: bytes) -> bytes:
        """Ask the desk to sign."""
        question = {
            "ask": "sign",
            "office": office,
            "purpose": mandate.purpose,
            "subject": list(mandate.subject),
            "claim": mandate.claim,
            "data": base64.b64encode(data).decode("ascii"),
        }
        return base64.b64decode(self._ask(question)["signature"])

    def _ask(self, question: dict[str, Any]) -> dict[str, Any]:
        try:
            with socket.socket(socket.AF_UNIX) as line, address_of(self._path) as address:
                line.settimeout(self._timeout)
                line.connect(address)
                send(line, question)
                answer = receive(line)
        except (OSError, ValueError) as error:
            raise SignerUnavailable(f"签名服务没有应答（{type(error).__name__}）") from error
        if "refused" in answer:
            raise SignerRefused(str(answer["refused"]))
        if "unavailable" in answer:
            raise SignerUnavailable(str(answer["unavailable"]))
        return answer


@contextmanager
def address_of(path: Path) -> Iterator[str]:
    """The socket's path in a form that the kernel takes, however deep it lies."""
    if len(os.fsencode(path)) <= _LONGEST_ADDRESS:
        yield str(path)
        return
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)


def send(line: socket.socket, message: dict[str, Any]) -> None:
    """Write one message."""
    data = json.dumps(message, ensure_ascii=False).encode()
    line.sendall(_LENGTH.pack(len(data)) + data)


def receive(line: socket.socket) -> dict[str, Any]:
    """Read one message. Raises ValueError for what is none, OSError for a line that breaks."""
    (length,) = _LENGTH.unpack(_exactly(line, _LENGTH.size))
    if length > LONGEST:
        raise ValueError("the message is too long")
    message = json.loads(_exactly(line, length))
    if not isinstance(message, dict):
        raise ValueError("the message is no object")  # noqa: TRY004 - a stranger's data, not a caller's mistake
    return message


def _exactly(line: socket.socket, length: int) -> bytes:
    data = b""
    while len(data) < length:
        part = line.recv(length - len(data))
        if not part:
            raise ConnectionError("the line broke")
        data += part
    return data


def pack_material(material: Material) -> dict[str, list[str]]:
    """Certificates and lists as they travel."""
    chain = [one.public_bytes(Encoding.DER) for one in material.certificate_chain]
    lists = [one.public_bytes(Encoding.DER) for one in material.revocation_lists]
    return {
        "chain": [base64.b64encode(one).decode("ascii") for one in chain],
        "lists": [base64.b64encode(one).decode("ascii") for one in lists],
    }


def unpack_material(answer: dict[str, Any]) -> Material:
    """The same, read. Raises SignerUnavailable where it is none."""
    try:
        chain = tuple(x509.load_der_x509_certificate(base64.b64decode(one)) for one in answer["chain"])
        lists = tuple(x509.load_der_x509_crl(base64.b64decode(one)) for one in answer["lists"])
    except (KeyError, ValueError, TypeError) as error:
        raise SignerUnavailable("签名服务的答复看不懂") from error
    return Material(chain, lists)
