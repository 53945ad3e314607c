"""What a signature is asked for: the decision that names it, and what the signer says when it will not. Pure.

Nobody who asks for a signature holds a key. They ask a signing desk, in this process or in one of its own, and name the act
that the signature rests on; the desk looks that act up by itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cryptography import x509

PURPOSES = ("certificate", "credential", "document", "form", "letter", "status", "statement")
# What a signed paper is, as the first word of its signature's /Reason: protected with the file, and read by every verifier.
TITLES = {"certificate": "专业技术资格证书", "document": "发文", "form": "专业技术资格初定申报表", "letter": "文书"}


class SignerRefused(Exception):  # noqa: N818 - it says what the signer did
    """The desk will not sign this: no decision names it, or signing has been stopped. The sentence says which."""


class SignerUnavailable(Exception):  # noqa: N818 - it says how the signer is
    """The desk did not answer; asking later may help."""


@dataclass(frozen=True)
class Mandate:
    """For what (`PURPOSES`), and about what, as the ledger names it. `claim` is what the desk must find decided.

    For a certificate, its codes and the form of the same application the claim is the canonical award; for a letter its kind.
    """

    purpose: str
    subject: tuple[str, str]
    claim: str = ""


def purpose_of(reason: str | None) -> str | None:
    """For what a paper was signed, by its signature's /Reason; None where it names none, as those before 2026-11-27 do not."""
    title = (reason or "").partition(" ")[0]
    return next((purpose for purpose, name in TITLES.items() if name == title), None)


@dataclass(frozen=True)
class Material:
    """What everybody may know of an office's key."""

    certificate_chain: tuple[x509.Certificate, ...]
    revocation_lists: tuple[x509.CertificateRevocationList, ...]


class SigningDesk(Protocol):
    """Whoever keeps the offices' keys."""

    def material(self, office: str) -> Material:
        """The office's certificates and lists. Raises SignerUnavailable."""

    def sign(self, office: str, mandate: Mandate, data: bytes) -> bytes:
        """The DER signature over SHA-256 of `data`, if the mandate holds. Raises SignerRefused or SignerUnavailable."""


@dataclass(frozen=True)
class MandatedSigner:
    """A `keys.Signer` for one purpose: every signature it asks for rests on the same act."""

    desk: SigningDesk
    office: str
    mandate: Mandate

    @property
    def certificate_chain(self) -> Sequence[x509.Certificate]:
        """The signing certificate first, the root last."""
        return self.desk.material(self.office).certificate_chain

    @property
    def revocation_lists(self) -> Sequence[x509.CertificateRevocationList]:
        """Current lists of every authority of the chain."""
        return self.desk.material(self.office).revocation_lists

    def sign(self, data: bytes) -> bytes:
        """Ask the desk."""
        return self.desk.sign(self.office, self.mandate, data)
