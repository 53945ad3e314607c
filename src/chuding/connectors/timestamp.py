"""Time stamps (RFC 3161): the protocol, an authority over HTTP, and a demonstration one that proves nothing. Pure.

A connector sees to it that the answer belongs to the question. Whether the token itself holds, and is by the authority whose
certificates are configured, is judged where it is put into a file (`chuding.paper.stamps`).
"""

from __future__ import annotations

import hashlib
import http.client
import secrets
import time
import urllib.error
import urllib.request
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, cast
from urllib.parse import urlsplit

from asn1crypto import algos, cms, core, tsp
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from chuding.connectors.choice import make
from chuding.connectors.signed_http import OPENER

if TYPE_CHECKING:
    from collections.abc import Mapping

_LONGEST_ANSWER = 1 << 16
_GRANTED = {"granted", "granted_with_mods"}
# The authority's clock is the one that counts; ours may lag while a long batch runs, and must not run ahead.
_EARLIEST, _LATEST = timedelta(minutes=5), timedelta(hours=1)


class Answer(core.Sequence):
    """`TimeStampResp` (RFC 3161 2.4.2): a refusal carries no token."""

    _fields = [
        ("status", tsp.PKIStatusInfo),
        ("token", cms.ContentInfo, {"optional": True}),
    ]


class NoTimeStampError(Exception):
    """The authority gave no stamp that can be used; trying again later may help. The sentence says why."""


class TimeStamping(Protocol):
    """Somebody else's word that a digest existed at a time."""

    @property
    def certificate_chain(self) -> tuple[x509.Certificate, ...]:
        """The authority's certificate first, its root last."""

    @property
    def revocation_lists(self) -> tuple[x509.CertificateRevocationList, ...]:
        """Current lists of that chain."""

    def stamp(self, digest: bytes, *, at: datetime) -> bytes:
        """The DER token over this SHA-256 digest; `at` (aware) is our own clock. Raises NoTimeStampError."""


def _chain(file: str) -> tuple[x509.Certificate, ...]:
    try:
        return tuple(x509.load_pem_x509_certificates(Path(file).read_bytes()))
    except (OSError, ValueError) as error:
        raise NoTimeStampError(f"时间戳机构的证书读不到：{file}") from error


def _lists(file: str) -> tuple[x509.CertificateRevocationList, ...]:
    """Every list of one PEM file; none where no file is named."""
    if not file:
        return ()
    end = b"-----END X509 CRL-----"
    try:
        parts = [part + end for part in Path(file).read_bytes().split(end)[:-1]]
        return tuple(x509.load_pem_x509_crl(part.strip()) for part in parts)
    except (OSError, ValueError) as error:
        raise NoTimeStampError(f"时间戳机构的吊销列表读不到：{file}") from error


class HttpTimeStamping:
    """An authority over HTTP (RFC 3161 3.4). `chain` and `lists` are PEM files that the operator keeps current.

    Plain http is allowed: a token carries its own proof. `policy` is the OID to ask for; the answer must then name it.
    """

    def __init__(self, url: str, chain: str, lists: str = "", policy: str = "", timeout: float = 10.0) -> None:
        if urlsplit(url).scheme not in {"http", "https"}:
            raise TypeError(f"{url}: a time-stamp authority is called over http or https")
        self._url, self._policy, self._timeout = url, policy, timeout
        self._chain_file, self._lists_file = chain, lists

    @property
    def certificate_chain(self) -> tuple[x509.Certificate, ...]:
        """From the file, read anew: the operator may have renewed it."""
        return _chain(self._chain_file)

    @property
    def revocation_lists(self) -> tuple[x509.CertificateRevocationList, ...]:
        """From the file, read anew."""
        return _lists(self._lists_file)

    def stamp(self, digest: bytes, *, at: datetime) -> bytes:
        """Ask once. Raises NoTimeStampError for whatever is no clear answer to this very question in time."""
        nonce = secrets.randbits(64) | 1 << 63
        request: dict[str, Any] = {
            "version": "v1",
            "message_imprint": {"hash_algorithm": {"algorithm": "sha256"}, "hashed_message": digest},
            "nonce": nonce,
            "cert_req": True,
        }
        if self._policy:
            request["req_policy"] = self._policy
        answer = self._post(tsp.TimeStampReq(request).dump())  # type: ignore[no-untyped-call]
        try:
            return self._examined(answer, digest, nonce, at)
        except NoTimeStampError:
            raise
        except Exception as error:  # asn1crypto raises whatever it meets on broken bytes
            raise NoTimeStampError("时间戳服务的答复看不懂") from error

    def _post(self, body: bytes) -> bytes:
        request = urllib.request.Request(  # noqa: S310 - http and https only, see __init__
            self._url, data=body, method="POST", headers={"Content-Type": "application/timestamp-query"}
        )
        deadline = time.monotonic() + self._timeout
        try:
            with OPENER.open(request, timeout=self._timeout) as response:
                parts: list[bytes] = []
                while part := response.read1(_LONGEST_ANSWER):
                    parts.append(part)
                    # A server that drips one byte at a time never trips the socket's own time-out.
                    if time.monotonic() > deadline or sum(map(len, parts)) > _LONGEST_ANSWER:
                        raise NoTimeStampError("时间戳服务的答复太慢或太长")
                answer, promised = b"".join(parts), response.headers.get("Content-Length")
        except urllib.error.HTTPError as error:
            with error:
                raise NoTimeStampError(f"时间戳服务答复 {error.code}") from error
        except (OSError, http.client.HTTPException) as error:
            raise NoTimeStampError(f"时间戳服务没有应答（{type(error).__name__}）") from error
        if promised is not None and promised != str(len(answer)):
            raise NoTimeStampError("时间戳服务的答复中断")
        return answer

    def _examined(self, answer: bytes, digest: bytes, nonce: int, at: datetime) -> bytes:
        response: Any = Answer.load(answer, strict=True)  # type: ignore[no-untyped-call]
        status = response["status"]["status"].native
        if status not in _GRANTED:
            raise NoTimeStampError(f"时间戳服务拒绝了请求（{status}）")
        token = response["token"]
        told = token["content"]["encap_content_info"]["content"].parsed
        # "Granted with modifications" is taken only if what was asked for is unmodified: these are all of its parts.
        if told["nonce"].native != nonce:
            raise NoTimeStampError("时间戳答复的随机数不符")
        imprint = told["message_imprint"]
        if (imprint["hash_algorithm"]["algorithm"].native, imprint["hashed_message"].native) != ("sha256", digest):
            raise NoTimeStampError("时间戳答复的摘要不符")
        if self._policy and told["policy"].dotted != self._policy:
            raise NoTimeStampError("时间戳答复的策略不符")
        if not at - _EARLIEST <= told["gen_time"].native <= at + _LATEST:
            raise NoTimeStampError("时间戳的时间与本机时钟相差太大，请检查时钟")
        return bytes(token.dump())


class DemonstrationTimeStamping:
    """An authority of the demonstration, in this process: its time is our own, so it proves nothing to anybody.

    `folder` holds `time.pem` and `time-key.pem` beside the demonstration's authorities. The same question at the same time
    gives the same token.
    """

    POLICY = "1.3.6.1.4.1.13762.3"

    def __init__(self, folder: str) -> None:
        self._folder = Path(folder)
        self._loaded: tuple[ec.EllipticCurvePrivateKey, tuple[x509.Certificate, ...]] | None = None

    @property
    def certificate_chain(self) -> tuple[x509.Certificate, ...]:
        """The demonstration's: time, issuing, root."""
        return self._key()[1]

    @property
    def revocation_lists(self) -> tuple[x509.CertificateRevocationList, ...]:
        """The lists of the demonstration's two authorities."""
        return (*_lists(str(self._folder / "issuing.crl")), *_lists(str(self._folder / "root.crl")))

    def stamp(self, digest: bytes, *, at: datetime) -> bytes:
        """A token that says `at`."""
        key, chain = self._key()
        return make_token(digest, at=at, certificate=chain[0], key=key, policy=self.POLICY)

    def _key(self) -> tuple[ec.EllipticCurvePrivateKey, tuple[x509.Certificate, ...]]:
        if self._loaded is None:
            chain = tuple(
                one for name in ("time", "issuing", "root") for one in _chain(str(self._folder / f"{name}.pem"))
            )
            try:
                key = serialization.load_pem_private_key((self._folder / "time-key.pem").read_bytes(), None)
            except (OSError, ValueError) as error:
                raise NoTimeStampError(f"演示时间戳的密钥读不到：{self._folder / 'time-key.pem'}") from error
            self._loaded = cast("ec.EllipticCurvePrivateKey", key), chain
        return self._loaded


def make_token(
    digest: bytes,
    *,
    at: datetime,
    certificate: x509.Certificate,
    key: ec.EllipticCurvePrivateKey,
    policy: str,
    nonce: int | None = None,
) -> bytes:
    """A `TimeStampToken` over a SHA-256 digest, as an authority makes it (RFC 3161 2.4.2, RFC 5816)."""
    info: dict[str, Any] = {
        "version": "v1",
        "policy": policy,
        "message_imprint": {"hash_algorithm": {"algorithm": "sha256"}, "hashed_message": digest},
        "serial_number": int.from_bytes(hashlib.sha256(digest + at.isoformat().encode()).digest()[:8], "big"),
        "gen_time": at.astimezone(UTC).replace(microsecond=0),
    }
    if nonce is not None:
        info["nonce"] = nonce
    content = tsp.TSTInfo(info).dump()  # type: ignore[no-untyped-call]
    own: Any = asn1_x509.Certificate.load(certificate.public_bytes(serialization.Encoding.DER))  # type: ignore[no-untyped-call]
    named = tsp.SigningCertificateV2({"certs": [{"cert_hash": hashlib.sha256(own.dump()).digest()}]})  # type: ignore[no-untyped-call]
    attributes: Any = cms.CMSAttributes(  # type: ignore[no-untyped-call]
        [
            {"type": "content_type", "values": ["tst_info"]},
            {"type": "message_digest", "values": [hashlib.sha256(content).digest()]},
            {"type": "signing_certificate_v2", "values": [named]},
        ]
    )
    signature = key.sign(attributes.dump(), ec.ECDSA(hashes.SHA256(), deterministic_signing=True))
    algorithm = algos.DigestAlgorithm({"algorithm": "sha256"})  # type: ignore[no-untyped-call]
    signer = {
        "version": "v1",
        "sid": {"issuer_and_serial_number": {"issuer": own.issuer, "serial_number": own.serial_number}},
        "digest_algorithm": algorithm,
        "signed_attrs": attributes,
        "signature_algorithm": {"algorithm": "sha256_ecdsa"},
        "signature": signature,
    }
    signed = {
        "version": "v3",
        "digest_algorithms": [algorithm],
        "encap_content_info": {"content_type": "tst_info", "content": core.ParsableOctetString(content)},  # type: ignore[no-untyped-call]
        "certificates": [own],
        "signer_infos": [signer],
    }
    whole: Any = cms.ContentInfo({"content_type": "signed_data", "content": cms.SignedData(signed)})  # type: ignore[no-untyped-call]
    return bytes(whole.dump())


def time_stamping(choice: Mapping[str, Any] | None) -> TimeStamping | None:
    """The connector that the setting TIME_STAMPING names; None where none is wanted. Raises choice.WrongChoiceError."""
    return cast("TimeStamping", make(choice)) if choice else None
