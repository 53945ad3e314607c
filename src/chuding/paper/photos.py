"""Photos of paper become a PDF: each an upright, cut-out page of bounded size without metadata, made in the sandbox."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING

import pikepdf

from chuding.paper import sandbox
from chuding.paper.intake import HINTS, IntakeLimits

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

MOST_PAGES = 30
_PIXELS = IntakeLimits.image_pixels
_LIMITS = sandbox.Limits(memory=sandbox.READER_MEMORY, cpu_seconds=30, wall_seconds=90)
_LONG_SIDE_POINTS = 842  # A4
_READABLE = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")
_HEIC = (b"ftyphei", b"ftyphev", b"ftypmif1", b"ftypmsf1", b"ftypavif")
_SENTENCES = {
    "heic": "这是 HEIC 格式的照片，系统读不了。请在手机“设置—相机—格式”里选“兼容性最佳”后重拍，或者截屏后上传截图。",
    "pdf": "这是 PDF 文件，不是照片。请到这项材料的“选择 PDF”里上传。",
    "other": "这不是 JPG 或 PNG 照片。请用手机直接拍照，或者从相册里选择照片。",
    "image_size": "照片太大（超过 4000 万像素）。请把相机的照片尺寸调小后重拍。",
    "unreadable": "照片打不开，可能没有传完。请重新拍照或者重新选择。",
    "unavailable": "系统暂时不能处理照片，请稍后再试；也可以先用手机的扫描功能存成 PDF 再上传。",
}
_HINT_CODES = ("blank", "dark", "blurred")


_BRIEFLY = {
    "heic": "HEIC 格式",
    "pdf": "是 PDF",
    "other": "不是 JPG 或 PNG",
    "image_size": "太大",
    "unreadable": "打不开",
}


def briefly(code: str) -> str:
    """Why a photo was refused in a few words, for statistics."""
    return _BRIEFLY.get(code, "暂时不能处理")


class PhotoRefused(Exception):  # noqa: N818 - it is the photo that is refused
    """The photo cannot become a page; `sentence` says why and what to do."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code
        self.sentence = _SENTENCES[code]


@dataclass(frozen=True)
class PhotoPage:
    """A page made of a photo: JPEG bytes, its size in pixels, quarter turns clockwise that were asked for, hints' codes."""

    jpeg: bytes
    width: int
    height: int
    turn: int = 0
    hints: tuple[str, ...] = ()


def page_from_photo(path: Path) -> PhotoPage:
    """Cut the sheet out of a photo (JPEG or PNG), turn it upright and straighten it. Raises PhotoRefused."""
    with path.open("rb") as file:
        _sniff(file.read(16))
        try:
            reply = sandbox.run_reader("photo", file.fileno(), {"pixels": _PIXELS}, _LIMITS)
        except sandbox.SandboxError as error:
            raise PhotoRefused("unavailable" if error.kind == "unavailable" else "unreadable") from error
    try:
        if "problem" in reply.value:
            raise PhotoRefused("image_size")
        (jpeg,) = reply.blobs
        width, height = int(reply.value["width"]), int(reply.value["height"])
        hints = tuple(code for code in reply.value["hints"] if code in _HINT_CODES)
    except (TypeError, ValueError, KeyError) as error:
        raise PhotoRefused("unreadable") from error
    if not jpeg.startswith(b"\xff\xd8\xff") or not (0 < width <= 4000 and 0 < height <= 4000):
        raise PhotoRefused("unreadable")
    return PhotoPage(jpeg, width, height, hints=hints)


def looks_like_photo(head: bytes) -> bool:
    """Whether a file that begins so is a photo of a kind that phones make, be it readable here or not."""
    return head.startswith(_READABLE) or head[4:].startswith(_HEIC)


def _sniff(head: bytes) -> None:
    if head.startswith(_READABLE):
        return
    if head[4:].startswith(_HEIC):
        raise PhotoRefused("heic")
    raise PhotoRefused("pdf" if head.startswith(b"%PDF-") else "other")


def hint_sentence(code: str, page: int) -> str:
    """A hint of a page in words: 第2页太模糊，看不清文字，建议重拍。"""
    return HINTS[code].format(page=page)


def pdf_of(pages: Iterable[PhotoPage]) -> bytes:
    """One PDF of the pages in their order, A4 along their longer side, the JPEGs as they are. The same pages, the same bytes."""
    document = pikepdf.new()
    for page in pages:
        scale = _LONG_SIDE_POINTS / max(page.width, page.height)
        width, height = round(page.width * scale, 2), round(page.height * scale, 2)
        document.add_blank_page(page_size=(width, height))
        target = document.pages[-1]
        image = document.make_stream(
            page.jpeg,
            Type=pikepdf.Name.XObject,
            Subtype=pikepdf.Name.Image,
            Width=page.width,
            Height=page.height,
            ColorSpace=pikepdf.Name.DeviceRGB,
            BitsPerComponent=8,
            Filter=pikepdf.Name.DCTDecode,
        )
        target.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Page=image))
        target.Contents = document.make_stream(f"q {width} 0 0 {height} 0 0 cm /Page Do Q".encode())
        target.rotate(90 * (page.turn % 4), relative=False)
    out = BytesIO()
    document.save(out, deterministic_id=True)
    return out.getvalue()
