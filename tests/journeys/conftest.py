"""One demonstration site a run, with its worker, on a free port; a browser a module; and a watch over every page."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import sync_playwright
from serving import ARGUMENTS, CHROMIUM, serve
from visitor import House, Watch

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser


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
    ready = os.environ.get("CHUDING_JOURNEYS_TOWN")
    with serve(data, Path(ready) if ready else None) as address:
        yield address, data


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
