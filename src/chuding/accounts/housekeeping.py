"""Forgetting what is no longer needed (PIPL 19): codes that are over and tries that no limit counts any more."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from chuding.accounts.models import HandOver, SignInCode, Throttle

if TYPE_CHECKING:
    from datetime import datetime

# The longest window of a limit is a day; the ledger keeps that something happened, without the number.
KEPT = timedelta(days=1)


def forget_old(*, at: datetime) -> int:
    """Delete codes that expired and tries that were made more than a day ago; answers how many rows went."""
    codes, _ = SignInCode.objects.filter(expires_at__lt=at - KEPT).delete()
    tries, _ = Throttle.objects.filter(touched_at__lt=at - KEPT).delete()
    overs, _ = HandOver.objects.filter(expires_at__lt=at).delete()
    return codes + tries + overs
