"""上传 PDF 验证: each step has its number and its reason on the page, and a revocation shows within a minute."""

from __future__ import annotations

import html
import re
from datetime import timedelta

import pytest
from django.conf import settings as site
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from chuding.applications.models import Application
from chuding.applications.translate import declaration_of
from chuding.applications.workflow import State
from chuding.certificates.award import Award
from chuding.certificates.models import Certificate, new_token
from chuding.certificates.press import typesetter
from chuding.certificates.services import prepare, revoke, seal_form
from chuding.certificates.statuses import published
from chuding.certificates.verification import check_file, issuers_of
from chuding.decisions.models import Document
from chuding.jobs.worker import run_pending
from chuding.paper.keys import OFFICES
from chuding.paper.status import read_status_file
from chuding.storage.clock import SHANGHAI
from chuding.storage.files import store
from stage import NOW

MINUTE = timedelta(minutes=1)


@pytest.fixture
def certificate(stage, settings):
    settings.CLOCK_OFFSET = NOW - timezone.now()
    return Certificate.objects.get(number=stage.file_at(State.ISSUED).certificate_number)


def upload(client, content):
    """The headings and sentences of the steps on the page, in order, and the whole page."""
    given = SimpleUploadedFile("c.pdf", content, "application/pdf")
    page = html.unescape(client.post(reverse("verify_file"), {"file": given}).content.decode())
    page = re.sub(r'<span class="nowrap">([^<]*)</span>', r"\1", page)  # a date amid a sentence
    steps = re.findall(r"<li[^>]*><h3>(.*?)</h3><p>(.*?)</p></li>", page, re.DOTALL)
    return [(re.sub(r"<[^>]+>", "", head).split("　"), reason) for head, reason in steps], page


def test_every_step_has_its_number_and_its_reason(certificate, client):
    content = store().path(certificate.file).read_bytes()
    steps, page = upload(client, content)
    assert [head[1] for head, _ in steps] == [f"第 {number} 步" for number in range(1, 12)]
    assert [head[0] for head, _ in steps[:8]] == ["✓ 通过"] * 8
    assert {head[0] for head, _ in steps[8:10]} <= {"✓ 通过", "— 未进行"}
    assert all(reason.strip().endswith("。") for _, reason in steps)
    assert len({reason for _, reason in steps}) == 11
    assert steps[10] == (["✓ 通过", "第 11 步", "在登记簿中有效"], "登记簿里有这份文件的摘要，没有撤销。")
    assert "验证通过" in page


def test_step_that_fails_says_why_and_the_later_ones_are_not_examined(certificate, client):
    content = store().path(certificate.file).read_bytes()
    steps, page = upload(client, content + b"\n% junk")
    answers = [head[0] for head, _ in steps]
    failed = answers.index("✗ 未通过")
    assert answers[:failed] == ["✓ 通过"] * failed
    assert answers[failed + 1 :] == ["— 未进行", "✗ 未通过"]
    assert steps[failed + 1][0][1] == f"第 {failed + 2} 至 10 步"
    assert steps[-1][0][1] == "第 11 步"
    assert re.findall(r'<li data-step="([^"]*)">', page) == [
        *(str(number) for number in range(1, failed + 2)), f"{failed + 2}–10", "11",
    ]  # fmt: skip
    assert steps[failed][1].strip().endswith("。")
    assert "验证没有通过" in page


def test_official_document_is_known_by_its_number(certificate, client):
    document = Document.objects.get(number=certificate.document_number)
    steps, page = upload(client, store().path(document.file).read_bytes())
    assert steps[10] == (["✓ 通过", "第 11 步", "在登记簿中有效"], f"登记簿里有发文 {document.number} 的摘要。")
    assert ("发文是真的" in page, "✗ 未通过" in page) == (True, False)


def test_signed_paper_that_was_never_registered_is_no_proof(certificate, client):
    """A certificate that was made ready in a batch that was given up: our signature, and no decision that counts."""
    made = prepare(Award.read(certificate.award), ahead=1, token=new_token(), at=NOW)
    steps, page = upload(client, made.pdf)
    assert [head[0] for head, _ in steps[:8]] == ["✓ 通过"] * 8
    assert steps[10][0][0] == "✗ 未通过"
    assert ("没有登记这份文件，不能作为依据" in page, "验证通过" in page) == (True, False)


def test_revocation_shows_within_a_minute(certificate, client, stage):
    """At once where the site is asked; in the signed list that others keep as soon as the worker has come by."""
    run_pending(at=NOW)
    with transaction.atomic():
        revoke(number=certificate.number, reason="测试", by=stage.wu, role="association_signer", at=NOW)
    page = client.get(reverse("certificate_public", args=[certificate.token])).content.decode()
    assert "已撤销" in page
    _, checked = upload(client, store().path(certificate.file).read_bytes())
    assert "证书已撤销" in checked
    assert not is_listed(certificate)
    run_pending(at=NOW + MINUTE)
    assert is_listed(certificate)


def is_listed(certificate):
    content = published()
    if content is None:  # nothing was published yet
        return False
    address = f"{site.PUBLIC_ADDRESS}/v/{certificate.token}"
    issuers = [one for office in OFFICES for one in issuers_of(office)]
    return any(address in one for one in read_status_file(content, issuers))


# ---- the form ----


def summary(page):
    return dict(re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", page))


@pytest.fixture
def form(certificate):
    """The form as issued, and its application."""
    file = Application.objects.get(certificate_number=certificate.number)
    return store().path(file.declaration_file).read_bytes(), file


def test_declaration_form_as_issued_is_known_and_called_no_certificate(form, certificate, stage, client):
    content, file = form
    steps, page = upload(client, content)
    assert [head[1] for head, _ in steps] == [f"第 {number} 步" for number in range(1, 12)]
    assert [head[0] for head, _ in steps[:8]] == ["✓ 通过"] * 8
    assert {head[0] for head, _ in steps[8:10]} <= {"✓ 通过", "— 未进行"}
    assert steps[10] == (["✓ 通过", "第 11 步", "在登记簿中"], "登记簿里有这份申报表的摘要。")
    assert ("申报表是真的" in page, "它是申报表，不是资格证书" in page, file.full_name in page) == (True, True, False)
    assert ("签名写明这是申报表" in page, "不带电子签名" in page) == (True, False)
    day = certificate.issued_at.astimezone(SHANGHAI)
    assert summary(page) == {
        "文书": "专业技术资格初定申报表",
        "发出机构": site.OFFICE_NAMES[certificate.office],
        "发出日期": f"{day.year}年{day.month}月{day.day}日",
    }
    with transaction.atomic():
        revoke(number=certificate.number, reason="测试", by=stage.wu, role="association_signer", at=NOW)
    assert "同一份申报取得的证书已经撤销" in upload(client, content)[1]


def test_form_passes_for_a_certificate_nowhere(form, certificate, client):
    """It bears the same seal as its certificate: the register, the page and the signature itself keep the two apart."""
    content, file = form
    answer = check_file(content, at=NOW)
    assert (answer.verdict.valid, answer.form is not None) == (True, True)
    assert (answer.valid, answer.registered.standing, answer.letter, answer.document) == (False, "not_found", "", None)
    assert answer.verdict.reason == f"专业技术资格初定申报表 {file.number}"
    page = upload(client, content)[1]
    assert [words in page for words in ("验证通过", "证书在登记簿中有效", certificate.number)] == [False] * 3
    ours = check_file(store().path(certificate.file).read_bytes(), at=NOW)
    assert ours.verdict.reason == f"专业技术资格证书 {certificate.document_number} {certificate.number}"
    assert (ours.valid, ours.form) == (True, None)


def test_signed_form_that_was_never_registered_is_no_proof(form, certificate, client):
    made = seal_form(unsigned(form[1], certificate), Award.read(certificate.award), at=NOW + MINUTE)
    steps, page = upload(client, made)
    assert [head[0] for head, _ in steps[:8]] == ["✓ 通过"] * 8
    assert steps[10][0][0] == "✗ 未通过"
    assert ("没有登记这份文件，不能作为依据" in page, "申报表是真的" in page) == (True, False)


def unsigned(file, certificate):
    """The form as it was issued before forms were signed."""
    award = Award.read(certificate.award)
    return typesetter().declaration(declaration_of(file, award, f"{site.PUBLIC_ADDRESS}/v/{certificate.token}"), NOW)


def test_form_of_the_days_before_forms_were_signed_is_known_by_its_bytes(form, certificate, client):
    content, file = unsigned(form[1], certificate), form[1]
    file.declaration_file = store().put(content)
    file.save(update_fields=["declaration_file"])
    steps, page = upload(client, content)
    assert steps == []
    assert ("申报表是真的" in page, "它是申报表，不是资格证书" in page, file.full_name in page) == (True, True, False)
    assert "申报表不带电子签名，只能在这里与登记的原件核对" in page
    changed, page = upload(client, content + b"\n")
    assert ("申报表是真的" in page, "验证没有通过" in page) == (False, True)
    assert next(reason for head, reason in changed if head[0] == "✗ 未通过").startswith("文件没有电子签名")


def test_form_that_was_changed_is_not_known(form, client):
    steps, page = upload(client, form[0].replace(b"%%EOF", b"%%EOF\n"))
    assert ("申报表是真的" in page, "验证没有通过" in page) == (False, True)
    assert "✗ 未通过" in [head[0] for head, _ in steps[:4]]
