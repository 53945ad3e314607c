"""公示: whom the notice asks to show, for how many working days, who may object, and what an objection holds up."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from chuding.applications.deadlines import clock_of, days_left
from chuding.applications.models import Application
from chuding.applications.reviewing.models import Tie, TieKind
from chuding.applications.services import review
from chuding.applications.workflow import Declined, State
from chuding.decisions.models import Objection, Publicity, PublicityEntry
from chuding.decisions.services import publicity, rosters
from chuding.messages.models import Message
from chuding.policy.schema import PublicityEntry as Asked
from chuding.policy.working_days import add_working_days
from stage import NOW

GROUND = publicity.Terms("《职称评审管理暂行规定》第二十三条", 5)
# Five working days from 18 September 2024, over 中秋 and before 国庆: the 19th, 20th, 23rd, 24th, 25th.
LAST = date(2024, 9, 25)
AFTER = NOW + timedelta(days=8)
SAID = publicity.Said("钱 谷子", "138 0000 1111", "他在2021年还没有从事这个专业的工作，可以向单位核实。")


@pytest.fixture(autouse=True)
def clock(settings):
    settings.CLOCK_OFFSET = NOW - timezone.now()


@pytest.fixture
def approved(stage):
    return [stage.file_at(State.APPROVED) for _ in range(2)]


@pytest.fixture
def asking(monkeypatch):
    """The notice of Zhenjiang asks for five working days, as if its text did."""
    rule = Asked.model_validate({"依据": "六", "原文": "公示", "结果": "5个工作日"})
    monkeypatch.setattr("chuding.policy.notice.Notice.publicity", rule)


def shown(stage, files):
    return publicity.publish(refs=[file.ref for file in files], own=GROUND, by=stage.wu, at=NOW)


def refused(act, **values):
    with pytest.raises(Declined) as refusal:
        act(**values)
    return refusal.value.sentence


def free(at):
    return set(rosters.waiting_for_roster("association", at.date()))


def test_list_runs_for_working_days_and_holds_the_roster_until_it_is_over(stage, approved):
    found = shown(stage, approved[:1])
    assert (found.last_on, found.ground) == (LAST, GROUND.ground)
    assert free(NOW) == {approved[1]}
    assert free(NOW.replace(day=25)) == {approved[1]}
    assert free(NOW.replace(day=26)) == set(approved)
    assert refused(rosters.draft, refs=[approved[0].ref], by=stage.wu, at=NOW).startswith("没有选中可以发文的申报")
    with pytest.raises(IntegrityError), transaction.atomic():
        PublicityEntry.objects.create(publicity=found, application=approved[0], position=9)


def test_notice_that_asks_is_obeyed_and_one_that_does_not_needs_a_ground(stage, approved, asking):
    assert free(AFTER) == set()
    found = publicity.publish(refs=[approved[0].ref], own=None, by=stage.wu, at=NOW)
    assert (found.last_on, found.ground) == (LAST, "镇技协〔2024〕1号六：“公示”")
    assert free(AFTER) == {approved[0]}


def test_offices_clock_stands_while_a_list_is_shown_and_an_objection_does_not_stop_it(stage, approved):
    """Ten days from the approval: one is used when the list begins, and nine are left when it is over, over 国庆."""
    (file, other), since = approved, date(2024, 9, 14)
    Application.objects.filter(pk=file.pk).update(stage_since=since, due_on=add_working_days(since, 10))
    before = Application.objects.get(pk=other.pk).due_on
    shown(stage, [file])
    held = Application.objects.get(pk=file.pk)
    assert [clock_of(held, day).used for day in (NOW.date(), LAST, LAST + timedelta(days=1))] == [1, 1, 2]
    # 26, 27, 29 (worked), 30 September, 8 to 12 October (the 12th worked).
    assert (held.due_on, days_left(held, date(2024, 10, 14))) == (date(2024, 10, 12), -1)
    publicity.object_to(ref=Publicity.objects.get().ref, position=1, said=SAID, at=NOW)
    assert Application.objects.get(pk=file.pk).due_on == held.due_on
    assert Application.objects.get(pk=other.pk).due_on == before


def test_publishing_says_what_is_missing(stage, approved):
    refs = [approved[0].ref]
    assert refused(publicity.publish, refs=refs, own=None, by=stage.wu, at=NOW) == (
        "通知没有要求公示。按其他规定公示的，请写明依据。"
    )
    none = replace(GROUND, days=0)
    assert refused(publicity.publish, refs=refs, own=none, by=stage.wu, at=NOW) == "公示的工作日请写1到60之间的数。"
    assert refused(publicity.publish, refs=refs, own=GROUND, by=stage.zhao, at=NOW).startswith("没有选中可以公示")
    assert refused(publicity.publish, refs=refs, own=GROUND, by=stage.li, at=NOW).startswith("只有协会或市职称办")
    Application.objects.filter(pk=approved[0].pk).update(applicant=stage.second_signer)
    assert refused(publicity.publish, refs=refs, own=GROUND, by=stage.second_signer, at=NOW).startswith(
        "名单里有您本人的申报"
    )


def test_objection_holds_that_person_only_until_a_person_has_decided(stage, approved):
    found = shown(stage, approved)
    entry = found.entries.get(application=approved[0])
    held = publicity.object_to(ref=found.ref, position=entry.position, said=SAID, at=NOW)
    assert (held.name, held.contact, held.upheld) == ("钱谷子", "13800001111", None)
    assert free(AFTER) == {approved[1]}
    assert refused(publicity.decide, ref=held.ref, upheld=False, answer="无", by=stage.wu, at=AFTER) == (
        "请写明核实的经过和结论。"
    )
    publicity.decide(ref=held.ref, upheld=False, answer="已向单位核实，2021年起在本岗位。", by=stage.wu, at=AFTER)
    assert free(AFTER) == set(approved)
    assert refused(publicity.decide, ref=held.ref, upheld=True, answer="已经核实过", by=stage.wu, at=AFTER).startswith(
        "这件异议已由吴霜降于10:00处理，结论是异议不成立。"
    )
    with pytest.raises(IntegrityError), transaction.atomic():
        Objection.objects.filter(pk=held.pk).update(decided_by=None)


def test_upheld_objection_sends_the_file_back_and_it_is_shown_anew(stage, approved):
    file = approved[0]
    found = shown(stage, [file])
    held = publicity.object_to(ref=found.ref, position=1, said=SAID, at=NOW)
    with pytest.raises(Objection.DoesNotExist):
        publicity.decide(ref=held.ref, upheld=True, answer="别的机关", by=stage.zhao, at=NOW)
    publicity.decide(ref=held.ref, upheld=True, answer="单位证明2022年才到岗。", by=stage.wu, at=NOW)
    file.refresh_from_db()
    assert (file.life, file.signer, file.approved_at) == (State.RECHECK, None, None)
    assert Message.objects.filter(template="reopened", person=file.applicant).count() == 1
    assert publicity.public_rows(found) == []
    review.confirm(ref=file.ref, text="已补证明", by=stage.zhou, at=AFTER)
    review.approve(ref=file.ref, by=stage.wu, at=AFTER)
    again = publicity.publish(refs=[file.ref], own=GROUND, by=stage.wu, at=AFTER)
    assert again.entries.get().application == file


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"name": ""}, "name"), ({"phone": "123"}, "phone"), ({"text": "不服"}, "text"), ({"text": "x" * 1001}, "text")],
)
def test_objection_says_at_the_field_what_is_missing(stage, approved, changes, field):
    found = shown(stage, approved[:1])
    with pytest.raises(publicity.ObjectionProblem) as problem:
        publicity.object_to(ref=found.ref, position=1, said=replace(SAID, **changes), at=NOW)
    assert problem.value.field == field
    with pytest.raises(publicity.ObjectionProblem, match="公示已经结束"):
        publicity.object_to(ref=found.ref, position=1, said=SAID, at=AFTER)


def test_anybody_reads_names_and_units_and_a_masked_number_only_beside_two_of_one_name(stage, approved, client):
    Application.objects.filter(pk__in=[file.pk for file in approved]).update(full_name="王小明")
    found = shown(stage, approved)
    listed = client.get("/publicity/").content.decode()
    assert (f"/publicity/{found.ref}/" in listed, "王小明" in listed) == (True, False)
    page = client.get(f"/publicity/{found.ref}/")
    assert page["X-Robots-Tag"] == "noindex, noarchive"
    text = page.content.decode()
    assert (text.count("王小明</span>"), approved[0].identity_number in text) == (2, False)
    assert {row.mark for row in page.context["rows"]} == {
        f"{file.identity_number[:4]}**********{file.identity_number[-4:]}" for file in approved
    }
    assert client.get("/publicity/nothing/").status_code == 404


def test_list_that_is_over_names_nobody(stage, approved, client, settings):
    found = shown(stage, approved[:1])
    settings.CLOCK_OFFSET = AFTER - timezone.now()
    page = client.get(f"/publicity/{found.ref}/").content.decode()
    assert ("2024年9月25日</span> 24:00 结束" in page, approved[0].full_name in page) == (True, False)
    assert client.get(f"/publicity/{found.ref}/1/").status_code == 404
    assert "现在没有公示" in client.get("/publicity/").content.decode()


def test_by_the_pages_from_publishing_over_an_objection_to_its_decision(stage, approved, client):
    client.force_login(stage.wu)
    form = {"refs": [approved[0].ref], "ground": "", "days": "5"}
    missing = client.post("/decisions/publicity/new/", form)
    assert (missing.status_code, missing.context["chosen"]) == (422, {approved[0].ref})
    assert client.post("/decisions/publicity/new/", form | {"ground": GROUND.ground}).status_code == 302
    found = Publicity.objects.get()
    client.logout()
    address = f"/publicity/{found.ref}/1/"
    empty = client.post(address, {"name": "", "phone": "", "text": ""})
    assert (empty.status_code, set(empty.context["form"].errors)) == (422, {"name", "phone", "text"})
    taken = client.post(address, {"name": SAID.name, "phone": SAID.phone, "text": SAID.text})
    assert (taken.status_code, "异议已收到" in taken.content.decode()) == (200, True)
    assert client.get(f"/publicity/{found.ref}/7/").status_code == 404
    client.force_login(stage.wu)
    (held,) = client.get("/decisions/publicity/").context["open"]
    decide = f"/decisions/publicity/objections/{held.ref}/"
    lacking = client.post(decide, {"answer": "核实过了"})
    assert (lacking.status_code, lacking.context["errors"][0]["href"]) == (422, f"#no-{held.ref}")
    assert ">核实过了</textarea>" in lacking.content.decode()
    assert client.post(decide, {"upheld": "no", "answer": "已向单位核实，属实。"}).status_code == 302
    assert client.get("/decisions/publicity/").context["open"] == []
    late = client.post(decide, {"upheld": "no", "answer": "我也核实过，属实。"})
    assert (late.status_code, late.context["kept"], late.context["errors"][0]["href"]) == (
        422,
        "我也核实过，属实。",
        "#main",
    )
    client.force_login(stage.zhao)
    assert client.post(decide, {"upheld": "no", "answer": "别的机关的"}).status_code == 404


def test_another_objection_still_holds_who_was_sent_back_by_the_first(stage, approved):
    file = approved[0]
    found = shown(stage, [file])
    first = publicity.object_to(ref=found.ref, position=1, said=SAID, at=NOW)
    second = publicity.object_to(ref=found.ref, position=1, said=replace(SAID, name="赵某"), at=NOW)
    publicity.decide(ref=first.ref, upheld=True, answer="单位证明2022年才到岗。", by=stage.wu, at=NOW)
    review.confirm(ref=file.ref, text="已补证明", by=stage.zhou, at=AFTER)
    review.approve(ref=file.ref, by=stage.wu, at=AFTER)
    assert file not in free(AFTER)
    publicity.decide(ref=second.ref, upheld=False, answer="与第一件相同，已核实。", by=stage.wu, at=AFTER)
    assert file in free(AFTER)


def test_objection_is_hidden_from_and_not_decided_by_whoever_has_a_part(stage, approved, client):
    file = approved[0]
    found = shown(stage, [file])
    held = publicity.object_to(ref=found.ref, position=1, said=SAID, at=NOW)
    client.force_login(stage.wu)
    assert held.name in client.get("/decisions/publicity/").content.decode()
    Tie.objects.create(person=stage.wu, kind=TieKind.FILE, value=file.ref, declared_at=NOW)
    assert held.name not in client.get("/decisions/publicity/").content.decode()
    assert refused(
        publicity.decide, ref=held.ref, upheld=False, answer="不成立，已核实。", by=stage.wu, at=NOW
    ).startswith("这件异议涉及您本人或者与您有关的人")


def test_nobody_publishes_a_list_with_somebody_they_are_tied_to_nor_decides_an_objection(stage, approved):
    Tie.objects.create(person=stage.wu, kind=TieKind.IDENTITY, value=approved[1].identity_index, declared_at=NOW)
    refs = [file.ref for file in approved]
    assert refused(publicity.publish, refs=refs, own=GROUND, by=stage.wu, at=NOW).endswith("按回避规定请由其他人公示。")
    found = shown(stage, approved[:1])
    with pytest.raises(IntegrityError), transaction.atomic():
        PublicityEntry.objects.create(publicity=found, application=approved[1], position=2)
    objection = publicity.object_to(ref=found.ref, position=1, said=SAID, at=NOW)
    Tie.objects.create(person=stage.wu, kind=TieKind.FILE, value=approved[0].ref, declared_at=NOW)
    decided = {"upheld": False, "answer": "查过了，没有问题。", "decided_at": NOW}
    with pytest.raises(IntegrityError), transaction.atomic():
        Objection.objects.filter(pk=objection.pk).update(decided_by=stage.wu, **decided)
    assert Objection.objects.filter(pk=objection.pk).update(decided_by=stage.second_signer, **decided) == 1
