"""Every figure of docs/performance.md in one command: `make bench`. CPU time and counts; medians; one run, side by side."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent


def main() -> int:
    worst = 0
    for name in ("policy.py", "paper_sign.py", "site.py"):
        print(f"\n## {name}\n", flush=True)
        worst = max(worst, subprocess.run([sys.executable, HERE / name], check=False).returncode)
    return worst


if __name__ == "__main__":
    sys.exit(main())
