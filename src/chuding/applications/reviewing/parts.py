"""Who had a part in a file: everybody who judged it at any time, not only those whose names stand on it now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chuding.applications.workflow import Action
from chuding.ledger.record import entries_about

if TYPE_CHECKING:
    from chuding.applications.models import Application

# What the ledger calls an opinion on a file. Taking one and putting it back is none, nor is what the applicant and the
# employer do.
PART_ACTS = frozenset(
    {
        "judge_material",
        "second_look",
        "spot_check",
        Action.SEND_BACK,
        Action.ASK_LEAD,
        Action.RECOMMEND,
        Action.CONCUR,
        Action.CONFIRM,
        Action.RETURN,
        Action.APPROVE,
        Action.REFUSE,
        Action.REOPEN,
        Action.CLOSE,
        Action.UPHOLD,
        Action.ANNUL,
    }
)


def named_on(application: Application) -> frozenset[int]:
    """The people whose names stand on the file now as reviewer, second reviewer, rechecker or signer (primary keys)."""
    parts = (application.reviewer_id, application.second_id, application.rechecker_id, application.signer_id)
    return frozenset(part for part in parts if part)


def who_had_a_part(application: Application) -> frozenset[int]:
    """Those and everybody whom the ledger shows with an opinion on it before: returned, judged, signed (primary keys)."""
    acted = entries_about(("application", application.ref)).filter(action__in=PART_ACTS, by__isnull=False)
    return named_on(application) | frozenset(acted.order_by().values_list("by_id", flat=True).distinct())
