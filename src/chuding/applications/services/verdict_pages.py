"""A verdict as a page to print: the web process puts its words aside, the worker makes the PDF, and both are soon gone.

Named by their words, so that asking twice makes one page. There is no name on it, and nothing of it is in the database.
"""

from __future__ import annotations

import hashlib
import json
import logging
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django_tasks import task

from chuding.certificates.press import typesetter
from chuding.jobs.backend import enqueue_once
from chuding.paper.glyphs import MissingGlyph
from chuding.paper.letters import VerdictData
from chuding.paper.typeset import TypesettingError
from chuding.storage.clock import now
from chuding.storage.durable import write_durably

if TYPE_CHECKING:
    from collections.abc import Mapping

log = logging.getLogger(__name__)
# A page can be made again at any time from what was answered.
KEPT = timedelta(days=1)


def digest_of(sheet: Mapping[str, Any]) -> str:
    """What a page is called: its words, whoever asked for it."""
    return hashlib.sha256(_text(sheet)).hexdigest()


def page_of(digest: str) -> Path | None:
    """The PDF of these words, once the worker has made it."""
    file = _folder() / f"{digest}.pdf"
    return file if file.is_file() else None


def order_page(sheet: Mapping[str, Any], *, at: datetime) -> None:
    """Have the page made, unless it is there or was asked for within the minute."""
    digest = digest_of(sheet)
    if page_of(digest) is None:
        write_durably(_folder() / f"{digest}.json", _text(sheet), replace=True)
        enqueue_once(make_verdict_page, key=f"verdict:{digest}:{at.astimezone(UTC):%Y%m%d%H%M}", digest=digest)


@task()
def make_verdict_page(digest: str) -> bool:
    """The worker's part; words that are gone were made into a page already, or nobody asked for a day."""
    words = _folder() / f"{digest}.json"
    if not words.is_file():
        return False
    try:
        data = VerdictData.read(json.loads(words.read_bytes()), sample=settings.DEMONSTRATION)
        write_durably(_folder() / f"{digest}.pdf", typesetter().verdict(data, now()), replace=True)
    except (MissingGlyph, TypesettingError):
        log.exception("the verdict %s could not be made", digest)
        return False
    finally:
        words.unlink(missing_ok=True)
    return True


def forget_pages(*, at: datetime) -> int:
    """Remove pages, and words that no worker came to, older than a day; the nightly job's part. Returns how many."""
    old = [file for file in _folder().glob("*") if _made_at(file) < at - KEPT]
    for file in old:
        file.unlink(missing_ok=True)
    return len(old)


def _made_at(file: Path) -> datetime:
    return datetime.fromtimestamp(file.stat().st_mtime, UTC)


def _folder() -> Path:
    return Path(settings.DATA_FOLDER) / "verdicts"


def _text(sheet: Mapping[str, Any]) -> bytes:
    return json.dumps(sheet, ensure_ascii=False, sort_keys=True).encode()
