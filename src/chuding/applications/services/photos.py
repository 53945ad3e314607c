"""Photos under an item of a draft: add, order, turn, take away, and make one PDF of them.

Pages are working material like an unsent upload: the ledger tells of the PDF that comes of them, not of each turn.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.db.models import Max

from chuding.applications.photos.models import NameWriting, PhotoPage
from chuding.applications.sections import material_is_open
from chuding.applications.services.drafting import open_for_materials
from chuding.applications.workflow import Declined
from chuding.paper.photos import MOST_PAGES
from chuding.paper.photos import PhotoPage as MadePage
from chuding.storage.files import store

if TYPE_CHECKING:
    from datetime import datetime

    from chuding.accounts.models import Person
    from chuding.applications.models import Application

KEPT = timedelta(days=7)
# What a PDF has to say of a page beside the picture itself, generously.
_PAGE_FRAME = 2048


def pages_of(application: Application, code: str) -> list[PhotoPage]:
    """The pages of one item in their order."""
    return list(application.photo_pages.filter(code=code))


def photos_sent(application: Application, code: str) -> frozenset[str]:
    """The digests of the photos that the item's pages were made of."""
    return frozenset(application.photo_pages.filter(code=code).exclude(sent="").values_list("sent", flat=True))


@transaction.atomic
def add_photo(*, ref: str, code: str, page: MadePage, sent: str, by: Person, at: datetime) -> PhotoPage:
    """Put a page behind the others of its item. The same photo (`sent`: its SHA-256) once more is the page that is there.

    So a photo whose answer was lost on the way can be sent again. Declined past thirty pages, or past what the PDF of them
    may weigh.
    """
    application = open_for_materials(ref=ref, by=by)
    _item_is_open(application, code)
    pages = application.photo_pages.filter(code=code)
    if (there := pages.filter(sent=sent).first()) is not None:
        return there
    if pages.count() >= MOST_PAGES:
        raise Declined(f"一项材料最多{MOST_PAGES}页。请先合成已有的页，或者删除不需要的页。")
    held = sum(store().path(each.file).stat().st_size + _PAGE_FRAME for each in pages)
    if held + len(page.jpeg) + _PAGE_FRAME > settings.UPLOAD_LIMIT:
        raise Declined(
            f"加上这一张，合成的 PDF 会超过 {settings.UPLOAD_LIMIT // 1024**2} MB，所以没有加。"
            "请先删除不需要的页；都需要的，请用手机的扫描功能存成黑白 PDF 上传。"
        )
    last = pages.aggregate(last=Max("position"))["last"] or 0
    return PhotoPage.objects.create(
        application=application,
        code=code,
        position=last + 1,
        file=store().put(page.jpeg),
        width=page.width,
        height=page.height,
        hints=list(page.hints),
        sent=sent,
        added_at=at,
    )


@transaction.atomic
def arrange_photo(*, ref: str, photo_ref: str, act: str, by: Person) -> PhotoPage | None:
    """One act on one page: up, down, turn or remove. A page that is gone already is no error."""
    application = open_for_materials(ref=ref, by=by)
    page = application.photo_pages.filter(ref=photo_ref).first()
    if page is None:
        return None
    if act == "remove":
        page.delete()
        let_go([page.file])
    elif act == "turn":
        page.turn = (page.turn + 1) % 4
        page.save(update_fields=["turn"])
    elif act in {"up", "down"}:
        _swap(page, application, up=act == "up")
    else:
        msg = f"a page can be moved up or down, turned or removed, not {act!r}"
        raise ValueError(msg)
    return page


def _swap(page: PhotoPage, application: Application, *, up: bool) -> None:
    order = pages_of(application, page.code)
    here = order.index(page)
    there = here - 1 if up else here + 1
    if not 0 <= there < len(order):
        return
    order[here], order[there] = order[there], order[here]
    for position, each in enumerate(order, start=1):
        each.position = position
    PhotoPage.objects.bulk_update(order, ["position"])


def made_pages(application: Application, code: str) -> list[MadePage]:
    """The pages with their bytes, ready for `paper.photos.pdf_of`. Declined where there are none."""
    pages = pages_of(application, code)
    if not pages:
        raise Declined("还没有照片。请先拍照或者选择照片。")
    return [MadePage(store().path(page.file).read_bytes(), page.width, page.height, turn=page.turn) for page in pages]


@transaction.atomic
def forget_photos(*, ref: str, code: str, by: Person) -> None:
    """Let the pages of an item go, once they have become a PDF."""
    application = open_for_materials(ref=ref, by=by)
    pages = pages_of(application, code)
    application.photo_pages.filter(pk__in=[page.pk for page in pages]).delete()
    let_go([page.file for page in pages])


def forget_old_photos(*, at: datetime) -> int:
    """Let pages go that nobody has finished for a week; the nightly job's part. Returns how many."""
    with transaction.atomic():
        old = list(PhotoPage.objects.filter(added_at__lt=at - KEPT))
        PhotoPage.objects.filter(pk__in=[page.pk for page in old]).delete()
        let_go([page.file for page in old])
    return len(old)


def let_go(files: list[str]) -> None:
    """Remove the bytes after the commit, unless another picture has the very same ones."""

    def remove() -> None:
        held = set(PhotoPage.objects.filter(file__in=files).values_list("file", flat=True))
        held |= set(NameWriting.objects.filter(file__in=files).values_list("file", flat=True))
        for file in set(files) - held:
            store().remove(file)

    transaction.on_commit(remove)


def _item_is_open(application: Application, code: str) -> None:
    correction = application.corrections.filter(mended_at__isnull=True).first()
    if correction and not material_is_open(code, correction.parts()):
        raise Declined(f"材料{code}没有被退回，不用重新上传。")
