"""Offices' keys inside a PKCS#11 token (a smart card, an HSM): the key signs there and never leaves it.

Needs python-pkcs11 (requirements/token.txt); loaded only where the settings name it. Certificates and lists stay PEM files
in the signing folder; the private key's label in the token is the office's name.
"""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING, Any

import pkcs11
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from chuding.paper.keys import KeysError, load_chain, load_lists

if TYPE_CHECKING:
    from pathlib import Path

    from cryptography import x509

_HALF = 32


class TokenSigner:
    """A `Signer` whose P-256 key is in the token; checked once against the office's certificate."""

    def __init__(self, folder: Path, office: str, session: Any) -> None:
        self._folder, self._office, self._lock = folder, office, threading.Lock()
        self.certificate_chain: tuple[x509.Certificate, ...] = load_chain(folder, office)
        try:
            self._key = session.get_key(pkcs11.ObjectClass.PRIVATE_KEY, label=office)
        except pkcs11.PKCS11Error as error:
            raise KeysError(
                f"the token holds no private key with the label {office!r}: {type(error).__name__}"
            ) from error
        public = self.certificate_chain[0].public_key()
        if not isinstance(public, ec.EllipticCurvePublicKey) or not isinstance(public.curve, ec.SECP256R1):
            raise KeysError(f"the certificate of {office!r} must be for a P-256 key")
        try:
            public.verify(self.sign(b"chuding"), b"chuding", ec.ECDSA(hashes.SHA256()))
        except InvalidSignature as error:
            raise KeysError(f"the token's key and the certificate of {office!r} do not belong together") from error

    @property
    def revocation_lists(self) -> tuple[x509.CertificateRevocationList, ...]:
        """From their files, read anew."""
        return load_lists(self._folder)

    def sign(self, data: bytes) -> bytes:
        """Signed inside the token. Raises KeysError when the token does not answer."""
        digest = hashes.Hash(hashes.SHA256())
        digest.update(data)
        try:
            with self._lock:  # a session is one conversation
                raw = self._key.sign(digest.finalize(), mechanism=pkcs11.Mechanism.ECDSA)
        except pkcs11.PKCS11Error as error:
            raise KeysError(f"the token did not sign: {type(error).__name__}") from error
        r, s = (int.from_bytes(half, "big") for half in (raw[:_HALF], raw[_HALF:]))
        return encode_dss_signature(r, s)


class TokenKeys:
    """The offices' keys in one token: `module` is the maker's library, the PIN stands in the environment variable named."""

    def __init__(self, folder: Path, module: str, token: str, pin_variable: str = "CHUDING_TOKEN_PIN") -> None:
        self._folder = folder
        try:
            self._session = (
                pkcs11.lib(module).get_token(token_label=token).open(user_pin=os.environ.get(pin_variable, ""))
            )
        except (pkcs11.PKCS11Error, RuntimeError) as error:
            raise KeysError(f"the token {token!r} cannot be opened with {module}: {type(error).__name__}") from error

    def signer(self, office: str) -> TokenSigner:
        """The office's signer. Raises KeysError."""
        return TokenSigner(self._folder, office, self._session)
