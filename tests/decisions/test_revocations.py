from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from chuding.applications.models import Application
from chuding.applications.reviewing.models import Tie, TieKind
from chuding.applications.workflow import Declined, State
from chuding.certificates.models import Certificate, Standing
from chuding.decisions.models import Revocation
from chuding.decisions.services import replacements, revocations
from chuding.messages.models import Message
from chuding.storage.clock import now
from stage import NOW, code_of


@pytest.fixture
def file(stage, settings):
    settings.CLOCK_OFFSET = NOW - timezone.now()
    return stage.file_at(State.ISSUED)


def proposed(stage, file):
    return revocations.propose(
        number=f" {file.certificate_number.lower()} ", reason="学历证书系伪造。", clause="二", by=stage.wu, at=NOW
    )


def sentence_of(act, **values):
    with pytest.raises(Declined) as refusal:
        act(**values, at=NOW)
    return refusal.value.sentence


def standing(file):
    return (
        Certificate.objects.get(number=file.certificate_number).standing,
        Application.objects.get(pk=file.pk).life,
    )


def test_revocation_takes_two_people(stage, file):
    revocation = proposed(stage, file)
    assert standing(file) == (Standing.VALID, State.ISSUED)
    assert sentence_of(revocations.decide, revocation_id=revocation.pk, agree=True, by=stage.wu) == (
        "撤销须由两个人办理：您是提出人，请由另一位签发人确认。"
    )
    revocations.decide(revocation_id=revocation.pk, agree=True, by=stage.second_signer, at=NOW)
    assert standing(file) == (Standing.REVOKED, State.REVOKED)
    assert Message.objects.filter(person=file.applicant, template="revoked").count() == 1


def test_whoever_is_tied_to_the_file_neither_proposes_nor_confirms(stage, file):
    revocation = proposed(stage, file)
    for person in (stage.wu, stage.second_signer):
        Tie.objects.create(person=person, kind=TieKind.FILE, value=file.ref, declared_at=NOW)
    declined = "您已声明与这份申报有利害关系。按规定您要回避，请由其他签发人办理。"
    values = {"number": file.certificate_number, "reason": "同上", "by": stage.wu}
    assert sentence_of(revocations.propose, clause="二", **values) == declined
    assert sentence_of(replacements.propose, kind="replace", typed={}, **values) == declined
    for agree in (True, False):
        decide = {"revocation_id": revocation.pk, "agree": agree, "by": stage.second_signer}
        assert sentence_of(revocations.decide, **decide) == declined
    held = Revocation.objects.filter(pk=revocation.pk)
    with pytest.raises(IntegrityError), transaction.atomic():
        held.update(confirmed_by=stage.second_signer, confirmed_at=NOW)
    held.delete()
    with pytest.raises(IntegrityError), transaction.atomic():
        Revocation.objects.create(
            certificate=revocation.certificate, reason="同上", proposed_by=stage.wu, proposed_at=NOW
        )
    assert standing(file) == (Standing.VALID, State.ISSUED)


def test_proposal_can_be_rejected_and_made_again(stage, file):
    revocation = proposed(stage, file)
    again = "这张证书已经有人提出撤销或更正，正等待第二人确认。"
    values = {"number": file.certificate_number, "reason": "同上", "clause": "二", "by": stage.wu}
    assert sentence_of(revocations.propose, **values) == again
    revocations.decide(revocation_id=revocation.pk, agree=False, by=stage.second_signer, at=NOW)
    assert standing(file) == (Standing.VALID, State.ISSUED)
    revocations.propose(**values, at=NOW)
    assert Revocation.objects.count() == 2


def test_only_the_issuing_office_revokes(stage, file):
    foreign = "只有原发证机关的签发人可以撤销或更正证书。"
    values = {"number": file.certificate_number, "reason": "x", "clause": "二"}
    assert sentence_of(revocations.propose, **values, by=stage.zhao) == foreign
    assert sentence_of(revocations.propose, **(values | {"number": "ZJX2024000000"}), by=stage.wu) == (
        "没有这个证书编号，请对照证书检查。"
    )
    assert sentence_of(revocations.propose, **(values | {"reason": " "}), by=stage.wu) == "请写明撤销的理由。"


def agreeing(person):
    return {"choice": "agree", "step_up_code": code_of(person, now())}


def test_pages_of_revocation(stage, file, client):
    client.force_login(stage.wu)
    form = {"number": file.certificate_number, "reason": "学历证书系伪造。", "clause": ""}
    declined = client.post("/decisions/revocations/propose/", form)
    assert (declined.status_code, declined.context["errors"][0]["text"]) == (422, "请选择撤销所依据的通知条款。")
    assert declined.content.decode().count("学历证书系伪造。") == 1
    client.post("/decisions/revocations/propose/", form | {"clause": "二"})
    revocation = Revocation.objects.get()
    address = f"/decisions/revocations/{revocation.pk}/confirm/"
    asked = client.post(address, {"choice": "agree"})
    assert (asked.status_code, "请确认是您本人" in asked.content.decode()) == (200, True)
    assert client.post(address, agreeing(stage.wu)).status_code == 422
    client.force_login(stage.zhao)
    assert client.post(address, {"choice": "reject"}).status_code == 404
    client.force_login(stage.second_signer)
    assert client.post(address, {"choice": "perhaps"}).status_code == 422
    assert client.post(address, agreeing(stage.second_signer))["Location"] == "/decisions/revocations/"
    assert standing(file) == (Standing.REVOKED, State.REVOKED)


def test_confirming_is_not_offered_to_who_has_to_step_back(stage, file, client):
    """The page says why, instead of declining what it offered."""
    revocation = proposed(stage, file)
    address = f"/decisions/revocations/{revocation.pk}/confirm/"
    replacing = f"/decisions/revocations/replace/?number={file.certificate_number}"
    client.force_login(stage.second_signer)
    assert address in client.get("/decisions/revocations/").content.decode()
    assert "提出更正或换发" in client.get(replacing).content.decode()
    Tie.objects.create(person=stage.second_signer, kind=TieKind.FILE, value=file.ref, declared_at=NOW)
    declined = "您已声明与这份申报有利害关系。按规定您要回避，请由其他签发人办理。"
    for page in (client.get("/decisions/revocations/"), client.get(replacing)):
        body = page.content.decode()
        assert (declined in body, address in body, "提出更正或换发" in body) == (True, False, False)


def test_nobody_decides_on_the_end_of_their_own_certificate(stage, file):
    certificate = Certificate.objects.get(number=file.certificate_number)
    Certificate.objects.filter(pk=certificate.pk).update(holder=stage.wu)
    values = {"number": certificate.number, "reason": "x", "clause": "二", "by": stage.wu}
    assert sentence_of(revocations.propose, **values) == ("这是您本人的证书。按规定您要回避，请由其他签发人办理。")


def test_page_of_a_revoked_certificate_says_the_clause_and_whom_to_ask(stage, file, client):
    revocations.decide(revocation_id=proposed(stage, file).pk, agree=True, by=stage.second_signer, at=NOW)
    client.force_login(file.applicant)
    page = client.get(f"/applications/{file.ref}/").content.decode()
    telephone = stage.town.notice.contact.telephone
    for words in (
        "学历证书系伪造。",
        ">通知二</a>",
        "从撤销时起无效",
        f'咨询电话 <a class="nowrap" href="tel:{telephone}">',
    ):
        assert words in page
