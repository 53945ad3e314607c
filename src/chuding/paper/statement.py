"""The certificate as a W3C Verifiable Credential (VC Data Model 2.0, secured as VC-JOSE-COSE), read and checked.

Revocation stands in a Bitstring Status List. Both are signed with the office's key, with its certificates in the header, so
that whoever has the root checks them without a network.
"""

from __future__ import annotations

import base64
import gzip
import zlib
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from cryptography import x509

from chuding.paper import jose
from chuding.paper.trust import CLOCK_TOLERANCE, Failed, may_sign_documents, path_to_root, valid_at
from chuding.paper.verify import Step, every

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

CONTEXT = "https://www.w3.org/ns/credentials/v2"
KIND = "vc+jwt"
TYPE, STATUS_TYPE = "ProfessionalQualificationCredential", "BitstringStatusListCredential"
# The least that the recommendation allows, for privacy: 16 KiB before compression.
LIST_LENGTH = 131_072

_STEPS = {
    1: ("form", "这是一份可验证凭证", "the file is a verifiable credential"),
    2: ("signature", "签名与内容相符，内容没有改动", "the signature matches the content"),
    3: ("chain", "签名证书由受信任的根证书签发", "the certificate chains to a trusted root"),
    4: ("time", "凭证已经生效，签发时证书有效", "it is in force and the certificate was valid"),
}
_STATUS = (5, "status", "状态表上没有撤销记录", "the status list does not show it as revoked")


@dataclass(frozen=True)
class StatementVerdict:
    """The answer for one credential; `claims` (its payload) only if its chain is trusted. `revoked` is None where unknown."""

    steps: tuple[Step, ...]
    claims: dict[str, Any] | None = None
    signer: str | None = None
    revoked: bool | None = None

    @property
    def valid(self) -> bool:
        """Whether every step that was asked for is present and holds."""
        return every(step.ok is True for step in self.steps) and len(self.steps) >= len(_STEPS)

    @property
    def reasons(self) -> tuple[str, ...]:
        """The sentence of the first step that does not hold; empty if valid."""
        return tuple(step.sentence for step in self.steps if not step.ok)[:1]


def encoded_list(indexes: Iterable[int]) -> str:
    """The bits of a status list, set at these places, as the recommendation writes them (multibase, GZIP)."""
    bits = bytearray(LIST_LENGTH // 8)
    for index in indexes:
        bits[index // 8] |= 0x80 >> index % 8
    return "u" + jose.base64url(gzip.compress(bytes(bits), mtime=0))


def is_set(encoded: str, index: int) -> bool:
    """Whether the bit at this place is set. Raises JoseError for what is no list, or too short for the place."""
    if not encoded.startswith("u"):
        raise jose.JoseError("the list is not in base 64")
    unpacker = zlib.decompressobj(wbits=31)
    try:
        bits = unpacker.decompress(jose.from_base64url(encoded[1:]), LIST_LENGTH)
    except zlib.error as error:
        raise jose.JoseError("the list cannot be unpacked") from error
    if len(bits) * 8 < LIST_LENGTH or not 0 <= index < len(bits) * 8:
        raise jose.JoseError("the list is too short")
    return bool(bits[index // 8] & 0x80 >> index % 8)


def read_statement(
    text: str, roots: Sequence[x509.Certificate], *, at: datetime, status: str | None = None
) -> StatementVerdict:
    """Check a credential as of `at` (aware), with `status`, a status list credential, also for revocation. Never raises."""
    case = _Case(text.strip(), roots, at, status)
    checks: list[tuple[tuple[int, str, str, str], Callable[[], None]]] = [
        ((number, *words), check)
        for (number, words), check in zip(
            _STEPS.items(), (case.has_form, case.is_signed, case.is_trusted, case.is_in_force), strict=True
        )
    ]
    if status is not None:
        checks.append((_STATUS, case.is_not_revoked))
    steps: list[Step] = []
    for (number, name, chinese, english), check in checks:
        if steps and not steps[-1].ok:
            steps.append(Step.unseen(number, name, english))
            continue
        try:
            check()
            steps.append(Step(number, name, True, f"{chinese}。", f"OK: {english}."))
        except Failed as failed:
            steps.append(Step(number, name, False, failed.chinese, failed.english))
    trusted = len(steps) >= 3 and steps[2].ok
    if not trusted:
        return StatementVerdict(tuple(steps))
    return StatementVerdict(tuple(steps), case.jws.payload, case.signer, case.revoked)


class _Case:
    def __init__(self, text: str, roots: Sequence[x509.Certificate], at: datetime, status: str | None) -> None:
        self.text, self.roots, self.at, self.status = text, roots, at, status
        self.revoked: bool | None = None
        self.signer: str | None = None

    def has_form(self) -> None:
        self.jws, self.chain = _taken_apart(self.text, TYPE)

    def is_signed(self) -> None:
        if not jose.holds(self.jws, self.chain[0]):
            raise Failed("签名与内容不符，内容被改动过或者是伪造的。", "The signature does not match the content.")

    def is_trusted(self) -> None:
        self.signer = _trusted(self.chain, self.roots, _moment(self.jws.payload.get("validFrom")))

    def is_in_force(self) -> None:
        if _moment(self.jws.payload.get("validFrom")) > self.at + CLOCK_TOLERANCE:
            raise Failed("凭证的生效时间晚于现在。", "It claims a time in the future.")

    def is_not_revoked(self) -> None:
        jws, chain = _taken_apart(str(self.status), STATUS_TYPE)
        entry, subject = self.jws.payload.get("credentialStatus"), jws.payload.get("credentialSubject")
        if not isinstance(entry, dict) or not isinstance(subject, dict):
            raise Failed("凭证没有写明状态表。", "It names no status list.")
        # An office renews its key: what binds list and credential is that both name one issuer, each under a trusted key
        # of the same holder.
        same = _issuer(jws.payload) == _issuer(self.jws.payload) and chain[0].subject == self.chain[0].subject
        if jws.payload.get("id") != entry.get("statusListCredential") or not same:
            raise Failed("这不是凭证所指的状态表。", "This is not the status list that it names.")
        if not jose.holds(jws, chain[0]):
            raise Failed("状态表被改动过。", "The status list was altered.")
        _trusted(chain, self.roots, _moment(jws.payload.get("validFrom")))
        try:
            self.revoked = is_set(str(subject.get("encodedList")), int(str(entry.get("statusListIndex"))))
        except ValueError as error:
            raise Failed("状态表损坏。", "The status list is damaged.") from error
        if self.revoked:
            raise Failed("这张证书已被撤销。", "The certificate has been revoked.")
        if _moment(jws.payload.get("validUntil")) < self.at:
            self.revoked = None
            raise Failed("状态表已过期，请下载新的。", "The status list has expired: fetch a newer one.")


def _taken_apart(text: str, kind: str) -> tuple[jose.Jws, tuple[x509.Certificate, ...]]:
    try:
        jws = jose.read(text)
        chain = tuple(x509.load_der_x509_certificate(base64.b64decode(one, validate=True)) for one in jws.header["x5c"])
    except (ValueError, KeyError, TypeError) as error:
        raise Failed("文件不是本平台写法的可验证凭证。", "This is no credential in our form.") from error
    payload = jws.payload
    contexts, types = payload.get("@context"), payload.get("type")
    if jws.header.get("typ") != KIND or not chain or not isinstance(contexts, list) or not isinstance(types, list):
        raise Failed("文件不是本平台写法的可验证凭证。", "This is no credential in our form.")
    if contexts[:1] != [CONTEXT] or types != ["VerifiableCredential", kind]:
        raise Failed("这不是专业技术资格的可验证凭证。", "This is another kind of credential.")
    return jws, chain


def _trusted(chain: Sequence[x509.Certificate], roots: Sequence[x509.Certificate], moment: datetime) -> str:
    path = path_to_root(chain[0], chain[1:], roots)
    if path is None or not may_sign_documents(chain[0]):
        raise Failed("不是由受信任的发证机关签发的。", "It was not issued by anybody that you trust.")
    if not valid_at(path, moment):
        raise Failed("签发时签名证书不在有效期内。", "A certificate was not valid at that time.")
    names = chain[0].subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)
    return str(names[0].value) if names else chain[0].subject.rfc4514_string()


def _issuer(payload: dict[str, Any]) -> str:
    """The issuer's identifier, which stands alone or in an object (VC Data Model 2.0, 4.7)."""
    issuer = payload.get("issuer")
    return str(issuer.get("id") if isinstance(issuer, dict) else issuer)


def _moment(value: object) -> datetime:
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError as error:
        raise Failed("凭证没有写明时间。", "It states no time.") from error
    if moment.tzinfo is None:
        raise Failed("凭证没有写明时间。", "It states no time.")
    return moment
