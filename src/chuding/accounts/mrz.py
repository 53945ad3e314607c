"""The last line of a passport's data page, as a machine reads it (ICAO 9303-4, TD3): its check digits, and what it says. Pure."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from chuding.accounts.countries import KNOWN
from chuding.accounts.identity import Sex, mrz_digit, two_digit_birth

if TYPE_CHECKING:
    from collections.abc import Sequence

LENGTH = 44
# Codes of ICAO 9303-3 section 5 besides those of ISO 3166-1: Germany, British persons, the United Nations, no nationality.
_MORE = frozenset({"GBD", "GBN", "GBO", "GBP", "GBS", "UNO", "UNA", "UNK", "XXA", "XXB", "XXC", "XXX", "RKS", "EUE"})
NATIONALITIES = KNOWN | _MORE
_SEXES = {"M": Sex.MALE, "F": Sex.FEMALE}
_LOOK = "请对照护照资料页最下面一行逐位检查。"


@dataclass(frozen=True, slots=True)
class MrzReading:
    """What the line says; `problem` is one sentence that refuses it, and then the rest says nothing."""

    number: str = ""
    nationality: str = ""
    born_on: date | None = None
    sex: Sex | None = None
    until: date | None = None
    problem: str | None = None


def nationality_of(text: str) -> str | None:
    """A nationality as a passport prints it, in three letters; None where there is no such code. Germany's `D` is DEU."""
    code = unicodedata.normalize("NFKC", text).strip().strip("<").upper()
    code = "DEU" if code == "D" else code
    return code if code in NATIONALITIES else None


def read_mrz(text: str, *, on: date) -> MrzReading:
    """Read the last line, or both lines, as typed or scanned; the day `on` tells the centuries of the two-digit years."""
    line = re.sub(r"\s", "", unicodedata.normalize("NFKC", text)).upper().replace("«", "<<").replace("\u2039", "<")
    line = line[-LENGTH:] if len(line) == 2 * LENGTH else line
    if len(line) != LENGTH or not re.fullmatch(r"[A-Z0-9<]+", line):
        return MrzReading(
            problem=f"护照资料页最下面一行是{LENGTH}位大写字母、数字和“<”，您输入了{len(line)}位。{_LOOK}"
        )
    if wrong := _wrong_fields(line):
        return MrzReading(problem=f"{'、'.join(wrong)}的校验位与前面对不上，可能有一位输错了。{_LOOK}")
    born, until = two_digit_birth(line[13:19], on), _until(line[21:27])
    nationality = nationality_of(line[10:13])
    if born is None or until is None or nationality is None:
        what = "出生日期" if born is None else "有效期" if until is None else "国籍代码"
        return MrzReading(problem=f"这一行里的{what}不存在。{_LOOK}")
    return MrzReading(line[:9].rstrip("<"), nationality, born, _SEXES.get(line[20]), until)


def _wrong_fields(line: str) -> Sequence[str]:
    """The fields whose check digit is not theirs; where all are right, the whole line's may still be wrong."""
    # An empty personal number may have `<` for its digit.
    personal = line[42] if line[42] != "<" or line[28:42].strip("<") else "0"
    fields = (
        ("护照号码", line[:9], line[9]),
        ("出生日期", line[13:19], line[19]),
        ("有效期", line[21:27], line[27]),
        ("个人号码", line[28:42], personal),
    )
    wrong = [name for name, text, digit in fields if mrz_digit(text) != digit]
    if not wrong and mrz_digit(line[:10] + line[13:20] + line[21:43]) != line[43]:
        return ["整行"]
    return wrong


def _until(digits: str) -> date | None:
    try:
        return date(2000 + int(digits[:2]), int(digits[2:4]), int(digits[4:]))
    except ValueError:
        return None
