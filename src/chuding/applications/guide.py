"""What the guide (办事指南) adds to the notice's own data: of each material, and of the way a file goes. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from chuding.applications.deadlines import promised_by_association, promised_for, service_levels
from chuding.applications.reviewing.reasons import own_reasons
from chuding.applications.workflow import State

if TYPE_CHECKING:
    from chuding.applications.material_kinds import Kind

_FILE = Path(__file__).with_name("guide.yaml")
# So many of the common reasons of a send-back are told before anything is handed in.
_MISTAKES = 2


@dataclass(frozen=True)
class MaterialWords:
    """Of one material: who gives it out, how many, what it looks like, and what is often wrong with it."""

    who: str = ""
    copies: str = ""
    looks: str = ""
    mistakes: tuple[str, ...] = ()


@cache
def _materials() -> dict[str, dict[str, str]]:
    held: dict[str, dict[str, str]] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return held


def material_words(kind: Kind) -> MaterialWords:
    """The words of a kind of material; empty ones for what guide.yaml does not know."""
    held = _materials().get(kind)
    if held is None:
        return MaterialWords()
    own = [reason.text for reason in own_reasons(kind)][:_MISTAKES]
    return MaterialWords(**held, mistakes=tuple(own))


@dataclass(frozen=True)
class Stage:
    """One box of the way a file goes: what, by whom, and within how many working days at most; None: nobody promised."""

    what: str
    who: str
    days: int | None = None


def way() -> tuple[Stage, ...]:
    """The stages in their order; for the approval the longer of the two offices' days."""
    approval = max(promised_for({State.SIGNING, State.CITY}, junior=junior) or 0 for junior in (True, False))
    return (
        Stage("自查、填写、上传", "您本人"),
        Stage("单位审核", "用人单位", service_levels()[State.EMPLOYER]),
        Stage("受理、审核、复核", "协会", promised_by_association()),
        Stage("审批", "协会或市职称办", approval),
        Stage("发文，发放电子证书", "协会或市职称办"),
    )
