"""Every other notice, and one that uses all that a row can say, against the oracle that walks from day to day."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
import yaml
from hypothesis import Phase, find, given, settings
from hypothesis import strategies as st
from plain_oracle import HORIZON, KINDS, SCHOOLS, Law, completions

from chuding.policy.assess import assess
from chuding.policy.facts import read_facts
from chuding.policy.notice import FOLDER, Notice, load_notice, read_notice
from chuding.policy.source import Files
from chuding.policy.terms import Level

MARKED = """<a id="issuer"></a>
# 某市

<a id="title"></a>
## 试拟的通知

<a id="1"></a>
### 一、条件

各行各写一种算法。
"""
RULES = """
标题: 试拟的通知
发文机关: 某市
系列: 工程
受理: {依据: 一, 原文: 各行, 自: 2024-01-01, 至: 2024-12-31}
级别:
  依据: 一
  原文: 各行
  档次:
  - {级别: 员级, 层级: 初级, 资格名称: 技术员}
  - {级别: 助理级, 层级: 初级, 资格名称: 助理工程师}
  - {级别: 中级, 层级: 中级, 资格名称: 工程师}
口径:
- {题: 满年, 取: 次日, 依据: 一, 原文: 各行}
- {题: 累计, 取: 停钟, 依据: 一, 原文: 各行}
- {题: 截至日, 取: 不含当日, 依据: 一, 原文: 各行}
等同:
- {学历: 高级工班, 同: 大专, 依据: 一, 原文: 各行}
- {学历: 技师班, 同: 本科, 依据: 一, 原文: 各行}
准入:
- {名称: 在岗, 条件: 在岗, 依据: 一, 原文: 各行, 须: 在本专业技术岗位, 怎么办: 在岗时申报。}
- {名称: 处分, 条件: 没有处分, 依据: 一, 原文: 各行, 须: {非: 处分影响期内}, 怎么办: 期满再报。}
- {名称: 考核, 条件: 考核合格, 依据: 一, 原文: 各行, 须: 考核合格, 怎么办: 合格再报。}
初定:
- {依据: 一, 原文: 各行, 授予: 员级, 凭: [中专], 见习: 1年, 累计: 连续}
- {依据: 一, 原文: 各行, 授予: 员级, 凭: [大专], 从业: 1年, 计算至: 季末, 专业对口: {不对口: 加1年}}
- {依据: 一, 原文: 各行, 授予: 助理级, 凭: [大专], 从业: {合计: 3年, 取得前扣减: 1年}, 计算至: 上年末}
- {依据: 一, 原文: 各行, 授予: 助理级, 凭: [员级], 从业: 2年, 累计: 连续, 另持: [大专, 中专]}
- 依据: 一
  原文: 各行
  授予: 助理级
  凭: [本科]
  从业: 1年
  计算至: 年末
  全日制: 是
  生效: {依据: 一, 原文: 各行, 取: 满足条件之日, 毕业自: 2020-01-01}
- 依据: 一
  原文: 各行
  授予: 助理级
  凭: [硕士]
  生效: {依据: 一, 原文: 各行, 取: 入职之日, 毕业自: 2020-01-01, 毕业至: 2023-12-31}
- {依据: 一, 原文: 各行, 授予: 中级, 凭: [硕士], 从业: {取得后: 1年, 合计: 3年}, 专业对口: {不对口: 加1年}, 计算至: 季末}
- {依据: 一, 原文: 各行, 授予: 中级, 凭: [助理级], 从业: 3年, 计算至: 年末}
- {依据: 一, 原文: 各行, 授予: 中级, 凭: [研究生], 从业: 2年, 毕业截至: 2021-06-30, 专业对口: 是}
- {依据: 一, 原文: 各行, 授予: 中级, 凭: [博士]}
"""
OTHERS = ("nanjing-machinery-2022", "hangzhou-2023")


def synthetic(rules: str = RULES) -> Notice:
    """A notice of ours in which every way of counting occurs."""
    catalogue = "系列名称,大专业,小专业\n机械工程,机械工程,\n"
    files = {"notice.md": MARKED, "notice.yaml": rules, "catalogue.csv": catalogue}
    return read_notice(Files("synthetic", {name: text.encode() for name, text in files.items()}))


NOTICES: dict[str, tuple[Notice, Law]] = {
    **{
        name: (load_notice(name), Law(yaml.safe_load((FOLDER / name / "notice.yaml").read_text(encoding="utf-8"))))
        for name in OTHERS
    },
    "synthetic": (synthetic(), Law(yaml.safe_load(RULES))),
}
FILED = [date(2024, 5, 15), date(2024, 6, 30), date(2024, 7, 1), date(2023, 12, 31), date(2024, 1, 1)]
EDGES = [date(2020, 1, 1), date(2020, 2, 29), date(2021, 6, 29), date(2021, 6, 30), date(2023, 6, 30), date(2023, 7, 1)]
#: Half of them in the two years before filing, where a gap or a day more still changes the answer.
SPAN, LATE = st.dates(date(2019, 6, 1), date(2024, 9, 1)), st.dates(date(2022, 6, 1), date(2024, 5, 1))
DAYS = (SPAN | LATE | LATE | st.sampled_from(EDGES)).map(date.toordinal)
VAGUE = DAYS | DAYS | DAYS | st.sampled_from([(2021, 6), (2022, 2), (2023, 7), None])


@st.composite
def spells(draw: st.DrawFn, *, open_end: bool) -> tuple[tuple[int, int | None], ...]:
    """Up to three, one after the other or overlapping, often with a gap of a few days or months."""
    found: list[tuple[int, int | None]] = []
    first = draw(DAYS)
    for _ in range(draw(st.integers(0, 3))):
        lasted = draw(st.integers(0, 900))
        found.append((first, None if open_end and lasted > 600 else first + lasted))
        first += lasted + draw(st.sampled_from([-100, 0, 1, 30, 200]))
    return tuple(found)


@st.composite
def people(draw: st.DrawFn, *, known: bool) -> dict[str, Any]:
    """Someone whose rows decide; `known`: no fact is missing or vague."""
    truth = st.booleans() if known else st.sampled_from([True, True, False, None])
    named = ("大专", "本科", "硕士", "中专", "研究生")  # what most rows ask for, so that years decide more often
    kinds = st.sampled_from(named * 2 + KINDS + SCHOOLS + (() if known else (None,)))
    levels = st.sampled_from(["员级", "助理级"])
    day = DAYS if known else VAGUE
    credential = st.fixed_dictionaries({"kind": kinds, "awarded_on": day, "field_matches": truth, "full_time": truth})
    title = st.fixed_dictionaries({"level": levels if known else levels | st.none(), "held_since": day})
    steady = st.sampled_from([((date(2021, 7, 1).toordinal(), None),), ((date(2019, 9, 1).toordinal(), None),)])
    person: dict[str, Any] = {
        "filed_on": draw(st.sampled_from(FILED)).toordinal(),
        "retired_on": date(2100, 1, 1).toordinal(),
        "sanctions": draw(st.just(()) | spells(open_end=False)),
        "assessed_fit": draw(st.sampled_from([True, True, True, False])),
        "work": draw(steady | spells(open_end=True)),
        "credentials": draw(st.lists(credential, min_size=1, max_size=3 if known else 2)),
        "titles": draw(st.lists(title, max_size=1)),
    }
    if not known:
        if person["work"] and draw(st.booleans()):
            person["work"] = ((draw(VAGUE), person["work"][0][1]), *person["work"][1:])
            (first, end), *_ = person["work"]
            begins = date(*first, 1).toordinal() if isinstance(first, tuple) else first
            if begins is not None and end is not None and begins >= end:
                person["work"] = ()
        for fact in draw(
            st.lists(st.sampled_from(["work", "sanctions", "credentials", "titles", "assessed_fit"]), max_size=2)
        ):
            person[fact] = None
    return person


def text(day: Any) -> Any:
    """A day or a month as the facts have it."""
    if isinstance(day, tuple):
        return f"{day[0]}-{day[1]:02}"
    return day if day is None else date.fromordinal(day).isoformat()


def as_json(person: dict[str, Any]) -> dict[str, Any]:
    def dated(records: Any, name: str) -> Any:
        return records if records is None else [{**each, name: text(each[name])} for each in records]

    def periods(found: Any, end: str) -> Any:
        return found if found is None else [{"from": text(first), end: text(last)} for first, last in found]

    return {
        "filed_on": text(person["filed_on"]),
        "retired_on": "never",
        "sanctions": periods(person["sanctions"], "until"),
        "assessed_fit": person["assessed_fit"],
        "work": periods(person["work"], "to"),
        "credentials": dated(person["credentials"], "awarded_on"),
        "titles": dated(person["titles"], "held_since"),
    }


def agree(notice: Notice, law: Law, person: dict[str, Any]) -> None:
    """Answers, first days, and whether anything is missing, over every completion of what is not known."""
    report = assess(notice, read_facts(as_json(person)))
    filed = person["filed_on"]
    walked = [law.first_days(each) for each in completions(person)]
    for level, found in report.levels.items():
        days = {each[level.value] for each in walked}
        verdicts = {day == filed for day in days}
        assert found.answer == ("unknown" if len(verdicts) > 1 else "yes" if verdicts == {True} else "no"), level
        given_day = None if found.from_ is None else found.from_.toordinal()
        if len(days) > 1:
            assert given_day is None
        elif given_day is None or given_day < filed + HORIZON:
            assert given_day == next(iter(days)) or days == {None}
        else:
            assert days == {None}
        if days != {None}:  # a day beyond the horizon may still be open
            assert (found.missing == ()) is (len(days) == 1)


def effects_agree(notice: Notice, law: Law, person: dict[str, Any]) -> None:
    """Of somebody of whom all is known: from when a title counts."""
    for level, found in assess(notice, read_facts(as_json(person))).levels.items():
        expected = law.effective_from(level.value, person) if found.answer == "yes" else None
        assert found.effective_from == (None if expected is None else date.fromordinal(expected)), level


@pytest.mark.parametrize("name", NOTICES)
@settings(max_examples=200)
@given(person=people(known=True))
def test_known_people_equal_the_walk(name: str, person: dict[str, Any]) -> None:
    agree(*NOTICES[name], person)
    effects_agree(*NOTICES[name], person)


@pytest.mark.parametrize("name", NOTICES)
@settings(max_examples=60)
@given(person=people(known=False))
def test_missing_facts_equal_every_completion(name: str, person: dict[str, Any]) -> None:
    agree(*NOTICES[name], person)


def test_title_counts_from_the_day_of_the_record_that_the_rule_speaks_of() -> None:
    """A degree of before 毕业自 fulfils the row earlier, and says nothing of the day from which the later one counts."""
    schooled = {"kind": "本科", "full_time": True, "field_matches": True}
    person = {
        "filed_on": "2024-05-15",
        "sanctions": [],
        "assessed_fit": True,
        "work": [{"from": "2018-07-01"}],
        "credentials": [{**schooled, "awarded_on": "2018-06-30"}, {**schooled, "awarded_on": "2020-06-30"}],
        "titles": [],
    }
    found = assess(NOTICES["synthetic"][0], read_facts(person)).levels[Level.ASSISTANT]
    assert (found.answer, found.effective_from) == ("yes", date(2021, 1, 1))


def test_what_another_credential_settles_is_not_asked_for() -> None:
    """另持 is held for sure by the first credential, so the day of the second decides nothing."""
    person = {
        "filed_on": "2024-05-15",
        "sanctions": [],
        "assessed_fit": True,
        "work": [{"from": "2019-09-01"}],
        "credentials": [{"kind": "中专", "awarded_on": "2019-06-30"}, {"kind": "中专", "awarded_on": None}],
        "titles": [{"level": "员级", "held_since": None}],
    }
    found = assess(NOTICES["synthetic"][0], read_facts(person)).levels[Level.ASSISTANT]
    assert (found.answer, found.missing) == ("unknown", ("titles[0].held_since",))


@pytest.mark.soak
@pytest.mark.parametrize("name", NOTICES)
@settings(max_examples=1000)
@given(person=people(known=True), vague=people(known=False))
def test_many_more_equal_the_walk(name: str, person: dict[str, Any], vague: dict[str, Any]) -> None:
    agree(*NOTICES[name], person)
    effects_agree(*NOTICES[name], person)
    agree(*NOTICES[name], vague)


#: Each way of counting taken away from the engine's copy, or changed; the walk keeps the notice as it is.
CHANGES = [
    ("取: 次日", "取: 对年对日"),
    ("取: 不含当日", "取: 含当日"),
    ("见习: 1年, 累计: 连续", "见习: 1年"),
    ("计算至: 季末, 专业对口: {不对口: 加1年}", "计算至: 季末"),
    ("从业: 1年, 计算至: 季末", "从业: 1年"),
    (", 取得前扣减: 1年", ""),
    ("计算至: 上年末", "计算至: 年末"),
    ("从业: 2年, 累计: 连续", "从业: 2年"),
    (", 另持: [大专, 中专]", ""),
    ("  计算至: 年末\n", ""),
    ("毕业自: 2020-01-01}", "毕业自: 2022-01-01}"),
    ("取: 满足条件之日", "取: 入职之日"),
    ("取: 入职之日", "取: 满足条件之日"),
    ("{取得后: 1年, 合计: 3年}", "{合计: 3年}"),
    ("加1年}, 计算至: 季末}", "加1年}}"),
    ("凭: [助理级], 从业: 3年, 计算至: 年末", "凭: [助理级], 从业: 3年"),
    ("{学历: 技师班, 同: 本科", "{学历: 技师班, 同: 大专"),
    ("2021-06-30", "2021-06-29"),
    ("  全日制: 是\n", ""),
]


@pytest.mark.soak
@pytest.mark.parametrize(("before", "after"), CHANGES, ids=[before.strip() for before, _ in CHANGES])
def test_the_walk_would_notice_another_way_of_counting(before: str, after: str) -> None:
    """So that agreement means something: of every change somebody is found on whom engine and walk disagree."""
    assert RULES.count(before) == 1
    changed = synthetic(RULES.replace(before, after))
    law = NOTICES["synthetic"][1]

    def disagree(person: dict[str, Any]) -> bool:
        try:
            agree(changed, law, person)
            effects_agree(changed, law, person)
        except AssertionError:
            return True
        return False

    find(people(known=True), disagree, settings=settings(max_examples=5000, phases=[Phase.generate]))
