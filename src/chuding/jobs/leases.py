"""Who works on which job: claim, renew, finish, fail, and pick up what a dead worker left.

A lease runs on the machine's clock and is renewed while its worker lives. Every write after the claim names the worker
and the attempt, so a worker that lost its lease (stopped for minutes, then continued) changes nothing any more.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet
from django.utils import timezone
from django_tasks.utils import get_module_path

from chuding.jobs.models import Job, JobState

MAX_ATTEMPTS = 5
# How long to wait after the first, second, ... failure; after the fifth the job waits for a person.
BACKOFF = (timedelta(seconds=10), timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30))
ERROR_LENGTH = 8000


def claim(worker: str, *, at: datetime, lease: timedelta) -> Job | None:
    """Take the most urgent job that is due at `at`, or None; no two workers are ever given the same."""
    # Reading first keeps an idle worker out of SQLite's queue of writers.
    if not Job.objects.filter(state=JobState.READY, run_at__lte=at).exists():
        return None
    skip = "FOR UPDATE SKIP LOCKED" if connection.vendor == "postgresql" else ""
    table = connection.ops.quote_name(Job._meta.db_table)  # noqa: SLF001 - Django's public-by-custom API
    moment = timezone.now()
    # "= (…)" and not "IN (…)": PostgreSQL may run the latter once a row, and then takes more jobs than the LIMIT says.
    sql = f"""
        UPDATE {table} SET state = %s, worker = %s, lease_until = %s, started_at = %s, attempts = attempts + 1
        WHERE id = (
            SELECT id FROM {table} WHERE state = 'ready' AND run_at <= %s ORDER BY priority DESC, id LIMIT 1 {skip}
        ) RETURNING id
    """  # noqa: S608 - the variable parts are our own table's name and a constant
    times = [connection.ops.adapt_datetimefield_value(time) for time in (moment + lease, moment, at)]
    with connection.cursor() as cursor:
        cursor.execute(sql, [JobState.RUNNING, worker, *times])
        row = cursor.fetchone()
    return Job.objects.get(pk=row[0]) if row else None


def renew(job: Job, *, lease: timedelta) -> bool:
    """Prolong the lease; False when it has been lost to another worker."""
    return _mine(job).update(lease_until=timezone.now() + lease) == 1


def finish(job: Job, *, result: Any, at: datetime) -> bool:
    """Note that the job is done; False when the lease had been lost, and then nothing is changed."""
    return _mine(job).update(state=JobState.DONE, result=result, lease_until=None, finished_at=at) == 1


def fail(job: Job, *, error: str, at: datetime) -> JobState | None:
    """Put a failed job off, or give it up after the fifth attempt; return its new state, None when the lease was lost."""
    error = error[:ERROR_LENGTH].replace("\0", "�")
    if job.attempts >= MAX_ATTEMPTS:
        changed = _mine(job).update(state=JobState.DEAD, error=error, lease_until=None, finished_at=at)
        return JobState.DEAD if changed else None
    due = at + BACKOFF[job.attempts - 1]
    changed = _mine(job).update(state=JobState.READY, error=error, lease_until=None, run_at=due)
    return JobState.READY if changed else None


def recover(*, at: datetime) -> int:
    """Make the jobs of dead workers ready again, or give up those that have outlived five workers; return how many."""
    expired = Job.objects.filter(state=JobState.RUNNING, lease_until__lt=timezone.now())
    if not expired.exists():
        return 0
    spent = Q(attempts__gte=MAX_ATTEMPTS)
    lost = "chuding.jobs.leases.WorkerLost\nthe worker died or stood still during this job, five times"
    dead = expired.filter(spent).update(state=JobState.DEAD, error=lost, lease_until=None, finished_at=at)
    return dead + expired.exclude(spent).update(state=JobState.READY, lease_until=None)


def put_off(job: Job, *, reason: NotYet, at: datetime) -> bool:
    """Let a job wait without counting the attempt; False when the lease had been lost."""
    return (
        _mine(job).update(
            state=JobState.READY,
            run_at=at + reason.wait,
            attempts=job.attempts - 1,
            error=f"{get_module_path(NotYet)}\n{reason}"[:ERROR_LENGTH],
            lease_until=None,
        )
        == 1
    )


def revive(job_id: int) -> bool:
    """Give a dead job five new attempts, due at once: for the person who has removed the cause."""
    return (
        Job.objects.filter(pk=job_id, state=JobState.DEAD).update(
            state=JobState.READY,
            attempts=0,
            finished_at=None,
        )
        == 1
    )


def forget(*, before: datetime) -> int:
    """Remove the jobs done before a time, and with them their keys; dead ones stay. Returns how many."""
    return Job.objects.filter(state=JobState.DONE, finished_at__lt=before).delete()[0]


class NotYet(Exception):  # noqa: N818 - it says when
    """A job cannot be done now through no fault of its own (a service outside is away): put it off, as often as it takes.

    The sentence is kept with the job, and says in Chinese what is waited for.
    """

    def __init__(self, sentence: str, wait: timedelta = timedelta(minutes=2)) -> None:
        super().__init__(sentence)
        self.wait = wait


class WorkerLost(Exception):  # noqa: N818 - it names an event
    """The error kept with a job whose workers died."""


def _mine(job: Job) -> QuerySet[Job]:
    return Job.objects.filter(pk=job.pk, state=JobState.RUNNING, worker=job.worker, attempts=job.attempts)
