"""A file in parts: sent again adds nothing, a gap adds nothing, the limit is the whole file's, what is left lying is swept."""

import hashlib
import os
import threading
from datetime import UTC, datetime, timedelta

import pytest

from chuding.storage.files import FileTooLarge, store
from chuding.storage.parts import Parts

WHOLE = b"0123456789" * 100
KEY = hashlib.sha256(WHOLE).hexdigest()
LIMIT = 10_000


@pytest.fixture
def parts(settings, tmp_path):
    settings.DATA_FOLDER = tmp_path
    return Parts("file/1")


def test_parts_make_the_file_whatever_comes_twice_or_too_early(parts):
    assert parts.add(KEY, 0, WHOLE[:400], LIMIT) == 400
    assert parts.add(KEY, 0, WHOLE[:400], LIMIT) == 400, "its answer was lost"
    assert parts.add(KEY, 600, WHOLE[600:], LIMIT) == 400, "a gap"
    assert not parts.is_whole(KEY)
    assert parts.add(KEY, 200, WHOLE[200:700], LIMIT) == 700, "it begins in what is here"
    assert parts.add(KEY, 700, WHOLE[700:], LIMIT) == 1000
    assert b"".join(parts.chunks(KEY)) == WHOLE
    assert parts.is_whole(KEY)


def test_other_bytes_than_the_key_names_are_not_whole(parts):
    parts.add(KEY, 0, WHOLE[:-1] + b"X", LIMIT)
    assert not parts.is_whole(KEY)
    parts.add("a" * 32, 0, b"any", LIMIT)
    assert parts.is_whole("a" * 32), "a key that is no digest says nothing"


def test_past_the_limit_nothing_stays(parts):
    parts.add(KEY, 0, WHOLE[:400], 500)
    with pytest.raises(FileTooLarge):
        parts.add(KEY, 400, WHOLE[400:], 500)
    with pytest.raises(FileNotFoundError):
        list(parts.chunks(KEY))


@pytest.mark.parametrize("key", ["", "../../etc/passwd", "A" * 64, "a" * 31, "a" * 65])
def test_key_that_is_none_is_refused(parts, key):
    with pytest.raises(ValueError, match="hex digits"):
        parts.add(key, 0, b"x", LIMIT)


def test_one_owner_does_not_reach_anothers(parts):
    parts.add(KEY, 0, WHOLE, LIMIT)
    with pytest.raises(FileNotFoundError):
        list(Parts("file/2").chunks(KEY))


def test_what_was_begun_first_gives_way(parts, tmp_path):
    for number in range(12):
        parts.add(f"{number:032x}", 0, b"x", LIMIT)
        os.utime(next(tmp_path.glob(f"incoming/*{number:032x}")), (number, number))
    left = sorted(int(path.name.rsplit("-", 1)[1], 16) for path in (tmp_path / "incoming").iterdir())
    assert left == [4, 5, 6, 7, 8, 9, 10, 11]


def test_taken_once_is_known_until_the_same_file_is_sent_anew(parts):
    parts.add(KEY, 0, WHOLE, LIMIT)
    parts.forget(KEY, taken=True)
    assert parts.taken(KEY)
    parts.add(KEY, 0, WHOLE, LIMIT)
    assert not parts.taken(KEY)


def test_abandoned_parts_are_swept(parts, tmp_path):
    parts.add(KEY, 0, WHOLE[:400], LIMIT)
    old = datetime(2024, 7, 1, tzinfo=UTC)
    os.utime(next((tmp_path / "incoming").iterdir()), (old.timestamp(), old.timestamp()))
    assert store().sweep(old + timedelta(days=1)) == 1
    assert list((tmp_path / "incoming").iterdir()) == []


def test_two_at_once_leave_each_byte_in_its_place(parts):
    def send(_):
        for at in range(0, len(WHOLE), 50):
            parts.add(KEY, at, WHOLE[at : at + 50], LIMIT)

    senders = [threading.Thread(target=send, args=(n,)) for n in range(4)]
    for each in senders:
        each.start()
    for each in senders:
        each.join()
    assert parts.is_whole(KEY)
