"""COSE_Sign1 with ES256 (RFC 9052, RFC 9053): a signed message of a hundred bytes, small enough for a printed code.

One form only: the protected header names algorithm and key, the unprotected one is empty, everything is in CBOR's
deterministic encoding (RFC 8949 4.2) and the signature's s is in the lower half, so that no two byte strings are the same
message.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import cbor2
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

if TYPE_CHECKING:
    from cryptography import x509

    from chuding.paper.keys import Signer

_SIGN1 = 18
_ALGORITHM, _KEY = 1, 4
_ES256 = -7
_KEY_LENGTH = 8
_HALF = 32
# The order of P-256 (SEC 2, 2.4.2).
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


class CoseError(ValueError):
    """The bytes are no message in our form; for the log, as a stranger may send anything."""


@dataclass(frozen=True)
class Message:
    """A message taken apart, its signature not yet examined. `key` is `key_id` of the certificate it names."""

    payload: bytes
    key: bytes
    protected: bytes
    signature: bytes


def key_id(certificate: x509.Certificate) -> bytes:
    """How a message names its certificate: the first 8 bytes of SHA-256 over its DER form."""
    return hashlib.sha256(certificate.public_bytes(serialization.Encoding.DER)).digest()[:_KEY_LENGTH]


def sign(payload: bytes, signer: Signer) -> bytes:
    """The signed message; the same payload gives the same bytes with a signer whose signatures are deterministic."""
    protected = canonical({_ALGORITHM: _ES256, _KEY: key_id(signer.certificate_chain[0])})
    r, s = decode_dss_signature(signer.sign(_signed_bytes(protected, payload)))
    signature = r.to_bytes(_HALF, "big") + min(s, _ORDER - s).to_bytes(_HALF, "big")
    return canonical(cbor2.CBORTag(_SIGN1, [protected, {}, payload, signature]))


def read(data: bytes) -> Message:
    """Take a message apart. Raises CoseError for anything that `sign` would not have written."""
    value = decode(data)
    if not isinstance(value, cbor2.CBORTag) or value.tag != _SIGN1 or not isinstance(value.value, list | tuple):
        raise CoseError("not a COSE_Sign1 message")
    if len(value.value) != 4:
        raise CoseError("a message has four parts")
    protected, unprotected, payload, signature = value.value
    if not all(isinstance(part, bytes) for part in (protected, payload, signature)) or unprotected != {}:
        raise CoseError("a part of the message is of the wrong kind")
    header = decode(protected)
    if not isinstance(header, dict) or set(header) != {_ALGORITHM, _KEY} or header[_ALGORITHM] != _ES256:
        raise CoseError("the header does not say ES256 and a key")
    key = header[_KEY]
    if not isinstance(key, bytes) or len(key) != _KEY_LENGTH or len(signature) != 2 * _HALF:
        raise CoseError("the key's name or the signature has the wrong length")
    if int.from_bytes(signature[_HALF:], "big") > _ORDER // 2:
        raise CoseError("the signature is not in its one form")
    return Message(payload, key, protected, signature)


def holds(message: Message, certificate: x509.Certificate) -> bool:
    """Whether the certificate's key made the signature."""
    public = certificate.public_key()
    if not isinstance(public, ec.EllipticCurvePublicKey) or not isinstance(public.curve, ec.SECP256R1):
        return False
    r, s = (int.from_bytes(half, "big") for half in (message.signature[:_HALF], message.signature[_HALF:]))
    try:
        signed = _signed_bytes(message.protected, message.payload)
        public.verify(encode_dss_signature(r, s), signed, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        return False
    return True


def canonical(value: object) -> bytes:
    """CBOR in its deterministic encoding."""
    return bytes(cbor2.dumps(value, canonical=True))


def decode(data: bytes) -> object:
    """CBOR that is in its deterministic encoding, and nothing after it. Raises CoseError."""
    try:
        value: object = cbor2.loads(data)
        again = canonical(value)
    except Exception as error:  # a stranger's bytes: dates out of range, tags of any kind, deep nesting
        raise CoseError(f"not CBOR ({type(error).__name__})") from error
    if again != data:
        raise CoseError("not in the deterministic encoding")
    return value


def _signed_bytes(protected: bytes, payload: bytes) -> bytes:
    """The `Sig_structure` of RFC 9052 4.4."""
    return canonical(["Signature1", protected, b"", payload])
