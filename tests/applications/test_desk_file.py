from __future__ import annotations

import json
import re
from datetime import date, timedelta

import pytest
from desk_steps import crowd, judge_all, reread, show_all, statements
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from chuding.accounts.appointments import appoint
from chuding.accounts.masking import mask_identity
from chuding.applications.aftercare_models import FileView
from chuding.applications.material_kinds import Kind
from chuding.applications.models import Application, Assessment, Verdict
from chuding.applications.reviewing.models import Viewing
from chuding.applications.reviewing.reasons import reasons_for, written_reason
from chuding.applications.services import drafting, review, submission, taking, ties
from chuding.applications.services.likenesses import find_likenesses
from chuding.applications.services.review import Defects
from chuding.applications.views.desk_facts import facts_rows
from chuding.applications.workflow import State
from chuding.policy.notice import load_notice
from stage import NOW


@pytest.fixture(autouse=True)
def clock(settings):
    settings.CLOCK_OFFSET = NOW - timezone.now()


def post_act(client, file, action, **form):
    return client.post(f"/desk/{file.ref}/act/", {"action": action, "version": reread(file).version, **form})


def test_file_page_draws_the_acts_that_are_open_to_each(stage, client):
    expected = [
        (State.RECEIVED, "助理级", "li", {"take"}),
        (State.REVIEWING, "助理级", "li", {"recommend", "send_back", "release", "hand_over"}),
        (State.REVIEWING, "助理级", "zhou", set()),
        (State.CORRECTION, "助理级", "li", {"close"}),
        (State.RECHECK, "助理级", "zhou", {"confirm", "return", "refuse"}),
        (State.RECHECK, "助理级", "li", set()),
        (State.SIGNING, "助理级", "wu", {"approve", "return", "refuse"}),
        (State.CITY, "中级", "zhao", {"approve", "return", "refuse"}),
        (State.CITY, "中级", "wu", set()),
    ]
    files = {}
    for state, level, who, acts in expected:
        file = files.setdefault((state, level), None) or stage.file_at(state, level)
        files[state, level] = file
        client.force_login(getattr(stage, who))
        response = client.get(f"/desk/{file.ref}/")
        assert (state, who, response.status_code, response.context["acts"]) == (state, who, 200, acts)


def test_file_page_shows_the_clause_and_masks_the_identity_number(stage, client):
    file = stage.file_at(State.REVIEWING)
    client.force_login(stage.li)
    response = client.get(f"/desk/{file.ref}/")
    page = response.content.decode()
    number = file.identity_number
    assert number not in page
    assert f"{number[:6]}********{number[14:]}" in page
    verdict = response.context["verdict"]
    assert (verdict["answer"], [line["met"] for line in verdict["conditions"]]) == (
        "yes",
        [True] * len(verdict["conditions"]),
    )
    assert len(verdict["met_gates"]) == len(load_notice(file.notice_id).gates)


def test_city_sees_intermediate_files_after_the_recheck_only(stage, client):
    junior, early, ready = (
        stage.file_at(State.SIGNING),
        stage.file_at(State.RECHECK, "中级"),
        stage.file_at(State.CITY, "中级"),
    )
    client.force_login(stage.zhao)
    assert [client.get(f"/desk/{file.ref}/").status_code for file in (junior, early, ready)] == [404, 404, 200]


def test_own_file_is_not_on_ones_desk(stage, client):
    (own,) = crowd(stage, stage.file_at(State.RECEIVED), 1, applicant=stage.li)
    client.force_login(stage.li)
    assert client.get(f"/desk/{own.ref}/").status_code == 404
    assert client.post("/desk/take/", {"ref": own.ref}).status_code == 404
    assert [file.ref for file, *_ in client.get("/desk/?tab=all").context["rows"] if file.ref == own.ref] == []


def test_being_a_clerk_besides_opens_no_file_on_the_desk(stage, client):
    file = stage.file_at(State.EMPLOYER, online=True)
    clerk = stage.clerk_of(file)
    appoint(person=clerk, office="association", duty="reviewer", at=NOW)
    client.force_login(clerk)
    assert client.get(f"/desk/{file.ref}/").status_code == 404
    assert client.get(f"/employer/{file.ref}/").status_code == 200


def test_verdicts_go_from_material_to_material_and_then_to_the_decision(stage, client):
    file = stage.file_at(State.REVIEWING)
    client.force_login(stage.li)
    materials = list(file.current_materials())
    address = f"/desk/{file.ref}/"
    unseen = client.post(f"{address}materials/{materials[0].ref}/verdict/", {"verdict": "fit"})
    assert unseen.status_code == 422
    assert unseen.context["errors"] == [
        {"href": "#material-1", "text": "还有页面没有打开看过：材料1第1页。看过每一页，才能判为合格。"}
    ]
    assert "还有 1 页没有看，看过才能判为合格</span>" in client.get(address).content.decode()
    for material, following in zip(materials, [*materials[1:], None], strict=True):
        shown = json.dumps({material.ref: list(range(1, material.pages + 1))})
        response = client.post(f"{address}materials/{material.ref}/verdict/", {"verdict": "fit", "shown": shown})
        where = (
            f"?material={following.ref}#material-{following.code}" if following else f"?material={material.ref}#decide"
        )
        assert response["Location"] == address + where
    assert {m.verdict for m in file.current_materials()} == {Verdict.FIT}


def test_defect_without_words_keeps_the_page_and_says_what_to_do(stage, client):
    file = stage.file_at(State.REVIEWING)
    client.force_login(stage.li)
    material = file.current_materials()[1]
    response = client.post(f"/desk/{file.ref}/materials/{material.ref}/verdict/", {"verdict": "defect"})
    assert response.status_code == 422
    assert response.context["errors"] == [
        {"href": f"#material-{material.code}", "text": "请写明这份材料的问题和修改办法。"}
    ]
    assert {m.verdict for m in file.current_materials()} == {Verdict.PENDING}


def test_common_reason_and_own_words_are_joined(stage, client):
    file = stage.file_at(State.REVIEWING)
    client.force_login(stage.li)
    material = file.current_materials().get(code="1")
    common = reasons_for(Kind.ENDORSEMENT)[0]
    client.post(
        f"/desk/{file.ref}/materials/{material.ref}/verdict/",
        {"verdict": "defect", "common": common.code, "reason": "请在一周内补。"},
    )
    material.refresh_from_db()
    assert (material.verdict, material.verdict_reason) == (Verdict.DEFECT, common.text + "请在一周内补。")


def test_written_reason_says_nothing_twice_and_takes_no_foreign_choice():
    common = reasons_for(Kind.SUMMARY)[0]
    assert written_reason(Kind.SUMMARY, common.code, f" {common.text} ") == common.text
    assert written_reason(Kind.SUMMARY, common.code, "") == common.text
    assert written_reason(Kind.SUMMARY, "<b>别的</b>", "自己写的。") == "自己写的。"


def test_every_kind_of_material_has_its_own_reasons_before_those_of_all():
    for_all = reasons_for(Kind.OTHER)
    own = {kind: reasons_for(kind)[: -len(for_all)] for kind in Kind}
    assert {kind for kind, reasons in own.items() if not reasons} == {Kind.OTHER}
    assert {reasons_for(kind)[-len(for_all) :] for kind in Kind} == {for_all}


def test_declined_act_keeps_what_was_typed(stage, client):
    file = stage.file_at(State.REVIEWING)
    judge_all(file, stage.li, defects={"1": "没有盖章。"})
    client.force_login(stage.li)
    response = post_act(client, file, "recommend", favourable="yes", text="我写了很长的一段说明")
    assert (response.status_code, reread(file).life) == (422, State.REVIEWING)
    page = response.content.decode()
    assert page.count("我写了很长的一段说明") == 1
    assert page.count("有材料被标为有问题，不能建议通过。请退回补正，或改判材料。") == 1
    response = post_act(client, file, "refuse", clause="二(二)", reason="不满1年")
    assert response.status_code == 422


def test_stale_page_is_told_so_and_changes_nothing(stage, client):
    file = stage.file_at(State.SIGNING)
    client.force_login(stage.wu)
    response = client.post(f"/desk/{file.ref}/act/", {"action": "approve", "version": file.version - 1})
    assert response.context["errors"][0]["text"] == (
        "打开页面以后，周白露于4月23日18:27办理了“复核完成”，这份申报现在是“待协会审批”。"
        "您的办理没有提交，写的内容都还在。请核对现在的内容，再决定怎么办理。"
    )
    assert reread(file).life is State.SIGNING


def test_work_goes_on_with_the_next_file(stage, client):
    file = stage.file_at(State.SIGNING)
    (next_one,) = crowd(stage, file, 1)
    client.force_login(stage.wu)
    assert post_act(client, file, "approve")["Location"] == f"/desk/{next_one.ref}/"
    assert post_act(client, next_one, "approve")["Location"] == "/desk/?tab=signing"


def test_whole_review_by_the_pages(stage, client):
    file = stage.file_at(State.RECEIVED)
    client.force_login(stage.li)
    post_act(client, file, "take")
    show_all(file, stage.li)
    for material in file.current_materials():
        client.post(f"/desk/{file.ref}/materials/{material.ref}/verdict/", {"verdict": "fit"})
    post_act(client, file, "recommend", favourable="yes", text="")
    client.force_login(stage.zhou)
    post_act(client, file, "return", reason="请核对工作时间。")
    client.force_login(stage.li)
    post_act(client, file, "recommend", favourable="yes", text="已核对。")
    client.force_login(stage.zhou)
    post_act(client, file, "confirm", text="同意")
    client.force_login(stage.wu)
    post_act(client, file, "approve")
    assert reread(file).life is State.APPROVED
    titles = [step["title"] for step in client.get(f"/desk/{file.ref}/").context["history"]]
    assert titles[:5] == ["审批通过", "复核完成", "初审完成：建议通过", "退回上一环节", "初审完成：建议通过"]
    assert titles[5:7] == ["、".join(f"材料{m.code} 合格" for m in file.current_materials()), "受理"]


def test_page_image_and_original_are_for_the_desk_only(stage, client, run_jobs):
    file = stage.file_at(State.REVIEWING)
    run_jobs(NOW)
    material = file.current_materials()[0]
    base = f"/desk/{file.ref}/materials/{material.ref}"
    client.force_login(stage.li)
    image = client.get(f"{base}/pages/1.webp")
    assert (image.status_code, image["Content-Type"], image["X-Content-Type-Options"]) == (200, "image/webp", "nosniff")
    assert b"".join(image.streaming_content)[8:12] == b"WEBP"
    assert client.get(f"{base}/pages/{material.pages + 1}.webp").status_code == 404
    original = client.get(f"{base}/file/")
    assert original["Content-Disposition"].startswith("attachment")
    assert original["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert b"".join(original.streaming_content)[:5] == b"%PDF-"
    client.force_login(stage.qian)
    assert [client.get(f"{base}/{rest}").status_code for rest in ("pages/1.webp", "file/")] == [404, 404]
    other = stage.file_at(State.RECEIVED)
    client.force_login(stage.li)
    assert client.get(f"/desk/{other.ref}/materials/{material.ref}/file/").status_code == 404


def test_file_page_costs_the_same_with_a_long_history(stage, client):
    file = stage.file_at(State.REVIEWING)
    client.force_login(stage.li)
    client.get(f"/desk/{file.ref}/")
    before, _ = statements(client, f"/desk/{file.ref}/")
    judge_all(file, stage.li)
    judge_all(file, stage.li, defects={"2": "看不清。"})
    after, _ = statements(client, f"/desk/{file.ref}/")
    assert (before, before <= 10) == (after, True)


def test_what_only_a_page_shows_is_not_read_where_no_page_is_made(stage, client):
    file = stage.file_at(State.REVIEWING)
    client.force_login(stage.li)
    with CaptureQueriesContext(connection) as asked:
        assert client.post(f"/desk/{file.ref}/shown/", {"shown": "{}"}).status_code == 204
    tables = ("applications_assessment", "applications_education", "applications_workspell")
    assert [q["sql"] for q in asked.captured_queries if any(f'FROM "{table}"' in q["sql"] for table in tables)] == []


def test_that_a_file_was_opened_is_written_once_a_minute(stage, client, settings):
    file = stage.file_at(State.REVIEWING)
    client.force_login(stage.li)
    client.get(f"/desk/{file.ref}/")
    first = FileView.objects.get(application=file, person=stage.li).last_at
    client.get(f"/desk/{file.ref}/")
    assert FileView.objects.get(application=file, person=stage.li).last_at == first
    settings.CLOCK_OFFSET += timedelta(minutes=2)
    client.get(f"/desk/{file.ref}/")
    assert FileView.objects.get(application=file, person=stage.li).last_at - first >= timedelta(minutes=2)


def test_likeness_is_shown_side_by_side_and_settled_on_its_page(stage, client):
    file, other = stage.file_at(State.REVIEWING), stage.file_at(State.RECEIVED)
    copied = other.current_materials().get(code="2")
    file.current_materials().filter(code="2").update(file=copied.file)
    find_likenesses(file, at=NOW)
    client.force_login(stage.li)
    page = client.get(f"/desk/{file.ref}/")
    (held,) = page.context["alike"]
    address = f"/desk/{file.ref}/alike/{held.pk}/"
    assert address in page.content.decode()
    sides = client.get(address).context["sides"]
    assert [dict(lines)["办件号"] for _, lines in sides] == [file.number, other.number]
    assert client.post(address, {"reason": "不同的人"}).context["errors"][0]["text"] == "请选择“是重复”或“不是重复”。"
    assert client.post(address, {"same": "no", "reason": "姓名不同"})["Location"] == f"/desk/{file.ref}/#alike"
    held.refresh_from_db()
    assert (held.same, held.reason, held.decided_by) == (False, "姓名不同", stage.li)
    assert client.get(f"/desk/{file.ref}/alike/{held.pk + 1}/").status_code == 404


def opened(client, address):
    response = client.get(address)
    response.getvalue()  # read to its end: a stream that is closed unread closes the database, too
    return response.status_code


def test_pages_without_a_script_tell_by_their_pictures_that_they_were_shown(stage, client, run_jobs):
    file = stage.file_at(State.RECEIVED)
    client.force_login(stage.li)
    client.post("/desk/take/", {"ref": file.ref})
    run_jobs(NOW)
    page = client.get(f"/desk/{file.ref}/").content.decode()
    pictures = re.findall(r'<noscript><img src="([^"]+)"', page)
    assert len(pictures) == sum(m.pages for m in file.current_materials())
    for picture in pictures:
        assert opened(client, picture.replace("&amp;", "&")) == 200
    seen = Viewing.objects.filter(material__application=file, person=stage.li, whole=True)
    assert seen.count() == file.current_materials().count()
    version = reread(file).version
    form = {"action": "recommend", "version": version, "favourable": "yes", "rest_fit": "yes"}
    client.post(f"/desk/{file.ref}/act/", form)
    assert reread(file).life is State.RECHECK


def test_pictures_fetched_ahead_are_not_pages_shown(stage, client, run_jobs):
    file = stage.file_at(State.REVIEWING)
    run_jobs(NOW)
    client.force_login(stage.li)
    material = file.current_materials()[0]
    assert opened(client, f"/desk/{file.ref}/materials/{material.ref}/pages/1.webp") == 200
    assert Viewing.objects.filter(material__application=file, whole=True, last_at=NOW).count() == 0


def test_what_the_script_saw_counts_and_rubbish_does_not(stage, client):
    file = stage.file_at(State.RECEIVED)
    client.force_login(stage.li)
    client.post("/desk/take/", {"ref": file.ref})
    address = f"/desk/{file.ref}/shown/"
    for rubbish in (
        "",
        "x",
        "[1]",
        '{"a": [1]}',
        '{"a": 1}',
        "{}",
        '{"' + file.current_materials()[0].ref + '": ["1", true, 99]}',
    ):
        assert client.post(address, {"shown": rubbish}).status_code == 204
    assert Viewing.objects.filter(material__application=file).count() == 0
    shown = {m.ref: list(range(1, m.pages + 1)) for m in file.current_materials()}
    client.post(address, {"shown": json.dumps(shown)})
    assert Viewing.objects.filter(material__application=file, whole=True).count() == len(shown)


def test_conflict_keeps_what_was_typed_on_the_page(stage, client):
    other = stage.person("何立冬", "19922222222")
    appoint(person=other, office="association", duty="reviewer", at=NOW)
    file = stage.file_at(State.RECEIVED)
    client.force_login(other)
    client.post("/desk/take/", {"ref": file.ref})
    version = reread(file).version
    Application.objects.filter(pk=file.pk).update(
        reviewer=stage.li, taken_at=NOW, lease_until=NOW + timedelta(minutes=30)
    )
    response = client.post(
        f"/desk/{file.ref}/act/",
        {"action": "recommend", "version": version, "favourable": "no", "text": "我写了很长的一段理由"},
    )
    assert response.status_code == 422
    assert response.context["kept"] == [("初审完成：意见", "我写了很长的一段理由")]
    assert response.context["errors"][0]["text"].startswith("该件由李谷雨于10:00领取")


def test_script_is_told_where_to_go_and_what_may_be_undone(stage, client):
    file = stage.file_at(State.RECEIVED)
    client.force_login(stage.li)
    script = {"HTTP_X_DESK": "script"}
    assert client.post("/desk/take/", {"ref": file.ref}, **script).json() == {"to": f"/desk/{file.ref}/", "said": []}
    show_all(file, stage.li)
    form = {"action": "recommend", "version": reread(file).version, "favourable": "yes", "rest_fit": "yes"}
    answer = client.post(f"/desk/{file.ref}/act/", form, **script).json()
    words = f"{file.full_name}（{file.number}）：初审完成，已转下一环节。"
    assert answer == {"to": "/desk/?tab=received", "said": [{"text": words, "undo": file.ref}]}
    answer = client.post(f"/desk/{file.ref}/act/", {"action": "undo"}, **script).json()
    assert (answer["to"], reread(file).life) == (f"/desk/{file.ref}/", State.REVIEWING)
    declined = client.post(f"/desk/{file.ref}/act/", {"action": "undo"}, **script)
    assert declined.status_code == 422


def test_undo_stands_on_the_next_page_without_a_script(stage, client):
    file = stage.file_at(State.REVIEWING)
    judge_all(file, stage.li)
    client.force_login(stage.li)
    response = post_act(client, file, "recommend", favourable="yes", text="")
    page = client.get(response["Location"]).content.decode()
    assert f'action="/desk/{file.ref}/act/"' in page
    assert "撤销（30 秒内）" in page


def test_next_files_in_hand_are_told_for_fetching_ahead(stage, client):
    file = stage.file_at(State.RECEIVED)
    crowd(stage, file, 2)
    client.force_login(stage.li)
    client.post("/desk/take/", {"most": "20"})
    told = client.get("/desk/next/", {"but": file.ref}).json()["next"]
    held = [f.ref for f in taking.held_by(stage.li, NOW) if f.ref != file.ref][:2]
    assert [each["file"] for each in told] == [f"/desk/{ref}/" for ref in held]


def test_pictures_are_fetched_ahead_once_they_are_drawn(stage, client):
    file = stage.file_at(State.RECEIVED)
    crowd(stage, file, 1)
    client.force_login(stage.li)
    client.post("/desk/take/", {"most": "20"})

    def told():
        return {each["file"]: each["pages"] for each in client.get("/desk/next/").json()["next"]}[f"/desk/{file.ref}/"]

    file.materials.update(pages_ready=False)
    assert told() == []
    last = file.current_materials().order_by("code").last()
    file.materials.filter(pk=last.pk).update(pages_ready=True)
    wanted = [f"/desk/{file.ref}/materials/{last.ref}/pages/{n}.webp" for n in range(1, last.pages + 1)][:3]
    assert told() == wanted != []


def test_two_more_than_the_next_are_in_hand_after_a_decision(stage, client):
    file = stage.file_at(State.REVIEWING)
    judge_all(file, stage.li)
    waiting = crowd(stage, file, 5, state=State.RECEIVED, reviewer=None, lease_until=None)
    client.force_login(stage.li)
    onwards = post_act(client, file, "recommend", favourable="yes", text="")["Location"]
    assert onwards == f"/desk/{waiting[0].ref}/"
    told = client.get("/desk/next/", {"but": waiting[0].ref}).json()["next"]
    assert [each["file"] for each in told] == [f"/desk/{each.ref}/" for each in waiting[1:3]]
    assert [reread(each).life for each in waiting[3:]] == [State.RECEIVED] * 2


def test_tied_officer_is_told_so_and_sees_nothing_of_the_file(stage, client):
    file = stage.file_at(State.RECEIVED)
    ties.step_back(ref=file.ref, reason="亲属", by=stage.li, at=NOW)
    client.force_login(stage.li)
    response = client.get(f"/desk/{file.ref}/")
    assert (response.status_code, "您已声明与这份申报有利害关系。" in response.content.decode()) == (403, True)
    assert file.full_name not in response.content.decode()


def test_notes_are_for_the_offices_only(stage, client):
    file = stage.file_at(State.REVIEWING)
    client.force_login(stage.li)
    assert client.post(f"/desk/{file.ref}/note/", {"note": " "}).status_code == 422
    client.post(f"/desk/{file.ref}/note/", {"note": "毕业学校电话核实过。"})
    assert "毕业学校电话核实过。" in client.get(f"/desk/{file.ref}/").content.decode()
    client.force_login(file.applicant)
    assert "毕业学校电话核实过。" not in client.get(f"/applications/{file.ref}/").content.decode()


def test_keys_are_each_persons_own(stage, client):
    client.force_login(stage.li)
    clash = client.post("/desk/keys/", {"pass": "KeyB"})
    assert clash.context["errors"][0]["text"] == "B 键用了两次。每个操作请用不同的键。"
    strange = client.post("/desk/keys/", {"pass": "Escape"})
    assert (
        strange.context["errors"][0]["text"]
        == "“通过、同意（再按回车确认）”不能用这个键。可以用字母键、数字键、标点键和空格。"
    )
    client.post("/desk/keys/", {"pass": "KeyP", "on": "no"})
    file = stage.file_at(State.REVIEWING)
    keys = client.get(f"/desk/{file.ref}/").context["keys"]
    assert (keys["on"], keys["codes"]["pass"], keys["codes"]["back"]) == (False, "KeyP", "KeyB")
    client.force_login(stage.zhou)
    assert client.get(f"/desk/{file.ref}/").context["keys"]["codes"]["pass"] == "KeyA"


def test_ties_page_declares_and_withdraws(stage, client):
    client.force_login(stage.li)
    assert client.post("/desk/ties/", {"act": "employer"}).context["errors"][0]["text"] == (
        "请填写单位全称或统一社会信用代码。"
    )
    bad = client.post("/desk/ties/", {"act": "employer", "name": "甲厂", "until": "2026年"})
    assert bad.context["errors"][0]["text"] == "日期请写成 2026-12-31 这样。"
    client.post("/desk/ties/", {"act": "employer", "name": "甲厂", "until": "2026-12-31"})
    client.post("/desk/ties/", {"act": "identity", "number": stage.file_at(State.RECEIVED).identity_number})
    rows = list(client.get("/desk/ties/").context["ties"])
    assert [row.kind for row in rows] == ["employer", "identity"]
    client.post("/desk/ties/", {"act": "withdraw", "tie": str(rows[0].pk)})
    client.post("/desk/ties/", {"act": "withdraw", "tie": str(rows[1].pk)})
    assert [row.kind for row in client.get("/desk/ties/").context["ties"]] == ["identity"]


def test_overdue_correction_may_be_closed_and_not_before(stage, client, settings):
    file = stage.file_at(State.CORRECTION)
    due = file.corrections.latest().due_on
    last_day = NOW.replace(year=due.year, month=due.month, day=due.day)
    settings.CLOCK_OFFSET = last_day - timezone.now()
    client.force_login(stage.li)
    assert client.get(f"/desk/{file.ref}/").context["acts"] == set()
    settings.CLOCK_OFFSET = last_day + timedelta(days=1) - timezone.now()
    client.logout()
    client.force_login(stage.li)
    assert client.get(f"/desk/{file.ref}/").context["acts"] == {"close"}
    post_act(client, file, "close", reason="两次电话提醒，没有补正。")
    assert reread(file).life is State.EXPIRED


def test_what_was_changed_after_a_return_is_shown_field_by_field(stage, client):
    """Also what the law engine is not asked about: post, school, the numbers on certificates."""
    file = stage.file_at(State.REVIEWING)
    judge_all(file, stage.li)
    asked = Defects({"work": "岗位不对。", "schooling": "证书编号不对。", "identity": "姓名多了空格。"})
    review.send_back(ref=file.ref, defects=asked, by=stage.li, at=NOW)
    spells = [
        {k: getattr(s, k) for k in ("employer_name", "post", "started_on", "ended_on", "in_specialty")}
        for s in file.spells.all()
    ]
    old_post, spells[0]["post"] = spells[0]["post"], "装配工艺员"
    drafting.declare_work(ref=file.ref, rows=spells, values={}, by=file.applicant, at=NOW)
    education = file.educations.get()
    old_number = education.schooling_number
    names = (
        "schooling", "graduated_on", "degree", "degree_on", "school", "major", "study_mode", "enrolled_on",
        "schooling_number", "degree_number", "verification_code", "field_matches",
    )  # fmt: skip
    row = {name: getattr(education, name) for name in names} | {"schooling_number": "110001202106000042"}
    drafting.declare_educations(ref=file.ref, rows=[row], by=file.applicant, at=NOW)
    same = {"full_name": file.full_name}
    drafting.declare(ref=file.ref, section="identity", values=same, by=file.applicant, at=NOW)
    submission.resubmit(ref=file.ref, by=file.applicant, at=NOW)
    review.take(ref=file.ref, by=stage.li, at=NOW)
    client.force_login(stage.li)
    facts = client.get(f"/desk/{file.ref}/").context["changes"]["facts"]
    assert {(each["name"], each["before"], each["now"]) for each in facts} == {
        ("第1段工作：岗位", old_post, "装配工艺员"),
        ("第1条学历：毕业证书编号", old_number, "110001202106000042"),
    }
    kept = Assessment.objects.order_by("id").last()
    with connection.cursor() as cursor:
        cursor.execute("SELECT stated FROM applications_assessment WHERE id = %s", [kept.pk])
        assert "装配工艺员" not in cursor.fetchone()[0], "it is encrypted at rest"


def test_the_form_for_handing_over_comes_when_it_is_asked_for(stage, client):
    file = stage.file_at(State.REVIEWING)
    other = stage.person("何立冬", "19922222222")
    appoint(person=other, office="association", duty="reviewer", at=NOW)
    client.force_login(stage.li)
    address = f"/desk/{file.ref}/"
    assert f'href="{address}?hand=1#act-hand_over"' in client.get(address).content.decode()
    assert other in client.get(address, {"hand": "1"}).context["colleagues"]
    silent = post_act(client, file, "hand_over", to=other.ref, reason=" ")
    assert (silent.status_code, other in silent.context["colleagues"]) == (422, True)
    assert post_act(client, file, "hand_over", to=other.ref, reason="请假").status_code == 302
    assert reread(file).reviewer == other


@pytest.mark.django_db
def test_facts_say_which_document_until_when_and_whose_passport() -> None:
    notice = load_notice("zhenjiang-2024-1")
    file = Application(
        notice_id=notice.id, notice_digest=notice.digest, identity="foreign", identity_type="passport", identity_number="FRA09AB12345", identity_until=date(2030, 2, 28),
        nationality="FRA", foreign_name="Claire Dupont", permit="foreign_work_permit", permit_number="2023110032001",
        permit_until=date(2025, 8, 31), pk=1,
    )  # fmt: skip
    row = facts_rows(file)[0]
    assert row["values_list"] == [
        "外籍人员",
        f"护照 {mask_identity('FRA09AB12345')}，有效期至 2030-02-28",
        "国籍 FRA，外文姓名 Claire Dupont",
    ]
    assert row["note"] == "外国人来华工作许可证 2023110032001，有效期至 2025-08-31"
