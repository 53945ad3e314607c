"""The one way from a notice's name to its rules: what is in force at a moment, and any version by its digest.

A version's files are the same on disk (shipped with the software, policy.notice) and in the database (published at the
desk): the digest tells. In force is the last published version whose moment has come; where none has been published yet,
the folder that `settings.NOTICE` names.

The list of moments is kept for a few seconds in each process. That is exact all the same: a version is published, and
withdrawn, at least a minute before its moment, so nobody's list can miss one that has come. A server process reads it
when it starts and goes on reading it beside the answers, so that nobody waits for it while theirs is made.
"""

from __future__ import annotations

import logging
import threading
import time
from datetime import timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from django.conf import settings
from django.db import DatabaseError, connections

from chuding.notices.models import Origin, Version
from chuding.policy.notice import FOLDER, list_notices, load_notice, read_notice
from chuding.policy.source import WORDS, Files, read_files

if TYPE_CHECKING:
    from datetime import datetime

    from chuding.policy.notice import Notice

#: How long before its moment a version is published or withdrawn at the latest.
LEAD = timedelta(minutes=1)
#: How long a process keeps the list of moments, in seconds; with the longest wait for the database still below LEAD.
KEPT = 15.0
#: How often a server process reads it again beside its answers, in seconds.
RENEWED = 6.0

_log = logging.getLogger(__name__)


class NoticeMissing(LookupError):  # noqa: N818 - it names the condition
    """A file's notice is neither shipped nor published here."""


class Moment(NamedTuple):
    """From when which version is in force."""

    effective_at: datetime
    id: int
    notice_id: str
    digest: str


class _Timeline:
    """The moments that this process knows, and since when."""

    def __init__(self) -> None:
        self.moments: tuple[Moment, ...] = ()
        self.read_at: float | None = None


_TIMELINE = _Timeline()


def forget() -> None:
    """Ask the database again next time: after a change by this process."""
    _TIMELINE.read_at = None


def timeline() -> tuple[Moment, ...]:
    """Every published version that was not withdrawn, in the order of its moment."""
    if _TIMELINE.read_at is None or time.monotonic() - _TIMELINE.read_at > KEPT:
        _read()
    return _TIMELINE.moments


def _read() -> None:
    began = time.monotonic()
    kept = Version.objects.filter(withdrawal__isnull=True).order_by("effective_at", "id")
    _TIMELINE.moments = tuple(
        Moment(*row) for row in kept.values_list("effective_at", "id", "notice_id", "digest").iterator()
    )
    _TIMELINE.read_at = began


def read_ahead() -> None:
    """Read the list before anybody asks. Where the database is away, whoever asks next reads it and meets the failure."""
    try:
        _read()
    except DatabaseError:
        _log.warning("The published versions could not be read ahead.")


def keep_reading(stop: threading.Event, every: float = RENEWED) -> threading.Thread:
    """Read the list now, and then every so many seconds in a thread of this process, until `stop` is set."""

    def go_on() -> None:
        while True:
            read_ahead()
            connections.close_all()  # this thread's own
            if stop.wait(every):
                return

    thread = threading.Thread(target=go_on, name="published notices", daemon=True)
    thread.start()
    return thread


def moment_in_force(at: datetime) -> Moment | None:
    """The entry of the timeline that is in force; None before the first."""
    return next((moment for moment in reversed(timeline()) if moment.effective_at <= at), None)


def current(at: datetime) -> Notice:
    """The notice in force at a moment: what new files are begun under, and what the public pages show."""
    moment = moment_in_force(at)
    return load_notice(settings.NOTICE) if moment is None else load(moment.notice_id, moment.digest)


def files_of(identifier: str, digest: str) -> Files:
    """The files of that version, published or shipped; raises NoticeMissing where there is none.

    Versions of one digest are one law in several translations: the last one from the desk is taken, else the shipped.
    """
    version = Version.objects.filter(notice_id=identifier, digest=digest).order_by("id").last()
    translated = version and version.origin == Origin.DESK and any(name.startswith(WORDS) for name in version.files)
    if not translated and identifier in list_notices():
        shipped = read_files(FOLDER / identifier)
        if shipped.digest == digest:
            return shipped
    if version is None:
        raise NoticeMissing(f"{identifier} {digest}: neither shipped nor published here; `chuding publishing import`")
    files = version.content
    if files.digest != digest:
        raise NoticeMissing(f"{identifier} {digest}: the files in the database have another digest, {files.digest}")
    return files


def load(identifier: str, digest: str) -> Notice:
    """The version of a notice that has this digest, shipped or published; raises NoticeMissing where there is none."""
    versions = (moment.id for moment in timeline() if (moment.notice_id, moment.digest) == (identifier, digest))
    return _built(identifier, digest, max(versions, default=0))


@lru_cache(maxsize=64)
def _built(identifier: str, digest: str, version: int) -> Notice:
    """A version cannot change, so each process builds it once; `version` 0: none is published that was not withdrawn."""
    if not version and identifier in list_notices() and (shipped := load_notice(identifier)).digest == digest:
        return shipped
    return read_notice(files_of(identifier, digest))


def held(at: datetime) -> dict[str, Notice]:
    """What anybody may see at a moment, by id: the shipped ones and those that have come into force, latest version."""
    found = {identifier: load_notice(identifier) for identifier in list_notices()}
    for moment in timeline():
        if moment.effective_at <= at:
            found[moment.notice_id] = load(moment.notice_id, moment.digest)
    return dict(sorted(found.items()))


def versions() -> list[Notice]:
    """Every version that a file can have been begun under: the shipped ones and those published here, each digest once."""
    found = {notice.digest: notice for notice in map(load_notice, list_notices())}
    for moment in timeline():
        found.setdefault(moment.digest, load(moment.notice_id, moment.digest))
    return list(found.values())


def shipped() -> Notice:
    """The notice that this installation began with, from its folder: no database is asked."""
    return load_notice(settings.NOTICE)
