"""Task functions for the tests of this room, importable by a worker process."""

import os
import time
from pathlib import Path

from django.utils.timezone import now
from django_tasks import task

from chuding.jobs.models import Job

CALLS = []


@task()
def note(what):
    CALLS.append(what)
    return {"noted": what}


@task()
def note_and_enqueue(what):
    CALLS.append(what)
    note.enqueue(f"{what}, then")


@task()
def fail(message):
    CALLS.append(message)
    raise RuntimeError(message)


@task()
def break_a_constraint():
    Job.objects.bulk_create(Job(task="t", arguments={}, dedupe_key="k", enqueued_at=now()) for _ in range(2))


@task()
def give_back_an_object():
    return object()


@task(takes_context=True)
def tell_attempt(context):
    CALLS.append(context.attempt)
    if context.attempt < 3:
        raise RuntimeError


@task()
def wait_for_go(folder):
    """Write down that we began, wait for the file `go`, write down that we ended."""
    _append(folder, f"began {os.getpid()}")
    while not (Path(folder) / "go").exists():
        time.sleep(0.01)
    _append(folder, f"ended {os.getpid()}")


def _append(folder, line):
    with (Path(folder) / "log").open("a") as log:
        log.write(f"{line}\n")
