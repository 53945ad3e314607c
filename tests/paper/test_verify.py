from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

import papers
import pikepdf
import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives import serialization
from nasties import NASTIES
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from chuding.connectors.timestamp import DemonstrationTimeStamping
from chuding.paper.commands import verify
from chuding.paper.keys import load_certificate, load_signer, make_demonstration_keys, revoke
from chuding.paper.mandate import TITLES
from chuding.paper.sign import sign_pdf
from chuding.paper.verify import every, verify_pdf

LATER = timedelta(days=1)


@pytest.fixture(scope="module", params=["plain_pdf", "packed_pdf"])
def signed(request, signer, at):
    return sign_pdf(request.getfixturevalue(request.param), signer, at=at, reason="演示签发")


@pytest.fixture(scope="module")
def one_signed(plain_pdf, signer, at):
    return sign_pdf(plain_pdf, signer, at=at, reason="演示签发")


def failed_step(pdf, roots, at):
    verdict = verify_pdf(pdf, roots, at=at)
    assert verdict.valid is False
    assert len(verdict.steps) == 10
    assert len(verdict.reasons) == 1
    return next(step.name for step in verdict.steps if not step.ok)


def resaved(pdf, **how):
    out = BytesIO()
    with pikepdf.open(BytesIO(pdf)) as document:
        document.save(out, **how)
    return out.getvalue()


def updated(pdf):
    """One more increment, written by somebody else's writer, that changes the catalogue."""
    writer = IncrementalPdfFileWriter(BytesIO(pdf))
    writer.root["/Lang"] = writer.root.get("/Lang", None).__class__("xx")
    writer.update_root()
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def without_signature(pdf):
    out = BytesIO()
    with pikepdf.open(BytesIO(pdf)) as document:
        del document.Root.AcroForm, document.Root.Perms, document.pages[0].obj.Annots
        document.save(out)
    return out.getvalue()


def test_signed_file_is_valid_and_leaves_time_open(signed, root, at):
    verdict = verify_pdf(signed, [root], at=at + LATER)
    assert [step.number for step in verdict.steps] == list(range(1, 11))
    assert [step.ok for step in verdict.steps] == [True] * 8 + [None] * 2
    assert [step.name for step in verdict.steps] == [
        "is_pdf", "one_signature", "whole_file", "digest", "key", "chain", "not_revoked", "no_change", "time_stamp", "long_term",
    ]  # fmt: skip
    assert verdict.valid is True
    assert verdict.reasons == ()
    assert verdict.signer == "演示协会·文件签名（样张）"
    assert (verdict.signed_at, verdict.sample, verdict.time_stamped) == (at, True, False)
    assert (verdict.level, verdict.provable_until) == ("B-B", None)


def test_each_step_speaks_chinese_and_english(signed, plain_pdf, root, at):
    for pdf in (signed, plain_pdf, b"x"):
        for step in verify_pdf(pdf, [root], at=at).steps:
            assert step.chinese.endswith("。")
            assert step.english.isascii()
            assert step.sentence == step.chinese + step.english


@pytest.mark.parametrize(
    ("spoil", "step"),
    [
        (lambda pdf: b"", "is_pdf"),
        (lambda pdf: "一张证书".encode(), "is_pdf"),
        (lambda pdf: b"\n" + pdf, "is_pdf"),
        (lambda pdf: pdf[: len(pdf) // 2], "is_pdf"),
        (lambda pdf: pdf[:-1], "whole_file"),
        (lambda pdf: pdf[:-7], "is_pdf"),
        (lambda pdf: pdf + b"\n", "whole_file"),
        (lambda pdf: pdf + b"% junk after the end\n", "whole_file"),
        (lambda pdf: pdf + b"\0" * 100, "whole_file"),
        (updated, "whole_file"),
        (resaved, "whole_file"),
        (lambda pdf: resaved(pdf, linearize=True), "whole_file"),
        (lambda pdf: resaved(pdf, encryption=pikepdf.Encryption(owner="o", user="")), "whole_file"),
        (lambda pdf: resaved(pdf, encryption=pikepdf.Encryption(owner="o", user="u")), "whole_file"),
        (without_signature, "one_signature"),
        (lambda pdf: pdf.replace(b"/Sample", b"/Simple").replace(b"Sample", b"Simple"), "digest"),
        (lambda pdf: pdf.replace(b"D:20241120", b"D:20231120"), "digest"),
        (lambda pdf: pdf.replace(b"/P 1/V", b"/P 2/V"), "digest"),
        (lambda pdf: pdf.replace(b"ETSI.CAdES", b"ETSI.CAdEX"), "whole_file"),
    ],
)  # fmt: skip
def test_altered_file_fails_at_the_step_that_names_it(one_signed, root, at, spoil, step):
    spoilt = spoil(one_signed)
    assert spoilt != one_signed
    assert failed_step(spoilt, [root], at) == step


def test_plain_pdf_has_no_signature(plain_pdf, root, at):
    assert failed_step(plain_pdf, [root], at) == "one_signature"
    assert "没有电子签名" in verify_pdf(plain_pdf, [root], at=at).reasons[0]


def flips(pdf, how_many, seed):
    chance = random.Random(seed)
    for _ in range(how_many):
        position, bit = chance.randrange(len(pdf)), 1 << chance.randrange(8)
        flipped = bytearray(pdf)
        flipped[position] ^= bit
        yield position, bit, bytes(flipped)


def test_no_file_with_one_flipped_bit_is_valid(signed, root, at):
    """300 random places of either kind of file."""
    for position, bit, flipped in flips(signed, 300, seed=len(signed)):
        assert not verify_pdf(flipped, [root], at=at).valid, (position, bit)


def test_no_flipped_bit_of_the_signature_itself_is_valid(one_signed, root, at):
    """The signature's own bytes are what no signature protects: every hexadecimal digit, its case included."""
    begin = one_signed.index(b"/Contents<") + len(b"/Contents<")
    for position in range(begin - 1, one_signed.index(b">", begin) + 1, 7):
        for bit in (1, 0x20):
            flipped = bytearray(one_signed)
            flipped[position] ^= bit
            assert not verify_pdf(bytes(flipped), [root], at=at).valid, (position, bit)


def test_issuers_certificate_bent_without_breaking_it_is_refused(one_signed, signer, root, at):
    """One bit says how many bits at the end of a certificate's signature do not count; parsers let it pass when they
    are zero anyway. Nothing but the copy in the protected part tells."""
    issuer = signer.certificate_chain[1]
    value = issuer.signature
    bits = b"\x03" + bytes([len(value) + 1]) + b"\x00" + value[:8]
    place = one_signed.index(bits.hex().encode(), one_signed.index(b"/Contents<")) + 5
    for bit in (1, 2, 4):
        bent = bytearray(one_signed)
        bent[place] ^= bit
        assert not verify_pdf(bytes(bent), [root], at=at).valid


@pytest.mark.soak
def test_no_flipped_bit_of_the_increment_is_valid(one_signed, root, at):
    """All of them: dictionary, signature, padding, cross-reference table."""
    for position in range(one_signed.index(b"/ByteRange") - 200, len(one_signed)):
        for bit in range(8):
            flipped = bytearray(one_signed)
            flipped[position] ^= 1 << bit
            assert not verify_pdf(bytes(flipped), [root], at=at).valid, (position, bit)


def test_no_certificate_with_one_flipped_bit_is_valid_ten_thousand_times(key_folder, signer, root):
    """A real certificate as we issue it (B-LT), 10,000 places; nearly all end at the digest, before any parser."""
    stamper = DemonstrationTimeStamping(str(key_folder))
    pdf = papers.typesetter().certificate(papers.CERTIFICATE, papers.AT)
    genuine = sign_pdf(pdf, signer, at=papers.AT, reason="演示签发", time_stamper=stamper)
    assert verify_pdf(genuine, [root], at=papers.AT).valid
    accepted = [
        (position, bit)
        for position, bit, flipped in flips(genuine, 10_000, seed=1)
        if verify_pdf(flipped, [root], at=papers.AT).valid
    ]
    assert accepted == []


def test_other_root_is_not_trusted(signed, root, at, tmp_path):
    make_demonstration_keys(tmp_path / "keys", at)
    other = load_certificate(tmp_path / "keys" / "root.pem")
    assert failed_step(signed, [other], at) == "chain"
    assert failed_step(signed, [], at) == "chain"
    assert verify_pdf(signed, [other, root], at=at).valid
    verdict = verify_pdf(signed, [other], at=at)
    assert (verdict.signer, verdict.signed_at, verdict.sample) == (None, None, None)


def test_no_parser_meets_a_file_that_no_trusted_key_vouches_for(one_signed, root, at, monkeypatch):
    """Neither pikepdf nor pyHanko is called before step 6 holds: hostile files end at the raw bytes."""

    def trap(*_args, **_kwargs):
        raise AssertionError("a parser was called")

    monkeypatch.setattr("chuding.paper.verify.pikepdf.open", trap)
    monkeypatch.setattr("chuding.paper.verify.PdfFileReader", trap)
    for data, _code in NASTIES.values():
        step = failed_step(data, [root], at)
        assert step in ("is_pdf", "one_signature")
    tampered = one_signed.replace(b"D:20241120", b"D:20231120")
    assert failed_step(tampered, [root], at) == "digest"
    assert failed_step(one_signed, [], at) == "chain"
    assert failed_step(one_signed, [root], at) == "not_revoked"  # here the trap springs


def test_authority_itself_signs_no_documents(plain_pdf, signer, root, at, key_folder):
    """A chain that ends one certificate early: the issuing authority's own key signs a document."""
    key = serialization.load_pem_private_key((key_folder / "issuing-key.pem").read_bytes(), None)
    impostor = type(signer)(signer.certificate_chain[1:], signer.revocation_lists, key)
    assert failed_step(sign_pdf(plain_pdf, impostor, at=at, reason="x"), [root], at) == "chain"


def test_signature_of_the_future_is_refused(plain_pdf, signer, root, at):
    ahead = sign_pdf(plain_pdf, signer, at=at + timedelta(hours=1), reason="x")
    assert failed_step(ahead, [root], at) == "chain"
    assert verify_pdf(ahead, [root], at=at + timedelta(hours=1)).valid


@pytest.mark.parametrize("when", [datetime(2023, 12, 31, tzinfo=UTC), datetime(2034, 6, 1, tzinfo=UTC)])
def test_signature_outside_the_certificates_life_is_refused(plain_pdf, signer, root, when):
    signed = sign_pdf(plain_pdf, signer, at=when, reason="x")
    assert failed_step(signed, [root], datetime(2040, 1, 1, tzinfo=UTC)) == "chain"


def test_signature_outlives_its_certificate(signed, root):
    assert verify_pdf(signed, [root], at=datetime(2060, 1, 1, tzinfo=UTC)).valid


def test_certificate_revoked_before_signing_is_refused_and_older_files_stay_valid(
    key_folder, plain_pdf, one_signed, root, at, tmp_path
):
    folder = shutil.copytree(key_folder, tmp_path / "keys")
    revoke(folder, "association", at + timedelta(hours=1))
    thief = load_signer(folder, "association")
    late = sign_pdf(plain_pdf, thief, at=at + timedelta(hours=2), reason="x")
    assert failed_step(late, [root], at + LATER) == "not_revoked"
    colleague = sign_pdf(plain_pdf, load_signer(folder, "city"), at=at + timedelta(hours=2), reason="x")
    assert verify_pdf(colleague, [root], at=at + LATER).valid
    assert verify_pdf(one_signed, [root], at=at + LATER).valid


def test_missing_revocation_list_is_not_taken_for_good_news(plain_pdf, signer, root, at):
    silent = type(signer)(signer.certificate_chain, signer.revocation_lists[:1], signer._key)
    assert failed_step(sign_pdf(plain_pdf, silent, at=at, reason="x"), [root], at) == "not_revoked"


def test_nothing_examined_is_never_a_yes():
    with pytest.raises(ValueError, match="nothing was examined"):
        every([])
    assert (every([True]), every([True, False])) == (True, False)


def test_naive_time_is_a_mistake_of_the_caller(signed, root):
    with pytest.raises(ValueError, match="aware"):
        verify_pdf(signed, [root], at=datetime(2024, 1, 1))


@pytest.fixture
def command(tmp_path, key_folder, monkeypatch):
    """Runs `chuding verify` with the data folder beside the keys; the answer's exit status and JSON objects."""
    monkeypatch.setenv("CHUDING_DATA", str(key_folder.parent))

    def run(*arguments):
        done = CliRunner().invoke(verify, ["--json", *map(str, arguments)])
        assert done.stderr == ""
        return done.exit_code, [json.loads(line) for line in done.stdout.splitlines()]

    return run


def test_command_answers_one_object_per_file(command, one_signed, plain_pdf, tmp_path):
    good, bad = tmp_path / "good.pdf", tmp_path / "bad.pdf"
    good.write_bytes(one_signed)
    bad.write_bytes(plain_pdf)
    status, (first,) = command(good)
    assert status == 0
    assert list(first) == [
        "file",
        "valid",
        "reasons",
        "signer",
        "signed_at",
        "time_stamped",
        "level",
        "provable_until",
        "sample",
        "reason",
        "paper",
        "sha256",
        "steps",
    ]
    assert (first["file"], first["valid"], first["reasons"], first["sample"]) == (str(good), True, [], True)
    assert (first["reason"], first["paper"]) == ("演示签发", None)
    assert first["signed_at"] == "2024-11-20T09:30:00+08:00"
    assert [step["ok"] for step in first["steps"]] == [True] * 8 + [None] * 2
    status, answers = command(good, bad)
    assert (status, [answer["valid"] for answer in answers]) == (1, [True, False])


def test_command_gives_a_reason_for_whatever_it_is_handed(command, one_signed, tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    empty, text, big = tmp_path / "empty.pdf", tmp_path / "text.txt", tmp_path / "big.pdf"
    empty.touch()
    text.write_text("hello")
    big.touch()
    os.truncate(big, 200 * 1024 * 1024)
    expected = {
        empty: (1, "空的"),
        text: (1, "不是 PDF"),
        tmp_path: (2, "文件夹"),
        tmp_path / "absent.pdf": (2, "读不到"),
        pipe: (2, "普通文件"),
        Path("/dev/zero"): (2, "普通文件"),
        big: (2, "100 MB"),
    }
    for file, (status, words) in expected.items():
        answered, (answer,) = command(file)
        assert (answered, answer["valid"], len(answer["reasons"])) == (status, False, 1), file
        assert words in answer["reasons"][0]
    good = tmp_path / "good.pdf"
    good.write_bytes(one_signed)
    status, answers = command(good, tmp_path / "absent.pdf", text)
    assert (status, [answer["valid"] for answer in answers]) == (2, [True, False, False])


def test_command_trusts_the_named_root_instead_of_its_own(command, one_signed, key_folder, tmp_path, at):
    file = tmp_path / "good.pdf"
    file.write_bytes(one_signed)
    make_demonstration_keys(tmp_path / "other", at)
    assert command("--root", tmp_path / "other" / "root.pem", file)[0] == 1
    assert command("--root", tmp_path / "other" / "root.pem", "--root", key_folder / "root.pem", file)[0] == 0


def test_command_without_a_root_says_so(one_signed, tmp_path, monkeypatch):
    monkeypatch.setenv("CHUDING_DATA", str(tmp_path / "nowhere"))
    file = tmp_path / "good.pdf"
    file.write_bytes(one_signed)
    done = CliRunner().invoke(verify, ["--json", str(file)])
    assert done.exit_code == 2
    answer = json.loads(done.stdout)
    assert (answer["valid"], "--root" in answer["reasons"][0]) == (False, True)


def test_command_for_people_names_each_step(one_signed, key_folder, tmp_path):
    file = tmp_path / "good.pdf"
    file.write_bytes(one_signed)
    done = CliRunner().invoke(verify, ["--root", str(key_folder / "root.pem"), str(file)])
    lines = done.stdout.splitlines()
    assert lines[0] == f"{file}: 有效 VALID"
    assert [line[2:5] for line in lines[1:9]] == [f"✓ {number}" for number in range(1, 9)]
    assert [line[2:6] for line in lines[9:11]] == ["– 9 ", "– 10"]
    assert lines[-1].strip().startswith("演示证书签发的样张")


@pytest.mark.parametrize(
    ("purpose", "sentence"),
    [
        ("certificate", None),
        ("form", "这是专业技术资格初定申报表，不是资格证书。"),
        ("letter", "这是文书，不是资格证书。"),
    ],
)
def test_command_says_what_a_paper_was_signed_as(
    command, plain_pdf, signer, key_folder, at, tmp_path, purpose, sentence
):
    """A form is as well signed as a certificate; its signature says which of the two it is, and nobody can change that."""
    file, reason = tmp_path / "paper.pdf", f"{TITLES[purpose]} ZJ-1"
    file.write_bytes(sign_pdf(plain_pdf, signer, at=at, reason=reason))
    assert [(one["valid"], one["reason"], one["paper"]) for one in command(file)[1]] == [(True, reason, purpose)]
    done = CliRunner().invoke(verify, ["--root", str(key_folder / "root.pem"), str(file)])
    assert f"签署事由 signed as: {reason}" in done.stdout
    assert ("不是资格证书" in done.stdout, (sentence or reason) in done.stdout) == (sentence is not None, True)
    told, other = TITLES[purpose].encode("utf-16-be").hex(), TITLES["document"].encode("utf-16-be").hex()
    assert told in file.read_bytes().decode("latin-1")
    file.write_bytes(file.read_bytes().replace(told.encode(), other.ljust(len(told), "0")[: len(told)].encode()))
    assert [(one["valid"], one["reason"], one["paper"]) for one in command(file)[1]] == [(False, None, None)]


def test_command_prints_no_traceback_for_mutilated_files(command, one_signed, tmp_path):
    """Pieces cut out and doubled at random: whatever the parsers meet, the answer is one object."""
    chance = random.Random(3)
    files = []
    for number in range(40):
        begin, end = sorted(chance.sample(range(len(one_signed)), 2))
        file = tmp_path / f"{number}.pdf"
        file.write_bytes(one_signed[:end] + one_signed[begin:])
        files.append(file)
    for number, (_position, _bit, flipped) in enumerate(flips(one_signed, 60, seed=9)):
        file = tmp_path / f"flipped-{number}.pdf"
        file.write_bytes(flipped)
        files.append(file)
    status, answers = command(*files)
    assert (status, {answer["valid"] for answer in answers}) == (1, {False})
    assert len(answers) == 100


def test_module_runs_without_the_site(one_signed, key_folder, tmp_path):
    """Verification stands on the smallest part of the system: no Django is imported for it."""
    file = tmp_path / "good.pdf"
    file.write_bytes(one_signed)
    code = "import sys; from chuding.paper.commands import verify; assert 'django' not in sys.modules; verify()"
    python = shutil.which("python3", path=str(Path(os.sys.executable).parent))
    words = [python, "-c", code, "--root", key_folder / "root.pem", file]
    assert subprocess.run(words, capture_output=True, check=False).returncode == 0
