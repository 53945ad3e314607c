"""The optical reading itself: RapidOCR on ONNX Runtime, its models inside its wheel, no network, one thread.

Loaded by the reader's sandbox server before it forks; used only inside its children.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import numpy.typing as npt
from rapidocr import RapidOCR
from rapidocr.main import RapidOCRError

from chuding.paper.reading.optics import turned

if TYPE_CHECKING:
    from chuding.paper.reading.optics import Picture

_DETECTION_SIDE = 960
_LONG = 3.0  # only a crop so much longer than high says which way up it is


@dataclass(frozen=True)
class Sight:
    """Lines as seen: texts, a confidence for each character, and how the sheet is turned.

    `corners` are in pixels (n, 4, 2) of the picture turned counter-clockwise by `turn` quarters.
    """

    corners: npt.NDArray[np.float32]
    texts: tuple[str, ...]
    sure: tuple[tuple[float, ...], ...]
    turn: int
    slant: float


@cache
def _engine() -> Any:
    cv2.setNumThreads(1)
    return RapidOCR(
        params={
            "Global.log_level": "critical",
            "Global.use_preprocess_img": False,
            "Global.return_word_box": True,
            "Global.return_single_char_box": True,
            "EngineConfig.onnxruntime.intra_op_num_threads": 1,
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
            "Det.limit_type": "max",
            "Det.limit_side_len": _DETECTION_SIDE,
        }
    )


def see(picture: Picture, *, words: bool) -> Sight:
    """Find out which way up a picture is and, with `words`, read it once it is upright."""
    engine = _engine()
    corners, crops = _found(engine, picture)
    if not len(corners):
        return Sight(corners, (), (), 0, 0.0)
    _, directions = engine.cls_and_rotate(list(crops))
    turn = _turn(corners, directions.cls_res or [])
    if turn and words:
        # Looked for anew: a label of two characters on a sheet that lies on its side is cut out the wrong way round.
        corners, crops = _found(engine, turned(picture, turn))
    if not words or not len(corners):
        return Sight(np.zeros((0, 4, 2), np.float32), (), (), turn, _slant(corners, 0 if words else turn))
    read = engine.recognize_txt(crops)
    texts = tuple(read.txts or ())
    sure = tuple(_confidences(text, read, number) for number, text in enumerate(texts))
    return Sight(corners, texts, sure, turn, _slant(corners, 0))


def _found(engine: Any, picture: Picture) -> tuple[npt.NDArray[np.float32], list[Any]]:
    """The corners of every line, and each cut out."""
    try:
        crops, found = engine.detect_and_crop(picture, {"preprocess": {"ratio_h": 1.0, "ratio_w": 1.0}})
    except RapidOCRError:  # nothing that looks like a line
        return np.zeros((0, 4, 2), np.float32), []
    return np.asarray(found.boxes, np.float32), crops


def _confidences(text: str, read: Any, number: int) -> tuple[float, ...]:
    """One number a character; the line's own where the engine says less or more than that."""
    if not text:
        return ()
    whole = float(read.scores[number])
    each = getattr(read.word_results[number], "confs", None) if read.word_results else None
    # The engine leaves blanks out of its count.
    letters = sum(not character.isspace() for character in text)
    if each is None or len(each) != letters:
        return (whole,) * len(text)
    values = iter(float(value) for value in each)
    return tuple(1.0 if character.isspace() else next(values) for character in text)


def _sides(corners: npt.NDArray[np.float32]) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    wide = np.linalg.norm(corners[:, 1] - corners[:, 0], axis=1)
    tall = np.linalg.norm(corners[:, 3] - corners[:, 0], axis=1)
    return wide, tall


def _turn(corners: npt.NDArray[np.float32], directions: Any) -> int:
    """Quarter turns counter-clockwise that bring the page upright, by the vote of its long lines."""
    wide, tall = _sides(corners)
    length = np.maximum(wide, tall)
    clear = length > _LONG * np.minimum(wide, tall)
    if not clear.any():
        return 0
    sideways = float(length[clear & (tall > wide)].sum()) > float(length[clear & (wide >= tall)].sum())
    # A tall crop was turned counter-clockwise by a quarter before its direction was judged.
    upside_down = 0.0
    for number in np.flatnonzero(clear & ((tall > wide) == sideways)):
        if number < len(directions):
            label, score = directions[number]
            upside_down += length[number] * float(score) * (1 if "180" in str(label) else -1)
    return (1 if sideways else 0) + (2 if upside_down > 0 else 0)


def _slant(corners: npt.NDArray[np.float32], turn: int) -> float:
    """Degrees by which the long lines slope, clockwise positive, once the page is upright."""
    wide, tall = _sides(corners)
    sideways = turn % 2 == 1
    along = corners[:, 3] - corners[:, 0] if sideways else corners[:, 1] - corners[:, 0]
    clear = (tall > _LONG * wide) if sideways else (wide > _LONG * tall)
    if not clear.any():
        return 0.0
    along = along[clear]
    angles = np.degrees(np.arctan2(-along[:, 0], along[:, 1]) if sideways else np.arctan2(along[:, 1], along[:, 0]))
    weight = np.linalg.norm(along, axis=1)
    order = np.argsort(angles)
    middle = int(np.searchsorted(np.cumsum(weight[order]), weight.sum() / 2))
    return float(angles[order][min(middle, len(angles) - 1)])
