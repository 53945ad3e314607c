import re
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

import chuding
from chuding.messages.checks import check_texts
from chuding.messages.templates import (
    LONGEST_SMS,
    TemplateFaultError,
    fill,
    keys,
    longest_values,
    not_before,
    registered,
    units,
)  # fmt: skip

SHANGHAI = ZoneInfo("Asia/Shanghai")
ROOMS = Path(chuding.__file__).parent


def test_templates_are_those_the_rooms_above_use():
    sources = "".join(
        file.read_text(encoding="utf-8") for file in ROOMS.rglob("*.py") if "migrations" not in file.parts
    )
    assert [key for key in keys() if f'"{key}"' not in sources] == []


@pytest.mark.parametrize("telephone", ["0511-83320260", "010-12345678", ""])
@pytest.mark.parametrize("key", keys())
def test_template_with_its_longest_values_is_one_sms(key, telephone, settings):
    settings.SMS_TELEPHONE = telephone
    text = fill(key, longest_values())
    assert units(text.sms) <= LONGEST_SMS
    assert text.sms.startswith("【职称初定】")
    assert "{{" not in text.sms + text.title + text.body


@pytest.mark.parametrize("key", keys())
def test_template_carries_no_link_and_nothing_personal(key):
    text = fill(key, longest_values())
    whole = text.sms + text.title + text.body
    assert re.findall(r"(?i)https?:|www\.|\.cn|\.com", whole) == []
    assert re.findall(r"\d{17}[\dX]|1[3-9]\d{9}", whole) == []
    assert set(longest_values()) & {"name", "identity_number", "phone"} == set()


# A code, a reminder and an invitation go to a phone, which may have no account and so no inbox.
@pytest.mark.parametrize(
    "key", [key for key in keys() if key not in {"code", "reminder", "staff_invited", "staff_may_apply"}]
)
def test_template_of_a_step_stands_in_the_inbox_too(key):
    text = fill(key, longest_values())
    assert text.title
    assert 0 < len(text.body) <= 500
    # Only what says that somebody else may be at the door wakes people.
    assert text.any_hour is (key == "phone_changed")


def test_texts_name_the_offices_telephone_and_services_are_told_it_word_by_word(settings):
    settings.SMS_TELEPHONE = "010-12345678"
    values = {"tail": "0017", "number": "N", "moment": "12月10日9:05"}
    text = fill("refused", values)
    assert text.sms.endswith("请登录官网查看。咨询010-12345678。")
    assert text.values == (("tail", "0017"),)
    assert registered("phone_changed", lambda number, _: f"{{{number}}}").endswith("非本人操作请立即拨打010-12345678。")
    assert fill("phone_changed", values).body.endswith("非本人操作请立即拨打010-12345678。")


def test_texts_of_an_office_without_a_telephone_are_whole_sentences(settings):
    settings.SMS_TELEPHONE = ""
    values = longest_values()
    for key in keys():
        text = fill(key, values)
        assert re.findall("致电|拨打|咨询|telephone|，。|或。", text.sms + text.body) == []
        assert {text.sms[-1:], text.body[-1:]} <= {"", "。"}
    assert fill("clerk_ended", values).sms.endswith("有疑问请联系本单位其他经办人，或者发文机关。")
    assert fill("refused", values).sms.endswith("申请复核的方式请登录官网查看。")


def test_telephone_that_makes_a_text_too_long_stops_the_start(settings):
    settings.SMS_TELEPHONE = "0511-83320260转8001或者0511-83320261"
    with pytest.raises(TemplateFaultError, match=r"message '\w+' is \d+ units long, not 70, with the telephone"):
        fill("code", longest_values())
    assert [error.id for error in check_texts(app_configs=None)] == ["chuding.E007"]
    settings.SMS_TELEPHONE = "12345"
    assert check_texts(app_configs=None) == []


def test_template_of_a_refusal_names_no_level_and_no_reason():
    text = fill("refused", {"number": "ZJCD20240000017", "tail": "0017", "level": "中级", "reason": "学历不符"})
    assert "中级" not in text.sms + text.body
    assert "学历不符" not in text.sms + text.body


def test_template_reads_as_written():
    values = {"number": "ZJCD20240000017", "tail": "0017", "count": "2", "due": "12月10日24时"}
    text = fill("correction", values)
    assert text.sms == "【职称初定】您的申报（尾号0017）有2项需补正，请于12月10日24时前登录官网一次补齐，逾期视为放弃。"
    assert text.title == "请补正材料"


@pytest.mark.parametrize(
    ("key", "values", "words"),
    [
        ("no_such", {}, "no message template 'no_such'"),
        ("correction", {"number": "N", "tail": "0017", "count": "2"}, "needs a value for 'due'"),
        ("correction", {"number": "N", "tail": "", "count": "2", "due": "12月10日24时"}, "needs a value for 'tail'"),
        ("correction", {"number": "N", "tail": "0017", "count": "200", "due": "12月10日24时"}, "'count' is longer"),
    ],
)
def test_template_that_cannot_be_filled_says_why(key, values, words):
    with pytest.raises(TemplateFaultError, match=words):
        fill(key, values)


def test_template_values_are_not_templates_themselves():
    assert "{{due}}" in fill("withdrawn", {"number": "{{due}}", "tail": "0017"}).body


def test_units_count_a_rare_character_twice():
    assert units("䶮𬙋") == 3


@pytest.mark.parametrize(
    ("hour", "minute", "day_after", "waits"),
    [(20, 59, 1, False), (21, 0, 2, True), (23, 59, 2, True), (0, 0, 1, True), (7, 59, 1, True), (8, 0, 1, False)],
)
def test_quiet_hours_end_at_eight_in_shanghai(hour, minute, day_after, waits):
    at = datetime(2024, 7, 1, hour, minute, tzinfo=SHANGHAI)
    expected = datetime(2024, 7, day_after, 8, 0, tzinfo=SHANGHAI) if waits else None
    assert not_before(at.astimezone(ZoneInfo("UTC")), any_hour=False) == expected
    assert not_before(at, any_hour=True) is None
