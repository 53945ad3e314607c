"""SQLite is told what its tables hold, so that lists are read in their order."""

from __future__ import annotations

import pytest
from django.db import connection

from chuding.accounts.models import Person
from chuding.storage.clock import now
from chuding.storage.planner import tell_planner


@pytest.mark.django_db
def test_planner_knows_how_many_rows_there_are():
    Person.objects.bulk_create([Person(phone_index=f"p{n}", ref=f"p{n}", joined_at=now()) for n in range(40)])
    tell_planner()
    if connection.vendor != "sqlite":
        return  # it looks by itself
    with connection.cursor() as cursor:
        cursor.execute("SELECT stat FROM sqlite_stat1 WHERE tbl = %s", [Person._meta.db_table])
        assert {int(stat.split()[0]) for (stat,) in cursor.fetchall()} == {Person.objects.count()}
