"""`chuding verify`: check signed PDFs and offline codes anywhere, without the site, its database or a network."""

from __future__ import annotations

import json
import logging
import os
import stat
import warnings
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from cryptography import x509

from chuding.paper.answers import (
    describe_offline,
    describe_statement,
    described,
    lines_offline,
    lines_statement,
    step_lines,
)
from chuding.paper.credential import CredentialError, credential_of, read_credential, same_holder, trusted_issuers
from chuding.paper.mandate import TITLES, purpose_of
from chuding.paper.scan import ScanError, codes_in
from chuding.paper.statement import read_statement
from chuding.paper.status import StatusError, certificates_in, read_status_file
from chuding.paper.verify import PdfVerdict, verify_pdf

if TYPE_CHECKING:
    from collections.abc import Iterable

    from chuding.paper.status import StatusList

_LIMIT = 100 * 1024 * 1024
_INVALID, _UNREADABLE = 1, 2


class _Unreadable(Exception):  # noqa: N818 - the answer for one file, not a fault of the program
    """The input cannot be read at all; the sentence says why."""


def default_root() -> Path:
    """`signing/root.pem` in the data folder: `$CHUDING_DATA`, or `./data`."""
    return Path(os.environ.get("CHUDING_DATA") or "data") / "signing" / "root.pem"


@click.command("verify")
@click.option("--json", "as_json", is_flag=True, help="每个文件一行，一个 JSON 对象。")
@click.option(
    "--root", "root_files", multiple=True, metavar="PEM", type=click.Path(path_type=Path),
    help="信任这张根证书（可以给几张），不用 $CHUDING_DATA/signing/root.pem；旁边的 time-root.pem 用来核对时间戳。",
)  # fmt: skip
@click.option(
    "--offline",
    is_flag=True,
    help="改为核验离线凭证码：码的文字、带码的图片或 PDF，或者可验证凭证（.jwt）。",
)
@click.option("--status", "status_file", metavar="FILE", help="与 --offline 合用：在这份 status.json 里查证书的状态。")
@click.option("--holder", is_flag=True, help="与 --offline 合用：询问姓名和证件号码，核对是不是持证人。")
@click.argument("files", nargs=-1, required=True, metavar="FILE…")
def verify(
    files: tuple[str, ...],
    root_files: tuple[Path, ...],
    status_file: str | None,
    *,
    as_json: bool,
    offline: bool,
    holder: bool,
) -> None:
    """核验电子证书、申报表和公文的签名，或者离线凭证码。Check the signature of PDF files, or offline codes.

    全部有效以 0 退出，有一个无效以 1 退出，文件或根证书读不了以 2 退出。Exit status: 0 if every file is valid, 1 if one
    is not, 2 if a file or root cannot be read.
    """
    if not offline and (status_file or holder):
        raise click.UsageError("--status 和 --holder 要与 --offline 一起用。They go with --offline.")
    roots = root_files or (default_root(),)
    if offline:
        raise SystemExit(_verify_offline(files, roots, status_file, as_json=as_json, holder=holder))
    raise SystemExit(_verify_files([Path(file) for file in files], roots, as_json=as_json))


def _verify_files(files: Iterable[Path], root_files: tuple[Path, ...], *, as_json: bool) -> int:
    for library in ("pikepdf", "pyhanko", "pyhanko_certvalidator"):
        logging.getLogger(library).setLevel(logging.CRITICAL + 1)  # their complaints are in our answer already
    now = datetime.now(UTC)
    time_root_files = [file for root in root_files if (file := root.with_name("time-root.pem")).exists()]
    status = 0
    for file in files:
        try:
            # Read for each file anew: a missing root is a reason that every file's answer must carry.
            data, roots, time_roots = _read(file), _load_roots(root_files), _load_roots(time_root_files)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of oddities in a stranger's certificates
                verdict = verify_pdf(data, roots, at=now, time_roots=time_roots)
        except _Unreadable as problem:
            status = _UNREADABLE
            answer = _describe(file, None, (str(problem),))
        else:
            status = max(status, 0 if verdict.valid else _INVALID)
            answer = _describe(file, verdict, verdict.reasons)
        click.echo(json.dumps(answer, ensure_ascii=False) if as_json else "\n".join(_lines(answer)))
    return status


def _verify_offline(
    given: tuple[str, ...], root_files: tuple[Path, ...], status_file: str | None, *, as_json: bool, holder: bool
) -> int:
    now = datetime.now(UTC)
    worst = 0
    person = _ask_for_holder() if holder else None
    for one in given:
        same: bool | None = None
        if (text := _statement(one)) is not None:
            status, answer = _judge_statement(one, text, root_files, status_file, now)
            worst = max(worst, status)
            click.echo(json.dumps(answer, ensure_ascii=False) if as_json else "\n".join(lines_statement(answer)))
            continue
        try:
            issuers, lists = _trust(root_files, status_file)
            verdict = read_credential(_code(one), issuers, at=now, status=lists)
        except (_Unreadable, StatusError) as problem:
            worst, answer = _UNREADABLE, describe_offline(one, None, (str(problem),))
        else:
            if person and verdict.claims:
                same = same_holder(verdict.claims, name=person[0], identity_number=person[1])
            good = verdict.valid and same is not False
            worst = max(worst, 0 if good else _INVALID)
            answer = describe_offline(one, verdict, verdict.reasons, same)
        click.echo(json.dumps(answer, ensure_ascii=False) if as_json else "\n".join(lines_offline(answer)))
    return worst


def _statement(given: str) -> str | None:
    """The text of a Verifiable Credential in a file of this name; None where it is something else."""
    try:
        content = _read(Path(given)) if given.endswith((".jwt", ".vc")) else b""
        return content.decode("ascii").strip() or None
    except (_Unreadable, UnicodeDecodeError):
        return None


def _judge_statement(
    given: str, text: str, root_files: tuple[Path, ...], status_file: str | None, now: datetime
) -> tuple[int, dict[str, Any]]:
    try:
        status = _read(Path(status_file)).decode("ascii", "replace").strip() if status_file else None
        verdict = read_statement(text, _load_roots(root_files), at=now, status=status)
    except _Unreadable as problem:
        return _UNREADABLE, describe_statement(given, None, (str(problem),))
    return 0 if verdict.valid else _INVALID, describe_statement(given, verdict, verdict.reasons)


def _ask_for_holder() -> tuple[str, str]:
    """Asked for and not given as options: a command line is seen by everybody on the machine and kept in a history."""
    name = click.prompt("姓名 name", err=True)
    return str(name), str(click.prompt("证件号码 identity number", hide_input=True, err=True))


def _trust(
    root_files: tuple[Path, ...], status_file: str | None
) -> tuple[tuple[x509.Certificate, ...], tuple[StatusList, ...] | None]:
    """Whose codes count: the certificates beside the roots, and in the status file, that a root vouches for."""
    roots = _load_roots(root_files)
    beside = sorted({file for root in root_files for file in root.parent.glob("*.pem") if "key" not in file.stem})
    pool = [one for file in beside for one in _certificates(file)]
    content = _read(Path(status_file)) if status_file else None
    if content is not None:
        pool += certificates_in(content)
    issuers = trusted_issuers(pool, roots)
    return issuers, None if content is None else read_status_file(content, issuers)


def _certificates(file: Path) -> list[x509.Certificate]:
    """Those of one PEM file; none where it holds something else."""
    try:
        content = _read(file)
        return x509.load_pem_x509_certificates(content) if b"BEGIN CERTIFICATE" in content else []
    except (_Unreadable, ValueError):
        return []


def _code(given: str) -> str:
    """The text of a code: itself, or what a picture or PDF of this name shows."""
    try:
        credential_of(given)
    except CredentialError:
        if given.upper().startswith(("HTTP://", "HTTPS://")):
            return given
    else:
        return given
    try:
        codes = codes_in(_read(Path(given)))
    except ScanError as error:
        raise _Unreadable(str(error)) from error
    ours = [code for code in codes if "/V/" in code]
    if not ours:
        raise _Unreadable(
            "没有读到离线凭证的二维码。请换一张清楚、完整的图片。No offline code was found; give a sharper picture."
        )
    return ours[0]


def _load_roots(files: Iterable[Path]) -> list[x509.Certificate]:
    roots = []
    for file in files:
        try:
            roots += x509.load_pem_x509_certificates(file.read_bytes())
        except OSError as error:
            raise _Unreadable(
                f"没有受信任的根证书，请用 --root 指定。No trusted root: {file} cannot be read"
                f" ({error.strerror}); name one with --root."
            ) from error
        except ValueError as error:
            raise _Unreadable(f"{file} 不是 PEM 格式的证书。It is not a certificate in PEM form.") from error
    return roots


def _read(file: Path) -> bytes:
    """The content of one regular file, within bounds; never blocks on a pipe or a device."""
    try:
        # A pipe without a writer would block for ever.
        with os.fdopen(os.open(file, os.O_RDONLY | os.O_NONBLOCK), "rb") as stream:
            facts = os.fstat(stream.fileno())
            if not stat.S_ISREG(facts.st_mode):
                raise _Unreadable("这不是普通文件，读不了。This is not a regular file.")
            if facts.st_size > _LIMIT:
                raise _Unreadable("文件超过 100 MB，不会是本系统签发的。The file is larger than 100 MB.")
            return stream.read(_LIMIT + 1)
    except IsADirectoryError as error:
        raise _Unreadable("这是文件夹，请给出 PDF 文件。This is a folder; name a PDF file.") from error
    except (OSError, ValueError) as error:
        cause = error.strerror if isinstance(error, OSError) else "its name is not possible"
        raise _Unreadable(f"文件读不到，请检查路径。The file cannot be read ({cause}).") from error


def _describe(file: Path, verdict: PdfVerdict | None, reasons: Iterable[str]) -> dict[str, Any]:
    """One file's answer as JSON-ready values; the schema that other programs rely on."""
    return {
        "file": str(file),
        "valid": verdict is not None and verdict.valid,
        "reasons": list(reasons),
        "signer": verdict.signer if verdict else None,
        "signed_at": verdict.signed_at.isoformat() if verdict and verdict.signed_at else None,
        "time_stamped": verdict is not None and verdict.time_stamped,
        "level": verdict.level if verdict else None,
        "provable_until": verdict.provable_until.isoformat() if verdict and verdict.provable_until else None,
        "sample": verdict.sample if verdict else None,
        "reason": verdict.reason if verdict else None,
        "paper": purpose_of(verdict.reason) if verdict else None,
        "sha256": verdict.sha256 if verdict else None,
        "steps": described(verdict.steps if verdict else ()),
    }


def _lines(answer: dict[str, Any]) -> Iterable[str]:
    yield f"{answer['file']}: {'有效 VALID' if answer['valid'] else '无效 NOT VALID'}"
    yield from step_lines(answer)
    if answer["signer"]:
        yield f"  签署者 signer: {answer['signer']}"
        yield f"  时间 signed at: {answer['signed_at']}（PAdES {answer['level']}）"
    if answer["reason"]:
        yield f"  签署事由 signed as: {answer['reason']}"
    if answer["paper"] not in {None, "certificate"}:
        yield f"  这是{TITLES[answer['paper']]}，不是资格证书。This is no certificate: it proves no qualification ({answer['paper']})."
    if answer["provable_until"]:
        yield f"  存档时间戳证明到 provable until: {answer['provable_until']}"
    if answer["sample"]:
        yield "  演示证书签发的样张，没有法律效力。Signed with a demonstration certificate: a sample without legal effect."
