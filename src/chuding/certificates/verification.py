"""What a stranger learns of a certificate: valid, revoked or not found, with the name masked. No number of a person.

"Not found" looks alike whatever was asked, and a name is only ever confirmed, never told (security.md §3.8, A23).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import unicodedata
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID
from django.conf import settings
from django.db.models import Q

from chuding.accounts.masking import mask_name
from chuding.certificates.award import is_certificate_number
from chuding.certificates.copies import copy_of_file
from chuding.certificates.forms import document_of, form_of
from chuding.certificates.models import Certificate, Paper, Standing
from chuding.certificates.press import time_roots
from chuding.certificates.sealing import sealed_file, sealed_version
from chuding.paper.cose import key_id
from chuding.paper.credential import read_credential
from chuding.paper.keys import OFFICES, SAMPLE_MARK, load_certificate, office_certificates
from chuding.paper.verify import verify_pdf
from chuding.storage.clock import SHANGHAI

if TYPE_CHECKING:
    from datetime import datetime

    from cryptography import x509
    from django.db.models import QuerySet

    from chuding.certificates.copies import CopyAnswer
    from chuding.certificates.forms import FormAnswer
    from chuding.certificates.models import SealedFile
    from chuding.paper.verify import PdfVerdict


@dataclass(frozen=True)
class PublicAnswer:
    """The public part of a certificate. `standing` is valid, revoked, replaced or not_found; the rest is None when not found.

    `seal_name` is what the state's electronic seal on the sealed version is called, where there is one. `revoked_on` is the
    day it ceased to count; `replaced_by` and `successor` are number and page of the one in its place.
    """

    standing: str
    at: str
    number: str | None = None
    name: str | None = None
    qualification: str | None = None
    level: str | None = None
    field: str | None = None
    qualified_on: str | None = None
    issuer: str | None = None
    document_number: str | None = None
    notice_number: str | None = None
    clause: str | None = None
    revoked_on: str | None = None
    replaced_by: str | None = None
    successor: str | None = None
    seal_name: str | None = None
    sample: bool = False

    def to_json(self) -> dict[str, Any]:
        """Only what is known."""
        return {key: value for key, value in asdict(self).items() if value is not None}


@dataclass(frozen=True)
class FileAnswer:
    """What an uploaded PDF proved: its signature in numbered steps, and whether the register knows these very bytes.

    `letter` is the kind of a letter of ours (申报回执) whose bytes these are; it proves no qualification. `document` is the name and
    number of the official document (发文) whose bytes these are. `copy` is the
    answer where it is a copy that a holder made. `form` is given where the bytes are those of a 申报表 as it was issued,
    signed or, in earlier days, not; it proves no qualification. `sealed` is given where it is a version with the state's electronic seal: then
    `verdict` says nothing of it, as that seal is judged by the state's own tools.
    """

    verdict: PdfVerdict
    registered: PublicAnswer
    letter: str = ""
    document: tuple[str, str] | None = None
    form: FormAnswer | None = None
    copy: CopyAnswer | None = None
    sealed: SealedFile | None = None

    @property
    def valid(self) -> bool:
        """Signed by us, unchanged, in the register, and not revoked."""
        return self.verdict.valid and self.registered.standing == Standing.VALID

    @property
    def form_is_signed(self) -> bool:
        """Whether the steps have anything to say of a form: those of earlier days carry no signature."""
        return bool(self.verdict.steps[1].ok)


def _register() -> QuerySet[Certificate]:
    return Certificate.objects.select_related("replaced_by")


def _answer(certificate: Certificate | None, at: datetime) -> PublicAnswer:
    if certificate is None:
        return PublicAnswer("not_found", at.isoformat(timespec="seconds"))
    award = json.loads(certificate.award)
    sealed = sealed_version("certificate", certificate.number)
    return PublicAnswer(
        standing=certificate.standing,
        at=at.isoformat(timespec="seconds"),
        number=certificate.number,
        name=mask_name(award["holder_name"]),
        qualification=award["qualification"],
        level=certificate.level,
        field=" › ".join(part for part in (award["series"], award["major"], award["minor"]) if part),
        qualified_on=award["qualified_on"],
        issuer=award["issuer"],
        document_number=certificate.document_number,
        notice_number=award["notice_number"],
        clause=award["clause"],
        revoked_on=certificate.revoked_at.astimezone(SHANGHAI).date().isoformat() if certificate.revoked_at else None,
        replaced_by=certificate.replaced_by.number if certificate.replaced_by else None,
        successor=f"/v/{certificate.replaced_by.token}" if certificate.replaced_by else None,
        seal_name=sealed.seal_name if sealed else None,
        sample=settings.DEMONSTRATION,
    )


def look_up(token: str, *, at: datetime) -> PublicAnswer:
    """The answer to a scanned code."""
    return _answer(_register().filter(token=token).first(), at)


def token_of_code(code: str, *, at: datetime) -> str | None:
    """The page's token behind an offline code that one of our offices signed; None for anything else."""
    verdict = read_credential(code, _issuers(), at=at)
    if not verdict.valid or verdict.claims is None:
        return None
    return Certificate.objects.filter(number=verdict.claims.number).values_list("token", flat=True).first()


def known_issuers() -> list[dict[str, Any]]:
    """Whose codes the offline page accepts: name and public key, and when the certificate is good (milliseconds, UTC)."""
    found = []
    for one in _issuers():
        der = one.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        name = one.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value
        found.append(
            {
                "key": key_id(one).hex(),
                "name": str(name),
                "public": base64.b64encode(der).decode("ascii"),
                "from": int(one.not_valid_before_utc.timestamp() * 1000),
                "until": int(one.not_valid_after_utc.timestamp() * 1000),
                "sample": SAMPLE_MARK in one.subject.rfc4514_string(),
            }
        )
    return found


def issuers_of(office: str) -> tuple[x509.Certificate, ...]:
    """The certificates with which an office signs or signed, today's first; none for what is no office."""
    return office_certificates(settings.SIGNING_FOLDER, office) if office in OFFICES else ()


def _issuers() -> tuple[x509.Certificate, ...]:
    return tuple(one for office in OFFICES for one in issuers_of(office))


def matches(*, number: str, name: str, at: datetime) -> PublicAnswer:
    """The answer to a typed certificate number and name; both must be right, else it is "not found"."""
    number = unicodedata.normalize("NFKC", number).strip().upper()
    certificate = _register().filter(number=number).first() if is_certificate_number(number) else None
    held = json.loads(certificate.award)["holder_name"] if certificate else ""
    same = hmac.compare_digest(unicodedata.normalize("NFC", name.strip()).encode(), held.encode())
    return _answer(certificate if certificate and same else None, at)


def check_file(pdf: bytes, *, at: datetime) -> FileAnswer:
    """The answer to an uploaded PDF: its signature, and its digest in the register."""
    root = load_certificate(settings.SIGNING_FOLDER / "root.pem")
    digest = hashlib.sha256(pdf).hexdigest()
    certificate = _register().filter(Q(file=digest) | Q(earlier_files__file=digest)).first()
    sealed = sealed_file(pdf)
    if certificate is None and sealed is not None and sealed.subject_kind == "certificate":
        certificate = _register().filter(number=sealed.subject_ref).first()
    letter = Paper.objects.filter(file=digest).first()
    name = letter.get_kind_display() if letter else ""
    return FileAnswer(
        verify_pdf(pdf, [root], at=at, time_roots=time_roots()),
        _answer(certificate, at),
        name,
        document_of(digest),
        form_of(digest),
        copy_of_file(pdf, at=at),
        sealed,
    )
