"""A virus scanner of the deployer's: clamd, asked over its own protocol (INSTREAM). Pure.

The file goes through the connection, so that the scanner needs no access to the data folder. Whatever is not a clear answer counts
as no answer: the caller keeps nothing then.
"""

from __future__ import annotations

import re
import socket
import time
from contextlib import suppress
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from collections.abc import Iterator

_PIECE = 64 * 1024
_LONGEST_ANSWER = 4096
_FOUND = re.compile(r"stream: (?P<name>[\x21-\x7e]{1,200}) FOUND")
_AT_A_PORT = re.compile(r"(?P<host>[^/:]+|\[[0-9a-f:]+\]):(?P<port>[0-9]{1,5})")


class ScannerAwayError(Exception):
    """The scanner gave no answer that can be relied on; the text is for the log."""


def scan(address: str, file: BinaryIO, *, seconds: float) -> str:
    """What clamd calls the virus in a file, read from where it stands; empty for a clean one.

    `address` is the path of clamd's socket or host:port; `seconds` bounds the whole conversation. Raises ScannerAwayError, and
    OSError only where `file` cannot be read.
    """
    until = time.monotonic() + seconds
    with _connected(address, seconds) as line:
        # clamd answers before the end where a file is over its StreamMaxLength: then writing fails, and the answer says why.
        with suppress(ConnectionError):
            for piece in _pieces(file):
                line.settimeout(_left(until))
                _send(line, piece)
        answer = _answer(line, until)
    if answer == "stream: OK":
        return ""
    if found := _FOUND.fullmatch(answer):
        return found["name"]
    raise ScannerAwayError(f"the virus scanner at {address} answered {answer[:200]!r}")


def _connected(address: str, seconds: float) -> socket.socket:
    place = _AT_A_PORT.fullmatch(address)
    try:
        if place:
            return socket.create_connection((place["host"].strip("[]"), int(place["port"])), timeout=seconds)
        line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        line.settimeout(seconds)
        try:
            line.connect(address)
        except OSError:
            line.close()
            raise
    except (OSError, OverflowError) as error:
        raise ScannerAwayError(f"no virus scanner at {address}: {error}") from error
    return line


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    """The request: the command, the file in pieces with their lengths, and a piece of no length."""
    yield b"zINSTREAM\0"
    while piece := file.read(_PIECE):
        yield len(piece).to_bytes(4, "big") + piece
    yield bytes(4)


def _send(line: socket.socket, piece: bytes) -> None:
    try:
        line.sendall(piece)
    except TimeoutError as error:
        raise ScannerAwayError("the virus scanner takes no more of the file") from error


def _answer(line: socket.socket, until: float) -> str:
    """All that comes until its closing zero byte; an answer that is cut off is none."""
    said = b""
    try:
        while not said.endswith(b"\0"):
            line.settimeout(_left(until))
            part = line.recv(_LONGEST_ANSWER)
            said += part
            if not part or len(said) > _LONGEST_ANSWER:
                raise ScannerAwayError(f"the virus scanner's answer is cut off or endless: {said[:200]!r}")
    except OSError as error:
        raise ScannerAwayError(f"the virus scanner does not answer: {error}") from error
    return said[:-1].decode("ascii", "replace")


def _left(until: float) -> float:
    left = until - time.monotonic()
    if left <= 0:
        raise ScannerAwayError("the virus scanner takes too long")
    return left
