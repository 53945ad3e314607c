"""The library of common reasons for a send-back, by the kind of the material (applications/reasons.yaml). Pure."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

if TYPE_CHECKING:
    from chuding.applications.material_kinds import Kind

_FILE = Path(__file__).parent.parent / "reasons.yaml"
_ANY = "*"


@dataclass(frozen=True)
class Reason:
    """One sentence that an applicant may be sent, and the code under which it is counted."""

    code: str
    text: str


@lru_cache(maxsize=1)
def _library() -> dict[str, tuple[Reason, ...]]:
    data = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return {kind: tuple(Reason(row["码"], row["理由"]) for row in rows) for kind, rows in data.items()}


def own_reasons(kind: Kind) -> tuple[Reason, ...]:
    """The common reasons of a kind of material alone."""
    return _library().get(kind, ())


def reasons_for(kind: Kind) -> tuple[Reason, ...]:
    """The common reasons of a kind of material, its own first, then those of every material."""
    return own_reasons(kind) + _library()[_ANY]


def reason_of(kind: Kind, chosen: str) -> Reason | None:
    """The common reason of a kind of material under this code of its own."""
    return next((reason for reason in reasons_for(kind) if reason.code == chosen), None)


def written_reason(kind: Kind, chosen: str, typed: str) -> str:
    """What the applicant is told: the chosen common reason and what was typed, without saying anything twice."""
    typed = typed.strip()
    preset = reason_of(kind, chosen)
    if preset is None or preset.text in typed:
        return typed
    return f"{preset.text}{typed}"
