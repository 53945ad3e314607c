"""`chuding worker`. Import after `django.setup()`."""

from __future__ import annotations

import signal
import threading

import click

from chuding.jobs.worker import run_worker


@click.command()
def worker() -> None:
    """Work off the job table until SIGTERM or Ctrl-C; the job in hand is finished first."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    run_worker(stop)
