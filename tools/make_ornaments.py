"""Draw the certificate's ornament and the 样张 across samples anew: `python tools/make_ornaments.py` (needs fontTools).

A guilloche in the manner of securities: a braid of sine waves between two hairlines, a rosette in each corner, a pale one
behind the text. Every curve is a few cubic Béziers through points of a formula with its exact tangents, so that the drawing
stays sharp at any size and small in the file. 样张 is drawn as outlines, so that it never mixes with the text when that is
searched or read aloud; the word stands as text in a corner of the page too.
"""

from __future__ import annotations

import io
import lzma
from collections.abc import Callable
from itertools import pairwise
from math import cos, pi, sin
from pathlib import Path

from fontTools.pens.svgPathPen import SVGPathPen
from fontTools.ttLib import TTFont

PAPER = Path(__file__).resolve().parent.parent / "src" / "chuding" / "paper"
TEMPLATES = PAPER / "templates"
WIDTH, HEIGHT = 297.0, 210.0  # A4 landscape, in millimetres
MIDDLE = 13.4  # from the page's edge to the middle of the braid
HALF = 3.7  # half the height of the braid
CORNER = 5.2  # half a corner's square: it ends where the frame does
TEAL, GOLD, PALE, FAINT = "#2c6a6e", "#b4924a", "#ebe0c6", "#dfe9e6"

Point = tuple[float, float]
Curve = Callable[[float], Point]


def path(curve: Curve, knots: list[float]) -> str:
    """A curve as an SVG path of cubic Béziers from knot to knot."""

    def tangent(at: float, step: float) -> Point:
        tiny = step / 1e4
        (ax, ay), (bx, by) = curve(at - tiny), curve(at + tiny)
        return (bx - ax) / (2 * tiny) * step / 3, (by - ay) / (2 * tiny) * step / 3

    x, y = curve(knots[0])
    out = [f"M{x:.2f} {y:.2f}"]
    for here, there in pairwise(knots):
        (x0, y0), (x1, y1) = curve(here), curve(there)
        (u0, v0), (u1, v1) = tangent(here, there - here), tangent(there, there - here)
        out.append(f"C{x0 + u0:.2f} {y0 + v0:.2f} {x1 - u1:.2f} {y1 - v1:.2f} {x1:.2f} {y1:.2f}")
    return "".join(out)


def crests(end: float, waves: int, phase: float) -> list[float]:
    """Knots from 0 to `end` at the crests and troughs of cos(2π·waves·s/end + phase): from one to the next a single
    Bézier strays from a cosine by a hundredth of its height, from any other places it would take two.
    """
    half = end / (2 * waves)
    first = -phase / pi * half
    inside = [first + number * half for number in range(-4, 2 * waves + 5)]
    return [0.0, *(at for at in inside if 0.1 * half < at < end - 0.1 * half), end]


def evenly(end: float, pieces: int) -> list[float]:
    return [end * number / pieces for number in range(pieces + 1)]


def braid(origin: Point, along: Point, length: float, waves: int) -> dict[str, list[str]]:
    """One side of the frame: eight teal strands and four golden ones that swell and shrink between them."""
    across = (-along[1], along[0])

    def strand(height: Callable[[float], float]) -> Curve:
        def at(s: float) -> Point:
            h = height(s)
            return origin[0] + along[0] * s + across[0] * h, origin[1] + along[1] * s + across[1] * h

        return at

    turn = 2 * pi * waves / length
    teal = [
        path(strand(lambda s, p=phase: HALF * cos(turn * s + p)), crests(length, waves, phase))
        for phase in (number * pi / 4 for number in range(8))
    ]
    gold = [
        path(
            strand(lambda s, p=phase: HALF * sin(turn * s / 2 + p * pi / 2) * cos(turn * s)), evenly(length, waves * 4)
        )
        for phase in range(4)
    ]
    return {TEAL: teal, GOLD: gold}


def rosette(centre: Point, radius: float, petals: int, strands: int, depth: float) -> list[str]:
    """Waves bent round a circle: `strands` of them, each turned a little further."""

    def strand(phase: float) -> Curve:
        def at(a: float) -> Point:
            away = radius * (1 - depth + depth * cos(petals * a + phase))
            return centre[0] + away * cos(a), centre[1] + away * sin(a)

        return at

    phases = [2 * pi * number / strands for number in range(strands)]
    return [path(strand(phase), crests(2 * pi, petals, phase)) for phase in phases]


def group(colour: str, width: float, paths: list[str]) -> str:
    """Paths of one colour and width as one element, as each element costs a drawing state in the PDF."""
    return f'<path fill="none" stroke="{colour}" stroke-width="{width}" d="{"".join(paths)}"/>'


def frame(inset: float, width: float, colour: str) -> str:
    return (
        f'<rect x="{inset}" y="{inset}" width="{WIDTH - 2 * inset}" height="{HEIGHT - 2 * inset}" fill="none" '
        f'stroke="{colour}" stroke-width="{width}"/>'
    )


def ornament() -> str:
    """The whole page's ornament."""
    start = MIDDLE + CORNER
    wide, high = WIDTH - 2 * start, HEIGHT - 2 * start
    sides = (
        braid((start, MIDDLE), (1, 0), wide, 22),
        braid((start, HEIGHT - MIDDLE), (1, 0), wide, 22),
        braid((MIDDLE, start), (0, 1), high, 14),
        braid((WIDTH - MIDDLE, start), (0, 1), high, 14),
    )
    corners = [(x, y) for x in (MIDDLE, WIDTH - MIDDLE) for y in (MIDDLE, HEIGHT - MIDDLE)]
    middle = (WIDTH / 2, HEIGHT / 2 - 1)
    parts = [
        f'<rect x="8.2" y="8.2" width="{WIDTH - 16.4}" height="{HEIGHT - 16.4}" fill="#fefcf6"/>',
        group(PALE, 0.14, rosette(middle, 70, 24, 12, 0.22)),
        group(FAINT, 0.14, rosette(middle, 45, 18, 10, 0.3)),
        group(PALE, 0.14, rosette(middle, 22, 12, 8, 0.42)),
        *(group(colour, 0.13, [p for side in sides for p in side[colour]]) for colour in (TEAL, GOLD)),
        frame(8.2, 0.7, GOLD),
        frame(9.3, 0.15, TEAL),
        frame(17.5, 0.15, TEAL),
        frame(18.4, 0.4, GOLD),
    ]
    for corner in corners:
        x, y = corner[0] - CORNER, corner[1] - CORNER
        parts.append(
            f'<rect x="{x:.2f}" y="{y:.2f}" width="{2 * CORNER}" height="{2 * CORNER}" fill="#fffdf8" stroke="{GOLD}" '
            'stroke-width="0.3"/>'
        )
        parts.append(group(TEAL, 0.13, rosette(corner, CORNER - 0.8, 6, 6, 0.3)))
        parts.append(group(GOLD, 0.13, rosette(corner, CORNER * 0.5, 6, 4, 0.42)))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}mm" height="{HEIGHT}mm" viewBox="0 0 {WIDTH:g} {HEIGHT:g}">'
        + "\n".join(parts)
        + "</svg>\n"
    )


def across(words: str, colour: str) -> str:
    """Two characters across the page as outlines, 2.35 em wide and one em high: 样张, 预览."""
    font = TTFont(io.BytesIO(lzma.decompress((PAPER / "fonts" / "NotoSerifSC-Bold.ttf.xz").read_bytes())))
    glyphs, names = font.getGlyphSet(), font.getBestCmap()
    parts = []
    for number, character in enumerate(words):
        pen = SVGPathPen(glyphs)
        glyphs[names[ord(character)]].draw(pen)
        parts.append(f'<path transform="translate({number * 1350} 880) scale(1 -1)" d="{pen.getCommands()}"/>')
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 2350 1000" width="2350" height="1000">'
        f'<g fill="{colour}" fill-opacity="0.13">{"".join(parts)}</g></svg>\n'
    )


if __name__ == "__main__":
    (TEMPLATES / "sample.svg").write_text(across("样张", "#c8383d"), encoding="utf-8")
    (TEMPLATES / "preview.svg").write_text(across("预览", "#1f565a"), encoding="utf-8")
    (TEMPLATES / "guilloche.svg").write_text(ornament(), encoding="utf-8")
