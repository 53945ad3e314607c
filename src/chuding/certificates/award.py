"""What is conferred, frozen: the only thing that certificates know of a decision. Pure.

`canonical` is the byte form that is hashed into the register and the ledger (UTF-8 JSON, keys sorted, NFC).
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from dataclasses import asdict, dataclass
from datetime import date
from typing import Self

SCHEMA = 1


@dataclass(frozen=True, kw_only=True)
class Award:
    """One conferred qualification, as the official document's roster states it (notice 七).

    Dates are calendar days in Asia/Shanghai. `clause` is the notice's clause that gave the level, such as 二(二).
    """

    office: str
    issuer: str
    notice_id: str
    notice_number: str
    notice_digest: str
    clause: str
    level: str
    qualification: str
    series: str
    major: str
    minor: str
    holder_name: str
    sex: str
    born_on: date | None
    identity_type: str
    identity_number: str
    employer_name: str
    application_number: str
    document_number: str
    qualified_on: date
    approved_on: date

    def canonical(self) -> bytes:
        """The bytes that are hashed and signed for: sorted JSON, dates as YYYY-MM-DD, text in NFC."""
        values = {key: value.isoformat() if isinstance(value, date) else value for key, value in asdict(self).items()}
        text = json.dumps({"schema": SCHEMA, **values}, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return unicodedata.normalize("NFC", text).encode()

    @classmethod
    def read(cls, canonical: str) -> Self:
        """The award whose canonical form this is. Raises ValueError for another schema."""
        values = json.loads(canonical)
        if values.pop("schema", None) != SCHEMA:
            raise ValueError("an award of another schema")
        for name in ("born_on", "qualified_on", "approved_on"):
            values[name] = date.fromisoformat(values[name]) if values[name] else None
        return cls(**values)

    def digest(self) -> str:
        """SHA-256 of the canonical bytes, in hex."""
        return hashlib.sha256(self.canonical()).hexdigest()


LEVEL_DIGIT = {"员级": "1", "助理级": "2", "中级": "3"}
OFFICE_LETTERS = {"association": "ZJX", "city": "ZJZ"}


def _as_digits(text: str) -> int:
    """Letters as 10 to 35, the way ISO 7064 MOD 97-10 reads them (and IBAN does)."""
    return int("".join(str(int(character, 36)) for character in text))


def certificate_number(*, office: str, year: int, level: str, serial: int) -> str:
    """A certificate number: office letters, year, level digit, six-digit serial and two check digits (MOD 97-10)."""
    body = f"{OFFICE_LETTERS[office]}{year}{LEVEL_DIGIT[level]}{serial:06d}"
    return f"{body}{98 - _as_digits(body + '00') % 97:02d}"


def is_certificate_number(text: str) -> bool:
    """Whether a typed number is well formed; catches one wrong or two swapped characters before any look-up."""
    return re.fullmatch(r"[A-Z]{3}[0-9]{13}", text) is not None and _as_digits(text) % 97 == 1
