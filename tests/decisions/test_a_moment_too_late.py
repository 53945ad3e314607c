"""Two people of an office at one document in one moment: one decides, the other is told who did, and keeps their words."""

from __future__ import annotations

import pytest
from django.utils import timezone

from at_once import at_once
from chuding.accounts.appointments import appoint
from chuding.applications.models import Application
from chuding.applications.workflow import State
from chuding.decisions.contents import list_digest
from chuding.decisions.models import Publicity, Roster, RosterEntry, RosterState, SpotCheck
from chuding.decisions.services import approving, publicity, revocations, rosters
from chuding.jobs.models import Job
from chuding.ledger.record import entries_about
from signing_in import signed_in
from stage import NOW, Stage, code_of


@pytest.fixture(autouse=True)
def clock(settings):
    settings.CLOCK_OFFSET = NOW - timezone.now()


def act(client, roster, action, **form):
    return client.post(f"/decisions/rosters/{roster.ref}/act/", {"action": action, **form})


def told(response):
    return response.status_code, response.context["errors"][0]["text"]


def third(stage):
    """Another clerk of documents: who verifies, where both signers are to sign."""
    person = stage.person("何立冬", "19922222222")
    appoint(person=person, office="association", duty="drafter", at=NOW)
    return person


def verified(stage):
    roster = stage.drafted([stage.file_at(State.APPROVED)])
    return rosters.verify(ref=roster.ref, seen=list_digest(roster), by=third(stage), at=NOW)


def test_list_that_shares_people_with_anothers_is_not_drafted_shorter(stage):
    files = [stage.file_at(State.APPROVED) for _ in range(3)]
    rosters.draft(refs=[files[0].ref], by=stage.town.officer("association", "drafter"), at=NOW)
    late = signed_in(stage.wu).post("/decisions/rosters/", {"refs": [file.ref for file in files]})
    title = Roster.objects.get().title
    assert told(late) == (
        422,
        f"{files[0].full_name}已经列入另一份名单：韩小雪于10:00办理了“拟稿”（{title}）。没有拟稿，请核对后重新勾选。",
    )
    assert RosterEntry.objects.count() == 1


def test_second_verifier_is_told_who_verified(stage):
    roster = stage.drafted([stage.file_at(State.APPROVED)])
    seen = list_digest(roster)
    rosters.verify(ref=roster.ref, seen=seen, by=stage.second_signer, at=NOW)
    late = act(signed_in(stage.wu), roster, "verify", seen=seen, sure="yes")
    assert told(late) == (422, "郑小寒于10:00办理了“核稿”，这份发文现在是“已核稿，待签发”，不用再核稿。")


def test_second_signer_is_told_who_signed_and_nothing_is_signed_twice(stage):
    roster = verified(stage)
    rosters.sign(ref=roster.ref, seen=list_digest(roster), by=stage.second_signer, at=NOW)
    late = act(
        signed_in(stage.wu), roster, "sign", seen=roster.list_digest, sure="yes", step_up_code=code_of(stage.wu, NOW)
    )
    assert told(late) == (422, "郑小寒于10:00办理了“签发”。没有再签发一次。")
    assert Roster.objects.get().signed_by == stage.second_signer


def test_reason_for_sending_back_what_was_signed_meanwhile_is_kept(stage):
    roster = stage.signed([stage.file_at(State.APPROVED)])
    late = act(signed_in(stage.second_signer), roster, "send_back", reason="主送单位写错了。")
    assert told(late) == (422, "吴霜降于10:00办理了“签发”，不能退回拟稿。")
    assert late.context["kept"] == "主送单位写错了。"
    assert late.content.decode().count("您写的内容没有提交，都在这里") == 1


def test_draft_that_somebody_threw_away_is_said_on_the_offices_page(stage):
    roster = stage.drafted([stage.file_at(State.APPROVED)])
    client = signed_in(stage.second_signer)
    rosters.discard(ref=roster.ref, by=stage.town.officer("association", "drafter"), at=NOW)
    answer = act(client, roster, "verify", seen="x")
    assert answer["Location"] == "/decisions/"
    page = client.get("/decisions/").content.decode()
    assert page.count("韩小雪于10:00办理了“删除拟稿”，名单里的人员回到了待发文名单。") == 1
    assert act(signed_in(stage.zhao), roster, "verify", seen="x").status_code == 404


def test_confirming_what_another_signer_rejected_is_said_and_revokes_nothing(stage, run_jobs):
    file = stage.file_at(State.ISSUED)
    proposal = revocations.propose(
        number=file.certificate_number, reason="材料不实。", clause="五", by=stage.wu, at=NOW
    )
    other = stage.second_signer
    revocations.decide(revocation_id=proposal.pk, agree=False, by=stage.wu, at=NOW)
    late = signed_in(other).post(
        f"/decisions/revocations/{proposal.pk}/confirm/", {"choice": "agree", "step_up_code": code_of(other, NOW)}
    )
    assert told(late) == (422, "这件提议已经办结：吴霜降于10:00办理了“不同意”。您的办理没有提交。")
    assert Application.objects.get(pk=file.pk).life is State.ISSUED


def test_many_approved_where_one_went_meanwhile_names_it_and_approves_none(stage):
    files = [stage.file_at(State.CITY, "中级") for _ in range(2)]
    other = stage.town.officers["冯大暑"]
    signed_in(other).post(
        f"/desk/{files[0].ref}/act/", {"action": "return", "version": files[0].version, "reason": "请核对年限。"}
    )
    late = signed_in(stage.zhao).post(
        "/decisions/approvals/",
        {"chosen": [f"{file.ref}:{file.version}" for file in files], "step_up_code": code_of(stage.zhao, NOW)},
    )
    name = files[0].full_name
    done = f"（{name}：冯大暑于10:00办理了“退回上一环节”）"
    assert told(late) == (422, f"{name}的申报已经不在您的待审批名单里{done}。全部没有办理，请返回列表重新选择。")
    assert {file.life for file in Application.objects.filter(level="中级")} == {State.RECHECK, State.CITY}


def test_result_of_a_spot_check_that_another_ended_is_kept(stage):
    file = stage.file_at(State.CITY, "中级")
    approving.draw(count=1, by=stage.zhao, at=NOW)
    for who in ("赵冬至", "冯大暑"):
        signed_in(stage.town.officers[who]).get(f"/desk/{file.ref}/")
    approving.looked_at(ref=file.ref, note="年限属实。", by=stage.zhao, at=NOW)
    late = signed_in(stage.town.officers["冯大暑"]).post(
        "/decisions/approvals/looked/", {"ref": file.ref, "note": "社保对得上。"}
    )
    assert told(late) == (422, f"{file.full_name}的抽查已由赵冬至于10:00办完。您写的没有提交。")
    assert late.context["kept"] == "社保对得上。"


# ---- truly at once ----


@pytest.mark.django_db(transaction=True)
def test_two_drafts_of_the_same_people_at_once_are_one() -> None:
    stage = Stage()
    refs = [stage.file_at(State.APPROVED).ref for _ in range(2)]
    clients = [signed_in(stage.wu), signed_in(stage.second_signer)]
    answers = at_once(*(lambda c=c: c.post("/decisions/rosters/", {"refs": refs}) for c in clients))
    assert sorted(answer.status_code for answer in answers) == [302, 422]
    assert (Roster.objects.count(), RosterEntry.objects.count()) == (1, 2)


@pytest.mark.django_db(transaction=True)
def test_signing_and_sending_back_at_once_leaves_one_of_them() -> None:
    stage = Stage()
    roster = verified(stage)
    seen, jobs = list_digest(roster), Job.objects.count()
    signer, other = signed_in(stage.wu), signed_in(stage.second_signer)
    answers = at_once(
        lambda: act(signer, roster, "sign", seen=seen, sure="yes", step_up_code=code_of(stage.wu, NOW)),
        lambda: act(other, roster, "send_back", reason="主送单位写错了。"),
    )
    assert sorted(answer.status_code for answer in answers) == [302, 422]
    signed = Roster.objects.get().state == RosterState.SIGNED
    acts = entries_about(("roster", roster.ref)).values_list("action", flat=True)
    assert [each for each in acts if each in {"sign_roster", "send_back_roster"}] == [
        "sign_roster" if signed else "send_back_roster"
    ]
    assert Job.objects.count() - jobs == int(signed)


@pytest.mark.django_db(transaction=True)
def test_spot_checks_drawn_by_two_at_once_are_drawn_once_each() -> None:
    stage = Stage()
    for _ in range(2):
        stage.file_at(State.CITY, "中级")
    people = [stage.zhao, stage.town.officers["冯大暑"]]
    drawn = at_once(*(lambda p=p: approving.draw(count=2, by=p, at=NOW) for p in people))
    assert SpotCheck.objects.count() == 2
    assert sorted(type(each).__name__ for each in drawn) == ["Declined", "list"]


@pytest.mark.django_db(transaction=True)
def test_list_published_by_two_at_once_is_shown_once() -> None:
    stage = Stage()
    refs = [stage.file_at(State.APPROVED).ref for _ in range(2)]
    own = publicity.Terms("协会章程第十条", 5)
    at_once(
        *(lambda p=p: publicity.publish(refs=refs, own=own, by=p, at=NOW).ref for p in (stage.wu, stage.second_signer))
    )
    assert Publicity.objects.count() == 1
