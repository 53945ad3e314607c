"""Workers as threads and as processes that die."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
import samples
from django.db import OperationalError, connection

from chuding.jobs import leases, worker
from chuding.jobs.models import Job
from chuding.jobs.worker import run_worker

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def threads():
    """Start workers in threads with `threads(count, **options)`; they end with the test."""
    stop, started = threading.Event(), []

    def start(count, **options):
        for _ in range(count):
            thread = threading.Thread(target=run_worker, args=(stop,), kwargs={"poll": 0.01, **options})
            thread.start()
            started.append(thread)

    yield start
    stop.set()
    for thread in started:
        thread.join()


@pytest.fixture
def processes(tmp_path):
    """Start `chuding worker` on the test's own database; what still runs at the end is killed."""
    url = os.environ.get("CHUDING_DATABASE_URL", "sqlite")
    name = str(connection.settings_dict["NAME"])
    if connection.vendor == "sqlite":
        (tmp_path / "chuding.sqlite3").symlink_to(name)
    else:
        url = f"{url.rpartition('/')[0]}/{name}"
    samples_folder = str(Path(samples.__file__).parent)
    environment = {
        **os.environ,
        "CHUDING_DATA": str(tmp_path),
        "CHUDING_DATABASE_URL": url,
        "PYTHONPATH": samples_folder,
    }
    started = []

    def start():
        process = subprocess.Popen([sys.executable, "-W", "error", "-m", "chuding", "worker"], env=environment)
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()


def until(condition, seconds=30):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.01)


def log(folder):
    file = folder / "log"
    return file.read_text().split("\n")[:-1] if file.exists() else []


def states():
    return Counter(Job.objects.values_list("state", flat=True))


def test_workers_side_by_side_do_each_job_once(threads):
    for number in range(40):
        samples.note.enqueue(number)
    threads(4)
    until(lambda: states() == {"done": 40})
    assert Counter(samples.CALLS) == Counter(range(40))


def test_long_job_keeps_its_lease(threads, tmp_path):
    samples.wait_for_go.enqueue(str(tmp_path))
    threads(2, lease=timedelta(seconds=0.6))
    until(lambda: log(tmp_path))
    time.sleep(1.5)
    (tmp_path / "go").touch()
    until(lambda: states() == {"done": 1})
    assert (len(log(tmp_path)), Job.objects.get().attempts) == (2, 1)


def test_worker_waits_for_a_database_that_is_away(threads, monkeypatch):
    real, failures = leases.claim, [OperationalError("away"), OperationalError("away")]

    def claim(*arguments, **options):
        if failures:
            raise failures.pop()
        return real(*arguments, **options)

    monkeypatch.setattr(worker.leases, "claim", claim)
    samples.note.enqueue("a")
    threads(1)
    until(lambda: states() == {"done": 1})
    assert (failures, samples.CALLS) == ([], ["a"])


def test_killed_workers_job_is_done_by_another_exactly_once_more(processes, tmp_path):
    samples.wait_for_go.enqueue(str(tmp_path))
    first = processes()
    until(lambda: log(tmp_path))
    first.send_signal(signal.SIGKILL)
    assert (first.wait(), Job.objects.get().state) == (-signal.SIGKILL, "running")
    Job.objects.update(lease_until=Job.objects.get().lease_until - worker.LEASE)  # a minute passes
    second = processes()
    until(lambda: len(log(tmp_path)) == 2)
    (tmp_path / "go").touch()
    until(lambda: states() == {"done": 1})
    second.send_signal(signal.SIGTERM)
    job = Job.objects.get()
    assert (second.wait(10), job.attempts, job.lease_until) == (0, 2, None)
    assert log(tmp_path) == [f"began {first.pid}", f"began {second.pid}", f"ended {second.pid}"]


def test_worker_told_to_stop_finishes_the_job_in_hand(processes, tmp_path):
    samples.wait_for_go.enqueue(str(tmp_path))
    samples.note.enqueue("not any more")
    process = processes()
    until(lambda: log(tmp_path))
    process.send_signal(signal.SIGTERM)
    time.sleep(0.1)
    (tmp_path / "go").touch()
    assert (process.wait(10), states()) == (0, {"done": 1, "ready": 1})
