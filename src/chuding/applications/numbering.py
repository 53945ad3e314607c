"""办件号: four letters, the year, a six-digit serial and a check digit (ISO 7064 MOD 11,10), so a mistyped one is caught.

The letters are the installation's own (`settings.NUMBER_LETTERS`: ZJCD for 镇江); numbers given under others remain good.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from django.conf import settings
from django.db import transaction

from chuding.applications.models import NumberSeries

if TYPE_CHECKING:
    from datetime import datetime

LETTERS: Final = re.compile(r"[A-Z]{4}")
_NUMBER: Final = re.compile(LETTERS.pattern + r"([0-9]{10})([0-9])")


def check_digit(digits: str) -> str:
    """ISO 7064 MOD 11,10 over decimal digits."""
    rest = 10
    for digit in digits:
        rest = (rest + int(digit)) % 10 or 10
        rest = rest * 2 % 11
    return str((11 - rest) % 10)


def is_number(text: str) -> bool:
    """Whether a typed 办件号 is well formed."""
    found = _NUMBER.fullmatch(text)
    return found is not None and check_digit(found[1]) == found[2]


def take_number(*, at: datetime) -> str:
    """The next number of the year; call inside the transaction that uses it, so that no number is lost or doubled."""
    transaction.get_connection().validate_no_broken_transaction()
    NumberSeries.objects.bulk_create([NumberSeries(year=at.year)], ignore_conflicts=True)
    series = NumberSeries.objects.select_for_update().get(year=at.year)
    series.last += 1
    series.save(update_fields=["last"])
    digits = f"{at.year}{series.last:06d}"
    return f"{settings.NUMBER_LETTERS}{digits}{check_digit(digits)}"
