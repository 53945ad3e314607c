"""Every paper of the gallery, its hardest data included, before witnesses that nobody here wrote."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path

import page
import papers
import pytest
from click.testing import CliRunner

from chuding.accounts.names import LONGEST
from chuding.connectors.timestamp import DemonstrationTimeStamping
from chuding.paper import gallery
from chuding.paper.keys import load_certificate, load_signer, make_demonstration_keys
from chuding.paper.letters import TEMPLATES
from chuding.paper.sign import sign_pdf
from chuding.paper.verify import verify_pdf

_FOLDER = tempfile.TemporaryDirectory(prefix="chuding-gallery-")
KEYS = Path(_FOLDER.name) / "keys"
make_demonstration_keys(KEYS, gallery.AT)
SHOWN = dict(gallery.papers_shown(load_signer(KEYS, "association")))
# More than a thousand rows are PDF/A-2b without tags (documents.md A).
UNTAGGED = {"document-5000"}


@cache
def made(name):
    return SHOWN[name](papers.typesetter())


@pytest.fixture(scope="module")
def poppler(tmp_path_factory):
    return papers.pdfsig_with(KEYS / "root.pem", tmp_path_factory.mktemp("nss"))


@pytest.mark.parametrize("name", sorted(SHOWN))
def test_every_paper_is_sound_archivable_and_carries_its_fonts(name, tmp_path):
    pdf = made(name)
    assert "No syntax or stream encoding errors found" in papers.run("qpdf", pdf, tmp_path, "--check")
    rows = [line.split() for line in papers.run("pdffonts", pdf, tmp_path).splitlines()[2:]]
    assert rows
    assert {tuple(row[-5:-2]) for row in rows} == {("yes", "yes", "yes")}
    standards = page.ValidationProfile
    profiles = (standards.PDF_A_2B,) if name in UNTAGGED else (standards.PDF_A_2A, standards.PDF_UA_1)
    assert papers.violations(pdf, *profiles) == []


@pytest.mark.parametrize("name", sorted(SHOWN))
def test_every_paper_signed_and_time_stamped_is_trusted_by_poppler(name, poppler):
    """As certificates are issued, at B-LT with the revocation lists inside; `verify_pdf` and NSS agree."""
    stamper = DemonstrationTimeStamping(str(KEYS))
    signer = load_signer(KEYS, "association")
    signed = sign_pdf(made(name), signer, at=gallery.AT, reason="演示签发", time_stamper=stamper)
    verdict = verify_pdf(signed, [load_certificate(KEYS / "root.pem")], at=gallery.AT)
    assert (verdict.valid, verdict.level) == (True, "B-LT")
    assert papers.TRUSTED - set(poppler(signed)) == set()
    assert "- Signature Validation: Digest Mismatch." in poppler(signed.replace(b"D:2024", b"D:2023", 1))


def test_gallery_shows_every_kind_of_paper_and_the_longest_name():
    kinds = {name.split("-")[0] for name in SHOWN}
    assert kinds == {"certificate", "declaration", "document", "verdict", *TEMPLATES.values()}
    assert len(gallery.LONGEST_NAME) == LONGEST
    long = [name for name in SHOWN if name.endswith("-long") and not name.startswith("verdict")]
    assert len(long) >= 8
    for name in long:
        assert gallery.LONGEST_NAME in papers.pdfium_text(made(name)), name


@pytest.mark.parametrize("name", ["certificate-long", "certificate-copy-long", "certificate-bare", "verdict-long"])
def test_paper_of_one_sheet_stays_on_one(name):
    assert papers.page_count(made(name)) == 1


def test_gallery_writes_papers_and_pictures(tmp_path, monkeypatch):
    """The usual, the longest and the barest data of each; every picture that was promised."""
    monkeypatch.setenv("CHUDING_DATA", papers._FOLDER.name)
    out = tmp_path / "out"
    for word in ("usual", "long", "one"):
        result = CliRunner().invoke(gallery.gallery, [str(out), "--only", word])
        assert result.exit_code == 0, result.output
    wanted = [name for name in SHOWN if any(word in name for word in ("usual", "long", "one"))]
    assert sorted(file.stem for file in out.glob("*.pdf")) == sorted(wanted)
    for name in wanted:
        count = papers.page_count((out / f"{name}.pdf").read_bytes())
        pictures = {file.name for file in out.glob(f"{name}-[0-9]*.png")}
        assert pictures == {f"{name}-{n}.png" for n in {1, min(2, count), min(3, count), count}}
        assert all((out / each).read_bytes().startswith(b"\x89PNG") for each in pictures)
