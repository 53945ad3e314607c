"""A date typed in boxes: what is understood, and the sentence for what is not."""

from __future__ import annotations

from datetime import date

import pytest
from django.core.exceptions import ValidationError

from chuding.accounts.date_field import DatePartsField


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        (["1998", "3", "15"], date(1998, 3, 15)),
        (["１９９８", "０３", "１５"], date(1998, 3, 15)),
        ([" 1998年", "3月", "15日 "], date(1998, 3, 15)),
        (["2024", "02", "29"], date(2024, 2, 29)),
    ],
)
def test_date_is_read_as_people_type_it(typed: list[str], found: date) -> None:
    assert DatePartsField(label="出生日期").clean(typed) == found


def test_month_only_is_the_first_of_the_month() -> None:
    assert DatePartsField(label="毕业时间", month_only=True).clean(["2023", "7"]) == date(2023, 7, 1)


def test_empty_is_none_where_it_may_be() -> None:
    assert DatePartsField(label="毕业时间", required=False).clean(["", " ", ""]) is None
    assert DatePartsField(label="毕业时间", required=False).clean(None) is None


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (["", "", ""], "请填写出生日期。"),
        (["1998", "", ""], "出生日期还缺“月”“日”，请补上。"),
        (["98", "3", "15"], "出生日期的“年”要填四位数字，例如 2023。"),
        (["1898", "3", "15"], "出生日期的“年”填的是 1898，早于 1930，请核对。"),
        (["1998", "13", "1"], "出生日期的“月”应为 1 到 12，您填的是 13。"),
        (["1998", "2", "30"], "1998年2月没有30日，请核对出生日期。"),
        (["1998", "三", "1"], "出生日期的“月”只能填数字，例如 7。"),
        (["1998", "-3", "1"], "出生日期的“月”只能填数字，例如 7。"),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(typed: list[str], said: str) -> None:
    with pytest.raises(ValidationError) as caught:
        DatePartsField(label="出生日期").clean(typed)
    assert caught.value.messages == [said]


def test_change_is_seen_whatever_the_digits_look_like() -> None:
    field = DatePartsField(label="毕业时间", month_only=True)
    assert field.has_changed(date(2023, 7, 1), ["2023", "０７"]) is False
    assert field.has_changed(date(2023, 7, 1), ["2023", "8"]) is True
    assert field.has_changed(None, ["", ""]) is False
