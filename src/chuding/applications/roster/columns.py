"""The employer's roster as a sheet: its columns, what each takes, and how a cell is read. No database, no clock."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Final

from chuding.accounts.identity import KIND_NAMES, IdentityKind, check_identity
from chuding.accounts.names import clean_name
from chuding.accounts.phone import clean_phone
from chuding.applications.asked import schoolings_of
from chuding.applications.education_choices import Degree, StudyMode
from chuding.policy.terms import Level

if TYPE_CHECKING:
    from chuding.paper.sheets import Cell
    from chuding.policy.notice import Notice

SHEET: Final = "名单"
TEMPLATE_VERSION: Final = "2024-1"
#: On the sheet: line 1 the version and how to fill it in, line 2 the heads, line 3 an example; people begin on line 4.
VERSION_LINE, HEAD_LINE, EXAMPLE_LINE, FIRST_LINE = 1, 2, 3, 4
NO_SCHOOLING, NO_DEGREE, UNKNOWN = "没有学历，只有学位", "没有学位", "不清楚"
EARLIEST = date(1950, 1, 1)


class BadCell(Exception):  # noqa: N818 - an answer to a person
    """What is wrong with a cell, in one plain sentence without its place."""


@dataclass(frozen=True)
class Context:
    """What reading needs to know besides the cell."""

    notice: Notice
    on: date


Reader = Callable[[str, "Cell", Context], object]
Values = Mapping[str, object]


@dataclass(frozen=True)
class Column:
    """One column: `key` in our data, its head and its hint on the sheet, and how its cells are read."""

    key: str
    head: str
    hint: str
    example: str
    read: Reader
    width: int = 14
    required: bool = True
    values: Callable[[Notice], Values] | None = None
    personal: bool = False

    def choices(self, notice: Notice) -> tuple[str, ...]:
        """What the cell's drop-down offers under a notice; nothing where it is typed freely."""
        return tuple(self.values(notice)) if self.values else ()

    def problem_if_empty(self) -> str:
        """What an empty cell is told."""
        return f"没有填写，请{'从下拉列表里选择' if self.values else '填写'}"


def _name(text: str, cell: Cell, context: Context) -> str:
    del cell, context
    name, problem = clean_name(text)
    if problem:
        raise BadCell(problem.rstrip("。"))
    return name


def _words(longest: int) -> Reader:
    def read(text: str, cell: Cell, context: Context) -> str:
        del cell, context
        plain = re.sub(
            r"\s+", " ", "".join(c for c in text if unicodedata.category(c) not in {"Cf", "Cc"} or c.isspace())
        )
        if len(plain.strip()) > longest:
            raise BadCell(f"有{len(plain.strip())}个字，最多{longest}个字，请写短一些")
        return plain.strip()

    return read


def _number(text: str, cell: Cell, context: Context) -> str:
    """The identity number as text; whether it fits its kind of document is asked of the whole row."""
    del context
    if cell.kind == "number" and len(text) >= 16:
        raise BadCell("被存成了数字，末尾几位已经丢失，请把这一格改成“文本”格式再重新填写")
    return text


def _phone(text: str, cell: Cell, context: Context) -> str:
    del cell, context
    phone, problem = clean_phone(text)
    if problem:
        raise BadCell(problem.rstrip("。"))
    return phone


def _choice(values_in: Callable[[Notice], Values]) -> Reader:
    def read(text: str, cell: Cell, context: Context) -> object:
        del cell
        values = values_in(context.notice)
        plain = re.sub(r"\s+", "", text)
        if plain not in values:
            raise BadCell(f"写成了 {shown(text)}，请从下拉列表里选：{'、'.join(values)}")
        return values[plain]

    return read


def shown(text: str) -> str:
    """A cell's words as an error quotes them: short."""
    return text if len(text) <= 24 else text[:24] + "…"


_WHOLE_DAY = re.compile(r"(\d{4})\s*(?:年|[-/.])\s*(\d{1,2})\s*(?:月|[-/.])\s*(\d{1,2})\s*日?")
_PACKED_DAY = re.compile(r"(\d{4})(\d{2})(\d{2})")
_MONTH_ONLY = re.compile(r"(\d{4})\s*(?:年|[-/.])\s*(\d{1,2})\s*月?")


def _day(text: str, cell: Cell, context: Context) -> date:
    """A day in any usual writing; never guessed where the day is missing."""
    del cell
    plain = unicodedata.normalize("NFKC", text).strip()
    found = _WHOLE_DAY.fullmatch(plain) or _PACKED_DAY.fullmatch(plain)
    if found is None:
        month = _MONTH_ONLY.fullmatch(plain)
        model = f"{month[1]}-{int(month[2]):02d}-01" if month and 1 <= int(month[2]) <= 12 else "2023-07-01"
        extra = "（日以证书或合同为准）" if month else ""
        raise BadCell(f"写成了 {shown(text)}，请写 {model}{extra}")
    try:
        day = date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        raise BadCell(f"写成了 {shown(text)}，没有这一天，请核对后写成 2023-07-01 的样子") from None
    if day > context.on:
        raise BadCell(f"{day.isoformat()} 还没有到，请核对；还没有发生的先不要导入")
    if day < EARLIEST:
        raise BadCell(f"{day.isoformat()} 太早了，请核对年份")
    return day


def _specialty(text: str, cell: Cell, context: Context) -> str:
    del cell
    catalogue = context.notice.catalogue
    plain = re.sub(r"\s*[/／›]\s*", "/", text.strip())
    if (found := catalogue.find(plain)) is not None:
        return found.path
    named = [choice for choice in catalogue.choices() if plain in {choice.name, choice.label}]
    if len(named) == 1:
        return named[0].path
    similar = named or catalogue.search(plain.rsplit("/", 1)[-1], limit=3)
    hint = f"。是不是：{'；'.join(choice.path for choice in similar[:3])}" if similar else ""
    raise BadCell(f"专业目录里没有 {shown(text)}，请从下拉列表里选{hint}")


_YES_NO: dict[str, object] = {"是": True, "否": False, UNKNOWN: None}
_KINDS: dict[str, object] = {KIND_NAMES[kind]: kind.value for kind in IdentityKind}
_DEGREES: dict[str, object] = {NO_DEGREE: "", **{value: value for value in Degree.values}}
_MODES: dict[str, object] = {"全日制": StudyMode.FULL_TIME.value, "非全日制": StudyMode.PART_TIME.value}
_LEVELS: dict[str, object] = {level.value: level.value for level in Level}


def _schoolings(notice: Notice) -> Values:
    return {**{value: value for value, _ in schoolings_of(notice)}, NO_SCHOOLING: ""}


def _pick(
    key: str, head: str, hint: str, example: str, values: Values | Callable[[Notice], Values], **more: object
) -> Column:
    values_in = values if callable(values) else lambda _: values
    return Column(key, head, hint, example, _choice(values_in), values=values_in, **more)  # type: ignore[arg-type]


COLUMNS: Final[tuple[Column, ...]] = (
    Column("full_name", "姓名", "与证件一致", "王小满", _name, personal=True),
    _pick("identity_type", "证件类型", "从下拉列表里选", "居民身份证", _KINDS, width=18),
    Column("identity_number", "证件号码", "文本格式", "321102200001011239", _number, width=24, personal=True),
    Column("phone", "手机号", "本人能收短信的", "19900000001", _phone, width=16, personal=True),
    Column("post", "岗位", "与劳动合同一致", "工艺员", _words(100)),
    _pick("schooling", "学历", "最高学历", "本科", _schoolings),
    Column("graduated_on", "毕业日期", "如 2023-07-01", "2022-06-20", _day, width=16, required=False),
    _pick("degree", "学位", "最高学位", "学士", _DEGREES),
    Column("degree_on", "学位日期", "与毕业同一天可不填", "", _day, width=18, required=False),
    Column("school", "毕业学校", "证书上的全称", "京江理工学院", _words(120), width=22),
    Column("major", "所学专业", "证书上的专业", "机械设计制造及其自动化", _words(120), width=24),
    _pick("study_mode", "学习形式", "全日制或非全日制", "全日制", _MODES),
    _pick("field_matches", "专业对口", "所学与所从事的专业", "是", _YES_NO),
    Column("started_on", "从事本专业起始日期", "如 2023-07-01", "2022-07-11", _day, width=20),
    _pick("assessed_fit", "考核合格", "见习期满考核", "是", _YES_NO),
    _pick("level", "拟申报级别", "可不填", "助理级", _LEVELS, required=False),
    Column("specialty", "拟申报专业", "可不填，从下拉列表里选", "", _specialty, width=40, required=False),
)  # fmt: skip
PLACE: Final = {column.key: place for place, column in enumerate(COLUMNS)}
HEADS: Final = tuple(column.head for column in COLUMNS)


_NAMES = {
    "study_mode": {str(value): head for head, value in _MODES.items()},
    "schooling": {"": NO_SCHOOLING},
    "degree": {"": NO_DEGREE},
}
_SAID = {True: "是", False: "否"}


def told_rows(declared: Mapping[str, object]) -> list[dict[str, object]]:
    """What was typed besides name, number and phone, in the words of the sheet, for partials/summary_list.html."""
    rows: list[dict[str, object]] = []
    for column in COLUMNS:
        if not column.personal and column.key != "identity_type":
            value = declared.get(column.key)
            said = _SAID[value] if isinstance(value, bool) else _NAMES.get(column.key, {}).get(str(value), value)
            rows.append({"key": column.head, "value": said})
    return rows


def whole_row_problems(values: dict[str, object], on: date) -> list[tuple[str, str]]:
    """What only the row as a whole shows: (column, sentence). Reads the identity number in place into canonical form."""
    found: list[tuple[str, str]] = []
    if values.get("identity_type") and isinstance(number := values.get("identity_number"), str):
        reading = check_identity(str(values["identity_type"]), number, on=on)
        values["identity_number"] = reading.number
        if reading.problem:
            found.append(("identity_number", reading.problem.rstrip("。")))
        elif reading.born_on:
            values["born_on"] = reading.born_on
    schooling, degree = values.get("schooling"), values.get("degree")
    if schooling == "" and degree == "":
        found.append(("degree", "学历和学位都没有，请至少填写一项"))
    if schooling and not values.get("graduated_on") and "graduated_on" in values:
        found.append(("graduated_on", "没有填写，请填写毕业日期，如 2023-07-01"))
    if degree and schooling == "" and values.get("degree_on") is None and "degree_on" in values:
        found.append(("degree_on", "没有填写，只有学位的请填写学位日期"))
    born = values.get("born_on")
    for key, age in (("graduated_on", 14), ("degree_on", 16), ("started_on", 14)):
        day = values.get(key)
        if isinstance(day, date) and isinstance(born, date) and day.year - born.year < age:
            found.append((key, f"{day.isoformat()} 时本人不满{age}岁，请核对这个日期和证件号码"))
    return found
