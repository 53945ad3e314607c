"""Start-up checks: what the database must promise before anything is acknowledged to a person."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.core.checks import CheckMessage, Error, Warning  # noqa: A004 - Django's own name
from django.db import connections

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

# Earlier versions can lose or damage committed writes when a checkpoint meets a commit: sqlite.org/wal.html#walresetbug
SAFE_SQLITE = (3, 51, 3)
FULL = 2
PROMISES = ("fsync", "synchronous_commit", "full_page_writes")


def check_sqlite_version(*, app_configs: object, **_: Any) -> list[CheckMessage]:
    """Warn where the SQLite at hand has the WAL-reset bug (chuding.W001)."""
    del app_configs
    uses_sqlite = any(connection.vendor == "sqlite" for connection in connections.all())
    if not uses_sqlite or sqlite3.sqlite_version_info >= SAFE_SQLITE:
        return []
    wanted = ".".join(map(str, SAFE_SQLITE))
    return [
        Warning(
            f"SQLite {sqlite3.sqlite_version} has the WAL-reset bug and may lose committed writes.",
            hint=f"Install the wheel `pysqlite3` for this platform, or a system SQLite of {wanted} or later.",
            id="chuding.W001",
        ),
    ]


def check_durability(*, databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    """Refuse a database that acknowledges what a power cut would take away (chuding.E001)."""
    found: list[CheckMessage] = []
    for alias in databases or []:
        connection = connections[alias]
        if connection.vendor == "sqlite":
            found += _check_sqlite(alias)
        elif connection.vendor == "postgresql":
            found += _check_postgresql(alias)
    return found


def _check_sqlite(alias: str) -> list[CheckMessage]:
    with connections[alias].cursor() as cursor:
        synchronous = cursor.execute("PRAGMA synchronous").fetchone()[0]
    if synchronous >= FULL:
        return []
    return [
        Error(
            f"SQLite runs with synchronous={synchronous} on `{alias}`: a power cut would lose acknowledged work.",
            hint="Remove `PRAGMA synchronous` from init_command; the backend sets FULL.",
            id="chuding.E001",
        ),
    ]


def _check_postgresql(alias: str) -> list[CheckMessage]:
    found: list[CheckMessage] = []
    with connections[alias].cursor() as cursor:
        for setting in PROMISES:
            cursor.execute(f"SHOW {setting}")
            (value,) = cursor.fetchone()
            if value in {"off", "local"}:
                found.append(
                    Error(
                        f"PostgreSQL runs with {setting}={value} on `{alias}`: a failure would lose acknowledged work.",
                        hint=f"Set {setting} = on.",
                        id="chuding.E001",
                    ),
                )
    return found


@dataclass(frozen=True)
class Guards:
    """Triggers that a room cannot do without, and what is said where they are missing.

    `tables` are those that the triggers guard: a database without one of them is not migrated yet. `listed` is the
    question for the triggers and `names` what it must answer, each by the database's vendor. `said` has places for
    `{alias}` and `{missing}`, `hint` says what to do, `number` is the check's ("chuding.E…").
    """

    tables: Collection[str]
    listed: Mapping[str, str]
    names: Mapping[str, frozenset[str]]
    said: str
    hint: str
    number: str


def missing_guards(databases: Sequence[str] | None, guards: Guards) -> list[CheckMessage]:
    """An error for each migrated database that lacks one of these triggers, with their names."""
    return [
        Error(guards.said.format(alias=alias, missing=missing), hint=guards.hint, id=guards.number)
        for alias, missing in _missing_triggers(databases, guards.tables, guards.listed, guards.names)
    ]


def _missing_triggers(
    databases: Sequence[str] | None,
    tables: Collection[str],
    listed: Mapping[str, str],
    names: Mapping[str, frozenset[str]],
) -> Iterator[tuple[str, str]]:
    for alias in databases or []:
        connection = connections[alias]
        with connection.cursor() as cursor:
            if not set(tables) <= set(connection.introspection.table_names(cursor)):
                continue
            cursor.execute(listed[connection.vendor])
            present = {name for (name,) in cursor.fetchall()}
        if missing := names[connection.vendor] - present:
            yield alias, ", ".join(sorted(missing))
