"""The Django Tasks API over our own lease table: enqueue() is an INSERT in the caller's transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.module_loading import import_string
from django_tasks.backends.base import BaseTaskBackend
from django_tasks.base import Task, TaskError, TaskResult, TaskResultStatus
from django_tasks.exceptions import TaskResultDoesNotExist
from django_tasks.signals import task_enqueued
from django_tasks.utils import normalize_json

from chuding.jobs.models import AT_ONCE, Job, JobState
from chuding.storage import clock

if TYPE_CHECKING:
    from collections.abc import Sequence

STATUS = {
    JobState.READY: TaskResultStatus.READY,
    JobState.RUNNING: TaskResultStatus.RUNNING,
    JobState.DONE: TaskResultStatus.SUCCESSFUL,
    JobState.DEAD: TaskResultStatus.FAILED,
}


class LeaseBackend(BaseTaskBackend):
    """Jobs in the database of the application: rolled back with the act that enqueued them, durable with it."""

    supports_defer = True
    supports_get_result = True
    supports_priority = True

    def enqueue(self, task: Task[..., Any], args: Any, kwargs: Any) -> TaskResult[Any]:
        """Put a job into the table; it becomes visible to workers when the caller's transaction commits."""
        self.validate_task(task)
        job = _job(task, args, kwargs)
        job.save(force_insert=True)
        result = result_of(job, task, self.alias)
        task_enqueued.send(type(self), task_result=result)
        return result

    def get_result(self, result_id: str) -> TaskResult[Any]:
        """Return how far a job got; TaskResultDoesNotExist where there is none of that number."""
        job = Job.objects.filter(pk=int(result_id)).first() if result_id.isascii() and result_id.isdigit() else None
        if job is None:
            raise TaskResultDoesNotExist(result_id)
        return result_of(job, import_string(job.task), self.alias)


def enqueue_once(task: Task[..., Any], *, key: str, **kwargs: Any) -> TaskResult[Any]:
    """Enqueue a job unless one was enqueued under the same key (at most 200 characters); return the one that holds it.

    The key is remembered as long as the row is kept, also after the job is done: `sms:4711` is sent once. Work that
    comes again carries its occasion in the key (`digest:2024-07-01`).
    """
    backend = task.get_backend()
    backend.validate_task(task)
    job = _job(task, (), kwargs)
    job.dedupe_key = key
    Job.objects.bulk_create([job], ignore_conflicts=True)
    return result_of(Job.objects.get(dedupe_key=key), task, backend.alias)


def result_of(job: Job, task: Task[..., Any], alias: str) -> TaskResult[Any]:
    """Translate a row into what the Django Tasks API shows."""
    result: TaskResult[Any] = TaskResult(
        task=task.using(priority=job.priority, queue_name=job.queue, run_after=_put_off_to(job)),
        id=str(job.pk),
        status=STATUS[JobState(job.state)],
        enqueued_at=job.enqueued_at,
        started_at=job.started_at,
        last_attempted_at=job.started_at,
        finished_at=job.finished_at,
        args=job.arguments["args"],
        kwargs=job.arguments["kwargs"],
        backend=alias,
        errors=_errors(job),
        worker_ids=[job.worker] * job.attempts,
    )
    object.__setattr__(result, "_return_value", job.result)
    return result


def _job(task: Task[..., Any], args: Sequence[Any], kwargs: dict[str, Any]) -> Job:
    return Job(
        task=task.module_path,
        arguments={"args": normalize_json(list(args)), "kwargs": normalize_json(kwargs)},
        priority=task.priority,
        queue=task.queue_name,
        run_at=task.run_after or AT_ONCE,
        enqueued_at=clock.now(),
    )


def _put_off_to(job: Job) -> Any:
    return None if job.run_at == AT_ONCE else job.run_at


def _errors(job: Job) -> list[TaskError]:
    if not job.error:
        return []
    path, _, trace = job.error.partition("\n")
    return [TaskError(exception_class_path=path, traceback=trace)]
