"""An employer's roster of two hundred (U5): clicks, seconds until it is checked, and whether every wrong cell is named.

    .venv/bin/python benchmarks/roster_import.py [--people 200]

Works through the clerk's pages by their own forms, as `signing_batch.py` does at its desk: once with a sheet without a
fault, and once with one in every fifteenth row, of which the good rows are imported. On SQLite, in a folder of its own.
A figure over its bar, or a fault that is not named at its cell, ends it with 1.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "tests"), str(HERE.parent / "tests" / "applications")]

from bars import Bars
from signing_batch import Desk

if TYPE_CHECKING:
    from django.test import Client

PEOPLE = 200
# experience.md U5: seconds until the sheet is checked, clicks from the clerk's first page to the imported roster.
SECONDS, CLICKS = 5.0, 12
WRONG_EVERY = 15
# Ways to get a cell wrong, by column.
WRONG = (
    ("graduated_on", "2021.7"), ("phone", "1390000"), ("full_name", "何1"), ("schooling", "学士"),
    ("started_on", "2030-01-01"), ("study_mode", ""), ("identity_number", "32110219"), ("post", ""),
    ("degree", "专士"), ("assessed_fit", "大概"), ("specialty", "机械"), ("level", "副高"),
)  # fmt: skip


def main() -> int:
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--people", type=int, default=PEOPLE)
    people = words.parse_args().people
    with tempfile.TemporaryDirectory(prefix="chuding-roster-") as folder:
        os.environ |= {
            "CHUDING_DATA": folder,
            "CHUDING_DEMONSTRATION": "1",
            "CHUDING_HOSTS": "testserver",
            "CHUDING_DATABASE_URL": "sqlite",
            "DJANGO_SETTINGS_MODULE": "chuding.settings",
        }
        return site(people).end()


def site(people: int) -> Bars:
    """A house with one clerk, and the two imports in it."""
    from chuding.service import set_demonstration_clock

    set_demonstration_clock(Path(os.environ["CHUDING_DATA"]))
    import django

    django.setup()
    from chuding.demonstration.commands import ready_the_house
    from signing_in import signed_in
    from stage import Stage

    ready_the_house()
    return work(signed_in(Stage().sun), people)


def work(client: Client, count: int) -> Bars:
    """Both imports by this clerk; the faulty sheet comes first, as nobody of it may be on the roster already."""
    from roster_sheets import somebody

    bars = Bars()
    print(f"\n{count} people\n\n| act | clicks | statements | CPU ms |\n|---|---|---|---|")
    faults = dict(zip(range(WRONG_EVERY - 1, count, WRONG_EVERY), WRONG, strict=False))
    people = [somebody(n, **dict([faults[n]] if n in faults else [])) for n in range(count)]
    faulty, seconds, page = imported(Desk(client, bars), people)
    named = {(f.line, f.column.key) for row in page.context["rows"] for f in row.findings if f.blocks}
    missed = {(4 + n, column) for n, (column, _) in faults.items()} ^ named
    clean, others, _ = imported(Desk(client, bars), [somebody(n) for n in range(count, 2 * count)])
    print()
    bars.head("what", "measured", "bar", "")
    bars.row("U5 clicks, a sheet without a fault", clean.clicks, CLICKS)
    bars.row(f"U5 clicks, {len(faults)} faults, the good rows imported", faulty.clicks, CLICKS)
    bars.row(f"U5 {count} rows received and checked", round(max(seconds, others), 2), SECONDS, " s")
    bars.row("U5 faults not named at their cell, or named without one", len(missed), 0)
    print(f"\nload {os.getloadavg()[0]:.1f}")
    return bars


def imported(desk: Desk, people: list[dict[str, str]]) -> tuple[Desk, float, Any]:
    """One sheet from the clerk's first page to the roster; beside the clicks the seconds of the check, and its page."""
    from roster_sheets import uploaded

    desk.open("the clerk's first page", "/employer/")
    desk.open("the roster", "/employer/staff/")
    desk.open("how to import", "/employer/staff/import/")
    template = desk.client.get("/employer/staff/template.xlsx")
    assert template.status_code == 200, template.status_code
    desk.clicks += 1
    typed: dict[str, Any] = {"file": uploaded(people)}
    began = time.monotonic()
    desk.press("received and checked", "上传并检查", typed=typed)
    seconds = time.monotonic() - began
    page = desk.client.get(desk.at)
    desk.press("imported", "先导入没有问题的" if page.context["bad"] else "导入全部")
    desk.open("the roster again", "/employer/staff/")
    return desk, seconds, page


if __name__ == "__main__":
    sys.exit(main())
