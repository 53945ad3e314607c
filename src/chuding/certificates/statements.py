"""An issued certificate as a W3C Verifiable Credential, and the lists that tell which of them were revoked.

Both are a function of the register, so the signing desk makes them again and compares before it signs.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from django.conf import settings

from chuding.certificates.models import Certificate, Standing
from chuding.certificates.press import signer
from chuding.paper import jose
from chuding.paper.mandate import Mandate
from chuding.paper.statement import CONTEXT, KIND, LIST_LENGTH, STATUS_TYPE, TYPE, encoded_list

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from cryptography import x509

    from chuding.paper.keys import Signer

# Our own words, each with its meaning: terms of a vocabulary of this site, so that a general reader knows what it reads.
_TERMS = (
    "certificateNumber", "qualification", "level", "field", "qualifiedOn", "approvedOn", "documentNumber",
    "noticeNumber", "clause", "sample",
)  # fmt: skip
# An odd step over a power of two meets every place once: neighbours in the register are no neighbours on the list.
_STEP = 48_271


def issuer_address(office: str) -> str:
    """The office's identifier; behind it stands a document with its keys."""
    return f"{settings.PUBLIC_ADDRESS}/issuers/{office}"


def list_address(office: str, block: int) -> str:
    """Where one status list is served."""
    return f"{settings.PUBLIC_ADDRESS}/issuers/{office}/status/{block}"


def place_of(certificate: Certificate) -> tuple[int, int]:
    """Which status list a certificate stands on, and where."""
    block, rest = divmod(certificate.pk, LIST_LENGTH)
    return block, rest * _STEP % LIST_LENGTH


def issuer_document(office: str, certificates: Sequence[x509.Certificate]) -> dict[str, Any]:
    """The controlled identifier document: the office's public keys for statements (W3C CID 1.0)."""
    address = issuer_address(office)
    methods = []
    for one in certificates:
        key = jose.jwk_of(one)
        methods.append(
            {"id": f"{address}#{key['kid']}", "type": "JsonWebKey", "controller": address, "publicKeyJwk": key}
        )
    return {
        "@context": "https://www.w3.org/ns/cid/v1",
        "id": address,
        "verificationMethod": methods,
        "assertionMethod": [method["id"] for method in methods],
    }


def payload_of(certificate: Certificate, leaf: x509.Certificate) -> dict[str, Any]:
    """The credential of one certificate, unsigned, as the key of `leaf` may sign it: in force no earlier than that key."""
    award = json.loads(certificate.award)
    block, place = place_of(certificate)
    address = list_address(certificate.office, block)
    vocabulary = f"{settings.PUBLIC_ADDRESS}/issuers/words#"
    return {
        "@context": [CONTEXT, {term: f"{vocabulary}{term}" for term in (TYPE, *_TERMS)}],
        "id": f"{settings.PUBLIC_ADDRESS}/v/{certificate.token}",
        "type": ["VerifiableCredential", TYPE],
        "issuer": {"id": issuer_address(certificate.office), "name": award["issuer"]},
        "validFrom": max(certificate.issued_at, leaf.not_valid_before_utc).isoformat(timespec="seconds"),
        "name": "专业技术资格证书",
        "credentialSubject": {
            "name": award["holder_name"],
            "certificateNumber": certificate.number,
            "qualification": award["qualification"],
            "level": certificate.level,
            "field": "/".join(part for part in (award["series"], award["major"], award["minor"]) if part),
            "qualifiedOn": award["qualified_on"],
            "approvedOn": award["approved_on"],
            "documentNumber": certificate.document_number,
            "noticeNumber": award["notice_number"],
            "clause": award["clause"],
            "sample": settings.DEMONSTRATION,
        },
        "credentialStatus": {
            "id": f"{address}#{place}",
            "type": "BitstringStatusListEntry",
            "statusPurpose": "revocation",
            "statusListIndex": str(place),
            "statusListCredential": address,
        },
    }


def list_payload(office: str, block: int, *, since: datetime, until: datetime) -> dict[str, Any]:
    """One status list as a credential, unsigned, as the register stands."""
    address = list_address(office, block)
    revoked = (
        Certificate.objects.filter(office=office, pk__gte=block * LIST_LENGTH, pk__lt=(block + 1) * LIST_LENGTH)
        .exclude(standing=Standing.VALID)
        .only("pk")
    )
    return {
        "@context": [CONTEXT],
        "id": address,
        "type": ["VerifiableCredential", STATUS_TYPE],
        "issuer": issuer_address(office),
        "validFrom": since.isoformat(timespec="seconds"),
        "validUntil": until.isoformat(timespec="seconds"),
        "credentialSubject": {
            "id": f"{address}#list",
            "type": "BitstringStatusList",
            "statusPurpose": "revocation",
            "encodedList": encoded_list(place_of(one)[1] for one in revoked),
        },
    }


def statement(certificate: Certificate) -> str:
    """The credential, signed by the office; the same text each time. Raises SignerUnavailable or SignerRefused."""
    mandate = Mandate("statement", ("certificate", certificate.number))
    key = signer(certificate.office, mandate)
    return _signed(certificate.office, payload_of(certificate, key.certificate_chain[0]), key)


def status_statement(office: str, block: int, *, since: datetime, until: datetime) -> str:
    """One signed status list."""
    payload = list_payload(office, block, since=since, until=until)
    return _signed(office, payload, signer(office, Mandate("statement", ("status", str(block)))))


def _signed(office: str, payload: dict[str, Any], key: Signer) -> str:
    below_root = key.certificate_chain[:-1]
    address = f"{issuer_address(office)}#{jose.jwk_of(below_root[0])['kid']}"
    return jose.sign(jose.signing_input(payload, kind=KIND, key=address, chain=below_root), key)
