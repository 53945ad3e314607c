"""The one form of CMS signature that the platform writes and accepts (RFC 5652, PAdES EN 319 142-1).

Writing it by hand costs half a millisecond where a general library costs twenty; and because there is exactly one
form, the verifier rebuilds the whole structure from the values it read and compares bytes. Nothing can hide in the
parts of a CMS that no signature covers: version numbers, algorithm fields, spare certificates, padding.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from asn1crypto import cms as asn1_cms
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

_SEQUENCE, _SET, _OCTETS, _OID, _INTEGER = 0x30, 0x31, 0x04, 0x06, 0x02


class CmsError(Exception):
    """The bytes are not a CMS signature of our one form."""


@dataclass(frozen=True)
class Cms:
    """What a verifier needs of a signature; `leaf` first among `certificates`' issuers."""

    leaf: x509.Certificate
    intermediates: tuple[x509.Certificate, ...]
    message_digest: bytes
    signed_attributes: bytes
    signature: bytes
    time_stamp: bytes | None


def _tlv(tag: int, *content: bytes) -> bytes:
    """Tag, definite length in the shortest form, value: DER."""
    body = b"".join(content)
    if len(body) < 0x80:
        return bytes((tag, len(body))) + body
    length = len(body).to_bytes((len(body).bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(length))) + length + body


def _oid(dotted: str) -> bytes:
    first, second, *rest = (int(arc) for arc in dotted.split("."))
    out = bytearray()
    for arc in (first * 40 + second, *rest):
        groups = [arc & 0x7F]
        while arc := arc >> 7:
            groups.append(0x80 | arc & 0x7F)
        out += bytes(reversed(groups))
    return _tlv(_OID, bytes(out))


def _set_of(*members: bytes) -> bytes:
    return b"".join(sorted(members))


_DATA = _oid("1.2.840.113549.1.7.1")
_SIGNED_DATA = _oid("1.2.840.113549.1.7.2")
_CONTENT_TYPE = _oid("1.2.840.113549.1.9.3")
_MESSAGE_DIGEST = _oid("1.2.840.113549.1.9.4")
_SIGNING_CERTIFICATE_V2 = _oid("1.2.840.113549.1.9.16.2.47")
_TST_INFO = _oid("1.2.840.113549.1.9.16.1.4")
_TIME_STAMP_TOKEN = _oid("1.2.840.113549.1.9.16.2.14")
_SHA256 = _tlv(_SEQUENCE, _oid("2.16.840.1.101.3.4.2.1"))
_ECDSA_SHA256 = _tlv(_SEQUENCE, _oid("1.2.840.10045.4.3.2"))
_ONE = _tlv(_INTEGER, b"\x01")


def _der(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.DER)


def _identifier(certificate: x509.Certificate) -> bytes:
    serial = certificate.serial_number.to_bytes(certificate.serial_number.bit_length() // 8 + 1, "big")
    return _tlv(_SEQUENCE, certificate.issuer.public_bytes(), _tlv(_INTEGER, serial))


def signed_attributes(digest: bytes, leaf: x509.Certificate) -> bytes:
    """The attributes that are signed, as a DER SET: content type, SHA-256 of the file, and the signing
    certificate's own digest (RFC 5035), so that no other certificate can be put in its place.
    """
    reference = _tlv(_SEQUENCE, _tlv(_SEQUENCE, _tlv(_SEQUENCE, _tlv(_OCTETS, hashlib.sha256(_der(leaf)).digest()))))
    return _tlv(
        _SET,
        _set_of(
            _tlv(_SEQUENCE, _CONTENT_TYPE, _tlv(_SET, _DATA)),
            _tlv(_SEQUENCE, _MESSAGE_DIGEST, _tlv(_SET, _tlv(_OCTETS, digest))),
            _tlv(_SEQUENCE, _SIGNING_CERTIFICATE_V2, _tlv(_SET, reference)),
        ),
    )


def build(
    attributes: bytes, signature: bytes, leaf: x509.Certificate, intermediates: Sequence[x509.Certificate],
    time_stamp: bytes | None = None,
) -> bytes:  # fmt: skip
    """The DER `ContentInfo` of a detached ECDSA-P256-SHA256 signature."""
    unsigned = b""
    if time_stamp is not None:
        unsigned = _tlv(0xA1, _tlv(_SEQUENCE, _TIME_STAMP_TOKEN, _tlv(_SET, time_stamp)))
    signer_info = _tlv(
        _SEQUENCE,
        _ONE,
        _identifier(leaf),
        _SHA256,
        b"\xa0" + attributes[1:],
        _ECDSA_SHA256,
        _tlv(_OCTETS, signature),
        unsigned,
    )
    signed_data = _tlv(
        _SEQUENCE,
        _ONE,
        _tlv(_SET, _SHA256),
        _tlv(_SEQUENCE, _DATA),
        _tlv(0xA0, _set_of(_der(leaf), *(_der(certificate) for certificate in intermediates))),
        _tlv(_SET, signer_info),
    )
    return _tlv(_SEQUENCE, _SIGNED_DATA, _tlv(0xA0, signed_data))


def read(der: bytes) -> Cms:
    """Read a signature and hold it against our one form. Raises `CmsError`."""
    try:
        return _read(der)
    except CmsError:
        raise
    except Exception as error:  # asn1crypto raises whatever it meets on broken bytes
        raise CmsError("the signature's structure cannot be read") from error


def _read(der: bytes) -> Cms:
    content = asn1_cms.ContentInfo.load(der, strict=True)["content"]  # type: ignore[no-untyped-call]
    (info,) = content["signer_infos"]
    certificates = [x509.load_der_x509_certificate(choice.chosen.dump()) for choice in content["certificates"]]
    identifier = info["sid"].chosen
    leaves = [
        certificate
        for certificate in certificates
        if certificate.serial_number == identifier["serial_number"].native
        and certificate.issuer.public_bytes() == identifier["issuer"].dump()
    ]
    if len(leaves) != 1:
        raise CmsError("the signature names no certificate that it carries")
    leaf = leaves[0]
    digests = [
        attribute["values"][0].native
        for attribute in info["signed_attrs"]
        if attribute["type"].native == "message_digest"
    ]
    if len(digests) != 1:
        raise CmsError("the signature must carry one digest of the file")
    attributes = b"\x31" + info["signed_attrs"].dump()[1:]
    signature = info["signature"].native
    token = None
    if len(info["unsigned_attrs"]):
        token = info["unsigned_attrs"][0]["values"][0].dump()
    intermediates = tuple(certificate for certificate in certificates if certificate is not leaf)
    if attributes != signed_attributes(digests[0], leaf):
        raise CmsError("the signed attributes are not those of this certificate")
    if build(attributes, signature, leaf, intermediates, token) != der:
        raise CmsError("the signature holds bytes that it does not protect")
    return Cms(leaf, intermediates, digests[0], attributes, signature, token)


def check_time_stamp(token: bytes, known: Collection[bytes]) -> None:
    """Refuse a time-stamp token (RFC 3161) that holds anything its own signature does not protect.

    `known` are the DER certificates that the signed file carries in `/DSS`: every certificate of the token must be
    one of them, byte for byte. Whether the authority is trusted is for the validator to say. Raises `CmsError`.
    """
    try:
        plain = _is_plain_token(token, known)
    except Exception as error:  # asn1crypto raises whatever it meets on broken bytes
        raise CmsError("the time stamp cannot be read") from error
    if not plain:
        raise CmsError("the time stamp holds bytes that it does not protect")


def _is_plain_token(token: bytes, known: Collection[bytes]) -> bool:
    outer = asn1_cms.ContentInfo.load(token, strict=True)  # type: ignore[no-untyped-call]
    content = outer["content"]
    (info,) = content["signer_infos"]
    (algorithm,) = content["digest_algorithms"]
    signer_info = _tlv(
        _SEQUENCE,
        _ONE,
        info["sid"].dump(),
        algorithm.dump(),
        b"\xa0" + info["signed_attrs"].dump()[1:],
        info["signature_algorithm"].dump(),
        _tlv(_OCTETS, info["signature"].native),
    )
    encapsulated = _tlv(_OCTETS, content["encap_content_info"]["content"].contents)
    signed_data = _tlv(
        _SEQUENCE,
        _tlv(_INTEGER, b"\x03"),
        _tlv(_SET, algorithm.dump()),
        _tlv(_SEQUENCE, _TST_INFO, _tlv(0xA0, encapsulated)),
        _tlv(0xA0, *(choice.chosen.dump() for choice in content["certificates"])),
        _tlv(_SET, signer_info),
    )
    rebuilt = _tlv(_SEQUENCE, _SIGNED_DATA, _tlv(0xA0, signed_data))
    forms = {_tlv(_SEQUENCE, _oid(algorithm["algorithm"].dotted), end) for end in (b"", b"\x05\x00")}
    carried = [choice.chosen.dump() for choice in content["certificates"]]
    # Libraries compare names without regard to case; here the signer's name must be the certificate's own bytes.
    signers = [_identifier(x509.load_der_x509_certificate(der)) for der in carried]
    return (
        rebuilt == token
        and algorithm.dump() in forms
        and all(der in known for der in carried)
        and info["sid"].dump() in signers
    )


def signature_holds(signed: Cms) -> bool:
    """Whether the certificate's key made the signature over the signed attributes."""
    key = signed.leaf.public_key()
    if not isinstance(key, ec.EllipticCurvePublicKey):
        return False
    try:
        key.verify(signed.signature, signed.signed_attributes, ec.ECDSA(hashes.SHA256()))
    except Exception:  # noqa: BLE001 - a broken signature value may raise more than InvalidSignature
        return False
    return True
