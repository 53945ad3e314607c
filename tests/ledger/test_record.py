"""The only writer of the ledger, and the triggers around it."""

import hashlib
import threading
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from django.db import DatabaseError, connection, transaction

from chuding.ledger.canonical import ZERO, canonical
from chuding.ledger.models import Entry
from chuding.ledger.record import NotInTransaction, entries_about, record
from chuding.ledger.verify import verify


def write(at, number=1, **changes):
    facts = {"action": "submit", "subject": ("application", f"A{number}"), "by": None, "role": "applicant"}
    return record(**{**facts, "at": at, **changes})


@pytest.mark.django_db
def test_record_chains_each_entry_to_the_one_before(at):
    first, second = write(at), write(at, 2, reason="材料齐全", data={"digest": "ab", "n": [1, None, True]})
    assert (first.pk, first.previous, second.pk, second.previous) == (1, ZERO, 2, first.hash)


@pytest.mark.django_db
def test_record_canonical_bytes_are_pinned():
    entry = write(datetime(2024, 7, 1, 2, 0, 0, 5, tzinfo=UTC), reason="齐", data={"b": 1, "a": "ü"})
    assert canonical(Entry.objects.get(pk=entry.pk)).decode() == (
        '{"action":"submit","at":"2024-07-01T02:00:00.000005Z","by":null,"data":{"a":"ü","b":1},"id":1,'
        f'"previous":"{ZERO}","reason":"齐","role":"applicant","subject":["application","A1"],"v":1}}'
    )
    leaf = b"\x00" + canonical(entry)
    assert entry.hash == hashlib.sha256(leaf).hexdigest()
    assert entry.hash == "1141611aff6d6466a2d74da30895bebafdaee0be3a54654e1f6e3d9ec796fed5"


@pytest.mark.django_db(transaction=True)
def test_record_outside_a_transaction_is_refused(at):
    with pytest.raises(NotInTransaction):
        write(at)
    assert Entry.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_record_vanishes_with_the_act_that_failed(at):
    def act():
        with transaction.atomic():
            write(at)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        act()
    with transaction.atomic():
        assert write(at).pk == 1


@pytest.mark.django_db(transaction=True)
def test_record_by_many_at_once_is_one_chain_without_gaps(at, data_folder):
    faults = []

    def act(number):
        with transaction.atomic():
            write(at, number)
            write(at, number, action="check")
            if number % 3 == 0:
                raise ZeroDivisionError

    def work(first):
        try:
            for number in range(first, first + 6):
                with suppress(ZeroDivisionError):
                    act(number)
        except Exception as fault:  # noqa: BLE001 - reported below
            faults.append(fault)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(10 * number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    report = verify()
    assert (faults, report.entries, report.fault) == ([], 6 * 4 * 2, None)
    subjects = list(Entry.objects.order_by("id").values_list("subject_ref", flat=True))
    assert subjects[::2] == subjects[1::2]  # the two entries of one act stand side by side


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"data": {"share": 0.5}}, TypeError),
        ({"data": {"when": datetime(2024, 7, 1)}}, TypeError),
        ({"data": {1: "a"}}, TypeError),
        ({"reason": "a\0b"}, ValueError),
        ({"data": {"name": "\ud800"}}, ValueError),
    ],
)
def test_record_refuses_what_two_databases_would_not_give_back_alike(at, changes, fault):
    with pytest.raises(fault):
        write(at, **changes)
    assert Entry.objects.count() == 0


@pytest.mark.django_db
def test_record_refuses_a_time_without_a_zone():
    with pytest.raises(ValueError, match="aware"):
        write(datetime(2024, 7, 1))


@pytest.mark.django_db
def test_entries_about_are_in_order_and_of_that_subject_only(at):
    write(at, 1)
    write(at, 2)
    write(at - timedelta(days=1), 1, action="approve")
    assert [e.action for e in entries_about(("application", "A1"))] == ["submit", "approve"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger_entry SET reason = 'x' WHERE id = 1",
        "UPDATE ledger_entry SET id = 9 WHERE id = 1",
        "DELETE FROM ledger_entry WHERE id = 2",
        "DELETE FROM ledger_entry",
        """INSERT INTO ledger_entry SELECT 4, at, role, action, subject_kind, subject_ref, reason, data, previous, 'x',
        by_id FROM ledger_entry WHERE id = 1""",
    ],
)
def test_triggers_refuse_every_change(at, statement):
    write(at)
    write(at, 2)
    before = list(Entry.objects.order_by("id").values())
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert list(Entry.objects.order_by("id").values()) == before


@pytest.mark.django_db(transaction=True)
def test_triggers_refuse_the_wholesale_ways_of_each_database(at):
    with transaction.atomic():
        write(at)
    statement = {
        "sqlite": "INSERT OR REPLACE INTO ledger_entry SELECT * FROM ledger_entry WHERE id = 1",
        "postgresql": "TRUNCATE ledger_entry",
    }[connection.vendor]
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert Entry.objects.count() == 1
