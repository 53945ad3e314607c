"""What a document or a certificate will look like, as pictures, before anybody decides: made by the worker, which alone typesets."""

from __future__ import annotations

import hashlib
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings
from django_tasks import task

from chuding.applications.letters import granting_office
from chuding.applications.models import Application
from chuding.applications.translate import assess_file, award_of, local_day, notice_of
from chuding.certificates.press import typesetter
from chuding.certificates.services import page_before_issue
from chuding.decisions.contents import list_digest, rows_of
from chuding.decisions.models import Roster
from chuding.decisions.texts import document_data
from chuding.jobs.backend import enqueue_once
from chuding.paper.pages import drawn_pages, render_pages
from chuding.storage.clock import now
from chuding.storage.files import store

if TYPE_CHECKING:
    from datetime import datetime

    from chuding.certificates.award import Award


def order(roster: Roster) -> None:
    """Have the pictures made, in the caller's transaction."""
    preview_roster.enqueue(ref=roster.ref)


def pages_of(digest: str) -> list[Path]:
    """The pictures of a roster's contents by their digest, in order; none while they are being made."""
    return drawn_pages(store().derived(digest))


def make(*, roster: Roster, digest: str, at: datetime) -> int:
    """Draw the document as it stands into the folder of its contents' digest; how many pages."""
    entries = list(roster.entries.select_related("application").order_by("position"))
    day = local_day(at)
    rows = rows_of(roster, at)
    number = settings.DOCUMENT_NUMBERS[roster.office].format(year=day.year, serial="×")
    data = document_data(roster, rows=rows, number=number, on=day, notice=notice_of(entries[0].application))
    return _drawn(typesetter().document(data, at), digest)


def _drawn(pdf: bytes, digest: str) -> int:
    with tempfile.NamedTemporaryFile(suffix=".pdf", dir=settings.FILE_UPLOAD_TEMP_DIR) as file:
        file.write(pdf)
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


# ---- one person's certificate ----


def _award(application: Application, at: datetime) -> Award:
    office = granting_office(application)
    day = local_day(at)
    return award_of(
        application,
        report=assess_file(application, local_day(application.submitted_at or at)),
        office=office,
        issuer=settings.OFFICE_NAMES[office],
        document_number=settings.DOCUMENT_NUMBERS[office].format(year=day.year, serial="×"),
        approved_on=day,
    )


def certificate_digest(application: Application, *, at: datetime) -> str:
    """What the picture of a certificate depends on: what would be awarded today."""
    return hashlib.sha256(b"preview\n" + _award(application, at).canonical()).hexdigest()


def order_certificate(application: Application, *, at: datetime) -> None:
    """Have the picture drawn, once for what it shows; drawing it again changes nothing."""
    digest = certificate_digest(application, at=at)
    # By the minute: a picture that was swept away is drawn again, and an impatient person orders one.
    key = f"preview:{digest}:{at:%Y%m%d%H%M}"
    enqueue_once(preview_certificate, key=key, ref=application.ref)


@task()
def preview_certificate(ref: str) -> int:
    """The worker's part; answers how many pages there are."""
    application, at = Application.objects.get(ref=ref), now()
    digest = certificate_digest(application, at=at)
    if made := len(pages_of(digest)):
        return made
    return _drawn(typesetter().certificate(page_before_issue(_award(application, at)), at), digest)
