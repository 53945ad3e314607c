"""Is this PDF, byte for byte, what one of our offices signed? Answered in ten numbered steps.

Steps 1 to 6 look at nothing but the raw bytes, in the one form that `chuding.paper.sign` and `archive` write. Only a file that a
trusted key vouches for is then opened by PDF parsers: ours for step 7, and pyHanko, a validator nobody here wrote,
whose judgement must agree for step 8. The last two are about time; a file without a time stamp leaves them open. So a stranger's file never reaches a parser, a web process may verify it without
a sandbox, and no single implementation decides alone.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import TYPE_CHECKING

import pikepdf
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from pyhanko.keys import load_certs_from_pemder_data
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import ModificationLevel
from pyhanko.sign.validation import validate_pdf_signature, validate_pdf_timestamp
from pyhanko.sign.validation.dss import DocumentSecurityStore
from pyhanko.sign.validation.status import PdfSignatureStatus, SignatureCoverageLevel

from chuding.paper import archive, cms, stamps, verify_time
from chuding.paper.increment import SignError, digest_around
from chuding.paper.keys import SAMPLE_MARK
from chuding.paper.trust import (
    CLOCK_TOLERANCE,
    Failed,
    Open,
    may_sign_documents,
    path_to_root,
    speaks,
    valid_at,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from pyhanko_certvalidator import ValidationContext

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
    9: ("time_stamp", "签名时间由时间戳机构证明", "a time-stamp authority vouches for the time of signing"),
    10: (
        "long_term",
        "存档时间戳完整，证书到期后仍可核验",
        "archive time stamps keep the proof beyond the certificates' life",
    ),
}
# These may stay open: a file without time stamps is no less genuine.
_OPTIONAL = frozenset({9, 10})


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

    @classmethod
    def unseen(cls, number: int, name: str, english: str) -> Step:
        """A step that was not examined, as one before it failed; `english` says what it would have held."""
        return cls(number, name, None, "前面的步骤没有通过，这一步没有检查。", f"Not examined: {english}.")


@dataclass(frozen=True)
class PdfVerdict:
    """The answer for one file; signer, time and sample are `None` unless the chain (step 6) is trusted.

    `reason` is the signature's own /Reason, which says what the paper is (`mandate.purpose_of`); None before step 8.
    """

    steps: tuple[Step, ...]
    sha256: str
    signer: str | None = None
    signed_at: datetime | None = None
    sample: bool | None = None
    time_stamped: bool = False
    level: str | None = None
    provable_until: datetime | None = None
    reason: str | None = None

    @property
    def valid(self) -> bool:
        """Whether each of the ten steps is present, in order, and holds; the two about time may be open."""
        good = every(step.ok is True or (step.ok is None and step.number in _OPTIONAL) for step in self.steps)
        return good and [step.number for step in self.steps] == list(_STEPS)

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


def verify_pdf(
    pdf: bytes, roots: Sequence[x509.Certificate], *, at: datetime, time_roots: Sequence[x509.Certificate] = ()
) -> PdfVerdict:
    """Verify one file against trusted root certificates, as of `at` (aware). Never raises for what is in `pdf`.

    `time_roots` are trusted for time stamps, besides `roots`.
    """
    if at.tzinfo is None:
        raise ValueError("`at` must be aware")
    case = _Case(pdf, roots, at, time_roots)
    checks = (
        case.opens,
        case.has_one_signature,
        case.covers_whole_file,
        case.digest_is_intact,
        case.key_signed,
        case.chain_is_trusted,
        case.is_not_revoked,
        case.independent_validator_agrees,
        case.time_is_stamped,
        case.is_kept_for_long,
    )
    steps: list[Step] = []
    for (number, (name, chinese, english)), check in zip(_STEPS.items(), checks, strict=True):
        if any(step.ok is False for step in steps):
            steps.append(Step.unseen(number, name, english))
            continue
        refusal = _refusal(check)
        if refusal is None:
            steps.append(Step(number, name, ok=True, chinese=f"{chinese}。", english=f"OK: {english}."))
        else:
            ok = None if isinstance(refusal, Open) else False
            steps.append(Step(number, name, ok=ok, chinese=refusal.chinese, english=refusal.english))
    return _verdict(case, tuple(steps))


def _verdict(case: _Case, steps: tuple[Step, ...]) -> PdfVerdict:
    digest = hashlib.sha256(case.whole).hexdigest()
    if not steps[_CHAIN - 1].ok:
        # A name and a time that no trusted authority stands behind are anybody's: they are not repeated.
        return PdfVerdict(steps, digest)
    stamp = case.stamp
    moment = stamp.moment if stamp else case.signed_at
    return PdfVerdict(
        steps,
        digest,
        case.signer,
        moment,
        case.sample,
        time_stamped=stamp is not None,
        level=case.level,
        provable_until=case.provable_until,
        reason=case.reason,
    )


def _refusal(check: Callable[[], None]) -> Failed | None:
    try:
        check()
    except Failed as failed:
        return failed
    except Exception as error:  # noqa: BLE001 - a hostile file may raise anything in a parser
        kind = type(error).__name__
        return Failed("文件结构异常，无法核验。", f"The file's structure cannot be examined ({kind}).")
    return None


class _Case:
    """One file under examination; each step leaves behind what the next ones need."""

    def __init__(
        self,
        pdf: bytes,
        roots: Sequence[x509.Certificate],
        at: datetime,
        time_roots: Sequence[x509.Certificate],
    ) -> None:
        self.whole, self.roots, self.at = pdf, roots, at
        # What was signed; archive time stamps may follow it.
        self.pdf = pdf
        self.time_roots = (*roots, *time_roots)
        self.layers: list[archive.Layer] = []
        self.signer: str | None = None
        self.signed_at: datetime | None = None
        self.sample: bool | None = None
        self.stamp: stamps.Stamp | None = None
        self.level: str | None = None
        self.provable_until: datetime | None = None
        self.reason: str | None = None

    def opens(self) -> None:
        if not self.pdf:
            raise Failed("文件是空的。", "The file is empty.")
        if not self.pdf.startswith(b"%PDF-"):
            raise Failed("这不是 PDF 文件。", "This is not a PDF.")
        if b"%%EOF" not in self.pdf[-1024:]:
            raise Failed("文件不完整，可能没有下载完。", "The file is incomplete.")

    def has_one_signature(self) -> None:
        count = self.pdf.count(b"/ByteRange") - self.pdf.count(archive.DICTIONARY + b"/ByteRange")
        if count <= 0:
            raise Failed(
                "文件没有电子签名，可能是打印、另存或拍照后的副本。以前发出的申报表不带电子签名，请把系统发出的原文件上传到验证页核对。",
                "The file carries no signature. Declaration forms of earlier days have none: upload yours as it was issued on the verification page.",
            )
        if count > 1:
            raise Failed("文件里的签名多于一个。", "The file carries more than one signature.")

    def covers_whole_file(self) -> None:
        """Nothing stands outside the signed range but one canonical signature, in lower-case hexadecimal, and zeros.

        Behind it may stand archive time stamps in our one form, each over the whole file before it, and nothing else.
        """
        place = self.pdf.index(b"/ByteRange")
        spans = _RANGE.match(self.pdf, place)
        head = _HEAD.match(self.pdf, self.pdf.rfind(b"<</Type/Sig/", max(0, place - _LONGEST_DICTIONARY), place))
        if spans is None or head is None:
            raise Failed(
                "签名不是原来的写法，文件可能被另存过。", "The signature is not in the form in which we write it."
            )
        begin, end, rest = (int(number) for number in spans.groups())
        if end + rest > len(self.pdf) or not spans.end() == begin < end:
            raise Failed("签名没有覆盖整个文件，签名后有内容追加。", "The signature does not cover the whole file.")
        try:
            self.layers = archive.layers(self.whole, end + rest)
        except (SignError, stamps.StampError) as error:
            raise Failed(
                "签名没有覆盖整个文件，签名后有内容追加。", f"The signature does not cover the whole file: {error}."
            ) from error
        self.pdf = self.whole[: end + rest]
        gap = self.pdf[begin:end]
        if re.fullmatch(rb"<(?:[0-9a-f][0-9a-f])+>", gap) is None:
            raise Failed("签名内容的写法不对。", "The signature's own bytes are malformed.")
        padded = bytes.fromhex(gap[1:-1].decode("ascii"))
        try:
            self.signed_at = datetime.strptime(head[1].decode("ascii") + "00", "%Y%m%d%H%M%S%z")
        except ValueError as error:
            raise Failed("签名没有写明时间。", "The signature states no time.") from error
        # The signature may itself end in zeros, so its length is read from the outermost header.
        length = 4 + int.from_bytes(padded[2:4], "big")
        if padded[:2] != b"\x30\x82" or padded[length:].strip(b"\0"):
            raise Failed("签名数据损坏。", "The signature's own data is damaged.")
        try:
            self.cms = cms.read(padded[:length])
        except cms.CmsError as error:
            raise Failed("签名数据损坏。", f"The signature's own data is damaged: {error}.") from error
        self.digest = digest_around(self.pdf, begin, end)

    def digest_is_intact(self) -> None:
        if self.digest != self.cms.message_digest:
            raise Failed("文件内容在签名后被改动过。", "The content was changed after signing.")

    def key_signed(self) -> None:
        if not cms.signature_holds(self.cms):
            raise Failed("签名不是由该证书的密钥作出的。", "The signature was not made by the certificate's key.")
        names = self.cms.leaf.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)
        self.signer = str(names[0].value) if names else self.cms.leaf.subject.rfc4514_string()

    def chain_is_trusted(self) -> None:
        signed_at = self._signed_at()
        if signed_at > self.at + CLOCK_TOLERANCE:
            raise Failed("签名时间晚于现在。", "The signature claims a time in the future.")
        path = path_to_root(self.cms.leaf, self.cms.intermediates, self.roots)
        if path is None:
            raise Failed("签名证书不是由受信任的机构签发的。", "The certificate was not issued by a trusted authority.")
        if len(path) != len(self.cms.intermediates) + 2:
            raise Failed("签名里夹带了无关的证书。", "The signature carries certificates that it does not need.")
        self.path = path
        if not valid_at(self.path, signed_at):
            raise Failed("签名时证书不在有效期内。", "A certificate was not valid at the time of signing.")
        if not may_sign_documents(self.cms.leaf):
            raise Failed("该证书不能用于签署文件。", "The certificate is not meant for signing documents.")
        self.sample = SAMPLE_MARK in path[-1].subject.rfc4514_string()

    def _signed_at(self) -> datetime:
        if self.signed_at is None:
            raise Failed("签名没有写明时间。", "The signature states no time.")
        return self.signed_at

    def is_not_revoked(self) -> None:
        """Every certificate but the root must be spoken for by its issuer's list, carried in `/DSS`."""
        self.document = pikepdf.open(BytesIO(self.pdf), suppress_warnings=True)
        lists = [x509.load_der_x509_crl(data) for data in _store(self.document, "/CRLs")]
        signed_at = self._signed_at()
        for certificate, issuer in zip(self.path, self.path[1:], strict=False):
            current = [one for one in lists if speaks(one, issuer, signed_at)]
            if not current:
                raise Failed(
                    "文件里没有证书的吊销状态。", "The file does not carry the certificate's revocation state."
                )
            for one in current:
                entry = one.get_revoked_certificate_by_serial_number(certificate.serial_number)
                if entry is not None and entry.revocation_date_utc <= signed_at:
                    raise Failed("签名证书在签名时已被吊销。", "The certificate was revoked before signing.")

    def independent_validator_agrees(self) -> None:
        # What follows the signature must be ours byte for byte before any parser may see it.
        if not all(archive.is_ours(self.whole, layer) for layer in self.layers):
            raise Failed("存档时间戳里夹带了别的内容。", "An archive time stamp carries something else.")
        # The signature does not protect its issuers' certificates, and an encoding may be bent without breaking it
        # (unused bits of a bit string): each must be, byte for byte, one of those in the part that is protected.
        carried = _store(self.document, "/Certs")
        if any(one.public_bytes(serialization.Encoding.DER) not in carried for one in self.cms.intermediates):
            raise Failed("签名里的证书被改动过。", "A certificate inside the signature was altered.")
        reader = PdfFileReader(BytesIO(self.pdf), strict=True)
        (embedded,) = reader.embedded_signatures
        self.reason = str(embedded.sig_object["/Reason"])
        # A time-stamp authority's lists need not be in the file.
        contexts = self._context(reader, "hard-fail", self.roots), self._context(reader, "soft-fail", self.time_roots)
        self._weigh(validate_pdf_signature(embedded, *contexts))
        if self.layers:
            self._weigh_layers()

    def _context(
        self,
        reader: PdfFileReader,
        revocation_mode: str,
        roots: Sequence[x509.Certificate],
        when: datetime | None = None,
    ) -> ValidationContext:
        """Whom pyHanko shall trust: these roots, at the time of signing or `when`, with what the file carries."""
        anchors = [root.public_bytes(serialization.Encoding.DER) for root in roots]
        settings = {
            "trust_roots": [one for der in anchors for one in load_certs_from_pemder_data(der)],
            "moment": when or self._signed_at(),
            "allow_fetching": False,
            "revocation_mode": revocation_mode,
        }
        return DocumentSecurityStore.read_dss(reader).as_validation_context(settings)

    def _weigh(self, status: PdfSignatureStatus) -> None:
        if status.coverage != SignatureCoverageLevel.ENTIRE_FILE or status.modification_level != ModificationLevel.NONE:
            raise Failed("文件在签名后有改动。", "The file was changed after signing.")
        if not status.bottom_line:
            raise Failed("独立验证程序不认可这个签名。", "The independent validator does not accept the signature.")
        if (status.timestamp_validity is None) != (self.cms.time_stamp is None):
            raise Failed("时间戳无法核验。", "The time stamp cannot be examined.")

    def _weigh_layers(self) -> None:
        """The judgement of pyHanko on the whole file: archive time stamps and no other change, the last over everything."""
        reader = PdfFileReader(BytesIO(self.whole), strict=True)
        (embedded,) = (one for one in reader.embedded_signatures if one.sig_object["/Type"] == "/Sig")
        contexts = self._context(reader, "hard-fail", self.roots), self._context(reader, "soft-fail", self.time_roots)
        status = validate_pdf_signature(embedded, *contexts)
        if not status.bottom_line or status.modification_level not in {
            ModificationLevel.NONE,
            ModificationLevel.LTA_UPDATES,
        }:
            raise Failed("文件在签名后有改动。", "The file was changed after signing.")
        stamped = reader.embedded_timestamp_signatures
        if len(stamped) != len(self.layers):
            raise Failed("存档时间戳的数目不对。", "The number of archive time stamps is wrong.")
        for layer, one in zip(self.layers, stamped, strict=True):
            context = self._context(reader, "soft-fail", self.time_roots, layer.stamp.moment)
            answer = validate_pdf_timestamp(one, context)
            last = layer is self.layers[-1]
            if not (answer.intact and answer.valid and answer.trusted) or (
                last and answer.coverage != SignatureCoverageLevel.ENTIRE_FILE
            ):
                raise Failed("独立验证程序不认可存档时间戳。", "The independent validator does not accept the archive.")

    def time_is_stamped(self) -> None:
        self.carried = verify_time.Carried(
            [x509.load_der_x509_certificate(data) for data in self._kept("/Certs")],
            [x509.load_der_x509_crl(data) for data in self._kept("/CRLs")],
            self.time_roots,
        )
        self.level = verify_time.level(None, (), self.carried)
        self.stamp = verify_time.time_of_signing(self.cms, self._signed_at(), self.path, self.carried, self.at)
        self.level = verify_time.level(self.stamp, (), self.carried)

    def is_kept_for_long(self) -> None:
        verify_time.kept_for_long(self.layers, self.stamp, self.carried)
        self.level = verify_time.level(self.stamp, self.layers, self.carried)
        self.provable_until = archive.stamped_until(self.layers[-1].stamp.certificate)

    def _kept(self, name: str) -> list[bytes]:
        """What `/DSS` of the whole file holds, under the signature or under an archive time stamp."""
        if not self.layers:
            return _store(self.document, name)
        with pikepdf.open(BytesIO(self.whole), suppress_warnings=True) as document:
            return _store(document, name)


def _store(document: pikepdf.Pdf, name: str) -> list[bytes]:
    """The certificates or lists in `/DSS`."""
    return [
        stream.read_raw_bytes() for stream in document.Root.get("/DSS", pikepdf.Dictionary()).get(name, pikepdf.Array())
    ]
