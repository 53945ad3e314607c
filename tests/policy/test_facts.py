"""Facts are read strictly: every mistake is named in one sentence, and nothing unknown becomes no."""

from datetime import date, datetime
from typing import Any

import pytest

from chuding.policy.facts import Facts, FactsError, When, read_facts
from chuding.policy.speech import CHINESE
from chuding.policy.terms import FACT_NAMES


def test_every_field_is_optional_and_unknown() -> None:
    assert set(read_facts({}).to_json().values()) == {None}
    assert set(read_facts({}).to_json()) <= set(FACT_NAMES)


def test_facts_survive_json(person: dict[str, Any]) -> None:
    person |= {
        "filed_on": "2024-07",
        "retired_on": "2030-01-01",
        "sanctions": [{"from": "2020-01", "until": None}],
        "established_post_since": "2022-02",
    }
    facts = read_facts(person)
    assert facts.to_json() == person
    assert read_facts(facts.to_json()) == facts


def test_dates_may_be_dates(person: dict[str, Any]) -> None:
    assert Facts.model_validate({**person, "filed_on": date(2024, 7, 1)}) == read_facts(person)


def test_month_is_a_range_of_days() -> None:
    filed = read_facts({"filed_on": "2024-02"}).filed_on
    assert filed == When(date(2024, 2, 1).toordinal(), date(2024, 2, 29).toordinal())
    assert (str(filed), filed is not None and filed.exact) == ("2024-02", False)


DATE = "日期写成 YYYY-MM-DD（只知月份的写 YYYY-MM，半角数字），不能是"


@pytest.mark.parametrize(
    ("given", "field", "message"),
    [
        ({"filed_on": "2019-12-32"}, "filed_on", "没有这一天：2019-12-32"),
        ({"filed_on": "2023-02-29"}, "filed_on", "没有这一天：2023-02-29"),
        ({"filed_on": "2024-00-01"}, "filed_on", "没有这个日期：2024-00-01"),
        ({"filed_on": "2024-13"}, "filed_on", "没有这个日期：2024-13"),
        ({"filed_on": "0202-07-01"}, "filed_on", "没有这个日期：0202-07-01"),
        ({"filed_on": "２０２４-07-01"}, "filed_on", DATE + "'２０２４-07-01'"),
        ({"filed_on": "2024-07-01 "}, "filed_on", DATE + "'2024-07-01 '"),
        ({"filed_on": "2024-7-1"}, "filed_on", DATE + "'2024-7-1'"),
        ({"filed_on": 20240701}, "filed_on", DATE + "20240701"),
        ({"filed_on": True}, "filed_on", DATE + "true"),
        ({"filed_on": datetime(2024, 7, 1, 8, 0)}, "filed_on", DATE + "2024-07-01T08:00:00"),
        ({"filed": "2024-07-01"}, "filed", "没有这个字段，请核对字段名，是不是“filed_on”"),
        ({"civil_servant": "no"}, "civil_servant", "只能填 true、false 或 null，不能是'no'"),
        ({"civil_servant": 0}, "civil_servant", "只能填 true、false 或 null，不能是0"),
        ({"retired_on": "Never"}, "retired_on", DATE + "'Never'"),
        (
            {"identity": "china"},
            "identity",
            "只能填 'mainland'、'hk_macau_taiwan'、'foreign'，不能是'china'",
        ),
        ({"specialty": 7}, "specialty", "应当是文字，不能是7"),
        ({"work": "2023-07-01~"}, "work", "应当是一个列表（方括号），不能是'2023-07-01~'"),
        ({"work": ["x"]}, "work[0]", "应当是一个对象（花括号），不能是'x'"),
        (
            {"work": [{"from": "2024-01-01", "to": "2023-01-01"}]},
            "work[0]",
            "起始日期 2024-01-01 晚于截止日期 2023-01-01，请核对 from 和 to",
        ),
        (
            {"sanctions": [{"from": "2024-02", "until": "2024-01-31"}]},
            "sanctions[0]",
            "起始日期 2024-02 晚于截止日期 2024-01-31，请核对 from 和 until",
        ),
        ({"work": [{"since": "2023-01-01"}]}, "work[0].since", "没有这个字段，请核对字段名"),
        ({"credentials": [{}, {"awarded_on": "2020-06-31"}]}, "credentials[1].awarded_on", "没有这一天：2020-06-31"),
        ([], "", "一条记录应当是一个 JSON 对象（花括号），不能是[]"),
    ],
)
def test_mistakes_are_named_in_one_sentence(given: Any, field: str, message: str) -> None:
    with pytest.raises(FactsError) as caught:
        read_facts(given)
    assert (caught.value.field, caught.value.message) == (field, message)


def test_unknown_credential_kind_lists_the_kinds() -> None:
    with pytest.raises(FactsError) as caught:
        read_facts({"credentials": [{"kind": "博士后"}]})
    assert caught.value.message == (
        "只能填 '中专'、'大专'、'本科'、'学士'、'第二学士'、'研究生'、'硕士'、'博士'、"
        "'研究生班'、'中级工班'、'高级工班'、'预备技师班'、'技师班'，不能是'博士后'"
    )


def test_long_and_unprintable_values_are_shortened() -> None:
    with pytest.raises(FactsError) as caught:
        read_facts({"filed_on": "\ud800\n" + "9" * 500})
    assert len(caught.value.message) < 120
    assert "\n" not in caught.value.message
    caught.value.message.encode("utf-8")


def test_deep_nesting_is_an_error_like_any_other() -> None:
    deep: list[object] = []
    for _ in range(5000):
        deep = [deep]
    with pytest.raises(FactsError):
        read_facts({"filed_on": deep})


def test_empty_spell_is_allowed() -> None:
    assert read_facts({"work": [{"from": "2021-01-01", "to": "2021-01-01"}]}).work is not None


def test_paths_have_chinese_names() -> None:
    assert [CHINESE.fact(path) for path in ("assessed_fit", "credentials[0].field_matches", "work[1].from")] == [
        "考核是否合格",
        "第1项学历学位的专业是否对口",
        "第2项工作经历的起始日期",
    ]
    assert CHINESE.fact("sanctions[0]") == "第1项处分"
