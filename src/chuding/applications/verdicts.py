"""What the law engine says of a level, in the language of the page: `policy.sheet` for partials/verdict.html."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import get_language

from chuding.policy import sheet
from chuding.policy.speech import speech_of
from chuding.policy.terms import Level

if TYPE_CHECKING:
    from chuding.policy.assess import Report
    from chuding.policy.speech import Speech


def speech_here() -> Speech:
    """The language of the page."""
    return speech_of(get_language() or "")


def common_of(report: Report) -> dict[str, list[dict[str, Any]]]:
    """The conditions asked of everyone: those open or not met, and those met."""
    return sheet.common_of(report, speech_here())


def verdict_of(report: Report, level: str, *, apart: bool = False) -> dict[str, Any]:
    """One level; see `policy.sheet.verdict_of`."""
    return sheet.verdict_of(report, Level(level), speech_here(), apart=apart)


def verdicts_of(report: Report) -> list[dict[str, Any]]:
    """Every level, the best answer first; the common conditions stand apart."""
    return sheet.verdicts_of(report, speech_here())


def reservations_of(report: Report) -> list[str]:
    """What the report leaves out."""
    return sheet.reservations_of(report, speech_here())


def sheet_here(report: Report) -> dict[str, Any]:
    """The words of the one page that can be printed."""
    return sheet.sheet_of(report, speech_here())
