"""The town that `make run` fills, before anybody does anything in it: named so that it is the first of the journeys."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest

from chuding.applications.workflow import State
from chuding.demonstration.cast import STAGES, characters

pytestmark = pytest.mark.xdist_group("site")  # one process, so one site

CHUDING = Path(sys.executable).parent / "chuding"


def _settled(state: str) -> str:
    """The worker issues what was approved by a signed list as soon as it comes to it."""
    return str(State.ISSUED if state == State.APPROVED else state)


def test_town_has_people_at_every_stage(served: tuple[str, Path]) -> None:
    _, data = served
    with closing(sqlite3.connect(f"file:{data / 'chuding.sqlite3'}?mode=ro", uri=True)) as tables:
        states = Counter(_settled(state) for (state,) in tables.execute("SELECT state FROM applications_application"))
        appeals = tables.execute(
            "SELECT file.state, appeal.upheld, appeal.decided_by_id IS NOT NULL FROM applications_appeal appeal"
            " JOIN applications_application file ON file.id = appeal.application_id"
        ).fetchall()
    expected: Counter[str] = Counter()
    for state, number in STAGES:
        expected[_settled(state)] += number
    expected[State.RECEIVED] += len(characters()) - sum(number for _, number in STAGES)
    assert states == expected
    assert sorted(appeals) == [(State.APPEALED, None, 0), (State.REFUSED, 1, 1)]


def test_ledger_of_the_town_is_whole(served: tuple[str, Path]) -> None:
    _, data = served
    environment = os.environ | {"CHUDING_DATA": str(data), "CHUDING_DATABASE_URL": "sqlite"}
    done = subprocess.run([CHUDING, "ledger", "verify"], env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout[:2]) == (0, "完好")
