from __future__ import annotations

from datetime import timedelta

import pytest
from desk_steps import crowd, judge_all, reread

from chuding.accounts.appointments import appoint
from chuding.applications.models import Correction
from chuding.applications.services import review
from chuding.applications.workflow import Declined, State
from chuding.messages.models import Message
from stage import NOW


def sentence_of(act, **values):
    with pytest.raises(Declined) as refusal:
        act(**values, at=NOW)
    return refusal.value.sentence


def test_send_back_names_every_defect_at_once(stage, run_jobs):
    file = stage.file_at(State.REVIEWING)
    judge_all(file, stage.li, defects={"2": "证书编号看不清。请重新扫描。"})
    texts = Message.objects.filter(person=file.applicant, template="correction").count()
    review.send_back(
        ref=file.ref,
        defects=review.Defects({"work": "起始时间与劳动合同不一致。", "schooling": "  "}, {"6": "请补交。", "4": ""}),
        by=stage.li,
        at=NOW,
    )
    correction = Correction.objects.get(application=file)
    mended = file.current_materials().get(code="2")
    assert correction.items == [
        {
            "part": "material:2",
            "reason": "证书编号看不清。请重新扫描。",
            "code": "",
            "material": mended.ref,
            "marks": [],
        },
        {"part": "material:6", "reason": "请补交。"},
        {"part": "section:work", "reason": "起始时间与劳动合同不一致。"},
    ]
    assert reread(file).life is State.CORRECTION
    assert Message.objects.filter(person=file.applicant, template="correction").count() == texts
    run_jobs(NOW + timedelta(seconds=31))
    assert Message.objects.filter(person=file.applicant, template="correction").count() == texts + 1


def test_send_back_waits_until_every_material_is_judged(stage):
    file = stage.file_at(State.REVIEWING)
    codes = "、".join(material.code for material in file.current_materials())
    assert sentence_of(review.send_back, ref=file.ref, defects=review.Defects({"work": "有误"}), by=stage.li) == (
        f"还有材料没有判断：{codes}。退回或通过之前，每份材料都要给出结论（一次性告知）。"
    )
    assert (Correction.objects.count(), reread(file).life) == (0, State.REVIEWING)


def test_send_back_without_a_defect_is_declined(stage):
    file = stage.file_at(State.REVIEWING)
    judge_all(file, stage.li)
    assert sentence_of(review.send_back, ref=file.ref, defects=review.Defects(), by=stage.li) == (
        "没有任何一项被标为有问题，不能退回。请先标出要修改的材料或内容。"
    )


def test_recommend_against_a_defect_or_the_rules_is_declined_without_words(stage):
    file = stage.file_at(State.REVIEWING)
    judge_all(file, stage.li, defects={"1": "没有盖章。"})
    favourable = sentence_of(review.recommend, ref=file.ref, favourable=True, text="可以", by=stage.li)
    assert favourable == "有材料被标为有问题，不能建议通过。请退回补正，或改判材料。"
    against = sentence_of(review.recommend, ref=file.ref, favourable=False, text=" ", by=stage.li)
    assert against == "请写明理由：规则核验不是“符合”，或者您不建议通过。"


def test_refuse_keeps_clause_reason_and_person(stage):
    file = stage.file_at(State.RECHECK)
    review.refuse(ref=file.ref, clause="二(二)", reason="见习不满1年。", by=stage.zhou, at=NOW)
    file = reread(file)
    assert (file.life, file.refused_clause, file.refused_reason, file.rechecker) == (
        State.REFUSED,
        "二(二)",
        "见习不满1年。",
        stage.zhou,
    )


@pytest.mark.parametrize(
    ("clause", "reason", "sentence"),
    [
        ("二(九)", "不满1年。", "请选择不予通过所依据的通知条款。"),
        ("", "不满1年。", "请选择不予通过所依据的通知条款。"),
        ("二(二)", " ", "请写明不予通过的理由，再提交一次。"),
    ],
)
def test_refuse_needs_a_clause_of_the_notice_and_a_reason(stage, clause, reason, sentence):
    file = stage.file_at(State.RECHECK)
    assert sentence_of(review.refuse, ref=file.ref, clause=clause, reason=reason, by=stage.zhou) == sentence
    assert reread(file).life is State.RECHECK


DISTINCT = "初审、复核、签发必须是三个不同的人。您已经办过这份申报的另一个环节，请由其他人办理。"


def test_reviewer_rechecker_and_signer_are_three_people(stage):
    appoint(person=stage.li, office="association", duty="rechecker", at=NOW)
    appoint(person=stage.zhou, office="association", duty="signer", at=NOW)
    file = stage.file_at(State.RECHECK)
    assert sentence_of(review.confirm, ref=file.ref, text="", by=stage.li) == DISTINCT
    review.confirm(ref=file.ref, text="", by=stage.zhou, at=NOW)
    assert sentence_of(review.approve, ref=file.ref, by=stage.zhou) == DISTINCT
    review.approve(ref=file.ref, by=stage.wu, at=NOW)
    file = reread(file)
    assert (file.reviewer, file.rechecker, file.signer) == (stage.li, stage.zhou, stage.wu)


def test_own_file_is_nobodys_work(stage):
    (own,) = crowd(stage, stage.file_at(State.RECEIVED), 1, applicant=stage.li)
    assert sentence_of(review.take, ref=own.ref, by=stage.li) == ("这是您本人的申报。按规定您要回避，请由其他人办理。")


def test_take_of_another_reviewers_file_names_who_has_it(stage):
    other = stage.person("何立冬", "19922222222")
    appoint(person=other, office="association", duty="reviewer", at=NOW)
    file = stage.file_at(State.RECEIVED)
    review.take(ref=file.ref, by=stage.li, at=NOW)
    assert sentence_of(review.take, ref=file.ref, by=other) == (
        "该件由李谷雨于10:00领取，正在审核。请领取别的申报，或者与对方联系。"
    )


def test_junior_goes_to_the_association_and_intermediate_to_the_city(stage):
    junior, intermediate = stage.file_at(State.RECHECK), stage.file_at(State.RECHECK, "中级")
    for file in (junior, intermediate):
        review.confirm(ref=file.ref, text="", by=stage.zhou, at=NOW)
    assert (reread(junior).life, reread(intermediate).life) == (State.SIGNING, State.CITY)
    assert sentence_of(review.approve, ref=intermediate.ref, by=stage.wu) == (
        "当前状态是“待市职称办审批”，不能审批通过。请刷新页面，查看最新进度。"
    )
    assert sentence_of(review.approve, ref=junior.ref, by=stage.zhao) == (
        "当前状态是“待协会审批”，不能审批通过。请刷新页面，查看最新进度。"
    )
    review.approve(ref=intermediate.ref, by=stage.zhao, at=NOW)
    assert reread(intermediate).life is State.APPROVED


def test_nobody_approves_what_no_clause_grants(stage):
    file = stage.file_at(State.SIGNING)
    kept = file.assessments.latest()
    kept.report["levels"][file.level]["answer"] = "unknown"
    kept.save()
    assert sentence_of(review.approve, ref=file.ref, by=stage.wu) == (
        "没有条款授予所申报的级别（通知第二条第五款：不得擅自开口子），不能审批通过。请退回核实，或不予通过。"
    )


def test_returned_file_goes_one_step_back_and_may_be_released(stage):
    file = stage.file_at(State.RECHECK)
    review.return_one_step(ref=file.ref, reason="请再看材料2。", by=stage.zhou, at=NOW)
    assert reread(file).life is State.REVIEWING
    review.release(ref=file.ref, by=stage.li, at=NOW)
    assert (reread(file).life, reread(file).reviewer) == (State.RECEIVED, None)
