"""The archive package of a decided file: everything of it in one ZIP that proves itself, for decades without this site.

The papers as they were kept, the decision's facts and reports, what the ledger holds about the file with its proof, and a
manifest with the SHA-256 of each. `check_package` looks at nothing but the package and the keys that one trusts.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from chuding.ledger.proof import BadProof, check_proof, read_verifier_key

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

FORMAT = "chuding-archive-1"
MANIFEST = "manifest.json"
LEDGER = "ledger.json"
_LARGEST = 500 * 1024 * 1024
# The papers whose digests the ledger holds.
_RECORDED = ("certificate", "declaration", "document", "materials/", "letters/")
# Whose entry, and under which name, where another paper of the same file would be taken for it.
_WHERE = {"certificate": "certificate:file", "declaration": "application:declaration", "document": "document:file"}
# The same content gives the same bytes, so a package may be made again and compared.
_MOMENT = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class Part:
    """One file of a package: where it lies in it, what it is in words, and its content."""

    path: str
    title: str
    content: bytes


@dataclass(frozen=True)
class Check:
    """One question to a package, whether it holds, and the sentence that a person reads."""

    ok: bool
    sentence: str


def pack(parts: Sequence[Part], facts: dict[str, Any]) -> bytes:
    """A package of these parts; `facts` (numbers and days) stand in the manifest."""
    listed = [
        {"path": part.path, "title": part.title, "size": len(part.content), "sha256": _digest(part.content)}
        for part in parts
    ]
    manifest = json.dumps({"format": FORMAT, **facts, "files": listed}, ensure_ascii=False, indent=1).encode()
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for part in (Part(MANIFEST, "", manifest), *parts):
            package.writestr(zipfile.ZipInfo(part.path, _MOMENT), part.content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def check_package(content: bytes, *, key: str | None) -> list[Check]:
    """Four questions to a package. `key` is the ledger's public key as one got it elsewhere; without it the one inside counts.

    Never raises for what is in `content`. The first failure ends it.
    """
    checks: list[Check] = []
    try:
        files = _unpacked(content)
        manifest = _manifest(files.pop(MANIFEST))
        checks.append(Check(True, f"归档包能打开，清单列有{len(manifest['files'])}个文件。"))
        checks.append(Check(True, _files_are_whole(files, manifest)))
        proof: dict[str, Any] = json.loads(files[LEDGER])
        entries = check_proof(proof, read_verifier_key(key or proof["key"]))
        whose = "您给的公钥" if key else "包里附的公钥（没有另外取得的公钥，不能排除整包伪造）"
        checks.append(Check(True, f"{len(entries)}条办理记录都在账本签过名的检查点之内，对照的是{whose}。"))
        checks.append(Check(True, _papers_are_recorded(manifest, entries)))
    except (_Broken, BadProof) as problem:
        checks.append(Check(False, str(problem)))
    except (KeyError, TypeError, ValueError, AttributeError):
        checks.append(Check(False, "归档包的写法不对，可能已损坏。"))
    return checks


class _Broken(Exception):  # noqa: N818 - the answer to a question, not an error
    """A question is answered with no; carries the sentence."""


def _unpacked(content: bytes) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            if sum(info.file_size for info in package.infolist()) > _LARGEST:
                raise _Broken("归档包解开后超过 500 MB，不会是本平台的。")
            names = package.namelist()
            if len(names) != len(set(names)):
                raise _Broken("归档包里有同名的文件。")
            return {name: package.read(name) for name in names}
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as error:
        raise _Broken("文件不是能打开的 ZIP 归档包，或者已损坏。") from error


def _manifest(content: bytes) -> dict[str, Any]:
    manifest: dict[str, Any] = json.loads(content)
    if manifest.get("format") != FORMAT:
        raise _Broken("这不是本平台的归档包。")
    return manifest


def _files_are_whole(files: dict[str, bytes], manifest: dict[str, Any]) -> str:
    listed = {one["path"]: one["sha256"] for one in manifest["files"]}
    for path, digest in listed.items():
        if path not in files:
            raise _Broken(f"少了文件 {path}。")
        if _digest(files[path]) != digest:
            raise _Broken(f"文件 {path} 与清单上的摘要不同，被改动过。")
    for path in files:
        if path not in listed:
            raise _Broken(f"多了清单上没有的文件 {path}。")
    return "每个文件都与清单上的摘要相同，没有多，也没有少。"


def _papers_are_recorded(manifest: dict[str, Any], entries: list[dict[str, Any]]) -> str:
    """The papers that count stand in the ledger by their digests, so that a manifest made anew does not help a forger.

    Each under what it is: a form in a certificate's place is no certificate.
    """
    known: dict[str | None, set[Any]] = {None: set()}  # None: wherever it stands
    for entry in entries:
        for name, value in _leaves(entry["data"]):
            known.setdefault(f"{entry['subject'][0]}:{name}", set()).add(value)
            known[None].add(value)
    recorded = 0
    for one in manifest["files"]:
        if one["path"].startswith(_RECORDED):
            kind = next((kind for prefix, kind in _WHERE.items() if one["path"].startswith(prefix)), None)
            if one["sha256"] not in known.get(kind, ()):
                raise _Broken(f"文件 {one['path']} 的摘要不在办理记录里，不是办理时的那一份。")
            recorded += 1
    return f"申报表、证书、公文、材料和文书共{recorded}个文件，摘要都在办理记录里。"


def _leaves(value: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """Every value of an entry's data with the name that it stands under."""
    if isinstance(value, dict):
        for key, one in value.items():
            yield from _leaves(one, key)
    elif isinstance(value, list):
        for one in value:
            yield from _leaves(one, name)
    else:
        yield name, value


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
