"""A file that comes in parts over a bad line: each part is added where the last one ended, and sent again it adds nothing.

The parts stand among the incoming files (0600) and are swept with them after a day (`FileStore.sweep`).
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from django.conf import settings

from chuding.storage.durable import make_folder
from chuding.storage.files import FileTooLarge

if TYPE_CHECKING:
    from collections.abc import Iterator

KEY = re.compile(r"[0-9a-f]{32,64}")
_AT_ONCE = 8
_CHUNK = 64 * 1024


class Parts:
    """What one owner (a reference that only they can use) is sending. A key is the file's own, chosen by the sender.

    A key of 64 hex digits is the file's SHA-256, and the whole is held to it.
    """

    def __init__(self, owner: str) -> None:
        self._folder = Path(settings.DATA_FOLDER) / "incoming"
        self._prefix = f"part-{hashlib.sha256(owner.encode()).hexdigest()[:24]}-"

    def add(self, key: str, offset: int, data: bytes, limit: int) -> int:
        """Add a part that begins at `offset`, in bytes; answers how many bytes are here, which is where to go on.

        A part that is here already, or that leaves a gap, adds nothing. FileTooLarge past `limit`, and then nothing of the
        file stays; ValueError for a key or an offset that is none.
        """
        if offset < 0:
            raise ValueError("an offset counts from 0")
        make_folder(self._folder)
        path = self._path(key)
        self._make_room(path)
        with self._locked(path) as file:
            size = file.seek(0, os.SEEK_END)
            if not size:
                self._mark(key).unlink(missing_ok=True)  # the same file is sent anew, after it was taken back
            if offset > size or offset + len(data) <= size:
                return size
            if offset + len(data) > limit:
                path.unlink(missing_ok=True)
                raise FileTooLarge(limit)
            file.seek(offset)
            file.write(data)
            file.flush()
            return offset + len(data)

    def chunks(self, key: str) -> Iterator[bytes]:
        """The whole file, as far as it has come; FileNotFoundError where nothing has, or it was taken."""
        with self._path(key).open("rb") as file:
            while chunk := file.read(_CHUNK):
                yield chunk

    def is_whole(self, key: str) -> bool:
        """Whether the bytes that came are those of the key, where it says which."""
        digest = hashlib.sha256()
        for chunk in self.chunks(key):
            digest.update(chunk)
        return len(key) < 64 or digest.hexdigest() == key

    def taken(self, key: str) -> bool:
        """Whether this file came whole before and was taken in."""
        return self._mark(key).exists()

    def forget(self, key: str, *, taken: bool) -> None:
        """Let the bytes go; `taken` leaves a mark for a day, so that the same request once more does no harm."""
        if taken:
            self._mark(key).touch(mode=0o600)
        self._path(key).unlink(missing_ok=True)

    def _path(self, key: str) -> Path:
        if not KEY.fullmatch(key):
            raise ValueError("a key is 32 to 64 lower-case hex digits")
        return self._folder / f"{self._prefix}{key}"

    def _mark(self, key: str) -> Path:
        return self._path(key).with_suffix(".taken")

    def _make_room(self, path: Path) -> None:
        """No owner fills the disk: what was begun first gives way."""
        found = [each for each in self._folder.glob(f"{self._prefix}*") if each.suffix != ".taken" and each != path]
        for each in sorted(found, key=lambda each: each.stat().st_mtime)[: max(0, len(found) - _AT_ONCE + 1)]:
            each.unlink(missing_ok=True)

    @staticmethod
    @contextmanager
    def _locked(path: Path) -> Iterator[BinaryIO]:
        """The file, and nobody else in it: a part whose sender gave up waiting may still be on its way in."""
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        with os.fdopen(descriptor, "r+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield file
