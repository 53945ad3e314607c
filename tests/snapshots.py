"""Rows of the database kept in memory, so that what many tests begin with is worked out once a process.

The services that made them are the real ones; only their second to thousandth call in the same process is spared. What
is kept is put back into an untouched database only, through Django's fields, so that both databases take it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.conf import settings
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.db import connection, transaction
from django.db.models import Model, QuerySet

from chuding.ledger.models import Entry

if TYPE_CHECKING:
    from collections.abc import Hashable

_Rows = dict[type[Model], dict[Any, Model]]
_BY_MIGRATIONS = {ContentType, Permission}


def changes() -> int | None:
    """How many rows this transaction has changed: equal means untouched. None outside of one: others may write."""
    if not connection.in_atomic_block:
        return None
    if connection.vendor == "sqlite":
        connection.ensure_connection()
        return int(connection.connection.total_changes)
    with connection.cursor() as cursor:
        cursor.execute("SELECT sum(n_tup_ins + n_tup_upd + n_tup_del) FROM pg_stat_xact_all_tables")
        return int(cursor.fetchone()[0])


def place() -> tuple[str, str]:
    """Where the files and the keys are: rows of one place cannot be read in another."""
    return str(settings.DATA_FOLDER), str(settings.KEYS_FOLDER)


class Snapshots:
    """What the database held, by what was done to it; each data folder has its own keys, so each has its own rows."""

    def __init__(self) -> None:
        self._whole: dict[Hashable, _Rows] = {}
        self._steps: dict[Hashable, list[tuple[list[Model], list[Model]]]] = {}

    def keep(self, key: Hashable, before: Hashable = None) -> None:
        """Remember every row that the migrations did not make, as a step from the snapshot `before` (else from nothing).

        In the order of their numbers: the ledger takes its entries in no other, and PostgreSQL answers in any.
        """
        models = [model for model in apps.get_models(include_auto_created=True) if model not in _BY_MIGRATIONS]
        now = {
            m: {row.pk: row for row in QuerySet(m).order_by("pk")}
            for m in models
            if m._meta.managed and not m._meta.proxy
        }
        old = self._whole.get(self._here(before), {})
        self._whole[self._here(key)] = now
        self._steps[self._here(key)] = [
            (
                [row for pk, row in rows.items() if pk not in old.get(model, {})],
                [row for pk, row in rows.items() if pk in old.get(model, {}) and _differ(row, old[model][pk])],
            )
            for model, rows in now.items()
        ]

    def bring_back(self, key: Hashable) -> bool:
        """Do the step of `key` again; False where it is not kept here."""
        steps = self._steps.get(self._here(key))
        if steps is None:
            return False
        with transaction.atomic():
            for added, changed in steps:
                if added:
                    QuerySet(type(added[0])).bulk_create(added)
                for row in changed:
                    fields = {f.attname: getattr(row, f.attname) for f in row._meta.concrete_fields}
                    QuerySet(type(row)).filter(pk=row.pk).update(**fields)
        return True

    @staticmethod
    def _here(key: Hashable) -> tuple[Any, ...]:
        return (*place(), key)


def _differ(one: Model, other: Model) -> bool:
    return any(getattr(one, f.attname) != getattr(other, f.attname) for f in one._meta.concrete_fields)


def nothing_happened() -> bool:
    """Whether nobody has acted in this database yet."""
    return not Entry.objects.exists()
