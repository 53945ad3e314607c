"""Starting the site: a port that is taken is said before anything starts."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

CHUDING = Path(sys.executable).parent / "chuding"


def run(tmp_path: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"CHUDING_DATA": str(tmp_path / "data"), "CHUDING_DATABASE_URL": "sqlite"}
    return subprocess.run(
        [CHUDING, "run", *words], env=environment, capture_output=True, text=True, timeout=60, check=False
    )


def test_a_taken_port_is_said_at_once(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = run(tmp_path, "--port", str(port))
    assert done.returncode == 1
    assert done.stderr.strip() == f"端口 {port} 已被占用，请先停掉占用它的程序，或换一个端口：--port {port + 1}"


def test_a_port_that_cannot_be_is_refused_in_one_line(tmp_path: Path) -> None:
    done = run(tmp_path, "--port", "99999")
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_what_was_started_ends_with_a_parent_that_was_killed() -> None:
    """An orphan would go on serving, and hold the port against the site that is started again."""
    code = (
        "import sys, time\nfrom chuding.service import _start\n"
        "print(_start([sys.executable, '-c', 'import time; time.sleep(600)']).pid, flush=True)\ntime.sleep(600)"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        child = Path("/proc") / parent.stdout.readline().strip() / "stat"
        assert child.exists()
        parent.send_signal(signal.SIGKILL)
    until = time.monotonic() + 60
    while time.monotonic() < until and child.exists() and child.read_text().rpartition(")")[2].split()[0] != "Z":
        time.sleep(0.05)
    assert not child.exists() or child.read_text().rpartition(")")[2].split()[0] == "Z"
