"""What only some notices ask can be said in a file and in the self-check: no fact of the law stays out of reach."""

from datetime import date, timedelta

import pytest
from applicant_steps import IDENTITY, Applicant, day, education, insure, make_person, mistakes, spell, words
from django.utils import timezone
from self_check_steps import GOOD, walk

from chuding.accounts.appointments import add_person, appoint
from chuding.applications.asked import asked_by_some, schoolings_of
from chuding.applications.forms.self_check import SelfCheckForm
from chuding.applications.models import Application
from chuding.applications.services.drafting import start
from chuding.applications.translate import assess_file, facts_as_json, notice_of
from chuding.notices import shelf
from chuding.notices.services import Proposal, publish
from chuding.policy.notice import FOLDER, load_notice, read_notice
from chuding.policy.simulate import facts_asked
from chuding.policy.source import Files, read_files

pytestmark = pytest.mark.django_db

ID = "zhenjiang-2024-1"
BACHELOR = "  授予: 助理级\n  凭: [本科, 学士]\n  见习: 1年\n"
GATES = "".join(
    f"- {{名称: {word}, 条件: {word}, 依据: 四(二), 原文: x, 须: {{{word}: {total}}}, 怎么办: 请补足。}}\n"
    for word, total in (("继续教育满", "72学时"), ("社保满", "12个月"))
)
HELD = '- {依据: 二(一)注, 原文: "x", 授予: 助理级, 凭: [员级], 另持: [大专], 从业: 2年}\n'
CHANGES = (
    (BACHELOR, BACHELOR + "  全日制: 是\n"),
    ("- 依据: 二(二)\n", HELD + "- 依据: 二(二)\n"),
    ("- 名称: 考核合格\n", GATES + "- 名称: 考核合格\n"),
)


PERMIT = "浙江省海外高层次人才居住证"


def changed(changes) -> Files:
    """The notice of Zhenjiang, written otherwise in some places."""
    content = dict(read_files(FOLDER / ID).content)
    text = content["notice.yaml"].decode()
    for before, after in changes:
        assert text.count(before) == 1, before
        text = text.replace(before, after)
    return Files(ID, content | {"notice.yaml": text.encode()})


def asking_all() -> Files:
    """The notice of Zhenjiang, which asks besides for 全日制, a title held, hours and months."""
    return changed(CHANGES)


@pytest.fixture
def two(at):
    people = [add_person(phone=f"1990000009{n}", name=name, at=at) for n, name in enumerate(("褚立春", "蒋雨水"))]
    for person, office in zip(people, ("association", "city"), strict=True):
        appoint(person=person, office=office, duty="administrator", at=at)
    return people


@pytest.fixture
def under(settings, at, two, data_folder, client):
    """Somebody with a draft under other files of a notice, which two people published."""
    settings.CLOCK_OFFSET = at - timezone.now()

    def begin(files):
        version = publish(
            proposal=Proposal(files=files, note="x", by=two[0], at=at),
            by=two[1],
            at=at,
            effective_at=at + timedelta(hours=1),
        )
        settings.CLOCK_OFFSET = at + timedelta(hours=2) - timezone.now()
        shelf.forget()
        me = Applicant.__new__(Applicant)
        me.client, me.person, me.at = client, make_person(at), at
        client.force_login(me.person)
        me.ref = start(notice=read_notice(version.content), by=me.person, at=at).ref
        return me

    return begin


def filled(me):
    """Every section, as the pages are filled in."""
    work = spell() | {"assessed_fit": "yes", "continuing_education_hours": "80", "social_insurance_months": "24"}
    work |= {"held_title": "员级", **day("held_title_since", "2022-6-30")}
    assert me.post("work", work).status_code == 302
    return me


def test_every_fact_that_a_notice_asks_can_come_from_a_file(under, at):
    me = under(asking_all())
    assert asked_by_some(notice_of(me.file)) == {
        "full_time", "titles", "continuing_education_hours", "social_insurance_months"
    }  # fmt: skip
    me.fill(upto="specialty")
    filled(me)
    Application.objects.filter(ref=me.ref).update(social_insurance="found", established_post=False)
    facts = facts_as_json(me.file, at.date())
    # By the names of columns: one of a list of records, or of the person.
    records = {"kind", "awarded_on", "field_matches", "full_time"}
    said = {name for each in facts["credentials"] for name in each}
    columns = {"level": "title.kind", "held_since": "title.awarded_on"}
    stated = set(facts) | {columns[name] for title in facts["titles"] for name, value in title.items() if value}
    asked = facts_asked(notice_of(me.file))
    assert (asked & records) - said == set()
    assert asked - records - stated == set()
    assert {"full_time", *columns.values(), "social_insurance_months"} <= asked
    report = assess_file(me.file, at.date())
    assert (report.levels["助理级"].answer, report.levels["助理级"].missing) == ("yes", ())


@pytest.mark.parametrize(
    ("changes", "answer"),
    [
        ({}, "yes"),
        ({"continuing_education_hours": "71"}, "no"),
        ({"social_insurance_months": "11"}, "no"),
        ({"continuing_education_hours": ""}, "unknown"),
    ],
)
def test_totals_of_a_file_decide_where_the_notice_asks(under, at, changes, answer):
    me = under(asking_all()).fill(upto="specialty")
    work = spell() | {"assessed_fit": "yes", "continuing_education_hours": "72", "social_insurance_months": "12"}
    me.post("work", work | {"held_title": "none"} | changes)
    assert assess_file(me.file, at.date()).levels["助理级"].answer == answer


def test_what_the_notice_asks_is_not_called_optional(under):
    page = words(under(asking_all()).get("work/"))
    asked = ("本年度继续教育学时", "缴纳社会保险的月数", "已取得的职称")
    assert [label for label in asked if label not in page or f"{label} （选填）" in page] == []
    assert "考核和通知要求的其他情况" in page


@pytest.mark.parametrize(("mode", "answer"), [("full_time", "yes"), ("part_time", "no")])
def test_full_time_schooling_of_a_file_decides(under, at, mode, answer):
    me = filled(under(asking_all()).fill(upto="specialty"))
    assert me.post("schooling", education(study_mode=mode)).status_code == 302
    assert assess_file(me.file, at.date()).levels["助理级"].answer == answer


def test_title_held_leads_on_from_a_file(under, at):
    me = filled(under(asking_all()).fill(upto="specialty"))
    college = education(schooling="大专", degree="none", **day("graduated_on", "2020-6-20"))
    assert me.post("schooling", college).status_code == 302
    found = assess_file(me.file, at.date()).levels["助理级"]
    assert (found.answer, found.clauses) == ("yes", ("二(一)注",))
    page = words(me.get("check/"))
    assert "员级职称" in page
    assert "24 个月" in page


def test_work_page_asks_only_what_the_notice_asks(settings, at, data_folder, client):
    settings.CLOCK_OFFSET = at - timezone.now()
    me = Applicant(client, make_person(at), at)
    page = me.get("work/").content.decode()
    assert "held_title" not in page
    assert "social_insurance_months" not in page
    assert "continuing_education_hours" in page
    assert "鼓励参加，不作硬性要求" in page


def test_work_page_demands_what_the_notice_asks(under):
    me = under(asking_all())
    page = words(me.get("work/"))
    assert "缴纳社会保险的月数" in page
    assert "不作硬性要求" not in page
    wrong = spell() | {"assessed_fit": "yes", "held_title": "员级"}
    assert mistakes(me.post("work", wrong)) == ["请填写职称取得日期，它在职称证书上。"]
    later = wrong | day("held_title_since", "2031-1-1")
    assert mistakes(me.post("work", later)) == ["职称取得日期填的是2031年1月1日，还没有到。请核对。"]
    assert me.post("work", spell() | {"assessed_fit": "yes"}).status_code == 302
    hints = {row["key"]: row["hint"] for row in me.get().context["tasks"]}
    assert hints["work"] == "请填写本年度继续教育学时"


@pytest.mark.parametrize(
    ("notice", "kinds"),
    [
        ("hangzhou-2023", {"研究生班", "中级工班", "高级工班", "预备技师班", "技师班"}),
        ("nanjing-machinery-2022", set()),
        (ID, set()),
    ],
)
def test_schoolings_are_those_that_the_notice_names(notice, kinds, at):
    found = load_notice(notice)
    named = {kind for row in found.entry.rows for kind in row.kinds if kind not in {"学士", "第二学士", "硕士", "博士"}}
    offered = {value for value, _ in schoolings_of(found)}
    assert offered == {"中专", "大专", "本科", "研究生"} | kinds
    assert named <= offered
    form = SelfCheckForm({"schooling": "高级工班"}, notice=found, today=at.date())
    assert form.is_valid() is ("高级工班" in kinds)


def test_technician_school_of_hangzhou_can_be_chosen_and_counts(under, at):
    me = under(read_files(FOLDER / "hangzhou-2023"))
    page = me.get("schooling/").content.decode()
    assert 'data-when="row0-schooling=中专 大专 本科 研究生 研究生班 中级工班 高级工班 预备技师班 技师班"' in page
    school = education(schooling="高级工班", degree="none", **day("graduated_on", "2020-6-20"))
    assert me.post("schooling", school).status_code == 302
    kept = me.file.educations.get()
    assert (kept.schooling, kept.graduated_on) == ("高级工班", date(2020, 6, 20))
    work = spell(**day("started_on", "2020-7-1")) | {"assessed_fit": "yes"}
    assert me.post("work", work).status_code == 302
    clauses = [path.label for path in assess_file(me.file, at.date()).levels["助理级"].paths if path.answer != "no"]
    assert clauses == ["一(二)"]


def test_self_check_asks_what_the_notice_asks_and_takes_it_along(under, client, at, data_folder):
    me = under(asking_all())
    insure(data_folder)
    Application.objects.filter(ref=me.ref).delete()
    more = {
        "study_mode": {"study_mode": "full_time"},
        "held_title": {"held_title": "none"},
        "hours": {"continuing_education_hours": "80"},
        "insured_months": {"social_insurance_months": "12"},
    }
    page = walk(client, **more)
    assert "按您填写的情况，可以申报" in page.content.decode()
    given = {row["key"]: row["values_list"] for row in page.context["given"]}
    assert given["您参加了多少学时的继续教育？"] == ["80"]
    client.post("/applications/new/")
    file = Application.objects.get(applicant=me.person)
    assert (file.continuing_education_hours, file.social_insurance_months, file.held_title) == (80, 12, "none")
    assert file.educations.get().study_mode == "full_time"


def test_self_check_of_zhenjiang_asks_nothing_more(client, settings, at):
    settings.CLOCK_OFFSET = at - timezone.now()
    assert walk(client).status_code == 200
    assert set(client.session["self_check_answers"]) == set(GOOD)


def by_level(first: str, second: str) -> Files:
    """The notice of Zhenjiang with a window for 员级 and 助理级, and a later one for 中级."""
    content = dict(read_files(FOLDER / ID).content)
    text = content["notice.yaml"].decode()
    start = text.index("受理:\n")
    item = '依据: 八, 原文: "2024 年 3 月 20 日-2024 年 12 月 10 日"'
    several = f"受理:\n- {{{item}, {first}, 级别: [员级, 助理级]}}\n- {{{item}, {second}, 级别: [中级]}}"
    text = text[:start] + several + text[text.index("\n\n", start) :]
    return Files(ID, content | {"notice.yaml": text.encode()})


def test_window_of_another_level_does_not_count(under):
    me = under(by_level("自: 2024-03-20, 至: 2024-06-30", "自: 2024-07-01, 至: 2024-12-10")).fill()
    assert me.get().context["window"].sentence == (
        "本年度申报已于2024年6月30日24:00截止（通知条款：八），现在不能提交。填写的内容会保留。"
    )
    told = words(me.client.post(me.url("submit/"), {"version": me.file.version}, follow=True))
    refusal = "申报期限是2024年3月20日至2024年6月30日24时（通知条款：八），现在不在期限内，不能提交。"
    assert me.file.submitted_at is None
    assert refusal in told
    Application.objects.filter(ref=me.ref).update(level="中级")
    assert me.get().context["window"].is_open is True


def test_window_of_the_own_level_is_open_while_that_of_another_is_to_come(under):
    me = under(by_level("自: 2024-03-20, 至: 2024-08-31", "自: 2024-10-01, 至: 2024-12-10")).fill()
    window = me.get().context["window"]
    assert (window.is_open, window.sentence) == (True, "申报期限：2024年3月20日至2024年8月31日24:00")
    me.submit()
    assert me.file.submitted_at is not None


def test_permit_that_only_the_notice_knows_is_offered_and_counts(under, at, client):
    """The forms offer what the notice accepts and nothing else: another province's permit is none here."""
    own = (
        ("外国人永久居留身份证或江苏省海外高层次人才居住证的", f"外国人永久居留身份证或{PERMIT}的"),
        ("江苏省海外高层次人才居住证]", f"{PERMIT}]"),
    )
    me = under(changed(own)).fill(upto="specialty")
    foreign = IDENTITY | {
        "full_name": "Jean Martin", "identity_type": "passport", "identity_number": "E12345678", "nationality": "FRA",
        "foreign_name": "Jean Martin", "sex": "男", "permit": "jiangsu_overseas_talent", "permit_number": "X1",
        **day("born_on", "1997-4-12"), **day("identity_until", "2030-7-1"), **day("permit_until", "2026-7-1"),
    }  # fmt: skip
    refused = me.post("identity", foreign)
    assert mistakes(refused) == ["请选择您持有的证件。"]
    pages = [words(refused), words(client.get("/check/permit/"))]
    assert [(PERMIT in page, "江苏省海外高层次人才居住证" in page) for page in pages] == [(True, False)] * 2
    assert me.post("identity", foreign | {"permit": PERMIT}).status_code == 302
    assert (me.file.permit, me.file.get_permit_display()) == (PERMIT, PERMIT)
    assert assess_file(me.file, at.date()).levels["助理级"].answer == "yes"
    assert PERMIT in words(me.get("check/"))
