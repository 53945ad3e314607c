"""`chuding ledger verify` and `chuding ledger checkpoint`. Import after `django.setup()`."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict

import click
from django.db import DatabaseError

from chuding.ledger.verify import BrokenLedger, verify, write_checkpoint
from chuding.storage import clock

UNREADABLE = "读不到操作记录：数据库还没有建好，或连接不上。请先运行 chuding prepare，并检查 CHUDING_DATABASE_URL。"


@click.group()
def ledger() -> None:
    """操作记录：逐条核对，签署检查点。"""


@ledger.command("verify")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON")
def verify_command(*, as_json: bool) -> None:
    """逐条核对全部记录和检查点；有问题时指出第一条，并以 1 退出。"""
    try:
        report = verify()
    except DatabaseError as fault:
        raise click.ClickException(UNREADABLE) from fault
    if as_json:
        click.echo(json.dumps({"valid": report.fault is None, **asdict(report)}, ensure_ascii=False))
    elif report.fault is None:
        click.echo(f"完好：{report.entries} 条记录，{report.checkpoints} 个检查点，树根 {report.root}")
    else:
        click.echo(f"有问题（{report.fault.kind}）：{report.fault.detail}。走到这里共核对 {report.entries} 条。")
    sys.exit(0 if report.fault is None else 1)


@ledger.command("checkpoint")
def checkpoint_command() -> None:
    """核对新增的记录，对当前的树根签名。"""
    try:
        made = write_checkpoint(at=clock.now())
    except BrokenLedger as broken:
        raise click.ClickException(f"没有签署：{broken.fault.detail}。") from broken
    except DatabaseError as fault:
        raise click.ClickException(UNREADABLE) from fault
    click.echo(f"已签署：{made.size} 条记录，树根 {made.root.hex()}")
