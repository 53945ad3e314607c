"""What an owner of the database can do to the ledger, and how the walk names it."""

import json

import pytest
from click.testing import CliRunner
from django.db import connection

from chuding.ledger import checkpoint as notes
from chuding.ledger import verify as walk
from chuding.ledger.canonical import entry_hash
from chuding.ledger.commands import ledger
from chuding.ledger.models import Entry
from chuding.ledger.record import record
from chuding.ledger.verify import BrokenLedger, Kind, verify, write_checkpoint

pytestmark = pytest.mark.django_db


@pytest.fixture
def written(at, data_folder):
    return [
        record(
            action="submit",
            subject=("application", f"A{number}"),
            by=None,
            role="applicant",
            at=at,
            reason="齐",
            data={"n": number},
        )
        for number in range(1, 11)
    ]


def outcome():
    fault = verify().fault
    return fault and (fault.entry, fault.kind)


def rehash_from(intruder, first):
    """Compute the chain anew from one entry on, as a careful intruder would."""
    previous = Entry.objects.get(pk=first).previous
    for entry in Entry.objects.filter(pk__gte=first).order_by("pk"):
        entry.previous = previous
        previous = entry_hash(entry)
        intruder(f"UPDATE ledger_entry SET previous = '{entry.previous}', hash = '{previous}' WHERE id = {entry.pk}")


def copy_of(number, new_number, **changes):
    entry = Entry.objects.get(pk=number)
    entry.pk = new_number
    for name, value in changes.items():
        setattr(entry, name, value)
    entry.hash = entry_hash(entry)
    return entry


def insert(intruder, entry):
    intruder(
        f"""INSERT INTO ledger_entry (id, at, role, action, subject_kind, subject_ref, reason, data, previous, hash)
        SELECT {entry.pk}, at, role, action, subject_kind, subject_ref, '{entry.reason}', data, '{entry.previous}',
        '{entry.hash}' FROM ledger_entry WHERE id = 1""",
    )


def shift(intruder, first, by):
    numbers = Entry.objects.filter(pk__gte=first).values_list("pk", flat=True).order_by("-pk" if by > 0 else "pk")
    intruder(*[f"UPDATE ledger_entry SET id = {number + by} WHERE id = {number}" for number in numbers])


def test_verify_untouched_ledger_holds(written):
    report = verify()
    assert (report.entries, report.checkpoints, report.fault) == (10, 0, None)
    assert report.root == notes.frontier_of([bytes.fromhex(entry.hash) for entry in written]).root().hex()


def test_verify_empty_ledger_holds(data_folder):
    assert (verify().entries, verify().fault) == (0, None)


@pytest.mark.parametrize(
    "change",
    [
        "at = '2024-06-30 02:00:00+00'",
        "role = 'reviewer'",
        "action = 'approve'",
        "subject_kind = 'document'",
        "subject_ref = 'A9'",
        "reason = ''",
        "data = '{\"n\": 6}'",
        "previous = 'ff'",
        "hash = 'ff'",
    ],
)
def test_verify_names_the_entry_whose_column_was_changed(written, intruder, change):
    intruder(f"UPDATE ledger_entry SET {change} WHERE id = 5")
    assert outcome() == (5, Kind.CHANGED)


def test_verify_names_the_entry_ascribed_to_another_person(written, intruder):
    intruder("UPDATE ledger_entry SET by_id = 77 WHERE id = 5")
    assert outcome() == (5, Kind.CHANGED)


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL stores no such time")
def test_verify_names_an_entry_that_can_no_longer_be_read(written, intruder):
    intruder("UPDATE ledger_entry SET at = 'yesterday' WHERE id = 5")
    assert outcome() == (5, Kind.CHANGED)


def test_verify_names_the_entry_changed_with_its_hash_computed_anew(written, intruder):
    changed = copy_of(5, 5, reason="伪造")
    intruder(f"UPDATE ledger_entry SET reason = '伪造', hash = '{changed.hash}' WHERE id = 5")
    assert outcome() == (5, Kind.CHANGED)


@pytest.mark.parametrize("number", [1, 5, 9])
def test_verify_names_the_removed_entry(written, intruder, number):
    intruder(f"DELETE FROM ledger_entry WHERE id = {number}")
    assert outcome() == (number, Kind.REMOVED)


def test_verify_names_the_removed_entry_after_the_rest_was_renumbered(written, intruder):
    intruder("DELETE FROM ledger_entry WHERE id = 5")
    shift(intruder, 6, -1)
    assert outcome() == (5, Kind.REMOVED)


@pytest.mark.parametrize("first", [3, 4, 9])
def test_verify_names_the_first_of_two_that_changed_places(written, intruder, first):
    intruder(
        f"UPDATE ledger_entry SET id = 99 WHERE id = {first}",
        f"UPDATE ledger_entry SET id = {first} WHERE id = {first + 1}",
        f"UPDATE ledger_entry SET id = {first + 1} WHERE id = 99",
    )
    assert outcome() == (first, Kind.REORDERED)


def test_verify_names_an_entry_moved_to_the_end(written, intruder):
    intruder("UPDATE ledger_entry SET id = 11 WHERE id = 5")
    assert outcome() == (5, Kind.REORDERED)


def test_verify_names_a_forged_entry_that_continues_the_chain(written, intruder):
    forged = copy_of(5, 5, reason="伪造")
    shift(intruder, 5, 1)
    insert(intruder, forged)
    assert outcome() == (5, Kind.INSERTED)


def test_verify_names_a_forged_entry_that_does_not_continue_the_chain(written, intruder):
    forged = copy_of(5, 5, reason="伪造", previous="ab")
    shift(intruder, 5, 1)
    insert(intruder, forged)
    assert outcome() == (5, Kind.INSERTED)


def test_verify_walks_in_batches(written, intruder, monkeypatch):
    monkeypatch.setattr(walk, "BATCH", 3)
    assert (verify().entries, verify().fault) == (10, None)
    intruder("UPDATE ledger_entry SET reason = '' WHERE id = 7")
    assert outcome() == (7, Kind.CHANGED)


def test_checkpoint_names_the_change_after_which_everything_was_computed_anew(written, intruder, at):
    write_checkpoint(at=at)
    intruder("UPDATE ledger_entry SET reason = '伪造' WHERE id = 4")
    rehash_from(intruder, 4)
    assert outcome() == (4, Kind.CHANGED)


def test_checkpoint_bounds_the_change_where_the_leaves_are_lost(written, intruder, at):
    write_checkpoint(at=at)
    record(action="approve", subject=("application", "A1"), by=None, role="signer", at=at)
    write_checkpoint(at=at)
    (notes.folder() / "leaves").unlink()
    intruder("UPDATE ledger_entry SET reason = '伪造' WHERE id = 11")
    rehash_from(intruder, 11)
    assert outcome() == (11, Kind.CHANGED)


def test_checkpoint_names_the_first_entry_of_a_tail_that_was_cut_off(written, intruder, at):
    write_checkpoint(at=at)
    intruder("DELETE FROM ledger_entry WHERE id > 8")
    assert outcome() == (9, Kind.REMOVED)


def test_checkpoint_sees_an_emptied_ledger(written, intruder, at):
    write_checkpoint(at=at)
    intruder("DELETE FROM ledger_entry")
    assert outcome() == (1, Kind.REMOVED)


def test_checkpoint_that_was_edited_is_named(written, at):
    write_checkpoint(at=at)
    (note,) = notes.note_files()
    note.write_text(note.read_text().replace("\n10\n", "\n9\n"))
    assert outcome() == (None, Kind.CHECKPOINT)


def test_checkpoint_of_another_key_is_named(written, at):
    write_checkpoint(at=at)
    (notes.folder().parent / "keys" / "ledger.pem").unlink()
    assert outcome() == (None, Kind.CHECKPOINT)


def test_checkpoint_note_is_pinned_to_the_form_of_signed_notes(written, at):
    made = write_checkpoint(at=at)
    (note,) = notes.note_files()
    text, signature = note.read_text().split("\n\n")
    assert (note.name, note.stat().st_mode & 0o777) == ("000000000010.note", 0o600)
    assert text.split("\n") == [
        "chuding/ledger",
        "10",
        notes.base64.b64encode(made.root).decode(),
        "2024-07-01T02:00:00.000000Z",
    ]
    assert (signature[:17], signature[-1]) == ("— chuding/ledger ", "\n")
    assert made.root.hex() == verify().root


def test_checkpoint_again_reads_only_what_is_new(written, at, django_assert_num_queries):
    write_checkpoint(at=at)
    record(action="approve", subject=("application", "A1"), by=None, role="signer", at=at)
    with django_assert_num_queries(3):  # the last one known, the new ones, and that there are no more
        made = write_checkpoint(at=at)
    assert (made.size, verify().checkpoints, verify().fault) == (11, 2, None)


def test_checkpoint_overwrites_leaves_that_a_crash_left_without_a_note(written, at):
    write_checkpoint(at=at)
    notes.add_leaves(10, [b"x" * 32])
    record(action="approve", subject=("application", "A1"), by=None, role="signer", at=at)
    write_checkpoint(at=at)
    assert outcome() is None


def test_checkpoint_is_not_signed_over_a_broken_ledger(written, intruder, at):
    write_checkpoint(at=at)
    record(action="approve", subject=("application", "A1"), by=None, role="signer", at=at)
    intruder("UPDATE ledger_entry SET reason = 'x' WHERE id = 11")
    with pytest.raises(BrokenLedger) as broken:
        write_checkpoint(at=at)
    assert (broken.value.fault.entry, broken.value.fault.kind) == (11, Kind.CHANGED)
    assert len(notes.note_files()) == 1


def test_checkpoint_is_not_signed_when_the_last_known_entry_is_another(written, intruder, at):
    write_checkpoint(at=at)
    intruder("UPDATE ledger_entry SET reason = '伪造' WHERE id = 3")
    rehash_from(intruder, 3)
    with pytest.raises(BrokenLedger) as broken:
        write_checkpoint(at=at)
    assert broken.value.fault.entry == 3


def test_command_verify_says_so_and_exits_with_0(written):
    done = CliRunner().invoke(ledger, ["verify"])
    assert (done.exit_code, done.output) == (0, f"完好：10 条记录，0 个检查点，树根 {verify().root}\n")


def test_command_verify_names_the_fault_and_exits_with_1(written, intruder):
    intruder("DELETE FROM ledger_entry WHERE id = 5")
    done = CliRunner().invoke(ledger, ["verify", "--json"])
    fault = {"entry": 5, "kind": "removed", "detail": "第 5 条不见了，其后是第 6 条"}
    held = json.loads(done.output)
    assert (done.exit_code, held["valid"], held["entries"], held["fault"]) == (1, False, 4, fault)


def test_command_checkpoint_signs_and_refuses(written, intruder):
    done = CliRunner().invoke(ledger, ["checkpoint"])
    assert (done.exit_code, done.output) == (0, f"已签署：10 条记录，树根 {verify().root}\n")
    intruder("DELETE FROM ledger_entry WHERE id = 10")
    refused = CliRunner().invoke(ledger, ["checkpoint"])
    assert (refused.exit_code, refused.output) == (1, "Error: 没有签署：第 10 条不见了：检查点记着共有 10 条。\n")
