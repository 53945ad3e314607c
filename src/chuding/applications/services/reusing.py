"""Applying again: a new file begins with what the last one holds, whatever became of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chuding.applications.material_kinds import Kind, kind_of
from chuding.applications.models import Application, Education, Material, Verdict, WorkSpell
from chuding.applications.photos.models import NameWriting
from chuding.applications.roster.models import UnitLetter
from chuding.applications.sections import SECTION
from chuding.applications.tasks import make_pages, read_material
from chuding.applications.workflow import State
from chuding.storage.tokens import new_ref

if TYPE_CHECKING:
    from chuding.accounts.models import Person
    from chuding.policy.notice import Notice

#: Every field that an applicant fills in.
FIELDS = frozenset(field for section in SECTION.values() for field in section.fields)
# All that was filled in, and the index that belongs to the identity number; a promise is made anew.
_REUSED = (*sorted(FIELDS - {"commitment_name", "commitment_at"}), "identity_index")


def earlier_of(person: Person) -> Application | None:
    """The person's last file of any round, also one that led to a certificate: each began with all of those before it."""
    return Application.objects.filter(applicant=person).order_by("-id").first()


def reused(earlier: Application, notice: Notice) -> dict[str, Any]:
    """What a file of this notice takes over, field by field, without what can no longer be so.

    A specialty that the new catalogue does not have is chosen anew; so is the level that was conferred already.
    """
    known = {name: getattr(earlier, name) for name in _REUSED}
    if earlier.specialty and notice.catalogue.find(earlier.specialty) is None:
        known |= {"specialty": "", "series": ""}
    if earlier.life is State.ISSUED or earlier.level not in {str(rule.level) for rule in notice.levels}:
        known["level"] = ""
    return known


def take_over(earlier: Application, application: Application, notice: Notice) -> None:
    """Copy schooling, work and uploads, unjudged.

    A unit's letter for many spoke of that file only; in another round any word of the unit did, and a material that the
    notice does not know stays behind.
    """
    again = earlier.notice_id == notice.id
    codes = [rule.code for rule in notice.materials if again or kind_of(rule) is not Kind.ENDORSEMENT]
    kept = earlier.current_materials().filter(code__in=codes).exclude(file__in=UnitLetter.scans_of(earlier))
    writing = NameWriting.objects.filter(application=earlier)
    rows: list[Education | WorkSpell | Material | NameWriting] = [
        *earlier.educations.all(), *earlier.spells.all(), *kept, *writing,
    ]  # fmt: skip
    for row in rows:
        row.pk = None
        row.application = application
        if isinstance(row, Material):
            row.ref, row.verdict, row.verdict_code, row.verdict_reason = new_ref(), Verdict.PENDING, "", ""
            row.marks, row.verdict_by, row.verdict_at = [], None, None
        row.save(force_insert=True)
        if isinstance(row, Material):
            read_material.enqueue(material_id=row.pk)
            if not row.pages_ready:
                make_pages.enqueue(material_id=row.pk)
