"""QR codes on a picture or on the pages of a PDF, for the command line; a stranger's file never comes here in a web process."""

from __future__ import annotations

import io
import warnings
from typing import TYPE_CHECKING

import pypdfium2
import zxingcpp
from PIL import Image, UnidentifiedImageError

if TYPE_CHECKING:
    from collections.abc import Iterator

_PAGES = 10
_PIXELS = 80_000_000
# At 200 dpi a code of 28 mm and 69 modules a side is read with room to spare (docs/offline-credential.md).
_SCALE = 200 / 72
# Longer sides are halved until they are below this: a phone's photo holds far more than a code needs.
_SIDE = 6000


class ScanError(ValueError):
    """No picture and no PDF; the sentence says what to give instead, in Chinese and English."""


def codes_in(content: bytes) -> list[str]:
    """The text of every QR code, in the order of the pages (at most ten). Raises ScanError."""
    found: list[str] = []
    try:
        for picture in _pictures(content):
            read = zxingcpp.read_barcodes(picture)
            found += [code.text for code in read if code.format == zxingcpp.BarcodeFormat.QRCode]
    except ScanError:
        raise
    except (UnidentifiedImageError, pypdfium2.PdfiumError, OSError, ValueError, Image.DecompressionBombError) as error:
        raise ScanError(
            "这不是能打开的图片或 PDF。请给出 PNG、JPEG 或 PDF 文件，或者直接粘贴凭证码。"
            "Neither a picture nor a PDF that opens; give one, or paste the code itself."
        ) from error
    return found


def _pictures(content: bytes) -> Iterator[Image.Image]:
    if content.startswith(b"%PDF-"):
        with pypdfium2.PdfDocument(content) as document:  # type: ignore[no-untyped-call]
            for number in range(min(len(document), _PAGES)):
                page = document[number]
                width, height = page.get_size()
                scale = min(_SCALE, (_PIXELS / max(1.0, width * height)) ** 0.5)
                yield page.render(scale=scale, grayscale=True).to_pil()
        return
    with warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        with Image.open(io.BytesIO(content)) as picture:
            if picture.width * picture.height > _PIXELS:
                raise ScanError("图片太大，请缩小后再试。The picture is too large.")
            grey = picture.convert("L")
    grey.thumbnail((_SIDE, _SIDE))
    yield grey
