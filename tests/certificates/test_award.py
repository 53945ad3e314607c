"""The frozen award and the certificate number."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from chuding.certificates.award import certificate_number, is_certificate_number

NUMBER = certificate_number(office="association", year=2024, level="助理级", serial=1)


def test_number_has_office_year_level_serial_and_check() -> None:
    assert NUMBER[:14] == "ZJX20242000001"
    assert len(NUMBER) == 16
    assert is_certificate_number(NUMBER)


@given(st.integers(0, 15), st.sampled_from("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
def test_number_with_one_wrong_character_is_refused(place: int, other: str) -> None:
    wrong = NUMBER[:place] + other + NUMBER[place + 1 :]
    assert is_certificate_number(wrong) == (wrong == NUMBER)


@given(st.integers(0, 14))
def test_number_with_two_neighbours_swapped_is_refused(place: int) -> None:
    swapped = NUMBER[:place] + NUMBER[place + 1] + NUMBER[place] + NUMBER[place + 2 :]
    assert is_certificate_number(swapped) == (swapped == NUMBER)


def test_nonsense_is_no_number() -> None:
    assert [is_certificate_number(text) for text in ("", "ZJX2024", "镇江" * 8, NUMBER.lower())] == [False] * 4
