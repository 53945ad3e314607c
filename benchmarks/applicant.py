"""What the applicant's pages ask of a thumb: taps, time, weight, width, targets, and what a lost browser costs (U1, U2, U10, U11, U14, U18).

    .venv/bin/python benchmarks/applicant.py [http://127.0.0.1:8000 data] [--losses 100]

The site is a demonstration that runs (`make run`), `data` its folder; without them a town of its own is served. A target that
is missed ends it with 1. A tap is a press, or a text field entered; a list of
choices is two, a file three. Typing is no tap; an answer that stands there already, brought along from an earlier page, is
left as it stands. It applies once as somebody new, with photos of four materials, and leaves the file behind.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / folder) for folder in ("benchmarks", "tests/journeys", "tests", "tools")]

import newcomer
from bars import Bars
from serving import ARGUMENTS, CHROMIUM, serve
from visitor import House, Visitor, Watch

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page

COUNTER = """(() => {
  let pressed = null;
  const count = (n) => window.countTaps(n);
  addEventListener("pointerdown", (event) => { pressed = event.target; count(1); }, true);
  addEventListener("focusin", (event) => {
    const at = event.target;
    const typed = at.matches("input[type=text], input[type=tel], input[type=search], input:not([type]), textarea");
    const tapped = pressed && [at, ...(at.labels || [])].some(each => each.contains(pressed));
    pressed = null;
    if (typed && !tapped) { count(1); }
  }, true);
  addEventListener("change", (event) => {
    if (event.target.matches("select") && !event.target.hidden) { count(2); }
    if (event.target.matches("input[type=file]")) { count(3); }
  }, true);
})()"""
SMALL = """() => [...document.querySelectorAll("a[href], button, input:not([type=hidden]), select, summary, textarea")]
  .filter(e => e.offsetParent && !e.closest("p, li:not(.task-list li), dd, td, .hint, .visually-hidden") && !e.matches(".skip-link, .visually-hidden"))
  .map(e => { const box = (e.closest(".choice, .task-list li") || e).getBoundingClientRect(); return [Math.round(Math.min(box.width, box.height)), (e.textContent || e.name || "").trim().slice(0, 20)]; })
  .filter(([size]) => size > 0 && size < LEAST)"""


class Taps:
    """Counts for one window."""

    def __init__(self, context: BrowserContext) -> None:
        self.count = 0
        context.expose_binding("countTaps", lambda _, n: self.add(n))
        context.add_init_script(COUNTER)

    def add(self, number: int) -> None:
        self.count += number


def self_check(house: House) -> tuple[int, int, float]:
    """Questions, taps and seconds of somebody who may apply; the script reads nothing and hesitates nowhere."""
    who = newcomer.newcomer("沈拇指", "19955509001", 951)
    with house.visitor(size={"width": 320, "height": 640}) as at:
        taps, begun = Taps(at.page.context), time.monotonic()
        at.go("/")
        at.page.get_by_role("link", name="自查").first.click()
        newcomer.answer_self_check(at, who)
        taken = time.monotonic() - begun
        asked = at.page.locator("main .summary-row", has_text="修改").count()
        return asked, taps.count, taken


def application(house: House) -> tuple[int, int, float]:
    """Taps of a fresh applicant from the front page to the receipt, of those a return from 我的申报 to submission; seconds."""
    who = newcomer.newcomer("沈一指", "19955509002", 952)
    newcomer.insure(house, who)
    with house.visitor(size={"width": 320, "height": 640}) as at:
        taps, begun = Taps(at.page.context), time.monotonic()
        at.go("/")
        at.page.get_by_role("link", name="自查").first.click()
        newcomer.answer_self_check(at, who)
        newcomer.begin_with_answers(at, who)
        walk = newcomer.Walk(at, who, house)
        walk.straight_on()
        walk.photographed("1236")
        walk.signed()
        at.go("/applications/")  # a return: from one's own page to the receipt
        before = taps.count
        at.follow("继续填写")
        walk.submitted()
        return taps.count, taps.count - before, time.monotonic() - begun


def first_visit(house: House, path: str) -> tuple[float, float, int]:
    """KB over the wire, KB of scripts, requests; nothing cached."""
    with house.visitor(size={"width": 390, "height": 844}) as at:
        seen: list[tuple[str, int]] = []
        session = at.page.context.new_cdp_session(at.page)
        session.send("Network.enable")
        kinds: dict[str, str] = {}
        session.on("Network.responseReceived", lambda event: kinds.update({event["requestId"]: event["type"]}))
        session.on(
            "Network.loadingFinished",
            lambda event: seen.append((kinds.get(event["requestId"], ""), int(event["encodedDataLength"]))),
        )
        at.go(path)
        at.page.wait_for_timeout(600)
        script = sum(size for kind, size in seen if kind == "Script")
        return sum(size for _, size in seen) / 1024, script / 1024, len(seen)


def narrow(page: Page) -> bool:
    """Whether the page fits its window."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


def losses(house: House, times: int) -> int:
    """How often something was lost but what was typed in the last moments: the window is killed at a random time."""
    phone, lost = "19955509003", 0
    who = newcomer.newcomer("沈断线", phone, 953)
    with house.visitor() as at:
        at.go("/sign-in/")
        at.sign_in(who.phone)
        at.consent()
        at.go("/applications/")
        at.press("开始申报")
        file = at.page.url
        house.keep(at, phone)
    rng = random.Random(20241126)
    kept = ""
    for turn in range(times):
        with house.visitor(session=phone) as at:
            at.go_to(f"{file}identity/")
            if at.page.input_value("[name=full_name]") != kept:
                lost += 1
            kept = f"沈断线·{'甲乙丙丁戊己庚辛壬癸'[turn % 10]}{turn}"
            at.page.fill("[name=full_name]", kept)
            status = at.page.locator("[data-keep-status]")
            status.get_by_text("已自动保存").wait_for()
            at.page.fill("[name=identity_number]", "3211")
            time.sleep(rng.random())  # then the battery is empty: the window goes without a farewell
            at.page.context.new_cdp_session(at.page).send("Network.emulateNetworkConditions", OFFLINE)
    return lost


OFFLINE = {"offline": True, "latency": 0, "downloadThroughput": 0, "uploadThroughput": 0}


def targets(at: Visitor, least: int) -> list[object]:
    """Targets of one's own line that are smaller than they should be."""
    found: list[object] = at.page.evaluate(SMALL.replace("LEAST", str(least)))
    return found


# experience.md U1, U2, U11, U14, in its order: questions, taps, seconds; taps, minutes; KB, KB of scripts, requests.
QUESTIONS, CHECK_TAPS, CHECK_SECONDS, APPLY_TAPS, RETURN_TAPS, APPLY_MINUTES = 9, 20, 120, 75, 3, 25
WEIGHT, SCRIPT, REQUESTS = 80, 20, 12
PATHS = ("/", "/check/", "/check/specialty/", "/levels/assistant/")


def pages(house: House, bars: Bars, paths: tuple[str, ...] = PATHS) -> None:
    """U10, U11 and U18 of the pages that everybody meets first."""
    for path in paths:
        whole, script, requests = first_visit(house, path)
        bars.row(f"U11 {path}", round(whole, 1), WEIGHT, " KB")
        bars.row(f"U11 {path}, scripts", round(script, 1), SCRIPT, " KB")
        bars.row(f"U11 {path}, requests", requests, REQUESTS)
        with house.visitor(size={"width": 320, "height": 640}) as at:
            at.go(path)
            wide, small = not narrow(at.page), targets(at, 44)
            at.page.context.add_cookies([{"name": "display", "value": "large", "url": house.address}])
            at.go(path)
            bars.row(f"U10 {path}, wider than 320 px, in large type too", wide + (not narrow(at.page)), 0)
            bars.row(f"U18 {path}, targets below 44 px, below 60 in large type", len(small + targets(at, 60)), 0)


def measure(house: House, lost: int) -> Bars:
    """Every target, the quick ones first."""
    bars = Bars()
    bars.head("target", "measured", "bar", "")
    asked, taps, taken = self_check(house)
    bars.row("U1 questions of the self-check, no account", asked, QUESTIONS)
    bars.row("U1 taps of the self-check", taps, CHECK_TAPS)
    bars.row("U1 the self-check without reading", round(taken, 1), CHECK_SECONDS, " s")
    pages(house, bars)
    bars.row(f"U14 of {lost} lost browsers, those that lost more than the last moments", losses(house, lost), 0)
    fresh, again, taken = application(house)
    bars.row("U2 taps of a fresh applicant, photos of four materials", fresh, APPLY_TAPS)
    bars.row("U2 taps of a return to the receipt", again, RETURN_TAPS)
    bars.row("U2 from the front page to the receipt without reading", round(taken / 60, 1), APPLY_MINUTES, " min")
    return bars


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "address", nargs="?", help="a demonstration that runs; without one, a town of its own is served"
    )
    parser.add_argument("data", nargs="?", type=Path)
    parser.add_argument("--losses", type=int, default=100)
    options = parser.parse_args()
    with ExitStack() as stack:
        address, data = (options.address or "").rstrip("/"), options.data
        if not address:
            data = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="chuding-applicant-")))
            address = stack.enter_context(serve(data))
        driver = stack.enter_context(sync_playwright())
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        house = House(browser, address, data, Watch(address), {})
        code = measure(house, options.losses).end()
        browser.close()
    return code


if __name__ == "__main__":
    sys.exit(main())
