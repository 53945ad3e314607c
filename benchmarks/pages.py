"""How heavy and how fast pages are on a bad line and a slow phone (U10, U11, U12); ends with 1 where a bar is passed.

    .venv/bin/python benchmarks/pages.py [http://127.0.0.1:8000 data]

The site is a demonstration that runs (`make run`), `data` its folder; without them a town of its own is served. Chromium's own throttle: 1.6 Mbps, 150 ms there and
back, a processor four times slower. Bytes are those on the wire; INP is the slowest of the presses made, without loading.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "tests" / "journeys"), str(ROOT / "tests")]

from crawl import phone_of
from offices import LI, SUN
from serving import ARGUMENTS, CHROMIUM, serve
from visitor import House, Visitor, Watch

from chuding.applications.workflow import State

if TYPE_CHECKING:
    from collections.abc import Iterator

PHONE = {"width": 390, "height": 844}
LINE = {"offline": False, "latency": 150, "downloadThroughput": 1.6e6 / 8, "uploadThroughput": 0.75e6 / 8}
SLOWER = 4
ROUNDS = 3
KB = 1024
# Bars of experience.md U11 and U12: first visit, repeat, requests; LCP, CLS, INP.
FIRST, VERIFY, REPEAT, DESK, REQUESTS = 80 * KB, 40 * KB, 15 * KB, 150 * KB, 12
LCP, CLS, INP = 1800, 0.05, 200
WATCH = """(() => {
  window.seen = { lcp: 0, cls: 0, inp: 0 };
  new PerformanceObserver(l => l.getEntries().forEach(e => { seen.lcp = e.startTime; })).observe({ type: "largest-contentful-paint", buffered: true });
  new PerformanceObserver(l => l.getEntries().forEach(e => { if (!e.hadRecentInput) seen.cls += e.value; })).observe({ type: "layout-shift", buffered: true });
  new PerformanceObserver(l => l.getEntries().forEach(e => { if (e.interactionId) seen.inp = Math.max(seen.inp, e.duration); })).observe({ type: "event", buffered: true, durationThreshold: 16 });
})()"""
PRESSES = """() => { const e = document.querySelector("main summary, main input[type=radio], main input[type=text]"); if (!e) return null;
  const b = e.getBoundingClientRect(); e.scrollIntoView({ block: "center" }); const c = e.getBoundingClientRect(); return [c.x + c.width / 2, c.y + c.height / 2]; }"""


class Wire:
    """Bytes and requests of one page."""

    def __init__(self, at: Visitor, *, throttled: bool) -> None:
        self.wire = at.page.context.new_cdp_session(at.page)
        self.wire.send("Network.enable")
        if throttled:
            self.wire.send("Network.emulateNetworkConditions", LINE)
            self.wire.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
        self.sizes: list[float] = []
        self.wire.on("Network.loadingFinished", lambda event: self.sizes.append(event["encodedDataLength"]))

    def spent(self) -> tuple[float, int]:
        """Since the last question."""
        found = (sum(self.sizes), len(self.sizes))
        self.sizes.clear()
        return found


def visits(house: House) -> Iterator[tuple[str, str, str, float, float]]:
    """Name, phone of whoever looks, address, bar of the first visit, bar of the next."""
    yield "首页", "", "/", FIRST, REPEAT
    yield "自查", "", "/check/", FIRST, REPEAT
    yield "办事指南", "", "/guide/", FIRST, REPEAT
    yield "证书核验", "", "/verify/", VERIFY, REPEAT
    draft = phone_of(State.DRAFT)
    with house.officer(draft, size=PHONE) as at:
        at.go("/applications/")
        file = str(at.page.locator("main a.card").first.get_attribute("href"))
    for section in ("", "identity/", "schooling/", "work/", "materials/"):
        yield f"申报 {section or '任务清单'}", draft, file + section, FIRST, REPEAT
    yield "单位首页", SUN, "/employer/", FIRST, REPEAT
    yield "审核台", LI, "/desk/", DESK, REPEAT


def measure(house: House, phone: str, address: str) -> dict[str, float]:
    """One first visit and one repeat on the bad line, with one press."""
    with house.officer(phone, size=PHONE) if phone else house.visitor(size=PHONE) as at:
        at.page.goto("about:blank")
        wire = Wire(at, throttled=True)
        at.page.add_init_script(WATCH)
        at.page.goto(house.address + address, wait_until="networkidle")
        first, requests = wire.spent()
        if place := at.page.evaluate(PRESSES):
            at.page.mouse.click(*place)
            at.page.wait_for_timeout(600)
        seen: dict[str, Any] = at.page.evaluate("() => window.seen")
        wire.spent()
        at.page.goto(house.address + address, wait_until="networkidle")
        again, _ = wire.spent()
        return {**seen, "first": first, "requests": requests, "again": again}


def enlarged(house: House, phone: str, address: str) -> list[str]:
    """Whether a page scrolls sideways at 400 % (1280 px wide) and with letters twice as large at 640 px (U10)."""
    found = []
    with (
        house.officer(phone, size={"width": 320, "height": 256})
        if phone
        else house.visitor(size={"width": 320, "height": 256}) as at
    ):
        for name, width, letters in (("400 %", 320, ""), ("letters 200 %", 640, "200%")):
            at.page.set_viewport_size({"width": width, "height": 512})
            at.page.goto(house.address + address)
            at.page.evaluate("(size) => { document.documentElement.style.fontSize = size; }", letters)
            wide = at.page.evaluate("() => document.documentElement.scrollWidth - window.innerWidth")
            if wide > 0:
                found.append(f"{address} scrolls sideways by {wide} px at {name}")
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("address", nargs="?")
    parser.add_argument("data", nargs="?", type=Path)
    asked = parser.parse_args()
    over: list[str] = []
    with ExitStack() as stack:
        address, data = (asked.address or "").rstrip("/"), asked.data
        if not address:
            data = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="chuding-pages-")))
            address = stack.enter_context(serve(data))
        driver = stack.enter_context(sync_playwright())
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        house = House(browser, address, data, Watch(address), {})
        print("| page | first visit KB | requests | repeat KB | LCP ms | CLS | INP ms |\n|---|---|---|---|---|---|---|")
        for name, phone, address, first_bar, again_bar in list(visits(house)):
            rows = [measure(house, phone, address) for _ in range(ROUNDS)]
            held = {key: statistics.median(row[key] for row in rows) for key in rows[0]}
            print(
                f"| {name} | {held['first'] / KB:.1f} | {held['requests']:.0f} | {held['again'] / KB:.1f} "
                f"| {held['lcp']:.0f} | {held['cls']:.3f} | {held['inp']:.0f} |",
                flush=True,
            )
            bars = {"first": first_bar, "again": again_bar, "requests": REQUESTS, "lcp": LCP, "cls": CLS, "inp": INP}
            over += [f"{name}: {key} {held[key]:.3g} > {bar:.3g}" for key, bar in bars.items() if held[key] > bar]
            over += enlarged(house, phone, address)
        browser.close()
    print(*over, sep="\n")
    return 1 if over else 0


if __name__ == "__main__":
    sys.exit(main())
