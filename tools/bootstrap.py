"""Set up `.venv` from the pinned requirement files, using nothing but the standard library.

`python3 tools/bootstrap.py run` installs what the site needs, `... dev` adds what the tests need.
A second call with unchanged requirement files does nothing. Errors are one line that says what to do.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
FILES = {"run": ["run.txt"], "dev": ["run.txt", "dev.txt"]}


def stop(sentence: str) -> None:
    sys.exit(f"set-up: {sentence}")


def call(*words: str | Path) -> None:
    done = subprocess.run([str(word) for word in words], cwd=ROOT, check=False)
    if done.returncode:
        stop(f"this command failed, its own words stand above: {' '.join(map(str, words))}")


def make_venv() -> None:
    """Make the environment; on Debian `venv` is a package of its own, fetched where we may."""
    python = VENV / "bin" / "python"
    if (
        python.exists()
        and subprocess.run([python, "-m", "pip", "--version"], capture_output=True, check=False).returncode == 0
    ):
        return
    shutil.rmtree(VENV, ignore_errors=True)
    if subprocess.run([sys.executable, "-m", "venv", VENV], capture_output=True, check=False).returncode == 0:
        return
    shutil.rmtree(VENV, ignore_errors=True)
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        stop("Python's venv module is missing; install it (Debian: apt-get install python3-venv) and call again")
    call("apt-get", "update", "-qq")
    call("apt-get", "install", "-y", "-qq", "--no-install-recommends", "python3-venv")
    call(sys.executable, "-m", "venv", VENV)


def main(kind: str) -> None:
    if sys.version_info < (3, 11):
        stop(f"CPython 3.11 or newer is needed, this is {sys.version.split()[0]}")
    files = [ROOT / "requirements" / name for name in ["bootstrap.txt", *FILES[kind]]]
    wanted = hashlib.sha256(b"".join(f.read_bytes() for f in [*files, ROOT / "pyproject.toml"])).hexdigest()
    # The environment knows its own place: a checkout that was moved or copied sets up anew.
    wanted = f"{wanted} {VENV}"
    stamps = [VENV / f".ready-{k}" for k in (("dev",) if kind == "dev" else ("run", "dev"))]
    if any(stamp.exists() and stamp.read_text() == wanted for stamp in stamps):
        return
    print(f"set-up: .venv for `{kind}` (once; a minute or so)", flush=True)
    make_venv()
    python = VENV / "bin" / "python"
    environment = {"UV_PYTHON_DOWNLOADS": "never", "UV_NO_PROGRESS": "1", "UV_LINK_MODE": "copy"}
    os.environ.update(environment)
    call(python, "-m", "pip", "install", "-q", "--disable-pip-version-check", "--require-hashes", "-r", files[0])
    uv = VENV / "bin" / "uv"
    requirements = [word for f in files[1:] for word in ("-r", f)]
    call(uv, "pip", "install", "-q", "--python", python, "--require-hashes", *requirements)
    call(uv, "pip", "install", "-q", "--python", python, "--no-deps", "--no-build-isolation", "--editable", ROOT)
    (VENV / f".ready-{kind}").write_text(wanted)


if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1] not in FILES:
        stop("say `run` or `dev`")
    main(sys.argv[1])
