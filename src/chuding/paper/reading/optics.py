"""Pictures of sheets: find the sheet, flatten it, turn it, straighten it.

Runs only inside the sandbox's child. Pictures are BGR arrays of OpenCV.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

Picture = npt.NDArray[np.uint8]
Points = npt.NDArray[np.float32]

_SEARCH_SIDE = 640
# A sheet fills at least this share of the photo, or there is nothing to cut out.
_LEAST_SHARE = 0.25
_WHOLE_SHARE = 0.97
# Pixels to either side of a sheet's edge, in a picture of _SEARCH_SIDE, and the least step between them.
_STEP, _CONTRAST = 6, 16


@dataclass(frozen=True)
class Flat:
    """A sheet cut out and flattened, with the matrix that leads from the picture to it."""

    picture: Picture
    matrix: npt.NDArray[np.float64]
    cut: bool


def flatten(picture: Picture) -> Flat:
    """The sheet seen straight on: cut out by its four corners where they are found, else the picture as it is."""
    corners = find_sheet(picture)
    if corners is None:
        return Flat(picture, np.eye(3), cut=False)
    top, right, bottom, left = (float(np.linalg.norm(corners[i] - corners[(i + 1) % 4])) for i in range(4))
    width, height = round(max(top, bottom)), round(max(left, right))
    goal = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    matrix = np.asarray(cv2.getPerspectiveTransform(corners, goal), np.float64)
    return Flat(
        as_picture(cv2.warpPerspective(picture, matrix, (width, height), flags=cv2.INTER_AREA)), matrix, cut=True
    )


def find_sheet(picture: Picture) -> Points | None:
    """The corners of the sheet, clockwise from the top left, or None where it fills the picture or is not seen."""
    scale = _SEARCH_SIDE / max(picture.shape[:2])
    small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA) if scale < 1 else picture
    area = small.shape[0] * small.shape[1]
    calm = cv2.medianBlur(small, 5).astype(np.int16)
    best: Points | None = None
    largest = _LEAST_SHARE * area
    for mask in _sheet_masks(as_picture(small)):
        contours, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
        for contour in contours:
            corners = _corners(np.asarray(contour, np.int32))
            if corners is None:
                continue
            size = float(cv2.contourArea(corners))
            # The outline must be what the four corners say: a blob of a shape of its own is no sheet.
            outline = largest < size < _WHOLE_SHARE * area and cv2.contourArea(contour) > 0.9 * size
            if outline and _stands_out(calm, corners):
                best, largest = corners, size
    return None if best is None else (best / min(scale, 1)).astype(np.float32)


def _stands_out(picture: npt.NDArray[np.int16], corners: Points) -> bool:
    """Whether there is a step in colour along all four sides: the edge of a sheet is sharp, that of a shadow is not."""
    height, width = picture.shape[:2]
    middle = corners.mean(axis=0)
    for one, two in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        along = one + (two - one) * np.linspace(0.06, 0.94, 60, dtype=np.float32)[:, None]
        inwards = middle - (one + two) / 2
        inwards = inwards / max(float(np.linalg.norm(inwards)), 1.0) * _STEP
        pair = [np.clip(along + way, 0, [width - 1, height - 1]).astype(int) for way in (inwards, -inwards)]
        inside, outside = (picture[spots[:, 1], spots[:, 0]] for spots in pair)
        if float(np.median(np.abs(inside - outside).max(axis=1))) < _CONTRAST:
            return False
    return True


def _sheet_masks(small: Picture) -> list[Picture]:
    """Where the paper may be: brighter or less coloured than what it lies on."""
    kernel = np.ones((9, 9), np.uint8)
    lab = cv2.cvtColor(cv2.medianBlur(small, 7), cv2.COLOR_BGR2LAB)
    masks = []
    for channel in (lab[..., 0], cv2.absdiff(lab[..., 2], np.full_like(lab[..., 2], 128))):
        for flag in (cv2.THRESH_BINARY, cv2.THRESH_BINARY_INV):
            _, mask = cv2.threshold(channel, 0, 255, flag + cv2.THRESH_OTSU)
            masks.append(as_picture(cv2.morphologyEx(mask, cv2.MORPH_CLOSE, kernel)))
    edges = cv2.Canny(cv2.GaussianBlur(lab[..., 0], (5, 5), 0), 30, 90)
    masks.append(as_picture(cv2.morphologyEx(cv2.dilate(edges, np.ones((3, 3), np.uint8)), cv2.MORPH_CLOSE, kernel)))
    return masks


def _corners(contour: npt.NDArray[np.int32]) -> Points | None:
    """Four corners of a convex outline, in order; None where it has another shape."""
    hull = cv2.convexHull(contour)
    length = cv2.arcLength(hull, closed=True)
    for share in (0.02, 0.03, 0.05):
        shape = cv2.approxPolyDP(hull, share * length, closed=True)
        if len(shape) == 4:
            return _in_order(shape.reshape(4, 2).astype(np.float32))
    return None


def _in_order(points: Points) -> Points:
    """Clockwise from the top left."""
    middle = points.mean(axis=0)
    around = np.argsort(np.arctan2(points[:, 1] - middle[1], points[:, 0] - middle[0]))
    points = points[around]
    return np.roll(points, -int(np.argmin(points.sum(axis=1))), axis=0)


def turned(picture: Picture, quarters: int) -> Picture:
    """The picture turned counter-clockwise by so many quarters."""
    return as_picture(np.ascontiguousarray(np.rot90(picture, quarters)))


def straightened(picture: Picture, degrees: float) -> Picture:
    """The picture turned by a small angle, the corners filled with paper's white."""
    height, width = picture.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1)
    return as_picture(
        cv2.warpAffine(picture, matrix, (width, height), flags=cv2.INTER_LINEAR, borderValue=(255, 255, 255))
    )


def as_picture(array: npt.NDArray[np.generic]) -> Picture:
    """An array of bytes, as pictures are; OpenCV's stubs promise less."""
    return array.astype(np.uint8, copy=False)
