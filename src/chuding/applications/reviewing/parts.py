"""Who had a part in a file: everybody who judged it at any time, not only those whose names stand on it now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef

from chuding.applications.models import Material
from chuding.applications.workflow import Action
from chuding.ledger.record import entries_about

if TYPE_CHECKING:
    from collections.abc import Iterable

    from chuding.accounts.models import Person
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


def who_judged(materials: Iterable[Material]) -> frozenset[int]:
    """Whose verdicts stand on the current ones of these materials (primary keys): the first review is theirs too.

    A file that was handed over or taken over keeps its verdicts, so its reviewer's name alone does not tell.
    """
    return frozenset(m.verdict_by_id for m in materials if m.replaced_at is None and m.verdict_by_id is not None)


def judged_by(person: Person) -> Exists:
    """Whether this person is one of `who_judged`, as a condition on files."""
    return Exists(Material.objects.filter(application=OuterRef("pk"), replaced_at__isnull=True, verdict_by=person))


def who_had_a_part(application: Application) -> frozenset[int]:
    """Those and everybody whom the ledger shows with an opinion on it before: returned, judged, signed (primary keys)."""
    acted = entries_about(("application", application.ref)).filter(action__in=PART_ACTS, by__isnull=False)
    return named_on(application) | frozenset(acted.order_by().values_list("by_id", flat=True).distinct())
