"""Checkpoints: signed statements "the ledger had so many entries, and this was the head of their tree".

A checkpoint is a signed note in the C2SP form (origin, size, base64 head, time; blank line; Ed25519 signature), one file
each in DATA_FOLDER/checkpoints. Beside them `leaves` keeps 32 bytes an entry, so that a verifier can name the first entry
that differs; its bytes are trusted only as far as they add up to a signed head. Copies of the notes belong outside the
building: whoever can change the database, the folder and the key at once is caught by nothing else.
"""

from __future__ import annotations

import base64
import hashlib
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.conf import settings

from chuding.ledger.tree import Frontier
from chuding.storage.durable import make_folder, write_durably

ORIGIN = "chuding/ledger"
LEAF = 32
_ALGORITHM = b"\x01"  # Ed25519, in the key names of signed notes
_TIME = "%Y-%m-%dT%H:%M:%S.%fZ"


class BadNote(Exception):  # noqa: N818 - it names what is wrong with the note
    """A checkpoint is no signed note of this ledger, or its signature is not ours."""


@dataclass(frozen=True)
class Checkpoint:
    """So many entries, this head (32 bytes), stated at this time."""

    size: int
    root: bytes
    at: datetime

    def text(self) -> str:
        """The part of the note that is signed."""
        time = self.at.astimezone(UTC).strftime(_TIME)
        return f"{ORIGIN}\n{self.size}\n{base64.b64encode(self.root).decode()}\n{time}\n"


def folder() -> Path:
    """Where the notes of this installation stand."""
    return Path(settings.DATA_FOLDER) / "checkpoints"


def sign(checkpoint: Checkpoint, key: Ed25519PrivateKey) -> str:
    """Return the signed note."""
    text = checkpoint.text()
    signature = _key_hash(key.public_key()) + key.sign(text.encode())
    return f"{text}\n— {ORIGIN} {base64.b64encode(signature).decode()}\n"


def read_note(note: str, key: Ed25519PublicKey) -> Checkpoint:
    """Check a note's signature and return what it states; BadNote otherwise."""
    try:
        text, _, signatures = note.partition("\n\n")
        origin, size, root, time = text.split("\n")
        dash, name, encoded = signatures.rstrip("\n").split(" ")
        signature = base64.b64decode(encoded, validate=True)
        if (origin, dash, name, signature[:4]) != (ORIGIN, "—", ORIGIN, _key_hash(key)):
            raise BadNote("signed by another key, or for another ledger")
        key.verify(signature[4:], f"{text}\n".encode())
        at = datetime.strptime(time, _TIME).replace(tzinfo=UTC)
        return Checkpoint(int(size), base64.b64decode(root, validate=True), at)
    except InvalidSignature as fault:
        raise BadNote("the signature does not fit") from fault
    except ValueError as fault:
        raise BadNote("not a signed note") from fault


def signing_key() -> Ed25519PrivateKey:
    """Return the key of this installation (DATA_FOLDER/keys/ledger.pem, 0600), made on first use."""
    file = Path(settings.DATA_FOLDER) / "keys" / "ledger.pem"
    if not file.exists():
        made = Ed25519PrivateKey.generate().private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        write_durably(file, made, replace=False)
    key = serialization.load_pem_private_key(file.read_bytes(), password=None)
    if not isinstance(key, Ed25519PrivateKey):
        raise TypeError(f"{file} holds no Ed25519 key")
    return key


def verifier_key(key: Ed25519PublicKey) -> str:
    """Return the public key in the form that readers of signed notes take: name, key hash, key."""
    encoded = base64.b64encode(_ALGORITHM + key.public_bytes_raw()).decode()
    return f"{ORIGIN}+{_key_hash(key).hex()}+{encoded}"


def note_files() -> list[Path]:
    """The notes on the disk, oldest (smallest) first."""
    return sorted(folder().glob("*.note"))


def store_note(checkpoint: Checkpoint) -> Path:
    """Sign a checkpoint and put it on the disk; a second one of the same size leaves the first in place."""
    key = signing_key()
    file = folder() / f"{checkpoint.size:012d}.note"
    write_durably(folder() / "verifier-key", verifier_key(key.public_key()).encode() + b"\n", replace=False)
    write_durably(file, sign(checkpoint, key).encode(), replace=False)
    return file


def stored_leaves(size: int) -> list[bytes]:
    """Return the first `size` leaf hashes kept beside the notes; fewer where the file is shorter."""
    file = folder() / "leaves"
    held = file.read_bytes()[: size * LEAF] if file.exists() else b""
    return [held[start : start + LEAF] for start in range(0, len(held) - LEAF + 1, LEAF)]


def add_leaves(size: int, leaves: list[bytes]) -> None:
    """Write leaf hashes behind the first `size`; what a crash left there without a note is overwritten."""
    make_folder(folder())
    descriptor = os.open(folder() / "leaves", os.O_RDWR | os.O_CREAT, 0o600)
    with os.fdopen(descriptor, "r+b") as file:
        file.seek(size * LEAF)
        file.truncate()
        file.write(b"".join(leaves))
        file.flush()
        os.fsync(file.fileno())


def frontier_of(leaves: list[bytes]) -> Frontier:
    """Build the tree's right edge over leaf hashes."""
    frontier = Frontier()
    for leaf in leaves:
        frontier.append(leaf)
    return frontier


def _key_hash(key: Ed25519PublicKey) -> bytes:
    return hashlib.sha256(ORIGIN.encode() + b"\n" + _ALGORITHM + key.public_bytes_raw()).digest()[:4]
