"""What an upload costs: the preflight and the page images of ten-page colour scans at 150, 200 and 300 dpi.

    .venv/bin/python benchmarks/preflight.py [--pages 10] [--rounds 5] [--dpi 150 200 300]

CPU time of the two tasks themselves, called in this process as the sandbox's child calls them; and by the clock the whole way
through the sandbox, which a busy machine makes longer. The scans are invented papers with a scanner's noise (`scans.py`),
pictures in JPEG of 80, as office machines write them.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from dataclasses import asdict
from io import BytesIO
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parent)]

import cv2
import scans
from bars import Bars, cpu_ms, here
from PIL import Image

from chuding.paper import anatomy, pages, sandbox
from chuding.paper.glyphs import fonts_folder
from chuding.paper.intake import IntakeLimits, inspect_upload

# documents.md D: CPU ms of ten pages by their resolution, drawn by pdfium; G: a page image, CPU ms and KB.
PREFLIGHT = {150: 529.0, 200: 661.0, 300: 1049.0}
PAGE_IMAGE, KILOBYTES = 200.0, 75.0


def scanned(fonts: Path, dpi: int, count: int) -> bytes:
    """So many different pages as one colour PDF."""
    pictures = []
    for paper, dice in scans.papers(count, 20241126, fonts):
        picture = scans.scan(paper.picture, dice)
        scale = dpi / scans.DPI
        if scale != 1:
            picture = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
        pictures.append(Image.fromarray(picture[:, :, ::-1]))
    out = BytesIO()
    pictures[0].save(out, "PDF", save_all=True, append_images=pictures[1:], resolution=dpi, quality=80)
    return out.getvalue()


def wall_ms(work, rounds: int) -> float:
    work()
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        work()
        times.append((time.perf_counter() - start) * 1000)
    return statistics.median(times)


def measure(count: int, rounds: int, resolutions: tuple[int, ...] = tuple(PREFLIGHT)) -> Bars:
    limits = IntakeLimits()
    anatomy.warm_up()
    bars = Bars()
    bars.head(
        f"{count}-page colour scan", "MB", "preflight, CPU ms", "by the clock", "page images, CPU ms", "a page", "KB a page image", "",
    )  # fmt: skip
    with tempfile.TemporaryDirectory() as name:
        fonts = fonts_folder(Path(name) / "fonts")
        for dpi in resolutions:
            file = Path(name) / f"{dpi}.pdf"
            file.write_bytes(data := scanned(fonts, dpi, count))
            report = inspect_upload(file)
            assert (report.pages, report.problems) == (count, ()), report
            checking = cpu_ms(lambda data=data: anatomy.inspect(data, asdict(limits)), rounds)
            clock = wall_ms(lambda file=file: inspect_upload(file), rounds)
            drawing = cpu_ms(lambda data=data: pages.render(data, {"dpi": 96}), max(1, rounds // 2))
            _, blobs = pages.render(data, {"dpi": 96})
            size = statistics.median(len(blob) for blob in blobs[::2]) / 1000
            most = PREFLIGHT[dpi] * count / 10 if dpi in PREFLIGHT else None
            pairs = (
                (round(checking), most and here(most)),
                (round(drawing / count), here(PAGE_IMAGE)),
                (round(size), KILOBYTES),
            )
            print(
                f"| {dpi} dpi | {len(data) / 1e6:.1f} | {checking:.0f} | {clock:.0f} | {drawing:.0f} | {drawing / count:.0f} | {size:.0f} | {bars.held(f'{dpi} dpi', *pairs)} |",
                flush=True,
            )
    sandbox.close()
    return bars


def main() -> int:
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--pages", type=int, default=10)
    words.add_argument("--rounds", type=int, default=5)
    words.add_argument("--dpi", type=int, nargs="+", default=list(PREFLIGHT))
    options = words.parse_args()
    return measure(options.pages, options.rounds, tuple(options.dpi)).end()


if __name__ == "__main__":
    sys.exit(main())
