"""A key in a PKCS#11 token: SoftHSM plays the card. What it signs, the same verifiers accept."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from chuding.paper.keys import KeysError
from chuding.paper.sign import sign_pdf
from chuding.paper.token import TokenKeys
from chuding.paper.verify import verify_pdf

MODULE = Path("/usr/lib/softhsm/libsofthsm2.so")
pytestmark = pytest.mark.skipif(
    not (MODULE.exists() and shutil.which("softhsm2-util")), reason="softhsm2 is not installed"
)


@pytest.fixture(scope="module")
def token(key_folder, tmp_path_factory):
    """A token with the association's key under its name, and the city's under a false one."""
    folder = tmp_path_factory.mktemp("softhsm")
    (folder / "tokens").mkdir()
    (folder / "softhsm2.conf").write_text(f"directories.tokendir = {folder / 'tokens'}\nlog.level = ERROR\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOFTHSM2_CONF", str(folder / "softhsm2.conf"))
        patch.setenv("TOKEN_PIN", "987654")

        def util(*words):
            subprocess.run(["softhsm2-util", *map(str, words)], check=True, capture_output=True, env=os.environ)

        util("--init-token", "--free", "--label", "chuding", "--so-pin", "1234", "--pin", "987654")
        for number, label in (("01", "association"), ("02", "city")):
            words = ("--import", key_folder / "association-key.pem", "--token", "chuding", "--label", label)
            util(*words, "--id", number, "--pin", "987654", "--force")
        yield TokenKeys(key_folder, str(MODULE), "chuding", "TOKEN_PIN")


def test_paper_signed_in_the_token_is_valid(token, plain_pdf, root, at):
    signer = token.signer("association")
    signed = sign_pdf(plain_pdf, signer, at=at, reason="演示签发")
    verdict = verify_pdf(signed, [root], at=at)
    assert (verdict.valid, verdict.signer) == (True, "演示协会·文件签名（样张）")
    assert len(signer.revocation_lists) == 2


def test_key_that_is_not_there_or_another_ones_is_refused(token):
    with pytest.raises(KeysError, match="do not belong together"):
        token.signer("city")
    with pytest.raises(KeysError, match="no private key with the label 'time'"):
        token.signer("time")


def test_token_that_cannot_be_opened_is_said(token, key_folder):
    with pytest.raises(KeysError, match="cannot be opened"):
        TokenKeys(key_folder, str(MODULE), "another", "TOKEN_PIN")
    with pytest.raises(KeysError, match="cannot be opened"):
        TokenKeys(key_folder, "/nowhere.so", "chuding", "TOKEN_PIN")
    with pytest.raises(KeysError, match="cannot be opened"):
        TokenKeys(key_folder, str(MODULE), "chuding", "NO_SUCH_PIN")
