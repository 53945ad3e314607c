"""Fingerprints of page images, for scans that are nearly the same: saved anew, resized, lighter. Pure but for Pillow.

256 differences between neighbouring fields of a 17 × 16 picture of the page (dHash), kept as hexadecimal, find what may be
near: up to `NEAR` different bits. Two diplomas of one school are near as well, so `same_picture` then looks at both
closely. Pages that are all but empty have none: they would look like each other.

Measured on the town's 68 diplomas: the same page saved anew at 0.7 to 1.3 of its size and JPEG quality 40 to 70 differs
strongly in at most 4 of 36,160 fields, the two most similar diplomas of different people in 4, most in more than 10. A
page photographed again, at an angle, is not found.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PIL import Image, ImageChops, ImageOps

if TYPE_CHECKING:
    from pathlib import Path

SIDE = 16
NEAR = 10
BANDS = ("band1", "band2", "band3", "band4")
_BITS = SIDE * SIDE
_LEAST_INK = 24
# A field differs from its neighbour only beyond the noise of a scanner.
_NOISE = 3
_STRONG, _FEW = 80, 3


def print_of(image: Path) -> str:
    """The fingerprint of one picture as 64 hexadecimal digits; empty for a page with hardly anything on it."""
    with Image.open(image) as picture:
        small = picture.convert("L").resize((SIDE + 1, SIDE), Image.Resampling.BOX)
    cells = small.tobytes()
    bits = ink = 0
    for y in range(SIDE):
        for x in range(SIDE):
            here, right = cells[y * (SIDE + 1) + x], cells[y * (SIDE + 1) + x + 1]
            bits = bits << 1 | (here > right + _NOISE)
            ink += abs(here - right) > _NOISE
    return f"{bits:0{_BITS // 4}x}" if ink >= _LEAST_INK else ""


def _fields(image: Path) -> Image.Image:
    with Image.open(image) as picture:
        plain = ImageOps.autocontrast(picture.convert("L"), cutoff=1)
        return plain.resize((160, 226), Image.Resampling.BOX)


def same_picture(one: Path, other: Path) -> bool:
    """Whether two pages show the same, field by field: a different name or number already tells them apart."""
    strong = ImageChops.difference(_fields(one), _fields(other)).histogram()[_STRONG + 1 :]
    return sum(strong) <= _FEW


def bands_of(text: str) -> dict[str, str]:
    """The four quarters by which an index finds candidates: near prints share at least one almost always."""
    step = len(text) // len(BANDS)
    return {band: text[n * step : (n + 1) * step] for n, band in enumerate(BANDS)}


def distance(one: str, other: str) -> int:
    """How many of the 256 bits differ."""
    return (int(one, 16) ^ int(other, 16)).bit_count()


def near(one: str, other: str) -> bool:
    """Whether two pages look like one."""
    return distance(one, other) <= NEAR
