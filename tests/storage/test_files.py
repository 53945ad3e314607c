"""The content-addressed store in a folder."""

import errno
import hashlib
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from chuding.storage.files import FileTooLarge, LocalFileStore, store

HELLO = hashlib.sha256(b"hello").hexdigest()


def test_receive_and_keep_put_the_file_under_its_digest(data_folder):
    received = store().receive([b"he", b"", b"llo"], limit=5)
    assert (received.sha256, received.size, store().exists(HELLO)) == (HELLO, 5, False)
    assert store().keep(received) == HELLO
    path = data_folder / "files" / HELLO[:2] / HELLO[2:4] / HELLO
    assert (store().path(HELLO), path.read_bytes(), path.stat().st_mode & 0o777) == (path, b"hello", 0o600)
    assert (store().exists(HELLO), received.path.exists()) == (True, False)
    assert {folder.stat().st_mode & 0o777 for folder in (data_folder / "files").rglob("*") if folder.is_dir()} == {
        0o700
    }


def test_receive_stops_at_the_limit_and_leaves_nothing(data_folder):
    taken = []

    def endless():
        while True:
            taken.append(1)
            yield b"x" * 1024

    with pytest.raises(FileTooLarge) as fault:
        store().receive(endless(), limit=2 * 1024 * 1024)
    assert str(fault.value) == "文件超过 2 MB，请压缩后重新上传。"
    assert (len(taken), list((data_folder / "incoming").iterdir())) == (2049, [])


def test_receive_leaves_nothing_when_the_sender_goes_away(data_folder):
    def broken():
        yield b"abc"
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        store().receive(broken(), limit=10)
    assert list((data_folder / "incoming").iterdir()) == []


@pytest.mark.parametrize("call", ["write", "fsync"])
def test_receive_leaves_nothing_when_the_disk_is_full(data_folder, monkeypatch, call):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    def chunks():
        yield b"abc"
        if call == "write":
            full()

    if call == "fsync":
        store().put(b"the folders are there")
        monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        store().receive(chunks(), limit=10)
    assert list((data_folder / "incoming").iterdir()) == []


def test_keep_the_same_content_twice_is_one_file(data_folder):
    assert store().put(b"hello") == store().put(b"hello") == HELLO
    assert list(LocalFileStore(data_folder).digests()) == [HELLO]
    assert list((data_folder / "incoming").iterdir()) == []


def test_discard_removes_what_was_received(data_folder):
    received = store().receive([b"x"], limit=1)
    store().discard(received)
    store().discard(received)
    assert not received.path.exists()


def test_open_reads_what_was_kept_and_says_when_there_is_nothing(data_folder):
    store().put(b"hello")
    with store().open(HELLO) as file:
        assert file.read() == b"hello"
    with pytest.raises(FileNotFoundError):
        store().open("0" * 64)


@pytest.mark.parametrize("digest", ["", "../../etc/passwd", HELLO.upper(), HELLO + "\n", HELLO[:-1], "g" * 64])
def test_path_refuses_what_is_no_digest(data_folder, digest):
    with pytest.raises(ValueError, match="64"):
        store().path(digest)


def test_intact_sees_a_flipped_byte_and_a_lost_file(data_folder):
    store().put(b"hello")
    whole = store().intact(HELLO)
    store().path(HELLO).write_bytes(b"hellp")
    flipped = store().intact(HELLO)
    store().path(HELLO).unlink()
    assert (whole, flipped, store().intact(HELLO)) == (True, False, False)


def test_derived_is_a_folder_that_can_be_forgotten(data_folder):
    folder = store().derived(HELLO)
    (folder / "1.webp").write_bytes(b"")
    assert folder == data_folder / "derived" / HELLO[:2] / HELLO[2:4] / HELLO
    LocalFileStore(data_folder).forget_derived(HELLO)
    assert not folder.exists()


def test_sweep_removes_only_what_a_crash_left_long_ago(data_folder):
    now = datetime(2024, 7, 1, tzinfo=UTC)
    assert store().sweep(now) == 0
    old, new = store().receive([b"a"], 1), store().receive([b"b"], 1)
    os.utime(old.path, (0, (now - timedelta(hours=25)).timestamp()))
    os.utime(new.path, (0, now.timestamp()))
    pages = store().derived(HELLO)
    (pages / "page-1.webp").write_bytes(b"")
    making = pages.parent / ".making-x"
    (making / "pages").mkdir(parents=True)
    for folder in (making, pages):
        os.utime(folder, (0, (now - timedelta(hours=25)).timestamp()))
    assert store().sweep(now - timedelta(hours=24)) == 2
    assert (old.path.exists(), new.path.exists(), making.exists()) == (False, True, False)
    assert (pages / "page-1.webp").exists()


def test_bytes_and_names_are_on_the_disk_before_keep_returns(data_folder, monkeypatch):
    steps = []
    real_sync, real_replace = os.fsync, os.replace

    def sync(descriptor):
        steps.append(f"fsync {str(Path(f'/proc/self/fd/{descriptor}').readlink()).removeprefix(str(data_folder))}")
        real_sync(descriptor)

    def replace(source, target):
        steps.append("rename")
        real_replace(source, target)

    monkeypatch.setattr(os, "fsync", sync)
    monkeypatch.setattr(os, "replace", replace)
    received = store().receive([b"hello"], 5)
    store().keep(received)
    a, b = HELLO[:2], HELLO[2:4]
    assert steps == [
        "fsync ",  # the folder `incoming` is new
        f"fsync /incoming/{received.path.name}",
        "fsync ",  # the folder `files` is new
        "fsync /files",
        f"fsync /files/{a}",
        "rename",
        f"fsync /files/{a}/{b}",
    ]
