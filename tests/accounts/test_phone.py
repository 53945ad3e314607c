import pytest
from hypothesis import given
from hypothesis import strategies as st

from chuding.accounts.phone import clean_phone


@pytest.mark.parametrize(
    ("typed", "phone"),
    [
        ("13812345678", "13812345678"),
        (" 138 1234-5678 ", "13812345678"),
        ("１３８１２３４５６７８", "13812345678"),
        ("+86 138 1234 5678", "13812345678"),
        ("008613812345678", "13812345678"),
        ("+852 6123 4567", "+85261234567"),
        ("00853 6612 3456", "+85366123456"),
        ("+886 0912 345 678", "+886912345678"),
        ("\u202a13812345678\u202c", "13812345678"),
    ],
)
def test_phone_is_brought_to_one_form(typed, phone):
    assert clean_phone(typed) == (phone, None)


@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        ("", "请输入手机号。"),
        ("1381234567", "手机号应为11位，您输入了10位。港澳台号码请以 +852、+853 或 +886 开头。"),
        ("12812345678", "这不是手机号：手机号以13至19开头。请输入能收短信的手机号。"),
        ("1381234567a", "手机号只能是数字。请输入11位手机号；港澳台号码以 +852、+853 或 +886 开头。"),
        ("+14155550100", "短信目前只能发到内地和港澳台的手机。请输入11位手机号，或以 +852、+853、+886 开头的号码。"),
        ("+852 1234 5678", "香港手机号在 +852 之后应为8位数字，请核对。"),
    ],
)
def test_phone_says_what_is_wrong(typed, problem):
    assert clean_phone(typed)[1] == problem


@given(st.text(max_size=25))
def test_phone_cleaning_is_stable(typed):
    phone, problem = clean_phone(typed)
    if problem is None:
        assert clean_phone(phone) == (phone, None)
