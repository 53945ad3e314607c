"""The desk with a million files in the table: CPU time and statements of each page, on SQLite and on PostgreSQL.

    .venv/bin/python benchmarks/size.py [COUNT] [sqlite|postgresql …]

Each database is filled and asked in a process of its own. Medians of the whole request through Django's test client, the
server's share of the CPU included for PostgreSQL (its backend's own clock).
"""

from __future__ import annotations

import html
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "tools")]
COUNT = 1_000_000
ROUNDS = 30


def main(words: list[str]) -> int:
    count = next((int(word) for word in words if word.isdigit()), COUNT)
    wanted = [word for word in words if not word.isdigit()] or ["sqlite", "postgresql"]
    worst = 0
    for name in wanted:
        with tempfile.TemporaryDirectory(prefix="chuding-size-") as folder:
            worst = max(worst, _one(name, count, folder))
    return worst


def _one(name: str, count: int, folder: str) -> int:
    environment = {
        **os.environ,
        "CHUDING_DATA": folder,
        "CHUDING_DEMONSTRATION": "1",
        "CHUDING_HOSTS": "testserver",
        "DJANGO_SETTINGS_MODULE": "chuding.settings",
    }
    command = [sys.executable, __file__, "--inside", str(count)]
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


def inside(count: int) -> None:
    from chuding.service import set_demonstration_clock

    set_demonstration_clock(Path(os.environ["CHUDING_DATA"]))
    import django

    django.setup()
    from django.db import connection
    from django.test import Client
    from million import fill

    from chuding.accounts.models import Person
    from chuding.accounts.people import phone_index
    from chuding.applications.models import Application
    from chuding.applications.workflow import State
    from chuding.demonstration.commands import ready_the_house
    from chuding.demonstration.town import build
    from chuding.policy.notice import load_notice
    from chuding.storage.clock import now

    ready_the_house()
    build(now())
    sample = Application.objects.filter(state=State.ISSUED).order_by("id")[0]
    people = {
        key: Person.objects.get(phone_index=phone_index(phone))
        for key, phone in (
            ("reviewer", "19900000003"),
            ("rechecker", "19900000004"),
            ("signer", "19900000005"),
            ("city", "19900000006"),
        )
    }
    began = time.process_time()
    fill(count, people, [choice.path for choice in load_notice(sample.notice_id).catalogue.choices()], sample)
    print(
        f"\n{connection.vendor}: {Application.objects.count():,} files, filled in {time.process_time() - began:.0f} CPU s\n"
    )
    print("| page | CPU ms | of which in the database | statements |\n|---|---|---|---|")
    clients = {}
    for key, person in people.items():
        clients[key] = Client()
        clients[key].force_login(person)
    for who, title, address in addresses(sample):
        print(f"| {title} | {' | '.join(page(clients[who], address))} |", flush=True)


def addresses(sample: object) -> list[tuple[str, str, str]]:
    """Who opens what."""
    from chuding.applications.models import Application
    from chuding.applications.workflow import State

    del sample
    open_file = Application.objects.filter(state=State.RECHECK, ref__startswith="million").order_by("id")
    detail = next(file for file in open_file.iterator() if file.assessments.exists())
    name = detail.full_name
    return [
        ("reviewer", "queue, waiting", "/desk/?tab=received"),
        ("reviewer", "queue, my own", "/desk/?tab=mine"),
        ("reviewer", "queue, series and level", "/desk/?tab=received&series=电力工程&level=助理级"),
        ("reviewer", "queue, everything", "/desk/?tab=all"),
        ("reviewer", "queue, everything of one series", "/desk/?tab=all&series=电力工程"),
        ("reviewer", "queue, everything of one level", "/desk/?tab=all&level=中级"),
        ("reviewer", "queue, issued", "/desk/?tab=issued"),
        ("reviewer", "queue, page 2", "next:/desk/?tab=received"),
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


def page(client: object, address: str) -> tuple[str, str, str]:
    """CPU ms of a request, the database's part of it, and its statements."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    if address.startswith("next:"):
        address = address[5:]
        link = re.search(rb'href="([^"]*)" rel="next"', client.get(address).content)
        address = address.partition("?")[0] + html.unescape(link[1].decode())
    with CaptureQueriesContext(connection) as asked:
        answer = client.get(address)
        statements = len(asked)
    assert answer.status_code == 200, (address, answer.status_code)
    ours, theirs = [], []
    for _ in range(ROUNDS if cost(client, address)[0] < 300 else 3):
        mine, server = cost(client, address)
        ours.append(mine + server)
        theirs.append(server)
    database = f"{statistics.median(theirs):.1f}" if connection.vendor == "postgresql" else "in one process"
    return f"{statistics.median(ours):.1f}", database, str(statements)


def cost(client: object, address: str) -> tuple[float, float]:
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
    if sys.argv[1:2] == ["--inside"]:
        inside(int(sys.argv[2]))
    else:
        sys.exit(main(sys.argv[1:]))
