"""The one form of CMS signature that the platform writes and accepts (RFC 5652, PAdES EN 319 142-1).

Writing it by hand costs half a millisecond where a general library costs twenty; and because there is exactly one
form, the verifier rebuilds the whole structure from the values it read and compares bytes. Nothing can hide in the
parts of a CMS that no signature covers: version numbers, algorithm fields, spare certificates, padding.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from asn1crypto import cms as asn1_cms
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

if TYPE_CHECKING:
    from collections.abc import Sequence

SEQUENCE, SET, OCTETS, CONTENTS = 0x30, 0x31, 0x04, 0xA0
_OID, _INTEGER = 0x06, 0x02


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


def tlv(tag: int, *content: bytes) -> bytes:
    """Tag, definite length in the shortest form, value: DER."""
    body = b"".join(content)
    if len(body) < 0x80:
        return bytes((tag, len(body))) + body
    length = len(body).to_bytes((len(body).bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(length))) + length + body


def oid(dotted: str) -> bytes:
    """An object identifier in DER."""
    first, second, *rest = (int(arc) for arc in dotted.split("."))
    out = bytearray()
    for arc in (first * 40 + second, *rest):
        groups = [arc & 0x7F]
        while arc := arc >> 7:
            groups.append(0x80 | arc & 0x7F)
        out += bytes(reversed(groups))
    return tlv(_OID, bytes(out))


def _set_of(*members: bytes) -> bytes:
    return b"".join(sorted(members))


_DATA = oid("1.2.840.113549.1.7.1")
SIGNED_DATA = oid("1.2.840.113549.1.7.2")
_CONTENT_TYPE = oid("1.2.840.113549.1.9.3")
_MESSAGE_DIGEST = oid("1.2.840.113549.1.9.4")
_SIGNING_CERTIFICATE_V2 = oid("1.2.840.113549.1.9.16.2.47")
_TIME_STAMP_TOKEN = oid("1.2.840.113549.1.9.16.2.14")
_SHA256 = tlv(SEQUENCE, oid("2.16.840.1.101.3.4.2.1"))
_ECDSA_SHA256 = tlv(SEQUENCE, oid("1.2.840.10045.4.3.2"))
ONE = tlv(_INTEGER, b"\x01")


def _der(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.DER)


def identifier_of(certificate: x509.Certificate) -> bytes:
    """How a signature names its certificate: issuer and serial number (RFC 5652 10.2.4)."""
    serial = certificate.serial_number.to_bytes(certificate.serial_number.bit_length() // 8 + 1, "big")
    return tlv(SEQUENCE, certificate.issuer.public_bytes(), tlv(_INTEGER, serial))


def signed_attributes(digest: bytes, leaf: x509.Certificate) -> bytes:
    """The attributes that are signed, as a DER SET: content type, SHA-256 of the file, and the signing
    certificate's own digest (RFC 5035), so that no other certificate can be put in its place.
    """
    reference = tlv(SEQUENCE, tlv(SEQUENCE, tlv(SEQUENCE, tlv(OCTETS, hashlib.sha256(_der(leaf)).digest()))))
    return tlv(
        SET,
        _set_of(
            tlv(SEQUENCE, _CONTENT_TYPE, tlv(SET, _DATA)),
            tlv(SEQUENCE, _MESSAGE_DIGEST, tlv(SET, tlv(OCTETS, digest))),
            tlv(SEQUENCE, _SIGNING_CERTIFICATE_V2, tlv(SET, reference)),
        ),
    )


def digest_in(attributes: bytes, leaf: x509.Certificate) -> bytes:
    """The file's digest in what `signed_attributes` made for this certificate. Raises `CmsError` for anything else."""
    head = _MESSAGE_DIGEST + b"\x31\x22\x04\x20"
    place = attributes.find(head) + len(head)
    digest = attributes[place : place + 32]
    if attributes != signed_attributes(digest, leaf):
        raise CmsError("these are no signed attributes of a file")
    return digest


def build(
    attributes: bytes, signature: bytes, leaf: x509.Certificate, intermediates: Sequence[x509.Certificate],
    time_stamp: bytes | None = None,
) -> bytes:  # fmt: skip
    """The DER `ContentInfo` of a detached ECDSA-P256-SHA256 signature."""
    unsigned = b""
    if time_stamp is not None:
        unsigned = tlv(0xA1, tlv(SEQUENCE, _TIME_STAMP_TOKEN, tlv(SET, time_stamp)))
    signer_info = tlv(
        SEQUENCE,
        ONE,
        identifier_of(leaf),
        _SHA256,
        b"\xa0" + attributes[1:],
        _ECDSA_SHA256,
        tlv(OCTETS, signature),
        unsigned,
    )
    signed_data = tlv(
        SEQUENCE,
        ONE,
        tlv(SET, _SHA256),
        tlv(SEQUENCE, _DATA),
        tlv(CONTENTS, _set_of(_der(leaf), *(_der(certificate) for certificate in intermediates))),
        tlv(SET, signer_info),
    )
    return tlv(SEQUENCE, SIGNED_DATA, tlv(CONTENTS, signed_data))


@lru_cache(maxsize=4)
def read(der: bytes) -> Cms:
    """Read a signature and hold it against our one form. Raises `CmsError`.

    The last few answers are remembered: whoever tries ten thousand variants of a file asks about one signature.
    """
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


def signature_holds(signed: Cms) -> bool:
    """Whether the certificate's key made the signature over the signed attributes."""
    try:
        key = signed.leaf.public_key()
        if not isinstance(key, ec.EllipticCurvePublicKey):
            return False
        key.verify(signed.signature, signed.signed_attributes, ec.ECDSA(hashes.SHA256()))
    except Exception:  # noqa: BLE001 - a broken key or signature value may raise more than InvalidSignature
        return False
    return True
