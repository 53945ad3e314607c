"""`chuding signer`: the signing process, and its switch."""

from __future__ import annotations

import os
import signal
import sys
import threading
from pathlib import Path

import click
from django.conf import settings

from chuding.paper.keys import KeysError
from chuding.signing.desk import own_desk, stopped
from chuding.signing.server import serve


@click.group()
def signer() -> None:
    """签名进程：保管各单位的签名密钥，只签有决定依据的内容。"""


@signer.command("run")
def run() -> None:
    """运行签名进程（`chuding run` 和 `chuding serve` 会自动启动）。"""
    path = settings.SIGNER_SOCKET
    if not path:
        sys.exit("请先设置环境变量 CHUDING_SIGNER_SOCKET（套接字的路径）。")
    stop = threading.Event()
    for one in (signal.SIGINT, signal.SIGTERM):
        signal.signal(one, lambda *_: stop.set())
    peers = {int(uid) for uid in os.environ.get("CHUDING_SIGNER_PEERS", "").split()} | {os.getuid()}
    try:
        desk = own_desk()
    except KeysError as error:
        sys.exit(f"签名密钥用不了：{error}")
    serve(desk, Path(path), peers=peers, stop=stop)


@signer.command("stop")
@click.option("--reason", required=True, help="为什么停用，会显示给签发人")
def stop_signing(reason: str) -> None:
    """立即停用一切签名，直到 `chuding signer resume`。"""
    file = Path(settings.SIGNING_FOLDER) / "stopped"
    file.write_text(reason.strip() + "\n", encoding="utf-8")
    click.echo("签名已停用。发证会等待，恢复后自动继续。")


@signer.command("resume")
def resume() -> None:
    """恢复签名。"""
    (Path(settings.SIGNING_FOLDER) / "stopped").unlink(missing_ok=True)
    click.echo("签名已恢复。")


@signer.command("state")
def state() -> None:
    """签名是否停用。"""
    reason = stopped(Path(settings.SIGNING_FOLDER))
    click.echo("签名正常。" if reason is None else f"签名已停用：{reason}")
