"""Personal values at rest: AES-256-GCM in the column, an HMAC beside it where equality must be asked.

A stored value reads `1.<key id>.<base64url of nonce, ciphertext and tag>`; the additional data is "table.column", so a
value moved into another column does not open. The keys stand in DATA_FOLDER/keys/fields.json (0600), made on first use:
whoever loses that file loses the values. A blind index tells equality and nothing else.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.db import models

from chuding.storage.durable import write_durably

_VERSION = "1"
_NONCE = 12


class UnreadableValue(Exception):  # noqa: N818 - it names what is wrong with the value
    """A stored value does not open: another key, another column, or changed bytes."""


@dataclass(frozen=True)
class _Keys:
    current: str
    by_id: dict[str, bytes]
    index: bytes


def blind_index(text: str, purpose: str) -> str:
    """Return an HMAC-SHA256 (64 hex digits) that equals another exactly if text and purpose do.

    The caller brings the text to its canonical form first. `purpose` names the column, so that equal values in two
    columns cannot be joined.
    """
    message = purpose.encode() + b"\0" + text.encode()
    return hmac.new(_keys().index, message, hashlib.sha256).hexdigest()


def encrypt(text: str, place: str) -> str:
    """Encrypt for the place "table.column" under the current key."""
    keys = _keys()
    nonce = secrets.token_bytes(_NONCE)
    sealed = nonce + AESGCM(keys.by_id[keys.current]).encrypt(nonce, text.encode(), place.encode())
    return f"{_VERSION}.{keys.current}.{base64.urlsafe_b64encode(sealed).decode()}"


def decrypt(stored: str, place: str) -> str:
    """Open what `encrypt` made for the same place; UnreadableValue for anything else."""
    try:
        version, key_id, encoded = stored.split(".")
        sealed = base64.urlsafe_b64decode(encoded)
        if version != _VERSION:
            raise UnreadableValue(f"{place}: format {version!r} is not known")
        key = _key(key_id)
        return AESGCM(key).decrypt(sealed[:_NONCE], sealed[_NONCE:], place.encode()).decode()
    except (ValueError, KeyError, InvalidTag) as fault:
        raise UnreadableValue(f"{place}: the stored value does not open with the keys in keys/fields.json") from fault


def rotate_key() -> str:
    """Add a new key under which everything is written from now on; return its id. Old values still open."""
    keys = _keys()
    new_id = f"k{len(keys.by_id) + 1}"
    new = _Keys(new_id, {**keys.by_id, new_id: secrets.token_bytes(32)}, keys.index)
    _write(_file(), new, replace=True)
    _load.cache_clear()
    return new_id


class EncryptedTextField(models.TextField[str | None, str | None]):
    """A text column whose values are encrypted at rest. It can be asked for NULL and for nothing else."""

    description = "Text, encrypted at rest"

    @property
    def place(self) -> str:
        """The additional data of every value: "table.column"."""
        return f"{self.model._meta.db_table}.{self.column}"  # noqa: SLF001 - Django's public-by-custom API

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        plain = super().get_db_prep_value(value, connection, prepared)
        return None if plain is None else encrypt(plain, self.place)

    def from_db_value(self, value: str | None, expression: object, connection: object) -> str | None:
        """Open the value as it leaves the database."""
        del expression, connection
        return None if value is None else decrypt(value, self.place)

    def get_lookup(self, lookup_name: str) -> Any:
        # Every encryption of the same text differs, so any other question would silently find nothing.
        return super().get_lookup(lookup_name) if lookup_name == "isnull" else None

    def get_transform(self, lookup_name: str) -> Any:
        del lookup_name


def _file() -> Path:
    return _file_in(settings.DATA_FOLDER)


def _file_in(folder: str | Path) -> Path:
    return Path(folder) / "keys" / "fields.json"


def _keys() -> _Keys:
    return _load(settings.DATA_FOLDER)


def _key(key_id: str) -> bytes:
    if key_id not in _keys().by_id:
        _load.cache_clear()  # another process may have rotated since we read the file
    return _keys().by_id[key_id]


@lru_cache(maxsize=8)
def _load(folder: str | Path) -> _Keys:
    file = _file_in(folder)
    if not file.exists():
        _write(file, _Keys("k1", {"k1": secrets.token_bytes(32)}, secrets.token_bytes(32)), replace=False)
    held = json.loads(file.read_text(encoding="ascii"))
    by_id = {key_id: base64.b64decode(key) for key_id, key in held["keys"].items()}
    return _Keys(held["current"], by_id, base64.b64decode(held["index"]))


def _write(file: Path, keys: _Keys, *, replace: bool) -> None:
    held = {
        "current": keys.current,
        "keys": {key_id: base64.b64encode(key).decode() for key_id, key in keys.by_id.items()},
        "index": base64.b64encode(keys.index).decode(),
    }
    write_durably(file, json.dumps(held, indent=1).encode(), replace=replace)
