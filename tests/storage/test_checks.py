"""The start-up checks of the database."""

import sqlite3

import pytest
from django.db import connection, connections
from django.db.utils import ConnectionHandler

from chuding.ledger import guards
from chuding.ledger.checks import check_guards
from chuding.storage import checks


@pytest.mark.parametrize(
    ("version", "found"), [((3, 40, 1), ["chuding.W001"]), ((3, 51, 2), ["chuding.W001"]), ((3, 51, 3), [])]
)
def test_old_sqlite_is_warned_of(monkeypatch, tmp_path, version, found):
    monkeypatch.setattr(sqlite3, "sqlite_version_info", version)
    database = {"ENGINE": "chuding.storage.sqlite", "NAME": tmp_path / "x"}
    monkeypatch.setattr(checks, "connections", ConnectionHandler({"default": database}))
    assert [message.id for message in checks.check_sqlite_version(app_configs=None)] == found


def test_sqlite_that_does_not_wait_for_the_disk_is_refused(monkeypatch, tmp_path, django_db_blocker):
    handler = ConnectionHandler({"default": {"ENGINE": "chuding.storage.sqlite", "NAME": tmp_path / "x"}})
    monkeypatch.setattr(checks, "connections", handler)
    with django_db_blocker.unblock():
        before = checks.check_durability(databases=["default"])
        handler["default"].cursor().execute("PRAGMA synchronous = NORMAL")
        after = checks.check_durability(databases=["default"])
        handler["default"].close()
    assert (before, [message.id for message in after]) == ([], ["chuding.E001"])


@pytest.mark.django_db
@pytest.mark.skipif(connection.vendor != "postgresql", reason="about PostgreSQL's own settings")
def test_postgresql_that_does_not_wait_for_the_disk_is_refused():
    before = checks.check_durability(databases=["default"])
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL synchronous_commit = off")
    after = checks.check_durability(databases=["default"])
    assert (before, [message.id for message in after]) == ([], ["chuding.E001"])


@pytest.mark.django_db
def test_ledger_without_its_triggers_is_refused(monkeypatch):
    before = check_guards(databases=["default"])
    with connection.cursor() as cursor:
        cursor.execute(guards.DROP[connection.vendor][0])
    after = check_guards(databases=["default"])
    assert (before, [message.id for message in after]) == ([], ["chuding.E002"])


def test_database_that_is_not_migrated_yet_passes(monkeypatch, tmp_path, django_db_blocker):
    handler = ConnectionHandler({"default": {"ENGINE": "chuding.storage.sqlite", "NAME": tmp_path / "x"}})
    monkeypatch.setattr("chuding.storage.checks.connections", handler)
    with django_db_blocker.unblock():
        assert (check_guards(databases=["default"]), connections is handler) == ([], False)
        handler["default"].close()
