from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chuding.applications.search_terms import COLUMN, asked_for, terms_of


def blind(text: str) -> str:
    return f"<{text}>"


def found_by(question: str, name: str, number: str = "ZJCD20240001237", identity: str = "11010519491231002X") -> bool:
    held = terms_of(name=name, number=number, identity_number=identity, blind=blind)
    return any(
        one.startswith(word) if beginning else one == word
        for word, beginning in asked_for(question, blind=blind)
        for one in held
    )


@pytest.mark.parametrize(
    ("question", "name"),
    [
        ("王小明", "王小明"),
        ("王", "王小明"),
        ("小明", "王小明"),
        ("明", "王小明"),
        (" 王 小明 ", "王小明"),
        ("wangxiaoming", "王小明"),
        ("WangXiao", "王小明"),
        ("wxm", "王小明"),
        ("ＷＸＭ", "王小明"),
        ("shan", "单雄信"),
        ("sxx", "单雄信"),
        ("lv", "吕布"),
        ("迪丽热巴", "迪丽热巴·阿不都"),
        ("阿不都", "迪丽热巴•阿不都"),
        ("𬱖", "赵𬱖"),
        ("muller", "Anna Müller"),
        ("Anna M", "Anna Müller"),
        ("müller", "Anna Müller"),
    ],
)
def test_name_is_found_by(question, name):
    assert found_by(question, name)


@pytest.mark.parametrize(
    ("question", "name"), [("李", "王小明"), ("wm", "王小明"), ("xiaowang", "王小明"), ("", "王小明")]
)
def test_name_is_not_found_by(question, name):
    assert not found_by(question, name)


def test_ends_of_numbers_are_found_whole_and_never_by_their_beginning():
    assert found_by("1237", "王小明")
    assert found_by("002x", "王小明")
    assert not found_by("123", "王小明")
    assert not found_by("237", "王小明")


def test_identity_numbers_never_stand_in_a_term():
    held = terms_of(name="王小明", number="ZJCD20240001237", identity_number="11010519491231002X", blind=lambda _: "0f")
    assert all(b"002X".hex() not in word for word in held)


@given(st.text(max_size=80), st.text(max_size=40))
def test_any_text_makes_terms_that_fit(name, question):
    held = terms_of(name=name, number="", identity_number="", blind=blind)
    assert all(len(word) <= COLUMN for word in held)
    asked_for(question, blind=blind)
