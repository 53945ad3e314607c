"""A draft tried on the files of its base's round: whose answer would be another, for which level, by which clause.

The answers are the law engine's own, over columns (`policy.simulate`): the counts here are its counts. Nothing but the
file's reference is kept of a person; names are read, and masked, when a page is shown.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from chuding.applications.models import Application
from chuding.applications.translate import facts_of, local_day
from chuding.policy.columns import Columns
from chuding.policy.simulate import Tally, simulate
from chuding.policy.simulate_picture import NARROW, draw

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from django.db.models import QuerySet

    from chuding.policy.facts import Facts
    from chuding.policy.notice import Notice
    from chuding.policy.simulate import Flip

#: How many files are taken at once.
BLOCK: Final = 500


def files_of(notice_id: str) -> QuerySet[Application]:
    """Every file that was handed in under any version of a notice, in the order of handing in."""
    submitted = Application.objects.filter(notice_id=notice_id, submitted_at__isnull=False)
    return submitted.order_by("submitted_at", "id")


def facts_of_file(file: Application) -> Facts:
    """What the file says, as of the day it was handed in."""
    return facts_of(file, local_day(file.submitted_at or file.created_at))


def as_draft(notice: Notice) -> Notice:
    """The draft under a name of its own, for a correction has the id of what it corrects."""
    return replace(notice, id=f"{notice.id}（草案）")


def replay(
    before: Notice, after: Notice, tell: Callable[[int, int], None], keep: Callable[[list[dict[str, Any]]], None]
) -> dict[str, Any]:
    """The outcome of trying `after` on the files that were handed in under `before`; `tell(done, total)` as it goes.

    `keep(rows)` gets each block's changed answers and gone files, as fields of `ChangedFile`; none is left out.

    `otherwise`: files whose answer at the level they applied for is another. `flips`: every level, as `simulate` counts.
    `gone`: files whose specialty the draft's catalogue does not have; they are not assessed.
    """
    shown = as_draft(after)
    total, done = files_of(before.id).count(), 0
    tally, counts = Tally(), Counter[str]()
    for block in _blocks(before.id):
        known = [file for file in block if _knows(after, file.specialty) and _knows(before, file.specialty)]
        rows = [
            {"kind": "gone", "ref": file.ref, "level": file.level}
            for file in block
            if not _knows(after, file.specialty)
        ]
        missed = len(rows)
        counts["gone"] += missed
        counts["aside"] += len(block) - len(known) - missed  # of another version, whose catalogue knew more
        found = simulate(before, shown, Columns.of([facts_of_file(file) for file in known]))
        tally += found.tally
        for flip in found.flips:
            file = known[flip.index]
            applied = flip.level == file.level
            counts["otherwise"] += applied
            counts[flip.kind] += applied
            rows.append({"kind": "own" if applied else "aside", "ref": file.ref, **_told(flip)})
        keep(rows)
        done += len(block)
        tell(min(done, total), total)
    return {
        "files": done,
        "assessed": tally.people,
        "otherwise": counts["otherwise"],
        "gains": counts["gain"],
        "losses": counts["loss"],
        "others": counts["other"],
        "flips": [[*key, count] for key, count in sorted(tally.flips.items())],
        "gone_count": counts["gone"],
        "aside_count": counts["aside"],
        "picture": draw(tally, before, shown),
        "picture_narrow": draw(tally, before, shown, NARROW),
    }


def _blocks(notice_id: str) -> Iterator[list[Application]]:
    """By position and not by iterator: related rows are read once a block, and memory stays that of a block."""
    keys = list(files_of(notice_id).values_list("pk", flat=True))
    for start in range(0, len(keys), BLOCK):
        found = Application.objects.filter(pk__in=keys[start : start + BLOCK])
        yield list(found.prefetch_related("educations", "spells").order_by("submitted_at", "id"))


def _knows(notice: Notice, specialty: str) -> bool:
    return not specialty or notice.knows(specialty)


def _told(flip: Flip) -> dict[str, Any]:
    return {
        "level": flip.level,
        "schooling": flip.schooling,
        "before": flip.before,
        "after": flip.after,
        "clauses": [list(flip.clauses_before), list(flip.clauses_after)],
    }
