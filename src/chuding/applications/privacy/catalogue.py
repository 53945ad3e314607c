"""The catalogue of fields and the notice that people read of it. Pure: both are data, and each is checked against the other.

`fields.yaml` says of every field of every model what it is for and how long it is kept; tools/make_fields.py holds it
against the models and writes docs/fields.md. `notice.yaml` says it in the words of the privacy notice (PIPL 17): every
field that tells something of a person stands in one of its rows, and its versions are counted.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from datetime import date

_FIELDS = Path(__file__).with_name("fields.yaml")
_NOTICE = Path(__file__).with_name("notice.yaml")


@dataclass(frozen=True)
class Entry:
    """One model: what a row is, the key of how long it is kept, and what each field is for."""

    what: str
    kept: str
    fields: dict[str, str]

    @property
    def personal(self) -> tuple[str, ...]:
        """The fields that tell something of a person."""
        return tuple(name for name, purpose in self.fields.items() if purpose.startswith("!"))


@dataclass(frozen=True)
class Row:
    """One line of the notice. `kept`: sentences from the catalogue; `sensitive`: asked for by a consent of its own (PIPL 29)."""

    what: str
    why: str
    who: str
    sensitive: bool
    fields: tuple[str, ...]
    kept: tuple[str, ...]


@dataclass(frozen=True)
class Version:
    """One version of the notice: from which day it holds, what is different, and the SHA-256 of what it says."""

    version: str
    since: date
    changed: str
    digest: str


@dataclass(frozen=True)
class PrivacyNotice:
    """The rows as they hold now and every version, the newest first."""

    rows: tuple[Row, ...]
    versions: tuple[Version, ...]

    @property
    def now(self) -> Version:
        """The version that holds."""
        return self.versions[0]


@cache
def entries() -> dict[str, Entry]:
    """The catalogue: a model's label → its entry."""
    held: dict[str, Any] = yaml.safe_load(_FIELDS.read_text(encoding="utf-8"))
    return {label: Entry(**row) for label, row in held["models"].items()}


@cache
def terms() -> dict[str, dict[str, str]]:
    """How long things are kept: key → the sentence in English, and in Chinese where people read it."""
    held: dict[str, Any] = yaml.safe_load(_FIELDS.read_text(encoding="utf-8"))
    return dict(held["kept"])


@cache
def privacy_notice() -> PrivacyNotice:
    """The notice that holds now. Raises KeyError for a row about a field that is not kept."""
    held: dict[str, Any] = yaml.safe_load(_NOTICE.read_text(encoding="utf-8"))
    rows = tuple(_row(each) for each in held["rows"])
    versions = tuple(
        Version(each["version"], each["from"], each["changed"], each["digest"]) for each in held["versions"]
    )
    return PrivacyNotice(rows, versions)


def _row(held: dict[str, Any]) -> Row:
    fields = tuple(held["fields"])
    keys = dict.fromkeys(entries()[label.rpartition(".")[0]].kept for label in fields)
    return Row(
        held["what"],
        held["why"],
        held["who"],
        held.get("sensitive", False),
        fields,
        tuple(dict.fromkeys(terms()[key]["zh"] for key in keys)),
    )


def digest_of(rows: tuple[Row, ...]) -> str:
    """SHA-256 over what the rows tell people, so that no word changes within a version."""
    told = [[row.what, row.why, row.who, row.sensitive, list(row.kept)] for row in rows]
    return hashlib.sha256(json.dumps(told, ensure_ascii=False).encode()).hexdigest()
