"""Whom a certificate leads to, and what a list says of it: the questions that every verifier here asks."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from cryptography import x509

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

# A clock that runs a little ahead is no forgery.
CLOCK_TOLERANCE = timedelta(minutes=5)
_LONGEST_PATH = 8


class Failed(Exception):  # noqa: N818 - not an error: the answer of a step
    """A step does not hold; carries the sentence in Chinese and in English."""

    def __init__(self, chinese: str, english: str) -> None:
        super().__init__(chinese, english)
        self.chinese, self.english = chinese, english


class Open(Failed):
    """A step that nothing in the file answers: neither yes nor no."""


def path_to_root(
    leaf: x509.Certificate, pool: Iterable[x509.Certificate], roots: Sequence[x509.Certificate]
) -> tuple[x509.Certificate, ...] | None:
    """From the leaf over certificates of the pool to a trusted root, all of them; None where there is no such path."""
    path, rest = [leaf], list(pool)
    while (root := next((one for one in roots if issued(path[-1], one)), None)) is None:
        issuer = next((one for one in rest if one not in path and issued(path[-1], one)), None)
        if issuer is None or len(path) == _LONGEST_PATH:
            return None
        path.append(issuer)
    return (*path, root)


def valid_at(path: Iterable[x509.Certificate], moment: datetime) -> bool:
    """Whether each certificate of the path was inside its life."""
    return all(one.not_valid_before_utc <= moment <= one.not_valid_after_utc for one in path)


def issued(child: x509.Certificate, parent: x509.Certificate) -> bool:
    """Whether `parent`, an authority, directly issued `child`."""
    try:
        constraints = parent.extensions.get_extension_for_class(x509.BasicConstraints).value
        usage = parent.extensions.get_extension_for_class(x509.KeyUsage).value
        child.verify_directly_issued_by(parent)
    except Exception:  # noqa: BLE001 - any oddity of a stranger's certificate means no
        return False
    return constraints.ca and usage.key_cert_sign


def may_sign_documents(leaf: x509.Certificate) -> bool:
    """Whether this certificate's key is for signatures that cannot be denied, and is no authority's (RFC 5280 4.2.1.3)."""
    try:
        usage = leaf.extensions.get_extension_for_class(x509.KeyUsage).value
        authority = leaf.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except x509.ExtensionNotFound:
        return False
    return usage.digital_signature and usage.content_commitment and not authority


def speaks(one: x509.CertificateRevocationList, issuer: x509.Certificate, moment: datetime) -> bool:
    """Whether this list is the issuer's own and was current at `moment`."""
    key = issuer.public_key()
    ends = one.next_update_utc
    return (
        one.issuer == issuer.subject
        and one.is_signature_valid(key)  # type: ignore[arg-type] # an unfit kind of key raises, and that means no
        and one.last_update_utc <= moment + CLOCK_TOLERANCE
        and ends is not None
        and moment <= ends
    )
