"""Is a seal seen where there is one, and only there? Generated letters of five kinds, precision and recall of `found`.

    .venv/bin/python benchmarks/seals.py [--count 200] [--seed 41]

A fifth each: one seal, two seals, none, a red letterhead, a red pen (words, ticks, and a circle around something in every third).
All are spoilt as scanners and phones spoil them (`scans.py`), cut out and searched as the reader of scans does it, without the
reading itself. `maybe` is told apart: it is a hint to a person, and counts neither for nor against. CPU time of one thread.
A figure that misses its bar ends it with 1.
"""

from __future__ import annotations

import argparse
import math
import os
import random
import statistics
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

os.environ.update(OPENBLAS_NUM_THREADS="1", OMP_NUM_THREADS="1", OPENCV_FOR_THREADS_NUM="1")
sys.path[:0] = [str(Path(__file__).resolve().parent)]

import cv2
import numpy as np
import scans
from bars import Bars, here
from PIL import Image, ImageDraw, ImageFont

from chuding.paper.glyphs import fonts_folder
from chuding.paper.reading import optical
from chuding.paper.reading.optics import flatten
from chuding.paper.reading.seals import find_seal

# documents.md D, the holdout run; its CPU ms of one page.
RECALL, PRECISION, MILLISECONDS = 0.883, 0.998, 25.0
SEALED = ("one seal", "two seals")
KINDS = (*SEALED, "no seal", "red letterhead", "red pen")
_RED = (200, 32, 40)


def letterhead(picture: np.ndarray, fonts: Path, dice: random.Random) -> np.ndarray:
    """The unit's name large and red over the letter, with a red rule under it."""
    sheet = Image.fromarray(picture[:, :, ::-1].copy())
    draw, width = ImageDraw.Draw(sheet), sheet.width
    font = ImageFont.truetype(str(fonts / "NotoSerifSC-Bold.ttf"), dice.randint(50, 72))
    name = dice.choice(scans.EMPLOYERS)
    draw.text(((width - draw.textlength(name, font)) / 2, 40), name, fill=_RED, font=font)
    draw.line((90, 150, width - 90, 150), fill=_RED, width=dice.randint(3, 8))
    return np.asarray(sheet)[:, :, ::-1].copy()


def red_pen(picture: np.ndarray, dice: random.Random, *, circle: bool) -> np.ndarray:
    """Words scribbled, ticks and a line drawn by a red pen; with `circle` also a ring around something, as people draw one."""
    out, (height, width) = picture.copy(), picture.shape[:2]
    ink = tuple(int(part) for part in (dice.uniform(20, 60), dice.uniform(20, 60), dice.uniform(180, 230)))
    for _ in range(dice.randint(4, 9)):
        x, y = dice.uniform(0.15, 0.8) * width, dice.uniform(0.15, 0.85) * height
        angle, pace = dice.uniform(-0.3, 0.3), dice.uniform(0.8, 1.4)
        points = [(x + n * 5 * math.cos(angle), y + 14 * math.sin(n * pace)) for n in range(dice.randint(8, 40))]
        cv2.polylines(out, [np.array(points, np.int32)], False, ink, 3, cv2.LINE_AA)
    if circle:
        x, y, wide = dice.uniform(0.3, 0.7) * width, dice.uniform(0.3, 0.7) * height, dice.uniform(90, 150)
        tall, turns = wide * dice.uniform(0.45, 0.9), dice.uniform(0.9, 1.15)
        begun = dice.uniform(0, 2 * math.pi)
        ring = []
        for step in range(61):
            angle = begun + 2 * math.pi * turns * step / 60
            ring.append(
                (x + (wide + dice.gauss(0, 3)) * math.cos(angle), y + (tall + dice.gauss(0, 3)) * math.sin(angle))
            )
        cv2.polylines(out, [np.array(ring, np.int32)], False, ink, 3, cv2.LINE_AA)
    return out


def letter(number: int, seed: int, fonts: Path) -> tuple[str, np.ndarray]:
    """What kind of letter this number is, and the picture that somebody hands in."""
    kind = KINDS[number % len(KINDS)]
    paper, dice = scans.paper(number, seed, fonts, ("endorsement",))
    picture = paper.picture
    if kind in SEALED:
        picture = scans.stamped(picture, dice, (dice.uniform(0.6, 0.76), dice.uniform(0.55, 0.68)))
    if kind == "two seals":
        picture = scans.stamped(picture, dice, (dice.uniform(0.2, 0.35), dice.uniform(0.55, 0.75)))
    if kind == "red letterhead":
        picture = letterhead(picture, fonts, dice)
    if kind == "red pen":
        picture = red_pen(picture, dice, circle=number // len(KINDS) % 3 == 0)
    out = (scans.photo if dice.random() < 0.5 else scans.scan)(picture, dice)
    quality = [cv2.IMWRITE_JPEG_QUALITY, dice.randint(60, 90)]
    return kind, cv2.imdecode(cv2.imencode(".jpg", out, quality)[1], cv2.IMREAD_COLOR)


def look(picture: np.ndarray) -> tuple[str, float]:
    """What the detector says of a page, and its own CPU ms."""
    flat = flatten(picture)
    page_mm = min(picture.shape[:2]) / scans.DPI * 25.4
    width = optical._width_mm(flat.picture, None if flat.cut else page_mm)
    began = time.process_time()
    found = find_seal(flat.picture, width)
    return found.state, (time.process_time() - began) * 1000


def measure(count: int, seed: int) -> Bars:
    bars, said, times = Bars(), {kind: Counter() for kind in KINDS}, []
    with tempfile.TemporaryDirectory() as name:
        fonts = fonts_folder(Path(name))
        for number in range(count):
            kind, picture = letter(number, seed, fonts)
            state, taken = look(picture)
            said[kind][state] += 1
            times.append(taken)
    bars.head("letters with", "letters", "found", "maybe", "none")
    for kind, states in said.items():
        print(f"| {kind} | {states.total()} | {states['found']} | {states['maybe']} | {states['none']} |")
    right = sum(said[kind]["found"] for kind in SEALED)
    sealed = sum(said[kind].total() for kind in SEALED)
    called = sum(states["found"] for states in said.values())
    print()
    bars.head("what", "measured", "bar", "")
    for what, share, bar in (
        ("precision", right / called if called else 0.0, PRECISION),
        ("recall", right / sealed if sealed else 0.0, RECALL),
    ):
        print(f"| {what} | {share:.4f} | ≥ {bar} | {bars.least(what, round(share, 4), bar)} |", flush=True)
    bars.row("CPU a page, median", round(statistics.median(times), 1), here(MILLISECONDS), " ms")
    return bars


def main() -> int:
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--count", type=int, default=200)
    words.add_argument("--seed", type=int, default=41)
    options = words.parse_args()
    return measure(options.count, options.seed).end()


if __name__ == "__main__":
    sys.exit(main())
