"""What one verdict costs, and what a hundred thousand cost at once. CPU time; medians. Run: python benchmarks/policy.py"""

import statistics
import time
from collections.abc import Callable

import numpy as np

from chuding.policy.assess import assess
from chuding.policy.cells import boundary_people
from chuding.policy.facts import read_facts
from chuding.policy.notice import FOLDER, load_notice, read_notice
from chuding.policy.population import Many, assess_many

PERSON = {
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
NOTICE = "zhenjiang-2024-1"


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


def figures() -> dict[str, float]:
    """Name → value, for the table in docs/performance.md; units stand in the names."""
    notice = load_notice(NOTICE)
    facts = read_facts(PERSON)
    unknown = read_facts({})

    def explained() -> None:
        report = assess(notice, facts)
        assert sum(len(level.findings) for level in report.levels.values()) == 36

    found = {
        "verdict, three levels, sure and best dates, materials (µs)": median_us(lambda: assess(notice, facts)),
        "verdict with everything unknown, missing facts named (µs)": median_us(lambda: assess(notice, unknown)),
        "verdict with the explanation tree (µs)": median_us(explained),
        "facts read from JSON values (µs)": median_us(lambda: read_facts(PERSON)),
        "notice loaded from its folder (ms)": median_us(lambda: read_notice(FOLDER / NOTICE), 5, 2) / 1000,
    }
    people = list(boundary_people(notice)) * 20
    start = time.process_time_ns()
    columns = Many(people)
    found["columns built from facts (ns a person)"] = (time.process_time_ns() - start) / len(people)
    times = []
    for _ in range(5):
        start = time.process_time_ns()
        answers = assess_many(notice, columns)
        times.append((time.process_time_ns() - start) / len(people))
    assert int(np.sum([column.yes.sum() for column in answers.values()])) > 0
    found[f"verdict over columns of {len(people)} people (ns a person)"] = statistics.median(times)
    return found


if __name__ == "__main__":
    for name, value in figures().items():
        print(f"{value:10.1f}  {name}")
