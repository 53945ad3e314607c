"""Social insurance (社保): is this person insured, by whom, for how many months. Pure.

The answer decides whether upload 5 is needed (notice 五（三）5). "No answer" is an answer of its own: it never blocks.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, cast

from chuding.connectors.choice import make
from chuding.connectors.signed_http import Account, NoAnswerError, RefusedError, post

if TYPE_CHECKING:
    from collections.abc import Mapping


class Answer(StrEnum):
    """What the look-up came to."""

    FOUND = "found"
    NOT_FOUND = "not_found"
    NO_ANSWER = "no_answer"


@dataclass(frozen=True, slots=True)
class LookUp:
    """The whole answer; `months` insured up to the day asked and `employer` now are None where not known."""

    result: Answer
    months: int | None = None
    employer: str | None = None


class SocialInsurance(Protocol):
    """Answers for one person on one day, and never raises."""

    def look_up(self, *, identity_number: str, name: str, on: date) -> LookUp:
        """Ask about the person of this number and name. Both must be theirs, or the answer is NOT_FOUND."""


class EmbeddedSocialInsurance:
    """Answers from a JSON file of demonstration data; a number that is not in it is NOT_FOUND, always.

    `{"people": [{"identity_number", "name", "employer", "from": "2021-07", "to": "2023-06" or null}]}`; several rows
    may stand for one person. `"result": "no_answer"` in a row plays a service that is down. A file that is missing or
    cannot be read is NO_ANSWER: unknown is never read as no.
    """

    def __init__(self, file: str) -> None:
        self._file = Path(file)

    def look_up(self, *, identity_number: str, name: str, on: date) -> LookUp:
        """Answer from the file as it is now."""
        try:
            rows = json.loads(self._file.read_text(encoding="utf-8"))["people"]
            own = [r for r in rows if r["identity_number"] == identity_number and r["name"] == name]
            if any(row.get("result") == Answer.NO_ANSWER for row in own):
                return LookUp(Answer.NO_ANSWER)
            spans = [span for row in own if (span := _span(row, on)) is not None]
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return LookUp(Answer.NO_ANSWER)
        if not spans:
            return LookUp(Answer.NOT_FOUND)
        # Two employers in one month are one insured month.
        months = {month for first, last, _ in spans for month in range(first, last + 1)}
        return LookUp(Answer.FOUND, len(months), max(spans, key=lambda span: (span[1], span[0]))[2])


def _span(row: dict[str, Any], on: date) -> tuple[int, int, str | None] | None:
    """First and last insured month of a row up to `on`, as months since year 0; None when it had not begun."""
    first = _month(row["from"])
    last = min(_month(row["to"]) if row.get("to") else _index(on), _index(on))
    return (first, last, row.get("employer")) if first <= last else None


def _month(text: str) -> int:
    return _index(date.fromisoformat(f"{text}-01"))


def _index(day: date) -> int:
    return day.year * 12 + day.month - 1


class HttpSocialInsurance:
    """The look-up over signed HTTP: POST {identity_number, name, on} → 200 {"result", "months", "employer"}."""

    def __init__(
        self,
        url: str,
        key: str,
        secret_variable: str = "CHUDING_SOCIAL_INSURANCE_SECRET",  # noqa: S107 - a variable's name
        timeout: float = 3.0,
    ) -> None:
        self._account = Account(url, key, secret_variable, timeout)

    def look_up(self, *, identity_number: str, name: str, on: date) -> LookUp:
        """Ask; whatever is not a clear answer in time is NO_ANSWER, a refusal (4xx) included."""
        try:
            answer = post(
                self._account,
                {"identity_number": identity_number, "name": name, "on": on.isoformat()},
            )
            result = Answer(answer.get("result", ""))
        except (NoAnswerError, RefusedError, ValueError):
            return LookUp(Answer.NO_ANSWER)
        if result is not Answer.FOUND:
            return LookUp(result)
        months, employer = answer.get("months"), answer.get("employer")
        return LookUp(
            Answer.FOUND,
            months if isinstance(months, int) and not isinstance(months, bool) and months >= 0 else None,
            employer[:120] if isinstance(employer, str) and employer else None,
        )


def social_insurance(choice: Mapping[str, Any]) -> SocialInsurance:
    """The connector that the setting SOCIAL_INSURANCE names. Raises choice.WrongChoiceError."""
    return cast("SocialInsurance", make(choice))


gateway = social_insurance
