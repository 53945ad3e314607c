"""`chuding worker`. Import after `django.setup()`."""

from __future__ import annotations

import signal
import threading

import click

from chuding.jobs.worker import run_worker


@click.command()
def worker() -> None:
    """处理后台任务，直到收到 SIGTERM 或 Ctrl-C；手头的一件做完才停。"""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    run_worker(stop)
