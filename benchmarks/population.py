"""A million people with full histories in one process: CPU seconds and peak memory, cold and for the next scenario.

.venv/bin/python benchmarks/population.py            both shares of missing facts, each in a process of its own
.venv/bin/python benchmarks/population.py 0.05       one of them
"""

from __future__ import annotations

import resource
import subprocess
import sys
import time

from invented import invent

from chuding.policy.notice import FOLDER, load_notice, read_notice
from chuding.policy.population import Population

NOTICE, PEOPLE = "zhenjiang-2024-1", 1_000_000
COLD, NEXT, MEMORY = 2.0, 0.6, 700


def once(missing: float) -> None:
    notice, again = load_notice(NOTICE), read_notice(FOLDER / NOTICE)
    columns = invent(notice, PEOPLE, missing)
    data = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    start = time.process_time()
    population = Population(columns)
    built = time.process_time() - start
    first = [int(sum(level.yes.sum() for level in block.values())) for block in population.assess(notice)]
    cold = time.process_time() - start
    times = []
    for _ in range(3):
        start = time.process_time()
        # the notice read anew: another object of the same value, as after an edit that was taken back
        assert first == [int(sum(level.yes.sum() for level in b.values())) for b in population.assess(again)]
        times.append(time.process_time() - start)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    records = [len(ragged.table.days["awarded_on" if n == "credentials" else "from_"]) / PEOPLE
               for n, ragged in columns.records.items() if n in {"credentials", "work"}]  # fmt: skip
    print(f"| {missing:.0%} | {cold:.2f} s (blocks {built:.2f}) | {sorted(times)[1]:.2f} s | {peak} MB (data {data}) | "
          f"{records[0]:.2f} / {records[1]:.2f} |")  # fmt: skip
    for what, value, bar in (("cold", cold, COLD), ("next", sorted(times)[1], NEXT), ("memory", peak, MEMORY)):
        if value > bar:
            print(f"bar missed: {what} {value:.2f}, bar {bar}")


def main() -> None:
    if len(sys.argv) > 1:
        once(float(sys.argv[1]))
        return
    print(f"| missing facts | first scenario (bar {COLD} s) | next (bar {NEXT} s) | peak (bar {MEMORY} MB) "
          "| credentials / spells a person |\n|---|---|---|---|---|", flush=True)  # fmt: skip
    for missing in ("0", "0.05"):
        subprocess.run([sys.executable, __file__, missing], check=True)


if __name__ == "__main__":
    main()
