"""Every check and test, as `make test` runs them: one line a leg, pytest's own closing line last, the worst exit code.

    .venv/bin/python tools/run_tests.py [pytest's own words, for a part of the suite]
    .venv/bin/python tools/run_tests.py --soak

The PostgreSQL leg runs on a temporary cluster of its own, with the durability settings of production: the tests that
together send it every statement which the SQLite leg sent (tests/statements.py). `--soak` runs the long forms of the
tests instead, and everything that touches the database on PostgreSQL.
"""

from __future__ import annotations

import os
import pwd
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from system_packages import postgresql, provide

from chuding.paper.glyphs import fonts_folder

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent
BIN = ROOT / ".venv" / "bin"
ROOM = 6 << 30  # bytes; a whole run leaves about one sixth of it behind while it goes on
NO_TESTS = 5  # pytest's exit code when a selection is empty
LINT = (
    ("ruff check", ["ruff", "check", "-q", "."]),
    ("ruff format", ["ruff", "format", "-q", "--check", "."]),
    ("import-linter", ["lint-imports", "--no-cache"]),
    ("mypy", ["mypy"]),
)


def main(words: list[str]) -> int:
    soak = words == ["--soak"]
    words = [] if soak else words
    # The tests start hundreds of processes: each would compile Django anew where the machine says that nothing is kept.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    for sentence in provide():
        print(sentence, flush=True)
    # One more than the cores of the smallest machine: browsers, disks and sleeping workers are waited for a third of the
    # time.
    parallel = ["-n", str((os.cpu_count() or 2) + 1), "--dist", "loadgroup"]
    with in_memory(), tempfile.TemporaryDirectory(prefix="chuding-statements-") as folder, ThreadPoolExecutor() as pool:
        notes = {} if soak else {"CHUDING_TEST_STATEMENTS": folder}
        # Types take one core a minute: beside the tests, which leave one to it here and there, and not before them.
        checks = [] if words or soak else [pool.submit(lint, name, command) for name, command in LINT]
        worst = tests("SQLite", [*parallel, "-m", "soak" if soak else "not soak", *words], "sqlite", notes)
        for said, code in (check.result() for check in checks):
            print(said, flush=True)
            worst = max(worst, code)
        return max(worst, postgresql_leg([*parallel, "-m", "not soak and not journey", "--db-only", *words], notes))


@contextmanager
def in_memory() -> Iterator[None]:
    """Let everything that the tests write lie in memory, where there is room; a folder in TMPDIR is the caller's wish.

    Every write of a test waits for its disk as in production; on a slow disk a quarter of the run is that waiting.
    """
    memory = Path("/dev/shm")
    try:
        free = shutil.disk_usage(memory).free
        available = re.search(r"MemAvailable:\s+(\d+) kB", Path("/proc/meminfo").read_text(encoding="ascii"))
    except OSError:
        free, available = 0, None
    if "TMPDIR" in os.environ or free < ROOM or available is None or int(available[1]) * 1024 < 2 * ROOM:
        yield
        return
    with tempfile.TemporaryDirectory(prefix="chuding-", dir=memory, ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)  # PostgreSQL runs as somebody else
        os.environ["TMPDIR"] = tempfile.tempdir = folder
        try:
            yield
        finally:
            tempfile.tempdir = None
            del os.environ["TMPDIR"]


def postgresql_leg(words: list[str], notes: dict[str, str]) -> int:
    programs = postgresql()
    if programs is None:
        return 0  # system_packages has said why
    try:
        with cluster(programs) as url:
            return tests("PostgreSQL", words, url, notes)
    except ClusterError as fault:
        print(f"left out: the PostgreSQL leg ({fault})", flush=True)
        return 1


def lint(name: str, command: list[str]) -> tuple[str, int]:
    """Run one of the checks: its line, with all that it says if it fails, and its exit code."""
    began = time.monotonic()
    done = subprocess.run([BIN / command[0], *command[1:]], cwd=ROOT, capture_output=True, text=True, check=False)
    said = f"ok ({time.monotonic() - began:.0f} s)" if done.returncode == 0 else f"FAILED\n{done.stdout}{done.stderr}"
    return f"{name}: {said}", done.returncode


def tests(name: str, words: list[str], database: str, notes: dict[str, str]) -> int:
    """Run pytest on one database in a data folder that is thrown away; its own last line closes the leg.

    The tables are made and the fonts unpacked once, here: every worker starts from a copy (tests/conftest.py).
    """
    print(f"tests on {name}:", flush=True)
    with tempfile.TemporaryDirectory(prefix="chuding-tests-") as data:
        environment = {**os.environ, **notes, "CHUDING_DATABASE_URL": database, "CHUDING_DATA": data}
        migrate = [BIN / "django-admin", "migrate", "--settings", "chuding.settings", "--verbosity", "0"]
        if subprocess.run(migrate, cwd=ROOT, env=environment, check=False).returncode:
            return 1
        fonts_folder(Path(data))
        environment["CHUDING_TEST_TABLES"] = f"{data}/chuding.sqlite3" if database == "sqlite" else Path(database).name
        code = subprocess.run([BIN / "pytest", *words], cwd=ROOT, env=environment, check=False).returncode
    return 0 if code == NO_TESTS else code


class ClusterError(Exception):
    """The temporary PostgreSQL did not come up."""


@contextmanager
def cluster(programs: Path) -> Iterator[str]:
    """Start a temporary PostgreSQL, yield its URL, and leave nothing behind."""
    folder = Path(tempfile.mkdtemp(prefix="chuding-postgresql-"))
    # PostgreSQL refuses to run as root.
    user = _servant() if os.geteuid() == 0 else None
    if user is not None:
        os.chown(folder, user.pw_uid, user.pw_gid)
    data, port = folder / "data", _free_port()
    # Emptying every table in one transaction, as transactional tests do, locks each table and index.
    options = f"-c max_locks_per_transaction=512 -c listen_addresses=127.0.0.1 -c port={port} -c unix_socket_directories={folder} -c max_connections=60"
    try:
        _as(user, [programs / "initdb", "-D", data, "-U", "chuding", "-A", "trust", "-E", "UTF8", "--locale=C"])
        _as(user, [programs / "pg_ctl", "-D", data, "-l", folder / "log", "-w", "-t", "60", "-o", options, "start"])
        _as(user, [programs / "createdb", "-h", "127.0.0.1", "-p", str(port), "-U", "chuding", "chuding"])
        try:
            yield f"postgresql://chuding@127.0.0.1:{port}/chuding"
        finally:
            _as(user, [programs / "pg_ctl", "-D", data, "-m", "fast", "-w", "stop"])
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _servant() -> pwd.struct_passwd:
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise ClusterError("root needs a user `postgres` or `nobody` to run the server as")


def _as(user: pwd.struct_passwd | None, words: list[str | Path]) -> None:
    who = {} if user is None else {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    # The server inherits its starter's output, so a pipe would never close: a file takes it.
    with tempfile.TemporaryFile("w+") as said:
        done = subprocess.run(words, stdout=said, stderr=subprocess.STDOUT, cwd="/", check=False, **who)
        if done.returncode:
            said.seek(0)
            last = (said.read().strip().splitlines() or ["no reason given"])[-1]
            raise ClusterError(f"{Path(words[0]).name} failed: {last}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _leave(number: int, _: object) -> None:
    sys.exit(128 + number)  # so that the cluster is stopped on the way out


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, _leave)
    sys.exit(main(sys.argv[1:]))
