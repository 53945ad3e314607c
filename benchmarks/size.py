"""The desk with a million files in the table: CPU time and statements of each page, on SQLite and on PostgreSQL.

    .venv/bin/python benchmarks/size.py [COUNT] [sqlite|postgresql …] [--pretalx COUNT] [--keep FOLDER]

Each database is filled and asked in a process of its own; with `--keep` SQLite's files stay in that folder, and the next
run asks them without filling anew. Medians of the whole request through Django's test client, the server's share of the CPU included for PostgreSQL (its backend's own clock). Statements are those of a session's first
visit in a minute, which saves when it was seen. Bars of issue 6 point 8: a list 15 ms and 8
statements, a file 15 ms and 12; one that is missed ends it with 1. Beside ours, in the same run, pretalx's review list
(`pretalx_list.py`, an environment of its own) with `--pretalx` proposals on SQLite; 0 leaves it out.
"""

from __future__ import annotations

import argparse
import html
import os
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "tools"), str(HERE.parent / "tests")]

from bars import Bars, here

if TYPE_CHECKING:
    from django.test import Client

    from chuding.accounts.models import Person
    from chuding.applications.models import Application

COUNT, ROUNDS, PROPOSALS = 1_000_000, 30, 10_000
# CPU ms and statements.
LIST, FILE = (15.0, 8), (15.0, 12)
# A page that takes longer than this is asked a few times only.
SLOW_MS = 300.0


def main() -> int:
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("count", nargs="?", type=int, default=COUNT)
    words.add_argument("databases", nargs="*", default=["sqlite", "postgresql"])
    words.add_argument("--rounds", type=int, default=ROUNDS)
    words.add_argument("--pretalx", type=int, default=PROPOSALS)
    words.add_argument("--keep", type=Path)
    options = words.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the cluster is stopped on the way out
    worst = 0
    for name in options.databases:
        with tempfile.TemporaryDirectory(prefix="chuding-size-") as folder:
            kept = str(options.keep.resolve()) if options.keep and name == "sqlite" else folder
            worst = max(worst, _one(name, [str(options.count), str(options.rounds)], kept))
    if options.pretalx:
        from pretalx_list import run

        worst = max(worst, run(options.pretalx))
    return worst


def _one(name: str, words: list[str], folder: str) -> int:
    environment = {
        **os.environ,
        "CHUDING_DATA": folder,
        "CHUDING_DEMONSTRATION": "1",
        "CHUDING_HOSTS": "testserver",
        "DJANGO_SETTINGS_MODULE": "chuding.settings",
    }
    command = [sys.executable, __file__, "--inside", *words]
    if name == "sqlite":
        return subprocess.run(command, env={**environment, "CHUDING_DATABASE_URL": "sqlite"}, check=False).returncode
    from run_tests import cluster
    from system_packages import postgresql

    programs = postgresql()
    if programs is None:
        return 1
    with cluster(programs) as url:
        there = url.rpartition("/")[0] + "/postgres"  # the one database that is there from the start
        return subprocess.run(command, env={**environment, "CHUDING_DATABASE_URL": there}, check=False).returncode


def inside(count: int, rounds: int) -> int:
    """Fill the table where no earlier run did, and open every page."""
    from chuding.service import set_demonstration_clock

    set_demonstration_clock(Path(os.environ["CHUDING_DATA"]))
    import django

    django.setup()
    from chuding.demonstration.commands import ready_the_house

    ready_the_house()
    if not filled(count):
        found_and_fill(count)
    return measure(rounds).end()


def filled(count: int) -> bool:
    """Whether an earlier run left as many files here."""
    from chuding.applications.models import Application

    return Application.objects.filter(ref__startswith="million").count() >= count


def found_and_fill(count: int) -> None:
    """Found the town, bring one file to its certificate, and multiply it."""
    from chuding.applications.workflow import State
    from chuding.jobs.worker import run_pending
    from chuding.storage.clock import now
    from stage import Stage

    stage = Stage()
    sample = stage.file_at(State.ISSUED)
    while run_pending(now()):  # what the worker reads on the scans belongs to a file's page
        pass
    multiply(sample, count)


def officers() -> dict[str, Person]:
    """Whose pages are opened: the reviewer, the rechecker and the two who sign."""
    from chuding.accounts.models import Person
    from chuding.accounts.people import phone_index
    from chuding.demonstration.cast import OFFICERS

    chosen = dict(zip(("reviewer", "rechecker", "signer", "city"), OFFICERS[2:6], strict=True))
    return {duty: Person.objects.get(phone_index=phone_index(who.phone)) for duty, who in chosen.items()}


def multiply(sample: Application, count: int) -> None:
    """Fill the table with so many files like the sample; on the database that is open."""
    from django.db import connection
    from million import fill

    from chuding.applications.models import Application
    from chuding.policy.notice import load_notice

    began = time.process_time()
    specialties = [choice.path for choice in load_notice(sample.notice_id).catalogue.choices()]
    rows = fill(count, officers(), specialties, sample)
    seconds = time.process_time() - began
    print(f"\n{connection.vendor}: {Application.objects.count():,} files, {rows:,} rows, filled in {seconds:.0f} CPU s")


def measure(rounds: int) -> Bars:
    """Ask for the pages; on the database that is open."""
    from django.db import connection

    from signing_in import signed_in

    print(f"\n{connection.vendor}, load {os.getloadavg()[0]:.1f}\n")
    people = officers()
    bars = Bars()
    bars.head("page", "CPU ms", "of which in the database", "statements", "bars here, ms and statements", "")
    clients = {key: signed_in(person) for key, person in people.items()}
    for who, title, address in addresses():
        total, server, statements = page(clients[who], address, rounds)
        most_ms, most = FILE if title == "a file" else LIST
        bar = here(most_ms)
        held = bars.held(f"{connection.vendor}, {title}", (total, bar), (statements, most))
        database = f"{server:.1f}" if connection.vendor == "postgresql" else "in one process"
        print(f"| {title} | {total:.1f} | {database} | {statements} | {bar:g}, {most} | {held} |", flush=True)
    return bars


def addresses() -> list[tuple[str, str, str]]:
    """Who opens what."""
    from chuding.applications.models import Application
    from chuding.applications.workflow import State

    detail = Application.objects.filter(state=State.RECHECK, ref__startswith="million").order_by("id")[0]
    name = detail.full_name
    return [
        ("reviewer", "queue, waiting", "/desk/?tab=received"),
        ("reviewer", "queue, my own", "/desk/?tab=mine"),
        ("reviewer", "queue, series and level", "/desk/?tab=received&series=电力工程&level=助理级"),
        ("reviewer", "queue, everything", "/desk/?tab=all"),
        ("reviewer", "queue, everything of one series", "/desk/?tab=all&series=电力工程"),
        ("reviewer", "queue, everything of one level", "/desk/?tab=all&level=中级"),
        ("reviewer", "queue, issued", "/desk/?tab=issued"),
        ("reviewer", "queue, page 2", "next:/desk/?tab=all"),
        ("reviewer", "search: a name", f"/desk/search/?q={name}"),
        ("reviewer", "search: a surname", f"/desk/search/?q={name[0]}"),
        ("reviewer", "search: a surname, one level and state", f"/desk/search/?q={name[0]}&level=中级&state=recheck"),
        ("reviewer", "search: initials", "/desk/search/?q=wx"),
        ("reviewer", "search: the end of a number", f"/desk/search/?q={detail.number[-4:]}"),
        ("reviewer", "search: a whole number", f"/desk/search/?q={detail.number}"),
        ("reviewer", "search: part of an employer", "/desk/search/?q=机械第1"),
        ("reviewer", "search: one employer", f"/desk/search/?employer={detail.employer_name}"),
        ("reviewer", "search: year and level", "/desk/search/?year=2020&level=中级"),
        (
            "reviewer",
            "search: year, series, level, state",
            "/desk/search/?year=2020&level=中级&series=电力工程&state=issued",
        ),
        ("rechecker", "recheck queue", "/desk/"),
        ("rechecker", "a file", f"/desk/{detail.ref}/"),
        ("signer", "signing queue", "/desk/"),
        ("signer", "rosters", "/decisions/"),
        ("city", "city's queue", "/desk/"),
        ("city", "city's, everything", "/desk/?tab=all"),
    ]


def page(client: Client, address: str, rounds: int) -> tuple[float, float, int]:
    """CPU ms of a request, the database's part of it, and the statements of a session's first visit in a minute."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    if address.startswith("next:"):
        address = address[5:]
        link = re.search(rb'href="([^"]*)" rel="next"', client.get(address).content)
        assert link, f"{address} has no second page"
        address = address.partition("?")[0] + html.unescape(link[1].decode())
    answer = client.get(address)
    assert answer.status_code == 200, (address, answer.status_code)
    age(client)
    with CaptureQueriesContext(connection) as asked:
        client.get(address)
        statements = len(asked)
    found = [cost(client, address)]
    found += [cost(client, address) for _ in range(rounds if sum(found[0]) < SLOW_MS else min(rounds, 3))]
    ours = statistics.median(mine + server for mine, server in found)
    return round(ours, 1), round(statistics.median(server for _, server in found), 1), statements


def age(client: Client) -> None:
    """Let a minute have gone by since this session was seen."""
    from chuding.accounts import visits
    from chuding.notices import shelf
    from chuding.storage.clock import now

    session = client.session
    session[visits.SEEN] = (now() - timedelta(minutes=1)).isoformat()
    session.save()
    shelf.timeline()  # as the thread of a server process keeps it


def cost(client: Client, address: str) -> tuple[float, float]:
    """CPU ms of one request in this process, and in PostgreSQL's backend (0 on SQLite)."""
    backend = _backend()
    server, start = _clock(backend), time.process_time_ns()
    client.get(address)
    mine = (time.process_time_ns() - start) / 1e6
    return mine, (_clock(backend) - server) * 1e3


def _backend() -> int | None:
    from django.db import connection

    if connection.vendor != "postgresql":
        return None
    connection.ensure_connection()
    return int(connection.connection.info.backend_pid)


def _clock(process: int | None) -> float:
    """Seconds of CPU that a process has used, to the nanosecond where the kernel says so."""
    if process is None:
        return 0.0
    return int(Path(f"/proc/{process}/schedstat").read_text().split()[0]) / 1e9


if __name__ == "__main__":
    sys.exit(inside(int(sys.argv[2]), int(sys.argv[3])) if sys.argv[1:2] == ["--inside"] else main())
