"""A million people with full histories in one process: CPU seconds and peak memory, cold and for the next scenario.

.venv/bin/python benchmarks/population.py            both shares of missing facts, each in a process of its own
.venv/bin/python benchmarks/population.py 0.05       one of them
"""

from __future__ import annotations

import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from bars import Bars, here
from invented import invent

from chuding.policy.notice import FOLDER, load_notice, read_notice
from chuding.policy.population import Population

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chuding.policy.notice import Notice

NOTICE, PEOPLE = "zhenjiang-2024-1", 1_000_000
COLD, NEXT, MEMORY = 2.0, 0.6, 700


def once(missing: float) -> int:
    """One share of missing facts; the exit code says whether the bars held."""
    notice = load_notice(NOTICE)
    columns = invent(notice, PEOPLE, missing)
    data = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    start = time.process_time()
    population = Population(columns)
    built = time.process_time() - start
    first = [int(sum(level.yes.sum() for level in block.values())) for block in population.assess(notice)]
    cold = time.process_time() - start
    times = []
    for scenario in changed():
        start = time.process_time()
        found = [int(sum(level.yes.sum() for level in b.values())) for b in population.assess(scenario)]
        times.append(time.process_time() - start)
        assert found != first
    again = read_notice(FOLDER / NOTICE)  # another object of the same value, as after an edit that was taken back
    start = time.process_time()
    assert first == [int(sum(level.yes.sum() for level in b.values())) for b in population.assess(again)]
    same = time.process_time() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    records = [len(ragged.table.days["awarded_on" if n == "credentials" else "from_"]) / PEOPLE
               for n, ragged in columns.records.items() if n in {"credentials", "work"}]  # fmt: skip
    tried = " / ".join(f"{each:.2f}" for each in times)
    bars = Bars()
    figures = ((round(cold, 2), here(COLD)), (round(max(times), 2), here(NEXT)), (peak, MEMORY))
    held = bars.held(f"{missing:.0%} missing", *figures)
    print(f"| {missing:.0%} | {cold:.2f} s (blocks {built:.2f}) | {tried} s | {same:.2f} s | {peak} MB (data {data}) | "
          f"{records[0]:.2f} / {records[1]:.2f} | {held} |")  # fmt: skip
    return bars.end()


def changed() -> Iterator[Notice]:
    """Scenarios that a working group would try, each a change to the notice on disk."""
    for old, new in (("见习: 1年", "见习: 2年"), ("2019-12-31", "2020-12-31"), ("须: 考核合格", "须: 在我市")):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name) / "changed"
            shutil.copytree(FOLDER / NOTICE, folder)
            text = (folder / "notice.yaml").read_text(encoding="utf-8")
            assert old in text
            (folder / "notice.yaml").write_text(text.replace(old, new), encoding="utf-8")
            yield read_notice(folder)


def main() -> int:
    """Both shares, each in a process of its own, or the one named."""
    if len(sys.argv) > 1:
        return once(float(sys.argv[1]))
    print(f"| missing facts | first scenario (bar {COLD} s) | next: two years of probation / a later cut-off / one gate less (bar {NEXT} s) | the first again | peak (bar {MEMORY} MB) "
          "| credentials / spells a person | |\n|---|---|---|---|---|---|---|", flush=True)  # fmt: skip
    return max(subprocess.run([sys.executable, __file__, missing], check=False).returncode for missing in ("0", "0.05"))


if __name__ == "__main__":
    sys.exit(main())
