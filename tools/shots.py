"""Screenshots of every page as each role at 320, 768 and 1366 px: `make shots`, or `tools/shots.py OUT [ADDRESS]`.

Without an address it serves a fresh demonstration town of its own, on a free port, and ends it afterwards; with one, the
officers' password stands in DEMONSTRATION_PASSWORD.
"""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.sync_api import sync_playwright

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

WIDTHS = (320, 768, 1366)
CHROMIUM = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PUBLIC = {
    "home": "/",
    "guide": "/guide/",
    "notice": "/notice/",
    "catalogue": "/catalogue/search/?q=电气工程",
    "check": "/check/",
    "verify": "/verify/",
    "verify-file": "/verify/file/",
    "help": "/help/",
    "privacy": "/privacy/",
    "accessibility": "/accessibility/",
    "sign-in": "/sign-in/",
    "outbox": "/outbox/",
    "lost": "/no-such-page/",
}
ROLES = {
    "applicant": ("19900000001", {"mine": "/applications/", "me": "/me/", "inbox": "/inbox/"}),
    "employer": (
        "19900000002",
        {
            "home": "/employer/",
            "staff": "/employer/staff/",
            "import": "/employer/staff/import/",
            "clerks": "/employer/clerks/",
        },
    ),
    "reviewer": (
        "19900000003",
        {
            "desk": "/desk/",
            "search": "/desk/search/?q=wang",
            "search-filters": "/desk/search/?level=中级",
            "exports": "/desk/exports/",
        },
    ),
    "rechecker": ("19900000004", {"desk": "/desk/"}),
    "association": (
        "19900000005",
        {"desk": "/desk/", "decisions": "/decisions/", "revocations": "/decisions/revocations/"},
    ),
    "city": ("19900000006", {"desk": "/desk/", "decisions": "/decisions/"}),
}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def site(folder: str | None = None) -> Iterator[tuple[str, str]]:
    """A fresh town, served until the block ends: its address and its officers' password; in `folder`, to look into it."""
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="chuding-shots-") as own:
        environment = os.environ | {"CHUDING_DATA": folder or own}
        server = subprocess.Popen(
            [Path(sys.executable).parent / "chuding", "run", "--port", str(port)], env=environment
        )
        address = f"http://127.0.0.1:{port}"
        try:
            for _ in range(600):
                try:
                    urllib.request.urlopen(f"{address}/healthz", timeout=2)
                    break
                except (urllib.error.URLError, ConnectionError, TimeoutError):
                    time.sleep(0.5)
            yield address, (Path(folder or own) / "demonstration-password.txt").read_text(encoding="ascii")
        finally:
            server.terminate()
            server.wait(timeout=30)


def sign_in(page: Page, address: str, phone: str) -> None:
    """By the code that the demonstration shows on its outbox page."""
    page.goto(f"{address}/sign-in/")
    page.locator("input[name=phone]").fill(phone)
    page.locator("main form button").first.click()
    code = ""
    for _ in range(60):
        with page.context.new_page() as outbox:
            outbox.goto(f"{address}/outbox/")
            text = outbox.locator("main").inner_text()
        found = re.search(rf"{phone}[\s\S]{{0,120}}?验证码(\d{{6}})", text) or re.search(
            rf"验证码(\d{{6}})[\s\S]{{0,120}}?{phone}", text
        )
        if found:
            code = found[1]
            break
        time.sleep(0.5)
    page.locator("input[name=code]").fill(code)
    page.locator("main form button").first.click()
    page.wait_for_load_state()


def sign_in_at_work(page: Page, address: str, phone: str, password: str) -> None:
    """Password and authenticator, as people of the offices sign in; the outbox page shows the code."""
    page.goto(f"{address}/sign-in/password/")
    page.locator("input[name=phone]").fill(phone)
    page.locator("input[name=password]").fill(password)
    page.locator("main form button").first.click()
    with page.context.new_page() as outbox:
        outbox.goto(f"{address}/outbox/?refresh=off")
        code = outbox.locator(f'[data-code-of="{phone}"]').text_content() or ""
    page.locator("input[name=code]").fill(code.strip())
    page.locator("main form button").first.click()
    page.wait_for_load_state()


def shoot(page: Page, name: str, out: Path, complaints: list[str]) -> None:
    """One page at every width; a page that scrolls sideways is a complaint."""
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        page.wait_for_timeout(120)
        wide = page.evaluate("() => document.documentElement.scrollWidth")
        if wide > width:
            complaints.append(f"{name} scrolls sideways at {width} px ({wide})")
        page.screenshot(path=str(out / f"{name}-{width}.png"), full_page=True)


def visit(browser: Browser, address: str, out: Path, password: str) -> list[str]:
    complaints: list[str] = []
    context = browser.new_context(locale="zh-CN")
    page = context.new_page()
    for name, path in PUBLIC.items():
        page.goto(address + path)
        shoot(page, f"public-{name}", out, complaints)
    context.close()
    for role, (phone, pages) in ROLES.items():
        context = browser.new_context(locale="zh-CN")
        page = context.new_page()
        if role in {"applicant", "employer"}:
            sign_in(page, address, phone)
        else:
            sign_in_at_work(page, address, phone, password)
        for name, path in pages.items():
            answer = page.goto(address + path)
            if answer is None or answer.status != 200:
                complaints.append(f"{role} {path} answers {answer.status if answer else 'nothing'}")
            shoot(page, f"{role}-{name}", out, complaints)
            first = page.locator("main table a, main .card a, main ul.cards a").first
            if name in {"desk", "home", "decisions"} and first.count():
                first.click()
                page.wait_for_load_state()
                shoot(page, f"{role}-{name}-first", out, complaints)
        context.close()
    return complaints


def main(out: Path, address: str | None) -> None:
    out.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path="/usr/bin/chromium", args=CHROMIUM)
        if address:
            complaints = visit(browser, address, out, os.environ["DEMONSTRATION_PASSWORD"])
        else:
            with site() as (own, password):
                complaints = visit(browser, own, out, password)
        browser.close()
    for complaint in complaints:
        print(complaint)
    print(f"{len(list(out.glob('*.png')))} pictures in {out}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2].rstrip("/") if len(sys.argv) > 2 else None)
