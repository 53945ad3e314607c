"""The worker's part: read a material once, and keep what was read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chuding.applications.material_kinds import READ, Kind, kind_in
from chuding.applications.models import Material
from chuding.applications.readings.models import PaperReading, ReadingState
from chuding.applications.translate import notice_of
from chuding.applications.workflow import FINAL, State
from chuding.paper.reading.lines import dump
from chuding.paper.reading.reader import ReadingError, read_paper
from chuding.storage.files import store

if TYPE_CHECKING:
    from datetime import datetime

# A refusal may be appealed, and then somebody looks again.
NOBODY_LOOKS = FINAL - {State.REFUSED}


def read_and_keep(*, material_id: int, at: datetime) -> str:
    """Read a material, unless the very same file was read before: then what was seen is taken over.

    A file that does not open is kept as not read, so that nobody waits for it; a sandbox that does not start raises, and
    the job comes again. Answers the state, or "not read" where the notice's item is none of papers that are read, or the file
    had its end before its turn came: no reviewer looks at it any more, and reading costs seconds a page.
    """
    material = Material.objects.select_related("application").get(pk=material_id)
    wanted = kind_in(notice_of(material.application), material.code)
    if wanted not in READ or material.application.life in NOBODY_LOOKS:
        return "not read"
    earlier = PaperReading.objects.filter(
        material__file=material.file, material__code=material.code, state=ReadingState.READ
    ).first()
    state, pages = ReadingState.READ, earlier.read_pages() if earlier else ()
    if not earlier:
        try:
            pages = read_paper(store().path(material.file), seal=wanted is Kind.ENDORSEMENT)
        except ReadingError as error:
            if error.kind == "unavailable":
                raise
            state = ReadingState.FAILED
    PaperReading.objects.update_or_create(
        material=material, defaults={"state": state, "pages": dump(pages), "read_at": at}
    )
    return str(state)
