"""What was measured beside the bar that it must hold: printed as rows of a table, and an exit code that says whether all held."""

from __future__ import annotations

import hashlib
import statistics
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


#: CPU ms of the yardstick on the machine where the bars of CPU time were set (docs/adr/0027).
YARDSTICK = 238.0


def slowness() -> float:
    """How many times slower this machine is at this moment than the one where the bars were set.

    PBKDF2-SHA256 with a million iterations is plain arithmetic in C: it asks neither Python nor the memory, so that what it
    costs is the machine's and not ours. The least of three; a machine that others share is another one a minute later.
    """
    times = []
    for _ in range(3):
        start = time.process_time_ns()
        hashlib.pbkdf2_hmac("sha256", b"yardstick", b"yardstick", 200_000)
        times.append((time.process_time_ns() - start) * 5 / 1e6)
    return min(times) / YARDSTICK


def here(bar: float) -> float:
    """A bar of CPU time as it is on this machine at this moment, whatever its unit."""
    return float(f"{bar * slowness():.3g}")


class Bars:
    """Rows of `| what | measured | bar | |`; a figure above its bar says so and ends the benchmark with 1."""

    def __init__(self) -> None:
        self.missed: list[tuple[str, float, float, str]] = []

    def head(self, *names: str) -> None:
        print(f"| {' | '.join(names)} |\n|{'---|' * len(names)}", flush=True)

    def held(self, what: str, *pairs: tuple[float, float | None]) -> str:
        """`pass`, or which of these figures (measured, bar) is over; a bar of None is none."""
        missed = [(what, value, bar, ">") for value, bar in pairs if bar is not None and value > bar]
        self.missed += missed
        over = [f"{value:g} > {bar:g}" for _, value, bar, _ in missed]
        return "FAIL " + ", ".join(over) if over else "pass" if any(bar is not None for _, bar in pairs) else ""

    def row(self, what: str, value: float, bar: float | None = None, unit: str = "") -> None:
        """One figure with its bar."""
        said = "" if bar is None else f"≤ {bar:g}{unit}"
        print(f"| {what} | {value:g}{unit} | {said} | {self.held(what, (value, bar))} |", flush=True)

    def least(self, what: str, value: float, bar: float) -> str:
        """`pass`, or that a figure is under what it must reach: of precision, recall and the like."""
        if value >= bar:
            return "pass"
        self.missed.append((what, value, bar, "<"))
        return f"FAIL {value:g} < {bar:g}"

    def end(self) -> int:
        """The exit code, after what was missed is said once more."""
        for what, value, bar, sign in self.missed:
            print(f"bar missed: {what}: {value:g} {sign} {bar:g}")
        return int(bool(self.missed))


def cpu_ms(act: Callable[[], object], rounds: int) -> float:
    """Median CPU milliseconds of one call in this process, after a warm-up."""
    act()
    times = []
    for _ in range(rounds):
        start = time.process_time_ns()
        act()
        times.append((time.process_time_ns() - start) / 1e6)
    return statistics.median(times)
