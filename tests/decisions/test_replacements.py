"""A certificate that says something wrong, or is to be made anew: two people, a new number, and the old one points to it."""

from __future__ import annotations

import json

import pytest
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from chuding.applications.models import Application
from chuding.applications.workflow import Declined, State
from chuding.certificates.models import Certificate, Standing
from chuding.certificates.services import revoke
from chuding.certificates.statuses import publish, published
from chuding.certificates.verification import check_file, look_up, matches
from chuding.decisions.models import Revocation
from chuding.decisions.services import replacements, revocations
from chuding.ledger.record import entries_about
from chuding.messages.models import Message
from chuding.paper import glyphs
from chuding.paper.credential import read_credential
from chuding.paper.keys import load_certificate
from chuding.paper.scan import codes_in
from chuding.paper.status import read_status_file
from chuding.storage.clock import now
from chuding.storage.files import store
from stage import NOW, code_of


@pytest.fixture
def file(stage, settings):
    settings.CLOCK_OFFSET = NOW - timezone.now()
    return stage.file_at(State.ISSUED)


def proposed(stage, file, kind="correct", **typed):
    return replacements.propose(
        number=file.certificate_number,
        kind=kind,
        typed=typed,
        reason="姓名录入有误，已核对身份证。",
        by=stage.wu,
        at=NOW,
    )


def sentence_of(act, **values):
    with pytest.raises(Declined) as refusal:
        act(**values, at=NOW)
    return refusal.value.sentence


def confirmed(stage, file, **more):
    revocation = proposed(stage, file, **more)
    revocations.decide(revocation_id=revocation.pk, agree=True, by=stage.second_signer, at=NOW)
    return revocation


def pdf_of(certificate):
    return store().path(certificate.file).read_bytes()


def test_correction_takes_two_people_and_makes_a_new_certificate(stage, file, run_jobs):
    old = Certificate.objects.get(number=file.certificate_number)
    revocation = proposed(stage, file, holder_name="王晓䶮", employer_name="镇江市恒远精密机械有限公司")
    assert sentence_of(revocations.decide, revocation_id=revocation.pk, agree=True, by=stage.wu) == (
        "更正须由两个人办理：您是提出人，请由另一位签发人确认。"
    )
    revocations.decide(revocation_id=revocation.pk, agree=True, by=stage.second_signer, at=NOW)
    old.refresh_from_db()
    assert old.standing == Standing.VALID  # until the worker has made the new one
    run_jobs(NOW)
    old.refresh_from_db()
    new = old.replaced_by
    file.refresh_from_db()
    assert (old.standing, old.revoked_at is None, file.certificate_number, file.life) == (
        Standing.REPLACED,
        False,
        new.number,
        State.ISSUED,
    )
    before, after = json.loads(old.award), json.loads(new.award)
    assert {key for key in before if before[key] != after[key]} == {"holder_name", "employer_name"}
    assert new.number != old.number
    assert new.document_number == old.document_number
    assert new.token != old.token
    assert Message.objects.filter(person=file.applicant, template="replaced").count() == 1
    about = [entry.action for entry in entries_about(("certificate", old.number))]
    assert about == ["issue_certificate", "propose_correction", "confirm_correction", "replace_certificate"]
    assert entries_about(("certificate", old.number)).last().data == {"successor": new.number}
    assert "王晓䶮" not in json.dumps(
        [entry.data for entry in entries_about(("certificate", old.number))], ensure_ascii=False
    )


def test_verification_leads_from_the_old_certificate_to_the_new(stage, file, run_jobs, client):
    old = Certificate.objects.get(number=file.certificate_number)
    confirmed(stage, file, holder_name="王晓䶮")
    run_jobs(NOW)
    old.refresh_from_db()
    new = old.replaced_by
    answer = look_up(old.token, at=NOW)
    assert (answer.standing, answer.replaced_by, answer.successor) == ("replaced", new.number, f"/v/{new.token}")
    page = client.get(f"/v/{old.token}").content.decode()
    assert "已换发" in page
    assert f'<a class="reference" href="/v/{new.token}">{new.number}</a>' in page
    assert look_up(new.token, at=NOW).standing == "valid"
    name = json.loads(old.award)["holder_name"]
    assert matches(number=old.number, name=name, at=NOW).replaced_by == new.number
    checked = check_file(pdf_of(old), at=NOW)
    assert (checked.valid, checked.verdict.valid, checked.registered.replaced_by) == (False, True, new.number)
    assert check_file(pdf_of(new), at=NOW).valid


def test_the_status_list_without_network_names_the_new_certificate(stage, file, run_jobs, settings):
    old = Certificate.objects.get(number=file.certificate_number)
    confirmed(stage, file, kind="replace")
    run_jobs(NOW)
    old.refresh_from_db()
    publish(at=NOW)
    issuers = [load_certificate(settings.SIGNING_FOLDER / "association.pem")]
    lists = read_status_file(published(), [*issuers, load_certificate(settings.SIGNING_FOLDER / "city.pem")])
    code = next(text for text in codes_in(pdf_of(old)) if "/V/" in text)
    verdict = read_credential(code, issuers, at=NOW, status=lists)
    assert (verdict.valid, verdict.revoked, verdict.replaced_by) == (False, True, old.replaced_by.number)
    assert verdict.reasons == (
        f"这张证书已换发，新证书编号是{old.replaced_by.number}。The certificate has been replaced by {old.replaced_by.number}.",
    )
    code = next(text for text in codes_in(pdf_of(old.replaced_by)) if "/V/" in text)
    assert read_credential(code, issuers, at=NOW, status=lists).valid


def test_a_replacement_says_the_same_under_a_new_number(stage, file, run_jobs):
    old = Certificate.objects.get(number=file.certificate_number)
    confirmed(stage, file, kind="replace", holder_name="别的名字")  # what was typed does not count
    run_jobs(NOW)
    old.refresh_from_db()
    assert json.loads(old.award) == json.loads(old.replaced_by.award)
    assert replacements.carry_out(revocation_id=Revocation.objects.get().pk, at=NOW) == old.replaced_by
    assert Certificate.objects.count() == 2


def test_what_cannot_be_is_refused_in_words(stage, file):
    values = {"number": file.certificate_number, "kind": "correct", "reason": "x", "by": stage.wu}

    def refused(**typed):
        return sentence_of(replacements.propose, **values, typed=typed)

    assert refused() == "没有要更正的内容：填写的与证书上的相同。内容不变、只换新证书的，请选“换发”。"
    assert refused(holder_name="王1") == "姓名里不能有数字“1”。请按证件填写。"
    assert refused(identity_number="321102199605120048").startswith("身份证号")
    assert refused(born_on="1996年5月") == "出生日期请按“1996-05-12”的样子填写。"
    assert refused(sex="x") == "性别请选择“男”或“女”。"
    assert "U+30EDE" in refused(holder_name="王\U00030ede")
    assert sentence_of(replacements.propose, **(values | {"kind": "x"}), typed={}) == "请选择“更正”或“换发”。"
    assert sentence_of(replacements.propose, **(values | {"reason": " "}), typed={}) == "请写明更正或换发的理由。"
    assert sentence_of(replacements.propose, **(values | {"by": stage.zhao}), typed={}) == (
        "只有原发证机关的签发人可以撤销或更正证书。"
    )
    assert Revocation.objects.count() == 0


def test_a_certificate_that_cannot_be_printed_stays_as_it_is(stage, file, run_jobs, monkeypatch):
    revocation = confirmed(stage, file, holder_name="王晓䶮")
    monkeypatch.setattr(glyphs, "missing", lambda text: ["䶮"] if "䶮" in text else [])
    run_jobs(NOW)
    revocation.refresh_from_db()
    assert (revocation.confirmed_by, "U+4DAE" in revocation.problem) == (None, True)
    assert Certificate.objects.get().standing == Standing.VALID


def test_a_replacement_that_the_desk_refuses_comes_back_with_the_reason(stage, file, run_jobs, settings):
    """The office got another name, which the old award does not bear: no job dies in silence, and two people can act again."""
    revocation = confirmed(stage, file, kind="replace")
    settings.OFFICE_NAMES = dict.fromkeys(settings.OFFICE_NAMES, "改了名的机关")
    run_jobs(NOW)
    revocation.refresh_from_db()
    assert (revocation.confirmed_by, revocation.confirmed_at, revocation.problem) == (
        None,
        None,
        "证书写的发证机关不对。",
    )
    assert Certificate.objects.get().standing == Standing.VALID
    assert "新证书正在制作" not in sentence_of(
        replacements.propose, number=file.certificate_number, kind="replace", typed={}, reason="再试", by=stage.wu
    )


def test_a_certificate_revoked_before_the_worker_came_is_not_replaced(stage, file, run_jobs):
    revocation = confirmed(stage, file, kind="replace")
    with transaction.atomic():
        revoke(number=file.certificate_number, reason="测试", by=stage.wu, role="association_signer", at=NOW)
    run_jobs(NOW)
    revocation.refresh_from_db()
    assert (revocation.confirmed_by, revocation.problem) == (None, "这张证书已撤销，不能再更正或换发。")
    assert Certificate.objects.count() == 1


def test_pages_of_correction(stage, file, client, run_jobs):
    client.force_login(stage.wu)
    address = f"/decisions/revocations/replace/?number={file.certificate_number}"
    page = client.get(address)
    assert page.context["values"]["holder_name"] == file.full_name
    form = {"number": file.certificate_number, "kind": "correct", "reason": "录入有误。"} | page.context["values"]
    unchanged = client.post("/decisions/revocations/replace/", form)
    assert (unchanged.status_code, unchanged.context["errors"][0]["text"][:9]) == (422, "没有要更正的内容：")
    client.post("/decisions/revocations/replace/", form | {"holder_name": "王晓䶮"})
    shown = client.get("/decisions/revocations/").content.decode()
    assert f"<del>{file.full_name}</del> → <ins>王晓䶮</ins>" in shown
    revocation = Revocation.objects.get()
    client.force_login(stage.second_signer)
    code = code_of(stage.second_signer, now())
    client.post(f"/decisions/revocations/{revocation.pk}/confirm/", {"choice": "agree", "step_up_code": code})
    run_jobs(NOW)
    old = Certificate.objects.get(number=file.certificate_number)
    assert old.replaced_by.number in client.get("/decisions/revocations/").content.decode()
    client.force_login(file.applicant)
    mine = client.get(f"/applications/{file.ref}/").content.decode()
    assert f'原证书 <span class="reference">{old.number}</span> 已作废' in mine
    assert client.get(reverse("certificate_file", args=[file.ref])).getvalue() == pdf_of(old.replaced_by)
    assert Application.objects.get(pk=file.pk).certificate_number == old.replaced_by.number
