"""Migrations that take something away lead back again on a table that is in use."""

from datetime import UTC, datetime

import pytest
from django.db import connections
from django.db.migrations.executor import MigrationExecutor

BEGAN = datetime(2024, 7, 1, 2, 0, tzinfo=UTC)


@pytest.fixture
def scratch(tmp_path, django_db_blocker):
    """A database of this test's own, outside of the one that the other tests share."""
    given = {**connections.settings["default"], "ENGINE": "chuding.storage.sqlite", "NAME": str(tmp_path / "scratch")}
    connections.settings["scratch"] = given
    with django_db_blocker.unblock():
        yield connections["scratch"]
        connections["scratch"].close()
    del connections["scratch"], connections.settings["scratch"]


def migrate(connection, name):
    MigrationExecutor(connection).migrate([("accounts", name)])


def test_when_a_session_was_last_seen_leads_back_on_a_filled_table(scratch):
    migrate(scratch, "0008_seen_in_the_session")
    with scratch.cursor() as cursor:
        cursor.execute(
            "INSERT INTO accounts_person (id, password, ref, phone, phone_index, display_name, is_active, joined_at)"
            " VALUES (1, '', 'r', '', 'i', '', 1, %s)",
            [BEGAN],
        )
        cursor.execute(
            "INSERT INTO accounts_visit (session_key, device, began_at, person_id) VALUES ('k', '鸿蒙手机', %s, 1)",
            [BEGAN],
        )
    for name, column in (("0007_tally", "seen_at"), ("0008_seen_in_the_session", "began_at")):
        migrate(scratch, name)
        with scratch.cursor() as cursor:
            cursor.execute(f"SELECT {column} FROM accounts_visit")
            assert [str(row[0])[:19] for row in cursor.fetchall()] == ["2024-07-01 02:00:00"]
