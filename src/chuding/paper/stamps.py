"""Time-stamp tokens (RFC 3161): what one says, and that nothing in it escapes its authority's signature.

As with our own signatures there is one form: the token is rebuilt from the values that were read and compared byte for
byte, its certificates must be those that the signed file carries, and the authority's key must be for nothing but time.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from asn1crypto import cms as asn1_cms
from asn1crypto import tsp
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from chuding.paper.cms import (
    CONTENTS,
    OCTETS,
    ONE,
    SEQUENCE,
    SET,
    SIGNED_DATA,
    identifier_of,
    oid,
    tlv,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

_TST_INFO = oid("1.2.840.113549.1.9.16.1.4")
_THREE = tlv(0x02, b"\x03")
_NULL = b"\x05\x00"
_ROOM = 2048
_HASHES: dict[str, hashes.HashAlgorithm] = {
    "2.16.840.1.101.3.4.2.1": hashes.SHA256(),
    "2.16.840.1.101.3.4.2.2": hashes.SHA384(),
    "2.16.840.1.101.3.4.2.3": hashes.SHA512(),
}
# How an authority may name its algorithm: RSA with parameters NULL (RFC 4055), ECDSA without any (RFC 5754).
_RSA: dict[str, hashes.HashAlgorithm | None] = {
    "1.2.840.113549.1.1.1": None,
    "1.2.840.113549.1.1.11": hashes.SHA256(),
    "1.2.840.113549.1.1.12": hashes.SHA384(),
    "1.2.840.113549.1.1.13": hashes.SHA512(),
}
_ECDSA: dict[str, hashes.HashAlgorithm] = {
    "1.2.840.10045.4.3.2": hashes.SHA256(),
    "1.2.840.10045.4.3.3": hashes.SHA384(),
    "1.2.840.10045.4.3.4": hashes.SHA512(),
}


class StampError(Exception):
    """The token is not one that we may put into a file, or believe; the sentence says why."""


@dataclass(frozen=True)
class Stamp:
    """What a token says: this SHA-256 digest existed at `moment`, says the holder of `certificate`."""

    imprint: bytes
    moment: datetime
    certificate: x509.Certificate
    carried: tuple[x509.Certificate, ...]

    @property
    def authority(self) -> str:
        """The authority's name for a reader."""
        names = self.certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
        return str(names[0].value) if names else self.certificate.subject.rfc4514_string()


def read(token: bytes) -> Stamp:
    """Read a token whose own signature holds. Whether its authority is trusted is the caller's question.

    Raises `StampError` for one that is malformed, holds anything its signature does not protect, or was made with a
    certificate that is not for time stamping or was not valid at that time.
    """
    try:
        return _read(token)
    except StampError:
        raise
    except Exception as error:  # asn1crypto raises whatever it meets on broken bytes
        raise StampError("the time stamp cannot be read") from error


def check(token: bytes, imprint: bytes, chain: Sequence[x509.Certificate]) -> Stamp:
    """What `read` says of a fresh token, which must be over `imprint` and made by the first certificate of `chain`.

    Every certificate in it must be of `chain`, since only those go into the file beside it. Raises `StampError`.
    """
    stamp = read(token)
    if stamp.imprint != imprint:
        raise StampError("the time stamp is over something else")
    if not chain or stamp.certificate != chain[0]:
        raise StampError("the time stamp was made by another authority than the one whose certificates are configured")
    if any(one not in chain for one in stamp.carried):
        raise StampError("the time stamp carries certificates that are not among those configured")
    return stamp


def room(chain: Sequence[x509.Certificate]) -> int:
    """How many bytes a token of this authority may have: it can carry its whole chain."""
    return _ROOM + sum(len(one.public_bytes(serialization.Encoding.DER)) for one in chain)


def is_within(stamp: Stamp, known: Collection[bytes]) -> bool:
    """Whether every certificate of the token stands, byte for byte, among `known`, the DER forms that a file protects."""
    return all(one.public_bytes(serialization.Encoding.DER) in known for one in stamp.carried)


def _read(token: bytes) -> Stamp:
    content: Any = asn1_cms.ContentInfo.load(token, strict=True)["content"]  # type: ignore[no-untyped-call]
    (info,) = content["signer_infos"]
    (algorithm,) = content["digest_algorithms"]
    kind = algorithm["algorithm"].dotted
    if algorithm.dump() not in {tlv(SEQUENCE, oid(kind), end) for end in (b"", _NULL)} or kind not in _HASHES:
        raise StampError("the time stamp's digest algorithm is unknown")
    carried = tuple(x509.load_der_x509_certificate(choice.chosen.dump()) for choice in content["certificates"])
    if _rebuilt(content, info, algorithm) != token:
        raise StampError("the time stamp holds bytes that it does not protect")
    # Libraries compare names without regard to case; here the signer's name must be the certificate's own bytes.
    (own,) = (one for one in carried if identifier_of(one) == info["sid"].dump())
    encapsulated = content["encap_content_info"]["content"].contents
    _hold(info, own, encapsulated, _HASHES[kind])
    told: Any = tsp.TSTInfo.load(encapsulated, strict=True)  # type: ignore[no-untyped-call]
    imprint = told["message_imprint"]
    moment = told["gen_time"].native
    if imprint["hash_algorithm"]["algorithm"].native != "sha256":
        raise StampError("the time stamp is not over a SHA-256 digest")
    purposes = own.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    if not purposes.critical or list(purposes.value) != [ExtendedKeyUsageOID.TIME_STAMPING]:
        raise StampError("the certificate behind the time stamp is not for time stamping")
    if not own.not_valid_before_utc <= moment <= own.not_valid_after_utc:
        raise StampError("the certificate behind the time stamp was not valid at that time")
    return Stamp(imprint["hashed_message"].native, moment, own, carried)


def _rebuilt(content: Any, info: Any, algorithm: Any) -> bytes:
    """The whole token again, from the values that are protected or compared."""
    signer_info = tlv(
        SEQUENCE,
        ONE,
        info["sid"].dump(),
        algorithm.dump(),
        b"\xa0" + info["signed_attrs"].dump()[1:],
        info["signature_algorithm"].dump(),
        tlv(OCTETS, info["signature"].native),
    )
    signed_data = tlv(
        SEQUENCE,
        _THREE,
        tlv(SET, algorithm.dump()),
        tlv(SEQUENCE, _TST_INFO, tlv(CONTENTS, tlv(OCTETS, content["encap_content_info"]["content"].contents))),
        tlv(CONTENTS, *(choice.chosen.dump() for choice in content["certificates"])),
        tlv(SET, signer_info),
    )
    return tlv(SEQUENCE, SIGNED_DATA, tlv(CONTENTS, signed_data))


def _hold(info: Any, own: x509.Certificate, encapsulated: bytes, kind: hashes.HashAlgorithm) -> None:
    """The digest is the content's, the certificate the one that was meant, and its key made the signature."""
    attributes = {one["type"].native: one["values"] for one in info["signed_attrs"]}
    if len(attributes) != len(info["signed_attrs"]) or [v.native for v in attributes["content_type"]] != ["tst_info"]:
        raise StampError("the time stamp's attributes are not as they should be")
    (digest,) = attributes["message_digest"]
    if digest.native != hashlib.new(kind.name, encapsulated).digest() or not _names(attributes, own):
        raise StampError("the time stamp does not belong to its content and certificate")
    signed, signature = b"\x31" + info["signed_attrs"].dump()[1:], info["signature"].native
    method = info["signature_algorithm"]
    name, key = method["algorithm"].dotted, own.public_key()
    try:
        if isinstance(key, rsa.RSAPublicKey) and method.dump() == tlv(SEQUENCE, oid(name), _NULL) and name in _RSA:
            key.verify(signature, signed, padding.PKCS1v15(), _RSA[name] or kind)
            return
        if isinstance(key, ec.EllipticCurvePublicKey) and method.dump() == tlv(SEQUENCE, oid(name)) and name in _ECDSA:
            key.verify(signature, signed, ec.ECDSA(_ECDSA[name]))
            return
    except Exception as error:  # a broken signature value may raise more than InvalidSignature
        raise StampError("the time stamp's signature does not hold") from error
    raise StampError("the time stamp's signature algorithm is unknown")


def _names(attributes: dict[str, Any], own: x509.Certificate) -> bool:
    """Whether the signed attributes name this certificate by its digest (RFC 3161 2.4.2, RFC 5816)."""
    der = own.public_bytes(serialization.Encoding.DER)
    if "signing_certificate_v2" in attributes:
        (value,) = attributes["signing_certificate_v2"]
        first = value["certs"][0]
        name = first["hash_algorithm"]["algorithm"].native
        return name in {"sha256", "sha384", "sha512"} and first["cert_hash"].native == hashlib.new(name, der).digest()
    # Many authorities still use the older attribute, which has SHA-1 in it: here it only tells certificates of one chain
    # apart, whose bytes the file's own signature protects.
    (value,) = attributes["signing_certificate"]
    return bool(value["certs"][0]["cert_hash"].native == hashlib.sha1(der, usedforsecurity=False).digest())
