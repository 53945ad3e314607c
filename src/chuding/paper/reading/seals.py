"""Is there a round red seal? Three answers: found, maybe, none. A hint to a person, never a reason to refuse.

The paper's own colour is taken out, what is redder than the rest is kept, and a ring of 33 to 60 mm is looked for in it.
Runs only inside the sandbox's child. Figures that it was tuned with stand in docs/performance.md.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from chuding.paper.reading.optics import Picture, as_picture

# The work is done at 75 dpi.
_DPI = 75
_LEAST, _MOST = 33, 60
_BINS = 72
_TRIES = 160
# A ring is seen over so much of its round: found, and maybe.
_FOUND, _MAYBE = 0.5, 0.3
_REDNESS = 22
# How far, in shares of the radius, the ring's middle strays from the circle, from direction to direction (standard deviation). Seals
# on paper held askew reach 0.021, circles drawn by hand begin at 0.033 (invented letters, docs/performance.md).
_STRAYS = 0.027


@dataclass(frozen=True)
class Seal:
    """What was seen: state, and the circle in shares of the picture (left, top, right, bottom) where there is one."""

    state: str
    box: tuple[float, float, float, float] | None = None


def find_seal(picture: Picture, width_mm: float) -> Seal:
    """Look for a seal on an upright sheet whose width in millimetres is known or guessed."""
    scale = width_mm / 25.4 * _DPI / picture.shape[1]
    # To the half, both ways of resizing take the mean of the same pixels, and one of them in a quarter of the time.
    way = cv2.INTER_LINEAR if scale > 0.45 else cv2.INTER_AREA
    small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=way)
    mask = _red(as_picture(small))
    height, width = mask.shape
    best = Seal("none")
    if not mask.any():
        return best
    count, labels, stats, _ = cv2.connectedComponentsWithStats(cv2.dilate(mask, np.ones((7, 7), np.uint8)))
    for number in range(1, count):
        left, top, wide, tall = (int(value) for value in stats[number][:4])
        if max(wide, tall) < 0.55 * _LEAST / 25.4 * _DPI:
            continue
        spot = np.s_[top : top + tall, left : left + wide]
        found = np.argwhere((labels[spot] == number) & (mask[spot] > 0))[:, ::-1]
        state, circle = _ring((found + np.array([left, top])).astype(np.float32))
        if circle is not None and _RANK[state] > _RANK[best.state]:
            x, y, radius = circle
            box = ((x - radius) / width, (y - radius) / height, (x + radius) / width, (y + radius) / height)
            best = Seal(state, box)
    return best


_RANK = {"none": 0, "maybe": 1, "found": 2}


def _red(small: Picture) -> Picture:
    """Where the ink is red, whatever the light and the paper's tint.

    The paper's colour changes slowly, so it is smoothed at an eighth of the size; and only what is redder than the rest is
    looked at closely, a hundredth of most pages.
    """
    bright = cv2.dilate(small, np.ones((21, 21), np.uint8))
    coarse = cv2.resize(bright, None, fx=1 / 8, fy=1 / 8, interpolation=cv2.INTER_AREA)
    paper = cv2.resize(cv2.GaussianBlur(coarse, (0, 0), 9 / 8), small.shape[1::-1], interpolation=cv2.INTER_LINEAR)
    even = cv2.divide(small, np.maximum(paper, 40), scale=255)
    blue, green, red = cv2.split(even)
    mask = as_picture(cv2.subtract(red, cv2.max(blue, green)))
    mask = as_picture(cv2.threshold(mask, _REDNESS, 255, cv2.THRESH_BINARY)[1])
    spots = cv2.findNonZero(mask)
    if spots is not None:
        x, y = spots.reshape(-1, 2).T
        b, g, r = even[y, x].astype(np.float32).T
        redness = r - np.maximum(b, g)
        mask[y, x] = 255 * ((redness > 0.11 * r) & (b - g < 1.6 * redness) & (g - b < 1.1 * redness))
    return mask


def _ring(points: npt.NDArray[np.float32]) -> tuple[str, tuple[float, float, float] | None]:
    """The best circle through the outer points of one red spot, and what it makes of it."""
    outer = _outermost(points) if len(points) else points
    if len(points) < 40 or len(outer) < 12:
        return "none", None
    circles = _circles(outer)
    if not len(circles):
        return "none", None
    covers = _coverages(outer, circles)
    best = circles[int(covers.argmax())]
    circle = (float(best[0]), float(best[1]), float(best[2]))
    return _judge(points, circle, float(_coverages(points, best[None])[0])), circle


def _judge(points: npt.NDArray[np.float32], circle: tuple[float, float, float], cover: float) -> str:
    """A ring as round as a stamp's, with something inside but not a full disc, and little outside of it."""
    x, y, radius = circle
    across, down = points[:, 0] - x, points[:, 1] - y
    distance = np.hypot(across, down) / radius
    ring = max(1, int((abs(distance - 1) < 0.1).sum()))
    outside = int((distance > 1.12).sum())
    inner = distance < 0.8
    fill = float(inner.sum()) / (np.pi * (0.8 * radius) ** 2)
    score = cover - 0.5 * min(outside / ring, 1)
    if fill > 0.62:
        return "none"
    full = cover >= _FOUND and score >= 0.42 and fill >= (0.02 if cover > 0.8 else 0.03)
    if full and _strays(distance, _directions(across, down)) <= _STRAYS:
        return "found"
    return "maybe" if cover >= _MAYBE and score >= 0.25 else "none"


def _strays(distance: npt.NDArray[np.float32], directions: npt.NDArray[np.int_]) -> float:
    """How uneven the ring is: the standard deviation, over the directions that have ink, of where its middle lies."""
    near = abs(distance - 1) < 0.15
    counts = np.bincount(directions[near], minlength=_BINS)
    middles = np.bincount(directions[near], distance[near], minlength=_BINS)[counts > 1] / counts[counts > 1]
    return float(middles.std()) if len(middles) else 1.0


def _directions(across: npt.NDArray[np.floating], down: npt.NDArray[np.floating]) -> npt.NDArray[np.int_]:
    """In which of the directions from the middle each point lies."""
    turn = (np.arctan2(down, across) + np.pi) / (2 * np.pi)
    return np.asarray(turn * _BINS, dtype=np.int_) % _BINS


def _outermost(points: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """The farthest point in each direction from the middle: where a ring would be."""
    middle = (points.min(axis=0) + points.max(axis=0)) / 2
    away = points - middle
    direction = _directions(away[:, 0], away[:, 1])
    distance = np.hypot(away[:, 0], away[:, 1])
    order = np.argsort(distance)
    farthest = dict(zip(direction[order].tolist(), order.tolist(), strict=True))
    return points[sorted(farthest.values())]


def _circles(outer: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
    """Circles of a seal's size, each through three of the points at random: rows of x, y and radius."""
    dice = np.random.default_rng(7)
    three = outer[dice.random((_TRIES, len(outer))).argpartition(3, axis=1)[:, :3]].astype(np.float64)
    (ax, ay), (bx, by), (cx, cy) = (three[:, n].T for n in range(3))
    twice = 2 * (ax * (by - cy) + bx * (cy - ay) + cx * (ay - by))
    # Three points in a line have no circle.
    twice[abs(twice) < 1e-3] = np.nan
    a, b, c = ((side * side).sum(axis=1) for side in (three[:, n] for n in range(3)))
    x = (a * (by - cy) + b * (cy - ay) + c * (ay - by)) / twice
    y = (a * (cx - bx) + b * (ax - cx) + c * (bx - ax)) / twice
    radius = np.hypot(ax - x, ay - y)
    low, high = (mm / 2 / 25.4 * _DPI for mm in (_LEAST, _MOST))
    circles: npt.NDArray[np.float64] = np.column_stack([x, y, radius])
    fitting: npt.NDArray[np.float64] = circles[(low <= radius) & (radius <= high)]
    return fitting


def _coverages(points: npt.NDArray[np.float32], circles: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """For each circle the share of directions in which its ring has ink."""
    x, y, radius = (circles[:, n, None] for n in range(3))
    across, down = points[:, 0] - x, points[:, 1] - y
    near = np.abs(np.hypot(across, down) - radius) < np.maximum(2.0, 0.06 * radius)
    bins = _directions(across, down)
    seen = np.zeros((len(circles), _BINS), bool)
    which = np.nonzero(near)
    seen[which[0], bins[which]] = True
    return np.asarray(seen.mean(axis=1))
