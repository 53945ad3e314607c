"""What the pages cost: CPU milliseconds and statements of the queue, a file's page and the self-check; a whole application.

In this process, through Django's test client, on a fresh demonstration town in a temporary folder (SQLite, FULL). CPU time
of this thread's process, medians; the preflight's own sandbox process is not in it and is told apart.
Run: .venv/bin/python benchmarks/site.py
"""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

FOLDER = tempfile.TemporaryDirectory(prefix="chuding-bench-")
os.environ |= {
    "CHUDING_DATA": FOLDER.name,
    "CHUDING_DEMONSTRATION": "1",
    "CHUDING_HOSTS": "testserver",
    "DJANGO_SETTINGS_MODULE": "chuding.settings",
}

import django

from chuding.service import set_demonstration_clock

set_demonstration_clock(Path(FOLDER.name))
django.setup()

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from chuding.accounts.models import Person
from chuding.accounts.people import phone_index
from chuding.applications.models import Application
from chuding.applications.translate import assess_file, award_of, local_day
from chuding.applications.workflow import State
from chuding.certificates.press import seal, typesetter
from chuding.certificates.services import _page
from chuding.demonstration.commands import ready_the_house
from chuding.demonstration.headless import Stage, drive
from chuding.demonstration.town import build
from chuding.storage.clock import now

if TYPE_CHECKING:
    from collections.abc import Callable


def cpu_ms(act: Callable[[], object], rounds: int) -> float:
    """Median CPU time of one call, in ms, after a warm-up."""
    act()
    times = []
    for _ in range(rounds):
        start = time.process_time_ns()
        act()
        times.append((time.process_time_ns() - start) / 1e6)
    return statistics.median(times)


def page(client: Client, address: str, rounds: int = 40) -> tuple[float, int]:
    """CPU ms and statements of one page."""
    with CaptureQueriesContext(connection) as queries:
        answer = client.get(address)
        statements = len(queries)
    assert answer.status_code == 200, (address, answer.status_code)
    return cpu_ms(lambda: client.get(address), rounds), statements


def client_of(phone: str) -> Client:
    client = Client()
    client.force_login(Person.objects.get(phone_index=phone_index(phone)))
    return client


def figures() -> list[tuple[str, str]]:
    ready_the_house()
    began = time.process_time()
    count = build(now())
    rows: list[tuple[str, str]] = [(f"fill the town ({count} files), CPU s", f"{time.process_time() - began:.1f}")]
    reviewer = client_of("19900000003")
    anonymous = Client()
    file = Application.objects.filter(state=State.RECHECK).order_by("id")[0]
    draft = Application.objects.filter(state=State.DRAFT).order_by("id")[0]
    applicant = Client()
    applicant.force_login(draft.applicant)
    for name, client, address in (
        ("front page", anonymous, "/"),
        ("self-check form", anonymous, "/check/"),
        ("notice, whole", anonymous, "/notice/"),
        ("review queue", reviewer, "/desk/"),
        ("file page of the desk", reviewer, f"/desk/{file.ref}/"),
        ("applicant's task list", applicant, f"/applications/{draft.ref}/"),
    ):
        cost, statements = page(client, address)
        rows.append((f"{name}: CPU ms / statements", f"{cost:.1f} / {statements}"))
    rows += papers()
    rows += whole()
    return rows


def papers() -> list[tuple[str, str]]:
    file = Application.objects.filter(state=State.ISSUED).order_by("id")[0]
    at = now()
    report = assess_file(file, local_day(file.submitted_at or at))
    award = award_of(
        file,
        report=report,
        office="association",
        issuer="镇江市职工技术协会",
        document_number="镇技协〔2024〕9号",
        approved_on=local_day(at),
    )
    data = _page(award, "ZJX2024200000112", "x" * 22)
    pdf = typesetter().certificate(data, at)
    return [
        ("certificate typeset, CPU ms", f"{cpu_ms(lambda: typesetter().certificate(data, at), 40):.1f}"),
        ("certificate signed, CPU ms", f"{cpu_ms(lambda: seal(pdf, office='association', at=at, reason='x'), 40):.2f}"),
    ]


def whole() -> list[tuple[str, str]]:
    """Sign-in to certificate by the services, two cases a call (one junior, one intermediate)."""
    with tempfile.TemporaryDirectory() as out:
        Stage()
        drive(Path(out))
        times: list[float] = []
        for _ in range(3):
            start = time.process_time()
            drive(Path(out))
            times.append((time.process_time() - start) * 500)
    return [("a whole application, sign-in to verified certificate, CPU ms", f"{statistics.median(times):.0f}")]


def main() -> None:
    for name, value in figures():
        print(f"| {name} | {value} |")


if __name__ == "__main__":
    main()
    FOLDER.cleanup()
