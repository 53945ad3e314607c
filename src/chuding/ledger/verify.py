"""Walk the whole ledger and name the first entry that is not what was written.

Three walls stand behind each other: an entry's own hash, the chain to the entry before, and the signed checkpoints. The
chain finds a change made without care; the checkpoints find one after which the whole rest was computed anew, and a tail
that was cut off. What was appended after the last checkpoint by someone who computed it rightly, nothing can tell.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from chuding.ledger import checkpoint as notes
from chuding.ledger.canonical import ZERO, entry_hash
from chuding.ledger.models import Entry
from chuding.ledger.tree import Frontier

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

BATCH = 1000
# How far a row is looked for from where it stands, when its number was changed.
WINDOW = 1000


class Kind(StrEnum):
    """What was done to the ledger."""

    CHANGED = "changed"
    REMOVED = "removed"
    INSERTED = "inserted"
    REORDERED = "reordered"
    CHECKPOINT = "checkpoint"  # not an entry, but a statement about the entries


@dataclass(frozen=True)
class Fault:
    """The first thing that is wrong: the entry's number (None for a checkpoint), what was done, and how one sees it."""

    entry: int | None
    kind: Kind
    detail: str


@dataclass(frozen=True)
class Report:
    """The outcome of a walk: how many entries were walked before it ended or met a fault, and the head (hex) over them."""

    entries: int
    root: str
    checkpoints: int
    fault: Fault | None


class BrokenLedger(Exception):  # noqa: N818 - it names the condition
    """No checkpoint is signed over a ledger that has a fault."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.detail)
        self.fault = fault


@dataclass
class _Walk:
    """Where the walk stands: the tree so far, the last entry's hash, and the hashes that a checkpoint vouches for."""

    frontier: Frontier
    last: str
    remembered: list[bytes]

    def step(self, entry: Entry) -> Fault | None:
        """Take the next entry, or say what is wrong with it and stay."""
        number = self.frontier.size + 1
        found = _hash(entry)
        if (entry.pk, entry.previous, entry.hash) != (number, self.last, found):
            return _name(entry, number, self.last)
        if number <= len(self.remembered) and self.remembered[number - 1].hex() != found:
            return Fault(number, Kind.CHANGED, f"第 {number} 条与签了名的检查点不符：它和其后的哈希都被重算过")
        self.frontier.append(bytes.fromhex(found))
        self.last = found
        return None


def verify() -> Report:
    """Check every entry and every stored checkpoint; the report's `fault` is None when all is as it was written."""
    stated, note_fault = _read_notes()
    heads: dict[int, bytes] = {0: Frontier().root()}
    walk = _Walk(Frontier(), ZERO, _remembered(stated))
    fault: Fault | None = None
    for entry in _entries(after=0):
        if (fault := walk.step(entry)) is not None:
            break
        if walk.frontier.size in stated:
            heads[walk.frontier.size] = walk.frontier.root()
    fault = fault or _cut_off(walk.frontier.size, stated) or _heads_differ(heads, stated) or note_fault
    return Report(walk.frontier.size, walk.frontier.root().hex(), len(stated), fault)


def write_checkpoint(*, at: datetime) -> notes.Checkpoint:
    """Check what was appended since the last checkpoint, and sign a new one; BrokenLedger when something is wrong.

    Only the new entries are read; `verify` reads all.
    """
    stated, note_fault = _read_notes()
    if note_fault is not None:
        raise BrokenLedger(note_fault)
    size = max(stated, default=0)
    old = notes.stored_leaves(size)
    frontier = notes.frontier_of(old)
    if size and frontier.root() != stated[size].root:
        raise BrokenLedger(Fault(None, Kind.CHECKPOINT, f"checkpoints/leaves 与第 {size} 条处的检查点不符"))
    walk = _Walk(frontier, old[-1].hex() if old else ZERO, [])
    new: list[bytes] = []
    if size and not Entry.objects.filter(pk=size, hash=walk.last).exists():
        raise BrokenLedger(_since_checkpoint(size))
    for entry in _entries(after=size):
        if (fault := walk.step(entry)) is not None:
            raise BrokenLedger(fault)
        new.append(bytes.fromhex(walk.last))
    made = notes.Checkpoint(walk.frontier.size, walk.frontier.root(), at)
    notes.add_leaves(size, new)
    notes.store_note(made)
    return made


def _entries(*, after: int) -> Iterator[Entry]:
    while batch := list(Entry.objects.filter(pk__gt=after).order_by("pk")[:BATCH]):
        yield from batch
        after = batch[-1].pk


def _hash(entry: Entry, *, number: int | None = None) -> str:
    """Return the entry's hash; of an entry so damaged that it has no canonical form, nothing that equals any hash."""
    try:
        return entry_hash(entry, number=number)
    except (AttributeError, TypeError, ValueError):
        return ""


def _name(entry: Entry, number: int, last: str) -> Fault:
    """Say what was done where the chain breaks: `entry` stands where number `number` after hash `last` is expected."""
    follower = Entry.objects.filter(previous=last).exclude(pk=entry.pk).order_by("pk").first()
    if entry.pk != number:
        if follower is not None:
            return Fault(number, Kind.REORDERED, f"第 {number} 条被移到了第 {follower.pk} 条的位置")
        return Fault(number, Kind.REMOVED, f"第 {number} 条不见了，其后是第 {entry.pk} 条")
    if entry.previous == last:
        if follower is not None:
            return Fault(
                number, Kind.INSERTED, f"第 {number} 条是插入的：第 {follower.pk} 条才接在第 {number - 1} 条之后"
            )
        return Fault(number, Kind.CHANGED, f"第 {number} 条的内容与它的哈希不符")
    return _name_stranger(entry, number, follower)


def _name_stranger(entry: Entry, number: int, follower: Entry | None) -> Fault:
    """Name the fault where the entry does not continue the chain although its number is the next one."""
    own = _own_number(entry)
    if follower is not None:
        if own is not None and own != number:
            return Fault(number, Kind.REORDERED, f"第 {number} 条的位置上是原来的第 {own} 条")
        return Fault(number, Kind.INSERTED, f"第 {number} 条是插入的：第 {follower.pk} 条才接在第 {number - 1} 条之后")
    if own is None:
        return Fault(number, Kind.CHANGED, f"第 {number} 条的内容与它的哈希不符，也不接前一条")
    if own > number:
        return Fault(number, Kind.REMOVED, f"第 {number} 条不见了：后面的记录被改号，原来的第 {own} 条站到了它的位置")
    if own < number:
        return Fault(own, Kind.INSERTED, f"第 {own} 条是插入的：原来的第 {own} 条被改成了第 {number} 条")
    changed = max(number - 1, 1)
    return Fault(changed, Kind.CHANGED, f"第 {changed} 条被改后重算了哈希：第 {number} 条记着的是另一个值")


def _own_number(entry: Entry) -> int | None:
    """Find the number under which the entry's hash was made; None when no number near or in the chain fits."""
    before = Entry.objects.filter(hash=entry.previous).values_list("pk", flat=True).first()
    near = sorted(range(max(1, entry.pk - WINDOW), entry.pk + WINDOW + 1), key=lambda number: abs(number - entry.pk))
    candidates = near if before is None else [before + 1, *near]
    return next((number for number in candidates if _hash(entry, number=number) == entry.hash), None)


def _read_notes() -> tuple[dict[int, notes.Checkpoint], Fault | None]:
    """Read all notes: those that hold, by size, and the first that does not."""
    held: dict[int, notes.Checkpoint] = {}
    fault: Fault | None = None
    files = notes.note_files()
    if not files:
        return held, None
    key = notes.signing_key().public_key()
    for file in files:
        try:
            stated = notes.read_note(file.read_text(encoding="utf-8"), key)
            held[stated.size] = stated
        except (notes.BadNote, UnicodeDecodeError) as problem:
            fault = fault or Fault(None, Kind.CHECKPOINT, f"检查点 {file.name} 不可信：{problem}")
    return held, fault


def _remembered(stated: dict[int, notes.Checkpoint]) -> list[bytes]:
    """The leaf hashes that add up to the largest signed head they can; none where they add up to nothing."""
    for size in sorted(stated, reverse=True):
        leaves = notes.stored_leaves(size)
        if len(leaves) == size and notes.frontier_of(leaves).root() == stated[size].root:
            return leaves
    return []


def _cut_off(size: int, stated: dict[int, notes.Checkpoint]) -> Fault | None:
    known = max(stated, default=0)
    if known <= size:
        return None
    return Fault(size + 1, Kind.REMOVED, f"第 {size + 1} 条不见了：检查点记着共有 {known} 条")


def _heads_differ(heads: dict[int, bytes], stated: dict[int, notes.Checkpoint]) -> Fault | None:
    """Compare heads where the leaves beside the notes are lost: the fault lies between two checkpoints."""
    good = 0
    for size in sorted(stated):
        if heads.get(size) != stated[size].root:
            return Fault(good + 1, Kind.CHANGED, f"第 {good + 1} 至第 {size} 条之间有改动：与签了名的检查点不符")
        good = size
    return None


def _since_checkpoint(size: int) -> Fault:
    """Say what is wrong when the entry at the last checkpoint is not there as it was; the full walk finds where."""
    report = verify()
    return report.fault or Fault(size, Kind.CHANGED, f"第 {size} 条与检查点不符")
