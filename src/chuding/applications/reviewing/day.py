"""A reviewer's day: how many files they set out to end their part in, and have. Their own to see, compared with nobody's."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import yaml
from django.db.models import Case, Sum, When

from chuding.accounts.roles import Role
from chuding.applications.workflow import Action
from chuding.ledger.models import Entry

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet

    from chuding.storage.prepared import Slot

_FILE = Path(__file__).with_name("day.yaml")
#: With these a reviewer ends their part in a file.
ENDS: Final = (Action.RECOMMEND, Action.SEND_BACK, Action.ASK_LEAD, Action.CONCUR)


@lru_cache(maxsize=1)
def target() -> int:
    """Files a day (day.yaml)."""
    return int(yaml.safe_load(_FILE.read_text(encoding="utf-8"))["target"])


def done_since(morning: datetime | Slot, person: int | Slot) -> QuerySet[Any, Any]:
    """One row with `n`, the files in which this person has ended a reviewer's part since then; no row before the first.

    Counted from the ledger. An act that was undone is taken off.
    """
    acts = Entry.objects.filter(
        by=person, at__gte=morning, role=Role.REVIEWER, action__in=(*ENDS, Action.UNDO)
    ).order_by()
    return acts.values("by").annotate(n=Sum(Case(When(action=Action.UNDO, then=-1), default=1)))
