"""How an uploaded material comes in: cut off at the limit while it arrives, looked at in the sandbox, shown to a virus scanner, kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.files.uploadhandler import TemporaryFileUploadHandler

from chuding.accounts import limits, tallies
from chuding.accounts.gate import GATE
from chuding.accounts.services import SignInProblem, count_persons_try
from chuding.applications.services.drafting import Upload
from chuding.applications.workflow import Declined
from chuding.paper.intake import inspect_upload
from chuding.paper.photos import PhotoRefused, page_from_photo
from chuding.storage.clock import now, today
from chuding.storage.files import FileTooLarge, store
from chuding.storage.scanning import NotClean, require_clean

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from django.core.files.uploadedfile import UploadedFile

    from chuding.accounts.models import Person
    from chuding.paper.photos import PhotoPage


class CappedUploadHandler(TemporaryFileUploadHandler):
    """Streams to the disk up to the limit and lets the rest pass by, so that a 300 MB file fills nothing.

    The form is told by `too_large` on the file; the connection is not broken, so that the person gets a sentence.
    """

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self.too_large = False

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        if start + len(raw_data) > settings.UPLOAD_LIMIT:
            self.too_large = True
            return
        super().receive_data_chunk(raw_data, start)

    def file_complete(self, file_size: int) -> UploadedFile[Any] | None:
        file = super().file_complete(file_size)
        if file is not None:
            file.too_large = self.too_large  # type: ignore[attr-defined] # the form reads it
        return file


def receive_material(file: UploadedFile[Any], *, code: str, by: Person | None) -> Upload:
    """Take in one PDF: store it under a temporary name, look at it in the sandbox, keep it only if it is fit.

    Counted as one of the person's files of the day, whatever comes of it; `by` is None where a network's limit has counted
    it. Raises Declined with every problem in plain words; nothing of an unfit file stays.
    """
    if by is not None:
        _count(by, "files", limits.FILES_PER_PERSON)
    if getattr(file, "too_large", False):
        raise Declined(str(FileTooLarge(settings.UPLOAD_LIMIT)))
    return take_in(file.chunks(), code=code, name=file.name or "材料.pdf")


def _count(by: Person, kind: str, rules: Sequence[limits.Limit]) -> None:
    try:
        with GATE.passage():
            count_persons_try(person=by, kind=kind, rules=rules, at=now())
    except SignInProblem as problem:
        raise Declined(problem.sentence) from problem


def made_page(photo: UploadedFile[Any], *, by: Person, known: Collection[str] = ()) -> tuple[PhotoPage | None, str]:
    """Make a page of one photo, in the sandbox, with the photo's SHA-256; nothing of the photo itself stays.

    A photo among the `known` digests is neither counted nor looked at again. Raises Declined.
    """
    if getattr(photo, "too_large", False):
        raise Declined(str(FileTooLarge(settings.UPLOAD_LIMIT)))
    received = store().receive(photo.chunks(), settings.UPLOAD_LIMIT)
    try:
        if received.sha256 in known:
            return None, received.sha256
        _count(by, "photos", limits.PHOTOS_PER_PERSON)
        made = page_from_photo(received.path)
    except PhotoRefused as refused:
        raise Declined(refused.sentence) from refused
    else:
        return made, received.sha256
    finally:
        store().discard(received)


def take_in(chunks: Iterable[bytes], *, code: str, name: str) -> Upload:
    """The same for bytes from anywhere."""
    received = store().receive(chunks, settings.UPLOAD_LIMIT)
    report = inspect_upload(received.path)
    if not report.ok:
        store().discard(received)
        for problem in report.problems:
            tallies.count(kind=tallies.UPLOAD_REFUSED, key=problem.code, on=today())
        raise Declined("".join(problem.sentence for problem in report.problems))
    try:
        require_clean(received)
    except NotClean as refusal:
        store().discard(received)
        tallies.count(kind=tallies.UPLOAD_REFUSED, key=refusal.code, on=today())
        raise Declined(refusal.sentence) from refusal
    return Upload(
        code=code,
        name=name[-200:],
        digest=store().keep(received),
        size=received.size,
        pages=report.pages,
        hints=tuple(hint.sentence for hint in report.hints),
    )
