"""Whether a sheet that is scanned or photographed again is found, and whether other people's papers of the same form are not.

    .venv/bin/python benchmarks/rescans.py [--papers 48] [--seed 71]

Each paper is handed in twice: askew, in other light, cropped otherwise, in perspective where it is a photo, turned by quarters
now and then, JPEG of 60 to 90 (`scans.py`). Beside it lies a classmate's: the same form, school, subject, days, frame and seal,
with another name of as many characters and three other digits in the number, which is as alike as two people's papers can be.
Everybody is looked for among all these pages, by the same words and bounds as the site's. CPU time of one thread.
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import sys
import tempfile
import time
from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path

os.environ.update(OPENBLAS_NUM_THREADS="1", OMP_NUM_THREADS="1", OPENCV_FOR_THREADS_NUM="1")
sys.path[:0] = [str(Path(__file__).resolve().parent)]

import cv2
import numpy as np
import pypdfium2
import scans
from PIL import Image

from chuding.applications.reviewing.prints import Sight, same_sheet, sight_of, words_near, words_of
from chuding.paper.glyphs import fonts_folder

KINDS = ("diploma", "degree", "schooling_report", "degree_report")
COMMON, SHARED, COMPARED = 12, 8, 200  # as in applications/services/likenesses.py
WAYS = (("scan", "scan"), ("scan", "photo"), ("photo", "photo"))


@dataclass(frozen=True)
class Shot:
    """One page image as the site keeps it: whose paper it shows, and how it was made."""

    paper: int
    person: int
    kind: str
    way: str
    image: Path
    sight: Sight | None


def handed_in(picture: np.ndarray, way: str, dice: random.Random, file: Path) -> Path:
    """The sheet scanned or photographed, cropped by up to 2.5 or 7 % a side, as a page image of 96 dpi."""
    out = (scans.scan if way == "scan" else scans.photo)(picture, dice)
    height, width = out.shape[:2]
    most = 0.025 if way == "scan" else 0.07
    left, top, right, bottom = (dice.uniform(0, most) for _ in range(4))
    out = out[int(top * height) : int(height - bottom * height), int(left * width) : int(width - right * width)]
    out = np.ascontiguousarray(np.rot90(out, dice.choice([0, 0, 0, 1, 2, 3] if way == "photo" else [0, 0, 0, 0, 2])))
    _, packed = cv2.imencode(".jpg", out, [cv2.IMWRITE_JPEG_QUALITY, dice.randint(60, 90)])
    out = cv2.imdecode(packed, cv2.IMREAD_COLOR)
    scale = 1123 / max(out.shape[:2])
    out = cv2.resize(out, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    Image.fromarray(out[:, :, ::-1]).save(file, "WEBP", quality=70, method=2)
    return file


def classmates(kind: str, dice: random.Random) -> tuple[dict, dict]:
    """What two people's papers say that differ in name and number only."""
    truth, values = scans.KINDS[kind](dice)
    values |= {"kind": kind, "frame": dice.choice(["#8a6d3b", "#2f6b4f", "#7a2e2e"]), "font": dice.choice(["Noto Serif SC", "Chuding Kai", "Noto Sans SC"])}  # fmt: skip
    name = other = truth["full_name"]
    while other == name or len(other) != len(name):
        other = "".join(dice.sample(name, len(name))) if len(name) > 4 else scans._person(dice)
    number = truth.get("schooling_number") or truth["degree_number"]
    another = number[:-3] + f"{(int(number[-3:]) + dice.randint(1, 998)) % 1000:03}"
    swaps = [(name, other), (number, another), (_spaced(number), _spaced(another))]
    if code := truth.get("verification_code"):
        swaps.append((code, "".join(dice.sample(code, len(code)))))
    return values, {key: _swapped(value, swaps) for key, value in values.items()}


def _spaced(number: str) -> str:
    return f"{number[:4]} {number[4:8]} {number[8:12]} {number[12:]}"


def _swapped(value, swaps):
    if isinstance(value, str):
        for one, other in swaps:
            value = value.replace(one, other)
        return value
    return [_swapped(each, swaps) for each in value] if isinstance(value, list) else tuple(_swapped(each, swaps) for each in value)  # fmt: skip


def drawn(kind: str, values: dict, fonts: Path, seal: int | None) -> np.ndarray:
    with pypdfium2.PdfDocument(scans.typeset(kind, values, fonts)) as document:
        page = np.asarray(document[0].render(scale=scans.DPI / 72).to_pil().convert("RGB"))
    picture = cv2.cvtColor(page, cv2.COLOR_RGB2BGR)
    return picture if seal is None else scans.stamped(picture, random.Random(seal), (0.72, 0.72))


def shots(papers: int, seed: int, fonts: Path, folder: Path) -> list[Shot]:
    """Of each paper two shots, in turn of WAYS, and two of the classmate's."""
    found = []
    for number in range(papers):
        dice = random.Random(f"{seed}-{number}")
        kind, ways = KINDS[number % len(KINDS)], WAYS[number // len(KINDS) % len(WAYS)]
        both = classmates(kind, dice)
        seal = dice.randint(0, 1 << 30) if kind in {"diploma", "degree"} and dice.random() < 0.6 else None
        for person, values in enumerate(both):
            picture = drawn(kind, values, fonts, seal)
            for turn, way in enumerate(ways):
                image = handed_in(picture, way, dice, folder / f"{number}-{person}-{turn}.webp")
                found.append(Shot(number, person, kind, way, image, sight_of(image)))
    return found


def nearest(shot: Shot, all_shots: list[Shot], index: dict[int, list[int]]) -> list[int]:
    """The numbers of the shots that the index offers for one, best first, without itself."""
    shared: Counter[int] = Counter()
    for word in words_near(shot.sight) if shot.sight else ():
        holders = index.get(word, ())
        if len(holders) <= COMMON:
            shared.update(n for n in holders if all_shots[n] is not shot)
    return [n for n, count in shared.most_common(COMPARED) if count >= SHARED]


def main() -> int:
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--papers", type=int, default=48)
    words.add_argument("--seed", type=int, default=71)
    options = words.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        began = time.process_time()
        every = shots(options.papers, options.seed, fonts_folder(folder), folder)
        measure(every, time.process_time() - began)
    return 0


def measure(every: list[Shot], making: float) -> None:
    index: dict[int, list[int]] = defaultdict(list)
    for n, shot in enumerate(every):
        for word in words_of(shot.sight) if shot.sight else ():
            index[word].append(n)
    near = [nearest(shot, every, index) for shot in every]
    offered, same, alarms, times = (defaultdict(list) for _ in range(4))

    def compared(n: int, m: int) -> bool:
        one, other = every[n], every[m]
        began = time.process_time()
        answer = bool(one.sight and other.sight) and same_sheet((one.image, one.sight), (other.image, other.sight))
        times["pair"].append(time.process_time() - began)
        return answer

    for n, shot in enumerate(every):
        for m in [m for m in range(n + 1, len(every)) if every[m].paper == shot.paper]:
            answer = compared(n, m)
            if shot.person != every[m].person:
                alarms["classmates"].append(answer)
                continue
            way = "-".join(sorted([shot.way, every[m].way], reverse=True))
            for key in (way, "diplomas" if "report" not in shot.kind else "reports"):
                # Whoever comes second looks for the first: here either way counts by half.
                offered[key].append(((m in near[n]) + (n in near[m])) / 2)
                same[key].append(answer * offered[key][-1])
        # Of all the others' pages the one that the index thinks nearest.
        strangers = [m for m in near[n] if every[m].paper != shot.paper][:1]
        alarms["others"] += [compared(n, m) for m in strangers]
    print("| the same sheet again | pairs | among those looked at | found |\n|---|---|---|---|")
    for key, hits in same.items():
        print(f"| {key} | {len(hits)} | {sum(offered[key]) / len(hits):.3f} | {sum(hits) / len(hits):.3f} |")
    for key, hits in alarms.items():
        print(f"false alarms, {key}: {sum(hits)} of {len(hits)} pairs")
    print(
        f"{len(every)} pages; CPU {making / len(every):.2f} s to make one and its points, {statistics.mean(times['pair']):.2f} s a pair"
    )


if __name__ == "__main__":
    sys.exit(main())
