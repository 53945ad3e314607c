"""What each test asks of the database, noted by the first leg; the second leg runs the tests that together ask all of it.

`tools/run_tests.py` names a folder in CHUDING_TEST_STATEMENTS. A statement is noted by its shape: what differs in values,
lists and savepoints only is one shape, and an error that the database answers with makes another. Tests about
transactions, and tests of which nothing is noted, always run on the second database.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import time
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.db.backends.signals import connection_created

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_SAVEPOINTS = ("SAVEPOINT", "RELEASE", "ROLLBACK")
# Rooms whose code speaks to each database in its own words.
_BOTH = ("tests/storage/", "tests/ledger/", "tests/jobs/")


@cache
def shape(sql: str) -> str:
    """A statement's shape: eight bytes in hexadecimals, the same in every process."""
    if sql.startswith(_SAVEPOINTS):
        sql = sql.split(maxsplit=1)[0]
    sql = re.sub(r"\b\d+\b", "0", sql)
    sql = re.sub(r"\(%s(?:, %s)+\)", "(%s)", sql)
    sql = re.sub(r"(\([^()]*\))(?:, \1)+", r"\1", sql)
    return hashlib.blake2b(sql.encode(), digest_size=8).hexdigest()


def name_of(item: pytest.Item) -> str:
    """The test's name without the group that a worker adds to it."""
    file, _, name = item.location
    return f"{file}::{name}"


class Notes:
    """A plugin of the first leg: one line a test, with its seconds and the shapes that it asked for."""

    def __init__(self, folder: Path) -> None:
        self._file = (folder / f"{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}.jsonl").open("a", encoding="utf-8")
        self._asked: set[str] = set()
        connection_created.connect(self._listen, weak=False)

    def _listen(self, connection: Any, **_: object) -> None:
        if self._note not in connection.execute_wrappers:
            connection.execute_wrappers.append(self._note)

    def _note(self, execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: Any) -> Any:
        """Django's own words for such a wrapper (docs: database instrumentation)."""
        asked = shape(str(sql))
        try:
            answer = execute(sql, params, many, context)
        except Exception as error:
            self._asked.add(f"{asked} {type(error).__name__}")
            raise
        self._asked.add(asked)
        return answer

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        """Write down what the test asked, its fixtures included."""
        self._asked.clear()
        began = time.monotonic()
        yield
        line = {"test": name_of(item), "seconds": time.monotonic() - began, "asked": sorted(self._asked)}
        self._file.write(json.dumps(line) + "\n")
        self._file.flush()


def enough(items: list[pytest.Item], folder: Path) -> list[pytest.Item]:
    """The tests that together ask for every shape noted, cheapest first, and those of which the notes cannot judge."""
    noted = {}
    for file in sorted(folder.glob("*.jsonl")):
        for line in file.read_text(encoding="utf-8").splitlines():
            note = json.loads(line)
            noted[note["test"]] = (float(note["seconds"]), frozenset(note["asked"]))
    always = [item for item in items if name_of(item) not in noted or _about_transactions(item)]
    asked = {shape for item in always for shape in noted.get(name_of(item), (0, frozenset()))[1]}
    names = {name_of(item) for item in items}
    others = {name: each for name, each in sorted(noted.items()) if name in names and each[1] - asked}
    chosen = {name_of(item) for item in always}
    while others:
        name = max(others, key=lambda each: len(others[each][1] - asked) / (others[each][0] + 0.05))
        chosen.add(name)
        asked |= others.pop(name)[1]
        others = {name: each for name, each in others.items() if each[1] - asked}
    return [item for item in items if name_of(item) in chosen]


def _about_transactions(item: pytest.Item) -> bool:
    mark = item.get_closest_marker("django_db")
    return (
        bool(mark and mark.kwargs.get("transaction"))
        or not {"transactional_db", "live_server"}.isdisjoint(getattr(item, "fixturenames", ()))
        or name_of(item).startswith(_BOTH)
    )
