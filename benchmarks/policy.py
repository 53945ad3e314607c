"""What one verdict costs, by what is known of the person, and what stands around it. Run: python benchmarks/policy.py"""

from __future__ import annotations

import math
import statistics
import sys
import time
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from bars import Bars, here

from chuding.policy.assess import assess
from chuding.policy.cells import boundary_people
from chuding.policy.facts import read_facts
from chuding.policy.notice import FOLDER, load_notice, read_notice
from chuding.policy.population import Many, assess_many

if TYPE_CHECKING:
    from collections.abc import Callable

    from chuding.policy.facts import Facts

PERSON: dict[str, Any] = {
    "filed_on": "2024-07-01",
    "specialty": "电力工程/电气工程/电气工程",
    "identity": "mainland",
    "permit": "none",
    "works_in_jurisdiction": True,
    "engagement": "employment_contract",
    "civil_servant": False,
    "retired_on": "never",
    "sanctions": [],
    "credentials": [
        {"kind": "大专", "awarded_on": "2018-06-20", "field_matches": True},
        {"kind": "本科", "awarded_on": "2021-06-20", "field_matches": True},
    ],
    "work": [{"from": "2018-07-01", "to": "2020-05-01"}, {"from": "2020-07-01", "to": None}],
    "assessed_fit": True,
    "established_post": False,
    "established_post_since": None,
    "social_insurance_found": True,
}
MATCH_UNKNOWN = {"kind": "大专", "awarded_on": "2018-06-20", "field_matches": None}


def median_us(act: Callable[[], object], rounds: int = 30, repeats: int = 100) -> float:
    """Median over rounds of the CPU time of one call, in µs."""
    for _ in range(repeats):
        act()
    times = []
    for _ in range(rounds):
        start = time.process_time_ns()
        for _ in range(repeats):
            act()
        times.append((time.process_time_ns() - start) / repeats / 1000)
    return statistics.median(times)


NOTICE = "zhenjiang-2024-1"
VERDICT, EXPLAINED = 100, 200
#: The same person with more and more unknown: what a missing fact costs is what is asked a second time.
CASES: dict[str, dict[str, Any]] = {
    "all known": PERSON,
    "two missing (of the gates)": {**PERSON, "sanctions": None, "assessed_fit": None},
    "two missing (of the rows)": {**PERSON, "work": None, "credentials": [MATCH_UNKNOWN, PERSON["credentials"][1]]},
    "everything unknown": {},
}


def lowest_us(acts: list[Callable[[], object]], rounds: int = 60, repeats: int = 20) -> list[float]:
    """CPU time of one call of each, in µs: the quickest of many rounds, in which the acts take turns.

    A neighbour's load only ever adds to a round of a millisecond or two; what is least of it is ours.
    """
    least = [math.inf] * len(acts)
    for _ in range(rounds):
        for place, act in enumerate(acts):
            start = time.process_time_ns()
            for _ in range(repeats):
                act()
            least[place] = min(least[place], (time.process_time_ns() - start) / repeats / 1000)
    return least


def verdicts(bars: Bars, rounds: int = 60) -> None:
    """One person's verdict, and the same with its explanation, by what is known of them."""
    notice = load_notice(NOTICE)
    people = [read_facts(case) for case in CASES.values()]

    def explained(facts: Facts) -> None:
        report = assess(notice, facts)
        assert sum(len(level.findings) for level in report.levels.values()) == 36

    plain = lowest_us([partial(assess, notice, facts) for facts in people], rounds)
    whole = lowest_us([partial(explained, facts) for facts in people], rounds)
    print(f"the quickest of {rounds} rounds, all cases in turn")
    most = here(VERDICT), here(EXPLAINED)
    bars.head(
        "of one person", f"verdict, µs (bar {most[0]:g})", "ratio", f"explained, µs (bar {most[1]:g})", "ratio", ""
    )
    for name, verdict, explanation in zip(CASES, plain, whole, strict=True):
        held = bars.held(name, (round(verdict, 1), most[0]), (round(explanation, 1), most[1]))
        print(
            f"| {name} | {verdict:.1f} | {verdict / plain[0]:.2f} | {explanation:.1f} | {explanation / whole[0]:.2f} | {held} |"
        )


def the_rest(bars: Bars, rounds: int = 30) -> None:
    """What stands around a verdict, and verdicts over columns of people at the boundaries."""
    notice = load_notice(NOTICE)
    bars.head("what", "cost", "bar", "")
    bars.row("facts read from JSON values", round(median_us(lambda: read_facts(PERSON), rounds), 1), unit=" µs")
    loaded = median_us(lambda: read_notice(FOLDER / NOTICE), 5, 2) / 1000
    bars.row("notice loaded from its folder", round(loaded, 1), unit=" ms")
    people = list(boundary_people(notice)) * 20
    start = time.process_time_ns()
    columns = Many(people)
    bars.row("columns built from facts", round((time.process_time_ns() - start) / len(people)), unit=" ns a person")
    times = []
    for _ in range(5):
        start = time.process_time_ns()
        answers = assess_many(notice, columns)
        times.append((time.process_time_ns() - start) / len(people))
    assert int(np.sum([column.yes.sum() for column in answers.values()])) > 0
    bars.row(f"verdict over columns of {len(people)} people", round(statistics.median(times)), unit=" ns a person")


def main() -> int:
    bars = Bars()
    verdicts(bars)
    print()
    the_rest(bars)
    return bars.end()


if __name__ == "__main__":
    sys.exit(main())
