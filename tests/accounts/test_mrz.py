"""The machine-readable line of a passport: ICAO 9303's own specimen, and each digit that guards it."""

from datetime import date

import pytest

from chuding.accounts.identity import Sex
from chuding.accounts.mrz import mrz_digit, nationality_of, read_mrz

ON = date(2024, 9, 18)
# The specimen of ICAO Doc 9303-4 appendix A, of the State of Utopia; UTO is no nationality, so a real one stands in its place.
SPECIMEN = "L898902C36UTO7408122F1204159ZE184226B<<<<<10"
LINE = SPECIMEN.replace("UTO", "FRA")


def test_digits_are_those_of_the_specimen_of_icao():
    fields = (SPECIMEN[:9], SPECIMEN[13:19], SPECIMEN[21:27], SPECIMEN[28:42])
    assert [mrz_digit(field) for field in fields] == ["6", "2", "9", "1"]
    assert mrz_digit(SPECIMEN[:10] + SPECIMEN[13:20] + SPECIMEN[21:43]) == "0"
    assert read_mrz(SPECIMEN, on=ON).problem == "这一行里的国籍代码不存在。请对照护照资料页最下面一行逐位检查。"


@pytest.mark.parametrize(
    "typed",
    [
        LINE,
        LINE.lower(),
        f"P<FRAERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\n{LINE}",
        " ".join(LINE),
        LINE.replace("<<", "«", 1),
    ],
)
def test_line_says_number_nationality_birth_sex_and_end(typed):
    read = read_mrz(typed, on=ON)
    assert (read.problem, read.number, read.nationality, read.born_on, read.sex, read.until) == (
        None, "L898902C3", "FRA", date(1974, 8, 12), Sex.FEMALE, date(2012, 4, 15),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("place", "what"),
    [(1, "护照号码"), (9, "护照号码"), (14, "出生日期"), (22, "有效期"), (30, "个人号码"), (43, "整行")],
)
def test_one_wrong_character_is_found_and_named(place, what):
    wrong = LINE[:place] + ("1" if LINE[place] != "1" else "2") + LINE[place + 1 :]
    assert read_mrz(wrong, on=ON).problem.startswith(f"{what}的校验位与前面对不上")


def test_empty_personal_number_may_have_no_digit():
    body = "L898902C36FRA7408122F1204159" + "<" * 15
    line = body + mrz_digit(body[:10] + body[13:20] + body[21:43])
    assert read_mrz(line, on=ON).problem is None


def test_short_line_says_how_long_it_is():
    assert "您输入了40位" in read_mrz(LINE[:40], on=ON).problem


@pytest.mark.parametrize(
    ("text", "code"), [("usa", "USA"), ("ＪＰＮ", "JPN"), ("D<<", "DEU"), ("GBR", "GBR"), ("UTO", None)]
)
def test_nationality_is_a_code_that_there_is(text, code):
    assert nationality_of(text) == code
