"""Two windows, or two people, at one file in one moment: one decides, the other is told who did, and keeps their words."""

from __future__ import annotations

from datetime import timedelta

import pytest
from desk_steps import judge_all, reread
from django.utils import timezone

from at_once import at_once
from chuding.accounts.appointments import appoint
from chuding.applications.models import Application
from chuding.applications.services import review, submission, undoing
from chuding.applications.workflow import State
from chuding.ledger.record import entries_about
from chuding.messages.models import Message
from signing_in import signed_in
from stage import NOW, Stage

KEPT = "您的办理没有提交，写的内容都还在。请核对现在的内容，再决定怎么办理。"


@pytest.fixture(autouse=True)
def clock(settings):
    settings.CLOCK_OFFSET = NOW - timezone.now()


def colleague(stage, duty="reviewer", office="association", phone="19922222222"):
    person = stage.person("何立冬", phone)
    appoint(person=person, office=office, duty=duty, at=NOW)
    return person


def send(client, file, version, action, **form):
    return client.post(f"/desk/{file.ref}/act/", {"action": action, "version": version, **form})


def told(response):
    return response.status_code, response.context["errors"][0]["text"], response.context["kept"]


def acts_on(file):
    return list(entries_about(("application", file.ref)).values_list("action", "by__display_name"))


def test_second_window_of_one_reviewer_is_told_what_the_first_did(stage):
    file = stage.file_at(State.REVIEWING)
    judge_all(file, stage.li, defects={"1": "看不清。"})
    one, other, version = signed_in(stage.li), signed_in(stage.li), reread(file).version
    assert send(one, file, version, "send_back").status_code == 302
    late = send(other, file, version, "recommend", favourable="no", text="材料不齐，不建议通过。")
    what = "打开页面以后，您于10:00在另一个窗口办理了“一次性告知补正”，这份申报现在是“待补正”。"
    assert told(late) == (422, what + KEPT, [("初审完成：意见", "材料不齐，不建议通过。")])
    assert (reread(file).life, reread(file).opinion, reread(file).corrections.count()) == (State.CORRECTION, "", 1)


def test_second_rechecker_is_told_who_was_faster_and_keeps_the_reason(stage):
    file = stage.file_at(State.RECHECK)
    other = colleague(stage, "rechecker")
    assert send(signed_in(stage.zhou), file, file.version, "confirm").status_code == 302
    late = send(signed_in(other), file, file.version, "refuse", clause="二(二)", reason="年限不满。")
    what = "打开页面以后，周白露于10:00办理了“复核完成”，这份申报现在是“待协会审批”。"
    assert told(late) == (422, what + KEPT, [("不予通过：理由", "年限不满。")])
    assert (reread(file).life, reread(file).rechecker) == (State.SIGNING, stage.zhou)


def test_second_signer_is_told_who_was_faster(stage):
    file = stage.file_at(State.CITY, "中级")
    other = stage.town.officers["冯大暑"]
    assert send(signed_in(stage.zhao), file, file.version, "return", reason="请再核对年限。").status_code == 302
    late = send(signed_in(other), file, file.version, "approve")
    what = "打开页面以后，赵冬至于10:00办理了“退回上一环节”，这份申报现在是“待复核”。"
    assert told(late) == (422, what + KEPT, [])
    assert (reread(file).life, reread(file).signer) == (State.RECHECK, None)


def test_file_that_the_applicant_withdrew_meanwhile_says_so(stage):
    file = stage.file_at(State.REVIEWING)
    judge_all(file, stage.li)
    version = reread(file).version
    submission.withdraw(ref=file.ref, by=file.applicant, at=NOW)
    late = send(signed_in(stage.li), file, version, "recommend", favourable="yes", text="符合条件。")
    what = "打开页面以后，申报人于10:00办理了“撤回”，这份申报现在是“已撤回”。"
    assert told(late) == (422, what + KEPT, [("初审完成：意见", "符合条件。")])


def test_file_whose_lease_ran_out_and_went_to_somebody_else_keeps_what_the_first_wrote(stage, settings):
    file = stage.file_at(State.REVIEWING)
    judge_all(file, stage.li)
    first, version = signed_in(stage.li), reread(file).version
    settings.CLOCK_OFFSET += timedelta(minutes=45)
    other = colleague(stage)
    at = NOW + timedelta(minutes=45)
    review.take(ref=file.ref, by=other, at=at)
    late = send(first, file, version, "send_back", section_work="请写明岗位。", missed="上次漏看。")
    what = "打开页面以后，何立冬于10:45办理了“接手审核”，这份申报现在是“审核中”。"
    kept = [
        ("一次性告知补正：填写工作经历和考核", "请写明岗位。"),
        ("一次性告知补正：上次为什么没有一并告知", "上次漏看。"),
    ]
    assert told(late) == (422, what + KEPT, kept)
    material = file.current_materials()[0]
    judged = first.post(
        f"/desk/{file.ref}/materials/{material.ref}/verdict/", {"verdict": "defect", "reason": "缺页。"}
    )
    held = "该件由何立冬于10:45领取，正在审核。您写的内容没有提交，还在下面，请与对方联系。"
    assert told(judged) == (422, held, [("判断材料：理由", "缺页。")])
    assert b'id="kept"' in judged.content
    assert reread(file).reviewer == other


def test_verdict_on_a_file_that_went_on_keeps_its_reason(stage):
    file = stage.file_at(State.REVIEWING)
    judge_all(file, stage.li)
    one, other = signed_in(stage.li), signed_in(stage.li)
    assert send(one, file, reread(file).version, "recommend", favourable="yes").status_code == 302
    material = file.current_materials()[0]
    late = other.post(f"/desk/{file.ref}/materials/{material.ref}/verdict/", {"verdict": "defect", "reason": "缺页。"})
    what = "打开页面以后，您于10:00在另一个窗口办理了“初审完成”，这份申报现在是“待复核”。"
    assert told(late) == (422, what + KEPT, [("判断材料：理由", "缺页。")])
    material.refresh_from_db()
    assert material.verdict == "fit"


def test_verdict_on_a_replaced_material_stands_at_the_new_one(stage):
    file = stage.file_at(State.REVIEWING)
    material = file.current_materials()[0]
    Application.objects.get(pk=file.pk).materials.filter(pk=material.pk).update(replaced_at=NOW)
    answer = signed_in(stage.li).post(
        f"/desk/{file.ref}/materials/{material.ref}/verdict/", {"verdict": "defect", "reason": "缺第二页。"}
    )
    assert (answer.status_code, answer.context["place"]) == (422, f"material-{material.code}")


@pytest.fixture
def taken_back(stage):
    """A file that the city signer has open while the rechecker takes it back within the half minute."""
    file = stage.file_at(State.RECHECK, "中级")
    assert send(signed_in(stage.zhou), file, file.version, "confirm").status_code == 302
    city = signed_in(stage.zhao)
    assert city.get(f"/desk/{file.ref}/").status_code == 200
    version = reread(file).version
    undoing.undo(ref=file.ref, by=stage.zhou, at=NOW)
    return file, version, city


def test_signer_whose_file_was_taken_back_is_told_and_keeps_what_they_typed(taken_back):
    file, version, city = taken_back
    where = "打开页面以后，周白露于10:00办理了“撤销刚才的办理”，这份申报现在是“待复核”，不在您这里了。"
    late = send(city, file, version, "refuse", clause="二(二)", reason="年限不满，见第3页。")
    page = late.content.decode()
    assert (late.status_code, where + "您的办理没有提交。" in page, "年限不满，见第3页。" in page) == (422, True, True)
    assert "desk.css" in page  # else the page's script would ask for the address anew, without the words
    noted = city.post(f"/desk/{file.ref}/note/", {"note": "请核对社保。"})
    assert (noted.status_code, noted.context["kept"]) == (422, [("内部备注", "请核对社保。")])
    again = city.get(f"/desk/{file.ref}/")
    assert (again.status_code, where in again.content.decode()) == (404, True)
    assert (reread(file).life, reread(file).refused_reason) == (State.RECHECK, "")


def test_file_taken_back_is_not_there_for_who_never_had_it_open(stage, taken_back):
    file, version, _ = taken_back
    other = signed_in(stage.town.officers["冯大暑"])
    answers = [other.get(f"/desk/{file.ref}/"), send(other, file, version, "refuse", reason="年限不满。")]
    assert [(each.status_code, file.number in each.content.decode()) for each in answers] == [(404, False)] * 2


def test_file_taken_back_is_not_there_any_more_after_a_day(stage, taken_back, settings):
    file, version, _ = taken_back
    settings.CLOCK_OFFSET += timedelta(days=1, minutes=1)
    assert send(signed_in(stage.zhao), file, version, "return", reason="请再核对。").status_code == 404


# ---- truly at once ----


def _reviewers(stage):
    file = stage.file_at(State.REVIEWING)
    judge_all(file, stage.li, defects={"1": "看不清。"})
    version = reread(file).version
    acts = [("send_back", {}), ("recommend", {"favourable": "no", "text": "材料不齐。"})]
    return file, version, [(stage.li, acts[0]), (stage.li, acts[1])]


def _recheckers(stage):
    file = stage.file_at(State.RECHECK)
    refusal = ("refuse", {"clause": "二(二)", "reason": "年限不满。"})
    return file, file.version, [(stage.zhou, ("confirm", {})), (colleague(stage, "rechecker"), refusal)]


def _signers(stage):
    file = stage.file_at(State.CITY, "中级")
    back = ("return", {"reason": "请再核对年限。"})
    return file, file.version, [(stage.zhao, ("approve", {})), (stage.town.officers["冯大暑"], back)]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("scene", [_reviewers, _recheckers, _signers])
def test_of_two_acts_at_once_one_stands_and_the_other_is_told(scene) -> None:
    stage = Stage()
    file, version, people = scene(stage)
    before = len(acts_on(file))
    clients = [(signed_in(person), act) for person, act in people]
    jobs_of = Message.objects.count()
    answers = at_once(*(lambda c=c, a=a: send(c, file, version, a[0], **a[1]) for c, a in clients))
    assert sorted(answer.status_code for answer in answers) == [302, 422]
    (late,) = (answer for answer in answers if answer.status_code == 422)
    assert late.context["errors"][0]["text"].startswith("打开页面以后，")
    assert KEPT in late.context["errors"][0]["text"]
    assert (reread(file).version, len(acts_on(file)) - before) == (version + 1, 1)
    assert Message.objects.count() == jobs_of
    assert reread(file).corrections.count() == (reread(file).life is State.CORRECTION)
