"""The fair backend on real files: its promises, its queue, and what it leaves behind when someone dies."""

import fcntl
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import IntegrityError, OperationalError, transaction
from django.db.utils import ConnectionHandler

from chuding.storage.sqlite.base import writes


class Bench:
    """A database file of this test and its connections, one a thread, as Django hands them out."""

    def __init__(self, file):
        self.file = file
        self.handler = ConnectionHandler(
            {"default": {"ENGINE": "chuding.storage.sqlite", "NAME": file, "OPTIONS": {"timeout": 30}}},
        )

    @property
    def connection(self):
        return self.handler["default"]

    def run(self, sql, *params):
        with self.connection.cursor() as cursor:
            cursor.execute(sql, params)
            return cursor.fetchall()

    def queue_is_free(self):
        descriptor = os.open(f"{self.file}.wlock", os.O_RDWR)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        finally:
            os.close(descriptor)
        return True

    def waiting(self):
        inode = Path(f"{self.file}.wlock").stat().st_ino
        locks = Path("/proc/locks").read_text().splitlines()
        return sum("->" in line and f":{inode} " in line for line in locks)


@pytest.fixture
def bench(tmp_path, django_db_blocker, monkeypatch):
    with django_db_blocker.unblock():
        made = Bench(tmp_path / "fair.sqlite3")
        # `atomic` finds its connection in Django's own handler
        monkeypatch.setattr("django.db.transaction.connections", made.handler)
        made.run("CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER NOT NULL UNIQUE)")
        yield made
        made.connection.close()


def atomic():
    return transaction.atomic(using="default")


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT 1", False),
        ("  select 1", False),
        ("PRAGMA synchronous", False),
        ("EXPLAIN UPDATE t SET n = 1", False),
        ("WITH a AS (SELECT 1) SELECT * FROM a", False),
        ("SAVEPOINT a", False),
        ("COMMIT", False),
        ("INSERT INTO t VALUES (1)", True),
        ("\n -- why\n /* and\nwhat */ update t SET n = 1", True),
        ("WITH a AS (SELECT 1) INSERT INTO t SELECT * FROM a", True),
        ("REPLACE INTO t VALUES (1)", True),
        ("CREATE INDEX i ON t (n)", True),
        ("VACUUM", True),
        ("", False),
    ],
)
def test_writes_tells_what_takes_the_write_lock(sql, expected):
    assert writes(sql) is expected


def test_connection_keeps_every_promise(bench):
    pragmas = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
    assert [bench.run(f"PRAGMA {name}")[0][0] for name in pragmas] == ["wal", 2, 1, 30000]
    assert bench.connection.transaction_mode == "IMMEDIATE"


def test_files_are_readable_by_their_owner_only(bench):
    modes = {file.name: file.stat().st_mode & 0o777 for file in bench.file.parent.iterdir()}
    assert modes == {f"fair.sqlite3{suffix}": 0o600 for suffix in ("", "-wal", "-shm", ".wlock")}


def test_a_mode_that_does_not_exist_is_refused(tmp_path, django_db_blocker):
    options = {"transaction_mode": "HASTY"}
    database = {"ENGINE": "chuding.storage.sqlite", "NAME": tmp_path / "x", "OPTIONS": options}
    with django_db_blocker.unblock(), pytest.raises(ImproperlyConfigured):
        ConnectionHandler({"default": database})["default"].connect()


def test_transaction_holds_the_queue_until_it_commits(bench):
    with atomic():
        assert not bench.queue_is_free()
        with atomic():
            bench.run("INSERT INTO t (n) VALUES (1)")
        assert not bench.queue_is_free()
    assert (bench.queue_is_free(), bench.run("SELECT n FROM t")) == (True, [(1,)])


def test_inner_rollback_keeps_the_queue_and_outer_rollback_leaves_it(bench):
    def inner():
        with atomic():
            bench.run("INSERT INTO t (n) VALUES (1)")
            raise ZeroDivisionError

    def outer():
        with atomic():
            with pytest.raises(ZeroDivisionError):
                inner()
            assert not bench.queue_is_free()
            bench.run("INSERT INTO t (n) VALUES (2)")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        outer()
    assert (bench.queue_is_free(), bench.run("SELECT n FROM t")) == (True, [])


def test_closing_in_the_middle_leaves_the_queue(bench):
    bench.connection.set_autocommit(False, force_begin_transaction_with_broken_autocommit=True)
    held = bench.queue_is_free()
    bench.connection.close()
    assert (held, bench.queue_is_free()) == (False, True)


def test_single_write_takes_its_turn_and_leaves(bench):
    bench.run("INSERT INTO t (n) VALUES (1)")
    assert bench.queue_is_free()
    with pytest.raises(IntegrityError):
        bench.run("INSERT INTO t (n) VALUES (1)")
    assert bench.queue_is_free()


def test_single_write_that_returns_rows_is_committed_before_they_are_read(bench):
    with bench.connection.cursor() as cursor:
        cursor.execute("INSERT INTO t (n) VALUES (%s), (%s), (%s), (%s) RETURNING n", [1, 2, 3, 4])
        other = Bench(bench.file)
        assert (bench.queue_is_free(), other.run("SELECT COUNT(*) FROM t")) == (True, [(4,)])
        other.connection.close()
        read = [cursor.fetchone(), cursor.fetchmany(2), cursor.fetchall(), cursor.fetchone(), cursor.fetchall()]
        assert read == [(1,), [(2,), (3,)], [(4,)], None, []]
        cursor.execute("DELETE FROM t WHERE n > 2 RETURNING n")
        assert [row for row in cursor] == [(3,), (4,)]  # noqa: C416 - the cursor's own iteration is meant
        cursor.execute("SELECT n FROM t")
        assert [cursor.fetchone(), cursor.fetchmany(5), cursor.fetchall()] == [(1,), [(2,)], []]


def test_full_disk_costs_the_transaction_and_nothing_else(bench):
    bench.run("INSERT INTO t (id, n) VALUES (1, 0)")
    ((pages,),) = bench.run("PRAGMA page_count")
    bench.run(f"PRAGMA max_page_count = {pages}")

    def fill():
        with atomic():
            bench.run("UPDATE t SET n = 5 WHERE id = 1")
            with bench.connection.cursor() as cursor:
                cursor.executemany("INSERT INTO t (n) VALUES (%s)", [(n,) for n in range(10, 5000)])

    with pytest.raises(OperationalError, match="full"):
        fill()
    assert (bench.queue_is_free(), bench.run("SELECT id, n FROM t")) == (True, [(1, 0)])
    bench.run("PRAGMA max_page_count = 100000")
    fill()
    assert bench.run("SELECT COUNT(*), MIN(n) FROM t") == [(4991, 5)]


def test_many_rows_at_once_take_one_turn(bench):
    with bench.connection.cursor() as cursor:
        cursor.executemany("INSERT INTO t (n) VALUES (%s)", [(1,), (2,)])
    assert (bench.queue_is_free(), bench.run("SELECT COUNT(*) FROM t")) == (True, [(2,)])


def test_reader_does_not_wait_for_the_writer(bench):
    with atomic():
        bench.run("INSERT INTO t (n) VALUES (1)")
        other = Bench(bench.file)
        assert other.run("SELECT COUNT(*) FROM t") == [(0,)]
        other.connection.close()


def test_writers_are_served_in_order_of_arrival(bench):
    order = []

    def write(number):
        with atomic():
            order.append(number)
            bench.run("INSERT INTO t (n) VALUES (%s)", number)
        bench.connection.close()

    threads = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    with atomic():
        for arrived, thread in enumerate(threads):
            thread.start()
            while bench.waiting() <= arrived:
                time.sleep(0.001)
    for thread in threads:
        thread.join()
    assert order == list(range(8))


def test_threads_lose_no_write(bench):
    bench.run("INSERT INTO t (id, n) VALUES (1, 0)")
    faults = []

    def count():
        try:
            for _ in range(25):
                with atomic():
                    ((n,),) = bench.run("SELECT n FROM t WHERE id = 1")
                    bench.run("UPDATE t SET n = %s WHERE id = 1", n + 1)
        except Exception as fault:  # noqa: BLE001 - reported below
            faults.append(fault)
        finally:
            bench.connection.close()

    threads = [threading.Thread(target=count) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (faults, bench.run("SELECT n FROM t")) == ([], [(200,)])


COUNTER = """
import sys, time, chuding.settings
from django.conf import settings
settings.configure(DATABASES={"default": {"ENGINE": "chuding.storage.sqlite", "NAME": sys.argv[1]}})
from django.db import connection, transaction
def once(pause=0):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT n FROM t WHERE id = 1")
        (n,) = cursor.fetchone()
        cursor.execute("UPDATE t SET n = %s WHERE id = 1", [n + 1])
        if pause:
            print("held", flush=True)
            time.sleep(pause)
if sys.argv[2] == "hang":
    once(pause=60)
for _ in range(25):
    once()
"""


def start(bench, how, **options):
    data = {**os.environ, "CHUDING_DATA": str(bench.file.parent / "data")}
    words = [sys.executable, "-c", COUNTER, str(bench.file), how]
    return subprocess.Popen(words, env=data, text=True, **options)


def test_processes_lose_no_write_and_a_killed_one_leaves_the_queue(bench):
    bench.run("INSERT INTO t (id, n) VALUES (1, 0)")
    hanging = start(bench, "hang", stdout=subprocess.PIPE)
    assert hanging.stdout.readline() == "held\n"
    counting = [start(bench, "count") for _ in range(2)]
    while bench.waiting() < 2:
        time.sleep(0.005)
    hanging.send_signal(signal.SIGKILL)
    hanging.communicate()
    assert [process.wait(60) for process in counting] == [0, 0]
    assert bench.run("SELECT n FROM t") == [(50,)]


def test_forked_child_takes_a_place_of_its_own(bench):
    queue = bench.connection._queue
    queue.enter()
    queue.leave()
    queue._process = -1  # what a child finds: a descriptor that its parent opened
    before = queue._descriptor
    queue.enter()
    assert (queue._descriptor == before, bench.queue_is_free()) == (False, False)
    queue.leave()
    os.close(before)


@pytest.mark.django_db
def test_database_in_memory_has_no_queue():
    made = ConnectionHandler({"default": {"ENGINE": "chuding.storage.sqlite", "NAME": ":memory:"}})["default"]
    with made.cursor() as cursor:
        cursor.execute("CREATE TABLE t (n INTEGER)")
        cursor.execute("INSERT INTO t VALUES (1) RETURNING n")
        assert cursor.fetchall() == [(1,)]
    assert (made._queue.path, Path(":memory:.wlock").exists()) == (None, False)
    made.connection.close()


def test_database_named_by_uri_has_its_lock_beside_the_file(tmp_path, django_db_blocker):
    with django_db_blocker.unblock():
        made = Bench(f"file:{tmp_path}/a%20b.sqlite3")
        made.run("CREATE TABLE t (n INTEGER)")
        made.connection.close()
    assert sorted(file.name for file in tmp_path.iterdir()) == ["a b.sqlite3", "a b.sqlite3.wlock"]
