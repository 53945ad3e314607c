"""The library of common reasons for a send-back, by material (applications/reasons.yaml). Pure."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import yaml

_FILE = Path(__file__).parent.parent / "reasons.yaml"
_ANY = "*"


@dataclass(frozen=True)
class Reason:
    """One sentence that an applicant may be sent, the clause it rests on, and the code under which it is counted."""

    code: str
    text: str
    clause: str


@lru_cache(maxsize=1)
def _library() -> dict[str, tuple[Reason, ...]]:
    data = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return {code: tuple(Reason(row["码"], row["理由"], row["依据"]) for row in rows) for code, rows in data.items()}


def reasons_for(code: str) -> tuple[Reason, ...]:
    """The common reasons of a material, its own first, then those of every material."""
    library = _library()
    return library.get(code, ()) + library[_ANY]


def reason_of(code: str, chosen: str) -> Reason | None:
    """The common reason of a material under this code of its own."""
    return next((reason for reason in reasons_for(code) if reason.code == chosen), None)


def written_reason(code: str, chosen: str, typed: str) -> str:
    """What the applicant is told: the chosen common reason and what was typed, without saying anything twice."""
    typed = typed.strip()
    preset = reason_of(code, chosen)
    if preset is None or preset.text in typed:
        return typed
    return f"{preset.text}{typed}"
