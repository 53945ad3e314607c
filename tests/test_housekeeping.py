"""The nightly work, booked once a night and done for good."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from chuding.housekeeping import book_next, nightly
from chuding.jobs.models import Job
from chuding.jobs.worker import run_pending
from chuding.messages.models import Message
from chuding.storage import clock
from stage import SHANGHAI


def test_a_night_is_booked_once(db: None) -> None:
    at = datetime(2024, 7, 1, 10, 0, tzinfo=SHANGHAI)
    book_next(at)
    book_next(at + timedelta(hours=3))
    job = Job.objects.get()
    assert (job.dedupe_key, job.run_at) == ("nightly:2024-07-02", datetime(2024, 7, 2, 3, 0, tzinfo=SHANGHAI))


def test_before_three_the_same_night_is_booked(db: None) -> None:
    book_next(datetime(2024, 7, 1, 1, 0, tzinfo=SHANGHAI))
    assert Job.objects.get().dedupe_key == "nightly:2024-07-01"


def test_nightly_signs_the_ledger_and_books_the_next(
    db: None, monkeypatch: pytest.MonkeyPatch, data_folder: object
) -> None:
    night = datetime(2024, 7, 2, 3, 0, tzinfo=SHANGHAI)
    monkeypatch.setattr(clock, "now", lambda: night)
    monkeypatch.setattr("chuding.housekeeping.now", lambda: night)
    book_next(night - timedelta(hours=12))
    for days in (30, 32):
        Message.objects.create(phone="13800000000", template="code", text="", created_at=night - timedelta(days=days))
    assert run_pending(night) == 4, "the night itself, the status lists, the archives, and the seals"
    assert Job.objects.get(dedupe_key="nightly:2024-07-02").state == "done"
    assert Job.objects.get(dedupe_key="nightly:2024-07-03").state == "ready"
    assert nightly.func.__name__ == "nightly"
    assert [row.created_at for row in Message.objects.all()] == [night - timedelta(days=30)], "codes are forgotten"
