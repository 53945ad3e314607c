from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chuding.accounts.identity import (
    IdentityKind,
    IdentityReading,
    Sex,
    UnitReading,
    check_digit,
    check_identity,
    check_uscc,
)

ON = date(2024, 6, 1)
RESIDENT = IdentityKind.RESIDENT_ID
HMT = IdentityKind.HMT_RESIDENCE_PERMIT
FOREIGN = IdentityKind.FOREIGN_PERMANENT_RESIDENCE


def number(first_17):
    return first_17 + check_digit(first_17)


@pytest.mark.parametrize(
    ("kind", "text", "expected"),
    [
        # domain.md 5.1 to 5.4: official and published vectors
        (RESIDENT, "11010519491231002X", ("11010519491231002X", date(1949, 12, 31), Sex.FEMALE, "CHN")),
        (HMT, "810000199408230021", ("810000199408230021", date(1994, 8, 23), Sex.FEMALE, "HKG")),
        (HMT, "820000199801010019", ("820000199801010019", date(1998, 1, 1), Sex.MALE, "MAC")),
        (HMT, "830000199201300022", ("830000199201300022", date(1992, 1, 30), Sex.FEMALE, "TWN")),
        (FOREIGN, "911124198108030024", ("911124198108030024", date(1981, 8, 3), Sex.FEMALE, "CAN")),
        (FOREIGN, "932682198501010017", ("932682198501010017", date(1985, 1, 1), Sex.MALE, "SAU")),
        (FOREIGN, "PAK310080010103", ("PAK310080010103", date(1980, 1, 1), None, "PAK")),
        (FOREIGN, "CAN110078123015", ("CAN110078123015", date(1978, 12, 30), None, "CAN")),
        (IdentityKind.HK_MACAU_PERMIT, "H12345678", ("H12345678", None, None, "HKG")),
        (IdentityKind.HK_MACAU_PERMIT, "m1234567802", ("M12345678", None, None, "MAC")),
        (IdentityKind.TAIWAN_PERMIT, "12345678", ("12345678", None, None, "TWN")),
        (IdentityKind.TAIWAN_PERMIT, "1234567890（A）", ("1234567890", None, None, "TWN")),
        (IdentityKind.PASSPORT, "e 1234-5678", ("E12345678", None, None, None)),
    ],
)
def test_identity_reads_the_published_vectors(kind, text, expected):
    assert check_identity(kind, text, on=ON) == IdentityReading(*expected)


@pytest.mark.parametrize(
    "text",
    [
        "１１０１０５１９４９１２３１００２ｘ",
        " 110105 19491231 002x ",
        "110105-19491231-002X",
        "\u200b11010519491231002X\u202c",
    ],
)
def test_identity_is_brought_to_one_form(text):
    assert check_identity("resident_id", text, on=ON).number == "11010519491231002X"


@pytest.mark.parametrize(
    ("kind", "text", "problem"),
    [
        (RESIDENT, "", "请输入居民身份证号码。"),
        (RESIDENT, "1101051949123100X", "身份证号应为18位，您输入了17位。请对照身份证正面检查。"),
        (RESIDENT, "110105491231002", "15位的旧身份证号2013年起已停用，请填写二代身份证上的18位号码。"),
        (RESIDENT, "11010519491231O02X", "身份证号前17位是数字，最后一位是数字或X。请对照身份证正面检查。"),
        (
            RESIDENT,
            "110105194912310021",
            "身份证号的最后一位（校验位）与前面对不上，可能有一位输错了。请对照证件逐位检查。",
        ),
        (
            RESIDENT,
            number("11010519491331002"),
            "身份证号中的出生日期“1949年13月31日”不存在。请对照证件检查第7至14位。",
        ),
        (
            RESIDENT,
            number("11010520230229002"),
            "身份证号中的出生日期“2023年02月29日”不存在。请对照证件检查第7至14位。",
        ),
        (RESIDENT, number("11010520240602002"), "号码中的出生日期是2024年6月2日，还没有到。请对照证件检查号码。"),
        (
            RESIDENT,
            number("11010520080602002"),
            "按号码中的出生日期（2008年6月2日），年龄是15岁，不满16周岁不能申报。请检查号码是否是本人的。",
        ),
        (RESIDENT, "440524188001010014", "按号码中的出生日期（1880年1月1日），年龄是144岁。请对照证件检查号码。"),
        (RESIDENT, "911124198108030024", "这是外国人永久居留身份证的号码，请把证件类型改为“外国人永久居留身份证”。"),
        (RESIDENT, "810000199408230021", "这是港澳台居民居住证的号码，请把证件类型改为“港澳台居民居住证”。"),
        (
            HMT,
            "11010519491231002X",
            "港澳台居民居住证号码以810000、820000或830000开头。请对照证件检查，或改选您的证件类型。",
        ),
        (HMT, "8100001994082300", "居住证号码应为18位，您输入了16位。请对照居住证正面检查。"),
        (FOREIGN, "11010519491231002X", "18位的永久居留身份证号码以9开头。请对照证件检查，或改选您的证件类型。"),
        (
            FOREIGN,
            "9111241981080300",
            "永久居留身份证号码应为18位（2017年版为15位），您输入了16位。请对照证件正面检查。",
        ),
        (
            FOREIGN,
            "PAK310080010104",
            "永久居留身份证号码的最后一位（校验位）与前面对不上，可能有一位输错了。请对照证件正面逐位检查。",
        ),
        (FOREIGN, "310PAK080010103", "15位的永久居留身份证号码是3个字母加12位数字。请对照证件正面检查。"),
        (
            IdentityKind.HK_MACAU_PERMIT,
            "A12345678",
            "港澳居民来往内地通行证号码是字母H或M加8位数字（旧证为10位数字）。请对照证件检查。",
        ),
        (
            IdentityKind.TAIWAN_PERMIT,
            "123456789",
            "台湾居民来往大陆通行证号码是8位数字（旧证为10位数字）。请对照证件检查。",
        ),
        (IdentityKind.PASSPORT, "E123", "护照号码是5至17位字母和数字。请对照护照资料页右上角检查。"),
        (IdentityKind.PASSPORT, "ABCDEFG", "护照号码里至少有一位数字。请对照护照资料页右上角检查。"),
    ],
)
def test_identity_says_what_is_wrong_and_what_to_do(kind, text, problem):
    reading = check_identity(kind, text, on=ON)
    assert (reading.problem, reading.born_on, reading.sex) == (problem, None, None)


def test_identity_age_turns_on_the_birthday():
    text = number("11010520080601002")
    assert check_identity(RESIDENT, text, on=date(2024, 6, 1)).problem is None
    assert check_identity(RESIDENT, text, on=date(2024, 5, 31)).problem is not None


def test_identity_hints_at_an_unknown_region_and_accepts_it():
    reading = check_identity(RESIDENT, number("28010519900101001"), on=ON)
    assert reading.problem is None
    assert reading.hint == "号码开头的地区代码没有见过，请再核对一次；与证件一致就可以继续。"


def test_identity_of_a_stateless_person_is_read():
    assert check_identity(FOREIGN, number("93200019900101001"), on=ON).nationality == "XXX"


@given(st.integers(0, 16), st.integers(1, 9))
def test_identity_notices_any_single_wrong_digit(place, shift):
    digits = list("11010519491231002X")
    digits[place] = str((int(digits[place]) + shift) % 10)
    assert check_identity(RESIDENT, "".join(digits), on=ON).problem is not None


@given(st.sampled_from(list(IdentityKind)), st.text(max_size=30))
def test_identity_never_breaks_on_what_people_type(kind, text):
    reading = check_identity(kind, text, on=ON)
    assert reading.problem is None or reading.problem.endswith("。")


@pytest.mark.parametrize("code", ["91350100M000100Y43", "91440300708461136T", "91110000802100433B"])
def test_uscc_reads_the_published_vectors(code):
    assert check_uscc(code.lower()) == UnitReading(code)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "请输入18位统一社会信用代码，它在营业执照或事业单位法人证书上。"),
        ("9144030070846113", "统一社会信用代码应为18位，您输入了16位。请对照营业执照检查。"),
        (
            "91440300708461136O",
            "统一社会信用代码里没有“O”（不用字母I、O、S、V、Z）。请对照营业执照检查，例如把O改成数字0。",
        ),
        (
            "91440300708461136U",
            "统一社会信用代码的最后一位（校验位）与前面对不上，可能有一位输错了。请对照营业执照逐位检查。",
        ),
    ],
)
def test_uscc_says_what_is_wrong(text, problem):
    assert check_uscc(text).problem == problem


def test_uscc_only_hints_at_an_organisation_code_that_does_not_check():
    fitting = [c for c in "0123456789ABCDEFGHJKLMNPQRTUWXY" if check_uscc("91440300708461137" + c).problem is None]
    assert len(fitting) == 1
    hint = "代码第9至17位（组织机构代码）的校验位与通常算法不同，请再核对一次；与执照一致就可以继续。"
    assert check_uscc("91440300708461137" + fitting[0]).hint == hint
