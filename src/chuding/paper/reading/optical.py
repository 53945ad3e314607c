"""The reader's two tasks in the sandbox: read one page of a PDF, and make a clean upright page of a photo."""

from __future__ import annotations

import math
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import numpy.typing as npt
import pypdfium2
from PIL import Image, ImageOps

from chuding.paper.reading import engine
from chuding.paper.reading.lines import MOST_CHARACTERS, MOST_LINES, SURE
from chuding.paper.reading.optics import Picture, as_picture, flatten, straightened, turned
from chuding.paper.reading.quality import hints_of
from chuding.paper.reading.seals import find_seal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

# A4 at 150 dpi: characters of 12 point are 25 pixels high, more than the models want.
_READING_SIDE = 1754
_PHOTO_SIDE = 2000
_PHOTO_DETECTION_SIDE = 1280
_QUALITY = 80
_MOST_SLANT = 12.0


def warm_up() -> None:
    """Load the models and everything that loads on first use, while files may still be opened."""
    picture = np.full((480, 640, 3), 255, np.uint8)
    cv2.putText(picture, "Chuding 2024", (60, 90), cv2.FONT_HERSHEY_SIMPLEX, 1.6, (0, 0, 0), 3)
    cv2.circle(picture, (400, 300), 70, (210, 40, 40), 5)
    for kind in ("JPEG", "PNG", "PDF"):
        out = BytesIO()
        Image.fromarray(picture).save(out, kind)
        if kind == "PDF":
            read(out.getvalue(), {"page": 1, "seal": True})
            seal(out.getvalue(), {"page": 1})
        else:
            photo(out.getvalue(), {"pixels": 1_000_000})


def read(data: bytes, arguments: Mapping[str, Any]) -> tuple[Any, Sequence[bytes]]:
    """Read page `page` (from 1) of a PDF; `seal` says whether to look for one."""
    picture, page_mm = _page(data, arguments)
    flat = flatten(picture)
    sight = engine.see(flat.picture, words=True)
    upright = _upright(flat.picture, sight)
    straight = _way_straight(upright.shape, sight)
    up = straight @ _way_up(flat.picture, sight) @ flat.matrix
    ways = _Ways(straight, np.asarray(np.linalg.inv(up)), upright.shape[:2], picture.shape[:2])
    answer: dict[str, Any] = {"turn": sight.turn, "lines": _lines(sight, ways), "seal": "", "seal_box": None}
    if arguments["seal"]:
        found = find_seal(upright, _width_mm(upright, None if flat.cut else page_mm))
        answer["seal"] = found.state
        if found.box:
            left, top, right, bottom = found.box
            tall, wide = upright.shape[:2]
            corners = np.array([[left, top], [right, top], [right, bottom], [left, bottom]]) * [wide, tall]
            answer["seal_box"] = _bounds(_through(ways.back, corners), ways.drawn)
    return answer, ()


def seal(data: bytes, arguments: Mapping[str, Any]) -> tuple[Any, Sequence[bytes]]:
    """Only look for a seal on page `page` (from 1) of a PDF: its text was read from the text layer."""
    picture, page_mm = _page(data, arguments)
    found = find_seal(picture, _width_mm(picture, page_mm))
    return {"seal": found.state, "seal_box": found.box}, ()


def _page(data: bytes, arguments: Mapping[str, Any]) -> tuple[Picture, float]:
    """The page as it is drawn, stamps and all, and its shorter side in millimetres."""
    document = pypdfium2.PdfDocument(data)  # type: ignore[no-untyped-call]
    page = document[int(arguments["page"]) - 1]
    width, height = (max(side, 1.0) for side in page.get_size())
    drawn = page.render(scale=_READING_SIDE / max(width, height), may_draw_forms=True).to_pil().convert("RGB")
    return as_picture(cv2.cvtColor(np.asarray(drawn), cv2.COLOR_RGB2BGR)), min(width, height) / 72 * 25.4


def _width_mm(picture: Picture, page_mm: float | None) -> float:
    """How wide the sheet is: taken for A4 where it was cut out of a photo; a scan knows its own size."""
    short = page_mm if page_mm is not None and 150 < page_mm < 320 else 210.0
    tall, wide = picture.shape[:2]
    return short if wide <= tall else short * wide / tall


@dataclass(frozen=True)
class _Ways:
    """Matrices from the turned sheet to the straight one and from there back to the page as drawn, and both sizes."""

    straight: npt.NDArray[np.float64]
    back: npt.NDArray[np.float64]
    upright: tuple[int, ...]
    drawn: tuple[int, ...]


def _upright(picture: Picture, sight: engine.Sight) -> Picture:
    upright = turned(picture, sight.turn)
    return straightened(upright, sight.slant) if abs(sight.slant) < _MOST_SLANT else upright


def _way_up(flat: Picture, sight: engine.Sight) -> npt.NDArray[np.float64]:
    """The matrix of the quarter turns."""
    height, width = flat.shape[:2]
    quarters = {
        0: [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
        1: [[0, 1, 0], [-1, 0, width], [0, 0, 1]],
        2: [[-1, 0, width], [0, -1, height], [0, 0, 1]],
        3: [[0, -1, height], [1, 0, 0], [0, 0, 1]],
    }
    return np.array(quarters[sight.turn], np.float64)


def _way_straight(size: tuple[int, ...], sight: engine.Sight) -> npt.NDArray[np.float64]:
    """The matrix of the small angle."""
    if abs(sight.slant) >= _MOST_SLANT:
        return np.eye(3)
    height, width = size[:2]
    return np.vstack([cv2.getRotationMatrix2D((width / 2, height / 2), sight.slant, 1), [0, 0, 1]])


def _through(matrix: npt.NDArray[np.float64], points: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return np.asarray(cv2.perspectiveTransform(points.reshape(1, -1, 2).astype(np.float64), matrix)[0])


def _bounds(points: npt.NDArray[np.float64], size: tuple[int, ...]) -> list[float]:
    height, width = size[:2]
    left, top = points.min(axis=0)
    right, bottom = points.max(axis=0)
    return [round(float(v), 4) for v in (left / width, top / height, right / width, bottom / height)]


def _lines(sight: engine.Sight, ways: _Ways) -> list[list[Any]]:
    """For each line its text, digits of confidence, place on the page as drawn, and place on the upright sheet."""
    lines = []
    for corners, text, sure in zip(sight.corners, sight.texts, sight.sure, strict=True):
        up = _through(ways.straight, np.asarray(corners, np.float64))
        digits = "".join(str(min(SURE, int(value * 10))) for value in sure)
        box, place = _bounds(_through(ways.back, up), ways.drawn), _bounds(up, ways.upright)
        lines.append([text[:MOST_CHARACTERS], digits[:MOST_CHARACTERS], box, place])
    return lines[:MOST_LINES]


def photo(data: bytes, arguments: Mapping[str, Any]) -> tuple[Any, Sequence[bytes]]:
    """Make an upright page of a photo: cut out, straight, of bounded size, without metadata.

    Answers `{"width", "height", "hints"}` and the page as JPEG. `arguments["pixels"]` bounds what is unpacked.
    """
    Image.MAX_IMAGE_PIXELS = int(arguments["pixels"])
    with Image.open(BytesIO(data), formats=("JPEG", "PNG")) as opened:
        if opened.width * opened.height > int(arguments["pixels"]):
            return {"problem": "image_size"}, ()
        opened.draft("RGB", (2 * _PHOTO_SIDE, 2 * _PHOTO_SIDE))
        image = ImageOps.exif_transpose(opened)
        if image.mode in {"RGBA", "LA", "P", "PA"}:
            layer = image.convert("RGBA")
            image = Image.new("RGB", layer.size, "white")
            image.paste(layer, mask=layer.getchannel("A"))
        image = image.convert("RGB")
    image.thumbnail((2 * _PHOTO_SIDE, 2 * _PHOTO_SIDE), Image.Resampling.BOX)
    flat = flatten(as_picture(cv2.cvtColor(np.asarray(image), cv2.COLOR_RGB2BGR)))
    picture = _bounded(flat.picture, _PHOTO_SIDE)
    sight = engine.see(_bounded(picture, _PHOTO_DETECTION_SIDE), words=False)
    page = _upright(picture, sight)
    _, packed = cv2.imencode(".jpg", page, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY, cv2.IMWRITE_JPEG_OPTIMIZE, 1])
    height, width = page.shape[:2]
    answer = {"width": width, "height": height, "hints": hints_of(as_picture(cv2.cvtColor(page, cv2.COLOR_BGR2GRAY)))}
    return answer, [packed.tobytes()]


def _bounded(picture: Picture, side: int) -> Picture:
    scale = side / max(picture.shape[:2])
    if scale >= 1 or not math.isfinite(scale):
        return picture
    return as_picture(cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA))
