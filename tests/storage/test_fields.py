"""Encrypted columns and blind indexes."""

import base64
import json
import threading

import pytest
from django.core.exceptions import FieldError
from django.db import connection, models
from django.test.utils import isolate_apps
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from chuding.storage import fields
from chuding.storage.fields import EncryptedTextField, UnreadableValue, blind_index, decrypt, encrypt, rotate_key

IDENTITY = "11010519491231002X"


@pytest.fixture
def secret(db, data_folder):
    """A model with two encrypted columns, known to this test alone."""
    with isolate_apps("chuding.storage"):

        class Secret(models.Model):  # noqa: DJ008 - it is never shown
            number = EncryptedTextField(null=True)
            phone = EncryptedTextField(default="")

            class Meta:
                app_label = "storage"

    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE storage_secret (id integer PRIMARY KEY, number text NULL, phone text NOT NULL)")
    yield Secret
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE storage_secret")


def raw(column="number"):
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM storage_secret ORDER BY id")
        return [value for (value,) in cursor.fetchall()]


def test_value_is_encrypted_in_the_table_and_plain_in_the_model(secret):
    secret.objects.create(pk=1, number=IDENTITY, phone="")
    secret.objects.create(pk=2, number=None, phone="13900000000")
    (stored, nothing) = raw()
    assert (stored[:5], IDENTITY in stored, nothing) == ("1.k1.", False, None)
    assert list(secret.objects.order_by("pk").values_list("number", "phone")) == [(IDENTITY, ""), (None, "13900000000")]
    assert secret.objects.get(number__isnull=True).phone == "13900000000"


def test_value_passes_every_way_of_writing_once(secret):
    secret.objects.bulk_create([secret(pk=n, number=f"n{n}") for n in (1, 2, 3)])
    secret.objects.filter(pk=1).update(number="updated")
    second = secret.objects.get(pk=2)
    second.number = "bulk"
    secret.objects.bulk_update([second], ["number"])
    third = secret.objects.get(pk=3)
    third.save()
    assert list(secret.objects.order_by("pk").values_list("number", flat=True)) == ["updated", "bulk", "n3"]


@pytest.mark.parametrize("question", [{"number": "a"}, {"number__contains": "a"}, {"number__in": ["a"]}])
def test_questions_that_could_only_fail_silently_are_refused(secret, question):
    with pytest.raises(FieldError, match="Unsupported lookup"):
        secret.objects.filter(**question).exists()


def test_value_moved_to_another_column_does_not_open(secret):
    secret.objects.create(pk=1, number=IDENTITY, phone="13900000000")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE storage_secret SET phone = number")
    with pytest.raises(UnreadableValue, match=r"storage_secret\.phone"):
        secret.objects.get()


@pytest.mark.parametrize(
    "damage",
    [
        lambda s: "",
        lambda s: "plain",
        lambda s: s.replace("1.k1.", "2.k1."),
        lambda s: s.replace("1.k1.", "1.k9."),
        lambda s: s[:-4],
        lambda s: s[:20] + ("A" if s[20] != "A" else "B") + s[21:],
        lambda s: "1.k1.",
    ],
)
def test_damaged_value_does_not_open(data_folder, damage):
    stored = encrypt(IDENTITY, "a.b")
    with pytest.raises(UnreadableValue, match=r"^a\.b"):
        decrypt(damage(stored), "a.b")


@given(st.text())
@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_text_comes_back(data_folder, text):
    try:
        text.encode()
    except UnicodeEncodeError:
        return
    assert decrypt(encrypt(text, "a.b"), "a.b") == text


def test_same_text_is_never_encrypted_alike(data_folder):
    assert len({encrypt(IDENTITY, "a.b") for _ in range(50)}) == 50


def test_key_file_is_made_once_and_for_its_owner_only(data_folder):
    encrypt("a", "a.b")
    file = data_folder / "keys" / "fields.json"
    held = json.loads(file.read_text())
    assert (file.stat().st_mode & 0o777, file.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert (held["current"], list(held["keys"]), len(base64.b64decode(held["keys"]["k1"]))) == ("k1", ["k1"], 32)
    assert [path.name for path in file.parent.iterdir()] == ["fields.json"]


def test_key_file_made_by_many_at_once_is_one(data_folder):
    made, barrier = [], threading.Barrier(8)

    def make():
        barrier.wait()
        made.append(fields._load.__wrapped__(str(fields._file())))

    threads = [threading.Thread(target=make) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({(keys.index, keys.by_id["k1"]) for keys in made}) == 1


def test_rotation_writes_under_the_new_key_and_reads_under_the_old(data_folder):
    old = encrypt("a", "a.b")
    index = blind_index("a", "p")
    assert rotate_key() == "k2"
    new = encrypt("a", "a.b")
    assert (new[:5], decrypt(old, "a.b"), decrypt(new, "a.b"), blind_index("a", "p")) == ("1.k2.", "a", "a", index)


def test_rotation_by_another_process_is_noticed(data_folder, monkeypatch):
    encrypt("a", "a.b")
    file = data_folder / "keys" / "fields.json"
    before = file.read_bytes()
    rotate_key()
    new, after = encrypt("a", "a.b"), file.read_bytes()
    file.write_bytes(before)
    fields._load.cache_clear()
    encrypt("fills the cache with the old keys", "a.b")
    file.write_bytes(after)
    assert decrypt(new, "a.b") == "a"


def test_blind_index_tells_equality_within_one_purpose(data_folder):
    index = blind_index(IDENTITY, "person.number")
    assert index == blind_index(IDENTITY, "person.number")
    assert (len(index), index == blind_index(IDENTITY, "employer.number")) == (64, False)


def test_blind_index_of_another_installation_differs(data_folder, settings, tmp_path):
    here = blind_index(IDENTITY, "p")
    settings.DATA_FOLDER = tmp_path / "other"
    assert blind_index(IDENTITY, "p") != here
