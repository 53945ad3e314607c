"""What every test stands on: a data folder of its own, a fixed moment, and the jobs run in the test's own process.

A test that needs people, files or a notice adds its fixtures below or in its room's conftest.
"""

from __future__ import annotations

import gc
import hashlib
import json
import os
import re
import shutil
import sys
import tempfile
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.db import connection
from django.db.backends.base.operations import BaseDatabaseOperations
from django.test import Client
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

import statements
from chuding.jobs.worker import run_pending
from chuding.ledger import guards as ledger_guards
from chuding.notices import guards as notice_guards
from chuding.notices import shelf
from chuding.paper.glyphs import fonts_folder
from signing_in import with_both_factors
from stage import Stage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# Helper modules (samples, papers, ...) stand beside the tests of their room and are imported by their bare names.
sys.path[:0] = [str(folder) for folder in sorted(Path(__file__).parent.iterdir()) if folder.is_dir()]

# No test is about time: a busy machine makes none fail.
hypothesis_settings.register_profile("chuding", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis_settings.load_profile("chuding")

# After how many new objects the collector looks for those that hold each other; Python's own wish is 700.
OBJECTS_LEFT = (20_000, 20, 20)
LONGEST_NAME = 100  # characters of a value in the name of a test

_FOLDER = Path(tempfile.mkdtemp(prefix="chuding-test-"))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--db-only", action="store_true", help="only the tests that touch the database")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep what the leg on the second database runs: what touches the database, and of that what asks something new.

    Without notes of the first leg (tests/statements.py) that is everything that touches the database.
    """
    if not config.getoption("--db-only"):
        return
    touches = {"db", "transactional_db", "live_server"}
    kept = [i for i in items if i.get_closest_marker("django_db") or touches & set(getattr(i, "fixturenames", ()))]
    kept = [i for i in kept if not i.get_closest_marker("once")]
    if notes := os.environ.get("CHUDING_TEST_STATEMENTS"):
        kept = statements.enough(kept, Path(notes))
    config.hook.pytest_deselected(items=list(set(items).difference(kept)))
    items[:] = kept


def pytest_itemcollected(item: pytest.Item) -> None:
    """What a module makes once for its tests is made once a run, and not by each worker: they go to one."""
    made = getattr(item, "_fixtureinfo", None)
    once = made is not None and any(each[-1].scope == "module" for each in made.name2fixturedefs.values())
    if once and not item.get_closest_marker("xdist_group"):
        item.add_marker(pytest.mark.xdist_group(item.location[0]))


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """A short name for a case that is megabytes of bytes or text: names go through every process and every report."""
    if isinstance(val, str | bytes) and len(val) > LONGEST_NAME:
        digest = hashlib.sha256(val if isinstance(val, bytes) else val.encode("utf-8", "surrogatepass"))
        return f"{argname}-{len(val)}-{digest.hexdigest()[:8]}"
    return None


def pytest_collection_finish() -> None:
    """What was imported stays, to the end of the process: the collector need not walk through it again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*OBJECTS_LEFT)
    gc.enable()


def pytest_configure(config: pytest.Config) -> None:
    """Move everything that settings put into the data folder to a temporary one: each test process has its own.

    CHUDING_TEST_TABLES names a database whose tables are made already (tools/run_tests.py): this process starts from a copy,
    and takes the fonts that lie unpacked in CHUDING_DATA.
    CHUDING_TEST_STATEMENTS names the folder where the first leg notes what each test asks of the database.
    """
    gc.disable()  # until all tests are known: next to nothing of what is read in is given up again
    if (notes := os.environ.get("CHUDING_TEST_STATEMENTS")) and not config.getoption("--db-only"):
        config.pluginmanager.register(statements.Notes(Path(notes)))
    old = str(settings.DATA_FOLDER)
    settings.DATA_FOLDER = _FOLDER
    settings.KEYS_FOLDER = _FOLDER / "keys"
    settings.SIGNING_FOLDER = _FOLDER / "signing"
    settings.DEMONSTRATION = True
    _move_connectors(settings, old, str(_FOLDER))

    database = settings.DATABASES["default"]
    if database["ENGINE"] == "chuding.storage.sqlite":
        # A file and not memory: threads and processes of a test meet the same backend as in production.
        database.setdefault("TEST", {})["NAME"] = str(_FOLDER / "test.sqlite3")
    if made := os.environ.get("CHUDING_TEST_TABLES"):
        (_FOLDER / "fonts").symlink_to(Path(old) / "fonts")
        if database["ENGINE"] == "chuding.storage.sqlite":
            worker = os.environ.get("PYTEST_XDIST_WORKER")
            shutil.copy(made, _FOLDER / f"test.sqlite3{f'_{worker}' if worker else ''}")
            config.option.reuse_db = True
        else:
            database.setdefault("TEST", {})["TEMPLATE"] = made


def pytest_unconfigure(config: pytest.Config) -> None:
    del config
    shutil.rmtree(_FOLDER, ignore_errors=True)


def _move_connectors(settings: Any, old: str, new: str) -> None:
    """Let the embedded SMS outbox and social insurance keep their files in another folder."""
    for name in ("SMS_GATEWAY", "SOCIAL_INSURANCE", "TIME_STAMPING"):
        setattr(settings, name, json.loads(json.dumps(getattr(settings, name)).replace(old, new)))


@pytest.fixture(scope="session")
def fonts() -> Path:
    """The folder of the unpacked fonts; it is for reading."""
    return fonts_folder(_FOLDER)


@pytest.fixture
def data_folder(tmp_path: Path, settings: Any) -> Path:
    """A data folder of this test alone (files, keys, checkpoints)."""
    # The fonts are the same for all: unpacking them takes two seconds.
    (_FOLDER / "fonts").mkdir(exist_ok=True)
    (tmp_path / "fonts").symlink_to(_FOLDER / "fonts")
    settings.DATA_FOLDER = tmp_path
    settings.KEYS_FOLDER = tmp_path / "keys"
    settings.SIGNING_FOLDER = tmp_path / "signing"
    _move_connectors(settings, str(_FOLDER), str(tmp_path))
    return tmp_path


@pytest.fixture
def at() -> datetime:
    """An office hour inside the window of the 2024 notice's summer, with its zone."""
    return datetime(2024, 7, 1, 10, 0, tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.fixture
def run_jobs(db: None, at: datetime) -> Callable[..., int]:
    """Call it to run what is due: `run_jobs()` at `at`, or `run_jobs(later)`; returns how many runs that were."""
    return lambda moment=None: run_pending(at if moment is None else moment)


@pytest.fixture(autouse=True)
def known_notices() -> None:
    """What an earlier test published was rolled back; this process may not remember it."""
    shelf.forget()


@pytest.fixture(scope="session", autouse=True)
def signed_in_with_both_factors() -> Iterator[None]:
    """`force_login` signs in as the pages do: password and authenticator shown just now (tests/accounts test those)."""
    original = Client._login
    Client._login = with_both_factors(original)
    yield
    Client._login = original


@pytest.fixture(scope="session", autouse=True)
def emptied_after_transactions() -> Iterator[None]:
    """Let the test runner empty the ledger between transactional tests, which its triggers rightly refuse."""
    original = BaseDatabaseOperations.execute_sql_flush

    def flush(self: BaseDatabaseOperations, sql_list: list[str]) -> None:
        with unguarded(self.connection):
            original(self, [statement for sql in sql_list for statement in _deletions(sql)])

    BaseDatabaseOperations.execute_sql_flush = flush
    yield
    BaseDatabaseOperations.execute_sql_flush = original


def _deletions(sql: str) -> list[str]:
    """Turn PostgreSQL's TRUNCATE of all tables, a second of file work, into the deletion of the few rows there are."""
    if not sql.startswith("TRUNCATE") or "RESTART IDENTITY" in sql:
        return [sql]
    return [f"DELETE FROM {table}" for table in re.findall(r'"[^"]+"', sql)]


@pytest.fixture
def intruder(db: None) -> Callable[[str], None]:
    """Run SQL as someone who owns the database would: the ledger's triggers are taken away for the moment."""

    def run(*statements: str) -> None:
        with unguarded(connection), connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)

    return run


@contextmanager
def unguarded(connection: Any) -> Iterator[None]:
    """Take away the triggers of the ledger and of published notices, and put them back."""
    if connection.vendor == "postgresql":  # a trigger cannot be dropped while checks of the same transaction wait
        away, back = ("SET session_replication_role = replica",), ("SET session_replication_role = DEFAULT",)
    else:
        kinds = (ledger_guards, notice_guards)
        away, back = (
            tuple(sql for kind in kinds for sql in getattr(kind, name)[connection.vendor])
            for name in ("DROP", "CREATE")
        )
    with connection.cursor() as cursor:
        for statement in away:
            cursor.execute(statement)
        try:
            yield
        finally:
            for statement in back:
                cursor.execute(statement)


@pytest.fixture
def stage(db: None) -> Stage:
    """The officers and employers of the demonstration, and a way to bring a person's file to any state."""
    return Stage()
