"""`chuding notice simulate` on a file of people, as an office runs it: seconds and peak memory of the command itself.

.venv/bin/python benchmarks/simulate_file.py            a million people in CSV, of whom each fact is missing for 2 %
.venv/bin/python benchmarks/simulate_file.py 20000
The contract has no bar for reading a file; what is held to the bars, on arrays, is population.py's.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
BEFORE, AFTER = "zhenjiang-2024-1", "nanjing-machinery-2022"
COMMAND = "import sys; from chuding.cli import main; sys.exit(main())"


def measured(words: list[str], out: Path) -> tuple[float, float, int]:
    """Seconds by the clock, CPU seconds and peak MB of one process; its output goes to a file."""
    start = time.perf_counter()
    with out.open("w", encoding="utf-8") as stream:
        process = subprocess.Popen(words, stdout=stream, stderr=subprocess.STDOUT)
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{words[-1]}: {out.read_text(encoding='utf-8')[-2000:]}")
    return time.perf_counter() - start, used.ru_utime + used.ru_stime, used.ru_maxrss // 1024


def main() -> int:
    people = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with tempfile.TemporaryDirectory() as name:
        file, out = Path(name) / "people.csv", Path(name) / "out"
        measured([sys.executable, str(HERE / "people_file.py"), str(people), str(file)], out)
        print(f"{people:,} people, {file.stat().st_size / 1e6:.0f} MB of CSV\n")
        print("| notice simulate | by the clock | CPU | µs a person | peak |\n|---|---|---|---|---|", flush=True)
        for notices in ((BEFORE,), (BEFORE, AFTER)):
            words = [sys.executable, "-c", COMMAND, "notice", "simulate", *notices, "--people", str(file), "--json"]
            clock, cpu, peak = measured(words, out)
            counted = re.search(r'"people": (\d+)', out.read_text(encoding="utf-8"))
            assert counted is not None
            assert int(counted[1]) == people
            print(
                f"| {' → '.join(notices)} | {clock:.1f} s | {cpu:.1f} s | {cpu / people * 1e6:.1f} | {peak} MB |",
                flush=True,
            )
    return 0


if __name__ == "__main__":
    sys.exit(main())
