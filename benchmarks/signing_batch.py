"""A batch at the signing desk (U6): clicks, statements and CPU of every page from the waiting files to two hundred certificates.

    .venv/bin/python benchmarks/signing_batch.py [--people 200]

Works through the pages by their own forms: what a button sends is read off the page, with what is ticked there, and every
link, tick and button that a person must press is a click. The worker's part is timed by the clock, until the last
certificate is issued. On SQLite, in a folder of its own. A figure over its bar ends it with 1.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING, Any

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "tests"), str(HERE.parent / "tests" / "applications")]

from bars import Bars

if TYPE_CHECKING:
    from django.test import Client

    from chuding.applications.models import Application

PEOPLE = 200
# experience.md U6: clicks of all three people together, seconds until all certificates are issued.
CLICKS, SECONDS = 25, 60


def main() -> int:
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--people", type=int, default=PEOPLE)
    people = words.parse_args().people
    with tempfile.TemporaryDirectory(prefix="chuding-batch-") as folder:
        environment = {
            **os.environ,
            "CHUDING_DATA": folder,
            "CHUDING_DEMONSTRATION": "1",
            "CHUDING_HOSTS": "testserver",
            "CHUDING_DATABASE_URL": "sqlite",
            "DJANGO_SETTINGS_MODULE": "chuding.settings",
        }
        command = [sys.executable, __file__, "--inside", str(people)]
        return subprocess.run(command, env=environment, check=False).returncode


def inside(people: int) -> int:
    """Bring so many files to the city's desk, and one batch of them to its certificates."""
    from chuding.service import set_demonstration_clock

    set_demonstration_clock(Path(os.environ["CHUDING_DATA"]))
    import django

    django.setup()
    from chuding.applications.workflow import State
    from chuding.demonstration.commands import ready_the_house
    from chuding.jobs.worker import run_pending
    from chuding.storage.clock import now
    from stage import Stage

    ready_the_house()
    stage = Stage()
    file = stage.file_at(State.CITY, "中级")
    twins(stage, file, people - 1)
    while run_pending(now()):
        pass
    return work(stage, people).end()


def twins(stage: Any, file: Application, count: int) -> None:
    """More like this one, with schooling, work and a report; their papers are not opened at this desk."""
    from desk_steps import crowd
    from django.db import transaction

    from chuding.ledger.record import entries_about, record

    happened = list(entries_about(("application", file.ref)))
    with transaction.atomic():
        made = crowd(stage, file, count)
    for twin in made:
        for act in happened:  # who reviewed and who rechecked is asked of the ledger
            by = twin.applicant if act.by == file.applicant else act.by
            with transaction.atomic():
                record(
                    action=act.action, subject=("application", twin.ref), by=by, role=act.role, at=act.at,
                    reason=act.reason, data=act.data,
                )  # fmt: skip
        for part in (file.educations, file.spells):
            for row in part.all():
                row.pk, row.application = None, twin
                row.save(force_insert=True)


# ---- pages as a person uses them ----


class Forms(HTMLParser):
    """The forms of a page: what each button would send."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.forms: list[tuple[str, list[tuple[str, str]], list[tuple[str, str, str]]]] = []
        self._pressed: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append((said.get("action", ""), [], []))
        elif tag == "input" and self.forms and said.get("name"):
            if said.get("type") not in {"checkbox", "radio"} or "checked" in said:
                self.forms[-1][1].append((said["name"], said.get("value", "")))
        elif tag == "button" and self.forms:
            self._pressed = [said.get("name", ""), said.get("value", "")]

    def handle_data(self, data: str) -> None:
        if self._pressed and data.strip():
            self.forms[-1][2].append((data.strip(), *self._pressed))  # type: ignore[arg-type]
            self._pressed = []

    def press(self, text: str) -> tuple[str, dict[str, list[str]]]:
        """Where the form of the button with this text goes, and what it sends."""
        for action, fields, buttons in self.forms:
            for said, name, value in buttons:
                if said.startswith(text):
                    sent: dict[str, list[str]] = {}
                    for key, each in [*fields, *([(name, value)] if name else [])]:
                        sent.setdefault(key, []).append(each)
                    return action, sent
        raise LookupError(f"no button {text!r}")


class Desk:
    """One person at the desk: counts clicks, statements and CPU of what they open and send."""

    def __init__(self, client: Client, bars: Bars) -> None:
        self.client, self.bars, self.clicks, self.cpu = client, bars, 0, 0.0
        self.page, self.at = "", ""

    def open(self, what: str, address: str) -> None:
        """Follow a link: one click."""
        self._ask(what, lambda: self.client.get(address, follow=True), 1)

    def press(self, what: str, button: str, *, typed: dict[str, str] | None = None) -> None:
        """Press a button of the page; each thing ticked or typed before is a click more."""
        action, sent = Forms(self.page).press(button)
        more = typed or {}
        self._ask(what, lambda: self.client.post(action or self.at, sent | more, follow=True), 1 + len(more))

    def _ask(self, what: str, act: Any, clicks: int) -> None:
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        began = time.process_time()
        with CaptureQueriesContext(connection) as asked:
            answer = act()
        seconds = time.process_time() - began
        assert answer.status_code == 200, (what, answer.status_code)
        self.clicks, self.cpu = self.clicks + clicks, self.cpu + seconds
        self.page, self.at = answer.content.decode(), answer.request["PATH_INFO"]
        print(f"| {what} | {clicks} | {len(asked)} | {seconds * 1000:.0f} |", flush=True)


def work(stage: Any, people: int) -> Bars:
    """From C1 to the certificates, by the city office's drafter, verifier and signer."""
    from chuding.decisions.models import Roster, RosterState
    from chuding.jobs.worker import run_pending
    from chuding.storage.clock import now
    from signing_in import signed_in
    from stage import code_of

    bars = Bars()
    print(f"\n{people} people\n\n| act | clicks | statements | CPU ms |\n|---|---|---|---|")
    first, second = stage.town.signers("city")
    signer, drafter, verifier = (
        Desk(signed_in(person), bars) for person in (first, stage.town.officer("city", "drafter"), second)
    )
    signer.open("the waiting files", "/decisions/approvals/")
    signer.press("the names of those ticked", "下一步")
    signer.press("approved", "审批通过")
    drafter.open("who waits for a document", "/decisions/")
    drafter.press("drafted", "把勾选的人员列入名单")
    roster = Roster.objects.get()
    address = f"/decisions/rosters/{roster.ref}/"
    assert roster.entries.count() == people, (roster.entries.count(), people)
    verifier.open("the list, to be verified", address)
    verifier.press("verified", "核稿通过", typed={"sure": "yes"})
    signer.open("the list, to be signed", address)
    signer.open("what is signed", f"{address}?sign")
    signer.press("signed", "签发", typed={"sure": "yes", "step_up_code": code_of(first, now())})
    began, cpu = time.monotonic(), time.process_time()
    while Roster.objects.get().state == RosterState.SIGNED and run_pending(now()):
        pass
    seconds, cpu = time.monotonic() - began, time.process_time() - cpu
    made = Roster.objects.get()
    assert made.state == RosterState.ISSUED, (
        made.state,
        made.problem,
        *made.entries.values_list("problem", flat=True)[:3],
    )
    signer.open("all issued", f"{address}status/")
    desks = (signer, drafter, verifier)
    print()
    bars.head("what", "measured", "bar", "")
    bars.row("U6 clicks of the three together", sum(desk.clicks for desk in desks), CLICKS)
    bars.row("CPU of their pages", round(sum(desk.cpu for desk in desks), 1), unit=" s")
    bars.row(f"U6 {people} certificates issued", round(seconds, 1), SECONDS, " s")
    bars.row("CPU of the worker, the database's included", round(cpu, 1), unit=" s")
    print(f"\nload {os.getloadavg()[0]:.1f}")
    return bars


if __name__ == "__main__":
    sys.exit(inside(int(sys.argv[2])) if sys.argv[1:2] == ["--inside"] else main())
