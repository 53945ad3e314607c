"""RFC 6962's tree against the published vectors of Certificate Transparency, and against its own definition."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chuding.ledger import tree

LEAVES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
HASHES = [tree.leaf_hash(bytes.fromhex(leaf)) for leaf in LEAVES]
# Heads of the first 1..8 leaves, as transparency-dev/merkle publishes them.
HEADS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def reference(leaves):
    """RFC 6962 2.1, word for word."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return hashlib.sha256(b"\x01" + reference(leaves[:split]) + reference(leaves[split:])).digest()


def numbered(size):
    return [tree.leaf_hash(str(number).encode()) for number in range(size)]


def test_empty_tree_is_the_published_head():
    assert tree.root([]).hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def test_leaf_hash_is_the_published_one():
    found = tree.leaf_hash(b"L123456").hex()
    assert (found[:8], found[-6:]) == ("395aa064", "2b4d56")


@pytest.mark.parametrize("size", range(1, 9))
def test_root_is_the_published_head(size):
    assert tree.root(HASHES[:size]).hex() == HEADS[size - 1]


@given(st.integers(0, 130))
def test_root_and_frontier_equal_the_definition(size):
    leaves = numbered(size)
    frontier = tree.Frontier()
    for leaf in leaves:
        frontier.append(leaf)
    assert (tree.root(leaves), frontier.root(), frontier.size) == (reference(leaves), reference(leaves), size)


@pytest.mark.parametrize("size", range(1, 34))
def test_inclusion_proof_of_every_leaf_holds_and_of_no_other(size):
    leaves = numbered(size)
    head = tree.root(leaves)
    for index, leaf in enumerate(leaves):
        proof = tree.inclusion_proof(leaves, index)
        claims = [(other, tree.includes(proof, leaf=leaf, index=other, size=size, head=head)) for other in range(size)]
        assert [other for other, holds in claims if holds] == [index]
        assert not tree.includes([*proof, head], leaf=leaf, index=index, size=size, head=head)
        assert not tree.includes(proof, leaf=head[::-1], index=index, size=size, head=head)


@pytest.mark.parametrize("size", range(1, 34))
def test_consistency_proof_of_every_beginning_holds(size):
    leaves = numbered(size)
    new = (size, tree.root(leaves))
    for first in range(size + 1):
        proof = tree.consistency_proof(leaves, first)
        assert tree.extends(proof, old=(first, tree.root(leaves[:first])), new=new)
        forged = [tree.leaf_hash(b"forged"), *leaves[1:first]]
        if first:
            assert not tree.extends(proof, old=(first, tree.root(forged)), new=new)
            assert not tree.extends([*proof, new[1]], old=(first, tree.root(leaves[:first])), new=new)


def test_proofs_outside_the_tree_are_refused():
    with pytest.raises(IndexError):
        tree.inclusion_proof(HASHES, 8)
    with pytest.raises(ValueError, match="9 of 8"):
        tree.consistency_proof(HASHES, 9)
