import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chuding.accounts.names import clean_name, same_spelling, simplified


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("王小明", "王小明"),
        (" 王 小明　", "王小明"),
        ("䶮𬙋", "䶮𬙋"),
        ("𠮷\U000e0100田", "𠮷田"),  # a glyph selector is no part of a name
        ("王\u200b小明\ufeff", "王小明"),
        ("\u202e王小明\u202c", "王小明"),
        ("〇一", "〇一"),
        ("\U00031350\U0002ebf0", "\U00031350\U0002ebf0"),  # extensions H and I, newer than this Python's tables
        ("阿不都拉•买买提", "阿不都拉·买买提"),
        ("阿不都拉・买买提", "阿不都拉·买买提"),
        ("阿不都拉．买买提", "阿不都拉·买买提"),
        ("阿不都拉 · 买买提", "阿不都拉·买买提"),
        ("阿不都拉.买买提", "阿不都拉·买买提"),
        ("John  Smith", "John Smith"),
        ("Jose\u0301 O’Brien-Li", "José O’Brien-Li"),
        ("J. R. Müller", "J. R. Müller"),
        ("王U+4DAE", "王䶮"),
        ("u+20bb7 田", "𠮷田"),
    ],
)
def test_name_is_brought_to_one_form(typed, name):
    assert clean_name(typed) == (name, None)


@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        ("", "请输入姓名，与证件上的完全一致。"),
        ("王", "请填写证件上的完整姓名，至少2个字。"),
        ("王*明", "姓名里不能用“*”代替打不出的字。请用手写输入法输入，或写它的编码（例如 U+4DAE）。"),
        ("王?明", "姓名里不能用“?”代替打不出的字。请用手写输入法输入，或写它的编码（例如 U+4DAE）。"),
        (
            "王\ue000明",
            "姓名里有一个只在您的电脑上能显示的自造字。请换用标准输入法的这个字，或写它的编码（例如 U+4DAE）。",
        ),
        ("王小明2", "姓名里不能有数字“2”。请按证件填写。"),
        ("王小明（男）", "姓名里不能有“（”。请按证件填写，各部分之间用“·”隔开。"),
        ("王Xiaoming", "姓名里同时有汉字和字母。请按证件填写其中一种。"),
        ("·买买提", "“·”要写在两部分姓名的中间，不能在开头、结尾或连着写。"),
        ("阿不都拉··买买提", "“·”要写在两部分姓名的中间，不能在开头、结尾或连着写。"),
        ("王" * 51, "姓名最多50个字，您输入了51个。请只填证件上的姓名。"),
        ("བསྟན་འཛིན", "姓名里的“བ”（U+0F56）是藏文，证书上印不出来。请填证件上的汉字姓名，各部分之间用“·”隔开。"),
        ("ᠲᠡᠮᠦᠷ", "姓名里的“ᠲ”（U+1832）是蒙古文，证书上印不出来。请填证件上的汉字姓名，各部分之间用“·”隔开。"),
        (
            "ئايگۈل",
            "姓名里的“ئ”（U+0626）是维吾尔文或哈萨克文的字母，证书上印不出来。请填证件上的汉字姓名，各部分之间用“·”隔开。",
        ),
        ("ꀉꆹ", "姓名里的“ꀉ”（U+A009）是彝文，证书上印不出来。请填证件上的汉字姓名，各部分之间用“·”隔开。"),
        ("김철수", "姓名里的“김”（U+AE40）是朝鲜文，证书上印不出来。请填证件上的汉字姓名，各部分之间用“·”隔开。"),
        ("王\u0f71明", "姓名里的“\u0f71”（U+0F71）是藏文，证书上印不出来。请填证件上的汉字姓名，各部分之间用“·”隔开。"),
        ("Иван Петров", "姓名里不能有“И”。请按证件填写，各部分之间用“·”隔开。"),
    ],
)
def test_name_says_what_is_wrong(typed, problem):
    assert clean_name(typed)[1] == problem


def test_name_of_fifty_rare_characters_is_accepted():
    assert clean_name("𬙋" * 50) == ("𬙋" * 50, None)


@given(st.text(max_size=60))
def test_name_cleaning_is_stable_and_keeps_nothing_invisible(typed):
    name, _ = clean_name(typed)
    assert clean_name(name)[0] == name
    assert name == unicodedata.normalize("NFC", name)
    assert [c for c in name if unicodedata.category(c) == "Cf"] == []


def test_table_of_simplified_characters_is_what_opencc_says():
    opencc = pytest.importorskip("opencc").OpenCC("t2s")
    table = simplified()
    assert len(table) > 4000
    assert {chr(code): opencc.convert(chr(code)) for code in table} == {
        chr(code): plain for code, plain in table.items()
    }


@given(st.text(alphabet="陳维港·•ABcé 　-", max_size=20))
def test_same_spelling_of_a_spelling_is_itself(text):
    assert same_spelling(same_spelling(text)) == same_spelling(text)
