"""How an uploaded material comes in: cut off at the limit while it arrives, looked at in the sandbox, shown to a virus scanner, kept."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING, Any

from django.conf import settings
from django.core.files.uploadhandler import TemporaryFileUploadHandler

from chuding.accounts import limits, tallies
from chuding.accounts.gate import GATE
from chuding.accounts.services import SignInProblem, count_persons_try
from chuding.applications.services.drafting import Upload
from chuding.applications.statistics.browsers import kind_of
from chuding.applications.workflow import Declined
from chuding.paper.intake import inspect_upload
from chuding.paper.photos import MOST_PAGES, PhotoRefused, looks_like_photo, page_from_photo, pdf_of
from chuding.storage.clock import now, today
from chuding.storage.files import FileTooLarge, store
from chuding.storage.parts import KEY
from chuding.storage.scanning import NotClean, require_clean

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from django.core.files.uploadedfile import UploadedFile

    from chuding.accounts.models import Person
    from chuding.paper.photos import PhotoPage
    from chuding.storage.parts import Parts


class CappedUploadHandler(TemporaryFileUploadHandler):
    """Streams to the disk up to the limit and lets the rest pass by, so that a 300 MB file fills nothing.

    The form is told by `too_large` on the file; the connection is not broken, so that the person gets a sentence. The
    kind of browser that sent it stands in `browser`, for the statistics of what is refused.
    """

    browser = ""

    def handle_raw_input(
        self,
        input_data: IO[bytes],
        META: dict[str, str],  # noqa: N803 - Django calls it so
        content_length: int,
        boundary: str,
        encoding: str | None = None,
    ) -> None:
        del input_data, content_length, boundary, encoding
        self.browser = kind_of(META.get("HTTP_USER_AGENT", ""))

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
            file.browser = self.browser  # type: ignore[attr-defined] # and the statistics this
        return file


def receive_material(file: UploadedFile[Any], *, code: str, by: Person | None) -> Upload:
    """Take in one PDF: store it under a temporary name, look at it in the sandbox, keep it only if it is fit.

    Counted as one of the person's files of the day, whatever comes of it; `by` is None where a network's limit has counted
    it. Raises Declined with every problem in plain words; nothing of an unfit file stays.
    """
    if by is not None:
        _count(by, "files", limits.FILES_PER_PERSON)
    browser = getattr(file, "browser", "")
    if getattr(file, "too_large", False):
        _count_refused("too_large", browser)
        raise Declined(str(FileTooLarge(settings.UPLOAD_LIMIT)))
    return take_in(file.chunks(), code=code, name=file.name or "材料.pdf", browser=browser)


def receive_unit_paper(file: UploadedFile[Any], *, code: str, by: Person) -> Upload:
    """The same for one of many that a unit's clerk hands in at once, counted apart from what they upload for themselves."""
    _count(by, "unit_papers", limits.UNIT_PAPERS_PER_PERSON)
    return receive_material(file, code=code, by=None)


def receive_parts(parts: Parts, key: str, *, code: str, name: str, by: Person) -> Upload | None:
    """The same for a file that came in parts. None where it was taken in before: the answer to that was lost on the way.

    Declined also where the parts are gone or not all here; a file that is refused goes, as a whole one does.
    """
    try:
        if parts.taken(key):
            return None
        if not parts.is_whole(key):
            raise ValueError(key)  # noqa: TRY301 - said below as any other key of which there is no file
        _count(by, "files", limits.FILES_PER_PERSON)
        upload = take_in(parts.chunks(key), code=code, name=name or "材料.pdf")
    except (FileNotFoundError, ValueError):
        if KEY.fullmatch(key):
            parts.forget(key, taken=False)
        raise Declined("文件没有传完整。请再选一次。") from None
    except Declined:
        parts.forget(key, taken=False)
        raise
    return upload


def _count(by: Person, kind: str, rules: Sequence[limits.Limit]) -> None:
    try:
        with GATE.passage():
            count_persons_try(person=by, kind=kind, rules=rules, at=now())
    except SignInProblem as problem:
        raise Declined(problem.sentence) from problem


def _count_refused(cause: str, browser: str) -> None:
    tallies.count(kind=tallies.UPLOAD_REFUSED, key=f"{cause}{tallies.BESIDE}{browser}", on=today())


def receive_scan(files: Sequence[UploadedFile[Any]], *, by: Person | None) -> Upload:
    """Take in a stamped paper as whoever stamped it has it: one PDF, or photos of its pages, of which a PDF is made.

    Counted and refused as `receive_material` does; `by` is None where a network's limit has counted it.
    """
    if len(files) == 1 and not _is_photo(files[0]):
        return receive_material(files[0], code="", by=by)
    if len(files) > MOST_PAGES:
        raise Declined(f"一次最多{MOST_PAGES}张照片。页数更多的，请扫描成一个 PDF 再上传。")
    if not all(map(_is_photo, files)):
        raise Declined("请选择一个 PDF，或者只选照片（JPG、PNG），每页一张。")
    pages = []
    for number, photo in enumerate(files, start=1):
        try:
            page, _ = made_page(photo, by=by)
        except Declined as refusal:
            raise Declined((f"第{number}张照片：" if len(files) > 1 else "") + refusal.sentence) from refusal
        if page is not None:
            pages.append(page)
    return take_in([pdf_of(pages)], code="", name="盖章材料（拍照）.pdf")


def _is_photo(file: UploadedFile[Any]) -> bool:
    head = file.read(16)
    file.seek(0)
    return looks_like_photo(head)


def made_page(
    photo: UploadedFile[Any], *, by: Person | None, known: Collection[str] = ()
) -> tuple[PhotoPage | None, str]:
    """Make a page of one photo, in the sandbox, with the photo's SHA-256; nothing of the photo itself stays.

    A photo among the `known` digests is neither counted nor looked at again. `by` as in `receive_material`. Raises Declined.
    """
    if getattr(photo, "too_large", False):
        raise Declined(str(FileTooLarge(settings.UPLOAD_LIMIT)))
    received = store().receive(photo.chunks(), settings.UPLOAD_LIMIT)
    try:
        if received.sha256 in known:
            return None, received.sha256
        if by is not None:
            _count(by, "photos", limits.PHOTOS_PER_PERSON)
        made = page_from_photo(received.path)
    except PhotoRefused as refused:
        _count_refused(tallies.PHOTO + refused.code, getattr(photo, "browser", ""))
        raise Declined(refused.sentence) from refused
    else:
        return made, received.sha256
    finally:
        store().discard(received)


def take_in(chunks: Iterable[bytes], *, code: str, name: str, browser: str = "") -> Upload:
    """The same for bytes from anywhere; `browser`: the kind that sent them (statistics.browsers)."""
    received = store().receive(chunks, settings.UPLOAD_LIMIT)
    report = inspect_upload(received.path)
    if not report.ok:
        store().discard(received)
        for problem in report.problems:
            _count_refused(problem.code, browser)
        raise Declined("".join(problem.sentence for problem in report.problems))
    try:
        require_clean(received)
    except NotClean as refusal:
        store().discard(received)
        _count_refused(refusal.code, browser)
        raise Declined(refusal.sentence) from refusal
    return Upload(
        code=code,
        name=name[-200:],
        digest=store().keep(received),
        size=received.size,
        pages=report.pages,
        hints=tuple(hint.sentence for hint in report.hints),
    )
