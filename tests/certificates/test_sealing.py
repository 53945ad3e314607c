"""The state's electronic seal beside what we sign: asked for when a paper counts, waited for, refused, shown, verified."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from pathlib import Path

import outside
import pypdfium2
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from outside import SECRET, serving

from chuding.applications.workflow import State
from chuding.certificates.models import Certificate, SealedFile
from chuding.certificates.sealing import carry_out, seal_what_is_left
from chuding.certificates.services import revoke
from chuding.certificates.verification import check_file, look_up
from chuding.connectors.choice import WrongChoiceError
from chuding.connectors.seal import seal_of
from chuding.decisions.models import Document
from chuding.jobs.leases import NotYet
from chuding.jobs.models import Job, JobState
from chuding.jobs.worker import run_pending
from chuding.ledger.record import entries_about
from chuding.storage.files import store
from stage import NOW

RECORDED = json.loads((Path(outside.__file__).parent / "seal" / "answer.json").read_text("utf-8"))
SEALS = {"association": "32110099990001"}
MARK = b"% here the seal service appends its SM2 signature\n"


def seals(question):
    """The recorded answer, for the paper and the seal of this question: the paper with something behind it."""
    paper = base64.b64decode(question["file"])
    sealed = b"PK\x03\x04" + paper if question["form"] == "ofd" else paper + MARK
    return RECORDED | {
        "esID": question["esID"],
        "dataHash": hashlib.sha256(paper).hexdigest(),
        "file": base64.b64encode(sealed).decode(),
    }


@pytest.fixture
def service(stage, settings, monkeypatch):
    monkeypatch.setenv("TOWN_SECRET", SECRET)
    settings.CLOCK_OFFSET = NOW - timezone.now()
    with serving() as fake:
        fake.answer = seals
        options = {"url": fake.url, "key": "town", "secret_variable": "TOWN_SECRET", "timeout": 20}
        settings.SEAL_SERVICE = {
            "class": "chuding.connectors.seal.HttpSealService", "options": options, "seals": SEALS, "form": "pdf",
        }  # fmt: skip
        yield fake


@pytest.fixture
def file(stage, service):
    return stage.file_at(State.ISSUED)


def run_seals():
    """The seals' jobs alone: nobody waits here for pictures and readings of what was uploaded."""
    Job.objects.exclude(task__endswith="put_seal").delete()
    run_pending(NOW)


def certificate_of(file):
    return Certificate.objects.get(number=file.certificate_number)


def words(pdf):
    with pypdfium2.PdfDocument(pdf) as document:
        return document[0].get_textpage().get_text_bounded().replace("\r", "").replace("\n", "")


def test_issued_papers_are_sealed_once_they_count(file, service):
    ours, document = certificate_of(file), Document.objects.get()
    assert service.requests == []
    run_seals()
    sealed = {(one.subject_kind, one.subject_ref): one for one in SealedFile.objects.all()}
    assert set(sealed) == {("certificate", ours.number), ("document", document.number)}
    assert sorted(question["reference"] for question in service.requests) == [
        f"certificate:{ours.number}",
        f"document:{document.number}",
    ]
    one = sealed["certificate", ours.number]
    assert (one.seal_id, one.seal_name, one.form, one.problem) == (SEALS["association"], RECORDED["name"], "pdf", "")
    assert one.sealed_at.isoformat() == "2024-09-18T02:00:00+00:00"
    page = store().path(one.source).read_bytes()
    assert store().path(one.file).read_bytes() == page + MARK
    assert ("加盖法定电子印章" in words(page), "电子印章由发证机关加盖" in words(page)) == (False, True)
    assert "本文件含数字签名，未加盖法定电子印章" in words(store().path(ours.file).read_bytes())
    assert entries_about(("certificate", ours.number)).last().data == {
        "file": one.file, "source": one.source, "seal": one.seal_id,
    }  # fmt: skip
    run_seals()
    assert len(service.requests) == 2


def test_without_a_service_nothing_is_sealed_and_the_certificate_says_so(stage, settings):
    settings.SEAL_SERVICE = None
    ours = certificate_of(stage.file_at(State.ISSUED))
    assert SealedFile.objects.count() == 0
    assert "未加盖法定电子印章" in words(store().path(ours.file).read_bytes())
    assert look_up(ours.token, at=NOW).seal_name is None


def test_office_without_a_seal_issues_without(stage, service):
    file = stage.file_at(State.ISSUED, "中级")
    run_seals()
    assert (file.life, SealedFile.objects.count(), service.requests) == (State.ISSUED, 0, [])


@pytest.mark.parametrize("mode", ["broken", "hang_up"])
def test_service_that_is_away_holds_up_no_certificate(file, service, mode):
    service.mode = mode
    run_seals()
    assert (file.life, SealedFile.objects.exclude(file="").count()) == (State.ISSUED, 0)
    waiting = Job.objects.filter(task__endswith="put_seal", state=JobState.READY)
    assert list(waiting.values_list("attempts", flat=True)) == [0, 0]
    with pytest.raises(NotYet, match="等待电子印章服务"):
        carry_out(sealed_id=SealedFile.objects.first().pk, at=NOW)


def test_refusal_is_told_to_the_office_and_tried_again_by_night(file, service, stage, client):
    service.mode = "refuse"
    run_seals()
    problems = set(SealedFile.objects.values_list("problem", flat=True))
    assert problems == {"签章服务拒绝了请求（403）"}
    client.force_login(stage.wu)
    page = client.get(reverse("roster_status", args=[Document.objects.get().roster.ref])).content.decode()
    assert ("0 / 2" in page, page.count("签章服务拒绝了请求（403）。每天夜里再试一次。")) == (True, 2)
    assert seal_what_is_left.call() == 2
    service.mode = "ok"
    assert seal_what_is_left.call() == 0
    assert set(SealedFile.objects.values_list("problem", flat=True)) == {""}
    assert "2 / 2" in client.get(reverse("roster_status", args=[Document.objects.get().roster.ref])).content.decode()


def test_holder_downloads_the_sealed_version(file, service, client, settings):
    settings.SEAL_SERVICE = settings.SEAL_SERVICE | {"form": "ofd"}
    address = reverse("certificate_sealed", args=[file.ref])
    client.force_login(file.applicant)
    progress = reverse("application", args=[file.ref])
    assert client.get(address).status_code == 404
    assert "加盖电子印章的证书正在制作" in client.get(progress).content.decode()
    run_seals()
    assert "下载加盖电子印章的证书（OFD）" in client.get(progress).content.decode()
    answer = client.get(address)
    assert answer["Content-Type"] == "application/ofd"
    sealed = SealedFile.objects.get(subject_kind="certificate")
    assert b"".join(answer.streaming_content) == store().path(sealed.file).read_bytes()


def test_sealed_version_is_known_by_its_bytes_and_ends_with_its_certificate(file, service, client, stage):
    run_seals()
    ours = certificate_of(file)
    whole = store().path(SealedFile.objects.get(subject_kind="certificate").file).read_bytes()
    assert look_up(ours.token, at=NOW).seal_name == RECORDED["name"]

    def upload(content):
        given = SimpleUploadedFile("c.pdf", content, "application/pdf")
        return client.post(reverse("verify_file"), {"file": given}).content.decode()

    assert re.findall(r"第 (\d+) 步", upload(whole)) == ["1", "2"]
    assert ("与登记的盖章版相同" in upload(whole), "验证没有通过" in upload(whole + b"\n")) == (True, True)
    answer = check_file(whole, at=NOW)
    assert (answer.registered.number, answer.valid, answer.sealed.seal_name) == (ours.number, False, RECORDED["name"])
    assert check_file(whole[:-1], at=NOW).sealed is None
    with_document = store().path(SealedFile.objects.get(subject_kind="document").file).read_bytes()
    assert "这是本平台登记的公文" in upload(with_document)
    with transaction.atomic():
        revoke(number=ours.number, reason="测试", by=stage.wu, role="association_signer", at=NOW)
    assert "已被撤销" in upload(whole)


def test_seal_of_an_office_is_read_from_the_settings():
    choice = {
        "class": "chuding.connectors.seal.HttpSealService",
        "options": {"url": "https://seal.example.cn/", "key": "town"},
        "seals": SEALS,
    }
    found = seal_of(choice, "association")
    assert (found.seal_id, found.form) == (SEALS["association"], "pdf")
    assert (seal_of(choice, "city"), seal_of(None, "association")) == (None, None)
    for wrong in ({"seals": ["32110099990001"]}, {"form": "docx"}):
        with pytest.raises(WrongChoiceError):
            seal_of(choice | wrong, "association")
