"""From an empty draft to the receipt and beyond, page by page, as a browser without scripts would."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from applicant_steps import (
    EMPLOYER,
    IDENTITY,
    PATH,
    Applicant,
    day,
    insure,
    make_person,
    make_unit,
    mistakes,
    newest_code,
    number_of,
    proved_long_ago,
    spell,
    words,
)
from desk_steps import judge_all, version_of
from django.test import Client
from django.urls import reverse
from django.utils import timezone

import chuding
from chuding.accounts.models import OfficeRole
from chuding.applications.models import Application
from chuding.applications.next_chance import NextChance, next_chance
from chuding.applications.services import employer as unit_services
from chuding.applications.services import review
from chuding.applications.translate import local_day
from chuding.ledger.models import Entry
from chuding.messages.models import Message
from chuding.notices.shelf import current
from chuding.policy.notice import Window
from chuding.policy.terms import Level
from chuding.storage.clock import now

pytestmark = pytest.mark.django_db


@pytest.fixture
def site(settings, at, data_folder):
    settings.CLOCK_OFFSET = at - timezone.now()
    insure(data_folder, (IDENTITY["identity_number"], "王小明"))
    return settings


@pytest.fixture
def me(site, client, at):
    return Applicant(client, make_person(at), at)


def staff(at, duty, phone, office="association"):
    person = make_person(at, phone)
    OfficeRole.objects.create(person=person, office=office, role=duty)
    return person


def move_clock(settings, moment):
    settings.CLOCK_OFFSET = moment - timezone.now()


def test_walk_from_draft_to_receipt(me):
    assert "已完成 0 / 7" in words(me.get())
    me.fill()
    assert "已完成 7 / 7" in words(me.get())
    assert "可以申报 ： 助理级 （助理工程师）" in words(me.get("check/"))
    assert me.submit().url == me.url("submitted/")
    assert (me.file.state, me.file.social_insurance) == ("received", "found")
    assert me.file.number in words(me.get("submitted/"))
    assert [message.template for message in Message.objects.filter(person=me.person)] == ["submitted"]


def test_walk_without_a_single_script_saves_what_the_forms_show(me):
    me.fill()
    row = me.file.educations.get()
    assert (row.school, row.schooling, row.degree, row.degree_on, row.field_matches) == (
        "江苏科技大学", "本科", "学士", date(2022, 6, 20), True,
    )  # fmt: skip
    work = me.file.spells.get()
    assert (work.started_on, work.ended_on, work.in_specialty) == (date(2022, 7, 1), None, True)
    assert (me.file.specialty, me.file.series, me.file.level) == (PATH, "机械工程", "助理级")
    assert (me.file.sex, me.file.born_on, me.file.identity, me.file.permit) == (
        "女",
        date(2000, 5, 12),
        "mainland",
        "none",
    )


def test_task_list_names_what_is_missing_and_locks_the_commitment(me):
    me.fill(upto="specialty")
    tasks = {task["key"]: task["state"] for task in me.get().context["tasks"]}
    assert tasks == {
        "identity": "done", "schooling": "done", "work": "done", "employer": "done", "specialty": "done",
        "materials": "todo", "commitment": "locked",
    }  # fmt: skip
    me.upload("1")
    materials = next(task for task in me.get().context["tasks"] if task["key"] == "materials")
    assert (materials["state"], materials["hint"]) == (
        "started",
        "请上传材料2：毕业证书、学位证书或学信网电子注册备案表",
    )
    assert me.get().context["window"].left == "距截止 162 天"


def test_submit_twice_makes_one_file_and_one_number(me):
    me.fill()
    version = me.file.version
    first = me.client.post(me.url("submit/"), {"version": version})
    second = me.client.post(me.url("submit/"), {"version": version})
    assert (first.url, second.url) == (me.url("submitted/"), me.url("submitted/"))
    assert Entry.objects.filter(action="submit").count() == 1
    assert Application.objects.count() == 1


def test_submit_asks_for_the_second_factor_where_it_is_not_fresh(me):
    me.fill()
    proved_long_ago(me)
    asked = me.client.post(me.url("submit/"), {"version": me.file.version})
    assert f'name="version" value="{me.file.version}"' in asked.content.decode()
    assert "提交申报" in words(asked)
    assert me.file.state == "draft"
    wrong = me.client.post(me.url("submit/"), {"version": me.file.version, "step_up_code": "000000"})
    assert (wrong.status_code, me.file.state) == (422, "draft")
    done = me.client.post(me.url("submit/"), {"version": me.file.version, "step_up_code": newest_code(me.person.phone)})
    assert done.url == me.url("submitted/")


def test_submit_from_a_stale_check_page_asks_to_look_again(me):
    me.fill()
    answer = me.client.post(me.url("submit/"), {"version": me.file.version - 1}, follow=True)
    assert answer.redirect_chain == [(me.url("check/"), 302)]
    assert "所以还没有提交" in words(answer)
    assert me.file.state == "draft"


def test_submit_with_no_insurance_record_asks_for_material_5_and_loses_nothing(me, data_folder):
    insure(data_folder)
    me.fill()
    answer = me.client.post(me.url("submit/"), {"version": me.file.version}, follow=True)
    assert answer.redirect_chain == [(me.url("materials/") + "#m5", 302)]
    assert "没有查到您的社保缴费记录" in words(answer)
    tasks = {task["key"]: task["state"] for task in me.get().context["tasks"]}
    assert tasks["materials"] == "problem"
    assert me.file.state == "draft"
    me.upload("5")
    me.post("commitment", {"name": "王小明"})
    assert me.submit().url == me.url("submitted/")


def test_submit_when_the_insurance_does_not_answer_goes_on_and_says_so(me, data_folder):
    (data_folder / "social_insurance.json").unlink()
    me.fill()
    assert me.submit().url == me.url("submitted/")
    assert "暂时没有答复" in words(me.get("submitted/"))


@pytest.mark.parametrize(
    ("moment", "handed_in"),
    [
        (datetime(2024, 12, 10, 23, 59, 30, tzinfo=ZoneInfo("Asia/Shanghai")), True),
        (datetime(2024, 12, 11, 0, 0, 1, tzinfo=ZoneInfo("Asia/Shanghai")), False),
    ],
)
def test_submit_at_the_end_of_the_window(me, site, moment, handed_in):
    me.fill()
    move_clock(site, moment)
    me.client = Client()
    me.client.force_login(me.person)
    answer = me.client.post(me.url("submit/"), {"version": me.file.version}, follow=True)
    assert (me.file.state != "draft") is handed_in
    assert ("现在不在期限内，不能提交。您填写的内容已经保存。" in words(answer)) is not handed_in
    if not handed_in:
        assert "本年度申报已于2024年12月10日24:00截止" in words(me.get())


def test_check_page_leads_back_to_every_section(me):
    me.fill()
    groups = me.get("check/").context["groups"]
    assert [group["href"] for group in groups] == [
        me.url(f"{key}/")
        for key in ("identity", "schooling", "work", "employer", "specialty", "materials", "commitment")
    ]
    assert me.file.identity_number not in me.get("check/").content.decode()


def test_progress_shows_roles_and_never_names(me, at):
    me.fill().submit()
    reviewer = staff(at, "reviewer", "13900000001")
    reviewer.display_name = "李谷雨"
    reviewer.save()
    review.take(ref=me.ref, by=reviewer, at=now())
    page = me.get()
    assert [(step["title"], step["state"]) for step in page.context["steps"]] == [
        ("提交申报", "done"), ("受理", "done"), ("审核", "now"), ("复核", "next"), ("审批", "next"),
        ("发文，发放电子证书", "next"),
    ]  # fmt: skip
    assert page.context["holder"] == "协会审核员"
    assert "李谷雨" not in page.content.decode()


def test_correction_opens_only_what_was_sent_back(me, at):
    me.fill().submit()
    reviewer = staff(at, "reviewer", "13900000001")
    review.take(ref=me.ref, by=reviewer, at=now())
    judge_all(me.file, reviewer, defects={"2": "看不清证书编号，请重新扫描。"}, at=now())
    review.send_back(ref=me.ref, defects=review.Defects({"work": "岗位与合同不一致。"}), by=reviewer, at=now())
    page = me.get("correct/")
    assert [(item["title"], item["reason"], item["mended"]) for item in page.context["items"]] == [
        ("材料2：毕业证书、学位证书或学信网电子注册备案表", "看不清证书编号，请重新扫描。", False),
        ("填写工作经历和考核", "岗位与合同不一致。", False),
    ]
    assert me.get("schooling/").url == me.url("correct/")
    assert me.upload("1").status_code == 200
    assert "材料1没有被退回，不用重新上传。" in words(me.upload("1"))
    assert "还有2项没有修改" in words(me.client.post(me.url("correct/")))
    assert me.upload("2").status_code == 302
    assert me.post("work", spell(post="电气工程师") | {"assessed_fit": "yes"}).url == me.url("correct/")
    assert me.client.post(me.url("correct/")).url == me.url()
    assert me.file.state == "reviewing"


def test_employer_returned_file_is_mended_and_handed_in_again(me, at):
    clerk = make_person(at, "13900000009")
    make_unit(at, clerk=clerk)
    me.fill().submit()
    assert me.file.state == "employer"
    unit_services.return_to_applicant(
        ref=me.ref, version=version_of(me), reason="岗位名称请与合同一致。", by=clerk, at=now()
    )
    assert "岗位名称请与合同一致。" in words(me.get("correct/"))
    me.post("employer", EMPLOYER | {"post": "电气工程师"})
    assert mistakes(me.client.post(me.url("correct/"))) == ["请阅读并签署个人承诺"]
    me.post("commitment", {"name": "王小明"})
    assert me.client.post(me.url("correct/")).url == me.url()
    assert me.file.state == "employer"


def test_withdraw_asks_first_and_a_new_file_takes_everything_over(me):
    me.fill().submit()
    assert "撤回这份申报？" in words(me.get("withdraw/"))
    assert me.file.state == "received"
    me.client.post(me.url("withdraw/"), {"reason": "换单位"})
    assert me.file.state == "withdrawn"
    assert me.client.get(me.url("withdraw/")).status_code == 302
    opened = me.client.post("/applications/new/")
    me.ref = opened.url.split("/")[2]
    assert (me.file.state, me.file.full_name, me.file.educations.count()) == ("draft", "王小明", 1)
    assert [task["state"] for task in me.get().context["tasks"]] == ["done"] * 6 + ["todo"]


def test_new_file_takes_over_the_self_check_and_leaves_out_what_does_not_fit(site, client, at):
    person = make_person(at)
    client.force_login(person)
    session = client.session
    session["self_check"] = {
        "identity": "mainland",
        "civil_servant": False,
        "sanctioned": "perhaps",
        "works_in_jurisdiction": True,
        "engagement": "employment_contract",
        "assessed_fit": True,
        "specialty": PATH,
        "level": "特级",
        "state": "issued",
        "educations": [{"schooling": "本科", "graduated_on": "2022-06-20", "degree": "学士", "degree_on": "bad"}, 7],
        "spells": [{"started_on": "2022-07-01"}, {"started_on": "never"}],
    }
    session.save()
    client.post("/applications/new/")
    file = Application.objects.get()
    assert (file.identity, file.civil_servant, file.sanctioned, file.level, file.state) == (
        "mainland", False, None, "", "draft",
    )  # fmt: skip
    assert (file.specialty, file.series) == (PATH, "机械工程")
    assert [(row.schooling, row.degree, row.degree_on) for row in file.educations.all()] == [("本科", "学士", None)]
    assert [row.started_on for row in file.spells.all()] == [date(2022, 7, 1)]
    tasks = {task["key"]: task["state"] for task in client.get(f"/applications/{file.ref}/").context["tasks"]}
    assert tasks["schooling"] == tasks["work"] == "started"


def test_new_twice_opens_one_file(site, client, at):
    client.force_login(make_person(at))
    first = client.post("/applications/new/")
    assert client.post("/applications/new/").url == first.url
    assert Application.objects.count() == 1


def test_stranger_gets_404_everywhere(me, client, at):
    me.fill()
    material = me.file.current_materials().first().ref
    client.force_login(make_person(at, "13812345679"))
    for rest in (
        "", "identity/", "schooling/", "work/", "employer/", "specialty/", "materials/", "commitment/", "check/",
        "submitted/", "withdraw/", "correct/", "certificate.pdf", "declaration.pdf", f"materials/{material}/file/",
    ):  # fmt: skip
        assert client.get(me.url(rest)).status_code == 404, rest
    for rest in (
        "identity/",
        "submit/",
        "withdraw/",
        "correct/",
        "materials/1/upload/",
        f"materials/{material}/remove/",
    ):
        assert client.post(me.url(rest)).status_code == 404, rest
    assert (me.file.state, me.file.current_materials().count()) == ("draft", 3)


def test_other_person_with_the_same_identity_number_is_told(me, client, at):
    me.fill().submit()
    other = Applicant(client, make_person(at, "13812345679"), at).fill()
    answer = other.client.post(other.url("submit/"), {"version": other.file.version}, follow=True)
    assert "本年度已有一份使用同一证件号码的申报" in words(answer)
    assert other.file.state == "draft"


def test_certificate_and_form_do_not_exist_before_they_are_issued(me):
    me.fill().submit()
    assert me.get("certificate.pdf").status_code == 404
    assert me.get("declaration.pdf").status_code == 404


def test_next_application_waits_for_a_window_of_its_level(me):
    me.fill()
    file, on = me.file, now()
    notice = current(on)
    today = local_day(on)
    closed = Window(today - timedelta(days=9), today + timedelta(days=20), (Level.TECHNICIAN,), "八")
    later = Window(today + timedelta(days=30), today + timedelta(days=60), (Level.ASSISTANT,), "八")
    chance = next_chance(file, replace(notice, windows=(closed, later)), on)
    assert chance == NextChance(later.start, met=True, late=False, window_ends=later.end)
    gone = Window(today - timedelta(days=9), today - timedelta(days=1), (Level.ASSISTANT,), "八")
    chance = next_chance(file, replace(notice, windows=(gone, closed)), on)
    assert chance == NextChance(today, met=True, late=True, window_ends=gone.end)


def test_refusal_shows_reason_and_clause_and_what_to_do(me, at):
    me.fill().submit()
    reviewer, rechecker = staff(at, "reviewer", "13900000001"), staff(at, "rechecker", "13900000002")
    review.take(ref=me.ref, by=reviewer, at=now())
    judge_all(me.file, reviewer, at=now())
    review.recommend(ref=me.ref, favourable=False, text="岗位不符", by=reviewer, at=now())
    review.refuse(ref=me.ref, clause="二(二)", reason="岗位不是本专业技术岗位。", by=rechecker, at=now())
    page = words(me.get())
    assert "岗位不是本专业技术岗位。" in page
    assert "具备大学本科学历或学士学位" in page
    assert "申请复核" in page
    assert "岗位不符" not in page
    assert "年限等条件现在已经具备" in page


@pytest.mark.parametrize(
    ("started", "told"),
    [
        (
            "2024-3-1",
            "最早 2025年3月1日 可以再次申报助理级。 本年度的申报期限到 2024年12月10日 为止，要等下一年度的通知。",
        ),
        ("2023-9-1", "最早 2024年9月1日 可以再次申报助理级。"),
    ],
)
def test_refusal_says_the_earliest_day_of_the_next_application(me, at, started, told):
    me.fill()
    me.post("work", spell(**day("started_on", started)) | {"assessed_fit": "yes"})
    me.post("specialty", {"level": "助理级", "confirmed": "on"})
    me.post("commitment", {"name": "王小明"})
    me.submit()
    reviewer, rechecker = staff(at, "reviewer", "13900000001"), staff(at, "rechecker", "13900000002")
    review.take(ref=me.ref, by=reviewer, at=now())
    judge_all(me.file, reviewer, at=now())
    review.recommend(ref=me.ref, favourable=False, text="年限不足", by=reviewer, at=now())
    review.refuse(ref=me.ref, clause="二(二)", reason="见习期未满一年。", by=rechecker, at=now())
    page = words(me.get())
    assert told.replace(" ", "") in page.replace(" ", "")
    assert ("要等下一年度的通知" in page) == ("下一年度" in told)


def test_check_page_shows_the_first_page_of_each_material(me):
    me.fill()
    me.file.materials.update(pages_ready=True)
    page = me.get("check/").content.decode()
    assert page.count("summary-image") == 3
    for material in me.file.current_materials():
        assert f'src="{reverse("material_file", args=[me.ref, material.ref])}?page=1"' in page


def test_every_material_shows_a_sample_that_is_there(me):
    page = me.get("materials/").content.decode()
    for kind in ("endorsement", "schooling", "summary", "appraisal", "insurance", "learning"):
        assert f"samples/{kind}" in page
        assert (Path(chuding.__file__).parent / f"static/samples/{kind}.webp").stat().st_size < 20_000


def test_task_list_asks_the_database_little(me, django_assert_max_num_queries):
    me.fill()
    with django_assert_max_num_queries(15):
        me.get()


def test_two_people_same_day_have_numbers_of_their_own(me, client, at, data_folder):
    me.fill().submit()
    second = number_of(date(1999, 3, 4), 231)
    insure(data_folder, (second, "王小明"))
    other = Applicant(client, make_person(at, "13812345679"), at).fill()
    other.post("identity", IDENTITY | {"identity_number": second})
    other.post("commitment", {"name": "王小明"})
    other.submit()
    assert len({me.file.number, other.file.number}) == 2
