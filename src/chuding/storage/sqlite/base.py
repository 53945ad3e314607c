"""Django's SQLite backend with a fair queue of writers and nothing acknowledged before it is on the disk.

SQLite's busy handler is not a queue: under load one writer may wait for seconds while others pass it by. Here every
writer first takes `flock` on `<database>.wlock`, whose waiters the kernel serves in order of arrival, and releases it at
commit, rollback or close. The kernel also releases it when a process dies. In-memory databases have no queue.

One thread must not write through two connections to the same file inside one transaction: it would wait for itself.
"""

from __future__ import annotations

import fcntl
import os
import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from django.db.backends.sqlite3 import base
from django.db.backends.sqlite3.schema import DatabaseSchemaEditor
from django.utils.asyncio import async_unsafe

if TYPE_CHECKING:
    from collections.abc import Iterator

_LEADING_NOISE = re.compile(r"(?:\s+|--[^\n]*\n|/\*.*?\*/|\()*", re.DOTALL)
_WRITES = frozenset(
    {"INSERT", "UPDATE", "DELETE", "REPLACE", "CREATE", "DROP", "ALTER", "REINDEX", "VACUUM", "ANALYZE"},
)
_WRITE_WITHIN = re.compile(r"\b(?:INSERT|UPDATE|DELETE|REPLACE)\b", re.IGNORECASE)
_RETURNING = re.compile(r"\bRETURNING\b", re.IGNORECASE)


def writes(sql: str) -> bool:
    """Tell whether a statement takes SQLite's write lock; a WITH that may write counts as one that does."""
    start = _LEADING_NOISE.match(sql)
    rest = sql[start.end() if start else 0 :]
    word = re.split(r"\W", rest, maxsplit=1)[0].upper()
    return word in _WRITES or (word == "WITH" and _WRITE_WITHIN.search(rest) is not None)


class WriterQueue:
    """The place of one connection in the queue of writers: `flock` on the lock file beside the database."""

    def __init__(self, path: str | None) -> None:
        self.path = path
        self.held = False
        self._descriptor: int | None = None
        self._process = 0

    def enter(self) -> None:
        """Wait for our turn; a second call while it is ours does nothing."""
        if self.path is None or self.held:
            return
        if self._descriptor is None or self._process != os.getpid():
            # A forked child shares its parent's place in the queue until it opens the file itself.
            self._descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
            self._process = os.getpid()
        fcntl.flock(self._descriptor, fcntl.LOCK_EX)
        self.held = True

    def leave(self) -> None:
        """Let the next one in."""
        if self.held and self._descriptor is not None:
            self.held = False
            fcntl.flock(self._descriptor, fcntl.LOCK_UN)

    def close(self) -> None:
        """Leave, and give the descriptor back."""
        self.leave()
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


class FairCursor(base.SQLiteCursorWrapper):
    """A cursor whose single writes outside a transaction take their turn too.

    The rows of a write with RETURNING are read at once, because SQLite commits such a statement only when its last row
    has been read: left to the caller, that would be after we have left the queue.
    """

    def __init__(self, connection: Any, queue: WriterQueue) -> None:
        super().__init__(connection)
        self._queue = queue
        self._rows: Iterator[Any] | None = None

    @contextmanager
    def _turn(self, query: str) -> Iterator[None]:
        self._rows = None
        if self._queue.held or not writes(query):
            yield
            return
        self._queue.enter()
        try:
            yield
            if not self.connection.in_transaction and _RETURNING.search(query):
                self._rows = iter(super().fetchall())
        finally:
            if not self.connection.in_transaction:
                self._queue.leave()

    def execute(self, query: str, params: Any = None) -> Any:
        with self._turn(query):
            return super().execute(query, params)

    def executemany(self, query: str, param_list: Any) -> Any:
        with self._turn(query):
            return super().executemany(query, param_list)

    def fetchone(self) -> Any:
        return super().fetchone() if self._rows is None else next(self._rows, None)

    def fetchmany(self, size: int | None = None) -> list[Any]:
        wanted = self.arraysize if size is None else size
        if self._rows is None:
            return list(super().fetchmany(wanted))
        return [row for _, row in zip(range(wanted), self._rows, strict=False)]

    def fetchall(self) -> list[Any]:
        return list(super().fetchall() if self._rows is None else self._rows)

    def __next__(self) -> Any:
        return super().__next__() if self._rows is None else next(self._rows)


class KeepingSchemaEditor(DatabaseSchemaEditor):
    """Keeps the triggers of a table that is changed: Django copies it into a new one, and drops them with the old one.

    Triggers of other tables that read it stand aside too, because SQLite renames no table while a trigger names one
    that is not there.
    """

    def _remake_table(self, model: Any, *arguments: Any, **options: Any) -> None:
        table = model._meta.db_table  # noqa: SLF001 - Django's public-by-custom API
        find = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND (tbl_name = %s OR instr(sql, %s))"
        with self.connection.cursor() as cursor:
            cursor.execute(find, [table, table])
            triggers = cursor.fetchall()
            for name, _ in triggers:
                cursor.execute(f"DROP TRIGGER {self.quote_name(name)}")
        super()._remake_table(model, *arguments, **options)  # type: ignore[misc] # the stubs leave it out
        self.deferred_sql += [sql.replace("CREATE TRIGGER", "CREATE TRIGGER IF NOT EXISTS", 1) for _, sql in triggers]


class DatabaseWrapper(base.DatabaseWrapper):
    """SQLite with WAL, synchronous=FULL, IMMEDIATE transactions and the fair queue."""

    SchemaEditorClass = KeepingSchemaEditor

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._queue = WriterQueue(None)

    def get_connection_params(self) -> dict[str, Any]:
        params: dict[str, Any] = super().get_connection_params()
        # A transaction that reads first and writes later cannot wait its turn: SQLite refuses it at once.
        self.transaction_mode: str = self.transaction_mode or "IMMEDIATE"
        return params

    @async_unsafe
    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        self._queue.close()
        self._queue = WriterQueue(None)
        if not self.is_in_memory_db():
            file = _file_name(conn_params["database"])
            # Made here and not by SQLite, so that nobody else on the machine may read it; WAL and index follow suit.
            os.close(os.open(file, os.O_RDWR | os.O_CREAT, 0o600))
            self._queue = WriterQueue(f"{file}.wlock")
        connection = super().get_new_connection(conn_params)
        if not self.is_in_memory_db() and connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
            self._queue.enter()  # the busy handler does not cover the change of mode
            try:
                connection.execute("PRAGMA journal_mode = WAL")
            finally:
                self._queue.leave()
        connection.execute("PRAGMA synchronous = FULL")
        return connection

    def create_cursor(self, name: str | None = None) -> Any:
        del name  # SQLite has no server-side cursors
        return self.connection.cursor(factory=lambda connection: FairCursor(connection, self._queue))

    def _start_transaction_under_autocommit(self) -> None:
        self._queue.enter()
        try:
            super()._start_transaction_under_autocommit()  # type: ignore[misc] # the stubs leave it out
        except BaseException:
            self._queue.leave()
            raise

    def _commit(self) -> None:
        try:
            super()._commit()  # type: ignore[misc] # the stubs leave it out
        finally:
            self._leave_unless_writing()

    def _rollback(self) -> None:
        try:
            super()._rollback()  # type: ignore[misc] # the stubs leave it out
        finally:
            self._leave_unless_writing()

    def _close(self) -> None:
        try:
            super()._close()  # type: ignore[misc] # the stubs leave it out
        finally:
            self._queue.close()

    def _leave_unless_writing(self) -> None:
        if self.connection is None or not self.connection.in_transaction:
            self._queue.leave()


def _file_name(database: Any) -> str:
    name = os.fspath(database)
    # SQLite follows links too, and both ends of a link must stand in one queue.
    return os.path.realpath(unquote(urlsplit(name).path) if name.startswith("file:") else name)
