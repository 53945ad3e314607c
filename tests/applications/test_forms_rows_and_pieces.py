"""The small parts of the applicant's forms, without pages."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.http import QueryDict

from chuding.applications.forms.pieces import AnswerField, CodeField, WholeNumberField, WordsField, said
from chuding.applications.forms.rows import MOST, posted_rows, stored_rows
from chuding.applications.forms.work import SpellForm

ON = date(2024, 7, 1)


def sentence_of(field, text):
    with pytest.raises(ValidationError) as caught:
        field.clean(text)
    return caught.value.messages[0]


@pytest.mark.parametrize(("text", "value"), [("yes", True), ("no", False), ("unknown", None)])
def test_answer_keeps_unknown_apart_from_no(text, value):
    assert AnswerField(label="对口吗", unknown=True).clean(text) is value
    assert said(value) == text


def test_answer_that_was_never_given_is_asked_for():
    assert sentence_of(AnswerField(label="对口吗"), "") == "请回答“对口吗”。"
    assert said(None, stated=False) == ""


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  江苏　科技大学 ", "江苏 科技大学"),
        ("１０１研究所（镇江）", "101研究所（镇江）"),
        ("江苏\u200b大学\u0000", "江苏大学"),
        ("ＡＢＢ公司", "ABB公司"),
    ],
)
def test_words_are_tidied_and_chinese_marks_stay(typed, kept):
    assert WordsField(label="学校").clean(typed) == kept


def test_words_too_long_say_how_long():
    sentence = sentence_of(WordsField(label="岗位", max_length=10), "工" * 11)
    assert sentence == "岗位最多10个字，您输入了11个。请写简短一些。"


@pytest.mark.parametrize(
    ("typed", "kept"), [(" １１２８３１２０２２０５００１２３４ ", "112831202205001234"), ("ab-12 x", "AB12X")]
)
def test_code_is_half_width_upper_case_without_gaps(typed, kept):
    assert CodeField(label="毕业证书编号").clean(typed) == kept


def test_code_too_long_says_so():
    sentence = sentence_of(CodeField(label="毕业证书编号", longest=5), "123456")
    assert sentence == "毕业证书编号最多5位，您输入了6位。请对照证书检查。"


@pytest.mark.parametrize(("typed", "kept"), [("７２", 72), (" 0 ", 0), ("", None)])
def test_whole_number_reads_full_width_digits(typed, kept):
    assert WholeNumberField(label="学时", most=2000, required=False).clean(typed) == kept


@pytest.mark.parametrize("typed", ["七十二", "-3", "1.5", "9" * 400])
def test_whole_number_refuses_the_rest_in_words(typed):
    assert sentence_of(WholeNumberField(label="学时", most=2000, required=False), typed).startswith("学时")


def data(text):
    return QueryDict(text)


def test_rows_add_one_after_the_last_and_judge_nothing():
    rows = posted_rows(SpellForm, data("rows=0&rows=3&row3-post=a&add=1"), on=ON)
    assert rows.numbers == ["0", "3", "4"]
    assert rows.asked
    assert [dict(form.errors) for form in rows.forms[:2]] == [{}, {}]
    assert rows.forms[1]["post"].value() == "a"


def test_rows_remove_the_one_asked_and_leave_one_at_least():
    assert posted_rows(SpellForm, data("rows=0&rows=1&remove=0"), on=ON).numbers == ["1"]
    assert posted_rows(SpellForm, data("rows=2&remove=2"), on=ON).numbers == ["3"]


def test_rows_are_limited_in_words():
    many = "&".join(f"rows={number}" for number in range(MOST))
    rows = posted_rows(SpellForm, data(f"{many}&add=1"), on=ON)
    assert (len(rows.forms), rows.may_grow, rows.problem) == (MOST, False, "最多可以填12段。请把相近的几段合并填写。")


@pytest.mark.parametrize("text", ["", "rows=x", "rows=٣", "rows=99999", "rows=-1"])
def test_rows_with_odd_numbers_are_one_empty_row(text):
    assert posted_rows(SpellForm, data(text), on=ON).numbers == ["0"]


def test_rows_stored_are_shown_or_one_empty_row():
    assert stored_rows(SpellForm, [], on=ON).numbers == ["0"]
    assert stored_rows(SpellForm, [{"post": "a"}, {"post": "b"}], on=ON).forms[1]["post"].value() == "b"
