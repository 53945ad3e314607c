"""Redacted copies: what is hidden is nowhere in the file, and the copy is verified as what it is."""

from __future__ import annotations

from datetime import timedelta

import papers
import pytest
from django.utils import timezone

from chuding.applications.workflow import State
from chuding.certificates import copies
from chuding.certificates.models import Certificate, RedactedCopy
from chuding.certificates.verification import check_file
from chuding.decisions.services import revocations
from chuding.ledger.record import entries_about
from chuding.paper.scan import codes_in
from chuding.storage.files import store
from stage import NOW


@pytest.fixture
def file(stage, settings):
    settings.CLOCK_OFFSET = NOW - timezone.now()
    return stage.file_at(State.ISSUED)


@pytest.fixture
def certificate(file):
    return Certificate.objects.get(number=file.certificate_number)


def made(certificate, purpose="应聘镇江某某公司", days=30):
    copy = copies.order(certificate=certificate, purpose=purpose, days=days, by=certificate.holder, at=NOW)
    copies.make(copy_id=copy.pk, at=NOW)
    copy.refresh_from_db()
    return copy


def pdf_of(copy):
    return store().path(copy.file).read_bytes()


def test_a_copy_holds_nothing_of_what_is_hidden(certificate, file, tmp_path):
    copy = made(certificate)
    pdf = pdf_of(copy)
    text = papers.poppler_text(pdf, tmp_path)
    born = file.born_on
    for hidden in (
        file.identity_number,
        file.identity_number[-6:],
        f"{born.year}年{born.month}月{born.day}日",
        certificate.token,
    ):
        assert hidden not in text
        assert hidden.encode() not in pdf
    assert codes_in(pdf) == [f"http://127.0.0.1:8000/c/{copy.token}"]
    for shown in (
        "隐去个人信息的副本·不是证书",
        "仅用于应聘镇江某某公司",
        "有效至2024年10月18日",
        file.full_name,
        "已隐去",
    ):
        assert papers.bare(shown) in text


def test_a_copy_is_verified_as_a_copy(certificate, client):
    copy = made(certificate)
    response = client.get(f"/c/{copy.token}")
    page = response.content.decode()
    assert (response.status_code, response["Cache-Control"], response["X-Robots-Tag"]) == (
        200,
        "private, no-store",
        "noindex",
    )
    assert "副本有效" in page
    assert "应聘镇江某某公司" in page
    checked = check_file(pdf_of(copy), at=NOW)
    assert (checked.valid, checked.copy.state) == (False, "good")
    assert check_file(pdf_of(copy) + b"\n", at=NOW).copy is None
    assert client.get("/c/nothing").status_code == 404


def test_a_copy_ends_with_its_day_its_holder_or_its_certificate(certificate, stage):
    copy = made(certificate, days=1)
    assert copies.look_up_copy(copy.token, at=NOW + timedelta(days=1)).state == "good"
    late = copies.look_up_copy(copy.token, at=NOW + timedelta(days=2))
    assert (late.state, late.name, late.purpose) == ("expired", "", "")
    other = made(certificate)
    copies.withdraw(copy_id=copy.pk, by=certificate.holder, at=NOW)
    assert copies.look_up_copy(copy.token, at=NOW).state == "withdrawn"
    revocation = revocations.propose(number=certificate.number, reason="x", clause="二", by=stage.wu, at=NOW)
    revocations.decide(revocation_id=revocation.pk, agree=True, by=stage.second_signer, at=NOW)
    assert copies.look_up_copy(other.token, at=NOW).state == "ended"
    with pytest.raises(copies.CopyRefused, match="已撤销，不能制作副本"):
        made(Certificate.objects.get())


def test_what_cannot_be_copied_is_refused_in_words(certificate, stage):
    def refused(purpose="应聘", days=30):
        with pytest.raises(copies.CopyRefused) as refusal:
            copies.order(certificate=certificate, purpose=purpose, days=days, by=certificate.holder, at=NOW)
        return str(refusal.value)

    assert refused(purpose=" ") == "请写明用途，例如“应聘镇江某某公司”。"
    assert refused(purpose="某" * 31) == "用途最多30个字，您写了31个。请写简短一些。"
    assert refused(days=91) == "有效期请填1到90天。"
    assert "U+1F600" in refused(purpose="应聘😀")
    with pytest.raises(Certificate.DoesNotExist):
        copies.order(certificate=certificate, purpose="应聘", days=1, by=stage.wu, at=NOW)
    for _ in range(10):
        copies.order(certificate=certificate, purpose="应聘", days=1, by=certificate.holder, at=NOW)
    assert refused() == "90天内最多制作10份副本。请使用已经做好的，或者过些天再来。"
    entries = entries_about(("certificate", certificate.number)).filter(action="order_copy")
    assert {frozenset(entry.data) for entry in entries} == {frozenset({"copy", "until"})}


def test_pages_of_copies(file, certificate, client, run_jobs):
    client.force_login(file.applicant)
    address = f"/applications/{file.ref}/copies/"
    assert "制作副本" in client.get(address).content.decode()
    assert client.post(address, {"purpose": "", "days": "30"}).status_code == 422
    assert client.post(address, {"purpose": "应聘", "days": "30"})["Location"] == address
    waiting = client.get(address)
    assert (waiting["Refresh"], "正在制作" in waiting.content.decode()) == (f"2; url={address}", True)
    run_jobs(NOW)
    copy = RedactedCopy.objects.get()
    response = client.get(f"{address}1/")
    assert (response.getvalue(), response["Cache-Control"]) == (pdf_of(copy), "no-store")
    client.post(f"{address}1/withdraw/")
    assert "已停用" in client.get(address).content.decode()
    assert "持证人已停用" in client.get(f"/c/{copy.token}").content.decode()
