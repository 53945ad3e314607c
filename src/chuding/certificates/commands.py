"""`chuding archive`: prolong the proof of issued certificates by hand; the worker does it by night."""

from __future__ import annotations

import sys
from datetime import timedelta

import click

from chuding.certificates.archiving import MARGIN, due, renew
from chuding.jobs.leases import NotYet
from chuding.storage.clock import now


@click.command()
@click.option(
    "--days", default=MARGIN.days, show_default=True, type=click.IntRange(0), help="证明期在多少天内结束的证书"
)
def archive(days: int) -> None:
    """为证明期快到的证书加盖存档时间戳（平时由后台任务每夜办理）。"""
    numbers = due(at=now(), margin=timedelta(days=days))
    try:
        for number in numbers:
            renew(number=number, at=now())
            click.echo(number)
    except NotYet as reason:
        sys.exit(f"没有做完：{reason}。已加盖的有效，稍后再运行即可。")
    click.echo(f"共加盖 {len(numbers)} 张。")
