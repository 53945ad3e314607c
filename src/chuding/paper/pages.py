"""Page images for people who must not open a stranger's PDF: drawn in the sandbox, kept as WebP files.

Reviewers and phones see these and nothing else of an upload, so no script, link, form or attachment of it can reach
them (content disarm by rendering).
"""

from __future__ import annotations

import contextlib
import math
import shutil
import tempfile
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pypdfium2
from PIL import Image, WebPImagePlugin  # noqa: F401 - the plug-in is loaded before the sandbox closes the file system

from chuding.paper import sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_QUALITY = 70
_THUMBNAIL_SIDE = 240
# No page needs more: A3 at 300 dpi has 17 million pixels, a giant MediaBox would have billions.
_MOST_PIXELS = 16_000_000
# A name with a dot is swept from a store in which a crash left it.
_MAKING = ".making-"
_MOST_SIDE = 16_000  # WebP ends at 16,383
_LIMITS = sandbox.Limits(cpu_seconds=90, wall_seconds=120)


class PagesError(Exception):
    """The pages cannot be drawn; `kind` is that of `sandbox.SandboxError`."""

    def __init__(self, kind: str) -> None:
        super().__init__(f"the pages cannot be drawn: {kind}")
        self.kind = kind


@dataclass(frozen=True)
class PageImage:
    """One drawn page: its number from 1, the picture's size in pixels, and the files with it."""

    number: int
    width: int
    height: int
    file: Path
    thumbnail: Path


def render_pages(path: Path, out: Path, dpi: int = 96) -> list[PageImage]:
    """Draw every page of a PDF into the folder `out` as `page-N.webp` and, 240 px at most, `thumb-N.webp`.

    All pages come at once or none: they are written beside `out` and the folder is renamed as a whole, so that a crash
    leaves no folder with pages missing. Raises `PagesError` if the file cannot be drawn and `OSError` if it cannot be read
    or the folder not be written.
    """
    with path.open("rb") as file:
        try:
            reply = sandbox.run("render", file.fileno(), {"dpi": dpi}, _LIMITS)
        except sandbox.SandboxError as error:
            raise PagesError(error.kind) from error
    try:
        sizes = [(int(width), int(height)) for width, height in reply.value]
        pairs = list(zip(reply.blobs[::2], reply.blobs[1::2], strict=True))
        drawn = list(zip(sizes, pairs, strict=True))
    except (TypeError, ValueError) as error:
        raise PagesError("crashed") from error
    if not all(blob[:4] == b"RIFF" and blob[8:12] == b"WEBP" for blob in reply.blobs):
        raise PagesError("crashed")
    images = []
    with _whole_folder(out) as folder:
        for number, ((width, height), (picture, small)) in enumerate(drawn, start=1):
            image = PageImage(number, width, height, out / f"page-{number}.webp", out / f"thumb-{number}.webp")
            (folder / image.file.name).write_bytes(picture)
            (folder / image.thumbnail.name).write_bytes(small)
            images.append(image)
    return images


@contextlib.contextmanager
def _whole_folder(out: Path) -> Iterator[Path]:
    """A folder to write into that takes the place of `out` once everything stands in it."""
    out.parent.mkdir(parents=True, exist_ok=True)
    making = Path(tempfile.mkdtemp(prefix=_MAKING, dir=out.parent))
    folder = making / "pages"
    try:
        folder.mkdir(mode=0o700)
        yield folder
        with contextlib.suppress(FileNotFoundError):
            out.rename(making / "before")
        folder.rename(out)
    finally:
        shutil.rmtree(making, ignore_errors=True)


def drawn_pages(folder: Path) -> list[Path]:
    """The pictures that `render_pages` left in a folder, in the order of the pages; none where it has not been."""
    count = sum(1 for _ in folder.glob("page-*.webp"))
    return [folder / f"page-{number}.webp" for number in range(1, count + 1)]


def render(data: bytes, arguments: Mapping[str, Any]) -> tuple[Any, Sequence[bytes]]:
    """The sandbox's task: sizes of the pictures, and for each page a picture and a thumbnail as WebP bytes."""
    sizes: list[tuple[int, int]] = []
    blobs: list[bytes] = []
    document = pypdfium2.PdfDocument(data)  # type: ignore[no-untyped-call]
    for number in range(len(document)):
        page = document[number]
        picture = page.render(scale=_scale(page.get_size(), arguments["dpi"]), may_draw_forms=True).to_pil()
        page.close()
        sizes.append(picture.size)
        blobs.append(_webp(picture))
        picture.thumbnail((_THUMBNAIL_SIDE, _THUMBNAIL_SIDE), Image.Resampling.BOX, reducing_gap=2)
        blobs.append(_webp(picture))
    return sizes, blobs


def _scale(size: tuple[float, float], dpi: int) -> float:
    """Pixels per point: the wanted resolution, or less where the page would become a monster."""
    width, height = (max(side, 0.01) for side in size)
    return min(dpi / 72, math.sqrt(_MOST_PIXELS / (width * height)), _MOST_SIDE / max(width, height))


def _webp(picture: Image.Image) -> bytes:
    out = BytesIO()
    picture.save(out, "WEBP", quality=_QUALITY, method=2)
    return out.getvalue()
