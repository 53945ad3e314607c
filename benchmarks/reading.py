"""How well scans are read: 300 invented papers, spoilt as scanners and phones spoil them, precision and recall per field.

    .venv/bin/python benchmarks/reading.py [--count 300] [--seed 2024] [--keep FILE]

A value counts as right only if it equals the truth (months compare as months where the paper names no day). What was not
found is unread, not wrong. `--keep` writes what the eye saw to FILE, and reads it from there another time, so that rules
can be tried without looking at 300 pictures again. CPU time of one thread. A figure that misses its bar ends it with 1.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from collections import Counter, defaultdict
from datetime import date
from io import BytesIO
from pathlib import Path

os.environ.update(OPENBLAS_NUM_THREADS="1", OMP_NUM_THREADS="1", OPENCV_FOR_THREADS_NUM="1")
sys.path[:0] = [str(Path(__file__).resolve().parent)]

import scans
from bars import Bars, here
from PIL import Image

from chuding.paper.glyphs import fonts_folder
from chuding.paper.reading import optical
from chuding.paper.reading.compare import compare
from chuding.paper.reading.lines import Page, dump, load, page_of
from chuding.paper.reading.papers import Field, understand
from chuding.paper.reading.text import plain

# documents.md G: every line of an A4 diploma right at 0.98, in 0.9 s of one core.
RIGHT, SECONDS = 0.98, 0.9


def typed(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)


def is_right(field: Field, truth: object) -> bool:
    said = typed(truth)
    if field.name.endswith("_on"):
        return field.value == said or (len(field.value) == 7 and said.startswith(field.value))
    return plain(field.value) == plain(said)


def look(picture: object) -> Page:
    out = BytesIO()
    Image.fromarray(picture[:, :, ::-1]).save(out, "PDF", resolution=scans.DPI, quality=85)
    answer, _ = optical.read(out.getvalue(), {"page": 1, "seal": True})
    return page_of(answer | {"number": 1, "source": "ocr"})


def sights(count: int, seed: int, keep: Path | None):
    """Truth, circumstances, what was seen and the seconds of processor it took."""
    kept = [json.loads(line) for line in keep.read_text().splitlines()] if keep and keep.exists() else []
    with tempfile.TemporaryDirectory() as folder:
        fonts = fonts_folder(Path(folder))
        for number in range(count):
            paper, dice = scans.paper(number, seed, fonts, draw=number >= len(kept))
            if number < len(kept):
                how, pages, seconds = kept[number]
                yield paper, how, load(pages)[0], seconds
                continue
            picture, how = scans.spoil(paper, dice)
            began = time.process_time()
            page = look(picture)
            seconds = time.process_time() - began
            if keep:
                with keep.open("a") as file:
                    file.write(json.dumps([how, dump((page,)), round(seconds, 2)], ensure_ascii=False) + "\n")
            yield paper, how, page, seconds


def main() -> int:
    words = argparse.ArgumentParser()
    words.add_argument("--count", type=int, default=300)
    words.add_argument("--seed", type=int, default=2024)
    words.add_argument("--keep", type=Path)
    words.add_argument("--show", action="store_true", help="print what was read wrongly or not at all")
    options = words.parse_args()
    optical.warm_up()
    tally: dict[str, Counter] = defaultdict(Counter)
    judged: Counter = Counter()
    ways: dict[str, Counter] = defaultdict(Counter)
    seals: Counter = Counter()
    turned = Counter()
    times = []
    for paper, how, page, seconds in sights(options.count, options.seed, options.keep):
        times.append(seconds)
        (read,) = understand([page])
        tally["kind"]["right" if read.kind == paper.kind else "wrong" if read.kind else "unread"] += 1
        turned[page.turn == (4 - how["turned"]) % 4] += 1
        for name, truth in paper.truth.items():
            field = read.fields.get(name)
            if name == "study_mode" or (name == "school" and paper.kind == "endorsement"):
                continue
            result = "unread" if field is None else "right" if is_right(field, truth) else "wrong"
            tally[name][result] += 1
            ways[how["way"]][result] += 1
            judged[compare(field, typed(truth))] += 1
            if options.show and result != "right":
                print(
                    paper.kind,
                    how,
                    name,
                    typed(truth),
                    "->",
                    field.value if field else None,
                    "|".join(line.text for line in page.lines) if field is None else "",
                )
        if paper.kind == "endorsement":
            seals[how["seal"], page.seal] += 1
    bars = Bars()
    bars.head("field", "papers", "precision", "recall", "")
    whole = sum((count for name, count in tally.items() if name != "kind"), Counter())
    for name, count in (*tally.items(), ("all fields", whole)):
        precision, recall = count["right"] / max(count["right"] + count["wrong"], 1), count["right"] / count.total()
        held = [
            bars.least(f"{name}: {what}", round(share, 4), RIGHT)
            for what, share in (("precision", precision), ("recall", recall))
        ]
        failed = "; ".join(one for one in held if one != "pass") or "pass"
        print(f"| {name} | {count.total()} | {precision:.4f} | {recall:.4f} | {failed} |")
    for way, count in sorted(ways.items()):
        print(f"{way}: recall {count['right'] / count.total():.4f} of {count.total()} fields")
    print(f"beside the truth as typed: {dict(judged)} (every `differ` would be a false alarm)")
    with_seal = sum(n for (sealed, _), n in seals.items() if sealed)
    without = sum(n for (sealed, _), n in seals.items() if not sealed)
    print(f"seals: found {seals[True, 'found']} and maybe {seals[True, 'maybe']} of {with_seal}; "
          f"without a seal {seals[False, 'found']} found and {seals[False, 'maybe']} maybe of {without}")  # fmt: skip
    print(f"turned the right way up: {turned[True]} of {turned.total()}")
    print(f"nine tenths of the pages below {sorted(times)[int(len(times) * 0.9)]:.2f} s of CPU")
    bars.head("what", "measured", "bar", "")
    bars.row("CPU a page, median", round(statistics.median(times), 2), here(SECONDS), " s")
    return bars.end()


if __name__ == "__main__":
    sys.exit(main())
