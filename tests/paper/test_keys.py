from __future__ import annotations

import shutil
import stat
from datetime import datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from chuding.paper.keys import (
    OFFICES,
    KeysError,
    load_certificate,
    load_checkpoint_key,
    load_signer,
    make_demonstration_keys,
)


@pytest.fixture
def own_folder(key_folder, tmp_path):
    """A copy that a test may spoil."""
    return shutil.copytree(key_folder, tmp_path / "keys")


def test_demonstration_keys_are_readable_by_their_owner_only(key_folder):
    assert {path.name for path in key_folder.iterdir()} == {
        "root.pem", "root-key.pem", "root.crl", "issuing.pem", "issuing-key.pem", "issuing.crl",
        "association.pem", "association-key.pem", "city.pem", "city-key.pem", "time.pem", "time-key.pem",
        "checkpoint.pem", "checkpoint-public.pem",
    }  # fmt: skip
    assert {stat.S_IMODE(path.stat().st_mode) for path in key_folder.iterdir()} == {0o600}
    assert stat.S_IMODE(key_folder.stat().st_mode) == 0o700


def test_demonstration_certificates_say_that_they_are_samples(key_folder):
    for name in ("root", "issuing", *OFFICES):
        subject = load_certificate(key_folder / f"{name}.pem").subject
        assert "样张" in subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)[0].value
        assert "无效力" in subject.get_attributes_for_oid(x509.NameOID.ORGANIZATION_NAME)[0].value


def test_demonstration_root_is_p384_for_ten_years_and_the_offices_have_p256(key_folder, at):
    root = load_certificate(key_folder / "root.pem")
    assert isinstance(root.public_key().curve, ec.SECP384R1)
    assert root.not_valid_after_utc - root.not_valid_before_utc == timedelta(days=3650)
    assert root.not_valid_before_utc == datetime(2024, 1, 1, tzinfo=at.tzinfo)
    assert isinstance(load_certificate(key_folder / "city.pem").public_key().curve, ec.SECP256R1)


def test_existing_keys_are_never_overwritten(own_folder, at):
    before = (own_folder / "root.pem").read_bytes()
    with pytest.raises(KeysError, match="never overwritten"):
        make_demonstration_keys(own_folder, at)
    assert (own_folder / "root.pem").read_bytes() == before


def test_signer_signs_deterministically_and_its_certificate_verifies(signer):
    signature = signer.sign(b"data")
    assert signer.sign(b"data") == signature
    signer.certificate_chain[0].public_key().verify(signature, b"data", ec.ECDSA(hashes.SHA256()))
    assert "PRIVATE" not in repr(signer)
    assert "_key" not in repr(signer)


def test_offices_have_keys_of_their_own(key_folder):
    first, second = (load_signer(key_folder, office) for office in OFFICES)
    assert first.certificate_chain[0] != second.certificate_chain[0]
    assert first.certificate_chain[1:] == second.certificate_chain[1:]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644])
def test_loose_permissions_are_refused_with_the_remedy(own_folder, mode):
    key = own_folder / "city-key.pem"
    key.chmod(mode)
    with pytest.raises(KeysError, match=f"chmod 600 {key}"):
        load_signer(own_folder, "city")


def test_key_of_another_certificate_is_refused(own_folder):
    shutil.copy(own_folder / "city-key.pem", own_folder / "association-key.pem")
    with pytest.raises(KeysError, match="do not belong together"):
        load_signer(own_folder, "association")


def test_chain_that_is_none_is_refused(own_folder, tmp_path, at):
    make_demonstration_keys(tmp_path / "other", at)
    shutil.copy(tmp_path / "other" / "issuing.pem", own_folder / "issuing.pem")
    with pytest.raises(KeysError, match="no chain"):
        load_signer(own_folder, "association")


@pytest.mark.parametrize("name", ["city-key.pem", "city.pem", "issuing.crl"])
def test_missing_and_broken_files_are_named(own_folder, name):
    (own_folder / name).write_bytes(b"nonsense")
    with pytest.raises(KeysError, match=name):
        load_signer(own_folder, "city")
    (own_folder / name).unlink()
    with pytest.raises(KeysError, match=name):
        load_signer(own_folder, "city")


def test_checkpoint_key_signs_and_its_public_half_is_beside_it(own_folder):
    key = load_checkpoint_key(own_folder)
    key.public_key().verify(key.sign(b"root hash"), b"root hash")
    (own_folder / "checkpoint.pem").chmod(0o644)
    with pytest.raises(KeysError, match="chmod 600"):
        load_checkpoint_key(own_folder)


def test_naive_time_is_a_mistake_of_the_caller(tmp_path):
    with pytest.raises(ValueError, match="aware"):
        make_demonstration_keys(tmp_path / "keys", datetime(2024, 1, 1))
