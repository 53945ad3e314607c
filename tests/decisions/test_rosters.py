from __future__ import annotations

import pytest

from chuding.applications.models import Application
from chuding.applications.services import review
from chuding.applications.workflow import Declined, State
from chuding.certificates.models import Certificate
from chuding.decisions.models import Document, DocumentSeries, Roster, RosterState
from chuding.decisions.services import rosters
from chuding.messages.models import Message
from chuding.paper.typeset import Typesetter, TypesettingError
from stage import NOW


@pytest.fixture
def approved(stage):
    return [stage.file_at(State.APPROVED) for _ in range(3)]


def drafted(stage, files):
    return rosters.draft(refs=[file.ref for file in files], by=stage.wu, at=NOW)


def signed(stage, files):
    roster = drafted(stage, files)
    return rosters.sign(ref=roster.ref, seen=rosters.list_digest(roster), by=stage.wu, at=NOW)


def sentence_of(act, **values):
    with pytest.raises(Declined) as refusal:
        act(**values, at=NOW)
    return refusal.value.sentence


def test_issuing_numbers_document_certificates_and_messages_at_once(stage, approved):
    document = rosters.issue_roster(ref=signed(stage, approved).ref, at=NOW)
    assert (document.number, document.serial, document.roster.state) == ("镇技协〔2024〕2号", 2, RosterState.ISSUED)
    files = list(Application.objects.filter(pk__in=[file.pk for file in approved]))
    assert {file.state for file in files} == {State.ISSUED}
    assert {file.document_number for file in files} == {document.number}
    assert sorted(file.certificate_number for file in files) == sorted(
        Certificate.objects.values_list("number", flat=True)
    )
    assert Message.objects.filter(template="issued").count() == len(files)


def test_roster_signed_and_issued_twice_gives_one_document(stage, approved):
    roster = signed(stage, approved)
    rosters.sign(ref=roster.ref, seen=roster.list_digest, by=stage.wu, at=NOW)
    first = rosters.issue_roster(ref=roster.ref, at=NOW)
    rosters.sign(ref=roster.ref, seen="whatever", by=stage.wu, at=NOW)
    assert rosters.issue_roster(ref=roster.ref, at=NOW) == first
    assert (Document.objects.count(), Certificate.objects.count()) == (1, 3)


def test_failure_spends_no_number_and_leaves_nobody_half_issued(stage, approved, monkeypatch):
    def fail(*_):
        raise TypesettingError("no ink")

    roster = signed(stage, approved)
    with monkeypatch.context() as broken:
        broken.setattr(Typesetter, "document", fail)
        assert rosters.issue_signed_roster.call(ref=roster.ref) == ""
    roster.refresh_from_db()
    assert (roster.state, roster.problem) == (
        RosterState.FAILED,
        "排版没有成功，请联系系统管理员。名单和文号都没有变化。",
    )
    assert (DocumentSeries.objects.count(), Certificate.objects.count(), Document.objects.count()) == (0, 0, 0)
    assert {Application.objects.get(pk=file.pk).life for file in approved} == {State.APPROVED}
    rosters.sign(ref=roster.ref, seen=rosters.list_digest(roster), by=stage.wu, at=NOW)
    assert rosters.issue_roster(ref=roster.ref, at=NOW).number == "镇技协〔2024〕2号"


def test_list_that_changed_after_it_was_seen_is_not_signed(stage, approved):
    roster = drafted(stage, approved)
    seen = rosters.list_digest(roster)
    Application.objects.filter(pk=approved[0].pk).update(version=99)
    assert sentence_of(rosters.sign, ref=roster.ref, seen=seen, by=stage.wu) == (
        "名单在您查看之后有变化，请重新核对后再签发。"
    )


def test_nobody_signs_a_list_with_his_own_name(stage, approved):
    Application.objects.filter(pk=approved[0].pk).update(applicant=stage.second_signer)
    roster = drafted(stage, approved)
    seen = rosters.list_digest(roster)
    assert sentence_of(rosters.sign, ref=roster.ref, seen=seen, by=stage.second_signer) == (
        "名单里有您本人的申报，按回避规定请由其他签发人签发。"
    )


def test_each_office_puts_only_its_own_levels_on_a_roster(stage, approved):
    city = stage.file_at(State.APPROVED, "中级")
    roster = rosters.draft(refs=[city.ref, *(file.ref for file in approved)], by=stage.zhao, at=NOW)
    assert [entry.application for entry in roster.entries.all()] == [city]
    assert sentence_of(rosters.draft, refs=[city.ref], by=stage.wu) == (
        "没有选中可以发文的申报。请先勾选审核通过的人员。"
    )
    assert sentence_of(rosters.draft, refs=[city.ref], by=stage.li) == ("只有协会或市职称办的签发人可以拟稿和签发。")
    with pytest.raises(Roster.DoesNotExist):
        rosters.sign(ref=roster.ref, seen="", by=stage.wu, at=NOW)


def test_discarded_draft_frees_its_people(stage, approved):
    roster = drafted(stage, approved)
    assert list(rosters.waiting_for_roster("association")) == []
    rosters.discard(ref=roster.ref, by=stage.wu, at=NOW)
    assert set(rosters.waiting_for_roster("association")) == set(approved)
    kept = signed(stage, approved)
    assert sentence_of(rosters.discard, ref=kept.ref, by=stage.wu) == "已经签发的名单不能删除。"


def test_file_on_a_roster_cannot_go_back(stage, approved):
    drafted(stage, approved)
    assert sentence_of(review.return_one_step, ref=approved[0].ref, reason="再看", by=stage.wu) == (
        "当前状态是“审核通过”，不能退回上一环节。请刷新页面，查看最新进度。"
    )
