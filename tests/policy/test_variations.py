"""How other cities write: each way is an attribute of a row or of the notice, and refused where it contradicts another.

Every test changes a copy of the notice of Zhenjiang and asks one person on either side of the boundary.
"""

from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from varied import BACHELOR, DOCTOR, MASTER, varied

from chuding.policy.assess import Report, assess
from chuding.policy.cases import Case, Expectation, fact_of, run_case
from chuding.policy.cells import boundary_people
from chuding.policy.dates import ALWAYS, NEVER, countable, countables
from chuding.policy.entries import AS_OF
from chuding.policy.facts import FactsError, read_facts
from chuding.policy.notice import Notice, load_notice
from chuding.policy.population import Many, assess_many
from chuding.policy.source import NoticeError
from chuding.policy.speech import AnyOf, Own, phrase, speech_of
from chuding.policy.terms import Level

Person = dict[str, Any]
Vary = Callable[..., Notice]

WINDOW = '  依据: 八\n  原文: "2024 年 3 月 20 日-2024 年 12 月 10 日"\n'
BOUNDS = "  自: 2024-03-20\n  至: 2024-12-10        # 含当日\n"
CITE = "依据: 二(二), 原文: 见习"


@pytest.fixture
def vary(tmp_path: Path) -> Vary:
    """The notice with passages of its notice.yaml replaced."""

    return partial(varied, tmp_path)


def ask(notice: Notice, person: Person, **changes: Any) -> Report:
    return assess(notice, read_facts({**person, **changes}))


def degree(kind: str, day: str, **more: Any) -> list[Person]:
    return [{"kind": kind, "awarded_on": day, **more}]


def since(*days: str) -> list[Person]:
    return [{"from": day} for day in days]


def test_mismatch_adds_a_year(vary: Vary, person: Person) -> None:
    notice = vary((BACHELOR, BACHELOR + "  专业对口: {不对口: 加1年}\n"))
    days = {
        matches: ask(
            notice,
            person,
            credentials=degree("本科", "2023-06-20", field_matches=matches),
            work=since("2023-07-02"),
        )
        .levels[Level.ASSISTANT]
        .from_
        for matches in (True, False)
    }
    assert days == {True: date(2024, 7, 2), False: date(2025, 7, 2)}
    unknown = ask(notice, person, credentials=degree("本科", "2022-06-20"), work=since("2023-07-01"))
    assert unknown.levels[Level.ASSISTANT].answer == "unknown"
    assert unknown.levels[Level.ASSISTANT].missing == ("credentials[0].field_matches",)


def test_mismatch_is_left_to_the_reviewer(vary: Vary, person: Person) -> None:
    notice = vary((BACHELOR, BACHELOR + "  专业对口: 审核人判断\n"))
    report = ask(notice, person, credentials=degree("本科", "2021-06-20", field_matches=False))
    assert report.levels[Level.ASSISTANT].answer == "yes"
    assert "专业是否对口由审核人判断：二(二)。" in report.reservations


@pytest.mark.parametrize(
    ("as_of", "expected"),
    [("申报日", "2024-08-20"), ("季末", "2024-07-01"), ("年末", "2024-01-01"), ("上年末", "2025-01-01")],
)
def test_years_count_to_the_day_the_notice_says(vary: Vary, person: Person, as_of: str, expected: str) -> None:
    notice = vary((BACHELOR, BACHELOR + f"  计算至: {as_of}\n"))
    changes = {"credentials": degree("本科", "2023-06-20"), "work": since("2023-08-20")}
    first = date.fromisoformat(expected)
    before = date.fromordinal(first.toordinal() - 1).isoformat()
    # nobody files before the award, so 年末 is asked on a day after it
    if as_of != "年末":
        assert ask(notice, person, **changes, filed_on=before).levels[Level.ASSISTANT].from_ == first
    assert ask(notice, person, **changes, filed_on=expected).levels[Level.ASSISTANT].answer == "yes"


def test_reading_sets_the_day_for_every_row(vary: Vary, person: Person) -> None:
    reading = '- {题: 累计, 取: 停钟, 依据: 二(一), 原文: "在本专业技术岗位见习1年期满"}\n'
    notice = vary((reading, reading + '- {题: 计算至, 取: 季末, 依据: 二(一), 原文: "见习1年期满"}\n'))
    changes = {"credentials": degree("本科", "2023-06-20"), "work": since("2023-08-20")}
    assert ask(notice, person, **changes, filed_on="2024-07-01").levels[Level.ASSISTANT].answer == "yes"


def test_years_before_the_award_are_added(person: Person) -> None:
    notice = load_notice("hangzhou-2023")
    person |= {"specialty": notice.catalogue.choices()[0].path, "filed_on": "2023-07-01"}
    found = ask(notice, person, credentials=degree("硕士", "2022-06-20"), work=since("2020-07-02"))
    assert found.levels[Level.INTERMEDIATE].from_ == date(2023, 7, 2)


def test_year_is_deducted_where_work_before_the_award_counts(vary: Vary, person: Person) -> None:
    notice = vary((BACHELOR, BACHELOR.replace("见习: 1年", "从业: {合计: 3年, 取得前扣减: 1年}")))

    def first(award: str, start: str) -> date | None:
        found = ask(notice, person, credentials=degree("本科", award), work=since(start), filed_on="2023-06-20")
        return found.levels[Level.ASSISTANT].from_

    assert first("2022-06-20", "2020-01-01") == date(2024, 1, 1)  # four years in all, two and a half before
    assert first("2022-06-20", "2022-07-01") == date(2025, 7, 1)  # nothing before: three years after


def test_held_title_leads_to_the_next(vary: Vary, person: Person) -> None:
    row = '- {依据: 二(一)注, 原文: "x", 授予: 助理级, 凭: [员级], 另持: [大专], 从业: 2年}\n'
    notice = vary(("- 依据: 二(二)\n", row + "- 依据: 二(二)\n"))
    college = degree("大专", "2020-06-20")
    held = [{"level": "员级", "held_since": "2022-07-02"}]
    found = ask(notice, person, credentials=college, titles=held).levels[Level.ASSISTANT]
    assert (found.answer, found.from_, found.clauses) == ("no", date(2024, 7, 2), ("二(一)注",))
    day = ask(notice, person, credentials=college, titles=held, filed_on="2024-07-02").levels[Level.ASSISTANT]
    assert (day.answer, day.clauses) == ("yes", ("二(一)注",))
    path = next(path for path in day.paths if path.answer == "yes")
    assert [part.explanation for part in path.parts] == [
        "2022年7月2日取得员级职称。",
        "满2年的日期是2024年7月2日。",
        "符合。",
    ]
    assert ask(notice, person, credentials=college, titles=[]).levels[Level.ASSISTANT].answer == "no"
    assert ask(notice, person, credentials=college).levels[Level.ASSISTANT].missing == ("titles",)
    assert ask(notice, person, credentials=college, titles=[{"level": "员级"}]).levels[Level.ASSISTANT].missing == (
        "titles[0].held_since",
    )
    other = ask(notice, person, credentials=degree("中专", "2015-06-20"), titles=held, filed_on="2025-01-01")
    assert other.levels[Level.ASSISTANT].answer == "no"


def test_full_time_schooling_only(vary: Vary, person: Person) -> None:
    notice = vary((BACHELOR, BACHELOR + "  全日制: 是\n"))
    answers = {
        full: ask(notice, person, credentials=degree("本科", "2021-06-20", full_time=full)).levels[Level.ASSISTANT]
        for full in (True, False, None)
    }
    assert {full: found.answer for full, found in answers.items()} == {True: "yes", False: "no", None: "unknown"}
    assert answers[None].missing == ("credentials[0].full_time",)


def test_series_begins_at_a_level(vary: Vary, person: Person) -> None:
    floor = "起点:\n- {系列: 电力工程, 最低: 助理级, 依据: 三, 原文: 电力工程}\n\n准入:  "
    notice = vary(("准入:  ", floor))
    college = degree("大专", "2021-06-20")
    closed = ask(notice, person, credentials=college).levels[Level.TECHNICIAN]
    assert closed.answer == "no"
    assert [part.explanation for part in closed.paths[0].parts][-1] == "该系列不设这一级。"
    elsewhere = ask(notice, person, credentials=college, specialty="机械工程/标准化")
    assert elsewhere.levels[Level.TECHNICIAN].answer == "yes"


@pytest.mark.parametrize(
    ("must", "fact", "number"),
    [("继续教育满: 72学时", "continuing_education_hours", 72), ("社保满: 12个月", "social_insurance_months", 12)],
)
def test_total_is_a_gate(vary: Vary, person: Person, must: str, fact: str, number: int) -> None:
    gate = f"- {{名称: 满, 条件: 满, 依据: 四(二), 原文: x, 须: {{{must}}}, 怎么办: 请补足。}}\n"
    notice = vary(("- 名称: 考核合格\n", gate + "- 名称: 考核合格\n"))
    answers = [
        ask(notice, person, **{fact: given}).levels[Level.ASSISTANT].answer for given in (number - 1, number, None)
    ]
    assert answers == ["no", "yes", "unknown"]
    (found,) = ask(notice, person, **{fact: number - 1}).advice(Level.ASSISTANT)
    assert (found.kind, f"补足到{number}" in found.zh) == ("bring", True)


def test_several_windows_by_level(vary: Vary, person: Person) -> None:
    item = WINDOW.strip().replace("\n  ", ", ")
    several = (
        f"受理:\n- {{{item}, 自: 2024-03-01, 至: 2024-03-31}}\n"
        f"- {{{item}, 自: 2024-09-01, 至: 2024-09-30, 级别: [助理级, 员级]}}\n"
    )
    notice = vary(("受理:\n" + WINDOW + BOUNDS, several))
    assert [len(notice.windows_of(level)) for level in Level] == [2, 2, 1]
    assert (notice.window.start, notice.window.end) == (date(2024, 3, 1), date(2024, 9, 30))
    days = ("2024-02-29", "2024-03-31", "2024-04-01", "2024-09-01", "2024-10-01")
    assert [ask(notice, person, filed_on=day).window_open for day in days] == [False, True, False, True, False]
    found = ask(notice, person, filed_on="2024-04-01", credentials=degree("博士", "2020-06-20"))
    assert found.levels[Level.INTERMEDIATE].file_on is None
    assert ask(notice, person, filed_on="2024-04-01").levels[Level.ASSISTANT].file_on == date(2024, 9, 1)


@pytest.mark.parametrize(("take", "expected"), [("入职之日", date(2021, 7, 1)), ("满足条件之日", date(2022, 7, 1))])
def test_title_counts_from_before_the_decision(vary: Vary, person: Person, take: str, expected: date) -> None:
    notice = vary((BACHELOR, BACHELOR + f"  生效: {{{CITE}, 取: {take}, 毕业自: 2021-01-01}}\n"))
    found = ask(notice, person)
    assert found.levels[Level.ASSISTANT].effective_from == expected
    assert found.to_json()["levels"]["助理级"]["effective_from"] == expected.isoformat()
    older = ask(notice, person, credentials=degree("本科", "2020-12-31"))
    assert older.levels[Level.ASSISTANT].effective_from is None
    vague = ask(notice, person, work=since("2021-07"))
    assert (vague.levels[Level.ASSISTANT].answer, vague.levels[Level.ASSISTANT].effective_from) == ("yes", None)


def test_report_of_a_notice_without_effects_has_no_such_key(notice: Notice, person: Person) -> None:
    assert set(ask(notice, person).to_json()["levels"]["助理级"]) == {"answer", "from", "clauses", "missing"}


def test_technician_school_counts_as_the_notice_says(notice: Notice, vary: Vary, person: Person) -> None:
    equal = "等同:\n- {学历: 高级工班, 同: 大专, 依据: 二(一), 原文: x}\n\n准入:  "
    school = degree("高级工班", "2021-06-20")
    assert ask(vary(("准入:  ", equal)), person, credentials=school).levels[Level.TECHNICIAN].answer == "yes"
    assert ask(notice, person, credentials=school).levels[Level.TECHNICIAN].answer == "no"


def test_row_asks_for_years_without_a_gap(vary: Vary, person: Person) -> None:
    notice = vary((BACHELOR, BACHELOR + "  累计: 连续\n"))
    work = [{"from": "2023-01-01", "to": "2023-09-01"}, {"from": "2023-10-01"}]
    found = ask(notice, person, work=work).levels[Level.ASSISTANT]
    assert found.from_ == date(2024, 10, 1)
    other = ask(notice, person, credentials=degree("大专", "2019-06-20"), work=work).levels[Level.TECHNICIAN]
    assert other.answer == "yes"  # the other rows keep 停钟


PERMIT = "浙江省海外高层次人才居住证"
ACCEPTED = (
    ("外国人永久居留身份证或江苏省海外高层次人才居住证的外籍人员", f"外国人永久居留身份证或《{PERMIT}》的外籍人员"),
    (
        "{证件: [外国人来华工作许可证, 外国人永久居留身份证, 江苏省海外高层次人才居住证]}",
        f"{{证件: [外国人来华工作许可证, 外国人永久居留身份证, {PERMIT}]}}",
    ),
)


def test_permit_that_only_this_notice_knows(vary: Vary, notice: Notice, person: Person) -> None:
    other = vary(*ACCEPTED)
    assert other.permits == ("foreign_work_permit", "foreign_permanent_residence", PERMIT)
    foreign = {**person, "identity": "foreign"}
    answers = {
        permit: ask(other, foreign, permit=permit).levels[Level.ASSISTANT].answer
        for permit in (PERMIT, "foreign_work_permit", "jiangsu_overseas_talent", "none", None)
    }
    assert list(answers.values()) == ["yes", "yes", "no", "no", "unknown"]
    (advice,) = ask(other, foreign, permit="none").advice(Level.ASSISTANT)
    assert f"或者{PERMIT}" in advice.zh
    assert "江苏省" not in advice.zh
    translated = Own(PERMIT, {"en": "Zhejiang residence permit for overseas talent"})
    said = phrase("取得{papers}", papers=AnyOf(("外国人来华工作许可证", translated)))
    assert speech_of("en").text(said).endswith("or Zhejiang residence permit for overseas talent")
    assert {type(each) for each in other.shown_words if each == PERMIT} == {Own}
    with pytest.raises(FactsError, match=r"只能填 none、.*、jiangsu_overseas_talent，不能是'浙江省"):
        ask(notice, foreign, permit=PERMIT)


def test_own_permit_stands_in_cases_and_in_columns(vary: Vary, person: Person) -> None:
    other = vary(*ACCEPTED)
    assert fact_of("证件", PERMIT) == ("permit", PERMIT)
    wanted = Expectation.model_validate({"期望": {"助理级": "可"}})
    stated = read_facts({**person, "identity": "foreign", "permit": PERMIT})
    assert run_case(other, Case("外籍", 1, stated, wanted)) == []
    assert run_case(other, Case("外籍", 1, stated.model_copy(update={"permit": "浙江居住证"}), wanted))
    people = [*boundary_people(other, every=199), stated]
    column = assess_many(other, Many(people))[Level.ASSISTANT]
    reports = [assess(other, facts).levels[Level.ASSISTANT].answer for facts in people]
    assert np.where(column.yes, "yes", np.where(column.no, "no", "unknown")).tolist() == reports


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("浙江省高层次人才居住证", "照这一项的原文写证件的全称"),
        ("外国人来华工作许可", "是不是“外国人来华工作许可证”"),
        ("人员", "至32个字"),
    ],
)
def test_permit_that_the_sentence_does_not_name_is_refused(vary: Vary, word: str, message: str) -> None:
    with pytest.raises(NoticeError, match=message):
        vary(("江苏省海外高层次人才居住证]}", f"{word}]}}"))


CONTRADICTIONS = [
    (BACHELOR, BACHELOR + "  从业: 1年\n", "“见习”和“从业”只能写一个"),
    (DOCTOR, DOCTOR + "  累计: 连续\n", "没有“见习”或者“从业”的年数，“累计”就没有用处"),
    (DOCTOR, DOCTOR + "  计算至: 季末\n", "没有“见习”或者“从业”的年数，“计算至”就没有用处"),
    (DOCTOR, DOCTOR + "  专业对口: {不对口: 加1年}\n", "没有“见习”或者“从业”的年数，“不对口”就没有用处"),
    (DOCTOR, DOCTOR + "  专业对口: {不对口: 1年}\n", "“不对口”后面写成“加1年”"),
    (DOCTOR, DOCTOR + "  从业: {取得后: 3年, 合计: 3年}\n", "合计就没有用了；请改为“从业: 3年”"),
    (DOCTOR, DOCTOR + "  从业: {取得后: 3年}\n", "“从业”写成“3年”，或者"),
    (DOCTOR, DOCTOR + "  从业: {合计: 1年, 取得前扣减: 1年}\n", "“取得前扣减”1年不能不少于“合计”1年"),
    (DOCTOR, DOCTOR + "  从业: {合计: 3年, 减: 1年}\n", "“从业”里没有“减”"),
    (DOCTOR, DOCTOR.replace("[博士]", "[博士, 员级]"), "“凭”里职称和学历学位不能混写"),
    (DOCTOR, DOCTOR + "  另持: [本科]\n", "“另持”只用于凭职称的行"),
    (DOCTOR, DOCTOR.replace("[博士]", "[员级]") + "  全日制: 是\n", "“全日制”说的是学历学位，凭职称的行不能写"),
    (DOCTOR, DOCTOR.replace("[博士]", "[员级]") + "  专业对口: 是\n", "“专业对口”说的是学历学位"),
    (DOCTOR, DOCTOR.replace("[博士]", "[中级]"), "凭中级职称只能授予更高的级别，不能授予中级"),
    (DOCTOR, DOCTOR.replace("[博士]", "[博士后]"), "只能填 中专、大专"),
    (MASTER, MASTER + f"  生效: {{{CITE}, 取: 入职之日, 毕业自: 2020-01-01}}\n", "没有人适用"),
    (DOCTOR, DOCTOR + f"  生效: {{{CITE}, 取: 入职之日, 毕业自: 2021-01-01, 毕业至: 2020-01-01}}\n", "晚于“毕业至”"),
    ("准入:  ", "等同:\n- {学历: 大专, 同: 本科, 依据: 二, 原文: x}\n准入:  ", "“大专”本身就是各行所用的学历"),
    ("准入:  ", "等同:\n- {学历: 技师班, 同: 高级工班, 依据: 二, 原文: x}\n准入:  ", "“同”只能填 中专"),
    (
        "准入:  ",
        "等同:\n- {学历: 技师班, 同: 本科, 依据: 二, 原文: x}\n- {学历: 技师班, 同: 大专, 依据: 二, 原文: x}\n准入:  ",
        "“等同”里技师班写了两次：同本科，又同大专",
    ),
    ("准入:  ", "起点:\n- {系列: 电力工程, 最低: 员级, 依据: 三, 原文: x}\n准入:  ", "员级本来就是最低一级"),
    ("准入:  ", "起点:\n- {系列: 电子工程, 最低: 中级, 依据: 三, 原文: x}\n准入:  ", "专业目录里没有系列“电子工程”"),
    (BOUNDS, BOUNDS + "  级别: [员级]\n", "助理级没有受理期"),
    (BOUNDS, "  自: 2024-12-11\n  至: 2024-12-10\n", "“自”2024-12-11 晚于“至”2024-12-10"),
    ("须: 考核合格", "须: {继续教育满: 72}", "“继续教育满”后面写成“12学时”"),
    ("须: 考核合格", "须: {社保满: 0个月}", "“社保满”后面写成“12个月”"),
]


@pytest.mark.parametrize(("before", "after", "message"), CONTRADICTIONS)
def test_contradiction_is_refused_with_a_clear_message(vary: Vary, before: str, after: str, message: str) -> None:
    with pytest.raises(NoticeError) as caught:
        vary((before, after))
    assert len(caught.value.problems) == 1
    assert message in caught.value.problems[0].message
    assert caught.value.problems[0].line > 8  # not merely the file


def test_windows_that_overlap_are_refused(vary: Vary) -> None:
    item = WINDOW.strip().replace("\n  ", ", ")
    several = f"受理:\n- {{{item}, 自: 2024-03-01, 至: 2024-03-31}}\n- {{{item}, 自: 2024-03-31, 至: 2024-04-30}}\n"
    with pytest.raises(NoticeError, match=r"notice\.yaml:[1-9][0-9]: “受理”里员级的两段重叠"):
        vary(("受理:\n" + WINDOW + BOUNDS, several))


def test_kind_named_and_equated_is_refused(vary: Vary) -> None:
    equal = "等同:\n- {学历: 技师班, 同: 本科, 依据: 二, 原文: x}\n准入:  "
    with pytest.raises(NoticeError, match="初定 二\\(二\\) 直接写了技师班，“等同”又说它同本科"):
        vary(("准入:  ", equal), (BACHELOR, BACHELOR.replace("[本科, 学士]", "[本科, 学士, 技师班]")))


def test_publicity_says_for_how_many_working_days_and_where(vary: Vary) -> None:
    notice = vary(("准入:  ", "公示: {依据: 六, 原文: x, 单位: 5个工作日, 结果: 7工作日}\n准入:  "))
    assert notice.publicity is not None
    assert (notice.publicity.at_unit, notice.publicity.of_result) == (5, 7)
    assert load_notice("zhenjiang-2024-1").publicity is None


@pytest.mark.parametrize(
    ("words", "problem"),
    [("", "至少写一个"), (", 结果: 7天", "写成“5个工作日”的样子"), (", 结果: 61个工作日", "最多60个")],
)
def test_publicity_that_says_nothing_countable_is_refused(vary: Vary, words: str, problem: str) -> None:
    with pytest.raises(NoticeError, match=problem):
        vary(("准入:  ", f"公示: {{依据: 六, 原文: x{words}}}\n准入:  "))


@pytest.fixture
def everything(vary: Vary) -> Notice:
    """A notice that writes in all these ways at once."""
    title = '- {依据: 二(一)注, 原文: "x", 授予: 助理级, 凭: [员级], 另持: [大专], 从业: 2年}\n'
    total = "- {名称: 满, 条件: 满, 依据: 四(二), 原文: x, 须: {继续教育满: 72学时}, 怎么办: 请补足。}\n"
    return vary(
        (BACHELOR, BACHELOR + "  专业对口: {不对口: 加1年}\n  全日制: 是\n  累计: 连续\n"),
        (MASTER, MASTER.replace("从业: 3年", "从业: {取得后: 1年, 合计: 3年}") + "  计算至: 季末\n"),
        ("- 依据: 二(二)\n", title + "- 依据: 二(二)\n"),
        ("- 名称: 考核合格\n", total + "- 名称: 考核合格\n"),
        ("准入:  ", "起点:\n- {系列: 电力工程, 最低: 助理级, 依据: 三, 原文: x}\n准入:  "),
    )


@pytest.mark.parametrize(
    ("which", "every"), [("everything", 211), ("hangzhou-2023", 61), ("nanjing-machinery-2022", 3)]
)
def test_columns_answer_every_way_as_one_person_does(which: str, every: int, request: pytest.FixtureRequest) -> None:
    notice = request.getfixturevalue(which) if which == "everything" else load_notice(which)
    people = boundary_people(notice, every=every)
    assert len(people) > 1000
    columns = assess_many(notice, Many(people))
    reports = [assess(notice, facts) for facts in people]
    for level, column in columns.items():
        answers = np.where(column.yes, "yes", np.where(column.no, "no", "unknown")).tolist()
        assert answers == [report.levels[level].answer for report in reports]


@pytest.mark.parametrize("as_of", AS_OF)
def test_column_of_counting_days_is_the_scalar_one(as_of: Any) -> None:
    first = date(2019, 12, 25).toordinal()
    days = [ALWAYS, NEVER, date.max.toordinal(), *range(first, first + 800)]
    assert countables(np.array(days), as_of).tolist() == [countable(day, as_of) for day in days]
    moved = [countable(day, as_of) for day in range(first, first + 800)]
    assert moved == sorted(moved)
