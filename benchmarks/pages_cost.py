"""What the pages cost: CPU milliseconds and statements of the queue, a file's page and the self-check; a whole application.

In this process, through Django's test client, on a fresh demonstration town in a temporary folder (SQLite, FULL). CPU time
of this process, medians; the preflight's own sandbox process is not in it and is told apart.
Run: .venv/bin/python benchmarks/pages_cost.py [--rounds 40]
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

if __name__ == "__main__":  # a test imports this into a site of its own
    sys.path[:0] = [str(Path(__file__).resolve().parent), str(Path(__file__).resolve().parent.parent / "tests")]
    FOLDER = tempfile.TemporaryDirectory(prefix="chuding-bench-")
    os.environ |= {
        "CHUDING_DATA": FOLDER.name,
        "CHUDING_DATABASE_URL": "sqlite",
        "CHUDING_DEMONSTRATION": "1",
        "CHUDING_HOSTS": "testserver",
        "DJANGO_SETTINGS_MODULE": "chuding.settings",
    }

    import django

    from chuding.service import set_demonstration_clock

    set_demonstration_clock(Path(FOLDER.name))
    django.setup()

from bars import Bars, cpu_ms, here
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from chuding.accounts.models import Person
from chuding.accounts.people import phone_index
from chuding.applications.models import Application
from chuding.applications.translate import declaration_of
from chuding.applications.workflow import State
from chuding.certificates.award import Award
from chuding.certificates.models import Certificate, new_token
from chuding.certificates.press import seal, typesetter
from chuding.certificates.services import page_before_issue, prepare, seal_form, verification_address
from chuding.demonstration.commands import ready_the_house
from chuding.demonstration.headless import drive
from chuding.demonstration.town import build
from chuding.paper.mandate import Mandate
from chuding.storage.clock import now
from signing_in import signed_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# Issue 6 point 8: CPU ms and statements of a list, of a file.
LIST, FILE = (15.0, 8), (15.0, 12)


def page(client: Client, address: str, rounds: int) -> tuple[float, int]:
    """CPU ms and statements of one page, of the second visit on: the first one of a session writes that it came."""
    assert client.get(address).status_code == 200, address
    with CaptureQueriesContext(connection) as queries:
        client.get(address)
        statements = len(queries)
    return cpu_ms(lambda: client.get(address), rounds), statements


def person(phone: str) -> Person:
    return Person.objects.get(phone_index=phone_index(phone))


def pages(bars: Bars, rounds: int) -> None:
    reviewer, anonymous = signed_in(person("19900000003")), Client()
    file = Application.objects.filter(state=State.RECHECK).order_by("id")[0]
    draft = Application.objects.filter(state=State.DRAFT).order_by("id")[0]
    bars.head("page", "CPU ms", "statements", "bars here, ms and statements", "")
    for name, client, address, (most_ms, most) in (
        ("front page", anonymous, "/", (None, None)),
        ("self-check form", anonymous, "/check/", (None, None)),
        ("notice, whole", anonymous, "/notice/", (None, None)),
        ("review queue", reviewer, "/desk/", LIST),
        ("file page of the desk", reviewer, f"/desk/{file.ref}/", FILE),
        ("applicant's task list", signed_in(draft.applicant), f"/applications/{draft.ref}/", (None, None)),
    ):
        cost, statements = page(client, address, rounds)
        bar = None if most_ms is None else here(most_ms)
        held = bars.held(name, (round(cost, 1), bar), (statements, most))
        said = "" if bar is None else f"{bar:g}, {most}"
        print(f"| {name} | {cost:.1f} | {statements} | {said} | {held} |", flush=True)


def papers(rounds: int) -> Iterator[tuple[str, float]]:
    """A certificate's parts, and a form's. Each time another page, as the typesetter keeps what it has seen."""
    first = Certificate.objects.order_by("id")[0]
    award, at = Award.read(first.award), now()
    content, turns = page_before_issue(award), iter(range(10**6))
    pdf = typesetter().certificate(content, at)
    file = Application.objects.get(number=award.application_number)
    said = declaration_of(file, award, verification_address(first.token))
    form = typesetter().declaration(said, at)
    mandate = Mandate("certificate", ("application", award.application_number), award.canonical().decode())
    works: dict[str, Callable[[], object]] = {
        "form typeset": lambda: typesetter().declaration(replace(said, phone=f"1380000{next(turns):04d}"), at),
        "form signed, with time stamp": lambda: seal_form(form, award, at=at),
        "certificate typeset": lambda: typesetter().certificate(
            replace(content, certificate_number=f"预览{next(turns)}"), at
        ),
        "certificate signed, with time stamp": lambda: seal(
            pdf, office=award.office, mandate=mandate, at=at, reason="x"
        ),
        "certificate as issued: second code, typeset, signed": lambda: prepare(
            award, ahead=1 + next(turns), token=new_token(), at=at
        ),
    }
    for name, work in works.items():
        yield f"{name}, CPU ms", cpu_ms(work, rounds)


def whole(times: int) -> float:
    """Sign-in to certificate by the services: CPU ms a case; a call drives one junior and one intermediate one."""
    with tempfile.TemporaryDirectory() as out:
        drive(Path(out))
        found = []
        for _ in range(times):
            start = time.process_time()
            drive(Path(out))
            found.append((time.process_time() - start) * 500)
    return statistics.median(found)


def main() -> int:
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--rounds", type=int, default=40)
    rounds = words.parse_args().rounds
    bars = Bars()
    ready_the_house()
    began = time.process_time()
    count = build(now())
    filled = time.process_time() - began
    pages(bars, rounds)
    print()
    bars.head("what", "cost")
    print(f"| filling the town ({count} files), CPU s | {filled:.1f} |")
    for name, cost in papers(rounds):
        print(f"| {name} | {cost:.1f} |", flush=True)
    print(
        f"| a whole application, sign-in to verified certificate, CPU ms | {whole(max(1, min(3, rounds // 2))):.0f} |"
    )
    return bars.end()


if __name__ == "__main__":
    try:
        code = main()
    finally:
        FOLDER.cleanup()
    sys.exit(code)
