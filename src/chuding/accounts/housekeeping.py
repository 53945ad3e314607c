"""Forgetting what is no longer needed (PIPL 19): codes and sessions that are over, tries that no limit counts any more."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from chuding.accounts.models import HandOver, SignInCode, Throttle, Visit

if TYPE_CHECKING:
    from datetime import datetime

# The longest window of a limit is a day; the ledger keeps that something happened, without the number.
KEPT = timedelta(days=1)


def forget_old(*, at: datetime) -> int:
    """Delete codes that expired, tries that were made and sessions that began more than a day ago; answers how many rows went."""
    codes, _ = SignInCode.objects.filter(expires_at__lt=at - KEPT).delete()
    tries, _ = Throttle.objects.filter(touched_at__lt=at - KEPT).delete()
    overs, _ = HandOver.objects.filter(expires_at__lt=at).delete()
    # No session lasts longer than a day, so a visit of yesterday's is over (`middleware.LONGEST_SESSION`).
    visits, _ = Visit.objects.filter(began_at__lt=at - KEPT).delete()
    return codes + tries + overs + visits
