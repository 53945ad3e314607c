"""Files under the name of their content: received once, on the disk before anyone is told, never changed.

A file is first received (written to a temporary name, hashed, fsynced), then looked at by the caller, then kept or
discarded. Keeping is a rename and an fsync of the folder, so that after a power cut a digest in the database always has
its bytes. The address is sha256[:2]/sha256[2:4]/sha256.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Protocol

from django.conf import settings

from chuding.storage.durable import make_folder, sync_folder

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

_DIGEST = re.compile(r"[0-9a-f]{64}")


class FileTooLarge(Exception):  # noqa: N818 - it is the person's file that is at fault
    """More bytes arrived than the limit allows; nothing of them was left behind."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"文件超过 {limit // (1024 * 1024)} MB，请压缩后重新上传。")
        self.limit = limit


@dataclass(frozen=True)
class Received:
    """A file that has arrived whole and is on the disk, but under a temporary name; `size` is in bytes."""

    path: Path
    sha256: str
    size: int


class FileStore(Protocol):
    """Where files rest. The local folder is the default; an object store would fulfil the same port."""

    def receive(self, chunks: Iterable[bytes], limit: int) -> Received:
        """Write what arrives to a temporary file, fsynced; more than `limit` bytes raise FileTooLarge."""

    def keep(self, received: Received) -> str:
        """Give a received file its lasting name; return its SHA-256 as 64 hex digits."""

    def discard(self, received: Received) -> None:
        """Remove a received file that is not wanted; one that is gone already is no error."""

    def put(self, data: bytes) -> str:
        """Keep bytes made here; return their SHA-256 as 64 hex digits."""

    def open(self, digest: str) -> BinaryIO:
        """Open a kept file for reading; FileNotFoundError where there is none."""

    def path(self, digest: str) -> Path:
        """Where a kept file stands, for tools that want a path; ValueError for what is no digest."""

    def exists(self, digest: str) -> bool:
        """Tell whether the file is kept here."""

    def intact(self, digest: str) -> bool:
        """Read the file and tell whether its bytes still are what the digest says."""

    def derived(self, digest: str) -> Path:
        """A folder for what can be made from the file again, such as page images; it exists on return."""

    def remove(self, digest: str) -> None:
        """Remove a kept file and what was made from it, once nothing refers to it any more; gone already is no error."""

    def sweep(self, before: datetime) -> int:
        """Remove temporary files and folders older than `before`, which a crash left behind; return how many."""


class LocalFileStore:
    """The store in a local folder. Files are 0600, folders 0700."""

    def __init__(self, folder: Path) -> None:
        self._kept = folder / "files"
        self._incoming = folder / "incoming"
        self._derived = folder / "derived"

    def receive(self, chunks: Iterable[bytes], limit: int) -> Received:
        make_folder(self._incoming)
        # mkstemp makes the file 0600
        descriptor, name = tempfile.mkstemp(dir=self._incoming)
        digest = hashlib.sha256()
        size = 0
        try:
            with os.fdopen(descriptor, "wb") as file:
                for chunk in _within(limit, chunks):
                    size += len(chunk)
                    digest.update(chunk)
                    file.write(chunk)
                file.flush()
                os.fsync(file.fileno())
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
        return Received(Path(name), digest.hexdigest(), size)

    def keep(self, received: Received) -> str:
        target = self.path(received.sha256)
        make_folder(target.parent)
        # The same content a second time takes the place of the first: the bytes are equal, so no reader sees a change.
        received.path.replace(target)
        sync_folder(target.parent)
        return received.sha256

    def discard(self, received: Received) -> None:
        received.path.unlink(missing_ok=True)

    def put(self, data: bytes) -> str:
        return self.keep(self.receive([data], len(data)))

    def open(self, digest: str) -> BinaryIO:
        return self.path(digest).open("rb")

    def path(self, digest: str) -> Path:
        return self._kept / _address(digest)

    def exists(self, digest: str) -> bool:
        return self.path(digest).is_file()

    def intact(self, digest: str) -> bool:
        try:
            with self.path(digest).open("rb") as file:
                return hashlib.file_digest(file, "sha256").hexdigest() == digest
        except FileNotFoundError:
            return False

    def derived(self, digest: str) -> Path:
        folder = self._derived / _address(digest)
        make_folder(folder)
        return folder

    def digests(self) -> Iterator[str]:
        """Name every kept file, for the nightly comparison with the database."""
        for path in sorted(self._kept.glob("??/??/*")):
            if _DIGEST.fullmatch(path.name):
                yield path.name

    def forget_derived(self, digest: str) -> None:
        """Remove what was made from a file; it can be made again."""
        shutil.rmtree(self._derived / _address(digest), ignore_errors=True)

    def remove(self, digest: str) -> None:
        self.path(digest).unlink(missing_ok=True)
        self.forget_derived(digest)

    def sweep(self, before: datetime) -> int:
        incoming = self._incoming.iterdir() if self._incoming.is_dir() else ()
        # Beside the folder of a file's pages: what a worker was making when it died (`paper.pages`).
        making = self._derived.glob("??/??/.*")
        old = [path for path in (*incoming, *making) if path.stat().st_mtime < before.timestamp()]
        for path in old:
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)
        return len(old)


def store() -> FileStore:
    """Return the store of this installation (under `settings.DATA_FOLDER`)."""
    return LocalFileStore(Path(settings.DATA_FOLDER))


def _within(limit: int, chunks: Iterable[bytes]) -> Iterator[bytes]:
    size = 0
    for chunk in chunks:
        size += len(chunk)
        if size > limit:
            raise FileTooLarge(limit)
        yield chunk


def _address(digest: str) -> Path:
    if not _DIGEST.fullmatch(digest):
        raise ValueError("a SHA-256 of 64 lower-case hex digits is needed")
    return Path(digest[:2], digest[2:4], digest)
