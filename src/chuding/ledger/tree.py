"""The Merkle tree of RFC 6962 (Certificate Transparency), section 2.1: pure functions over bytes.

A leaf is hashed as SHA-256(0x00 || data), an inner node as SHA-256(0x01 || left || right). The functions below take leaf
*hashes* in order. A proof is a list of node hashes, from the leaf upwards.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

EMPTY_ROOT = hashlib.sha256(b"").digest()


def leaf_hash(data: bytes) -> bytes:
    """Hash one leaf's data (32 bytes)."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash two subtrees into their parent (32 bytes)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def root(leaves: Sequence[bytes]) -> bytes:
    """Return the tree's head over the leaf hashes; EMPTY_ROOT for none (RFC 6962 2.1, MTH)."""
    frontier = Frontier()
    for leaf in leaves:
        frontier.append(leaf)
    return frontier.root()


def inclusion_proof(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """Return the audit path of the leaf at `index` (RFC 6962 2.1.1, PATH); IndexError outside the tree."""
    if not 0 <= index < len(leaves):
        raise IndexError(f"leaf {index} of {len(leaves)}")
    if len(leaves) == 1:
        return []
    split = _split(len(leaves))
    if index < split:
        return [*inclusion_proof(leaves[:split], index), root(leaves[split:])]
    return [*inclusion_proof(leaves[split:], index - split), root(leaves[:split])]


def includes(proof: Sequence[bytes], *, leaf: bytes, index: int, size: int, head: bytes) -> bool:
    """Check an audit path against a head of `size` leaves; a proof of any wrong length is refused."""
    if not 0 <= index < size:
        return False
    hashed, last = leaf, size - 1
    for sibling in proof:
        if last == 0:
            return False
        if index % 2 or index == last:
            hashed = node_hash(sibling, hashed)
            while index % 2 == 0 and index:
                index, last = index >> 1, last >> 1
        else:
            hashed = node_hash(hashed, sibling)
        index, last = index >> 1, last >> 1
    return last == 0 and hashed == head


def consistency_proof(leaves: Sequence[bytes], first: int) -> list[bytes]:
    """Prove that the first `first` leaves are a beginning of all (RFC 6962 2.1.2, PROOF); ValueError outside the tree."""
    if not 0 <= first <= len(leaves):
        raise ValueError(f"{first} of {len(leaves)} leaves")
    return [] if first in {0, len(leaves)} else _subproof(leaves, first, whole=True)


def extends(proof: Sequence[bytes], *, old: tuple[int, bytes], new: tuple[int, bytes]) -> bool:
    """Check that the tree of `new` (size, head) begins with the tree of `old` (RFC 9162 2.1.4.2)."""
    (first, old_head), (second, new_head) = old, new
    if first == second:
        return not proof and old_head == new_head
    if first == 0:
        return not proof and old_head == EMPTY_ROOT
    if first > second or not proof:
        return False
    path = [old_head, *proof] if first & (first - 1) == 0 else list(proof)
    return _walk_consistency(path, first, second) == (old_head, new_head)


class Frontier:
    """The right edge of a growing tree: O(log n) hashes, enough to append and to tell the head."""

    def __init__(self) -> None:
        self.size = 0
        self._peaks: list[bytes] = []

    def append(self, leaf: bytes) -> None:
        """Add one leaf hash on the right."""
        self._peaks.append(leaf)
        self.size += 1
        filled = self.size
        while filled % 2 == 0:
            right = self._peaks.pop()
            self._peaks.append(node_hash(self._peaks.pop(), right))
            filled >>= 1

    def root(self) -> bytes:
        """Return the head over everything appended so far."""
        if not self._peaks:
            return EMPTY_ROOT
        hashed = self._peaks[-1]
        for peak in reversed(self._peaks[:-1]):
            hashed = node_hash(peak, hashed)
        return hashed


def _split(size: int) -> int:
    """Return the largest power of two smaller than `size` (size > 1)."""
    return 1 << ((size - 1).bit_length() - 1)


def _subproof(leaves: Sequence[bytes], first: int, *, whole: bool) -> list[bytes]:
    if first == len(leaves):
        return [] if whole else [root(leaves)]
    split = _split(len(leaves))
    if first <= split:
        return [*_subproof(leaves[:split], first, whole=whole), root(leaves[split:])]
    return [*_subproof(leaves[split:], first - split, whole=False), root(leaves[:split])]


def _walk_consistency(path: list[bytes], first: int, second: int) -> tuple[bytes, bytes] | None:
    """Rebuild both heads from a consistency path; None when its length is wrong."""
    fn, sn = first - 1, second - 1
    while fn % 2:
        fn, sn = fn >> 1, sn >> 1
    old = new = path[0]
    for sibling in path[1:]:
        if sn == 0:
            return None
        if fn % 2 or fn == sn:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            while fn % 2 == 0 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            new = node_hash(new, sibling)
        fn, sn = fn >> 1, sn >> 1
    return (old, new) if sn == 0 else None
