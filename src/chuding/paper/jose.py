"""A JSON Web Signature in compact form with ES256 (RFC 7515, RFC 7518 3.4), over JSON in one spelling; and our keys as JWK."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cryptography import x509

    from chuding.paper.keys import Signer

_HALF = 32
_FORM = re.compile(r"([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)")


class JoseError(ValueError):
    """The text is no signature of our form; for the log, as a stranger may send anything."""


@dataclass(frozen=True)
class Jws:
    """One signature taken apart, not yet examined."""

    header: dict[str, Any]
    payload: dict[str, Any]
    signed: bytes
    signature: bytes


def base64url(data: bytes) -> str:
    """Base 64 for URLs, without padding."""
    return base64.urlsafe_b64encode(data).decode("ascii").rstrip("=")


def from_base64url(text: str) -> bytes:
    """The bytes; raises JoseError unless the text is their one spelling."""
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise JoseError("a part is not in base 64") from error
    if base64url(data) != text:
        raise JoseError("a part is not in its one spelling")
    return data


def jwk_of(certificate: x509.Certificate) -> dict[str, str]:
    """The certificate's P-256 key as a JWK; `kid` is its thumbprint (RFC 7638)."""
    key = certificate.public_key()
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        raise JoseError("only P-256 keys are published")
    numbers = key.public_numbers()
    core = {
        "crv": "P-256",
        "kty": "EC",
        "x": base64url(numbers.x.to_bytes(_HALF, "big")),
        "y": base64url(numbers.y.to_bytes(_HALF, "big")),
    }
    thumbprint = base64url(hashlib.sha256(_json(core)).digest())
    return {**core, "kid": thumbprint, "alg": "ES256", "use": "sig"}


def signing_input(payload: dict[str, Any], *, kind: str, key: str, chain: Sequence[x509.Certificate]) -> bytes:
    """What is signed: header and payload. `kind` is the media type (`vc+jwt`), `key` the key's address, `chain` below the root."""
    header = {
        "alg": "ES256",
        "cty": "vc",
        "kid": key,
        "typ": kind,
        # For whoever has the root and no network; standard base 64, says RFC 7515 4.1.6.
        "x5c": [base64.b64encode(one.public_bytes(Encoding.DER)).decode("ascii") for one in chain],
    }
    return f"{base64url(_json(header))}.{base64url(_json(payload))}".encode()


def sign(signed: bytes, signer: Signer) -> str:
    """The compact form; the same input gives the same text with a signer whose signatures are deterministic."""
    r, s = decode_dss_signature(signer.sign(signed))
    return f"{signed.decode('ascii')}.{base64url(r.to_bytes(_HALF, 'big') + s.to_bytes(_HALF, 'big'))}"


def read(text: str) -> Jws:
    """Take a signature apart. Raises JoseError for anything that `sign` would not have written."""
    parts = _FORM.fullmatch(text)
    if parts is None:
        raise JoseError("not three parts in base 64")
    try:
        header, payload = (json.loads(from_base64url(part)) for part in parts.groups()[:2])
    except (ValueError, RecursionError) as error:
        raise JoseError("a part is no JSON") from error
    signature = from_base64url(parts[3])
    if not isinstance(header, dict) or not isinstance(payload, dict) or header.get("alg") != "ES256":
        raise JoseError("not an ES256 signature over an object")
    if header.get("crit") is not None or len(signature) != 2 * _HALF:
        raise JoseError("the header asks for what is not known here")
    return Jws(header, payload, f"{parts[1]}.{parts[2]}".encode(), signature)


def holds(jws: Jws, certificate: x509.Certificate) -> bool:
    """Whether the certificate's key made the signature; a certificate whose key does not open has made none."""
    try:
        key = certificate.public_key()
    except (ValueError, UnsupportedAlgorithm):
        return False
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        return False
    r, s = (int.from_bytes(half, "big") for half in (jws.signature[:_HALF], jws.signature[_HALF:]))
    try:
        key.verify(encode_dss_signature(r, s), jws.signed, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        return False
    return True


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
