"""What a document will look like, as pictures, before anybody signs it: made by the worker, which alone typesets."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings
from django_tasks import task

from chuding.applications.translate import local_day, notice_of
from chuding.certificates.press import typesetter
from chuding.decisions.contents import list_digest, rows_of
from chuding.decisions.models import Roster
from chuding.decisions.texts import document_data
from chuding.paper.pages import render_pages
from chuding.storage.clock import now
from chuding.storage.files import store

if TYPE_CHECKING:
    from datetime import datetime


def order(roster: Roster) -> None:
    """Have the pictures made, in the caller's transaction."""
    preview_roster.enqueue(ref=roster.ref)


def pages_of(digest: str) -> list[Path]:
    """The pictures of a roster's contents by their digest, in order; none while they are being made."""
    folder = store().derived(digest)
    count = sum(1 for _ in folder.glob("page-*.webp")) if folder.is_dir() else 0
    return [folder / f"page-{n}.webp" for n in range(1, count + 1)]


def make(*, roster: Roster, digest: str, at: datetime) -> int:
    """Draw the document as it stands into the folder of its contents' digest; how many pages."""
    entries = list(roster.entries.select_related("application").order_by("position"))
    day = local_day(at)
    rows = rows_of(roster, at)
    number = settings.DOCUMENT_NUMBERS[roster.office].format(year=day.year, serial="×")
    data = document_data(roster, rows=rows, number=number, on=day, notice=notice_of(entries[0].application))
    with tempfile.NamedTemporaryFile(suffix=".pdf", dir=settings.FILE_UPLOAD_TEMP_DIR) as file:
        file.write(typesetter().document(data, at))
        file.flush()
        return len(render_pages(Path(file.name), store().derived(digest)))


@task()
def preview_roster(ref: str) -> int:
    """The worker's part; a roster that was thrown away in the meantime needs no pictures."""
    roster = Roster.objects.filter(ref=ref).first()
    if roster is None:
        return 0
    digest = list_digest(roster)
    return len(pages_of(digest)) or make(roster=roster, digest=digest, at=now())
