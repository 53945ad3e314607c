"""A demonstration site on a free port, with its worker, and the browser to look at it: for journeys, pictures and benchmarks."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

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


class SiteEndedError(RuntimeError):
    """The site ended, or did not answer within ten minutes."""


@contextmanager
def serve(data: Path, town: Path | None = None) -> Iterator[str]:
    """`chuding run` on this folder until the block ends: its address. `town`: a finished town, of which a copy is served."""
    if town:
        shutil.copytree(town, data, dirs_exist_ok=True)
    data.mkdir(parents=True, exist_ok=True)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("CHUDING_", "DJANGO_"))}
    with (data / "run.log").open("wb") as log:
        site = subprocess.Popen(
            [Path(sys.executable).parent / "chuding", "run", "--port", str(port)],
            env=kept | {"CHUDING_DATA": str(data), "CHUDING_DEMONSTRATION": "1"},
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        address = f"http://127.0.0.1:{port}"
        try:
            _wait_for(address, site, data / "run.log")
            yield address
        finally:
            site.terminate()
            site.wait(timeout=30)


def _wait_for(address: str, site: subprocess.Popen[bytes], log: Path) -> None:
    """Until the site answers; what it said, if it ends instead."""
    for _ in range(2400):
        try:
            urllib.request.urlopen(f"{address}/healthz", timeout=2).close()
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            if site.poll() is not None:
                said = log.read_text(encoding="utf-8", errors="replace")[-2000:]
                raise SiteEndedError(f"the site ended: {said}") from None
            time.sleep(0.25)
        else:
            return
    raise SiteEndedError("the site did not answer within ten minutes")
