"""Keys that sign: the demonstration PKI made at set-up, and how a signer is loaded from files.

A folder of keys holds PEM files: `root.pem` and `issuing.pem` (certificates), one `<office>.pem` with its
`<office>-key.pem` per office, `root.crl` and `issuing.crl` (revocation lists) and `checkpoint.pem`, the Ed25519
key of the ledger. A certificate that was renewed stays beside its successor as `<office>-….pem` or `issuing-….pem`, so that what
it signed can still be checked. The demonstration's has `time.pem` with its key, a time-stamp authority that proves nothing. A production folder has the same shape without the keys of the two authorities.
Nothing here is shipped: the demonstration keys are born on the machine that runs them.
"""

from __future__ import annotations

import itertools
import os
import stat
import tempfile
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Protocol
from zoneinfo import ZoneInfo

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

if TYPE_CHECKING:
    from collections.abc import Sequence

OFFICES = ("association", "city")
SAMPLE_MARK = "样张"
SHANGHAI = ZoneInfo("Asia/Shanghai")

_ORGANISATION = f"初定平台演示（{SAMPLE_MARK}，无效力）"
_COMMON_NAMES = {
    "root": f"演示根证书（{SAMPLE_MARK}）",
    "issuing": f"演示签发机构（{SAMPLE_MARK}）",
    "association": f"演示协会·文件签名（{SAMPLE_MARK}）",
    "city": f"演示市级办公室·文件签名（{SAMPLE_MARK}）",
    "time": f"演示时间戳（{SAMPLE_MARK}，不能向他人证明时间）",
}
_ROOT_YEARS = 10
_YEAR = timedelta(days=365)
# RFC 3280's document-signing purpose (RFC 9336) and e-mail protection, without which NSS shows no trust.
_DOCUMENT_SIGNING = x509.ObjectIdentifier("1.3.6.1.5.5.7.3.36")


class KeysError(Exception):
    """A key, certificate or list is missing, unsafe or unfit; the sentence says which and what to do."""


class Signer(Protocol):
    """Whoever signs with an office's key: a file, a PKCS#11 token, the signing desk."""

    @property
    def certificate_chain(self) -> Sequence[x509.Certificate]:
        """The signing certificate first, then each issuer, the self-signed root last."""
        ...

    @property
    def revocation_lists(self) -> Sequence[x509.CertificateRevocationList]:
        """Current lists of every authority of the chain; they travel inside the signed file."""
        ...

    def sign(self, data: bytes) -> bytes:
        """Signature over SHA-256 of `data`: DER `ECDSA-Sig-Value` (RFC 3279 2.2.3)."""
        ...


@dataclass(frozen=True)
class FileSigner:
    """A `Signer` whose P-256 key was read once from a file with strict permissions."""

    certificate_chain: tuple[x509.Certificate, ...]
    revocation_lists: tuple[x509.CertificateRevocationList, ...]
    _key: ec.EllipticCurvePrivateKey = field(repr=False)

    def sign(self, data: bytes) -> bytes:
        """Sign `data`; the nonce is RFC 6979's, so the same data gives the same signature."""
        return self._key.sign(data, ec.ECDSA(hashes.SHA256(), deterministic_signing=True))


def make_demonstration_keys(folder: Path, at: datetime) -> Path:
    """Make the demonstration PKI in `folder`, which must not exist or be empty; the path of `root.pem`.

    Everything is valid from the first of January of `at`'s year (Asia/Shanghai), so that a demonstration clock
    may be set back within its year, for ten years. Raises `KeysError` rather than overwrite a key.
    """
    if at.tzinfo is None:
        raise ValueError("`at` must be aware")
    if folder.exists() and any(folder.iterdir()):
        raise KeysError(f"{folder} is not empty: keys are never overwritten; move the folder away first")
    folder.parent.mkdir(parents=True, exist_ok=True)
    start = datetime(at.astimezone(SHANGHAI).year, 1, 1, tzinfo=SHANGHAI)
    # Made beside and renamed: half a set of keys is never seen, not even after a loss of power.
    fresh = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    root_key = ec.generate_private_key(ec.SECP384R1())
    root = _certify("root", root_key.public_key(), None, root_key, start)
    issuing_key = ec.generate_private_key(ec.SECP256R1())
    issuing = _certify("issuing", issuing_key.public_key(), root, root_key, start)
    _write_private(fresh / "root-key.pem", root_key)
    _write_private(fresh / "issuing-key.pem", issuing_key)
    _write(fresh / "root.pem", _pem(root))
    _write(fresh / "issuing.pem", _pem(issuing))
    for who in (*OFFICES, "time"):
        _make_key(fresh, who, issuing, issuing_key, start)
    for name, authority, authority_key in (("root", root, root_key), ("issuing", issuing, issuing_key)):
        _write(fresh / f"{name}.crl", _pem(_revocation_list(authority, authority_key, {}, start, number=1)))
    checkpoint = ed25519.Ed25519PrivateKey.generate()
    _write_private(fresh / "checkpoint.pem", checkpoint)
    _write(fresh / "checkpoint-public.pem", _public_pem(checkpoint.public_key()))
    fresh.rename(folder)
    return folder / "root.pem"


def _make_key(
    folder: Path, who: str, issuing: x509.Certificate, issuing_key: ec.EllipticCurvePrivateKey, start: datetime
) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    _write_private(folder / f"{who}-key.pem", key)
    _write(folder / f"{who}.pem", _pem(_certify(who, key.public_key(), issuing, issuing_key, start)))


def add_time_stamper(folder: Path, at: datetime) -> None:
    """Give a demonstration's folder that is older than time stamps its authority; nothing where there is one."""
    issuing_key = _load_private(folder / "issuing-key.pem") if not (folder / "time.pem").exists() else None
    if isinstance(issuing_key, ec.EllipticCurvePrivateKey):
        start = datetime(at.astimezone(SHANGHAI).year, 1, 1, tzinfo=SHANGHAI)
        _make_key(folder, "time", load_certificate(folder / "issuing.pem"), issuing_key, start)


def revoke(folder: Path, office: str, at: datetime) -> None:
    """Put the office's certificate on the issuing authority's list from `at` on (demonstration folders).

    Files signed before carry the older list and stay valid; files signed later are refused by `verify_pdf`.
    """
    issuing = load_certificate(folder / "issuing.pem")
    key = _load_private(folder / "issuing-key.pem")
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise KeysError(f"{folder / 'issuing-key.pem'} is not an elliptic-curve key")
    old = _load_list(folder / "issuing.crl")
    revoked = {entry.serial_number: entry.revocation_date_utc for entry in old}
    revoked.setdefault(load_certificate(folder / f"{office}.pem").serial_number, at)
    number = old.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number + 1
    fresh = folder / ".issuing.crl"
    _write(fresh, _pem(_revocation_list(issuing, key, revoked, at, number=number)))
    fresh.replace(folder / "issuing.crl")


def renew(folder: Path, office: str, at: datetime) -> None:
    """Give the office a new key and certificate from `at` on, and keep the old certificate beside it (demonstration folders).

    Files signed before stay valid. Raises KeysError where the issuing authority's key is not here.
    """
    issuing, issuing_key = load_certificate(folder / "issuing.pem"), _load_private(folder / "issuing-key.pem")
    if not isinstance(issuing_key, ec.EllipticCurvePrivateKey):
        raise KeysError(f"{folder / 'issuing-key.pem'} is not an elliptic-curve key")
    old = load_certificate(folder / f"{office}.pem")
    _write(folder / f"{office}-{old.serial_number:x}.pem", _pem(old))
    fresh = Path(tempfile.mkdtemp(prefix=f".{office}-", dir=folder))
    key = ec.generate_private_key(ec.SECP256R1())
    _write_private(fresh / "key", key)
    _write(fresh / "certificate", _pem(_certify(office, key.public_key(), issuing, issuing_key, at)))
    # Between the two moves key and certificate do not belong together: the desk says so and signing waits.
    (fresh / "key").replace(folder / f"{office}-key.pem")
    (fresh / "certificate").replace(folder / f"{office}.pem")
    fresh.rmdir()


def load_signer(folder: Path, office: str) -> Signer:
    """The signer of one office; reads and checks the key once, so keep the object.

    Raises `KeysError` if a file is missing, the key may be read by others, or key and certificate do not belong
    together.
    """
    key = _load_private(folder / f"{office}-key.pem")
    leaf = load_certificate(folder / f"{office}.pem")
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
        raise KeysError(f"{folder / f'{office}-key.pem'} must be a P-256 key")
    if key.public_key() != leaf.public_key():
        raise KeysError(f"the key and the certificate of {office!r} in {folder} do not belong together")
    return FileSigner(load_chain(folder, office), load_lists(folder), key)


@dataclass(frozen=True)
class KeyFolder:
    """The offices' keys in files of a folder."""

    folder: Path

    def signer(self, office: str) -> Signer:
        """The office's signer. Raises KeysError."""
        return load_signer(self.folder, office)


def load_chain(folder: Path, office: str) -> tuple[x509.Certificate, ...]:
    """The office's certificate, the issuing authority's and the root's. Raises KeysError if they are no chain."""
    chain = tuple(load_certificate(folder / f"{name}.pem") for name in (office, "issuing", "root"))
    for child, parent in itertools.pairwise(chain):
        try:
            child.verify_directly_issued_by(parent)
        except Exception as error:
            raise KeysError(f"the certificates of {office!r} in {folder} are no chain") from error
    return chain


def office_certificates(folder: Path, office: str) -> tuple[x509.Certificate, ...]:
    """Every certificate with which the office signs or signed: today's, then those kept beside it as `<office>-….pem`.

    Raises KeysError for one that cannot be read.
    """
    return _with_kept(folder, office)


def authority_certificates(folder: Path) -> tuple[x509.Certificate, ...]:
    """Every certificate below the root that issued the offices' ones, today's first. Raises KeysError."""
    return _with_kept(folder, "issuing")


def _with_kept(folder: Path, name: str) -> tuple[x509.Certificate, ...]:
    kept = sorted(file for file in folder.glob(f"{name}-*.pem") if not file.stem.endswith("-key"))
    return tuple(dict.fromkeys(load_certificate(file) for file in (folder / f"{name}.pem", *kept)))


def load_lists(folder: Path) -> tuple[x509.CertificateRevocationList, ...]:
    """The current lists of the two authorities. Raises KeysError."""
    return _load_list(folder / "issuing.crl"), _load_list(folder / "root.crl")


def load_checkpoint_key(folder: Path) -> ed25519.Ed25519PrivateKey:
    """The Ed25519 key that signs the ledger's checkpoints. Raises `KeysError`."""
    key = _load_private(folder / "checkpoint.pem")
    if not isinstance(key, ed25519.Ed25519PrivateKey):
        raise KeysError(f"{folder / 'checkpoint.pem'} must be an Ed25519 key")
    return key


def load_certificate(path: Path) -> x509.Certificate:
    """One certificate from a PEM file. Raises `KeysError` with the file's name."""
    try:
        return x509.load_pem_x509_certificate(path.read_bytes())
    except (OSError, ValueError) as error:
        raise KeysError(f"{path} is not a certificate in PEM form: {_cause(error)}") from error


def _load_list(path: Path) -> x509.CertificateRevocationList:
    try:
        return x509.load_pem_x509_crl(path.read_bytes())
    except (OSError, ValueError) as error:
        raise KeysError(f"{path} is not a revocation list in PEM form: {_cause(error)}") from error


def _load_private(path: Path) -> object:
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            if stat.S_IMODE(mode) & 0o077:
                raise KeysError(f"{path} may be read by others; say: chmod 600 {path}")
            return serialization.load_pem_private_key(file.read(), password=None)
    except (OSError, ValueError, TypeError) as error:
        raise KeysError(f"{path} is not an unencrypted private key in PEM form: {_cause(error)}") from error


def _cause(error: Exception) -> str:
    return error.strerror or "unreadable" if isinstance(error, OSError) else "its content cannot be read"


def _name(who: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "CN"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, _ORGANISATION),
            x509.NameAttribute(NameOID.COMMON_NAME, _COMMON_NAMES[who]),
        ]
    )


def _certify(
    who: str,
    public_key: ec.EllipticCurvePublicKey,
    issuer: x509.Certificate | None,
    issuer_key: ec.EllipticCurvePrivateKey,
    start: datetime,
) -> x509.Certificate:
    """One certificate of the PKI: `root` and `issuing` are authorities, everything else signs documents."""
    authority = who in ("root", "issuing")
    issuer_public = issuer.public_key() if issuer else public_key
    if not isinstance(issuer_public, ec.EllipticCurvePublicKey):
        raise KeysError("the demonstration authorities have elliptic-curve keys")
    builder = (
        x509.CertificateBuilder()
        .subject_name(_name(who))
        .issuer_name(issuer.subject if issuer else _name(who))
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + _ROOT_YEARS * _YEAR)
        .add_extension(x509.BasicConstraints(authority, {"root": 1, "issuing": 0}.get(who)), critical=True)
        .add_extension(_usage(authority=authority), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_public), critical=False)
    )
    if who == "time":  # RFC 3161 2.3: for nothing else, and critical
        builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)
    elif not authority:
        purposes = x509.ExtendedKeyUsage([_DOCUMENT_SIGNING, ExtendedKeyUsageOID.EMAIL_PROTECTION])
        builder = builder.add_extension(purposes, critical=False)
    return builder.sign(issuer_key, hashes.SHA384() if who in ("root", "issuing") else hashes.SHA256())


def _usage(*, authority: bool) -> x509.KeyUsage:
    """An authority signs certificates and lists; an office's key signs documents, and cannot deny it."""
    return x509.KeyUsage(
        digital_signature=not authority,
        content_commitment=not authority,
        key_cert_sign=authority,
        crl_sign=authority,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _revocation_list(
    authority: x509.Certificate,
    key: ec.EllipticCurvePrivateKey,
    revoked: dict[int, datetime],
    at: datetime,
    number: int,
) -> x509.CertificateRevocationList:
    public = authority.public_key()
    if not isinstance(public, ec.EllipticCurvePublicKey):
        raise KeysError("the demonstration authorities have elliptic-curve keys")
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(authority.subject)
        .last_update(at)
        .next_update(authority.not_valid_after_utc)
        .add_extension(x509.CRLNumber(number), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(public), critical=False)
    )
    for serial, when in sorted(revoked.items()):
        entry = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(when).build()
        builder = builder.add_revoked_certificate(entry)
    return builder.sign(key, hashes.SHA256())


def _pem(thing: x509.Certificate | x509.CertificateRevocationList) -> bytes:
    return thing.public_bytes(serialization.Encoding.PEM)


def _public_pem(key: ed25519.Ed25519PublicKey) -> bytes:
    return key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


def _write_private(path: Path, key: ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey) -> None:
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    _write(path, key.private_bytes(*form))


def _write(path: Path, data: bytes) -> None:
    """Write a new file that nobody else may read, safely on disk before we go on."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
