"""Proof that certain entries stand in the ledger: each with its way up to the head that a signed checkpoint states.

Whoever has the proof and the ledger's public key needs neither this site nor its database to believe it.
"""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.db.models import Q

from chuding.ledger import checkpoint as notes
from chuding.ledger.canonical import canonical
from chuding.ledger.models import Entry
from chuding.ledger.tree import includes, leaf_hash, node_hash
from chuding.ledger.verify import write_checkpoint

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime


class BadProof(Exception):  # noqa: N818 - it names what is wrong with the proof
    """A proof that proves nothing; `str()` is a sentence for people."""


def audit_paths(leaves: Sequence[bytes], indices: Iterable[int]) -> dict[int, list[bytes]]:
    """The audit path of each of these leaves (RFC 9162 2.1.3), all in one walk over the tree."""
    wanted = sorted(set(indices))
    paths: dict[int, list[bytes]] = {index: [] for index in wanted}
    places = {index: index for index in wanted}
    level = list(leaves)
    while len(level) > 1:
        for index, place in places.items():
            if place ^ 1 < len(level):
                paths[index].append(level[place ^ 1])
            places[index] = place >> 1
        # A last node without a brother rises as it is.
        pairs = [node_hash(level[at], level[at + 1]) for at in range(0, len(level) - 1, 2)]
        level = pairs + ([level[-1]] if len(level) % 2 else [])
    return paths


def prove(subjects: Iterable[tuple[str, str]], *, at: datetime) -> dict[str, Any]:
    """Everything that the ledger holds about these subjects, proven against its newest checkpoint; JSON-ready.

    A checkpoint is signed first where the newest one is older than the last of these entries.
    """
    wanted = Q()
    for kind, ref in subjects:
        wanted |= Q(subject_kind=kind, subject_ref=ref)
    entries = list(Entry.objects.filter(wanted).order_by("id"))
    stated = _newest_note()
    if stated is None or (entries and stated.size < entries[-1].pk):
        write_checkpoint(at=at)
        stated = _newest_note()
    assert stated is not None
    paths = audit_paths(notes.stored_leaves(stated.size), (entry.pk - 1 for entry in entries))
    return {
        "checkpoint": notes.sign(stated, notes.signing_key()),
        "key": notes.verifier_key(notes.signing_key().public_key()),
        "entries": [
            {"entry": canonical(entry).decode(), "path": [part.hex() for part in paths[entry.pk - 1]]}
            for entry in entries
        ],
    }


def read_verifier_key(text: str) -> Ed25519PublicKey:
    """The public key of a ledger, as `checkpoints/verifier-key` holds it. Raises BadProof."""
    try:
        raw = base64.b64decode(text.strip().split("+", 2)[-1], validate=True)
        # The first byte names the algorithm; a key of any other length is refused by its constructor.
        return Ed25519PublicKey.from_public_bytes(raw[1:])
    except ValueError as error:
        raise BadProof("账本公钥读不出来，应是 checkpoints/verifier-key 里的那一行。") from error


def check_proof(proof: dict[str, Any], key: Ed25519PublicKey) -> list[dict[str, Any]]:
    """The entries of a proof, each shown to stand under the checkpoint that this key signed. Raises BadProof."""
    try:
        stated = notes.read_note(proof["checkpoint"], key)
        return [_checked(one, stated) for one in proof["entries"]]
    except notes.BadNote as error:
        raise BadProof("检查点不是这把公钥对应的账本签的。") from error
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise BadProof("账本证明的写法不对。") from error


def _checked(one: dict[str, Any], stated: notes.Checkpoint) -> dict[str, Any]:
    entry: dict[str, Any] = json.loads(one["entry"])
    path = [bytes.fromhex(part) for part in one["path"]]
    leaf = leaf_hash(one["entry"].encode())
    if not includes(path, leaf=leaf, index=entry["id"] - 1, size=stated.size, head=stated.root):
        raise BadProof(f"第 {entry['id']} 条记录不在检查点之内，被改动过。")
    return entry


def _newest_note() -> notes.Checkpoint | None:
    files = notes.note_files()
    if not files:
        return None
    return notes.read_note(files[-1].read_text(encoding="utf-8"), notes.signing_key().public_key())
