"""Run the site: prepare, then the web server and the worker side by side until one is told to stop."""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import signal
import socket
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import ClassVar

import click

# Inside the window of 八, late enough for a town with every stage in it.
DEMONSTRATION_START = datetime.fromisoformat("2024-09-18T09:00:00+08:00")

_PR_SET_PDEATHSIG = 1  # prctl(2)
_SIGNER_SECONDS = 10  # that the worker waits for the signer to listen


def set_demonstration_clock(data: Path) -> None:
    """Let the demonstration's clock start, once; it then runs at the pace of the real one."""
    file = data / "clock.json"
    if file.exists():
        return
    data.mkdir(parents=True, exist_ok=True)
    offset = (DEMONSTRATION_START - datetime.now(UTC)).total_seconds()
    file.write_text(json.dumps({"offset_seconds": round(offset)}), encoding="utf-8")


def _command(*words: str) -> list[str]:
    return [sys.executable, "-m", *words]


def _is_free(host: str, port: int) -> bool:
    """Whether nobody listens there: the server itself would quietly share the port with another."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def _start(words: list[str]) -> subprocess.Popen[bytes]:
    """A process of its own session that ends when this one dies, however it dies: an orphan would hold the port."""
    return subprocess.Popen(words, start_new_session=True, preexec_fn=_end_with_parent)  # noqa: PLW1509 - no thread is started here


def _end_with_parent() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)


def _end(*processes: subprocess.Popen[bytes]) -> None:
    """End each process with all its children: a killed server must not leave workers that hold the port."""
    for process in processes:
        if process.poll() is None:
            process.terminate()
    for process in processes:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=15)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)


class _Helpers:
    """The processes beside the web server: the worker, and the signer, unless the operator runs one elsewhere."""

    NAMES: ClassVar[dict[str, str]] = {"signer": "签名", "worker": "后台任务"}

    def __init__(self) -> None:
        self._words: dict[str, list[str]] = {"worker": ["worker"]}
        if "CHUDING_SIGNER_SOCKET" not in os.environ:
            data = Path(os.environ.get("CHUDING_DATA", "data")).resolve()
            os.environ["CHUDING_SIGNER_SOCKET"] = str(data / "signer.sock")
            self._words = {"signer": ["signer", "run"], **self._words}
        self.running = {name: self._start(name) for name in self._words}

    def _start(self, name: str) -> subprocess.Popen[bytes]:
        process = _start(_command("chuding", *self._words[name]))
        if name == "signer":
            # The worker's first jobs may ask for a signature at once; one that has to wait says so in the log.
            listens, until = Path(os.environ["CHUDING_SIGNER_SOCKET"]), time.monotonic() + _SIGNER_SECONDS
            while not listens.is_socket() and process.poll() is None and time.monotonic() < until:
                time.sleep(0.1)
        return process

    def revive(self) -> None:
        """Start again whichever has died."""
        for name, process in self.running.items():
            if process.poll() is not None:
                click.echo(f"{self.NAMES[name]}进程意外退出，正在重新启动。", err=True)
                time.sleep(1)
                self.running[name] = self._start(name)


def _serve(host: str, port: int, workers: int) -> None:
    """Start server, signer and worker; start again what dies beside the server; end all together."""
    os.environ["CHUDING_MANIFEST"] = "1"
    os.environ.setdefault("MALLOC_ARENA_MAX", "2")
    if not _is_free(host, port):
        sys.exit(f"端口 {port} 已被占用，请先停掉占用它的程序，或换一个端口：--port {port + 1}")
    prepared = subprocess.run(_command("chuding", "prepare"), check=False)
    if prepared.returncode:
        sys.exit(prepared.returncode)
    helpers = _Helpers()
    server = _start(
        _command(
            "granian", "--interface", "wsgi", "--host", host, "--port", str(port), "--workers", str(workers),
            "--blocking-threads", "64", "--backpressure", "256", "--no-ws", "--log-level", "error", "chuding.wsgi:application",
        )
    )  # fmt: skip
    stopping = False

    def stop(*_: object) -> None:
        nonlocal stopping
        stopping = True

    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)
    while not stopping and server.poll() is None:
        time.sleep(0.3)
        if not stopping:
            helpers.revive()
    _end(server, *helpers.running.values())
    if not stopping:
        sys.exit(f"网站进程退出（代码 {server.returncode}）。如果端口 {port} 已被占用，请换一个：--port 8001")


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
def run(host: str, port: int) -> None:
    """演示站点：自己的时钟（2024年9月）、约60位虚构人员、样张证书。"""
    os.environ.setdefault("CHUDING_DEMONSTRATION", "1")
    os.environ.setdefault("CHUDING_PUBLIC_ADDRESS", f"http://{host}:{port}")
    if os.environ["CHUDING_DEMONSTRATION"] == "1":
        set_demonstration_clock(Path(os.environ.get("CHUDING_DATA", "data")).resolve())
    click.echo(f"网站地址：http://{host}:{port}（按 Ctrl+C 停止）")
    _serve(host, port, workers=2)


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--workers", default=os.cpu_count() or 2, show_default=True)
def serve(host: str, port: int, workers: int) -> None:
    """正式站点：真实时钟；密钥、数据库、短信等按环境变量。"""
    _serve(host, port, workers)
