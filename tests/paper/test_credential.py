"""The offline credential: what it says, who vouches for it, and that nothing else is ever accepted."""

from __future__ import annotations

import base64
import json
import random
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import cbor2
import pypdfium2
import pytest
import segno
from click.testing import CliRunner
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from chuding.paper import cose
from chuding.paper.commands import verify
from chuding.paper.credential import (
    Claims,
    CredentialError,
    credential_of,
    credential_url,
    holder_tag,
    make_credential,
    read_credential,
    same_holder,
    trusted_issuers,
)
from chuding.paper.keys import load_certificate, load_signer, make_demonstration_keys
from chuding.paper.status import StatusError, make_status_file, make_status_list, read_status_file, read_status_list

NUMBER = "ZJX2024200000112"
PAGE = "https://chuding.example.cn/v/7KQ2M9XD4TB6abcdefghij"
PERSON = {"name": "王晓䶮", "identity_number": "321102199605120047"}
CLAIMS = Claims(
    issuer="镇江市职工技术协会",
    number=NUMBER,
    level="助理级",
    qualification="助理工程师",
    field="机械工程/机械制造/机械设计",
    qualified_on=date(2024, 6, 20),
    approved_on=date(2024, 6, 28),
    masked_name="王**",
    holder=holder_tag(**PERSON, number=NUMBER, status_url=PAGE),
    status_url=PAGE,
    sample=True,
)


@pytest.fixture(scope="module")
def credential(signer):
    return make_credential(CLAIMS, signer)


@pytest.fixture(scope="module")
def issuers(signer):
    return signer.certificate_chain[:1]


def failed(verdict):
    assert verdict.valid is False
    assert len(verdict.reasons) == 1
    return next(step.name for step in verdict.steps if not step.ok)


def statuses(signer, at, *, revoked=(), days=7, issuer=CLAIMS.issuer):
    data = make_status_list(issuer=issuer, made_at=at, until=at + timedelta(days=days), revoked=revoked, signer=signer)
    return [read_status_list(data, signer.certificate_chain)]


def test_credential_says_what_went_in(credential, issuers, at):
    verdict = read_credential(credential, issuers, at=at)
    assert verdict.valid is True
    assert verdict.claims == CLAIMS
    assert verdict.signer == "演示协会·文件签名（样张）"
    assert verdict.revoked is None
    assert [(step.number, step.name, step.ok) for step in verdict.steps] == [
        (1, "code", True),
        (2, "form", True),
        (3, "signature", True),
        (4, "issuer", True),
        (5, "day", True),
    ]


def test_credential_is_small_and_always_the_same_bytes(credential, signer):
    assert make_credential(CLAIMS, signer) == credential
    assert 180 <= len(credential) <= 300


def test_credential_is_a_cose_sign1_that_others_can_check(credential, issuers):
    """Taken apart here by hand, after RFC 9052 4.4, with nothing of ours."""
    tag = cbor2.loads(credential)
    protected, unprotected, payload, signature = tag.value
    assert (tag.tag, unprotected, cbor2.loads(protected)[1]) == (18, {}, -7)
    signed = cbor2.dumps(["Signature1", protected, b"", payload])
    r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
    issuers[0].public_key().verify(encode_dss_signature(r, s), signed, ec.ECDSA(hashes.SHA256()))
    assert cbor2.loads(payload)[2] == NUMBER


def test_credential_address_is_capitals_for_a_compact_code(credential):
    url = credential_url("https://chuding.example.cn", credential)
    assert url.startswith("HTTPS://CHUDING.EXAMPLE.CN/V/")
    assert segno.make(url, error="m", micro=False).mode == "alphanumeric"
    assert credential_of(url) == credential_of(url.lower()) == credential_of(url.split("/V/")[1]) == credential


@pytest.mark.parametrize("origin", ["https://example.cn/初定", "https://example.cn/base", "ftp://example.cn", ""])
def test_credential_address_refuses_what_capitals_would_break(origin, credential):
    with pytest.raises(CredentialError, match="must be scheme"):
        credential_url(origin, credential)


def test_credential_tells_the_holder_from_anybody_else():
    assert same_holder(CLAIMS, **PERSON) is True
    assert same_holder(CLAIMS, name=" 王晓䶮 ", identity_number=" ３２１１０２１９９６０５１２００４７") is True
    assert same_holder(CLAIMS, name="王晓龑", identity_number=PERSON["identity_number"]) is False
    assert same_holder(CLAIMS, name=PERSON["name"], identity_number="321102199605120048") is False


def test_credential_with_a_level_unknown_is_not_made(signer):
    with pytest.raises(CredentialError, match="高级"):
        make_credential(replace(CLAIMS, level="高级"), signer)


@pytest.mark.parametrize(
    "code",
    ["", "hello", "HTTPS://X/V/", "A" * 99, "A" * 5000, "1" * 200, "HTTPS://X/V/" + "A" * 102, "\x00", "䶮" * 120],
)
def test_what_is_no_code_fails_the_first_step(code, issuers, at):
    assert failed(read_credential(code, issuers, at=at)) == "code"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xd2\x84",
        b"\x9f" * 900,
        b"\x81" * 900,
        cbor2.dumps({1: 2}),
        b"\xc0" + cbor2.dumps("2024"),
        b"\xd8\x23\x61(",
    ],
)
def test_what_is_no_message_fails_the_second_step(data, issuers, at):
    assert failed(read_credential(data, issuers, at=at)) == "form"


@pytest.mark.parametrize("flips", [10_000])
def test_credential_with_any_bit_flipped_is_refused(flips, credential, issuers, at):
    chance = random.Random(2024)
    places = {(chance.randrange(len(credential)), chance.randrange(8)) for _ in range(flips)}
    assert len(places) > 0.98 * 8 * len(credential)
    for byte, bit in places:
        bent = bytearray(credential)
        bent[byte] ^= 1 << bit
        assert read_credential(bytes(bent), issuers, at=at).valid is False


def test_credential_text_with_any_character_changed_is_refused(credential, issuers, at):
    text = base64.b32encode(credential).decode().rstrip("=")
    for place, old in enumerate(text):
        new = "A" if old != "A" else "B"
        assert read_credential(text[:place] + new + text[place + 1 :], issuers, at=at).valid is False
        assert read_credential(text[:place] + text[place + 1 :], issuers, at=at).valid is False


def test_the_other_form_of_a_signature_is_refused(credential, issuers, at):
    """ECDSA signs twice with one stroke: (r, s) and (r, n - s). Only the one that we write counts."""
    order = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
    s = int.from_bytes(credential[-32:], "big")
    assert failed(read_credential(credential[:-32] + (order - s).to_bytes(32, "big"), issuers, at=at)) == "form"


def test_an_office_that_nobody_trusts_fails_the_third_step(credential, key_folder, at):
    city = load_signer(key_folder, "city").certificate_chain[:1]
    assert failed(read_credential(credential, city, at=at)) == "signature"
    assert failed(read_credential(credential, (), at=at)) == "signature"
    assert read_credential(credential, (), at=at).claims is None


def test_claims_under_the_signature_of_another_message_fail(signer, issuers, at):
    message = cose.read(make_credential(CLAIMS, signer))
    other = cose.read(make_credential(replace(CLAIMS, qualification="工程师", level="中级"), signer))
    forged = cbor2.dumps(cbor2.CBORTag(18, [message.protected, {}, other.payload, message.signature]), canonical=True)
    assert failed(read_credential(forged, issuers, at=at)) == "signature"


def test_a_status_list_is_no_credential_and_the_other_way_round(signer, issuers, credential, at):
    data = make_status_list(issuer=CLAIMS.issuer, made_at=at, until=at, revoked=(), signer=signer)
    assert failed(read_credential(data, issuers, at=at)) == "form"
    with pytest.raises(StatusError, match="not a status list"):
        read_status_list(credential, issuers)


def test_days_outside_the_issuers_certificate_or_in_the_future_fail(signer, issuers, at):
    before = replace(CLAIMS, approved_on=date(2023, 12, 31))
    assert failed(read_credential(make_credential(before, signer), issuers, at=at)) == "issuer"
    after = replace(CLAIMS, approved_on=date(2099, 1, 1))
    assert failed(read_credential(make_credential(after, signer), issuers, at=at)) == "issuer"
    today = at.date()
    assert read_credential(make_credential(replace(CLAIMS, approved_on=today), signer), issuers, at=at).valid is True
    tomorrow = replace(CLAIMS, approved_on=today + timedelta(days=1))
    assert failed(read_credential(make_credential(tomorrow, signer), issuers, at=at)) == "day"


def test_day_of_issue_counts_where_the_approval_is_older_than_the_key(signer, issuers, at):
    """A replacement keeps the day of approval, and its key may be younger."""
    older = replace(CLAIMS, approved_on=date(2023, 12, 31), qualified_on=date(2023, 12, 1))
    assert failed(read_credential(make_credential(older, signer), issuers, at=at)) == "issuer"
    issued = replace(older, issued_on=at.date())
    verdict = read_credential(make_credential(issued, signer), issuers, at=at)
    assert (verdict.valid, verdict.claims) == (True, issued)
    future = replace(older, issued_on=at.date() + timedelta(days=1))
    assert failed(read_credential(make_credential(future, signer), issuers, at=at)) == "day"
    for not_later in (older.approved_on, older.approved_on - timedelta(days=1)):
        data = make_credential(replace(older, issued_on=not_later), signer)
        assert failed(read_credential(data, issuers, at=at)) == "form"


def test_a_demonstration_key_vouches_for_samples_only(signer, issuers, at):
    assert failed(read_credential(make_credential(replace(CLAIMS, sample=False), signer), issuers, at=at)) == "issuer"


def test_an_authority_is_no_issuer(key_folder, signer):
    root = load_certificate(key_folder / "root.pem")
    assert trusted_issuers(signer.certificate_chain, [root]) == signer.certificate_chain[:1]
    assert trusted_issuers(signer.certificate_chain[:1], [root]) == ()
    assert trusted_issuers((), [root]) == ()


def test_issuers_of_another_root_are_not_trusted(signer, tmp_path, at):
    make_demonstration_keys(tmp_path / "other", at)
    assert trusted_issuers(signer.certificate_chain, [load_certificate(tmp_path / "other" / "root.pem")]) == ()


def test_status_list_shows_what_was_revoked(credential, issuers, signer, at):
    clean = read_credential(credential, issuers, at=at, status=statuses(signer, at, revoked=["https://x/v/1"]))
    assert (clean.valid, clean.revoked, clean.status_at) == (True, False, at.astimezone(UTC))
    gone = read_credential(credential, issuers, at=at, status=statuses(signer, at, revoked=["https://x/v/1", PAGE]))
    assert (failed(gone), gone.revoked) == ("status", True)
    assert gone.reasons == ("这张证书已被撤销。The certificate has been revoked.",)


def test_status_list_that_is_old_knows_a_revocation_but_nothing_good(credential, issuers, signer, at):
    later = at + timedelta(days=8)
    old = read_credential(credential, issuers, at=later, status=statuses(signer, at))
    assert (failed(old), old.revoked) == ("status", None)
    gone = read_credential(credential, issuers, at=later, status=statuses(signer, at, revoked=[PAGE]))
    assert (failed(gone), gone.revoked) == ("status", True)


def test_status_list_of_another_issuer_answers_nothing(credential, issuers, signer, at):
    verdict = read_credential(credential, issuers, at=at, status=statuses(signer, at, issuer="别的机关"))
    assert (failed(verdict), verdict.revoked) == ("status", None)
    assert failed(read_credential(credential, issuers, at=at, status=[])) == "status"


def test_newest_of_several_status_lists_counts(credential, issuers, signer, at):
    lists = statuses(signer, at + timedelta(hours=1), revoked=[PAGE]) + statuses(signer, at)
    assert read_credential(credential, issuers, at=at + timedelta(hours=2), status=lists).revoked is True


def test_status_list_names_nobody(signer, at):
    data = make_status_list(issuer="甲", made_at=at, until=at, revoked=[PAGE, PAGE, "b"], signer=signer)
    assert PAGE.encode() not in data
    assert len(read_status_list(data, signer.certificate_chain).digests) == 2


@pytest.mark.parametrize("flips", [2_000])
def test_status_list_with_any_bit_flipped_is_refused(flips, signer, at):
    data = make_status_list(issuer="甲", made_at=at, until=at, revoked=[PAGE], signer=signer)
    chance = random.Random(2024)
    for _ in range(flips):
        bent = bytearray(data)
        bent[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        with pytest.raises(StatusError):
            read_status_list(bytes(bent), signer.certificate_chain)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{}",
        b"[]",
        b'{"format": "chuding-status-1"}',
        b"\xff",
        b"[" * 90_000,
        b'{"format":"chuding-status-1","lists":[1],"certificates":[]}',
    ],
)
def test_what_is_no_status_file_is_refused_in_words(content, signer):
    with pytest.raises(StatusError, match="状态表"):
        read_status_file(content, signer.certificate_chain)


# ---- the command line ----


@pytest.fixture
def ask(key_folder):
    def run(*arguments, **more):
        return CliRunner().invoke(verify, ["--root", str(key_folder / "root.pem"), "--offline", *arguments], **more)

    return run


@pytest.fixture(scope="module")
def now_signed(signer):
    """The command asks the real clock, so the day is today's."""
    return make_credential(replace(CLAIMS, approved_on=datetime.now(UTC).date() - timedelta(days=1)), signer)


def test_command_reads_the_code_as_text(ask, now_signed):
    result = ask("--json", credential_url("https://chuding.example.cn", now_signed))
    answer = json.loads(result.output)
    assert (result.exit_code, answer["valid"], answer["revoked"]) == (0, True, None)
    assert answer["claims"]["number"] == NUMBER


@pytest.mark.parametrize("kind", ["png", "pdf"])
def test_command_reads_the_code_from_a_picture_and_a_page(kind, ask, now_signed, tmp_path):
    file = tmp_path / f"code.{kind}"
    code = segno.make(credential_url("https://chuding.example.cn", now_signed), error="m", micro=False)
    code.save(file, scale=4) if kind == "png" else code.save(file, kind="pdf", scale=2)
    result = ask(str(file))
    assert result.exit_code == 0, result.output
    assert "有效 VALID" in result.output
    assert "不知道" in result.output


def test_command_looks_the_certificate_up_in_a_status_file(ask, now_signed, signer, tmp_path):
    now = datetime.now(UTC)
    file = tmp_path / "status.json"
    for revoked, status, word in (([], 0, "没有撤销 not revoked"), ([PAGE], 1, "已撤销 REVOKED")):
        made = make_status_list(
            issuer=CLAIMS.issuer, made_at=now, until=now + timedelta(days=7), revoked=revoked, signer=signer
        )
        file.write_bytes(make_status_file([made], signer.certificate_chain[:-1]))
        result = ask("--status", str(file), credential_url("https://chuding.example.cn", now_signed))
        assert (result.exit_code, word in result.output) == (status, True)


def test_command_needs_no_folder_of_keys_beside_the_root(now_signed, key_folder, signer, tmp_path):
    """Root and status file are enough on any machine: the file carries the issuer's certificate."""
    now = datetime.now(UTC)
    (tmp_path / "root.pem").write_bytes((key_folder / "root.pem").read_bytes())
    made = make_status_list(issuer=CLAIMS.issuer, made_at=now, until=now + timedelta(days=1), revoked=(), signer=signer)
    (tmp_path / "status.json").write_bytes(make_status_file([made], signer.certificate_chain[:-1]))
    arguments = ["--root", str(tmp_path / "root.pem"), "--offline", base64.b32encode(now_signed).decode().rstrip("=")]
    assert CliRunner().invoke(verify, arguments).exit_code == 1
    assert CliRunner().invoke(verify, [*arguments, "--status", str(tmp_path / "status.json")]).exit_code == 0


@pytest.mark.parametrize(("name", "status"), [("王晓䶮", 0), ("王晓龑", 1)])
def test_command_asks_for_the_person_and_compares(name, status, ask, now_signed):
    url = credential_url("https://chuding.example.cn", now_signed)
    result = ask("--holder", url, input=f"{name}\n{PERSON['identity_number']}\n")
    assert result.exit_code == status
    assert PERSON["identity_number"] not in result.output


@pytest.mark.parametrize("name", ["missing.png", "text.png", "empty.pdf", "blank.png"])
def test_command_says_in_words_what_it_cannot_read(name, ask, tmp_path):
    if name == "blank.png":
        bitmap = pypdfium2.PdfBitmap.new_native(40, 40, 4)
        bitmap.to_pil().convert("L").save(tmp_path / name)
    elif name != "missing.png":
        (tmp_path / name).write_bytes(b"hello" if name == "text.png" else b"%PDF-1.7\n")
    result = ask(str(tmp_path / name))
    assert result.exit_code == 2
    assert "请" in result.output


def test_command_refuses_half_an_order(key_folder):
    result = CliRunner().invoke(verify, ["--holder", "x.pdf", "--root", str(key_folder / "root.pem")])
    assert result.exit_code == 2
    assert "--offline" in result.output
