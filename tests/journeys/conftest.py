"""One demonstration site a run, with its worker, on a free port; a browser a module; and a watch over every page."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import sync_playwright
from visitor import House, Watch

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every journey needs Chromium."""
    for item in items:
        if "journeys" not in Path(item.fspath).parts:
            continue
        item.add_marker(pytest.mark.journey)
        if not CHROMIUM.exists():
            item.add_marker(pytest.mark.skip(reason="Chromium is missing: tools/system_packages.py installs it"))


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """Address and data folder of a `chuding run` with its town.

    CHUDING_JOURNEYS_TOWN may name a data folder with a finished town: a copy of it starts in a few seconds.
    """
    data = tmp_path_factory.mktemp("site") / "data"
    if ready := os.environ.get("CHUDING_JOURNEYS_TOWN"):
        shutil.copytree(ready, data)
    data.mkdir(exist_ok=True)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("CHUDING_", "DJANGO_"))}
    log = (data / "run.log").open("wb")
    site = subprocess.Popen(
        [Path(sys.executable).parent / "chuding", "run", "--port", str(port)],
        env=kept | {"CHUDING_DATA": str(data), "CHUDING_DEMONSTRATION": "1"},
        stdout=log,
        stderr=subprocess.STDOUT,
    )
    address = f"http://127.0.0.1:{port}"
    try:
        wait_for(address, site, data / "run.log")
        yield address, data
    finally:
        site.terminate()
        site.wait(timeout=30)
        log.close()


def wait_for(address: str, site: subprocess.Popen[bytes], log: Path) -> None:
    """Until the site answers; what it said, if it ends instead."""
    for _ in range(720):
        try:
            urllib.request.urlopen(f"{address}/healthz", timeout=2).close()
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            if site.poll() is not None:
                pytest.fail(f"the site ended: {log.read_text(encoding='utf-8', errors='replace')[-2000:]}")
            time.sleep(0.25)
        else:
            return
    pytest.fail("the site did not answer within three minutes")


@pytest.fixture(scope="session")
def sessions() -> dict[str, Path]:
    """Who has signed in during this run: one code a minute and phone is the site's own limit."""
    return {}


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """A browser for one module: two of Playwright's drivers cannot be open in one process."""
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def house(served: tuple[str, Path], chromium: Browser, sessions: dict[str, Path]) -> Iterator[House]:
    """The site in a browser; afterwards no page may have complained or asked anybody else for anything."""
    address, data = served
    watch = Watch(address)
    yield House(chromium, address, data, watch, sessions)
    assert watch.complaints == []
