from __future__ import annotations

import os
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from nasties import NASTIES

from chuding.paper import sandbox, syscalls
from chuding.paper.sandbox import Limits, Sandbox, SandboxError

# Tasks for the server of these tests only: what a child that was taken over might try.
TASKS = """
import ctypes, os, signal, socket, subprocess, time

def echo(data, arguments):
    return [len(data), arguments], [data, b'']

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
    socket.socket().connect(('127.0.0.1', arguments['port']))
    return 'connected', []

def read(data, arguments):
    return os.open(arguments['path'], os.O_RDONLY), []

def delete(data, arguments):
    os.unlink(arguments['path'])
    return 'gone', []

def signals(data, arguments):
    os.kill(arguments['pid'], signal.SIGTERM)
    return 'sent', []

def start(data, arguments):
    return subprocess.run(['/bin/true']).returncode, []

def fork(data, arguments):
    return os.fork(), []

def watch(data, arguments):
    ptrace = ctypes.CDLL(None, use_errno=True).ptrace
    if ptrace(16, arguments['pid'], 0, 0) < 0:
        raise PermissionError(ctypes.get_errno())
    return 'attached', []

def flood(data, arguments):
    return 0, [bytes(64 << 20)] * 5
"""
PYTHON = sys.executable  # the fixture below puts another in its place
NAMES = (
    "echo", "fail", "die", "crash", "sleep", "spin", "hog", "write", "call", "read", "delete", "signals", "start", "fork",
    "watch", "flood",
)  # fmt: skip


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


def wait_for(question):
    deadline = time.monotonic() + 60
    while not (answer := question()) and time.monotonic() < deadline:
        time.sleep(0.005)
    assert answer
    return answer


def fields(path, mark):
    return {
        name: value.strip() for name, _mark, value in (line.partition(mark) for line in path.read_text().splitlines())
    }


def kind_of(box, task, file, arguments=None, limits=None):
    with pytest.raises(SandboxError) as caught:
        box.run(task, file, arguments or {}, limits)
    return caught.value.kind


def test_answer_comes_back_with_its_bytes(box, file):
    reply = box.run("echo", file, {"a": [1, "字"]})
    assert (reply.value, reply.blobs) == ([7, {"a": [1, "字"]}], (b"content", b""))
    assert os.lseek(file, 0, os.SEEK_CUR) == 0


def test_child_is_confined(box, file):
    """Seen from outside, while the child sleeps."""
    limits = Limits(memory=700 << 20, cpu_seconds=9, wall_seconds=2, niceness=3)
    sleeper = threading.Thread(target=lambda: kind_of(box, "sleep", file, limits=limits))
    sleeper.start()
    children = Path(f"/proc/{box._process}/task/{box._process}/children")
    child = Path("/proc") / wait_for(lambda: children.read_text().split())[0]
    status = wait_for(
        lambda: fields(child / "status", ":") if "Seccomp:\t2" in (child / "status").read_text() else None
    )
    assert status["NoNewPrivs"] == "1"
    assert status["Uid"].split()[0] != "0"
    own = os.getpriority(os.PRIO_PROCESS, box._process)
    assert os.getpriority(os.PRIO_PROCESS, int(child.name)) == min(own + 3, 19)
    bounds = {line[:26].strip(): line[26:].split()[:2] for line in (child / "limits").read_text().splitlines()}
    assert bounds["Max address space"] == [str(700 << 20)] * 2
    assert bounds["Max cpu time"] == ["9", "9"]
    assert bounds["Max file size"] == ["0", "0"]
    assert bounds["Max core file size"] == ["0", "0"]
    assert bounds["Max open files"] == ["16", "16"]
    sleeper.join()


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
    assert 0.9 < time.monotonic() - started < 30


def test_spinning_child_runs_out_of_processor_time(box, file):
    started = time.monotonic()
    assert kind_of(box, "spin", file, limits=Limits(cpu_seconds=1, wall_seconds=20)) == "crashed"
    assert time.monotonic() - started < 19


def test_hungry_child_gets_no_more_memory(box, file):
    assert kind_of(box, "hog", file) == "refused"


@pytest.mark.parametrize("task", ["write", "read", "delete", "call", "signals", "watch", "start", "fork"])
def test_child_that_was_taken_over_can_do_nothing(box, file, tmp_path, task):
    """No file, no network, no other process: not even as the very user that runs the site."""
    victim = tmp_path / "victim"
    victim.write_bytes(b"precious")
    victim.chmod(0o666)
    tmp_path.chmod(0o777)
    with subprocess.Popen(["sleep", "60"]) as bystander, socket.create_server(("127.0.0.1", 0)) as server:
        arguments = {"path": str(victim), "pid": bystander.pid, "port": server.getsockname()[1]}
        with pytest.raises(SandboxError, match="refused: PermissionError"):
            box.run(task, file, arguments)
        assert bystander.poll() is None
        bystander.kill()
    assert victim.read_bytes() == b"precious"


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_filter_of_system_calls_is_sound(machine):
    """Every jump lands on the last line, which allows; the line before it refuses."""
    lines = list(struct.iter_unpack("=HBBI", syscalls.filter_program(machine)))
    comparisons = lines[4:-2]
    assert {line[3] for line in comparisons} == {call[machine != "x86_64"] for call in syscalls._CALLS.values()} - {-1}
    assert {place + 1 + line[1] for place, line in enumerate(comparisons, start=4)} == {len(lines) - 1}
    assert [line[3] for line in lines[-2:]] == [syscalls._FAIL, syscalls._ALLOW]
    assert (lines[1][1], lines[2][3]) == (1, syscalls._KILL)


def test_unknown_machine_has_no_filter():
    assert syscalls.filter_program("riscv64") is None


def test_child_that_talks_without_end_is_cut_off(box, file):
    assert kind_of(box, "flood", file) == "crashed"


def test_requests_run_side_by_side(box, file):
    started = time.monotonic()
    kinds = []
    limits = Limits(wall_seconds=4)
    threads = [
        threading.Thread(target=lambda: kinds.append(kind_of(box, "sleep", file, limits=limits))) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert kinds == ["timeout"] * 4
    assert time.monotonic() - started < 15, "one after the other they take sixteen seconds"


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
    wait_for(lambda: children.read_text() == "")


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
    deadline = time.monotonic() + 60
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
    assert sorted(sandbox.TASKS) == ["inspect", "render", "sheet", "text"]
    assert sorted(sandbox.READER_TASKS) == ["photo", "read", "seal"]
