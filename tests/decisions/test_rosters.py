from __future__ import annotations

from dataclasses import replace

import pytest
from django.db import IntegrityError, transaction

from chuding.accounts.appointments import appoint
from chuding.applications.models import Application
from chuding.applications.reviewing.models import Tie, TieKind
from chuding.applications.services import review
from chuding.applications.workflow import Declined, State
from chuding.certificates.models import Certificate
from chuding.decisions.contents import list_digest, standard_of
from chuding.decisions.models import Document, DocumentSeries, Roster, RosterState
from chuding.decisions.services import issuing, rosters
from chuding.ledger.models import Entry
from chuding.messages.models import Message
from chuding.paper.typeset import Typesetter, TypesettingError
from stage import NOW


@pytest.fixture
def approved(stage):
    return [stage.file_at(State.APPROVED) for _ in range(3)]


@pytest.fixture
def drafter(stage):
    return stage.town.officer("association", "drafter")


def verified(stage, files):
    roster = stage.drafted(files)
    return rosters.verify(ref=roster.ref, seen=list_digest(roster), by=stage.second_signer, at=NOW)


def sentence_of(act, **values):
    with pytest.raises(Declined) as refusal:
        act(**values, at=NOW)
    return refusal.value.sentence


def test_issuing_numbers_document_certificates_and_messages_at_once(stage, approved):
    document = stage.issued(approved)
    assert (document.number, document.serial, document.roster.state) == ("镇技协〔2024〕2号", 2, RosterState.ISSUED)
    files = list(Application.objects.filter(pk__in=[file.pk for file in approved]))
    assert {file.state for file in files} == {State.ISSUED}
    assert {file.document_number for file in files} == {document.number}
    assert sorted(file.certificate_number for file in files) == sorted(
        Certificate.objects.values_list("number", flat=True)
    )
    assert Message.objects.filter(template="issued").count() == len(files)


def test_roster_signed_and_issued_twice_gives_one_document(stage, approved):
    roster = stage.signed(approved)
    rosters.sign(ref=roster.ref, seen=roster.list_digest, by=stage.wu, at=NOW)
    first = issuing.issue_roster(ref=roster.ref, at=NOW)
    rosters.sign(ref=roster.ref, seen="whatever", by=stage.wu, at=NOW)
    assert issuing.issue_roster(ref=roster.ref, at=NOW) == first
    assert (Document.objects.count(), Certificate.objects.count()) == (1, 3)


def test_failure_spends_no_number_and_leaves_nobody_half_issued(stage, approved, monkeypatch):
    def fail(*_):
        raise TypesettingError("no ink")

    roster = stage.signed(approved)
    with monkeypatch.context() as broken:
        broken.setattr(Typesetter, "document", fail)
        assert issuing.issue_signed_roster.call(ref=roster.ref) == ""
    roster.refresh_from_db()
    assert (roster.state, roster.problem) == (
        RosterState.FAILED,
        "排版没有成功，请联系系统管理员。名单和文号都没有变化。",
    )
    assert (DocumentSeries.objects.count(), Certificate.objects.count(), Document.objects.count()) == (0, 0, 0)
    assert {Application.objects.get(pk=file.pk).life for file in approved} == {State.APPROVED}
    rosters.retry(ref=roster.ref, by=stage.wu, at=NOW)
    assert issuing.issue_roster(ref=roster.ref, at=NOW).number == "镇技协〔2024〕2号"


def test_list_that_changed_after_it_was_seen_is_not_signed(stage, approved):
    roster = verified(stage, approved)
    seen = list_digest(roster)
    Application.objects.filter(pk=approved[0].pk).update(version=99)
    assert sentence_of(rosters.sign, ref=roster.ref, seen=seen, by=stage.wu) == (
        "名单或文字在您查看之后有变化，请重新核对后再签发。"
    )


def test_three_people_draft_verify_and_sign(stage, approved, drafter):
    roster = stage.drafted(approved)
    seen = list_digest(roster)
    told = sentence_of(rosters.sign, ref=roster.ref, seen=seen, by=stage.wu)
    assert told == "韩小雪于10:00办理了“拟稿”。请先由另一个人核稿，再签发。"
    assert sentence_of(rosters.verify, ref=roster.ref, seen=seen, by=drafter) == "您是拟稿人，请由另一个人核稿。"
    rosters.verify(ref=roster.ref, seen=seen, by=stage.wu, at=NOW)
    assert sentence_of(rosters.sign, ref=roster.ref, seen=seen, by=stage.wu) == ("您是核稿人，请由另一位签发人签发。")
    assert sentence_of(rosters.sign, ref=roster.ref, seen=seen, by=drafter) == "只有签发人可以签发。"
    assert rosters.sign(ref=roster.ref, seen=seen, by=stage.second_signer, at=NOW).state == RosterState.SIGNED


@pytest.mark.parametrize(
    "names", [("verified_by", "drafted_by"), ("signed_by", "drafted_by"), ("signed_by", "verified_by")]
)
def test_the_database_too_refuses_one_person_in_two_steps(stage, approved, names):
    """Whatever the code does: a signed roster has three people (security.md A7, A43)."""
    roster = stage.signed(approved)
    one, other = names
    with pytest.raises(IntegrityError), transaction.atomic():
        Roster.objects.filter(pk=roster.pk).update(**{one: getattr(roster, other)})
    with pytest.raises(IntegrityError), transaction.atomic():
        Roster.objects.filter(pk=roster.pk).update(verified_by=None)


def test_nobody_verifies_or_signs_a_list_with_their_own_name(stage, approved):
    Application.objects.filter(pk=approved[0].pk).update(applicant=stage.second_signer)
    roster = stage.drafted(approved)
    seen = list_digest(roster)
    assert sentence_of(rosters.verify, ref=roster.ref, seen=seen, by=stage.second_signer) == (
        "名单里有您本人的申报，按回避规定请由其他人核稿。"
    )


def test_words_that_disagree_with_the_list_are_not_verified(stage, approved, drafter):
    roster = stage.drafted(approved)
    standard = standard_of(roster, NOW)
    wrong = replace(standard, title=standard.title.replace("等3名", "等4名"))
    rosters.edit(ref=roster.ref, seen=list_digest(roster), words=wrong, by=drafter, at=NOW)
    roster.refresh_from_db()
    assert sentence_of(rosters.verify, ref=roster.ref, seen=list_digest(roster), by=stage.wu) == (
        "文字写的是 4 名，名单是 3 名。请先退回拟稿人改正。"
    )


def test_whoever_changes_the_words_is_their_drafter(stage, approved):
    roster = stage.drafted(approved)
    before = list_digest(roster)
    words = replace(standard_of(roster, NOW), addressee="各有关企事业单位")
    rosters.edit(ref=roster.ref, seen=list_digest(roster), words=words, by=stage.wu, at=NOW)
    roster.refresh_from_db()
    assert (roster.drafted_by, list_digest(roster) == before) == (stage.wu, False)
    assert sentence_of(rosters.verify, ref=roster.ref, seen=list_digest(roster), by=stage.wu) == (
        "您是拟稿人，请由另一个人核稿。"
    )


def test_verified_roster_goes_back_with_a_reason(stage, approved, drafter):
    roster = verified(stage, approved)
    assert sentence_of(rosters.send_back, ref=roster.ref, reason=" ", by=stage.wu) == "请写明退回的理由。"
    back = rosters.send_back(ref=roster.ref, reason="抄送少了总工会", by=stage.wu, at=NOW)
    assert (back.state, back.verified_by, back.problem) == (RosterState.DRAFT, None, "退回拟稿：抄送少了总工会")
    assert Entry.objects.filter(action="send_back_roster").get().reason == "抄送少了总工会"


def test_each_office_puts_only_its_own_levels_on_a_roster(stage, approved):
    city = stage.file_at(State.APPROVED, "中级")
    roster = rosters.draft(refs=[city.ref, *(file.ref for file in approved)], by=stage.zhao, at=NOW)
    assert [entry.application for entry in roster.entries.all()] == [city]
    assert sentence_of(rosters.draft, refs=[city.ref], by=stage.wu) == (
        "没有选中可以发文的申报。请先勾选审核通过的人员。"
    )
    assert sentence_of(rosters.draft, refs=[city.ref], by=stage.li) == (
        "只有协会或市职称办的文书和签发人可以办理发文。"
    )
    with pytest.raises(Roster.DoesNotExist):
        rosters.sign(ref=roster.ref, seen="", by=stage.wu, at=NOW)


def test_discarded_draft_frees_its_people(stage, approved):
    roster = stage.drafted(approved)
    assert list(rosters.waiting_for_roster("association", NOW.date())) == []
    rosters.discard(ref=roster.ref, by=stage.wu, at=NOW)
    assert set(rosters.waiting_for_roster("association", NOW.date())) == set(approved)
    kept = stage.signed(approved)
    assert sentence_of(rosters.discard, ref=kept.ref, by=stage.wu) == (
        "您于10:00在另一个窗口办理了“签发”，已经签发的名单不能删除。"
    )


def test_file_on_a_roster_cannot_go_back(stage, approved):
    stage.drafted(approved)
    assert sentence_of(review.return_one_step, ref=approved[0].ref, reason="再看", by=stage.wu) == (
        "当前状态是“审核通过”，不能退回上一环节。请刷新页面，查看最新进度。"
    )


# ---- stepping back ----


def tied_by(kind):
    """Ways in which somebody has a tie to a file: another account, a colleague, a declared interest."""
    return {
        "another account": lambda file: (TieKind.IDENTITY, file.identity_index),
        "a colleague": lambda file: (TieKind.EMPLOYER, file.employer_name),
        "declared": lambda file: (TieKind.FILE, file.ref),
    }[kind]


@pytest.mark.parametrize("kind", ["another account", "a colleague", "declared"])
def test_nobody_verifies_or_signs_a_list_with_somebody_they_are_tied_to(stage, approved, kind):
    roster = stage.drafted(approved)
    seen = list_digest(roster)
    what, value = tied_by(kind)(approved[1])
    for person in (stage.wu, stage.second_signer):
        Tie.objects.create(person=person, kind=what, value=value, declared_at=NOW)
    tied = sentence_of(rosters.verify, ref=roster.ref, seen=seen, by=stage.second_signer)
    assert tied.endswith("按回避规定请由其他人核稿。")
    with pytest.raises(IntegrityError), transaction.atomic():
        Roster.objects.filter(pk=roster.pk).update(verified_by=stage.second_signer, verified_at=NOW)
    Tie.objects.filter(person=stage.second_signer).delete()
    rosters.verify(ref=roster.ref, seen=seen, by=stage.second_signer, at=NOW)
    assert sentence_of(rosters.sign, ref=roster.ref, seen=seen, by=stage.wu).endswith("按回避规定请由其他人签发。")
    with pytest.raises(IntegrityError), transaction.atomic():
        Roster.objects.filter(pk=roster.pk).update(signed_by=stage.wu, signed_at=NOW)
    Tie.objects.all().delete()
    assert rosters.sign(ref=roster.ref, seen=seen, by=stage.wu, at=NOW).signed_by == stage.wu


def test_who_reviewed_a_file_neither_verifies_nor_signs_its_list(stage, approved):
    roster = stage.drafted(approved)
    appoint(person=stage.li, office="association", duty="signer", at=NOW)
    seen = list_digest(roster)
    assert sentence_of(rosters.verify, ref=roster.ref, seen=seen, by=stage.li).startswith("您办过")
    with pytest.raises(IntegrityError), transaction.atomic():
        Roster.objects.filter(pk=roster.pk).update(verified_by=stage.li, verified_at=NOW)
    rosters.verify(ref=roster.ref, seen=seen, by=stage.second_signer, at=NOW)
    assert sentence_of(rosters.sign, ref=roster.ref, seen=seen, by=stage.li).endswith("请由没有办过的人签发。")
    with pytest.raises(IntegrityError), transaction.atomic():
        Roster.objects.filter(pk=roster.pk).update(signed_by=stage.li, signed_at=NOW)
