from __future__ import annotations

import hashlib
import re
import subprocess
from datetime import datetime, timedelta
from io import BytesIO

import page
import papers
import pikepdf
import pytest
from pyhanko.pdf_utils.reader import PdfFileReader

from chuding.paper.sign import SignError, sign_pdf


@pytest.fixture(params=["plain_pdf", "packed_pdf"])
def unsigned(request):
    return request.getfixturevalue(request.param)


@pytest.fixture
def signed(unsigned, signer, at):
    return sign_pdf(unsigned, signer, at=at, reason="演示签发")


def test_signing_appends_and_never_rewrites(unsigned, signed):
    assert signed.startswith(unsigned)
    assert signed.endswith(b"%%EOF\n")
    assert signed.count(b"/ByteRange") == 1


def test_signing_twice_gives_the_same_bytes(unsigned, signed, signer, at):
    assert sign_pdf(unsigned, signer, at=at, reason="演示签发") == signed
    assert sign_pdf(unsigned, signer, at=at + timedelta(seconds=1), reason="演示签发") != signed


def test_range_leaves_out_nothing_but_the_signature(signed):
    spans = [int(number) for number in re.search(rb"/ByteRange\[([\d ]+)\]", signed)[1].split()]
    assert spans[0] == 0
    assert spans[2] + spans[3] == len(signed)
    assert re.fullmatch(rb"<[0-9a-f]+>", signed[spans[1] : spans[2]])


def test_dictionary_says_what_pades_asks_for(signed):
    with pikepdf.open(BytesIO(signed)) as document:
        field = document.Root.AcroForm.Fields[0]
        signature = document.Root.Perms.DocMDP
        assert (field.T, field.FT, field.F, list(field.Rect)) == ("Seal", "/Sig", 132, [-1, -1, -1, -1])
        assert signature.objgen == field.V.objgen
        assert signature.SubFilter == "/ETSI.CAdES.detached"
        assert str(signature.M) == "D:20241120093000+08'00'"
        assert str(signature.Reason) == "演示签发"
        assert signature.Reference[0].TransformParams.P == 1
        assert document.Root.AcroForm.SigFlags == 3
        assert (len(document.Root.DSS.Certs), len(document.Root.DSS.CRLs)) == (3, 2)
        assert len(document.pages[0].Annots) == 2
        assert document.get_warnings() == []


def test_signature_has_no_signing_time_attribute_as_pades_demands(signed):
    (embedded,) = PdfFileReader(BytesIO(signed)).embedded_signatures
    attributes = [attribute["type"].native for attribute in embedded.signer_info["signed_attrs"]]
    assert sorted(attributes) == ["content_type", "message_digest", "signing_certificate_v2"]


def test_certificate_with_a_seal_name_of_its_own(plain_pdf, signer, at):
    signed = sign_pdf(plain_pdf, signer, at=at, reason="x", field="CitySeal")
    with pikepdf.open(BytesIO(signed)) as document:
        assert document.Root.AcroForm.Fields[0].T == "CitySeal"


def test_file_without_annotations_or_identifier_can_be_signed(signer, at):
    out = BytesIO()
    with pikepdf.new() as document:
        document.add_blank_page()
        document.save(out, static_id=True)
    bare = re.sub(rb" /ID \[[^\]]*\]", b"", out.getvalue())
    assert b"/ID" not in bare
    with pikepdf.open(BytesIO(sign_pdf(bare, signer, at=at, reason="x"))) as document:
        assert bytes(document.trailer.ID[0]).hex() == hashlib.sha256(bare).hexdigest()[:32]


def test_signed_file_passes_qpdf(signed, tmp_path):
    path = tmp_path / "signed.pdf"
    path.write_bytes(signed)
    done = subprocess.run(["qpdf", "--check", path], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.fixture(scope="module")
def poppler(key_folder, tmp_path_factory):
    """What `pdfsig` says of a file: a verifier nobody here wrote, with a trust store (NSS) of its own."""
    return papers.pdfsig_with(key_folder / "root.pem", tmp_path_factory.mktemp("nss"))


def test_signed_file_is_trusted_by_poppler_and_nss(signed, poppler):
    assert papers.TRUSTED - set(poppler(signed)) == set()
    assert "- Signature Validation: Digest Mismatch." in poppler(signed.replace(b"D:2024", b"D:2023"))


@pytest.mark.parametrize("profile", [page.ValidationProfile.PDF_A_2A, page.ValidationProfile.PDF_UA_1])
def test_signed_file_keeps_its_standards(plain_pdf, signer, at, profile):
    """What the typesetter promised (PDF/A-2a, PDF/UA-1) still holds, says a validator nobody here wrote."""
    signed = sign_pdf(plain_pdf, signer, at=at, reason="演示签发")
    for pdf in (plain_pdf, signed):
        assert papers.violations(pdf, profile) == []


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (lambda pdf: b"", "does not end like a PDF"),
        (lambda pdf: b"no PDF at all", "does not end like a PDF"),
        (lambda pdf: pdf[:-40], "does not end like a PDF"),
        (lambda pdf: pdf.replace(b"startxref\n", b"startxref\n9"), "damaged"),
    ],
)
def test_damaged_file_is_refused(plain_pdf, signer, at, spoil, sentence):
    with pytest.raises(SignError, match=sentence):
        sign_pdf(spoil(plain_pdf), signer, at=at, reason="x")


def test_signed_file_is_not_signed_again(signed, signer, at):
    with pytest.raises(SignError, match="signature already"):
        sign_pdf(signed, signer, at=at, reason="x")


def test_encrypted_file_is_refused(plain_pdf, signer, at):
    out = BytesIO()
    with pikepdf.open(BytesIO(plain_pdf)) as document:
        document.save(out, encryption=pikepdf.Encryption(owner="x", user=""))
    with pytest.raises(SignError, match="encrypted"):
        sign_pdf(out.getvalue(), signer, at=at, reason="x")


def test_naive_time_is_a_mistake_of_the_caller(plain_pdf, signer):
    with pytest.raises(ValueError, match="aware"):
        sign_pdf(plain_pdf, signer, at=datetime(2024, 1, 1), reason="x")
