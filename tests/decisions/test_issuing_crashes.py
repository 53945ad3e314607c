"""Kill -9 in the middle of issuing, at every effect: what was acknowledged stays, nothing is half done, no number is lost.

A process of its own (`mortal.py`) issues a signed roster and kills itself before its k-th effect: a statement that writes, a
commit, a file that is renamed into its place. Then we look at the database as any later process would, and let another one
try again. k grows until one comes through.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connections

from chuding.applications.models import Application
from chuding.applications.workflow import State
from chuding.certificates.models import Certificate, CertificateSeries
from chuding.decisions.models import Document, DocumentSeries, Roster, RosterState
from chuding.decisions.services import issuing
from chuding.ledger.models import Entry
from chuding.messages.models import Message
from chuding.storage.files import store
from stage import NOW, Stage

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif("os.environ.get('CHUDING_DATABASE_URL')", reason="the child opens SQLite's file by its name"),
]
MORTAL = Path(__file__).with_name("mortal.py")


def run(ref: str, k: int) -> bool:
    """Whether a process came through that would die before its k-th effect."""
    connections.close_all()
    words = [settings.DATABASES["default"]["TEST"]["NAME"], ref, NOW.isoformat(), str(k)]
    environment = os.environ | {"CHUDING_DATA": str(settings.DATA_FOLDER), "CHUDING_DEMONSTRATION": "1"}
    child = subprocess.run([sys.executable, MORTAL, *words], env=environment, check=False)
    assert child.returncode in {0, -signal.SIGKILL}
    return child.returncode == 0


def half_done(ref: str, people: int) -> list[str]:
    """What must never be seen, whenever one looks (I5, I6, I8)."""
    roster = Roster.objects.get(ref=ref)
    issued = roster.state == RosterState.ISSUED
    certificates = Certificate.objects.count()
    documents, told = Document.objects.count(), Message.objects.filter(template="issued").count()
    states = set(Application.objects.filter(roster_entry__roster=roster).values_list("state", flat=True))
    counted = people if issued else 0
    faults = []
    if (certificates, told, documents) != (counted, counted, int(issued)):
        faults.append(f"{certificates} certificates, {told} messages, {documents} documents, issued: {issued}")
    if states != {State.ISSUED if issued else State.APPROVED}:
        faults.append(f"states {states}")
    if (DocumentSeries.objects.count(), CertificateSeries.objects.count() > 0) != (int(issued), issued):
        faults.append("a number was spent")
    if Entry.objects.filter(action="issue_certificate").count() != counted:
        faults.append("ledger and register differ")
    return faults


def sweep(step: int) -> tuple[int, int]:
    """Kill at every `step`-th effect; how many children died, and how many people there were."""
    stage = Stage()
    files = [stage.file_at(State.APPROVED) for _ in range(2)]
    roster = stage.signed(files)
    ref, k, deaths = roster.ref, 1, 0
    while not run(ref, k):
        deaths += 1
        assert (k, half_done(ref, len(files))) == (k, [])
        k += step
        assert k < 2000
    assert half_done(ref, len(files)) == []
    document = Document.objects.get()
    assert (document.number, document.serial) == ("镇技协〔2024〕2号", 2)
    assert [store().intact(row.file) for row in Certificate.objects.all()] == [True] * len(files)
    assert store().intact(document.file)
    assert issuing.issue_roster(ref=ref, at=NOW) == document
    issuing.sweep_all()
    assert not list((issuing._folder(ref)).iterdir())
    return deaths, len(files)


def test_issuing_survives_a_kill_at_every_effect() -> None:
    """Every seventh effect here; every single one is `make soak`."""
    deaths, _ = sweep(7)
    assert deaths > 2


@pytest.mark.soak
def test_issuing_survives_a_kill_at_each_single_effect() -> None:
    deaths, _ = sweep(1)
    assert deaths > 30
