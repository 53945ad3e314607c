"""Can a person read this page? Blank, too dark, blurred: said as hints with the page, never a reason to refuse.

numpy alone, because the preflight's sandbox asks it too. `grey` is a page at about 100 dpi, 0 black to 255 white.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

_BLOCK = 24
# A block with so much contrast has strokes in it.
_STROKES = 14.0
_DARK = 75.0
_BLURRED = 0.12


def hints_of(grey: npt.NDArray[np.uint8]) -> list[str]:
    """Codes of `paper.intake` that fit: "blank", "dark", "blurred"."""
    paper = float(np.percentile(grey[::4, ::4], 90))
    if paper < _DARK:
        return ["dark"]
    even = grey.astype(np.float32) * (255 / max(paper, 1.0))
    share, sharpness = sharpness_of(even)
    if share == 0:
        return ["blank"] if float(even.std()) < 25 else []
    return ["blurred"] if sharpness < _BLURRED else []


def sharpness_of(grey: npt.NDArray[np.float32]) -> tuple[float, float]:
    """The share of blocks with strokes, and how steep their edges are beside their contrast: 0 smeared, 1 crisp."""
    height, width = (side // _BLOCK * _BLOCK for side in grey.shape)
    if not height or not width:
        return 0.0, 0.0
    blocks = grey[:height, :width].reshape(height // _BLOCK, _BLOCK, width // _BLOCK, _BLOCK).swapaxes(1, 2)
    contrast = blocks.std(axis=(2, 3))
    strokes = contrast > _STROKES
    if strokes.sum() < 3:
        return 0.0, 0.0
    chosen = blocks[strokes]
    across = np.abs(np.diff(chosen, axis=2)).max(axis=2).mean(axis=1)
    down = np.abs(np.diff(chosen, axis=1)).max(axis=1).mean(axis=1)
    steep = np.maximum(across, down) / np.maximum(np.ptp(chosen.reshape(len(chosen), -1), axis=1), 1.0)
    return float(strokes.mean()), float(np.median(steep))
