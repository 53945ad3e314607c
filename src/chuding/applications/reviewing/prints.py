"""Whether two page images are of one and the same sheet: scanned again, photographed again, askew, cropped, in other light.

Of each page the strongest points are kept with what surrounds them (SIFT, which knows no size and no turn; its patent ended in
2020), found on the ink alone, with the light taken out. `words_of` makes numbers of them that an index finds again.
Two pages are compared by `same_sheet`: the points lay one over the other, in perspective, and then the ink is compared field
by field. Everybody's diplomas of one school are alike but for a name and a number: so one field in which they differ much
more than in the others tells them apart. Thresholds were set on papers of `benchmarks/rescans.py`; docs/performance.md has
the figures. Pages that are all but empty have no points: they would look like each other.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image

if TYPE_CHECKING:
    from pathlib import Path

    Picture = npt.NDArray[np.uint8]
    Floats = npt.NDArray[np.float32]

_SIDE = 1123  # A4 at 96 dpi, as page images are drawn
_MOST_POINTS, _LEAST_POINTS = 500, 40
_WORDS, _BITS, _LEAST_SIZE, _DOUBTFUL = 200, 18, 5.0, 5
# So many points must lie on each other before anybody looks at the ink.
_LEAST_FITTING = 40
_FITS_WITHIN = 4.0  # pixels
_FIELD, _STEP, _SHIFT = 16, 8, 2  # pixels
_LEAST_FIELDS = 40
# The tenth part of the fields that agrees least says how good the two pictures are: below `_LEAST_ALIKE` they are of two texts,
# and a different name differs by more than so many times as much.
_MOST_ODD = 3.0
_LEAST_ALIKE = 0.9
_USUAL = 0.1  # so many fields may be less alike
_DARK, _LEAST_DARK, _LEAST_SPREAD = 90, 0.08, 25.0  # what counts as ink, its share of a field, its tones' deviation


@dataclass(frozen=True)
class Sight:
    """What is kept of a page: points, x and y in pixels of a picture `_SIDE` long, their sizes, and what surrounds each."""

    places: Floats
    sizes: Floats
    signs: npt.NDArray[np.uint8]

    def save(self, file: Path) -> None:
        """Write it beside the page image."""
        with file.open("wb") as out:
            np.savez(out, places=self.places, sizes=self.sizes, signs=self.signs)

    @classmethod
    def load(cls, file: Path) -> Sight:
        """Read it again. Raises OSError and ValueError where it is missing or broken."""
        with np.load(file, allow_pickle=False) as kept:
            return cls(kept["places"], kept["sizes"], kept["signs"])

    @property
    def vectors(self) -> Floats:
        """The surroundings so that distances mean something (RootSIFT)."""
        values = self.signs.astype(np.float32)
        return np.asarray(np.sqrt(values / np.maximum(values.sum(axis=1, keepdims=True), 1)), np.float32)


def ink_of(image: Path) -> Picture:
    """The ink of a page image, 0 to 255, as if it lay in even light."""
    return _ink(image, image.stat().st_mtime_ns)


@lru_cache(maxsize=2)
def _ink(image: Path, _drawn: int) -> Picture:
    """Kept for the next look: one page is compared with many. An image that was drawn again is another."""
    with Image.open(image) as opened:
        grey = np.asarray(opened.convert("L"))
    scale = _SIDE / max(grey.shape)
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    sized = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=how)
    paper = cv2.blur(cv2.morphologyEx(sized, cv2.MORPH_CLOSE, np.ones((25, 25), np.uint8)), (31, 31))
    return np.asarray(255 - cv2.divide(sized, paper, scale=255), np.uint8)


def sight_of(image: Path) -> Sight | None:
    """The strongest points of one page image; None for a page with hardly anything on it."""
    sift = cv2.SIFT.create(nfeatures=0, contrastThreshold=0.06, edgeThreshold=12)
    points, signs = sift.detectAndCompute(cv2.GaussianBlur(ink_of(image), (0, 0), 1.0), None)
    if len(points) < _LEAST_POINTS:
        return None
    order = np.argsort([-point.response for point in points], kind="stable")[:_MOST_POINTS]
    return Sight(
        np.array([points[n].pt for n in order], np.float32),
        np.array([points[n].size for n in order], np.float32),
        np.clip(signs[order], 0, 255).astype(np.uint8),
    )


def _planes() -> Floats:
    """Directions that cut the surroundings in halves, the same for ever: their signs are the bits of a word."""
    drawn = np.frombuffer(hashlib.shake_256(b"chuding page words").digest(128 * _BITS // 8), np.uint8)
    return np.unpackbits(drawn).reshape(128, _BITS).astype(np.float32) * 2 - 1


_PLANES = _planes()


def _sides(sight: Sight) -> Floats:
    vectors = sight.vectors
    large = np.flatnonzero(sight.sizes >= _LEAST_SIZE)[:_WORDS]
    return np.asarray((vectors[large] - vectors.mean(axis=0)) @ _PLANES, np.float32)


def _numbers(sides: npt.NDArray[Any]) -> npt.NDArray[np.int64]:
    return np.asarray((sides > 0) @ (1 << np.arange(_BITS)), np.int64)


def words_of(sight: Sight) -> set[int]:
    """The numbers under which an index keeps a page: about a hundred below 2^18."""
    return set(_numbers(_sides(sight)).tolist())


def words_near(sight: Sight) -> set[int]:
    """The numbers under which to look for a page: its own, and those that one doubtful bit would have made."""
    sides = _sides(sight)
    numbers = _numbers(sides)
    doubtful = np.argsort(np.abs(sides), axis=1, kind="stable")[:, :_DOUBTFUL]
    return set(numbers.tolist()) | set((numbers[:, None] ^ (1 << doubtful)).ravel().tolist())


def same_sheet(one: tuple[Path, Sight], other: tuple[Path, Sight]) -> bool:
    """Whether two page images show one sheet. A different name or number already tells them apart."""
    scores = alike(one, other, least=_LEAST_ALIKE)
    if len(scores) < _LEAST_FIELDS:
        return False
    usual = float(np.quantile(scores, _USUAL))
    return usual >= _LEAST_ALIKE and 1 - float(scores.min()) <= _MOST_ODD * max(1 - usual, 0.005)


def alike(one: tuple[Path, Sight], other: tuple[Path, Sight], *, least: float = 0.0) -> Floats:
    """For each field with ink how alike the two pages are there, 1 at most; nothing where they do not lie over each other.

    With `least`, also nothing as soon as so many fields are less alike that the pages cannot be one sheet.
    """
    laid = _laid_over(one[1], other[1])
    if laid is None:
        return np.zeros(0, np.float32)
    over, common = laid
    theirs, mine = ink_of(other[0]), ink_of(one[0])
    size = (mine.shape[1], mine.shape[0])
    seen = cv2.warpPerspective(np.full(theirs.shape, 255, np.uint8), over, size)
    seen = cv2.erode(seen, np.ones((15, 15), np.uint8))
    # Only what both pictures show of the sheet: around the points that lie on each other, not the table under a photo.
    sheet = np.zeros_like(mine)
    cv2.fillConvexPoly(sheet, cv2.convexHull(common).astype(np.int32), 255)
    wider = cv2.dilate(sheet, np.ones((2 * _FIELD, 2 * _FIELD), np.uint8))
    shown = np.asarray(cv2.bitwise_and(wider, seen), np.uint8)
    return _fields_alike(mine, np.asarray(cv2.warpPerspective(theirs, over, size), np.uint8), shown, least)


def _laid_over(one: Sight, other: Sight) -> tuple[npt.NDArray[np.float64], Floats] | None:
    """The matrix that lays the other page over the first, and the points that then fit; None where too few do."""
    pairs = cv2.BFMatcher(cv2.NORM_L2).knnMatch(one.vectors, other.vectors, k=2)
    clear = [best for best, second in pairs if best.distance < 0.85 * second.distance]
    if len(clear) < _LEAST_FITTING:
        return None
    here = one.places[[pair.queryIdx for pair in clear]]
    there = other.places[[pair.trainIdx for pair in clear]]
    matrix, fits = cv2.findHomography(there, here, cv2.USAC_MAGSAC, _FITS_WITHIN, maxIters=2000, confidence=0.999)
    if matrix is None or int(np.count_nonzero(fits)) < _LEAST_FITTING:
        return None
    return np.asarray(matrix, np.float64), here[np.ravel(fits) > 0]


def _fields_alike(mine: Picture, theirs: Picture, shown: Picture, least: float) -> Floats:
    """For each field with ink on it that both show how alike they are, 1 at most, at the best of a few small shifts."""
    one, two = (cv2.GaussianBlur(ink, (0, 0), 1.0).astype(np.float32) for ink in (mine, theirs))
    places = _inked(one, shown)
    allowed = _USUAL * len(places) + 1
    scores: list[float] = []
    for y, x in places:
        field = one[y : y + _FIELD, x : x + _FIELD]
        around = two[y - _SHIFT : y + _FIELD + _SHIFT, x - _SHIFT : x + _FIELD + _SHIFT]
        score = float(cv2.matchTemplate(around, field, cv2.TM_CCOEFF_NORMED).max())
        allowed -= score < least
        if allowed < 0:
            return np.zeros(0, np.float32)
        scores.append(score)
    return np.asarray(scores, np.float32)


def _inked(ink: npt.NDArray[np.float32], shown: Picture) -> list[tuple[int, int]]:
    """Top left corners of the fields that are shown whole and hold enough ink, of more than one tone."""
    high, wide = (side - _FIELD - _SHIFT for side in ink.shape)

    def whole(integral: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
        """The mean of each field, from the sums over all that lies above and to the left."""
        top, left = slice(_SHIFT, high, _STEP), slice(_SHIFT, wide, _STEP)
        low, right = slice(_SHIFT + _FIELD, high + _FIELD, _STEP), slice(_SHIFT + _FIELD, wide + _FIELD, _STEP)
        total = integral[low, right] - integral[top, right] - integral[low, left] + integral[top, left]
        return np.asarray(total, np.float64) / _FIELD**2

    sums, squares = cv2.integral2(ink)
    spread = whole(squares) - np.square(whole(sums))
    dark = whole(cv2.integral((ink > _DARK).astype(np.uint8)))
    good = (
        (whole(cv2.integral((shown > 0).astype(np.uint8))) == 1) & (dark >= _LEAST_DARK) & (spread >= _LEAST_SPREAD**2)
    )
    rows, columns = np.nonzero(good)
    return [(_SHIFT + _STEP * int(y), _SHIFT + _STEP * int(x)) for y, x in zip(rows, columns, strict=True)]
