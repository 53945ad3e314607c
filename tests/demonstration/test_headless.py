"""The main job in one command, as a stranger runs it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pypdfium2
import pytest

pytestmark = pytest.mark.xdist_group("headless")  # one process, so one demonstration
CHUDING = Path(sys.executable).parent / "chuding"


def text_of(pdf: Path) -> str:
    with pypdfium2.PdfDocument(pdf) as document:
        return "\n".join(page.get_textpage().get_text_range() for page in document)


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo")
    environment = os.environ | {"CHUDING_DATA": str(folder / "data"), "CHUDING_DATABASE_URL": "sqlite"}
    done = subprocess.run(
        [CHUDING, "demo", "--headless", folder / "out"], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return folder / "out"


def test_demo_leaves_six_papers_and_a_summary(out: Path) -> None:
    assert sorted(file.name for file in out.iterdir()) == [
        f"{kind}-{level}.pdf"
        for kind in ("certificate", "declaration", "document")
        for level in ("intermediate", "junior")
    ] + ["summary.json"]


def test_demo_sums_up_levels_numbers_clauses_and_verification(out: Path) -> None:
    junior, intermediate = json.loads((out / "summary.json").read_text(encoding="utf-8"))["cases"]
    assert (junior["level"], junior["clauses"], junior["document_number"]) == (
        "助理级",
        ["二(二)"],
        "镇技协〔2024〕2号",
    )
    assert (intermediate["level"], intermediate["document_number"]) == ("中级", "镇职称办〔2024〕1号")
    assert intermediate["clauses"] == ["二(三)注"]
    for case in (junior, intermediate):
        assert case["certificate_valid"] is True
        assert case["public_answer"]["standing"] == "valid"
        assert "*" in case["public_answer"]["name"]
        assert case["state"] == "issued"
        assert [text[:6] for text in case["sms"]] == ["【职称初定】"] * len(case["sms"])


def test_demo_papers_verify_by_the_command_line(out: Path) -> None:
    environment = os.environ | {"CHUDING_DATA": str(out.parent / "data")}
    kinds = ("certificate", "declaration", "document")
    files = [file for kind in kinds for file in sorted(out.glob(f"{kind}-*.pdf"))]
    done = subprocess.run(
        [CHUDING, "verify", "--json", *files], env=environment, capture_output=True, text=True, check=False
    )
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(answer["valid"], answer["sample"], answer["reasons"]) for answer in answers] == [(True, True, [])] * 6
    assert [answer["paper"] for answer in answers] == ["certificate"] * 2 + ["form"] * 2 + ["document"] * 2
    assert done.returncode == 0


def test_demo_papers_say_what_was_decided_and_that_they_are_samples(out: Path) -> None:
    cases = json.loads((out / "summary.json").read_text(encoding="utf-8"))["cases"]
    for case, key in zip(cases, ("junior", "intermediate"), strict=True):
        certificate, document = text_of(out / f"certificate-{key}.pdf"), text_of(out / f"document-{key}.pdf")
        form = text_of(out / f"declaration-{key}.pdf")
        assert case["certificate_number"] in certificate
        assert case["document_number"] in certificate.replace(" ", "")
        assert case["application_number"] in form
        for text in (certificate, document, form):
            assert "样张" in text.replace(" ", "").replace("\r\n", "")


def test_official_document_carries_no_identity_number(out: Path) -> None:
    for key in ("junior", "intermediate"):
        number = next(
            word for word in text_of(out / f"certificate-{key}.pdf").split() if len(word) == 18 and word[:6] == "321102"
        )
        assert number not in text_of(out / f"document-{key}.pdf").replace("\r\n", "")
        assert number not in (out / "summary.json").read_text(encoding="utf-8")


def test_ledger_of_the_demonstration_is_whole(out: Path) -> None:
    environment = os.environ | {"CHUDING_DATA": str(out.parent / "data"), "CHUDING_DATABASE_URL": "sqlite"}
    done = subprocess.run([CHUDING, "ledger", "verify"], env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout[:2]) == (0, "完好")
