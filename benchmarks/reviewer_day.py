"""A reviewer's day in the browser: headless Chromium, one reviewer, 300 files, by keys (`--files N` for fewer).

    .venv/bin/python benchmarks/reviewer_day.py [--files N] [--address http://127.0.0.1:8000 --data data]

Serves a town of its own, or works at a demonstration that runs already. Prints keys a file, the seconds that the application
made the reviewer wait, what that cost the server, memory growth, and mistakes: a decision that was not the one intended, or
on a file of which a required page was never on the screen. A figure over its bar (U3, U4), or a mistake, ends it with 1.

Every key of a decision counts. What is wrong with a document is marked while it is on the screen (X and the reason's number,
as a reviewer does who reads it), then the rest is read, then the file goes back (B and Enter). Turning pages is reading.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(Path(__file__).resolve().parent), str(ROOT / "tests" / "journeys")]

from bars import Bars

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Request

REVIEWER = "19900000003"
# Every tenth file goes back with the second common reason of its first material.
BACK_EVERY = 10
# experience.md U3 and U4: keys, seconds until the next file's first page is there, seconds of the server for 95 of 100
# answers, seconds a file, minutes of 300, MB.
PASS_KEYS, BACK_KEYS, NEXT_S, SERVER_S, FILE_S, DAY_MIN, GROWTH_MB = 2, 4, 0.3, 0.2, 5.0, 25.0, 50.0
# What the desk asks for besides page images: a file, the next one's address, a decision.
ASKED = re.compile(r"/desk/[^?]*/(\?|$)")
# Before anything of the town's own, so that the day is made of these files alone; and more than are decided, as two are
# always in hand ahead.
LONG_DUE, MORE = 200, 4
# Files after which the page has everything that it keeps anyhow.
WARM = 10
# No page image and no answer takes longer than this, or the day is over.
PATIENCE_MS = 60_000

VISIBLE = """([ref, started]) => {
    const desk = document.querySelector("[data-desk]");
    if (!desk || desk.dataset.file === ref) { return 0; }
    const image = desk.querySelector(".viewer-page img");
    return image && image.complete && image.naturalWidth ? performance.now() - started : 0;
}"""

# Whether the file on the screen is one of the day's; the town's own may wait for another question than a decision.
OF_THE_DAY = """() => [...document.querySelectorAll("main dt")]
    .find(each => each.textContent.trim() === "办件号").nextElementSibling.textContent.trim().endsWith("D")"""

FETCHED_AND_DROPPED = """async (files) => {
    for (let n = 0; n < files; n += 1) { await (await fetch(location.href.split("#")[0])).text(); }
}"""

# Pages of the chosen document that were not on the screen yet.
FIRST_UNSEEN = """() => {
    const code = document.querySelector(".material-chosen").dataset.material;
    return document.querySelectorAll(`.viewer-page[data-code="${code}"]:not([data-seen])`).length;
}"""


# ---- the files: made beside the running site, in its own database ----


def fill(count: int) -> None:
    """`count` waiting files like one of the town's, with people, facts and documents of their own rows."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chuding.settings")
    import django

    django.setup()
    import copy
    from datetime import timedelta

    from chuding.accounts.appointments import add_person
    from chuding.applications.models import Application
    from chuding.storage.clock import now, today
    from chuding.storage.tokens import new_ref

    base = None
    for _ in range(240):  # the worker of a fresh town is still drawing pages
        ready = Application.objects.filter(state__in=["received", "reviewing"]).exclude(materials__pages_ready=False)
        base = ready.filter(materials__isnull=False).order_by("id").first()
        if base is not None:
            break
        time.sleep(1)
    if base is None:
        raise SystemExit("no waiting file of the town has all its pages")

    def twin(row: Any, **changes: Any) -> Any:
        made = copy.copy(row)
        made.pk = None
        made._state = copy.copy(row._state)
        made._state.adding = True
        for name, value in changes.items():
            setattr(made, name, value)
        made.save(force_insert=True)
        return made

    begun = Application.objects.filter(number__startswith="ZJCD2024", number__endswith="D").count()
    for n in range(begun, begun + count):
        person = add_person(phone=f"1997{n:07d}", name=f"样例{n}", at=now())
        file = twin(
            base, ref=new_ref(), number=f"ZJCD2024{n:06d}D", applicant=person, identity_index=f"day-{n}",
            due_on=today() - timedelta(days=LONG_DUE - n % 9), alike=False, employer_uscc="", employer=None,
            employer_name=f"样例单位{n}", state="received", reviewer=None, taken_at=None, lease_until=None,
        )  # fmt: skip
        for part in (base.educations, base.spells, base.assessments):
            for row in part.all():
                twin(row, application=file)
        for material in base.current_materials():
            twin(material, application=file, ref=new_ref(), verdict="pending", verdict_reason="", marks=[])
    print(json.dumps({"files": count}))


def judge() -> None:
    """What became of them, told by the database: state by number, and whether every page was on the reviewer's screen."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chuding.settings")
    import django

    django.setup()
    from chuding.applications.models import Application
    from chuding.applications.reviewing.models import Viewing

    found = {}
    for file in Application.objects.filter(state__in=["recheck", "correction"]).exclude(reviewer=None):
        current = list(file.current_materials())
        whole = Viewing.objects.filter(material__in=current, person=file.reviewer_id, whole=True).count()
        found[file.ref] = {"state": file.state, "whole": whole == len(current)}
    print(json.dumps(found))


def beside(data: str, act: str, *words: str) -> Any:
    environment = os.environ | {"CHUDING_DATA": data, "CHUDING_DEMONSTRATION": "1"}
    done = subprocess.run(
        [sys.executable, __file__, act, *words], env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(f"{act}: {done.stderr}")
    return json.loads(done.stdout.splitlines()[-1])


# ---- the day ----


class Day:
    """One reviewer at the keyboard: every key is counted, every wait for the application measured."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.deciding: list[int] = []
        self.turning: list[int] = []
        self.next_after: list[float] = []
        self.waits: list[float] = []
        self.intended: dict[str, str] = {}
        self.answers: list[float] = []
        page.on("requestfinished", self.heard)

    def heard(self, request: Request) -> None:
        """How long the server took from the request to the first byte of its answer."""
        times = request.timing
        if ASKED.search(request.url) and times["responseStart"] > 0:
            self.answers.append((times["responseStart"] - times["requestStart"]) / 1000)

    def ref(self) -> str:
        return str(self.page.evaluate("() => document.querySelector('[data-desk]')?.dataset.file || ''"))

    def unseen(self) -> int:
        return int(self.page.evaluate("() => DeskViewer.unseen()"))

    def look(self) -> None:
        """Reading what is on the screen; the page counts a picture after two looks at it."""
        self.page.wait_for_timeout(450)

    def mark_first(self) -> float:
        """The first document is read to its end and found wanting: two keys. Answers how long the page took to say so."""
        self.look()
        for _ in range(40):
            if not self.page.evaluate(FIRST_UNSEEN):
                break
            self.page.keyboard.press("Space")
            self.look()
        self.page.keyboard.press("x")
        began = time.monotonic()
        self.page.keyboard.press("2")
        # A locator, as an element that was answered would be kept, and the whole file with it.
        self.page.locator("#act-send_back ul li").first.wait_for(timeout=PATIENCE_MS)
        return time.monotonic() - began

    def read(self) -> None:
        """Every page of every document, by the space bar."""
        turned = 0
        for _ in range(200):
            if self.unseen() == 0:
                break
            self.look()
            if self.unseen() == 0:
                break
            self.page.keyboard.press("Space")
            turned += 1
        self.turning.append(turned)

    def set_aside(self) -> None:
        """Put back what the reviewer had in hand before the day."""
        while not self.page.evaluate(OF_THE_DAY):
            ref, started = self.ref(), self.page.evaluate("() => performance.now()")
            self.page.keyboard.press("h")
            self.page.keyboard.press("Enter")
            self.page.wait_for_function(VISIBLE, arg=[ref, started], timeout=PATIENCE_MS, polling=10)

    def one(self, number: int) -> None:
        """Read a file and decide on it, until the next one's first page is on the screen."""
        self.set_aside()
        ref, back = self.ref(), number % BACK_EVERY == BACK_EVERY - 1
        self.intended[ref] = "correction" if back else "recheck"
        waited = self.mark_first() if back else 0.0
        self.read()
        self.page.keyboard.press("b" if back else "a")
        started = self.page.evaluate("() => performance.now()")
        self.page.keyboard.press("Enter")
        handle = self.page.wait_for_function(VISIBLE, arg=[ref, started], timeout=PATIENCE_MS, polling=10)
        self.next_after.append(float(handle.json_value()) / 1000)
        self.waits.append(waited + self.next_after[-1])
        self.deciding.append(4 if back else 2)

    def recorded(self, browser: Browser, files: int) -> float:
        """MB by which the page's process grows for so many answers that nobody keeps: what the driver that measures records.

        Chromium holds the text of each answer for whoever listens to its network, as Playwright always does; where nobody
        listens, the process does not grow (120 pages of 17 KB: 0.8 MB before and after, and 5.8 with a listener).
        """
        before = self.memory(browser, given_back=True)
        self.page.evaluate(FETCHED_AND_DROPPED, files)
        return self.memory(browser, given_back=True) - before

    def memory(self, browser: Browser, *, given_back: bool) -> float:
        """MB that the page's process holds for itself, after its scripts' rubbish was collected.

        The browser keeps pictures decoded, those of pages that are gone, too, up to a budget of its own. `given_back`: after it
        was told that memory is short, as its system tells it.
        """
        session = self.page.context.new_cdp_session(self.page)
        session.send("HeapProfiler.collectGarbage")
        if given_back:
            session.send("Memory.simulatePressureNotification", {"level": "critical"})
            self.page.wait_for_timeout(3000)
        session.detach()
        whole = browser.new_browser_cdp_session()
        processes = whole.send("SystemInfo.getProcessInfo")["processInfo"]
        whole.detach()
        return sum(own_memory(each["id"]) for each in processes if each["type"] == "renderer")


def own_memory(process: int) -> float:
    """MB that a process shares with no other."""
    lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Private_")) / 1024


def server_seconds(address: str) -> float:
    """CPU seconds that the web server of this address has used, all its processes together."""
    port, ticks = address.rpartition(":")[2], 0
    for process in Path("/proc").glob("[0-9]*"):
        try:
            words = (process / "cmdline").read_bytes().split(b"\0")
            fields = (process / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if b"granian" in words and port.encode() in words:
            ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def work(address: str, password: str, data: str, count: int) -> tuple[Day, dict[str, float]]:
    """The day itself; and what was measured beside it."""
    from playwright.sync_api import sync_playwright
    from serving import ARGUMENTS, CHROMIUM
    from visitor import Visitor

    beside(data, "fill", str(count + MORE))
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        page = browser.new_context(locale="zh-CN", viewport={"width": 1366, "height": 768}).new_page()
        Visitor(page, address).sign_in_at_work(REVIEWER, password)
        page.goto(f"{address}/desk/")
        page.locator("form.take button[value='20']").click()
        page.wait_for_selector("[data-desk] .viewer-page img", timeout=PATIENCE_MS)
        day, began, first, server = Day(page), time.monotonic(), 0.0, server_seconds(address)
        for number in range(count):
            day.one(number)
            if number == min(WARM, count - 1):
                first = day.memory(browser, given_back=True)
        beyond = {"took": time.monotonic() - began, "server": server_seconds(address) - server}
        beyond["pictures"] = day.memory(browser, given_back=False) - first
        beyond["grown"] = day.memory(browser, given_back=True) - first
        beyond["recorded"] = day.recorded(browser, max(1, count - 1 - WARM))
        browser.close()
    found = beside(data, "judge")
    beyond["wrong"] = sum(found.get(ref, {}).get("state") != state for ref, state in day.intended.items())
    beyond["unseen"] = sum(not found.get(ref, {}).get("whole", False) for ref in day.intended)
    return day, beyond


def most_of(figures: list[float]) -> float:
    """What 95 of 100 do not exceed."""
    return sorted(figures)[max(0, int(len(figures) * 0.95) - 1)]


def report(day: Day, beyond: dict[str, float]) -> Bars:
    """The figures beside their bars."""
    bars, count = Bars(), len(day.waits)
    states = list(day.intended.values())
    bars.head("reviewer's day", "measured", "bar", "")
    bars.row("files", count)
    for what, state, most in (("pass", "recheck", PASS_KEYS), ("return", "correction", BACK_KEYS)):
        bars.row(
            f"keys to {what}",
            max((k for k, s in zip(day.deciding, states, strict=True) if s == state), default=0),
            most,
        )
    bars.row("keys to read, median", statistics.median(day.turning))
    bars.row("next file visible, median", round(statistics.median(day.next_after), 3), NEXT_S, " s")
    bars.row("next file visible, 95 %", round(most_of(day.next_after), 3), unit=" s")
    bars.row(f"server's answer, 95 % of {len(day.answers)}", round(most_of(day.answers), 3), SERVER_S, " s")
    bars.row(
        "server, CPU a file (reading, deciding, fetching ahead)", round(beyond["server"] * 1000 / count, 1), unit=" ms"
    )
    bars.row("the application's wait, longest of a file", round(max(day.waits), 2), FILE_S, " s")
    bars.row("the application's wait, all files", round(sum(day.waits) / 60, 2), DAY_MIN * count / 300, " min")
    own = round(beyond["grown"] - beyond["recorded"], 1)
    bars.row("growth of the page's process from the eleventh file on", own, GROWTH_MB, " MB")
    bars.row("the same with what the driver records of the answers", round(beyond["grown"], 1), unit=" MB")
    bars.row("the same before the browser gave decoded pictures back", round(beyond["pictures"], 1), unit=" MB")
    bars.row("wrong decisions", beyond["wrong"], 0)
    bars.row("decided unseen", beyond["unseen"], 0)
    bars.row("the script took", round(beyond["took"] / 60, 1), unit=" min")
    bars.row("load of the machine", round(os.getloadavg()[0], 1))
    return bars


def main() -> int:
    reader = argparse.ArgumentParser(description=__doc__)
    reader.add_argument("act", nargs="?", default="day", choices=["day", "fill", "judge"])
    reader.add_argument("count", nargs="?", type=int, default=0)
    reader.add_argument("--files", type=int, default=300)
    reader.add_argument("--address", help="a demonstration that runs; --data is its folder")
    reader.add_argument("--data")
    chosen = reader.parse_args()
    if chosen.act == "fill":
        fill(chosen.count)
        return 0
    if chosen.act == "judge":
        judge()
        return 0
    if chosen.address:
        password = (Path(chosen.data) / "demonstration-password.txt").read_text(encoding="ascii").strip()
        return report(*work(chosen.address.rstrip("/"), password, chosen.data, chosen.files)).end()
    from serving import serve

    with tempfile.TemporaryDirectory(prefix="chuding-day-") as data, serve(Path(data)) as address:
        password = (Path(data) / "demonstration-password.txt").read_text(encoding="ascii").strip()
        return report(*work(address, password, data, chosen.files)).end()


if __name__ == "__main__":
    sys.exit(main())
