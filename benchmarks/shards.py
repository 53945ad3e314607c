"""`simulate` on several workers (Dask): shards are files, a shard's tally is a pure function, tallies add up.

On more than one machine, give `Client` the address of your scheduler; the workers need this package and the files.
Run by benchmarks/run.py in .venv-bench; alone: .venv-bench/bin/python benchmarks/shards.py [PEOPLE A SHARD]
"""

from __future__ import annotations

import sys
import tempfile
import time
from functools import reduce
from operator import add
from pathlib import Path

from dask.distributed import Client, LocalCluster
from invented import invent
from people_file import write

from chuding.policy.columns_read import read_people
from chuding.policy.notice import load_notice
from chuding.policy.simulate import Tally, facts_asked, simulate

BEFORE, AFTER, SHARDS = "zhenjiang-2024-1", "nanjing-machinery-2022", 4
PEOPLE = int(sys.argv[1]) if len(sys.argv) > 1 else 5_000


def shard(file: str, before: str, after: str) -> Tally:
    """All that a worker does; names go in, counts come out."""
    notices = (load_notice(before), load_notice(after))
    batches = read_people(Path(file), notices, facts_asked(*notices))
    return reduce(add, (simulate(*notices, batch.people).tally for batch in batches), Tally())


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        files = []
        for seed in range(SHARDS):
            files.append(str(Path(name) / f"people-{seed}.parquet"))
            write(invent(load_notice(BEFORE), PEOPLE, 0.02, seed), Path(files[-1]))
        start = time.perf_counter()
        alone = reduce(add, (shard(file, BEFORE, AFTER) for file in files))
        took = time.perf_counter() - start
        with (
            LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster,
            Client(cluster) as client,
        ):
            start = time.perf_counter()
            together = client.submit(sum, client.map(shard, files, before=BEFORE, after=AFTER), Tally()).result()
            apart = time.perf_counter() - start
    assert together == alone
    assert together.people == SHARDS * PEOPLE
    print(f"{SHARDS} shards of {PEOPLE:,} people, {BEFORE} → {AFTER}: one process {took:.1f} s, "
          f"two Dask workers {apart:.1f} s (by the clock, from Parquet); the totals are equal: "
          f"{sum(together.flips.values()):,} changes")  # fmt: skip


if __name__ == "__main__":
    main()
