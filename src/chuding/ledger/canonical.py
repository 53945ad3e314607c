"""An entry as the bytes that are hashed: canonical JSON, the same on every database and for ever.

Keys sorted, no spaces, UTF-8, times in UTC with microseconds, `v` the schema's version. Numbers are integers: databases
write fractions in ways of their own.
"""

from __future__ import annotations

import json
from datetime import UTC
from typing import TYPE_CHECKING, Any

from chuding.ledger.tree import leaf_hash

if TYPE_CHECKING:
    from chuding.ledger.models import Entry

SCHEMA = 1
ZERO = "0" * 64


def canonical(entry: Entry, *, number: int | None = None) -> bytes:
    """Return the canonical bytes of an entry, as if its number were `number` where one is given."""
    held = {
        "v": SCHEMA,
        "id": entry.pk if number is None else number,
        "at": entry.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        "by": entry.by_id,
        "role": entry.role,
        "action": entry.action,
        "subject": [entry.subject_kind, entry.subject_ref],
        "reason": entry.reason,
        "data": entry.data,
        "previous": entry.previous,
    }
    return json.dumps(held, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def entry_hash(entry: Entry, *, number: int | None = None) -> str:
    """Return the leaf hash of an entry (64 hex digits)."""
    return leaf_hash(canonical(entry, number=number)).hex()


def check_storable(value: Any, path: str = "data") -> None:
    """Refuse what two databases would not give back alike: fractions, NUL characters, keys that are no strings."""
    if value is None or isinstance(value, bool | int):
        return
    if isinstance(value, str):
        if "\0" in value:
            raise ValueError(f"{path} holds a NUL character")
        value.encode()  # a lone surrogate is no text
    elif isinstance(value, list | tuple):
        for position, part in enumerate(value):
            check_storable(part, f"{path}[{position}]")
    elif isinstance(value, dict):
        for key, part in value.items():
            if not isinstance(key, str):
                raise TypeError(f"{path} has the key {key!r}, which is no string")
            check_storable(key, f"{path} key")
            check_storable(part, f"{path}.{key}")
    else:
        raise TypeError(f"{path} is a {type(value).__name__}; only text, whole numbers, yes/no, lists and tables")
