"""Is this PDF, byte for byte, what one of our offices signed? Answered in eight numbered steps.

Steps 1 to 6 look at nothing but the raw bytes, in the one form that `chuding.paper.sign` writes. Only a file that a
trusted key vouches for is then opened by PDF parsers: ours for step 7, and pyHanko, a validator nobody here wrote,
whose judgement must agree for step 8. So a stranger's file never reaches a parser, a web process may verify it without
a sandbox, and no single implementation decides alone.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from io import BytesIO
from typing import TYPE_CHECKING

import pikepdf
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from pyhanko.keys import load_certs_from_pemder_data
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import ModificationLevel
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.dss import DocumentSecurityStore
from pyhanko.sign.validation.status import PdfSignatureStatus, SignatureCoverageLevel

from chuding.paper import cms
from chuding.paper.keys import SAMPLE_MARK

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from pyhanko_certvalidator import ValidationContext

# A clock that runs a little ahead is no forgery.
_CLOCK_TOLERANCE = timedelta(minutes=5)
_HEAD = re.compile(rb"<</Type/Sig/Filter/Adobe\.PPKLite/SubFilter/ETSI\.CAdES\.detached/M\(D:(\d{14}\+08)'00'\)/Reason")
_RANGE = re.compile(rb"/ByteRange\[0 +(\d{1,10}) +(\d{1,10}) +(\d{1,10})\]/Contents(?=<)")
_LONGEST_DICTIONARY = 8192
_CHAIN = 6

_STEPS = {
    1: ("is_pdf", "文件是能打开的 PDF", "the file is a PDF and opens"),
    2: ("one_signature", "文件里有且只有一个签名", "it has exactly one signature"),
    3: ("whole_file", "签名覆盖整个文件", "the signature covers the whole file"),
    4: ("digest", "文件内容与签名时一致", "the content is what was signed"),
    5: ("key", "签名由证书对应的密钥作出", "the certificate's key made the signature"),
    6: (
        "chain",
        "证书由受信任的根证书签发，签名时有效",
        "the certificate chains to a trusted root and was valid at signing",
    ),
    7: ("not_revoked", "签名时证书没有被吊销", "no certificate was revoked at signing"),
    8: (
        "no_change",
        "签名后没有改动，独立验证程序同意",
        "nothing changed after signing; an independent validator agrees",
    ),
}


class _Failed(Exception):  # noqa: N818 - not an error: the answer of a step
    """A step does not hold; carries the sentence in Chinese and in English."""

    def __init__(self, chinese: str, english: str) -> None:
        super().__init__(chinese, english)
        self.chinese, self.english = chinese, english


@dataclass(frozen=True)
class Step:
    """One question of a verification, its answer (None: not examined), and the sentence that a person reads."""

    number: int
    name: str
    ok: bool | None
    chinese: str
    english: str

    @property
    def sentence(self) -> str:
        """Both languages in one line, as the command line prints it."""
        return f"{self.chinese}{self.english}"


@dataclass(frozen=True)
class PdfVerdict:
    """The answer for one file; signer, time and sample are `None` unless the chain (step 6) is trusted."""

    steps: tuple[Step, ...]
    sha256: str
    signer: str | None = None
    signed_at: datetime | None = None
    sample: bool | None = None
    time_stamped: bool = False

    @property
    def valid(self) -> bool:
        """Whether each of the eight steps is present, in order, and holds."""
        return every(step.ok is True for step in self.steps) and [step.number for step in self.steps] == list(_STEPS)

    @property
    def reasons(self) -> tuple[str, ...]:
        """The sentence of the first step that does not hold (the later ones were not examined); empty if valid."""
        return tuple(step.sentence for step in self.steps if step.ok is False)[:1]


def every(answers: Iterable[bool]) -> bool:
    """Whether all hold. Unlike `all`, refuses to call nothing at all a yes: raises `ValueError`."""
    known = list(answers)
    if not known:
        raise ValueError("no answers: nothing was examined")
    return all(known)


def verify_pdf(pdf: bytes, roots: Sequence[x509.Certificate], *, at: datetime) -> PdfVerdict:
    """Verify one file against trusted root certificates, as of `at` (aware). Never raises for what is in `pdf`."""
    if at.tzinfo is None:
        raise ValueError("`at` must be aware")
    case = _Case(pdf, roots, at)
    checks = (
        case.opens,
        case.has_one_signature,
        case.covers_whole_file,
        case.digest_is_intact,
        case.key_signed,
        case.chain_is_trusted,
        case.is_not_revoked,
        case.independent_validator_agrees,
    )
    steps: list[Step] = []
    for (number, (name, chinese, english)), check in zip(_STEPS.items(), checks, strict=True):
        if steps and not steps[-1].ok:
            unseen = "前面的步骤没有通过，这一步没有检查。"
            steps.append(Step(number, name, ok=None, chinese=unseen, english=f"Not examined: {english}."))
            continue
        refusal = _refusal(check)
        if refusal is None:
            steps.append(Step(number, name, ok=True, chinese=f"{chinese}。", english=f"OK: {english}."))
        else:
            steps.append(Step(number, name, ok=False, chinese=refusal.chinese, english=refusal.english))
    digest = hashlib.sha256(pdf).hexdigest()
    if not steps[_CHAIN - 1].ok:
        # A name and a time that no trusted authority stands behind are anybody's: they are not repeated.
        return PdfVerdict(tuple(steps), digest)
    return PdfVerdict(tuple(steps), digest, case.signer, case.signed_at, case.sample, case.time_stamped)


def _refusal(check: Callable[[], None]) -> _Failed | None:
    try:
        check()
    except _Failed as failed:
        return failed
    except Exception as error:  # noqa: BLE001 - a hostile file may raise anything in a parser
        kind = type(error).__name__
        return _Failed("文件结构异常，无法核验。", f"The file's structure cannot be examined ({kind}).")
    return None


class _Case:
    """One file under examination; each step leaves behind what the next ones need."""

    def __init__(self, pdf: bytes, roots: Sequence[x509.Certificate], at: datetime) -> None:
        self.pdf, self.roots, self.at = pdf, roots, at
        self.signer: str | None = None
        self.signed_at: datetime | None = None
        self.sample: bool | None = None
        self.time_stamped = False

    def opens(self) -> None:
        if not self.pdf:
            raise _Failed("文件是空的。", "The file is empty.")
        if not self.pdf.startswith(b"%PDF-"):
            raise _Failed("这不是 PDF 文件。", "This is not a PDF.")
        if b"%%EOF" not in self.pdf[-1024:]:
            raise _Failed("文件不完整，可能没有下载完。", "The file is incomplete.")

    def has_one_signature(self) -> None:
        count = self.pdf.count(b"/ByteRange")
        if count == 0:
            raise _Failed("文件没有电子签名，可能是打印、另存或拍照后的副本。", "The file carries no signature.")
        if count > 1:
            raise _Failed("文件里的签名多于一个。", "The file carries more than one signature.")

    def covers_whole_file(self) -> None:
        """Nothing stands outside the signed range but one canonical signature, in lower-case hexadecimal, and zeros."""
        place = self.pdf.index(b"/ByteRange")
        spans = _RANGE.match(self.pdf, place)
        head = _HEAD.match(self.pdf, self.pdf.rfind(b"<</Type/Sig/", max(0, place - _LONGEST_DICTIONARY), place))
        if spans is None or head is None:
            raise _Failed(
                "签名不是原来的写法，文件可能被另存过。", "The signature is not in the form in which we write it."
            )
        begin, end, rest = (int(number) for number in spans.groups())
        if end + rest != len(self.pdf) or not spans.end() == begin < end:
            raise _Failed("签名没有覆盖整个文件，签名后有内容追加。", "The signature does not cover the whole file.")
        gap = self.pdf[begin:end]
        if re.fullmatch(rb"<(?:[0-9a-f][0-9a-f])+>", gap) is None:
            raise _Failed("签名内容的写法不对。", "The signature's own bytes are malformed.")
        padded = bytes.fromhex(gap[1:-1].decode("ascii"))
        try:
            self.signed_at = datetime.strptime(head[1].decode("ascii") + "00", "%Y%m%d%H%M%S%z")
        except ValueError as error:
            raise _Failed("签名没有写明时间。", "The signature states no time.") from error
        # The signature may itself end in zeros, so its length is read from the outermost header.
        length = 4 + int.from_bytes(padded[2:4], "big")
        if padded[:2] != b"\x30\x82" or padded[length:].strip(b"\0"):
            raise _Failed("签名数据损坏。", "The signature's own data is damaged.")
        try:
            self.cms = cms.read(padded[:length])
        except cms.CmsError as error:
            raise _Failed("签名数据损坏。", f"The signature's own data is damaged: {error}.") from error
        self.digest = hashlib.sha256(self.pdf[:begin] + self.pdf[end:]).digest()

    def digest_is_intact(self) -> None:
        if self.digest != self.cms.message_digest:
            raise _Failed("文件内容在签名后被改动过。", "The content was changed after signing.")

    def key_signed(self) -> None:
        if not cms.signature_holds(self.cms):
            raise _Failed("签名不是由该证书的密钥作出的。", "The signature was not made by the certificate's key.")
        names = self.cms.leaf.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)
        self.signer = str(names[0].value) if names else self.cms.leaf.subject.rfc4514_string()

    def chain_is_trusted(self) -> None:
        signed_at = self._signed_at()
        if signed_at > self.at + _CLOCK_TOLERANCE:
            raise _Failed("签名时间晚于现在。", "The signature claims a time in the future.")
        path = [self.cms.leaf]
        pool = [*self.cms.intermediates]
        while (root := next((one for one in self.roots if issued(path[-1], one)), None)) is None:
            issuer = next((one for one in pool if issued(path[-1], one)), None)
            if issuer is None:
                raise _Failed(
                    "签名证书不是由受信任的机构签发的。", "The certificate was not issued by a trusted authority."
                )
            pool.remove(issuer)
            path.append(issuer)
        if pool:
            raise _Failed("签名里夹带了无关的证书。", "The signature carries certificates that it does not need.")
        self.path = [*path, root]
        if any(not one.not_valid_before_utc <= signed_at <= one.not_valid_after_utc for one in self.path):
            raise _Failed("签名时证书不在有效期内。", "A certificate was not valid at the time of signing.")
        if not may_sign_documents(self.cms.leaf):
            raise _Failed("该证书不能用于签署文件。", "The certificate is not meant for signing documents.")
        self.sample = SAMPLE_MARK in root.subject.rfc4514_string()

    def _signed_at(self) -> datetime:
        if self.signed_at is None:
            raise _Failed("签名没有写明时间。", "The signature states no time.")
        return self.signed_at

    def is_not_revoked(self) -> None:
        """Every certificate but the root must be spoken for by its issuer's list, carried in `/DSS`."""
        self.document = pikepdf.open(BytesIO(self.pdf), suppress_warnings=True)
        store = self.document.Root.get("/DSS", pikepdf.Dictionary()).get("/CRLs", pikepdf.Array())
        lists = [x509.load_der_x509_crl(stream.read_raw_bytes()) for stream in store]
        signed_at = self._signed_at()
        for certificate, issuer in zip(self.path, self.path[1:], strict=False):
            current = [one for one in lists if _speaks(one, issuer, signed_at)]
            if not current:
                raise _Failed(
                    "文件里没有证书的吊销状态。", "The file does not carry the certificate's revocation state."
                )
            for one in current:
                entry = one.get_revoked_certificate_by_serial_number(certificate.serial_number)
                if entry is not None and entry.revocation_date_utc <= signed_at:
                    raise _Failed("签名证书在签名时已被吊销。", "The certificate was revoked before signing.")

    def independent_validator_agrees(self) -> None:
        # The signature does not protect its issuers' certificates, and an encoding may be bent without breaking it
        # (unused bits of a bit string): each must be, byte for byte, one of those in the part that is protected.
        carried = self._carried()
        if any(one.public_bytes(serialization.Encoding.DER) not in carried for one in self.cms.intermediates):
            raise _Failed("签名里的证书被改动过。", "A certificate inside the signature was altered.")
        reader = PdfFileReader(BytesIO(self.pdf), strict=True)
        (embedded,) = reader.embedded_signatures
        status = validate_pdf_signature(
            embedded,
            self._context(reader, "hard-fail"),
            # A time-stamp authority's lists need not be in the file.
            self._context(reader, "soft-fail"),
        )
        self._weigh(status)

    def _context(self, reader: PdfFileReader, revocation_mode: str) -> ValidationContext:
        """Whom pyHanko shall trust: our roots, at the time of signing, with what the file carries."""
        anchors = [root.public_bytes(serialization.Encoding.DER) for root in self.roots]
        settings = {
            "trust_roots": [one for der in anchors for one in load_certs_from_pemder_data(der)],
            "moment": self._signed_at(),
            "allow_fetching": False,
            "revocation_mode": revocation_mode,
        }
        return DocumentSecurityStore.read_dss(reader).as_validation_context(settings)

    def _carried(self) -> list[bytes]:
        """The certificates in `/DSS`, which the signature protects."""
        store = self.document.Root.get("/DSS", pikepdf.Dictionary()).get("/Certs", pikepdf.Array())
        return [stream.read_raw_bytes() for stream in store]

    def _weigh(self, status: PdfSignatureStatus) -> None:
        if status.coverage != SignatureCoverageLevel.ENTIRE_FILE or status.modification_level != ModificationLevel.NONE:
            raise _Failed("文件在签名后有改动。", "The file was changed after signing.")
        if not status.bottom_line:
            raise _Failed("独立验证程序不认可这个签名。", "The independent validator does not accept the signature.")
        stamp = status.timestamp_validity
        if (stamp is None) != (self.cms.time_stamp is None):
            raise _Failed("时间戳无法核验。", "The time stamp cannot be examined.")
        if stamp is not None and self.cms.time_stamp is not None:
            try:
                cms.check_time_stamp(self.cms.time_stamp, self._carried())
            except cms.CmsError as error:
                raise _Failed("时间戳数据损坏。", f"The time stamp's data is damaged: {error}.") from error
            self.time_stamped = True
            self.signed_at = stamp.timestamp


def issued(child: x509.Certificate, parent: x509.Certificate) -> bool:
    """Whether `parent`, an authority, directly issued `child`."""
    try:
        constraints = parent.extensions.get_extension_for_class(x509.BasicConstraints).value
        usage = parent.extensions.get_extension_for_class(x509.KeyUsage).value
        child.verify_directly_issued_by(parent)
    except Exception:  # noqa: BLE001 - any oddity of a stranger's certificate means no
        return False
    return constraints.ca and usage.key_cert_sign


def may_sign_documents(leaf: x509.Certificate) -> bool:
    """Whether this certificate's key is for signatures that cannot be denied, and is no authority's (RFC 5280 4.2.1.3)."""
    try:
        usage = leaf.extensions.get_extension_for_class(x509.KeyUsage).value
        authority = leaf.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except x509.ExtensionNotFound:
        return False
    return usage.digital_signature and usage.content_commitment and not authority


def _speaks(one: x509.CertificateRevocationList, issuer: x509.Certificate, moment: datetime) -> bool:
    """Whether this list is the issuer's own and was current at `moment`."""
    key = issuer.public_key()
    ends = one.next_update_utc
    return (
        one.issuer == issuer.subject
        and one.is_signature_valid(key)  # type: ignore[arg-type] # an unfit kind of key raises, and that means no
        and one.last_update_utc <= moment + _CLOCK_TOLERANCE
        and ends is not None
        and moment <= ends
    )
