"""Every section with what people really type: the sentence at the field, and nothing lost."""

import re
from datetime import date

import pytest
from applicant_steps import (
    EMPLOYER,
    ID,
    IDENTITY,
    PATH,
    USCC,
    Applicant,
    day,
    education,
    make_person,
    make_unit,
    mistakes,
    number_of,
    spell,
    together,
    words,
)
from django.utils import timezone
from django.utils.html import strip_tags

from chuding.accounts.appointments import add_employer
from chuding.accounts.mrz import mrz_digit
from chuding.applications.models import Application, WorkSpell
from chuding.demonstration.cast import social_credit_code
from stage import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def me(settings, at, data_folder, client):
    settings.CLOCK_OFFSET = at - timezone.now()
    return Applicant(client, make_person(at), at)


def typed(response, name):
    """What stands in a text box of the page."""
    found = re.search(rf'name="{name}"[^>]*?value="([^"]*)"', response.content.decode())
    return found[1] if found else ""


# ---- identity ----

WRONG_CHECK = ID[:-1] + ("1" if ID[-1] != "1" else "2")


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"identity_number": WRONG_CHECK}, "身份证号的最后一位（校验位）与前面对不上，可能有一位输错了。请对照证件逐位检查。"),
        ({"identity_number": ID[:-1]}, "身份证号应为18位，您输入了17位。请对照身份证正面检查。"),
        (
            {"identity_number": number_of(date(2030, 1, 2))},
            "号码中的出生日期是2030年1月2日，还没有到。请对照证件检查号码。",
        ),
        (
            {"identity_type": "passport", "identity_number": "E12345678", "sex": "男", **day("born_on", "2031-1-1")},
            "出生日期填的是2031年1月1日，还没有到。请对照证件检查。",
        ),
        ({"full_name": "王小明2"}, "姓名里不能有数字“2”。请按证件填写。"),
        ({"full_name": ""}, "请输入姓名，与证件上的完全一致。"),
        ({"civil_servant": ""}, "请回答“您是公务员吗”。"),
        ({"sanctioned": "yes"}, "请填写处分决定的日期。"),
        (
            {"sanctioned": "yes", **day("sanction_from", "2024-1-1"), **day("sanction_until", "2023-1-1")},
            "影响期结束的日期应晚于处分决定的日期（2024年1月1日）。请核对。",
        ),
    ],
)  # fmt: skip
def test_identity_says_what_to_do_and_keeps_what_was_typed(me, changes, sentence):
    answer = me.post("identity", IDENTITY | changes)
    assert sentence in mistakes(answer)
    assert strip_tags(answer.content.decode()).count(sentence) == 2  # in the summary and at the field
    assert "<title>错误：核对身份信息" in answer.content.decode()
    assert typed(answer, "full_name") == (changes.get("full_name", "王小明"))
    assert me.file.full_name == ""


@pytest.mark.parametrize("name", ["王䶮", "阿依古丽·买买提", "𬱖小明"])
def test_identity_takes_names_with_rare_characters_and_dots(me, name):
    assert me.post("identity", IDENTITY | {"full_name": name.replace("·", "•")}).status_code == 302
    assert me.file.full_name == name


def test_identity_understands_full_width_digits_and_spaces(me):
    wide = " ".join(chr(ord(c) + 0xFEE0) for c in ID)
    assert me.post("identity", IDENTITY | {"identity_number": wide}).status_code == 302
    assert me.file.identity_number == ID


def test_identity_of_a_foreigner_with_passport_asks_for_the_permit(me):
    passport = IDENTITY | {"identity_type": "passport", "identity_number": "E12345678", "full_name": "Jean Martin"}
    assert mistakes(me.post("identity", passport)) == [
        "请填写国籍代码，它印在护照资料页上，是三个字母。",
        "请填写护照的有效期，它印在证件上。",
        "请选择性别，护照号码里没有性别。",
        "请填写出生日期，护照号码里没有出生日期。",
        "请选择您持有的证件；都没有的选“都没有”。",
    ]
    whole = passport | {
        "sex": "男",
        "nationality": "fra",
        **day("born_on", "1990-2-3"),
        "permit": "foreign_work_permit",
        "permit_number": "X1",
        **day("identity_until", "2030-1-1"),
    }
    old = whole | day("permit_until", "2024-7-1") | day("identity_until", "2024-6-30")
    assert mistakes(me.post("identity", old)) == ["这份证件2024年6月30日已经到期。请填写换发后的证件。"]
    expired = whole | day("permit_until", "2024-6-30")
    assert mistakes(me.post("identity", expired)) == ["这份证件2024年6月30日已经到期。请填写换发后的证件。"]
    assert me.post("identity", whole | day("permit_until", "2024-7-1")).status_code == 302
    assert (me.file.identity, me.file.permit, me.file.sex) == ("foreign", "foreign_work_permit", "男")
    assert me.file.nationality == "FRA"


MRZ = f"L898902C36FRA7408122F320415{mrz_digit('320415')}ZE184226B<<<<<1"
MRZ += mrz_digit(MRZ[:10] + MRZ[13:20] + MRZ[21:43])


def with_mrz(**changes):
    passport = {"identity_type": "passport", "identity_number": "", "full_name": "ERIKSSON ANNA", "mrz": MRZ}
    permit = {"permit": "foreign_work_permit", "permit_number": "X1", **day("permit_until", "2026-7-1")}
    return IDENTITY | passport | permit | changes


def test_passports_last_line_fills_what_was_left_empty_and_is_not_kept(me):
    assert me.post("identity", with_mrz()).status_code == 302
    file = me.file
    assert (file.identity_number, file.nationality, file.born_on, file.sex, file.identity_until) == (
        "L898902C3", "FRA", date(1974, 8, 12), "女", date(2032, 4, 15),
    )  # fmt: skip


def test_passports_last_line_that_says_something_else_is_asked_about(me):
    assert mistakes(me.post("identity", with_mrz(identity_number="L898902C4", nationality="USA"))) == [
        "与护照最下面一行不一致，那一行是“L898902C3”。请对照护照检查。",
        "与护照最下面一行不一致，那一行是“FRA”。请对照护照检查。",
    ]
    assert (
        "有效期的校验位与前面对不上" in mistakes(me.post("identity", with_mrz(mrz=MRZ.replace("320415", "320425"))))[0]
    )


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("CHN", "中国公民请把证件类型改为“居民身份证”。"),
        ("HKG", "港澳台居民请把证件类型改为居住证或通行证。"),
        ("ZZZ", "没有“ZZZ”这个国籍代码。请对照护照资料页，填三个字母。"),
    ],
)
def test_nationality_of_a_passport_is_a_foreign_one(me, code, sentence):
    typed = with_mrz(mrz="", identity_number="E12345678", nationality=code, sex="女") | day("born_on", "1990-2-3")
    assert mistakes(me.post("identity", typed | day("identity_until", "2030-1-1"))) == [sentence]


def test_foreign_name_is_optional_latin_and_of_those_who_have_a_travel_document(me):
    assert mistakes(me.post("identity", with_mrz(foreign_name="安娜"))) == ["外文姓名请用拉丁字母填写，与护照一致。"]
    me.post("identity", with_mrz(foreign_name=" Anna  Eriksson "))
    assert me.file.foreign_name == "Anna Eriksson"
    me.post("identity", IDENTITY | {"foreign_name": "Anna Eriksson"})
    assert (me.file.foreign_name, me.file.nationality) == ("", "CHN")


def test_sex_and_birth_are_not_asked_where_the_number_says_both(me):
    """18 digits of a permanent residence card do; the card of 2017 does not say the sex."""
    card = IDENTITY | {"identity_type": "foreign_permanent_residence"} | day("permit_until", "2030-1-1")
    me.post("identity", card | {"identity_number": "911124198108030024"})
    page = me.get("identity/").content.decode()
    asked = 'data-when="identity_type=hk_macau_permit taiwan_permit passport foreign_permanent_residence"'
    assert asked not in page
    assert "按证件号码：女，1981年8月3日出生。" in strip_tags(page)
    refused = me.post("identity", card | {"identity_number": "PAK310080010103"})
    assert mistakes(refused) == ["请选择性别，外国人永久居留身份证号码里没有性别。"]
    assert asked in refused.content.decode()


def test_identity_with_a_permanent_residence_card_needs_no_second_number(me):
    card = IDENTITY | {"identity_type": "foreign_permanent_residence", "identity_number": "911124198108030024"}
    assert mistakes(me.post("identity", card)) == ["请填写工作或居留证件的有效期，它印在证件上。"]
    assert me.post("identity", card | day("permit_until", "2030-1-1")).status_code == 302
    assert (me.file.permit, me.file.permit_number) == ("foreign_permanent_residence", "911124198108030024")
    assert (me.file.born_on, me.file.sex) == (date(1981, 8, 3), "女")


@pytest.mark.parametrize(
    ("kind", "number"), [("hmt_residence_permit", "810000199408230021"), ("hk_macau_permit", "H12345678")]
)
def test_identity_of_hong_kong_macau_and_taiwan_asks_no_work_permit(me, kind, number):
    values = IDENTITY | {"identity_type": kind, "identity_number": number, "sex": "女", **day("born_on", "1994-8-23")}
    values |= day("identity_until", "2027-1-1")
    assert me.post("identity", values).status_code == 302
    assert (me.file.identity, me.file.permit, me.file.born_on) == ("hk_macau_taiwan", "none", date(1994, 8, 23))
    assert "identity" not in {t["key"] for t in me.get().context["tasks"] if t["state"] != "done"}


def test_identity_that_bars_is_told_with_the_clause_and_may_go_on(me):
    assert me.post("identity", IDENTITY | {"civil_servant": "yes"}).status_code == 302
    assert me.file.civil_servant is True
    for page in (words(me.get("identity/")), words(me.get())):
        assert "不符合“不是公务员（含列入参照公务员法管理的事业单位工作人员）”" in page
        assert "一(三)" in page
    assert next(t for t in me.get().context["tasks"] if t["key"] == "identity")["state"] == "done"


def test_identity_under_sanction_with_an_unknown_end_is_told_too(me):
    me.post("identity", IDENTITY | {"sanctioned": "yes"} | day("sanction_from", "2024-1-5"))
    assert "可能不符合“不在党纪、政务、行政处分的影响期内”" in words(me.get())
    me.post(
        "identity",
        IDENTITY | {"sanctioned": "yes"} | day("sanction_from", "2024-1-5") | day("sanction_until", "2025-1-5"),
    )
    assert "，不符合“不在党纪、政务、行政处分的影响期内”" in words(me.get("identity/"))


# ---- the stale page ----


def test_stale_page_is_told_keeps_what_was_typed_and_can_be_sent_again(me):
    me.post("identity", IDENTITY)
    other_tab = me.file.version - 1
    answer = me.client.post(me.url("identity/"), IDENTITY | {"full_name": "王大明", "version": other_tab})
    assert answer.status_code == 200
    assert "这份申报在别的页面或设备上改过（10:00保存），所以刚才没有保存" in words(answer)
    assert typed(answer, "full_name") == "王大明"
    assert me.file.full_name == "王小明"
    again = IDENTITY | {"full_name": "王大明", "version": typed(answer, "version")}
    assert me.client.post(me.url("identity/"), again).status_code == 302
    assert me.file.full_name == "王大明"


@pytest.mark.parametrize(
    ("section", "data"),
    [
        ("schooling", education()),
        ("work", spell() | {"assessed_fit": "yes"}),
        ("employer", EMPLOYER),
        ("commitment", {"name": "王小明"}),
        ("specialty", {"choose": "1", "specialty": PATH}),
    ],
)
def test_every_section_refuses_a_stale_page(me, section, data):
    me.post("identity", IDENTITY)
    answer = me.client.post(me.url(f"{section}/"), data | {"version": "0"})
    assert answer.status_code == 200
    assert "重新提交即可覆盖" in mistakes(answer)[0]
    file = me.file
    assert (file.educations.count(), file.spells.count(), file.employer_name, file.specialty, file.commitment_at) == (
        0, 0, "", "", None,
    )  # fmt: skip


def test_a_change_takes_the_signature_back(me):
    me.fill(upto="specialty")
    me.post("commitment", {"name": "王小明"})
    assert me.file.commitment_at is not None
    me.post("employer", EMPLOYER | {"post": "电气工程师"})
    assert me.file.commitment_at is None


# ---- schooling ----


def test_schooling_of_a_diploma_after_the_application(me):
    answer = me.post("schooling", education(**day("graduated_on", "2024-7-2")))
    sentence = (
        "这里填的是2024年7月2日，晚于申报日期（2024年7月1日）。"
        "毕业证书还没有拿到的，请拿到以后再申报；填错了请对照证书改正。"
    )
    assert sentence in mistakes(answer)
    assert typed(answer, "row0-school") == "江苏科技大学"


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        (day("enrolled_on", "2022-9"), "入学时间应早于毕业和学位授予的日期。请核对。"),
        (day("graduated_on", "2022-2-30"), "2022年2月没有30日，请核对毕业日期。"),
        (day("graduated_on", "22-6-20"), "毕业日期的“年”要填四位数字，例如 2023。"),
        ({"schooling": "none", "degree": "none"}, "学历和学位至少有一项。都没有取得的，请删除这一段。"),
        ({"school": ""}, "请填写学校全称。"),
        ({"field_matches": ""}, "请回答“所学专业与申报的专业对口吗”。"),
        (day("graduated_on", "2001-6-20"), "2001年6月20日离您的出生日期（2000年5月12日）太近。请对照证书检查。"),
    ],
)
def test_schooling_says_what_to_do(me, changes, sentence):
    me.post("identity", IDENTITY)
    assert sentence in mistakes(me.post("schooling", education(**changes)))
    assert me.file.educations.count() == 0


def test_schooling_grows_and_shrinks_without_scripts_and_keeps_what_was_typed(me):
    grown = me.post("schooling", education(school="江苏大学", graduated_on_0="") | {"add": "1"})
    assert (grown.status_code, mistakes(grown)) == (200, [])
    assert [form.prefix for form in grown.context["rows"].forms] == ["row0", "row1"]
    assert typed(grown, "row0-school") == "江苏大学"
    two = together(education(0, school="江苏大学"), education(1, school="东南大学", schooling="研究生", degree="硕士"))
    shrunk = me.post("schooling", two | {"remove": "0"})
    assert [form.prefix for form in shrunk.context["rows"].forms] == ["row1"]
    assert typed(shrunk, "row1-school") == "东南大学"
    assert me.post("schooling", two).status_code == 302
    assert [row.school for row in me.file.educations.order_by("id")] == ["江苏大学", "东南大学"]


def test_schooling_shows_what_is_saved(me):
    me.post(
        "schooling", education(schooling="none", degree="硕士", field_matches="unknown", **day("degree_on", "2023-6-1"))
    )
    row = me.file.educations.get()
    assert (row.schooling, row.graduated_on, row.degree_on, row.field_matches) == ("", None, date(2023, 6, 1), None)
    form = me.get("schooling/").context["rows"].forms[0]
    assert (form["schooling"].value(), form["degree"].value(), form["field_matches"].value()) == (
        "none",
        "硕士",
        "unknown",
    )


# ---- work ----


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        (day("last_day", "2022-6-30"), "结束日期早于开始日期（2022年7月1日）。请核对哪一个填错了。"),
        (day("last_day", "2024-7-2"), "结束日期填的是2024年7月2日，还没有到。至今还在做的请留空。"),
        (day("started_on", "2024-8-1"), "开始日期填的是2024年8月1日，还没有到。请核对。"),
        ({"post": ""}, "请填写岗位。"),
    ],
)
def test_work_says_what_to_do(me, changes, sentence):
    answer = me.post("work", spell(**changes) | {"assessed_fit": "yes"})
    assert sentence in mistakes(answer)
    assert me.file.spells.count() == 0


def test_work_that_overlaps_is_a_hint_and_is_saved(me):
    two = together(
        spell(0, **day("last_day", "2023-3-31")),
        spell(1, employer_name="丹阳示例电气厂", **day("started_on", "2023-3-1")),
        assessed_fit="yes",
    )
    answer = me.client.post(me.url("work/"), two | {"version": me.file.version}, follow=True)
    assert "“镇江示例机械有限公司”和“丹阳示例电气厂”的时间有重叠（2023年3月1日起）。" in words(answer)
    assert WorkSpell.objects.order_by("started_on").first().ended_on == date(2023, 4, 1)
    assert me.get("work/").context["rows"].forms[0]["last_day"].value() == date(2023, 3, 31)


def test_work_unknown_appraisal_is_kept_open_and_never_read_as_no(me):
    assert me.post("work", spell() | {"assessed_fit": "unknown"}).status_code == 302
    assert me.file.assessed_fit is None
    task = next(t for t in me.get().context["tasks"] if t["key"] == "work")
    assert (task["state"], task["hint"]) == ("started", "请向单位问清考核是否合格，并填写")


@pytest.mark.parametrize(
    ("hours", "kept", "sentence"),
    [("７２", 72, ""), ("", None, ""), ("很多", None, "只能填整数"), ("99999", None, "最多填 2000，您填的是 99999")],
)
def test_work_continuing_education_is_optional(me, hours, kept, sentence):
    answer = me.post("work", spell() | {"assessed_fit": "yes", "continuing_education_hours": hours})
    assert me.file.continuing_education_hours == kept
    assert (answer.status_code == 302) is (sentence == "")
    assert sentence in "".join(mistakes(answer) if sentence else "")


# ---- the unit ----


@pytest.mark.parametrize("text", ["示例机械", "９１４４０３ 007084", "镇江 机械"])
def test_employer_is_found_by_name_or_code(me, at, text):
    make_unit(at)
    make_unit(at, name="镇江未核验公司", uscc="91110000802100433B").__class__.objects.filter(
        uscc__startswith="9111"
    ).update(verified_at=None)
    answer = me.post("employer", {"search": "1", "q": text, "engagement": "employment_contract", "post": "技术员"})
    assert list(answer.context["form"].found) == [USCC]
    assert mistakes(answer) == []
    assert typed(answer, "post") == "技术员"
    chosen = EMPLOYER | {
        "employer": USCC,
        "employer_name": "",
        "employer_uscc": "",
        "employer_kind": "",
        "q": text,
        "save": "1",
    }
    assert me.post("employer", chosen).status_code == 302
    assert (me.file.employer.uscc, me.file.employer_name, me.file.employer_kind) == (
        USCC, "镇江示例机械有限公司", "enterprise",
    )  # fmt: skip


def test_employer_enter_in_the_search_box_searches_again_and_saves_nothing(me, at):
    make_unit(at)
    me.post("employer", EMPLOYER)
    other = make_unit(at, name="镇江示例检验中心", uscc="91110000802100433B", kind="public_institution")
    typed_words = EMPLOYER | {"employer": USCC, "q": "检验", "searched": ""}
    assert list(me.post("employer", typed_words).context["form"].found) == [USCC, other.uscc]
    assert me.post("employer", typed_words | {"searched": "检验"}).status_code == 302


def test_employer_not_found_says_so_and_keeps_the_page(me):
    answer = me.post("employer", {"search": "1", "q": "没有这个单位"})
    assert "没有找到“没有这个单位”。可以换几个字再找，或者在下面自己填写。" in words(answer)


def test_employer_typed_with_the_code_of_a_verified_unit_is_that_unit(me, at):
    unit = make_unit(at)
    me.post("employer", EMPLOYER)
    assert me.file.employer == unit


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"employer_uscc": USCC[:-1] + "X"}, "统一社会信用代码的最后一位（校验位）与前面对不上，可能有一位输错了。请对照营业执照逐位检查。"),
        ({"employer_uscc": USCC[:-1]}, "统一社会信用代码应为18位，您输入了17位。请对照营业执照检查。"),
        ({"employer_name": ""}, "请填写单位全称，或者在上面查找并选择单位。"),
        ({"engagement": ""}, "请选择您和单位的关系。"),
        ({"post": ""}, "请填写您现在的岗位。"),
        ({"employer_kind": "public_institution"}, "请回答是否事业单位在编人员。"),
        ({"employer_kind": "public_institution", "established_post": "yes"}, "请填写入编日期。"),
    ],
)  # fmt: skip
def test_employer_says_what_to_do(me, changes, sentence):
    assert mistakes(me.post("employer", EMPLOYER | changes)) == [sentence]
    assert me.file.engagement == ""


def test_employer_of_a_freelancer_is_an_agency_letter(me):
    me.fill(upto="specialty")
    assert me.post("employer", {"works_in_jurisdiction": "yes", "engagement": "freelance"}).status_code == 302
    assert (me.file.employer, me.file.employer_name, me.file.employer_uscc) == (None, "自由职业", "")
    card = me.get("materials/").context["cards"][0]
    assert (card["name"], card["word"]) == ("人事代理机构或者同等机构出具的同意申报证明（盖章）", "必交")


def test_freelancer_chooses_a_verified_agency_and_stays_without_an_employer(me):
    agency = add_employer(name="金山湖人事代理", uscc=social_credit_code(300001), kind="agency", verified=True, at=NOW)
    add_employer(name="没有核验的代理", uscc=social_credit_code(300002), kind="agency", verified=False, at=NOW)
    me.fill(upto="specialty")
    choices = me.get("employer/").context["form"].fields["agency"].choices
    assert [value for value, _ in choices] == [agency.uscc, "other"]
    post = {"works_in_jurisdiction": "yes", "engagement": "freelance"}
    assert mistakes(me.post("employer", post)) == ["请选择人事代理机构；没有的，选“都不是”。"]
    assert me.post("employer", post | {"agency": agency.uscc}).status_code == 302
    assert (me.file.employer, me.file.employer_name, me.file.employer_uscc) == (agency, "自由职业", "")
    assert me.get("employer/").context["form"].initial["agency"] == agency.uscc
    assert "金山湖人事代理" in me.get("check/").content.decode()
    assert me.post("employer", post | {"agency": "other"}).status_code == 302
    assert (me.file.employer, me.file.employer_name) == (None, "自由职业")
    assert me.post("employer", EMPLOYER | {"agency": agency.uscc}).status_code == 302
    assert me.file.employer != agency


def test_employer_established_post_asks_for_the_yearly_appraisals(me):
    me.fill(upto="specialty")
    post = EMPLOYER | {"employer_kind": "public_institution", "established_post": "yes"}
    me.post("employer", post | day("established_post_since", "2023-7-1"))
    assert me.get("materials/").context["cards"][3]["word"] == "必交"
    me.post("employer", post | day("established_post_since", "2023-7-2"))
    assert me.get("materials/").context["cards"][3]["word"] == "不用交"


# ---- specialty and level ----


def test_specialty_is_chosen_step_by_step(me):
    first = me.get("specialty/")
    assert [link["text"] for link in first.context["links"]][:2] == ["机械工程", "石油化工"]
    second = me.get("specialty/?step=specialty&series=机械工程")
    assert [link["text"] for link in second.context["links"]] == ["机械设计", "机械制造", "设备管理", "试验检测"]
    assert [option["name"] for option in second.context["options"]][:2] == ["标准化", "科技情报信息"]
    third = me.get("specialty/?step=specialty&series=机械工程&major=机械制造")
    assert PATH in [option["value"] for option in third.context["options"]]


@pytest.mark.parametrize("text", ["电气工程", "dqgc"])
def test_specialty_search_shows_homonyms_with_their_paths(me, text):
    page = me.get(f"specialty/?step=specialty&q={text}")
    assert {option["label"] for option in page.context["options"]} >= {
        "工程 › 机械工程 › 机械制造 › 电气工程",
        "工程 › 电力工程 › 电气工程 › 电气工程",
    }
    assert "“电气工程”在不同的专业下都有" in words(page)


def test_specialty_that_does_not_exist_is_refused(me):
    assert mistakes(me.post("specialty", {"choose": "1", "specialty": "会计"})) == ["请选择一个专业。"]
    assert me.file.specialty == ""


def test_level_preselects_the_best_and_says_today_of_each(me):
    me.fill(upto="specialty")
    Application.objects.filter(ref=me.ref).update(level="")
    page = me.get("specialty/")
    assert page.context["form"]["level"].value() == "助理级"
    assert "可以申报" in words(page)


def test_level_whose_answer_is_no_wants_a_second_look(me):
    me.fill(upto="specialty")
    answer = me.post("specialty", {"level": "中级"})
    assert mistakes(answer) == ["这个级别的条件目前还不符合。请看下面的原因，改选别的级别，或者勾选后继续。"]
    assert "没有填写博士学位" in words(answer)
    assert me.post("specialty", {"level": "中级", "confirmed": "on"}).status_code == 302
    assert me.file.level == "中级"


def test_level_not_yet_names_the_earliest_day(me):
    me.fill(upto="specialty")
    me.post("work", spell(**day("started_on", "2023-9-1")) | {"assessed_fit": "yes"})
    assert "还不能申报，最早2024年9月1日" in words(me.get("specialty/"))


# ---- the commitment ----


@pytest.mark.parametrize(
    ("name", "sentence"),
    [("", "请输入您的姓名，作为签名。"), ("李小明", "签名应与身份信息里的姓名“王小明”一致。请重新输入。")],
)
def test_commitment_is_signed_with_ones_own_name(me, name, sentence):
    me.post("identity", IDENTITY)
    assert mistakes(me.post("commitment", {"name": name})) == [sentence]
    assert me.file.commitment_at is None


def test_commitment_before_the_name_is_known_leads_back(me):
    assert me.get("commitment/").url == me.url()


def test_section_that_does_not_exist_is_404(me):
    assert me.get("salary/").status_code == 404
