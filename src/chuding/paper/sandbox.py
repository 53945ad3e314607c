"""A separate process for strangers' files: whatever a parser does there, the web process lives on.

`run` hands one open file to a small server, `python -m chuding.paper.sandbox`, started on first use and kept. The
server has the PDF libraries loaded, never reads a file itself, and forks a child per file. The child gets no path,
only the open file and a socket; it has hard limits on memory, processor time, files and cores, no network where the
kernel lets us, no privileges where it had any, an alarm that the kernel rings, and, once its file is read, next to no
system calls (`chuding.paper.syscalls`). Answers come back as JSON and raw
bytes, never as pickles: a child that was taken over can lie about its file, and nothing else. What needs the reading
models runs in a second server of the same kind (`run_reader`).

Why not `multiprocessing`: its fork server imports the caller's `__main__` again in each child, which in a web server
is somebody else's program, and costs 100 ms a file where this costs 5. Plain `fork` from a process with threads is no
choice at all.
"""

from __future__ import annotations

import atexit
import codecs
import contextlib
import ctypes
import gc
import json
import logging
import os
import pkgutil
import resource
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NoReturn

from chuding.paper import syscalls

Task = Callable[[bytes, Mapping[str, Any]], tuple[Any, Sequence[bytes]]]

# What may be asked of a child; loaded by the server before its first fork.
TASKS = {
    "inspect": "chuding.paper.anatomy:inspect",
    "render": "chuding.paper.pages:render",
    "sheet": "chuding.paper.sheets:extract",
    "text": "chuding.paper.reading.layer:text",
}
# The reader is a server of its own: its models weigh 350 MB, so it starts only where something is to be read.
READER_TASKS = {
    "read": "chuding.paper.reading.optical:read",
    "seal": "chuding.paper.reading.optical:seal",
    "photo": "chuding.paper.reading.optical:photo",
}
_WARM_UPS = {"parser": "chuding.paper.anatomy:warm_up", "reader": "chuding.paper.reading.optical:warm_up"}
# Address space of a reader's child: the models and libraries have 0.85 GiB of it before a file is opened, so that less
# than the 1 GiB of any other child is left for what the file makes of it. A photo of 40 megapixels needs a third of that.
READER_MEMORY = 1536 * 1024 * 1024
# Python loads these from files when first asked, and a child without privileges may find no file readable.
_CODECS = ("ascii", "latin-1", "utf-8", "utf-16", "utf-16-le", "utf-16-be", "cp437")
_REQUEST_LIMIT = 65_536
_REPLY_LIMIT = 256 * 1024 * 1024
_START_SECONDS = 60
_GRACE_SECONDS = 5
_NOBODY = 65_534
_CLONE_NEWUSER, _CLONE_NEWNET = 0x1000_0000, 0x4000_0000
_PR_SET_NO_NEW_PRIVS = 38


class SandboxError(Exception):
    """The child gave no answer: `kind` is "crashed", "timeout", "refused" (an exception) or "unavailable"."""

    def __init__(self, kind: str, detail: str = "") -> None:
        super().__init__(f"{kind}: {detail}" if detail else kind)
        self.kind = kind


@dataclass(frozen=True)
class Limits:
    """What one child may use: bytes of address space, seconds of processor, seconds by the clock.

    `niceness` is how far it stands back behind the pages that the same machine serves: 5 leaves it a quarter of a busy core.
    """

    memory: int = 1024 * 1024 * 1024
    cpu_seconds: int = 20
    wall_seconds: int = 30
    niceness: int = 0


@dataclass(frozen=True)
class Reply:
    """A child's answer: JSON values, and raw bytes beside them. Neither is to be trusted."""

    value: Any
    blobs: tuple[bytes, ...]


class Sandbox:
    """The client's end; safe to use from many threads, and in a process that forks (each starts its own server)."""

    def __init__(self, at_once: int, kind: str = "parser") -> None:
        self._at_once = at_once
        self._kind = kind
        self._forget()
        os.register_at_fork(after_in_child=self._forget)

    def _forget(self) -> None:
        """Begin anew, in a forked process too: its parent's server and locks are the parent's own."""
        control: socket.socket | None = getattr(self, "_control", None)
        if control is not None:
            control.close()
        self._control: socket.socket | None = None
        self._process: int | None = None
        self._lock = threading.Lock()
        self._places = threading.BoundedSemaphore(self._at_once)

    def run(self, task: str, file: int, arguments: Mapping[str, Any], limits: Limits | None = None) -> Reply:
        """Run a task of `TASKS` on an open file in a fresh child and wait for its answer.

        `file` is a descriptor open for reading, of a regular file; it is read from the beginning and stays open.
        Raises `SandboxError` if the child died, was too slow, or its task raised.
        """
        limits = limits or Limits()
        request = json.dumps({"task": task, "arguments": dict(arguments), "limits": asdict(limits)}).encode()
        if len(request) > _REQUEST_LIMIT:
            raise ValueError("the arguments are too long for one message")
        with self._places:
            asked = time.monotonic()
            ours, theirs = socket.socketpair()
            with ours:
                with theirs:
                    self._hand_over(request, theirs, file)
                started = time.monotonic()
                try:
                    return _receive(ours, started + limits.wall_seconds + _GRACE_SECONDS)
                except TimeoutError as error:
                    raise SandboxError("timeout") from error
                except (EOFError, ConnectionError) as error:
                    # From the moment of asking: on a busy machine the child's clock may start before ours goes on.
                    late = time.monotonic() - asked >= limits.wall_seconds
                    raise SandboxError("timeout" if late else "crashed") from error

    def _hand_over(self, request: bytes, reply_to: socket.socket, file: int) -> None:
        """Send the request; a server that has died is replaced once."""
        with self._lock:
            for attempt in (1, 2):
                control = self._control or self._start()
                try:
                    socket.send_fds(control, [request], [reply_to.fileno(), file])
                except OSError as error:
                    self._drop()
                    if attempt == 2:
                        raise SandboxError("unavailable", str(error)) from error
                else:
                    return

    def _start(self) -> socket.socket:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            nothing = ((os.POSIX_SPAWN_OPEN, number, os.devnull, os.O_WRONLY, 0) for number in (1, 2))
            actions = [(os.POSIX_SPAWN_DUP2, theirs.fileno(), 0), *nothing]
            # Found by path, so that the server is this very code however the caller was started.
            environment = {
                "PYTHONPATH": str(Path(__file__).parents[2]),
                "PYTHONDONTWRITEBYTECODE": "1",
                "LC_ALL": "C.UTF-8",
                # One thread: a server with threads must not fork, and the children share the machine with the site.
                "OPENBLAS_NUM_THREADS": "1",
                "OMP_NUM_THREADS": "1",
                "OPENCV_FOR_THREADS_NUM": "1",
            }
            words = [sys.executable, "-P", "-m", "chuding.paper.sandbox", self._kind]
            self._process = os.posix_spawn(sys.executable, words, environment, file_actions=actions)
        self._control = ours
        ours.settimeout(_START_SECONDS)
        try:
            ready = ours.recv(16)
        except OSError:
            ready = b""
        ours.settimeout(None)
        if ready != b"ready":
            self._drop()
            raise SandboxError("unavailable", "the server does not start")
        return ours

    def _drop(self) -> None:
        if self._control is not None:
            self._control.close()
        if self._process is not None:
            with contextlib.suppress(OSError):
                os.kill(self._process, signal.SIGKILL)
                os.waitpid(self._process, 0)
        self._control = self._process = None

    def close(self) -> None:
        """End the server; the next `run` starts another."""
        with self._lock:
            self._drop()


_SANDBOX = Sandbox(at_once=max(2, os.cpu_count() or 2))
_READER = Sandbox(at_once=1, kind="reader")
run = _SANDBOX.run
run_reader = _READER.run


def close() -> None:
    """End both servers; whatever runs next starts them again."""
    _SANDBOX.close()
    _READER.close()


atexit.register(close)


def _receive(source: socket.socket, deadline: float) -> Reply:
    head = json.loads(_exactly(source, int.from_bytes(_exactly(source, 8, deadline), "big"), deadline))
    if not head["ok"]:
        raise SandboxError("refused", str(head["error"])[:200])
    sizes = [int(size) for size in head["blobs"]]
    if sum(sizes) > _REPLY_LIMIT:
        raise SandboxError("crashed", "the answer is too long")
    return Reply(head["value"], tuple(_exactly(source, size, deadline) for size in sizes))


def _exactly(source: socket.socket, size: int, deadline: float) -> bytes:
    if not 0 <= size <= _REPLY_LIMIT:
        raise SandboxError("crashed", "the answer is too long")
    out = bytearray()
    while len(out) < size:
        source.settimeout(max(0.001, deadline - time.monotonic()))
        chunk = source.recv(min(size - len(out), 1024 * 1024))
        if not chunk:
            raise EOFError
        out += chunk
    return bytes(out)


# --- the server's end -------------------------------------------------------------------------------------------


def serve(kind: str = "parser") -> None:
    """Answer requests on standard input, a socket, until the client closes it."""
    control = socket.socket(fileno=0)
    logging.disable(logging.CRITICAL)
    places = READER_TASKS if kind == "reader" else TASKS
    tasks: dict[str, Task] = {name: pkgutil.resolve_name(place) for name, place in places.items()}
    pkgutil.resolve_name(_WARM_UPS[kind])()
    for name in _CODECS:
        codecs.lookup(name)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # children are buried by the kernel
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C in the terminal is the web process's to answer
    _leave_network()
    gc.collect()
    gc.freeze()
    control.send(b"ready")
    while True:
        try:
            request, files, _flags, _address = socket.recv_fds(control, _REQUEST_LIMIT, 2)
        except OSError:
            return
        if len(files) != 2:
            return
        if os.fork() == 0:
            _child(control, tasks, request, files)
        for file in files:
            os.close(file)


def _leave_network() -> None:
    """No network for parsers, where the kernel lets us have a namespace of our own; and no way back to privileges."""
    libc = ctypes.CDLL(None)
    libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    if os.geteuid() == 0:
        libc.unshare(_CLONE_NEWNET)
    else:
        libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET)


def _child(control: socket.socket, tasks: Mapping[str, Task], request: bytes, files: list[int]) -> NoReturn:
    """One file's process: confine it, work, answer, end without any of the interpreter's own farewells."""
    try:
        control.close()
        order = json.loads(request)
        _confine(Limits(**order["limits"]))
        reply_to = socket.socket(fileno=files[0])
        size = os.fstat(files[1]).st_size
        try:
            data = os.pread(files[1], size, 0)
            syscalls.restrict()
            value, blobs = tasks[order["task"]](data, order["arguments"])
            head = {"ok": True, "value": value, "blobs": [len(blob) for blob in blobs]}
        except Exception as error:  # noqa: BLE001 - whatever a hostile file provokes is told, not raised
            head, blobs = {"ok": False, "error": type(error).__name__}, ()
        said = json.dumps(head).encode()
        reply_to.sendall(len(said).to_bytes(8, "big") + said)
        for blob in blobs:
            reply_to.sendall(blob)
    finally:
        os._exit(0)


def _confine(limits: Limits) -> None:
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_REAL, limits.wall_seconds)
    os.nice(limits.niceness)
    for kind, value in (
        (resource.RLIMIT_AS, limits.memory),
        (resource.RLIMIT_CPU, limits.cpu_seconds),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, 16),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(kind, (value, value))
    if os.geteuid() == 0:
        os.setgroups([])
        os.setgid(_NOBODY)
        os.setuid(_NOBODY)


if __name__ == "__main__":
    serve(*sys.argv[1:])
