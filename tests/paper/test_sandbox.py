from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from nasties import NASTIES

from chuding.paper import sandbox
from chuding.paper.sandbox import Limits, Sandbox, SandboxError

# Tasks for the server of these tests only: what a child that was taken over might try.
TASKS = """
import ctypes, os, resource, socket, time

def echo(data, arguments):
    return [len(data), arguments], [data, b'']

def where(data, arguments):
    limits = {name: resource.getrlimit(getattr(resource, 'RLIMIT_' + name))[0] for name in ('AS', 'CPU', 'FSIZE', 'NOFILE', 'CORE')}
    return {'uid': os.getuid(), 'limits': limits, 'pid': os.getpid(), 'environment': sorted(os.environ), 'network': os.stat('/proc/self/ns/net').st_ino}, []

def fail(data, arguments):
    raise RuntimeError('secret words')

def die(data, arguments):
    os.abort()

def crash(data, arguments):
    ctypes.string_at(0)

def sleep(data, arguments):
    time.sleep(60)

def spin(data, arguments):
    while True:
        pass

def hog(data, arguments):
    return len(bytearray(4 << 30)), []

def write(data, arguments):
    with open(arguments['path'], 'wb') as file:
        file.write(b'x')
    return 'written', []

def call(data, arguments):
    with socket.create_connection(('127.0.0.1', arguments['port']), timeout=2):
        return 'connected', []

def flood(data, arguments):
    return 0, [bytes(64 << 20)] * 5
"""
PYTHON = sys.executable  # the fixture below puts another in its place
NAMES = ("echo", "where", "fail", "die", "crash", "sleep", "spin", "hog", "write", "call", "flood")


@pytest.fixture(scope="module")
def box(tmp_path_factory):
    """A sandbox whose server has the tasks above."""
    folder = tmp_path_factory.mktemp("tasks")
    (folder / "hostile.py").write_text(TASKS)
    starter = folder / "python"
    tasks = {name: f"hostile:{name}" for name in NAMES}
    code = f"import sys; sys.path.insert(0, {str(folder)!r}); from chuding.paper import sandbox; sandbox.TASKS = {tasks!r}; sandbox.serve()"
    starter.write_text(f'#!/bin/sh\nexec {PYTHON} -P -c "{code}"\n')
    starter.chmod(0o755)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "executable", str(starter))
        box = Sandbox(at_once=4)
        assert box.run("echo", os.open(os.devnull, os.O_RDONLY), {}).value == [0, {}]
        yield box
        box.close()


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"content")
    handle = os.open(path, os.O_RDONLY)
    yield handle
    os.close(handle)


def kind_of(box, task, file, arguments=None, limits=None):
    with pytest.raises(SandboxError) as caught:
        box.run(task, file, arguments or {}, limits)
    return caught.value.kind


def test_answer_comes_back_with_its_bytes(box, file):
    reply = box.run("echo", file, {"a": [1, "字"]})
    assert (reply.value, reply.blobs) == ([7, {"a": [1, "字"]}], (b"content", b""))
    assert os.lseek(file, 0, os.SEEK_CUR) == 0


def test_child_is_confined(box, file):
    said = box.run("where", file, {}, Limits(memory=700 << 20, cpu_seconds=9, wall_seconds=9)).value
    assert said["limits"] == {"AS": 700 << 20, "CPU": 9, "FSIZE": 0, "NOFILE": 16, "CORE": 0}
    assert said["uid"] != 0
    assert {"PATH", "HOME", "CHUDING_DATA"}.isdisjoint(said["environment"])
    assert box.run("where", file, {}).value["pid"] != said["pid"]


def test_exception_is_told_by_name_only(box, file):
    with pytest.raises(SandboxError) as caught:
        box.run("fail", file, {})
    assert (caught.value.kind, str(caught.value)) == ("refused", "refused: RuntimeError")


@pytest.mark.parametrize("task", ["die", "crash"])
def test_dying_child_harms_nobody(box, file, task):
    assert kind_of(box, task, file) == "crashed"
    assert box.run("echo", file, {}).value == [7, {}]


def test_sleeping_child_is_woken_by_the_kernel(box, file):
    started = time.monotonic()
    assert kind_of(box, "sleep", file, limits=Limits(wall_seconds=1)) == "timeout"
    assert 0.9 < time.monotonic() - started < 4


def test_spinning_child_runs_out_of_processor_time(box, file):
    started = time.monotonic()
    assert kind_of(box, "spin", file, limits=Limits(cpu_seconds=1, wall_seconds=20)) == "crashed"
    assert time.monotonic() - started < 10


def test_hungry_child_gets_no_more_memory(box, file):
    assert kind_of(box, "hog", file) == "refused"


def test_child_cannot_write_files(box, file, tmp_path):
    assert kind_of(box, "write", file, {"path": str(tmp_path / "new")}) in ("refused", "crashed")
    assert not (tmp_path / "new").exists() or (tmp_path / "new").read_bytes() == b""


def test_child_reaches_no_network(box, file):
    """Where the kernel lets us have a network namespace of our own; some containers do not."""
    if box.run("where", file, {}).value["network"] == Path("/proc/self/ns/net").stat().st_ino:
        pytest.skip("this kernel or container grants no network namespaces")
    with socket.create_server(("127.0.0.1", 0)) as server:
        assert kind_of(box, "call", file, {"port": server.getsockname()[1]}) == "refused"


def test_child_that_talks_without_end_is_cut_off(box, file):
    assert kind_of(box, "flood", file) == "crashed"


def test_requests_run_side_by_side(box, file):
    started = time.monotonic()
    kinds = []
    limits = Limits(wall_seconds=1)
    threads = [
        threading.Thread(target=lambda: kinds.append(kind_of(box, "sleep", file, limits=limits))) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert kinds == ["timeout"] * 4
    assert time.monotonic() - started < 4


def test_server_that_was_killed_is_replaced(box, file):
    first = box._process
    os.kill(first, signal.SIGKILL)
    time.sleep(0.2)
    assert box.run("echo", file, {}).value == [7, {}]
    assert box._process != first


def test_server_that_cannot_start_is_said_so(file, monkeypatch):
    monkeypatch.setattr(sys, "executable", "/bin/false")
    assert kind_of(Sandbox(at_once=1), "echo", file) == "unavailable"


def test_no_child_and_no_descriptor_is_left_behind(box, file):
    box.run("echo", file, {})
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(20):
        box.run("echo", file, {})
    assert len(list(Path("/proc/self/fd").iterdir())) == before
    children = Path(f"/proc/{box._process}/task/{box._process}/children")
    deadline = time.monotonic() + 5
    while children.read_text() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert children.read_text() == ""


def test_overlong_arguments_are_the_callers_mistake(box, file):
    with pytest.raises(ValueError, match="too long"):
        box.run("echo", file, {"x": "y" * 70_000})


def test_server_ends_with_its_client(tmp_path):
    """No orphan server is left when a web process is killed."""
    script = tmp_path / "client.py"
    (tmp_path / "x.pdf").write_bytes(NASTIES["script at opening"][0])
    script.write_text(
        "import os, signal\nfrom pathlib import Path\nfrom chuding.paper import intake, sandbox\n"
        f"intake.inspect_upload(Path({str(tmp_path / 'x.pdf')!r}))\n"
        "print(sandbox._SANDBOX._process, flush=True)\nos.kill(os.getpid(), signal.SIGKILL)\n"
    )
    said = subprocess.run([PYTHON, script], capture_output=True, text=True, check=False).stdout
    server = Path(f"/proc/{int(said)}/stat")
    deadline = time.monotonic() + 5
    while server.exists() and server.read_text().split()[2] != "Z" and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not server.exists() or server.read_text().split()[2] == "Z"


def test_process_that_forks_gets_a_server_of_its_own(tmp_path):
    """As a pre-forking web server does; and the caller's `__main__` is never run again."""
    script = tmp_path / "prefork.py"
    (tmp_path / "x.pdf").write_bytes(NASTIES["script at opening"][0])
    script.write_text(
        "import os\nfrom pathlib import Path\nfrom chuding.paper import intake, sandbox\n"
        "print('main', flush=True)\n"
        f"path = Path({str(tmp_path / 'x.pdf')!r})\n"
        "assert not intake.inspect_upload(path).ok\n"
        "mine = sandbox._SANDBOX._process\n"
        "child = os.fork()\n"
        "if child == 0:\n"
        "    codes = [problem.code for problem in intake.inspect_upload(path).problems]\n"
        "    own = sandbox._SANDBOX._process\n"
        "    sandbox.close()\n"
        "    os._exit(0 if codes == ['script'] and own not in (None, mine) else 1)\n"
        "assert os.waitpid(child, 0)[1] == 0\n"
        "assert [problem.code for problem in intake.inspect_upload(path).problems] == ['script']\n"
        "assert sandbox._SANDBOX._process == mine\n"
        "print('done')\n"
    )
    done = subprocess.run([PYTHON, script], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "main\ndone\n"), done.stderr


def test_every_real_task_exists():
    assert sorted(sandbox.TASKS) == ["inspect", "render"]
