"""A reviewer's day in the browser: headless Chromium, one reviewer, 300 files, by keys (`--files N` for fewer).

    .venv/bin/python benchmarks/reviewer_day.py

Prints keys a file, the seconds that the application made the reviewer wait, memory growth, and mistakes: a decision that
was not the one intended, or on a file of which a required page was never on the screen. A mistake ends it with 1.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "tools"), str(ROOT / "tests"), str(ROOT / "tests" / "applications")]

if TYPE_CHECKING:
    from playwright.sync_api import Page

REVIEWER = "19900000003"
# Every tenth file goes back with the second common reason of its first material.
BACK_EVERY = 10
# No page image and no answer takes longer than this, or the day is over.
PATIENCE_MS = 60_000

VISIBLE = """([ref, started]) => {
    const desk = document.querySelector("[data-desk]");
    if (!desk || desk.dataset.file === ref) { return 0; }
    const image = desk.querySelector(".viewer-page img");
    return image && image.complete && image.naturalWidth ? performance.now() - started : 0;
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
    from chuding.accounts.models import OfficeRole
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

    # The town's own files stay out of this day.
    Application.objects.filter(state="received").update(due_on=today() + timedelta(days=90))
    Application.objects.filter(state="reviewing").update(
        lease_until=now() + timedelta(days=30), reviewer=OfficeRole.objects.get(role="rechecker").person_id
    )
    begun = Application.objects.filter(number__startswith="ZJCD2024", number__endswith="D").count()
    for n in range(begun, begun + count):
        person = add_person(phone=f"1997{n:07d}", name=f"样例{n}", at=now())
        file = twin(
            base, ref=new_ref(), number=f"ZJCD2024{n:06d}D", applicant=person, identity_index=f"day-{n}",
            due_on=today() + timedelta(days=n % 9), alike=False, employer_uscc="", employer=None,
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
        self.waits: list[float] = []
        self.intended: dict[str, str] = {}
        self.keys = 0

    def press(self, key: str) -> None:
        self.keys += 1
        self.page.keyboard.press(key)

    def ref(self) -> str:
        return str(self.page.evaluate("() => document.querySelector('[data-desk]')?.dataset.file || ''"))

    def read(self) -> None:
        """Every page of every document, by the space bar."""
        before = self.keys
        for _ in range(200):
            if self.page.evaluate("() => DeskViewer.unseen()") == 0:
                break
            self.page.wait_for_timeout(450)  # reading; the page counts a picture after two looks at it
            if self.page.evaluate("() => DeskViewer.unseen()") == 0:
                break
            self.press("Space")
        self.turning.append(self.keys - before)

    def decide(self, number: int) -> None:
        ref, before = self.ref(), self.keys
        back = number % BACK_EVERY == BACK_EVERY - 1
        self.intended[ref] = "correction" if back else "recheck"
        if back:
            self.press("1")
            self.keys -= 1  # finding the document is reading
            self.press("x")
            self.press("2")
            self.page.wait_for_selector("#act-send_back ul li", timeout=PATIENCE_MS)
            self.press("b")
        else:
            self.press("a")
        started = self.page.evaluate("() => performance.now()")
        self.press("Enter")
        handle = self.page.wait_for_function(VISIBLE, arg=[ref, started], timeout=PATIENCE_MS, polling=10)
        self.waits.append(float(handle.json_value()) / 1000)
        self.deciding.append(self.keys - before)

    def memory(self) -> float:
        session = self.page.context.new_cdp_session(self.page)
        session.send("HeapProfiler.collectGarbage")
        metrics = (
            {m["name"]: m["value"] for m in session.send("Performance.getMetrics")["metrics"]}
            if self.enabled(session)
            else {}
        )
        session.detach()
        return metrics.get("JSHeapUsedSize", 0) / 1e6

    @staticmethod
    def enabled(session: Any) -> bool:
        session.send("Performance.enable")
        return True


def work(address: str, password: str, data: str, count: int) -> dict[str, Any]:
    from playwright.sync_api import sync_playwright
    from shots import CHROMIUM, sign_in_at_work

    beside(data, "fill", str(count + 1))
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path="/usr/bin/chromium", args=CHROMIUM)
        page = browser.new_context(locale="zh-CN", viewport={"width": 1366, "height": 768}).new_page()
        sign_in_at_work(page, address, REVIEWER, password)
        page.goto(f"{address}/desk/")
        page.locator("form.take button[value='20']").click()
        page.wait_for_selector("[data-desk] .viewer-page img", timeout=PATIENCE_MS)
        day, began, first = Day(page), time.monotonic(), 0.0
        for number in range(count):
            day.read()
            day.decide(number)
            if number == min(10, count - 1):
                first = day.memory()
        last = day.memory()
        took = time.monotonic() - began
        browser.close()
    found = beside(data, "judge")
    wrong = [ref for ref, state in day.intended.items() if found.get(ref, {}).get("state") != state]
    unseen = [ref for ref in day.intended if not found.get(ref, {}).get("whole", False)]
    passes = [keys for keys, state in zip(day.deciding, day.intended.values(), strict=True) if state == "recheck"]
    backs = [keys for keys, state in zip(day.deciding, day.intended.values(), strict=True) if state == "correction"]
    return {
        "files": count,
        "keys to pass": max(passes, default=0),
        "keys to return": max(backs, default=0),
        "keys to read, median": statistics.median(day.turning),
        "wait, median s": round(statistics.median(day.waits), 3),
        "wait, 95 % s": round(sorted(day.waits)[int(len(day.waits) * 0.95) - 1], 3),
        "wait, whole day s": round(sum(day.waits), 1),
        "memory growth MB": round(last - first, 1),
        "the script took min": round(took / 60, 1),
        "wrong decisions": len(wrong),
        "decided unseen": len(unseen),
    }


def main() -> int:
    reader = argparse.ArgumentParser(description=__doc__)
    reader.add_argument("act", nargs="?", default="day", choices=["day", "fill", "judge"])
    reader.add_argument("count", nargs="?", type=int, default=0)
    reader.add_argument("--files", type=int, default=300)
    chosen = reader.parse_args()
    if chosen.act == "fill":
        fill(chosen.count)
        return 0
    if chosen.act == "judge":
        judge()
        return 0
    from shots import site

    with tempfile.TemporaryDirectory(prefix="chuding-day-") as data, site(data) as (address, password):
        figures = work(address, password, data, chosen.files)
    for name, value in figures.items():
        print(f"| {name} | {value} |")
    return int(bool(figures["wrong decisions"] or figures["decided unseen"]))


if __name__ == "__main__":
    sys.exit(main())
