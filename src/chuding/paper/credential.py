"""The code that works without us: what a certificate says, signed, small enough to be printed as one QR code.

The code is an address that any phone opens: `HTTPS://HOST/V/` and the signed claims in base 32, upper-case throughout, so
that a QR code holds it in its compact alphanumeric mode. Online it leads to the certificate's public page; offline anybody
with the office's certificate reads and checks it here. `docs/offline-credential.md` describes the format.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from cryptography.x509.oid import NameOID

from chuding.paper import cose
from chuding.paper.keys import SAMPLE_MARK
from chuding.paper.trust import issued, may_sign_documents
from chuding.paper.verify import Step, every

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from cryptography import x509

    from chuding.paper.keys import Signer
    from chuding.paper.status import StatusList

SHANGHAI = ZoneInfo("Asia/Shanghai")
LEVELS = ("员级", "助理级", "中级")
"""A level stands in the code as its place here, counted from 1; the list only ever grows."""

_VERSION = 1
_LONGEST = 4096
_CODE = re.compile(r"[A-Z2-7]{100,}")
_ADDRESS = re.compile(r"HTTPS?://[A-Z0-9.:-]+/V/")
_EPOCH = date(1970, 1, 1)
_CLOCK_TOLERANCE = timedelta(minutes=5)
# Slows down whoever would try out identity numbers against a code, by four orders of magnitude; 4 ms for us.
_ROUNDS = 20_000
_TAG_LENGTH = 8

_STEPS = {
    1: ("code", "这是一个离线凭证码", "the text is an offline credential"),
    2: ("form", "凭证内容完整，写法规范", "the credential is complete and in its one form"),
    3: ("signature", "签名由所称的发证机关密钥作出，内容没有改动", "a trusted issuer's key signed it"),
    4: ("issuer", "发证当天签名证书有效，可以签发证书", "the issuer's certificate was valid on the day"),
    5: ("day", "发证日期不晚于今天", "it was issued no later than today"),
}
_STATUS = (6, "status", "状态表上没有撤销记录", "the status list does not show it as revoked")


class CredentialError(ValueError):
    """A claim or an address cannot go into a code; the sentence says which."""


class _Failed(Exception):  # noqa: N818 - not an error: the answer of a step
    def __init__(self, chinese: str, english: str) -> None:
        super().__init__(chinese, english)
        self.chinese, self.english = chinese, english


@dataclass(frozen=True)
class Claims:
    """What the code says. `field` is the specialty's path with slashes; `masked_name` shows no full name.

    `holder` is `holder_tag` of the holder's full name and identity number: who knows both can compare, nobody can read
    them back. `status_url` is the certificate's public page. `sample` marks a demonstration. `issued_on` is the day of issue
    where it is later than `approved_on`: a replacement's key may be younger than the approval.
    """

    issuer: str
    number: str
    level: str
    qualification: str
    field: str
    qualified_on: date
    approved_on: date
    masked_name: str
    holder: bytes
    status_url: str
    sample: bool
    issued_on: date | None = None


@dataclass(frozen=True)
class CredentialVerdict:
    """The answer for one code. `claims` and `signer` are None unless the signature (step 3) holds.

    `revoked` is None where no status list was given: then nobody knows, and it is not read as "no".
    """

    steps: tuple[Step, ...]
    claims: Claims | None = None
    signer: str | None = None
    revoked: bool | None = None
    status_at: datetime | None = None
    replaced_by: str | None = None

    @property
    def valid(self) -> bool:
        """Whether every step that was asked for is present and holds."""
        return every(step.ok is True for step in self.steps) and len(self.steps) >= len(_STEPS)

    @property
    def reasons(self) -> tuple[str, ...]:
        """The sentence of the first step that does not hold; empty if valid."""
        return tuple(step.sentence for step in self.steps if not step.ok)[:1]


def holder_tag(*, name: str, identity_number: str, number: str, status_url: str) -> bytes:
    """Eight bytes to compare a person with: PBKDF2-HMAC-SHA-256 over name (NFC) and identity number (NFKC, upper-case).

    The salt is the certificate's number and its page's address, which holds 128 random bits.
    """
    identity = unicodedata.normalize("NFKC", identity_number).strip().upper()
    secret = f"{unicodedata.normalize('NFC', name.strip())}\n{identity}"
    return hashlib.pbkdf2_hmac("sha256", secret.encode(), f"{number}\n{status_url}".encode(), _ROUNDS, _TAG_LENGTH)


def same_holder(claims: Claims, *, name: str, identity_number: str) -> bool:
    """Whether the code was made for this person."""
    told = holder_tag(name=name, identity_number=identity_number, number=claims.number, status_url=claims.status_url)
    return hmac.compare_digest(told, claims.holder)


def make_credential(claims: Claims, signer: Signer) -> bytes:
    """The claims as a signed COSE message. Raises CredentialError for a level that has no place in LEVELS."""
    if claims.level not in LEVELS:
        raise CredentialError(f"level {claims.level!r} has no number in a code; add it to the end of LEVELS")
    values: dict[int, object] = {
        0: _VERSION,
        1: claims.issuer,
        2: claims.number,
        3: LEVELS.index(claims.level) + 1,
        4: claims.qualification,
        5: claims.field,
        6: (claims.qualified_on - _EPOCH).days,
        7: (claims.approved_on - _EPOCH).days,
        8: claims.masked_name,
        9: claims.holder,
        10: claims.status_url,
        11: claims.sample,
    }
    if claims.issued_on is not None:
        values[12] = (claims.issued_on - _EPOCH).days
    return cose.sign(cose.canonical(values), signer)


def credential_url(origin: str, credential: bytes) -> str:
    """The text of the QR code. `origin` is scheme, host and port (https://example.cn). Raises CredentialError."""
    start = f"{origin.upper()}/V/"
    if _ADDRESS.fullmatch(start) is None:
        raise CredentialError(f"{origin!r} must be scheme, host and port only, to work in capitals")
    return start + base64.b32encode(credential).decode("ascii").rstrip("=")


def credential_of(text: str) -> bytes:
    """The signed message in the text of a code: the whole address, or only what follows `/V/`. Raises CredentialError."""
    given = "".join(text.split()).upper() if len(text) <= _LONGEST else ""
    code = _ADDRESS.sub("", given, count=1)
    if _CODE.fullmatch(code) is None:
        raise CredentialError("这不是离线凭证码。This is not an offline credential.")
    try:
        data = base64.b32decode(code + "=" * (-len(code) % 8))
    except ValueError as error:
        raise CredentialError("凭证码不完整。The code is incomplete.") from error
    if base64.b32encode(data).decode("ascii").rstrip("=") != code:
        raise CredentialError("凭证码不完整。The code is incomplete.")
    return data


def read_credential(
    code: str | bytes,
    certificates: Iterable[x509.Certificate],
    *,
    at: datetime,
    status: Sequence[StatusList] | None = None,
) -> CredentialVerdict:
    """Read a code and check it, as of `at` (aware). Never raises for what is in `code`.

    `certificates` are document certificates that the caller trusts (see `trusted_issuers`). With `status` a sixth step
    asks whether the certificate was revoked.
    """
    if at.tzinfo is None:
        raise ValueError("`at` must be aware")
    case = _Case(code, tuple(certificates), at, status)
    checks: list[tuple[tuple[int, str, str, str], Callable[[], None]]] = [
        ((number, *words), check)
        for (number, words), check in zip(
            _STEPS.items(), (case.is_code, case.has_form, case.is_signed, case.issuer_may, case.has_begun), strict=True
        )
    ]
    if status is not None:
        checks.append((_STATUS, case.is_not_revoked))
    steps: list[Step] = []
    for (number, name, chinese, english), check in checks:
        if steps and not steps[-1].ok:
            steps.append(Step.unseen(number, name, english))
            continue
        refusal = _refusal(check)
        if refusal is None:
            steps.append(Step(number, name, ok=True, chinese=f"{chinese}。", english=f"OK: {english}."))
        else:
            steps.append(Step(number, name, ok=False, chinese=refusal.chinese, english=refusal.english))
    if not steps[2].ok:
        return CredentialVerdict(tuple(steps))
    return CredentialVerdict(tuple(steps), case.claims, case.signer, case.revoked, case.status_at, case.replaced_by)


def _refusal(check: Callable[[], None]) -> _Failed | None:
    try:
        check()
    except _Failed as failed:
        return failed
    return None


class _Case:
    """One code under examination; each step leaves behind what the next ones need."""

    claims: Claims
    message: cose.Message
    certificate: x509.Certificate

    def __init__(
        self,
        code: str | bytes,
        certificates: tuple[x509.Certificate, ...],
        at: datetime,
        status: Sequence[StatusList] | None,
    ) -> None:
        self.code, self.certificates, self.at, self.status = code, certificates, at, status
        self.signer: str | None = None
        self.revoked: bool | None = None
        self.replaced_by: str | None = None
        self.status_at: datetime | None = None

    def is_code(self) -> None:
        try:
            self.data = self.code if isinstance(self.code, bytes) else credential_of(self.code)
        except CredentialError as error:
            raise _Failed("这不是完整的离线凭证码。", "This is not a whole offline credential.") from error
        if len(self.data) > _LONGEST:
            raise _Failed("内容太长，不是离线凭证码。", "The code is too long.")

    def has_form(self) -> None:
        try:
            self.message = cose.read(self.data)
            self.claims = _claims(cose.decode(self.message.payload))
        except ValueError as error:
            raise _Failed("凭证内容损坏，或者不是本平台的写法。", f"The credential is malformed: {error}.") from error

    def is_signed(self) -> None:
        named = [one for one in self.certificates if cose.key_id(one) == self.message.key]
        if not named:
            raise _Failed("不是由受信任的发证机关签发的。", "It names no issuer that you trust.")
        if not cose.holds(self.message, named[0]):
            raise _Failed("签名与内容不符，内容被改动过或者是伪造的。", "The signature does not match the content.")
        self.certificate = named[0]
        self.signer = _name_of(named[0])

    def issuer_may(self) -> None:
        leaf = self.certificate
        start = datetime.combine(self.claims.issued_on or self.claims.approved_on, time.min, SHANGHAI)
        if not (leaf.not_valid_before_utc < start + timedelta(days=1) and start <= leaf.not_valid_after_utc):
            raise _Failed("发证当天签名证书不在有效期内。", "The issuer's certificate was not valid on that day.")
        if not may_sign_documents(leaf):
            raise _Failed("该签名证书不能用于签发证书。", "The issuer's certificate is not meant for documents.")
        if (SAMPLE_MARK in leaf.subject.rfc4514_string()) != self.claims.sample:
            raise _Failed("样张标记与签名证书不符。", "The mark of a sample and the issuer's certificate disagree.")

    def has_begun(self) -> None:
        today = (self.at + _CLOCK_TOLERANCE).astimezone(SHANGHAI).date()
        if max(self.claims.issued_on or self.claims.approved_on, self.claims.qualified_on) > today:
            raise _Failed("发证日期晚于今天。", "It claims a day in the future.")

    def is_not_revoked(self) -> None:
        lists = [one for one in self.status or () if one.issuer == self.claims.issuer]
        if not lists:
            raise _Failed("状态表不是这个发证机关的。", "The status list is not this issuer's.")
        newest = max(lists, key=lambda one: one.made_at)
        self.status_at = newest.made_at
        if self.claims.status_url in newest:
            self.revoked = True
            self.replaced_by = newest.successor(self.claims.status_url)
            if self.replaced_by:
                raise _Failed(
                    f"这张证书已换发，新证书编号是{self.replaced_by}。",
                    f"The certificate has been replaced by {self.replaced_by}.",
                )
            raise _Failed("这张证书已被撤销。", "The certificate has been revoked.")
        if newest.until < self.at:
            raise _Failed(
                "状态表已过期，不知道现在是否已撤销；请下载新的状态表。",
                "The status list has expired: fetch a newer one.",
            )
        self.revoked = False


def _claims(value: object) -> Claims:
    kinds = {0: int, 1: str, 2: str, 3: int, 4: str, 5: str, 6: int, 7: int, 8: str, 9: bytes, 10: str, 11: bool}
    if isinstance(value, dict) and 12 in value:
        kinds[12] = int
    if not isinstance(value, dict) or set(value) != set(kinds):
        raise CredentialError("it does not have the claims of a code")
    if any(type(value[key]) is not kind for key, kind in kinds.items()):
        raise CredentialError("a claim is of the wrong kind")
    if value[0] != _VERSION or not 1 <= value[3] <= len(LEVELS) or len(value[9]) != _TAG_LENGTH:
        raise CredentialError("the version, the level or the holder's tag is unknown")
    try:
        qualified_on, approved_on = (_EPOCH + timedelta(days=value[key]) for key in (6, 7))
        issued_on = _EPOCH + timedelta(days=value[12]) if 12 in value else None
    except OverflowError as error:
        raise CredentialError("a day is out of range") from error
    if issued_on is not None and issued_on <= approved_on:
        raise CredentialError("the day of issue stands only where it is later than the approval")
    return Claims(
        issuer=value[1],
        number=value[2],
        level=LEVELS[value[3] - 1],
        qualification=value[4],
        field=value[5],
        qualified_on=qualified_on,
        approved_on=approved_on,
        masked_name=value[8],
        holder=value[9],
        status_url=value[10],
        sample=value[11],
        issued_on=issued_on,
    )


def claims_of(payload: bytes) -> Claims:
    """The claims of a payload whose signature somebody else judges. Raises CredentialError or cose.CoseError."""
    return _claims(cose.decode(payload))


def trusted_issuers(
    bundle: Iterable[x509.Certificate], roots: Iterable[x509.Certificate]
) -> tuple[x509.Certificate, ...]:
    """The document certificates of a bundle whose chain, inside the bundle, ends at one of the roots."""
    pool, anchors = tuple(bundle), tuple(roots)
    return tuple(one for one in pool if may_sign_documents(one) and _reaches(one, pool, anchors))


def _reaches(
    certificate: x509.Certificate, pool: Sequence[x509.Certificate], roots: Sequence[x509.Certificate]
) -> bool:
    # Our chains have three links; the bound keeps a bundle of look-alikes from going in circles.
    path = [certificate]
    for _ in range(4):
        if any(issued(path[-1], root) for root in roots):
            return True
        issuer = next((one for one in pool if one not in path and issued(path[-1], one)), None)
        if issuer is None:
            return False
        path.append(issuer)
    return False


def _name_of(certificate: x509.Certificate) -> str:
    names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(names[0].value) if names else certificate.subject.rfc4514_string()
