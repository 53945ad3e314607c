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


@dataclass(frozen=True)
class Seal:
    """What was seen: state, and the circle in shares of the picture (left, top, right, bottom) where there is one."""

    state: str
    box: tuple[float, float, float, float] | None = None


def find_seal(picture: Picture, width_mm: float) -> Seal:
    """Look for a seal on an upright sheet whose width in millimetres is known or guessed."""
    scale = width_mm / 25.4 * _DPI / picture.shape[1]
    small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    mask = _red(as_picture(small))
    height, width = mask.shape
    best = Seal("none")
    count, labels, stats, _ = cv2.connectedComponentsWithStats(cv2.dilate(mask, np.ones((7, 7), np.uint8)))
    for number in range(1, count):
        wide, tall = (int(value) for value in stats[number][2:4])
        if max(wide, tall) < 0.55 * _LEAST / 25.4 * _DPI:
            continue
        points = np.argwhere((labels == number) & (mask > 0))[:, ::-1].astype(np.float32)
        state, circle = _ring(points)
        if circle is not None and _RANK[state] > _RANK[best.state]:
            x, y, radius = circle
            box = ((x - radius) / width, (y - radius) / height, (x + radius) / width, (y + radius) / height)
            best = Seal(state, box)
    return best


_RANK = {"none": 0, "maybe": 1, "found": 2}


def _red(small: Picture) -> Picture:
    """Where the ink is red, whatever the light and the paper's tint."""
    paper = cv2.GaussianBlur(cv2.dilate(small, np.ones((21, 21), np.uint8)), (0, 0), 9)
    even = np.clip(small.astype(np.float32) / np.maximum(paper, 40) * 255, 0, 255)
    blue, green, red = even[..., 0], even[..., 1], even[..., 2]
    redness = red - np.maximum(blue, green)
    saturation = redness / np.maximum(red, 1)
    mask = (redness > _REDNESS) & (saturation > 0.11) & (blue - green < 1.6 * redness) & (green - blue < 1.1 * redness)
    return as_picture(mask.astype(np.uint8) * 255)


def _ring(points: npt.NDArray[np.float32]) -> tuple[str, tuple[float, float, float] | None]:
    """The best circle through the outer points of one red spot, and what it makes of it."""
    outer = _outermost(points) if len(points) else points
    if len(points) < 40 or len(outer) < 12:
        return "none", None
    low, high = (mm / 2 / 25.4 * _DPI for mm in (_LEAST, _MOST))
    dice = np.random.default_rng(7)
    best, best_cover = None, 0.0
    for _ in range(_TRIES):
        circle = _through(outer[dice.choice(len(outer), 3, replace=False)])
        if circle is None or not low <= circle[2] <= high:
            continue
        cover = _coverage(outer, circle)
        if cover > best_cover:
            best, best_cover = circle, cover
    if best is None:
        return "none", None
    return _judge(points, best, _coverage(points, best)), best


def _judge(points: npt.NDArray[np.float32], circle: tuple[float, float, float], cover: float) -> str:
    """A ring, with something inside but not a full disc, and little outside of it."""
    x, y, radius = circle
    distance = np.hypot(points[:, 0] - x, points[:, 1] - y) / radius
    ring = max(1, int((abs(distance - 1) < 0.1).sum()))
    outside = int((distance > 1.12).sum())
    inner = distance < 0.8
    fill = float(inner.sum()) / (np.pi * (0.8 * radius) ** 2)
    score = cover - 0.5 * min(outside / ring, 1)
    if fill > 0.62:
        return "none"
    if cover >= _FOUND and score >= 0.42 and fill >= (0.02 if cover > 0.8 else 0.03):
        return "found"
    return "maybe" if cover >= _MAYBE and score >= 0.25 else "none"


def _outermost(points: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """The farthest point in each direction from the middle: where a ring would be."""
    middle = (points.min(axis=0) + points.max(axis=0)) / 2
    away = points - middle
    direction = ((np.arctan2(away[:, 1], away[:, 0]) + np.pi) / (2 * np.pi) * _BINS).astype(int) % _BINS
    distance = np.hypot(away[:, 0], away[:, 1])
    order = np.argsort(distance)
    farthest = dict(zip(direction[order].tolist(), order.tolist(), strict=True))
    return points[sorted(farthest.values())]


def _through(three: npt.NDArray[np.float32]) -> tuple[float, float, float] | None:
    """The circle through three points; None where they stand in a line."""
    (ax, ay), (bx, by), (cx, cy) = ((float(x), float(y)) for x, y in three)
    twice = 2 * (ax * (by - cy) + bx * (cy - ay) + cx * (ay - by))
    if abs(twice) < 1e-3:
        return None
    a, b, c = ax * ax + ay * ay, bx * bx + by * by, cx * cx + cy * cy
    x = (a * (by - cy) + b * (cy - ay) + c * (ay - by)) / twice
    y = (a * (cx - bx) + b * (ax - cx) + c * (bx - ax)) / twice
    return x, y, float(np.hypot(ax - x, ay - y))


def _coverage(points: npt.NDArray[np.float32], circle: tuple[float, float, float]) -> float:
    """The share of directions in which the ring has ink."""
    x, y, radius = circle
    away = points - np.array([x, y], np.float32)
    near = np.abs(np.hypot(away[:, 0], away[:, 1]) - radius) < max(2.0, 0.06 * radius)
    bins = ((np.arctan2(away[near, 1], away[near, 0]) + np.pi) / (2 * np.pi) * _BINS).astype(int) % _BINS
    return len(np.unique(bins)) / _BINS
