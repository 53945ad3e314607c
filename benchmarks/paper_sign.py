"""What signing and verifying one paper costs, in milliseconds of processor time (medians), and preflight by the clock.

.venv/bin/python benchmarks/paper_sign.py
"""

from __future__ import annotations

import statistics
import tempfile
import time
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pikepdf
import typst
from PIL import Image

from chuding.paper.intake import inspect_upload
from chuding.paper.keys import load_certificate, load_signer, make_demonstration_keys
from chuding.paper.pages import render_pages
from chuding.paper.sign import sign_pdf
from chuding.paper.verify import verify_pdf

if TYPE_CHECKING:
    from collections.abc import Callable

AT = datetime(2024, 11, 20, 9, 30, tzinfo=ZoneInfo("Asia/Shanghai"))
MARKUP = """
#set page(paper: "a4", flipped: true)
#set document(title: "Sample", date: datetime(year: 2024, month: 11, day: 20))
#image("noise.png", width: 60%)
#lorem(400)
"""
SIGN_GOAL, VERIFY_GOAL = 5.0, 100.0


def median(work: Callable[[], object], rounds: int, clock: Callable[[], float]) -> float:
    """Milliseconds of one call, after a first one that warms up."""
    work()
    taken = []
    for _ in range(rounds):
        start = clock()
        work()
        taken.append((clock() - start) * 1000)
    return statistics.median(taken)


def packed(pdf: bytes) -> bytes:
    out = BytesIO()
    with pikepdf.open(BytesIO(pdf)) as document:
        document.save(out, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return out.getvalue()


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make_demonstration_keys(folder / "keys", AT)
        signer, root = load_signer(folder / "keys", "association"), load_certificate(folder / "keys" / "root.pem")
        Image.effect_noise((300, 200), 60).save(folder / "noise.png")
        (folder / "sample.typ").write_text(MARKUP)
        pdf = typst.compile(folder / "sample.typ", pdf_standards=["a-2b"])
        print(f"{'paper signed and verified':<44}{'CPU ms':>8}{'goal':>8}")
        for kind, unsigned in (("classic table", pdf), ("object streams", packed(pdf))):
            signed = sign_pdf(unsigned, signer, at=AT, reason="演示签发")
            assert verify_pdf(signed, [root], at=AT).valid
            for what, goal, work in (
                ("sign", SIGN_GOAL, lambda file=unsigned: sign_pdf(file, signer, at=AT, reason="演示签发")),
                ("verify", VERIFY_GOAL, lambda file=signed: verify_pdf(file, [root], at=AT)),
            ):
                label = f"{what} a {len(unsigned) / 1024:.0f} KB paper, {kind}"
                print(f"{label:<44}{median(work, 31, time.process_time):>8.2f}{goal:>8.0f}")
        path = folder / "paper.pdf"
        path.write_bytes(pdf)
        print(f"\n{'upload in the sandbox':<44}{'wall ms':>8}")
        print(f"{'inspect one page':<44}{median(lambda: inspect_upload(path), 15, time.perf_counter):>8.1f}")
        drawing = median(lambda: render_pages(path, folder / "out"), 9, time.perf_counter)
        print(f"{'draw one page at 96 dpi, with thumbnail':<44}{drawing:>8.1f}")


if __name__ == "__main__":
    main()
