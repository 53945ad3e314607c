"""Time stamps on a signature and around the file: B-T, B-LT, B-LTA, and what a stranger might hang behind them."""

from __future__ import annotations

import asyncio
import random
import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from io import BytesIO

import page
import papers
import pikepdf
import pytest
from asn1crypto import keys as asn1_keys
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.timestamps.dummy_client import DummyTimeStamper

from chuding.connectors.timestamp import DemonstrationTimeStamping, make_token
from chuding.paper.archive import archive, layers, stamped_until
from chuding.paper.increment import SignError
from chuding.paper.keys import load_certificate, make_demonstration_keys, revoke
from chuding.paper.sign import sign_pdf
from chuding.paper.stamps import StampError
from chuding.paper.verify import verify_pdf

SECOND, DAY = timedelta(seconds=1), timedelta(days=1)
POLICY = "1.2.3"


class Authority:
    """A time-stamp authority under the demonstration's issuing authority, with a life and a key of its own choosing."""

    def __init__(self, folder, since, until, *, purpose=ExtendedKeyUsageOID.TIME_STAMPING):
        self.key = ec.generate_private_key(ec.SECP256R1())
        own = certificate(folder, self.key.public_key(), since, until, purpose)
        self.certificate_chain = (own, load_certificate(folder / "issuing.pem"), load_certificate(folder / "root.pem"))
        self.revocation_lists = DemonstrationTimeStamping(str(folder)).revocation_lists

    def stamp(self, digest, *, at):
        return make_token(digest, at=at, certificate=self.certificate_chain[0], key=self.key, policy=POLICY)


class RsaAuthority(Authority):
    """The same with RSA, its tokens made by pyHanko's test client: an implementation nobody here wrote."""

    def __init__(self, folder, since, until):
        super().__init__(folder, since, until)
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        own = certificate(folder, key.public_key(), since, until)
        self.certificate_chain = (own, *self.certificate_chain[1:])
        form = (serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        self._parts = (
            asn1_x509.Certificate.load(own.public_bytes(serialization.Encoding.DER)),
            asn1_keys.PrivateKeyInfo.load(key.private_bytes(*form)),
        )

    def stamp(self, digest, *, at):
        made = DummyTimeStamper(*self._parts, fixed_dt=at, include_nonce=False)
        return asyncio.run(made.async_timestamp(digest, "sha256")).dump()


def certificate(folder, public, since, until, purpose=ExtendedKeyUsageOID.TIME_STAMPING):
    issuing = load_certificate(folder / "issuing.pem")
    key = serialization.load_pem_private_key((folder / "issuing-key.pem").read_bytes(), None)
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "时间戳（样张）")]))
        .issuer_name(issuing.subject)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(since)
        .not_valid_after(until)
        .add_extension(x509.ExtendedKeyUsage([purpose]), critical=True)
        .sign(key, hashes.SHA256())
    )


@pytest.fixture(scope="module")
def stamper(key_folder):
    return DemonstrationTimeStamping(str(key_folder))


@pytest.fixture(scope="module", params=["plain_pdf", "packed_pdf"])
def unsigned(request):
    return request.getfixturevalue(request.param)


@pytest.fixture(scope="module")
def stamped(unsigned, signer, stamper, at):
    return sign_pdf(unsigned, signer, at=at, reason="演示签发", time_stamper=stamper)


@pytest.fixture(scope="module")
def archived(stamped, stamper, at):
    return archive(stamped, stamper, at=at + SECOND)


def failed_step(pdf, roots, at):
    verdict = verify_pdf(pdf, roots, at=at)
    assert verdict.valid is False
    return next(step.name for step in verdict.steps if step.ok is False)


def answers(pdf, root, at):
    verdict = verify_pdf(pdf, [root], at=at)
    return verdict.valid, [step.ok for step in verdict.steps[8:]], verdict.level


def test_time_stamp_gives_the_time_of_somebody_else(stamped, root, at):
    verdict = verify_pdf(stamped, [root], at=at + DAY)
    assert (verdict.valid, verdict.level, verdict.time_stamped, verdict.signed_at) == (True, "B-LT", True, at)
    assert [step.ok for step in verdict.steps] == [True] * 9 + [None]
    assert "/ByteRange" in stamped.decode("latin-1")
    assert stamped.count(b"/ByteRange") == 1


def test_archive_time_stamp_covers_the_whole_file(archived, stamped, root, at, stamper):
    assert archived.startswith(stamped)
    verdict = verify_pdf(archived, [root], at=at + DAY)
    assert (verdict.valid, verdict.level) == (True, "B-LTA")
    assert [step.ok for step in verdict.steps] == [True] * 10
    assert verdict.provable_until == stamper.certificate_chain[0].not_valid_after_utc
    (layer,) = layers(archived, len(stamped))
    assert (layer.start, layer.stop, stamped_until(layer.stamp.certificate)) == (
        len(stamped),
        len(archived),
        verdict.provable_until,
    )


def test_archive_is_renewed_on_top(archived, stamped, key_folder, root, at):
    later = at + 3000 * DAY
    younger = Authority(key_folder, later - DAY, later + 3000 * DAY)
    renewed = archive(archived, younger, at=later)
    assert renewed.startswith(archived)
    verdict = verify_pdf(renewed, [root], at=later + DAY)
    assert (verdict.valid, verdict.level, verdict.signed_at) == (True, "B-LTA", at)
    assert verdict.provable_until == younger.certificate_chain[0].not_valid_after_utc
    assert len(layers(renewed, len(stamped))) == 2


def test_same_questions_give_the_same_bytes(unsigned, stamped, archived, signer, stamper, at):
    again = sign_pdf(unsigned, signer, at=at, reason="演示签发", time_stamper=stamper)
    assert (again, archive(again, stamper, at=at + SECOND)) == (stamped, archived)


def test_authority_with_an_rsa_key_and_somebody_elses_code(plain_pdf, signer, key_folder, root, at):
    authority = RsaAuthority(key_folder, at - DAY, at + DAY)
    signed = archive(
        sign_pdf(plain_pdf, signer, at=at, reason="x", time_stamper=authority), authority, at=at + 2 * SECOND
    )
    verdict = verify_pdf(signed, [root], at=at + DAY)
    assert (verdict.valid, verdict.level, verdict.signed_at) == (True, "B-LTA", at), verdict.reasons


def test_renewal_that_came_too_late_keeps_no_proof(plain_pdf, signer, key_folder, root, at):
    short = Authority(key_folder, at - DAY, at + DAY)
    signed = archive(sign_pdf(plain_pdf, signer, at=at, reason="x", time_stamper=short), short, at=at)
    late = archive(signed, Authority(key_folder, at, at + 9 * DAY), at=at + 2 * DAY)
    assert failed_step(late, [root], at + 3 * DAY) == "long_term"
    assert answers(signed, root, at + 3 * DAY) == (True, [True, True], "B-LTA")


def test_authority_of_another_root_must_be_trusted_for_time(plain_pdf, signer, root, at, tmp_path):
    make_demonstration_keys(tmp_path / "other", at)
    other = DemonstrationTimeStamping(str(tmp_path / "other"))
    signed = archive(sign_pdf(plain_pdf, signer, at=at, reason="x", time_stamper=other), other, at=at)
    assert verify_pdf(signed, [root], at=at + DAY).valid is False
    trusted = verify_pdf(signed, [root], at=at + DAY, time_roots=[load_certificate(tmp_path / "other" / "root.pem")])
    assert (trusted.valid, trusted.level) == (True, "B-LTA")


def test_root_trusted_for_time_vouches_for_no_document(stamped, at, root, tmp_path):
    verdict = verify_pdf(stamped, [], at=at + DAY, time_roots=[root])
    assert (verdict.valid, [step.ok for step in verdict.steps].index(False)) == (False, 5)


def test_revoked_authority_is_not_believed(plain_pdf, signer, key_folder, root, at, tmp_path):
    folder = shutil.copytree(key_folder, tmp_path / "keys")
    revoke(folder, "time", at - DAY)
    gone = DemonstrationTimeStamping(str(folder))
    signed = sign_pdf(plain_pdf, signer, at=at, reason="x", time_stamper=gone)
    assert verify_pdf(signed, [root], at=at + DAY).valid is False


def test_clock_set_back_is_seen_against_the_stamp(plain_pdf, signer, stamper, root, at):
    class Honest:
        certificate_chain, revocation_lists = stamper.certificate_chain, stamper.revocation_lists

        def stamp(self, digest, *, at):
            return stamper.stamp(digest, at=at + 30 * DAY)

    signed = sign_pdf(plain_pdf, signer, at=at, reason="x", time_stamper=Honest())
    assert failed_step(signed, [root], at + 31 * DAY) == "time_stamp"


@pytest.mark.parametrize(
    ("bend", "sentence"),
    [
        (lambda a, d, at: a.stamp(bytes(32), at=at), "something else"),
        (lambda a, d, at: a.stamp(d, at=at)[:-9], "cannot be read"),
        (lambda a, d, at: a.stamp(d, at=at) + b"\0", "cannot be read|does not protect"),
        (lambda a, d, at: a.stamp(d, at=at)[:-3] + b"\0\0\0", "does not hold|cannot be read"),
        (lambda a, d, at: a.stamp(d, at=at + 999 * 9 * DAY), "not valid at that time"),
    ],
)
def test_token_that_is_not_as_asked_is_never_put_into_a_file(plain_pdf, signer, stamper, at, bend, sentence):
    class Bent:
        certificate_chain, revocation_lists = stamper.certificate_chain, stamper.revocation_lists

        def stamp(self, digest, *, at):
            return bend(stamper, digest, at)

    with pytest.raises(StampError, match=sentence):
        sign_pdf(plain_pdf, signer, at=at, reason="x", time_stamper=Bent())
    signed = sign_pdf(plain_pdf, signer, at=at, reason="x")
    with pytest.raises(StampError, match=sentence):
        archive(signed, Bent(), at=at)


def test_key_for_something_else_stamps_no_time(plain_pdf, signer, key_folder, at, stamper):
    wrong = Authority(key_folder, at - DAY, at + DAY, purpose=ExtendedKeyUsageOID.CODE_SIGNING)
    with pytest.raises(StampError, match="not for time stamping"):
        sign_pdf(plain_pdf, signer, at=at, reason="x", time_stamper=wrong)
    mixed = Authority(key_folder, at - DAY, at + DAY)
    mixed.certificate_chain = stamper.certificate_chain
    other = Authority(key_folder, at - DAY, at + DAY)
    mixed.stamp = other.stamp
    with pytest.raises(StampError, match="another authority"):
        sign_pdf(plain_pdf, signer, at=at, reason="x", time_stamper=mixed)


def test_unsigned_file_is_not_archived(plain_pdf, stamper, at):
    with pytest.raises(SignError, match="only a file that is signed"):
        archive(plain_pdf, stamper, at=at)


def without_time(pdf, signer, at):
    return sign_pdf(pdf, signer, at=at, reason="x")


def test_archive_around_a_signature_without_a_stamp_has_no_beginning(plain_pdf, signer, stamper, root, at):
    """Its first time stamp is younger than the signature's own word: nothing says that the signature stood then."""
    assert failed_step(archive(without_time(plain_pdf, signer, at), stamper, at=at), [root], at + DAY) == "long_term"


# ---- the shadow corpus: what a stranger hangs behind a genuine file ----


def by_a_writer(pdf, change):
    writer = IncrementalPdfFileWriter(BytesIO(pdf))
    change(writer)
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def new_language(writer):
    writer.root["/Lang"] = writer.root["/Lang"].__class__("xx")
    writer.update_root()


def second_page(writer):
    writer.root["/Pages"]["/Kids"].append(writer.root["/Pages"]["/Kids"][0])
    writer.update_container(writer.root["/Pages"]["/Kids"])


def overlay(writer):
    """New content over the first page: the classical shadow."""
    first = writer.root["/Pages"]["/Kids"][0].get_object()
    del first["/Contents"]
    writer.update_container(first)


def hostile_layer(pdf, stamper, at):
    """The archive increment with one more object in it, stamped anew by the same honest authority."""
    honest = archive(pdf, stamper, at=at)
    bent = pdf + honest[len(pdf) :].replace(b"/SigFlags 3", b"/SigFlags 1")
    assert bent != honest
    (layer,) = layers(honest, len(pdf))
    begin, end, stop = layer.begin, layer.end, layer.stop
    token = stamper.stamp(_digest(bent[:begin] + bent[end:stop]), at=at)
    return bent[: begin + 1] + token.hex().encode() + bent[begin + 1 + 2 * len(token) :]


def _digest(data):
    digest = hashes.Hash(hashes.SHA256())
    digest.update(data)
    return digest.finalize()


def resaved(pdf, **how):
    out = BytesIO()
    with pikepdf.open(BytesIO(pdf)) as document:
        document.save(out, **how)
    return out.getvalue()


def test_nothing_else_may_stand_behind_a_signed_file(stamped, archived, root, at, stamper):
    corpus = {
        "lang": lambda pdf: by_a_writer(pdf, new_language),
        "page": lambda pdf: by_a_writer(pdf, second_page),
        "overlay": lambda pdf: by_a_writer(pdf, overlay),
        "junk": lambda pdf: pdf + b"% junk\n",
        "zeros": lambda pdf: pdf + b"\0" * 64,
        "doubled": lambda pdf: pdf + pdf,
        "cut": lambda pdf: pdf[:-1],
        "cut at a revision and a bit": lambda pdf: pdf[: len(stamped) + 1],
        "resaved": resaved,
        "linearized": lambda pdf: resaved(pdf, linearize=True),
        "foreign layer": lambda pdf: by_a_writer(pdf, new_language) + pdf[len(stamped) :],
    }
    later = at + DAY
    accepted = [
        (name, kind)
        for kind, pdf in (("B-LT", stamped), ("B-LTA", archived))
        for name, change in corpus.items()
        if change(pdf) not in (stamped, archived) and verify_pdf(change(pdf), [root], at=later).valid
    ]
    assert accepted == []
    # Which of the two steps comes first depends on the lengths of what was stamped.
    assert failed_step(hostile_layer(stamped, stamper, at), [root], later) in {"no_change", "whole_file"}


def test_no_parser_meets_what_a_stranger_stamped_behind_a_genuine_file(stamped, root, at, tmp_path, monkeypatch):
    """Anybody can have anything stamped: neither pikepdf nor pyHanko opens it before it is known to be ours."""
    make_demonstration_keys(tmp_path / "other", at)
    hostile = hostile_layer(stamped, DemonstrationTimeStamping(str(tmp_path / "other")), at)
    opened = []
    real = pikepdf.open
    monkeypatch.setattr("pikepdf.open", lambda file, **how: opened.append(file.getvalue()) or real(file, **how))
    assert failed_step(hostile, [root], at + DAY) in {"no_change", "whole_file"}
    assert set(opened) <= {stamped}


def test_archive_taken_off_leaves_the_signature(archived, stamped, root, at):
    """The holder's older copy stays good: it is the beginning of the younger one."""
    assert answers(archived[: len(stamped)], root, at + DAY) == (True, [True, None], "B-LT")


def test_no_flipped_bit_of_an_archived_file_is_valid(archived, stamped, root, at):
    chance = random.Random(len(archived))
    places = [(chance.randrange(len(archived)), 1 << chance.randrange(8)) for _ in range(150)]
    for start in (archived.index(b"/Contents<") + 10, archived.rindex(b"/Contents<") + 10):
        places += [(place, 1) for place in range(start, archived.index(b">", start), 41)]
    for place, bit in places:
        flipped = bytearray(archived)
        flipped[place] ^= bit
        assert not verify_pdf(bytes(flipped), [root], at=at + DAY).valid, (place, bit)


# ---- verifiers nobody here wrote ----


def test_archived_file_passes_qpdf_and_keeps_its_standards_but_one(unsigned, stamped, archived, tmp_path):
    """PDF/A-2 wants a signature over the whole file, and PAdES B-LTA appends to it: see docs/adr/0006. B-LT keeps both."""
    path = tmp_path / "archived.pdf"
    path.write_bytes(archived)
    done = subprocess.run(["qpdf", "--check", path], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    for profile in (page.ValidationProfile.PDF_A_2A, page.ValidationProfile.PDF_UA_1):
        found = [papers.violations(pdf, profile) for pdf in (unsigned, stamped, archived)]
        assert found[1] == found[0]
        assert [said for said in found[2] if "SIGNATURE-BYTERANGE-001" not in said] == found[0]


@pytest.mark.skipif(not shutil.which("pdfsig"), reason="pdfsig (poppler-utils) is not installed")
def test_poppler_finds_the_signature_valid_and_the_stamp_around_it(archived, tmp_path):
    path = tmp_path / "archived.pdf"
    path.write_bytes(archived)
    said = subprocess.run(["pdfsig", "-nocert", path], capture_output=True, text=True, check=False).stdout
    assert said.count("Signature Validation: Signature is Valid.") == 1
    assert said.count("Total document signed") == 1
    assert said.index("Field Name: Archive1") < said.index("- Total document signed")


def test_moment_is_told_in_utc_whole_seconds(stamper, stamped, archived, at):
    (layer,) = layers(archived, len(stamped))
    assert layer.stamp.moment == (at + SECOND).astimezone(UTC)
    assert datetime.fromisoformat(layer.stamp.moment.isoformat()).utcoffset() == timedelta(0)
