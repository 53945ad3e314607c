"""年度考核表 of many of a unit's people at once: each scan goes to the person whose row code its name carries."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from django.db import transaction

from chuding.accounts.roles import Role
from chuding.applications.material_kinds import Kind, code_of
from chuding.applications.models import Application
from chuding.applications.roster.models import LetterPerson
from chuding.applications.services.drafting import put_material
from chuding.applications.services.holding import holding
from chuding.applications.services.moves import permit, subject_of
from chuding.applications.translate import notice_of
from chuding.applications.workflow import Action, Declined, State
from chuding.ledger.record import record

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from chuding.accounts.models import Employer, Person
    from chuding.applications.models import ApplicationQuerySet
    from chuding.applications.services.drafting import Upload

#: So many scans in one go: each is looked at by itself before any is kept.
MOST_AT_ONCE = 50
_WORD = re.compile(r"[0-9A-Za-z]+")


def waiting_for_papers(employer: Employer, by: Person) -> ApplicationQuerySet:
    """The unit's people in established posts whose file waits for it, never the clerk's own; `given`: have one already."""
    files = Application.objects.filter(employer=employer, state=State.EMPLOYER, established_post=True)
    rows = files.exclude(applicant=by).order_by("submitted_at", "id")
    return rows.annotate(given=holding(Kind.APPRAISAL))


def row_code(file: Application) -> str:
    """What a scan's name must carry: the 办件号 after its letters and year, with its check digit."""
    return (file.number or "")[8:]


def whose(name: str, files: Iterable[Application]) -> Application | None:
    """The file whose row code, or whole 办件号, stands in a scan's name by itself; None for nobody's or for two."""
    words = {word.upper() for word in _WORD.findall(name.rpartition(".")[0] or name)}
    found = [file for file in files if {row_code(file), file.number or ""} & words]
    return found[0] if len(found) == 1 else None


@transaction.atomic
def attach(*, ref: str, upload: Upload, by: Person, at: datetime) -> Application:
    """Put a scan into the file of one of the unit's people; an earlier one there is kept as replaced.

    Raises Application.DoesNotExist, and Declined where the file no longer waits for this clerk.
    """
    file = Application.objects.select_for_update().get(ref=ref)
    permit(file, Action.ENDORSE, by=by, at=at)
    if not upload.code or upload.code != code_of(notice_of(file), Kind.APPRAISAL):
        raise Declined("这一年度的通知不要年度考核表。")
    put_material(file, upload, at=at)
    # A letter that is being stamped says nothing of this paper, so it still fits.
    LetterPerson.objects.filter(application=file, version=file.version).update(version=file.version + 1)
    file.version += 1
    file.updated_at = at
    file.save(update_fields=["version", "updated_at"])
    data = {"code": upload.code, "file": upload.digest}
    record(action="attach_paper", subject=subject_of(file), by=by, role=Role.EMPLOYER_CLERK, at=at, data=data)
    return file
