"""Who on a roster may apply now, and who soon: the law engine asked with what HR typed, and with what we assume besides.

A prospect is a reminder and no verdict: the person answers every question of the notice when applying.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from chuding.applications.asked import barring_asked
from chuding.applications.education_choices import is_full_time
from chuding.policy.assess import assess
from chuding.policy.facts import Facts
from chuding.policy.speech import CHINESE

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from chuding.policy.assess import Report
    from chuding.policy.notice import Notice

#: What a roster does not ask and an employer's list may suppose of its own staff; shown wherever a prospect is.
ASSUMED: Final[dict[str, Any]] = {
    "identity": "mainland",
    "permit": "none",
    "works_in_jurisdiction": True,
    "engagement": "employment_contract",
    "civil_servant": False,
    "retired_on": "never",
    "sanctions": [],
}

_NOT_BARRED: Final = {"civil_servant": "不是公务员", "retired": "没有离退休", "sanctioned": "不在处分影响期"}


def assumption(notice: Notice, *, freelance: bool) -> str:
    """ASSUMED in words; `freelance`: an agency's list, of people who work for themselves."""
    engaged = "自由职业" if freelance else "签了合同"
    supposed = [
        f"在{notice.place}工作",
        engaged,
        *(_NOT_BARRED[name] for name in barring_asked(notice)),
        "专业在目录内",
    ]
    return f"按“{'、'.join(supposed)}”推算，申报时由本人逐项回答。"


@dataclass(frozen=True)
class Prospect:
    """`level` may be applied for from `on`; both empty where a missing fact leaves it open.

    `to_come` says what must still happen (the assessment at the end of probation), `missing` what is not known.
    """

    level: str
    on: date | None
    missing: tuple[str, ...] = ()
    to_come: str = ""
    next_level: str = ""
    next_on: date | None = None
    this_round: bool = True

    def now(self, day: date) -> bool:
        """Whether the conditions hold on that day."""
        return self.on is not None and self.on <= day and not self.to_come


def facts_of(declared: Mapping[str, Any], filed_on: date, *, freelance: bool = False) -> dict[str, Any]:
    """What HR typed as the law engine's facts, with ASSUMED; what nobody knows is left out. `freelance`: an agency's list."""
    matches = declared.get("field_matches")
    credentials = [
        {
            "kind": declared[kind],
            "awarded_on": declared.get(day) or declared.get("graduated_on"),
            "field_matches": matches,
            "full_time": is_full_time(declared.get("study_mode")),
        }
        for kind, day in (("schooling", "graduated_on"), ("degree", "degree_on"))
        if declared.get(kind)
    ]
    facts = (
        ASSUMED
        | ({"engagement": "freelance"} if freelance else {})
        | {
            "filed_on": filed_on.isoformat(),
            "credentials": credentials or None,
            "work": [{"from": declared["started_on"], "to": None}] if declared.get("started_on") else None,
            "assessed_fit": declared.get("assessed_fit"),
            "specialty": declared.get("specialty"),
        }
    )
    return {key: value for key, value in facts.items() if value is not None}


def prospect_of(notice: Notice, declared: Mapping[str, Any], on: date, *, freelance: bool = False) -> Prospect:
    """The best level today, or the earliest day of any; where only the assessment is open, the day it may be passed."""
    stated = {"specialty": notice.catalogue.choices()[0].path} | facts_of(declared, on, freelance=freelance)
    found = _read(assess(notice, Facts.model_validate(stated)), on)
    if found.on is None and stated.get("assessed_fit") is not True:
        hopeful = _read(assess(notice, Facts.model_validate(stated | {"assessed_fit": True})), on)
        if hopeful.on is not None:
            return Prospect(
                hopeful.level,
                hopeful.on,
                (),
                "还需见习期满考核合格",
                hopeful.next_level,
                hopeful.next_on,
                hopeful.this_round,
            )
    return found


def _read(report: Report, on: date) -> Prospect:
    order = list(report.levels.values())
    dated = [(found.from_, -place, found) for place, found in enumerate(order) if found.from_ is not None]
    held = [item for item in dated if item[0] <= on]
    coming = sorted((item for item in dated if item[0] > on), key=lambda item: item[:2])
    if held:
        best = min(held, key=lambda item: item[1])
        higher = next((item for item in coming if item[1] < best[1]), None)
    elif coming:
        best = coming[0]
        higher = next((item for item in coming if item[1] < best[1]), None)
    else:
        facts = {path for found in order for path in found.missing}
        return Prospect("", None, tuple(sorted({CHINESE.fact(path) for path in facts})))
    return Prospect(
        best[2].level.value,
        best[0],
        next_level=higher[2].level.value if higher else "",
        next_on=higher[0] if higher else None,
        this_round=best[2].file_on is not None,
    )
