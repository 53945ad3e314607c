"""Every figure of docs/performance.md in one command: `make bench`. CPU time and counts; medians.

The other engines live in an environment of their own, made from requirements/bench.txt when it is first needed:
OpenFisca is AGPL and comes near neither `make run` nor `make test`.
"""

from __future__ import annotations

import hashlib
import os
import platform
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
OTHERS = ROOT / ".venv-bench"


def prepare(folder: Path, files: list[str]) -> Path:
    """The Python of another environment, set up anew when its pins changed."""
    pins = [ROOT / "requirements" / name for name in files]
    wanted = hashlib.sha256(b"".join(file.read_bytes() for file in pins)).hexdigest()
    python, stamp = folder / "bin" / "python", folder / ".ready"
    if not stamp.exists() or stamp.read_text() != wanted:
        uv = Path(sys.executable).parent / "uv"
        subprocess.run([uv, "venv", "-q", "--clear", "--python", sys.executable, folder], check=True)
        words = [word for file in pins for word in ("-r", str(file))]
        subprocess.run([uv, "pip", "install", "-q", "--python", python, "--require-hashes", *words], check=True)
        stamp.write_text(wanted)
    return python


def main() -> int:
    others = prepare(OTHERS, ["run.txt", "bench.txt"])
    moment = f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC"
    print(
        f"{moment}, {platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, {platform.python_version()}"
    )
    worst = 0
    for name, python in (
        ("engines.py", others),
        ("population.py", sys.executable),
        ("simulate_file.py", sys.executable),
        ("shards.py", others),
        ("policy.py", sys.executable),
        ("paper_sign.py", sys.executable),
        ("typesetting.py", others),
        ("preflight.py", sys.executable),
        ("reading.py", sys.executable),
        ("rescans.py", sys.executable),
        ("seals.py", sys.executable),
        ("pages_cost.py", sys.executable),
        ("size.py", sys.executable),
        ("signing_batch.py", sys.executable),
        ("roster_import.py", sys.executable),
        ("reviewer_day.py", sys.executable),
        ("applicant.py", sys.executable),
        ("pages.py", sys.executable),
    ):
        print(f"\n## {name}\n", flush=True)
        environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
        worst = max(worst, subprocess.run([python, HERE / name], env=environment, check=False).returncode)
    return worst


if __name__ == "__main__":
    sys.exit(main())
