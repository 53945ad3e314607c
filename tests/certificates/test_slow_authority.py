"""A time-stamp authority that takes its time, and a second writer: whoever writes meanwhile has committed before it answers."""

from __future__ import annotations

import queue
import threading
import time
from pathlib import Path

import pytest
from django.db import connection, transaction
from django.utils import timezone
from tsa import Served

from chuding.applications.letters import receipt_of
from chuding.applications.services.moves import subject_of
from chuding.applications.workflow import State
from chuding.certificates.archiving import renew
from chuding.certificates.models import Certificate, PaperKind
from chuding.certificates.papers import Order, issue_paper
from chuding.certificates.press import time_stamper
from chuding.decisions.services import issuing
from chuding.ledger.models import Entry
from chuding.ledger.record import record
from stage import NOW, Stage

pytestmark = pytest.mark.django_db(transaction=True)
SECONDS = 2.0


class SecondWriter(threading.Thread):
    """Writes into the ledger, over a connection of its own, as soon as the authority has been asked."""

    def __init__(self, authority):
        super().__init__()
        self.asked, self.thought, self.commits, self.fault = queue.Queue(), [], [], None
        self._answer, authority.answer = authority.answer, self._slowly

    def _slowly(self, body):
        began = time.monotonic()
        self.asked.put(began)
        time.sleep(SECONDS)
        made = self._answer(body)
        self.thought.append((began, time.monotonic()))
        return made

    def run(self):
        try:
            for _ in iter(self.asked.get, None):
                with transaction.atomic():
                    note("second")
                self.commits.append(time.monotonic())
        except Exception as fault:  # noqa: BLE001 - told by `end`, in the test's own thread
            self.fault = fault
        finally:
            connection.close()

    def end(self):
        """Wait for the last write; the authority's times with the moment of the write that fell into each."""
        self.asked.put(None)
        self.join(60)
        assert (self.fault, self.is_alive(), len(self.commits)) == (None, False, len(self.thought))
        return [(began, commit, ended) for (began, ended), commit in zip(self.thought, self.commits, strict=True)]


def note(who):
    record(action="check", subject=("writer", who), by=None, role="machine", at=NOW)


@pytest.fixture
def stage(settings):
    settings.CLOCK_OFFSET = NOW - timezone.now()
    return Stage()


@pytest.fixture
def writer(stage, settings, tmp_path):
    """Started; from here on the site asks the slow authority."""
    keys = Path(settings.SIGNING_FOLDER)
    for name, parts in (("chain", ("time.pem", "issuing.pem", "root.pem")), ("lists", ("issuing.crl", "root.crl"))):
        (tmp_path / f"{name}.pem").write_bytes(b"".join((keys / part).read_bytes() for part in parts))
    served = Served(keys, NOW)
    options = {"url": served.authority.url, "chain": str(tmp_path / "chain.pem"), "lists": str(tmp_path / "lists.pem")}
    options["timeout"] = 60
    settings.TIME_STAMPING = {"class": "chuding.connectors.timestamp.HttpTimeStamping", "options": options}
    writer = SecondWriter(served.authority)
    writer.start()
    yield writer
    writer.asked.put(None)
    writer.join(60)
    served.stop()


def test_second_writer_commits_while_the_authority_thinks(stage, writer):
    """Issuing (certificate, form, document), prolonging and a letter: five stamps, and a write inside of each wait."""
    file = stage.file_at(State.APPROVED)
    roster = stage.signed([file])
    issuing.issue_roster(ref=roster.ref, at=NOW)
    file.refresh_from_db()
    certificate = Certificate.objects.get(number=file.certificate_number)
    renew(number=certificate.number, at=NOW)
    order = Order(PaperKind.RECEIPT, subject_of(file), "again", file.applicant, "association")
    issue_paper(order, receipt_of(file), at=NOW)
    times = writer.end()
    assert [began < commit < ended for began, commit, ended in times] == [True] * len(times)
    assert (len(times), Entry.objects.filter(subject_ref="second").count()) == (5, 5)


def test_the_same_writer_would_wait_for_whoever_asks_inside_a_transaction(stage, writer):
    """That the test above can fail: here the first writer holds the ledger while it asks."""
    with transaction.atomic():
        note("first")
        time_stamper().stamp(bytes(32), at=NOW)
        asked_inside = time.monotonic()
    ((_, commit, ended),) = writer.end()
    assert ended < commit > asked_inside
