"""Do what is to be done: in the process of the caller (tests, headless demonstration) or as a worker of its own."""

from __future__ import annotations

import logging
import os
import socket
import threading
import traceback
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import Error, close_old_connections, connection, transaction
from django.utils.crypto import get_random_string
from django.utils.module_loading import import_string
from django_tasks.base import Task, TaskContext
from django_tasks.utils import get_module_path, normalize_json

from chuding.jobs import leases
from chuding.jobs.backend import result_of
from chuding.storage import clock

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from chuding.jobs.models import Job

logger = logging.getLogger("chuding.jobs")

LEASE = timedelta(seconds=60)
# In the caller's process nobody renews the lease, so it covers the longest job.
INLINE_LEASE = timedelta(minutes=30)
POLL = 0.5


def run_pending(at: datetime | None = None, *, most: int | None = None) -> int:
    """Run everything that is due at `at` (now, if not given), new jobs that they enqueue included; at most `most` jobs.

    Returns how many runs that were, failed ones counted: a failed job is put off, never raised here.
    """
    moment = clock.now() if at is None else at
    worker = _name()
    leases.recover(at=moment)
    runs = 0
    while runs != most and (job := leases.claim(worker, at=moment, lease=INLINE_LEASE)) is not None:
        _run(job, at=moment)
        runs += 1
    return runs


def run_worker(stop: threading.Event, *, poll: float = POLL, lease: timedelta = LEASE) -> None:
    """Work until `stop` is set; the job in hand is finished first. A database that is away is waited for."""
    worker = _name()
    heartbeat = _Heartbeat(lease)
    heartbeat.start()
    try:
        while not stop.is_set():
            if not _one_round(worker, heartbeat, lease):
                stop.wait(poll)
    finally:
        heartbeat.stop()
        connection.close()


def _one_round(worker: str, heartbeat: _Heartbeat, lease: timedelta) -> bool:
    """Take and run one job; False when there was none, or the database is away."""
    try:
        close_old_connections()
        leases.recover(at=clock.now())
        job = leases.claim(worker, at=clock.now(), lease=lease)
        if job is None:
            return False
        heartbeat.watch(job)
        try:
            _run(job, at=None)
        finally:
            heartbeat.watch(None)
    except Error:
        # The lease expires and another attempt follows; what matters is that this worker lives on.
        logger.exception("the database did not answer; the worker tries again")
        connection.close()
        return False
    return True


def _run(job: Job, *, at: datetime | None) -> None:
    """Call the task function and write down how it went. `at` stands still in tests; a worker's clock goes on."""
    try:
        task: Task[..., object] = import_string(job.task)
        context = [TaskContext(task_result=result_of(job, task, task.backend))] if task.takes_context else []
        with _contained():
            result = normalize_json(task.call(*context, *job.arguments["args"], **job.arguments["kwargs"]))
    except leases.NotYet as reason:
        leases.put_off(job, reason=reason, at=at or clock.now())
        logger.warning("job %s %s waits: %s", job.pk, job.task, reason)
    except Exception as fault:  # noqa: BLE001 - whatever a job raises is written down and tried again
        error = f"{get_module_path(type(fault))}\n{''.join(traceback.format_exception(fault))}"
        state = leases.fail(job, error=error, at=at or clock.now())
        # The message may hold a person's data; it stays in the database, and the log names only its kind.
        logger.warning("job %s %s failed (%s), attempt %s: %s", job.pk, job.task, _kind(fault), job.attempts, state)
    else:
        if not leases.finish(job, result=result, at=at or clock.now()):
            logger.warning("job %s %s outlived its lease; another worker has it", job.pk, job.task)


@contextmanager
def _contained() -> Iterator[None]:
    """Keep a job's database error from spoiling the transaction around it, which only a caller of run_pending has."""
    if not connection.in_atomic_block:
        yield
        return
    point = transaction.savepoint()
    try:
        yield
    except Error:
        transaction.set_rollback(False)
        transaction.savepoint_rollback(point)
        raise


class _Heartbeat:
    """Renews the lease of the job in hand from a thread of its own, so that a long job is not taken for a dead one."""

    def __init__(self, lease: timedelta) -> None:
        self._lease = lease
        self._job: Job | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="lease", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join()

    def watch(self, job: Job | None) -> None:
        self._job = job

    def _beat(self) -> None:
        try:
            while not self._stop.wait(self._lease.total_seconds() / 3):
                job = self._job
                if job is not None:
                    self._renew(job)
        finally:
            connection.close()

    def _renew(self, job: Job) -> None:
        try:
            leases.renew(job, lease=self._lease)
        except Error:
            logger.exception("the lease of job %s could not be renewed", job.pk)
            connection.close()


def _kind(fault: BaseException) -> str:
    return get_module_path(type(fault))


def _name() -> str:
    return f"{socket.gethostname()[:20]}:{os.getpid()}:{get_random_string(8)}"
