"""Writing small files so that a power cut leaves the old one or the new one, whole."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path


def write_durably(file: Path, content: bytes, *, replace: bool) -> None:
    """Write a whole file or none, 0600, on the disk on return.

    Without `replace` an existing file stays as it is, also when two processes make it at the same time: whoever comes
    first has the word, and the caller reads the file afterwards.
    """
    make_folder(file.parent)
    descriptor, name = tempfile.mkstemp(dir=file.parent)
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as new:
            new.write(content)
            new.flush()
            os.fsync(new.fileno())
        if replace:
            temporary.replace(file)
        else:
            file.hardlink_to(temporary)
    except FileExistsError:
        pass
    finally:
        temporary.unlink(missing_ok=True)
    sync_folder(file.parent)


def make_folder(folder: Path) -> None:
    """Make a folder (0700) and those above it, each entry on the disk before we go on."""
    if folder.is_dir():
        return
    make_folder(folder.parent)
    folder.mkdir(mode=0o700, exist_ok=True)
    sync_folder(folder.parent)


def sync_folder(folder: Path) -> None:
    """Bring a folder's entries (new names, renames) to the disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
