"""Identity documents: their numbers in canonical form, their check digits, and what they say. Pure.

Rules: GB 11643-1999 (resident identity number, ISO 7064 MOD 11-2), 港澳台居民居住证 (the same scheme under 81, 82, 83),
外国人永久居留身份证 of 2017 (15 characters, weights 7-3-1) and of 2023 (18 digits from 9), GB 32100-2015 for units.
A wrong number gets one sentence: what is wrong, and what to do.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from chuding.accounts.countries import ALPHA_3, KNOWN


class IdentityKind(StrEnum):
    """The documents under which one may apply (notice 一)."""

    RESIDENT_ID = "resident_id"
    HMT_RESIDENCE_PERMIT = "hmt_residence_permit"
    HK_MACAU_PERMIT = "hk_macau_permit"
    TAIWAN_PERMIT = "taiwan_permit"
    FOREIGN_PERMANENT_RESIDENCE = "foreign_permanent_residence"
    PASSPORT = "passport"


KIND_NAMES: dict[IdentityKind, str] = {
    IdentityKind.RESIDENT_ID: "居民身份证",
    IdentityKind.HMT_RESIDENCE_PERMIT: "港澳台居民居住证",
    IdentityKind.HK_MACAU_PERMIT: "港澳居民来往内地通行证",
    IdentityKind.TAIWAN_PERMIT: "台湾居民来往大陆通行证",
    IdentityKind.FOREIGN_PERMANENT_RESIDENCE: "外国人永久居留身份证",
    IdentityKind.PASSPORT: "护照",
}


class Sex(StrEnum):
    """As the number says it; GB/T 2261.1 codes 1 and 2."""

    MALE = "male"
    FEMALE = "female"


@dataclass(frozen=True, slots=True)
class IdentityReading:
    """What a number says. `number` is canonical; None means the document does not say; `problem` refuses the number.

    `nationality` is an ISO 3166-1 three-letter code. `hint` is worth a second look but never refuses.
    """

    number: str
    born_on: date | None = None
    sex: Sex | None = None
    nationality: str | None = None
    problem: str | None = None
    hint: str | None = None


YOUNGEST = 16
OLDEST = 100
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"
_PROVINCES = frozenset(
    str(code)
    for first, last in ((11, 15), (21, 23), (31, 37), (41, 46), (50, 54), (61, 65), (71, 71), (81, 83))
    for code in range(first, last + 1)
)
_HMT_REGIONS = {"810000": "HKG", "820000": "MAC", "830000": "TWN"}
_FULL = re.compile(r"\d{17}[\dX]")


def plain_code(text: str) -> str:
    """A code as a machine wants it: half-width, upper case, no spaces, dashes or invisible characters (A50)."""
    half = unicodedata.normalize("NFKC", text)
    kept = (c for c in half if unicodedata.category(c) not in {"Cf", "Cc", "Zs", "Pd"})
    return "".join(kept).upper()


def check_digit(first_17: str) -> str:
    """The last character of an 18-character number: ISO 7064 MOD 11-2 over the 17 digits before it."""
    return _CHECKS[sum(w * int(c) for w, c in zip(_WEIGHTS, first_17, strict=True)) % 11]


def check_identity(kind: IdentityKind | str, text: str, *, on: date) -> IdentityReading:
    """Read a document's number as it stands on the day `on`; `problem` says in Chinese what is wrong with it."""
    kind = IdentityKind(kind)
    number = plain_code(text)
    if not number:
        return IdentityReading(number, problem=f"请输入{KIND_NAMES[kind]}号码。")
    if kind in _DATED:
        return _DATED[kind](number, on)
    return _UNDATED[kind](number)


def _resident(number: str, on: date) -> IdentityReading:
    if problem := _shape_problem(number, "身份证号", "请对照身份证正面检查。"):
        return IdentityReading(number, problem=problem)
    if number.startswith("9"):
        return IdentityReading(
            number, problem="这是外国人永久居留身份证的号码，请把证件类型改为“外国人永久居留身份证”。"
        )
    if number[:6] in _HMT_REGIONS:
        return IdentityReading(number, problem="这是港澳台居民居住证的号码，请把证件类型改为“港澳台居民居住证”。")
    hint = None if number[:2] in _PROVINCES else "号码开头的地区代码没有见过，请再核对一次；与证件一致就可以继续。"
    return _read_18(number, "身份证号", on, nationality="CHN", hint=hint)


def _hmt_residence(number: str, on: date) -> IdentityReading:
    if problem := _shape_problem(number, "居住证号码", "请对照居住证正面检查。"):
        return IdentityReading(number, problem=problem)
    if number[:6] not in _HMT_REGIONS:
        sentence = "港澳台居民居住证号码以810000、820000或830000开头。请对照证件检查，或改选您的证件类型。"
        return IdentityReading(number, problem=sentence)
    return _read_18(number, "居住证号码", on, nationality=_HMT_REGIONS[number[:6]])


def _permanent_residence(number: str, on: date) -> IdentityReading:
    if len(number) == 15:
        return _permanent_residence_2017(number, on)
    if len(number) != 18:
        sentence = f"永久居留身份证号码应为18位（2017年版为15位），您输入了{len(number)}位。请对照证件正面检查。"
        return IdentityReading(number, problem=sentence)
    if problem := _shape_problem(number, "永久居留身份证号码", "请对照证件正面检查。"):
        return IdentityReading(number, problem=problem)
    if not number.startswith("9"):
        return IdentityReading(number, problem="18位的永久居留身份证号码以9开头。请对照证件检查，或改选您的证件类型。")
    nationality = ALPHA_3.get(number[3:6])
    hint = None if nationality else "号码里的国籍代码没有见过，请再核对一次；与证件一致就可以继续。"
    return _read_18(number, "永久居留身份证号码", on, nationality=nationality, hint=hint)


def _permanent_residence_2017(number: str, on: date) -> IdentityReading:
    if not re.fullmatch(r"[A-Z]{3}\d{12}", number):
        sentence = "15位的永久居留身份证号码是3个字母加12位数字。请对照证件正面检查。"
        return IdentityReading(number, problem=sentence)
    if int(mrz_digit(number[:14])) != int(number[14]):
        return IdentityReading(number, problem=_wrong_check("永久居留身份证号码", "证件正面"))
    born = two_digit_birth(number[7:13], on)
    if born is None:
        sentence = f"号码中的出生日期“{number[7:13]}”不存在。请对照证件正面检查第8至13位。"
        return IdentityReading(number, problem=sentence)
    hint = None if number[:3] in KNOWN else "号码开头的国籍代码没有见过，请再核对一次；与证件一致就可以继续。"
    problem = _age_problem(born, on)
    if problem:
        return IdentityReading(number, problem=problem)
    return IdentityReading(number, born_on=born, nationality=number[:3], hint=hint)


def _hk_macau_permit(number: str) -> IdentityReading:
    """H or M and eight digits; older cards add two digits of how often it was reissued, which name no other person."""
    if not re.fullmatch(r"[HM]\d{8}(\d{2})?", number):
        sentence = "港澳居民来往内地通行证号码是字母H或M加8位数字（旧证为10位数字）。请对照证件检查。"
        return IdentityReading(number, problem=sentence)
    return IdentityReading(number[:9], nationality={"H": "HKG", "M": "MAC"}[number[0]])


def _taiwan_permit(number: str) -> IdentityReading:
    """Eight digits; older booklets have ten and a mark of reissue such as (A), which names no other person."""
    if not (found := re.fullmatch(r"(\d{8})|(\d{10})(?:\(?[A-Z0-9]{1,2}\)?)?", number)):
        sentence = "台湾居民来往大陆通行证号码是8位数字（旧证为10位数字）。请对照证件检查。"
        return IdentityReading(number, problem=sentence)
    return IdentityReading(found[1] or found[2], nationality="TWN")


def _passport(number: str) -> IdentityReading:
    if not re.fullmatch(r"[A-Z0-9]{5,17}", number):
        return IdentityReading(number, problem="护照号码是5至17位字母和数字。请对照护照资料页右上角检查。")
    if not any(c.isdigit() for c in number):
        return IdentityReading(number, problem="护照号码里至少有一位数字。请对照护照资料页右上角检查。")
    return IdentityReading(number)


def _shape_problem(number: str, name: str, look: str) -> str | None:
    """What is wrong with the outer shape of an 18-character number, or None."""
    if name == "身份证号" and re.fullmatch(r"\d{15}", number):
        return "15位的旧身份证号2013年起已停用，请填写二代身份证上的18位号码。"
    if len(number) != 18:
        return f"{name}应为18位，您输入了{len(number)}位。{look}"
    if not _FULL.fullmatch(number):
        return f"{name}前17位是数字，最后一位是数字或X。{look}"
    return None


def _read_18(number: str, name: str, on: date, *, nationality: str | None, hint: str | None = None) -> IdentityReading:
    digits = number[6:14]
    try:
        born = date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        written = f"{digits[:4]}年{digits[4:6]}月{digits[6:]}日"
        return IdentityReading(number, problem=f"{name}中的出生日期“{written}”不存在。请对照证件检查第7至14位。")
    if number[17] != check_digit(number[:17]):
        return IdentityReading(number, problem=_wrong_check(name, "证件"))
    if problem := _age_problem(born, on):
        return IdentityReading(number, problem=problem)
    sex = Sex.MALE if int(number[16]) % 2 else Sex.FEMALE
    return IdentityReading(number, born_on=born, sex=sex, nationality=nationality, hint=hint)


def _wrong_check(name: str, where: str) -> str:
    return f"{name}的最后一位（校验位）与前面对不上，可能有一位输错了。请对照{where}逐位检查。"


def _age_problem(born: date, on: date) -> str | None:
    written = f"{born.year}年{born.month}月{born.day}日"
    if born > on:
        return f"号码中的出生日期是{written}，还没有到。请对照证件检查号码。"
    age = on.year - born.year - ((on.month, on.day) < (born.month, born.day))
    if age > OLDEST:
        return f"按号码中的出生日期（{written}），年龄是{age}岁。请对照证件检查号码。"
    if age < YOUNGEST:
        return f"按号码中的出生日期（{written}），年龄是{age}岁，不满{YOUNGEST}周岁不能申报。请检查号码是否是本人的。"
    return None


def mrz_digit(text: str) -> str:
    """The check digit of ICAO 9303: weights 7, 3, 1 over digits, letters from A = 10, and `<` = 0; modulo 10."""
    values = (0 if c == "<" else int(c, 36) for c in text)
    return str(sum(value * (7, 3, 1)[place % 3] for place, value in enumerate(values)) % 10)


def two_digit_birth(digits: str, on: date) -> date | None:
    """YYMMDD as the latest century in which the person is of working age: nobody younger holds this card and applies."""
    for century in (on.year // 100 * 100, on.year // 100 * 100 - 100):
        try:
            born = date(century + int(digits[:2]), int(digits[2:4]), int(digits[4:]))
        except ValueError:
            continue
        if _age_problem(born, on) is None:
            return born
    return None


_DATED = {
    IdentityKind.RESIDENT_ID: _resident,
    IdentityKind.HMT_RESIDENCE_PERMIT: _hmt_residence,
    IdentityKind.FOREIGN_PERMANENT_RESIDENCE: _permanent_residence,
}
_UNDATED = {
    IdentityKind.HK_MACAU_PERMIT: _hk_macau_permit,
    IdentityKind.TAIWAN_PERMIT: _taiwan_permit,
    IdentityKind.PASSPORT: _passport,
}


@dataclass(frozen=True, slots=True)
class UnitReading:
    """A unified social credit code in canonical form; `problem` refuses it, `hint` never does."""

    number: str
    problem: str | None = None
    hint: str | None = None


_USCC = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_USCC_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
_ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)


def check_uscc(text: str) -> UnitReading:
    """Read a 统一社会信用代码 (GB 32100-2015): 18 characters without I, O, S, V, Z; the last one checks the rest."""
    number = plain_code(text)
    if not number:
        return UnitReading(number, "请输入18位统一社会信用代码，它在营业执照或事业单位法人证书上。")
    if strange := [c for c in number if c not in _USCC]:
        sentence = (
            f"统一社会信用代码里没有“{strange[0]}”（不用字母I、O、S、V、Z）。请对照营业执照检查，例如把O改成数字0。"
        )
        return UnitReading(number, sentence)
    if len(number) != 18:
        return UnitReading(number, f"统一社会信用代码应为18位，您输入了{len(number)}位。请对照营业执照检查。")
    total = sum(w * _USCC.index(c) for w, c in zip(_USCC_WEIGHTS, number, strict=False))
    if _USCC[(31 - total % 31) % 31] != number[17]:
        return UnitReading(
            number, "统一社会信用代码的最后一位（校验位）与前面对不上，可能有一位输错了。请对照营业执照逐位检查。"
        )
    organisation = sum(w * int(c, 36) for w, c in zip(_ORGANISATION_WEIGHTS, number[8:16], strict=True))
    expected = "0123456789X"[(11 - organisation % 11) % 11]
    hint = (
        None
        if expected == number[16]
        else "代码第9至17位（组织机构代码）的校验位与通常算法不同，请再核对一次；与执照一致就可以继续。"
    )
    return UnitReading(number, hint=hint)
