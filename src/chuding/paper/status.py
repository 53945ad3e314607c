"""Which certificates were revoked or replaced, as a signed list that anybody may download, keep and copy.

A certificate stands on the list by a digest of its public page's address, which holds 128 random bits: who has the
certificate can look it up, and the list tells nobody else whose it was or how many were issued. One file holds every office's list with the certificates that vouch for it.
"""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import serialization

from chuding.paper import cose

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from chuding.paper.keys import Signer

FORMAT = "chuding-status-1"
# The claims of a list begin with 2 where a credential's begin with its version 1: neither is ever read as the other.
_KIND = 2
_DIGEST = 8
_LARGEST = 50 * 1024 * 1024


class StatusError(ValueError):
    """The file or list cannot be used; the sentence says why, in Chinese and English."""


@dataclass(frozen=True)
class StatusList:
    """One issuer's certificates that count no more, as of `made_at`; beyond `until` a newer list must be fetched.

    `successors` maps the digest of a replaced certificate (hexadecimal) to the number of the one in its place.
    """

    issuer: str
    made_at: datetime
    until: datetime
    digests: frozenset[bytes]
    successors: Mapping[str, str] = field(default_factory=dict)

    def __contains__(self, status_url: str) -> bool:
        return _digest(status_url) in self.digests

    def successor(self, status_url: str) -> str | None:
        """The number of the certificate that replaced this one; None where it was not replaced."""
        return self.successors.get(_digest(status_url).hex())


def make_status_list(
    *,
    issuer: str,
    made_at: datetime,
    until: datetime,
    revoked: Iterable[str],
    signer: Signer,
    replaced: Mapping[str, str] | None = None,
) -> bytes:
    """The signed list of these certificates' addresses (both moments aware, kept to the second).

    `replaced` maps the addresses of replaced certificates to the numbers of those in their place.
    """
    replaced = replaced or {}
    digests = b"".join(sorted(digests_of((*revoked, *replaced))))
    values: dict[int, object] = {
        0: _KIND, 1: issuer, 2: int(made_at.timestamp()), 3: int(until.timestamp()), 4: digests,
    }  # fmt: skip
    if replaced:
        values[5] = {_digest(address).hex(): number for address, number in replaced.items()}
    return cose.sign(cose.canonical(values), signer)


def digests_of(revoked: Iterable[str]) -> frozenset[bytes]:
    """How these certificates' addresses stand on a list."""
    return frozenset(_digest(address) for address in revoked)


def digests_in(payload: bytes) -> tuple[str, frozenset[bytes]] | None:
    """Issuer and digests of a list's payload, whose signature somebody else judges; None where it is no list."""
    try:
        values = cose.decode(payload)
    except cose.CoseError:
        return None
    if (
        not isinstance(values, dict)
        or set(values) - {5} != {0, 1, 2, 3, 4}
        or values[0] != _KIND
        or type(values[4]) is not bytes
    ):
        return None
    digests = values[4]
    return values[1], frozenset(digests[place : place + _DIGEST] for place in range(0, len(digests), _DIGEST))


def read_status_list(data: bytes, certificates: Iterable[x509.Certificate]) -> StatusList:
    """A list whose signature one of these trusted certificates vouches for. Raises StatusError."""
    try:
        message = cose.read(data)
        values = cose.decode(message.payload)
    except cose.CoseError as error:
        raise StatusError(f"状态表损坏。The status list is damaged: {error}.") from error
    if not any(cose.key_id(one) == message.key and cose.holds(message, one) for one in certificates):
        raise StatusError("状态表不是受信任的发证机关签的。The status list was not signed by an issuer that you trust.")
    kinds = {0: int, 1: str, 2: int, 3: int, 4: bytes} | ({5: dict} if isinstance(values, dict) and 5 in values else {})
    if (
        not isinstance(values, dict)
        or set(values) != set(kinds)
        or any(type(values[key]) is not kind for key, kind in kinds.items())
        or values[0] != _KIND
        or len(values[4]) % _DIGEST
        or any(type(text) is not str for pair in values.get(5, {}).items() for text in pair)
    ):
        raise StatusError("这不是状态表。This is not a status list.")
    digests = values[4]
    try:
        made_at, until = (datetime.fromtimestamp(values[key], UTC) for key in (2, 3))
    except (ValueError, OverflowError, OSError) as error:
        raise StatusError("状态表的时间不对。The status list's time is out of range.") from error
    return StatusList(
        values[1],
        made_at,
        until,
        frozenset(digests[place : place + _DIGEST] for place in range(0, len(digests), _DIGEST)),
        values.get(5, {}),
    )


def make_status_file(lists: Sequence[bytes], certificates: Iterable[x509.Certificate]) -> bytes:
    """The file that is served and kept: JSON around the signed lists, with the certificates below the root."""
    chains = dict.fromkeys(one.public_bytes(serialization.Encoding.PEM).decode("ascii") for one in certificates)
    content = {
        "format": FORMAT,
        "lists": [base64.urlsafe_b64encode(one).decode("ascii") for one in lists],
        "certificates": list(chains),
    }
    return json.dumps(content, indent=1).encode() + b"\n"


def certificates_in(content: bytes) -> tuple[x509.Certificate, ...]:
    """The certificates that a status file carries, trusted by nobody yet. Raises StatusError."""
    try:
        return tuple(x509.load_pem_x509_certificate(one.encode()) for one in _parts(content)["certificates"])
    except (ValueError, AttributeError, TypeError) as error:
        raise StatusError("状态表文件里的证书损坏。A certificate in the status file is damaged.") from error


def read_status_file(content: bytes, certificates: Iterable[x509.Certificate]) -> tuple[StatusList, ...]:
    """Every list of a status file; each must be signed by one of these trusted certificates. Raises StatusError."""
    trusted = tuple(certificates)
    try:
        lists = [base64.b64decode(one, altchars=b"-_", validate=True) for one in _parts(content)["lists"]]
    except (ValueError, TypeError) as error:
        raise StatusError("状态表文件损坏。The status file is damaged.") from error
    return tuple(read_status_list(one, trusted) for one in lists)


def _parts(content: bytes) -> dict[str, list[str]]:
    try:
        value = json.loads(content) if len(content) <= _LARGEST else None
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict) or value.get("format") != FORMAT:
        raise StatusError("这不是状态表文件。This is not a status file.")
    if any(not isinstance(value.get(key), list) for key in ("lists", "certificates")):
        raise StatusError("状态表文件损坏。The status file is damaged.")
    return value


def _digest(status_url: str) -> bytes:
    return hashlib.sha256(f"chuding-status\n{status_url}".encode()).digest()[:_DIGEST]
