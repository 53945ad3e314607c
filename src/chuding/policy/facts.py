"""Facts of one person, as `chuding assess` reads them. A missing key or `null` means unknown, never no.

Dates are `YYYY-MM-DD`, or `YYYY-MM` where only the month is known. Periods are half-open: `to` is the first day no
longer inside; for `work`, `to: null` means still going on.
"""

from __future__ import annotations

import calendar
import json
import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, ValidationError, model_validator

from chuding.policy.reader_words import nearest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic_core import ErrorDetails

EARLIEST_YEAR: Final = 1900  # nothing in an applicant's life is older; catches 0202-07-01
_TEXT: Final = re.compile(r"(\d{4})-(\d{2})(?:-(\d{2}))?", re.ASCII)
_SHOWN: Final = 40


class FactsError(ValueError):
    """A fact that cannot be read. `field` is its path (`credentials[0].awarded_on`), `message` says what to do."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field}：{message}" if field else message)
        self.field = field
        self.message = message


@dataclass(frozen=True, slots=True)
class When:
    """A day known to the day (`first == last`) or to the month; both ends are integer days, inclusive."""

    first: int
    last: int

    @property
    def exact(self) -> bool:
        """Known to the day."""
        return self.first == self.last

    def __str__(self) -> str:
        text = date.fromordinal(self.first).isoformat()
        return text if self.exact else text[:7]


def read_when(value: object) -> When:
    """Read `YYYY-MM-DD`, `YYYY-MM`, a `date` or a `When`; raises ValueError with a sentence that says what to do."""
    if isinstance(value, When):
        return value
    if isinstance(value, date) and not isinstance(value, datetime):
        return When(value.toordinal(), value.toordinal())
    found = _TEXT.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise ValueError(f"日期写成 YYYY-MM-DD（只知月份的写 YYYY-MM，半角数字），不能是{shown(value)}")
    year, month = int(found[1]), int(found[2])
    if year < EARLIEST_YEAR or not 1 <= month <= 12:
        raise ValueError(f"没有这个日期：{value}")
    length = calendar.monthrange(year, month)[1]
    if found[3] is None:
        first = date(year, month, 1).toordinal()
        return When(first, first + length - 1)
    if not 1 <= int(found[3]) <= length:
        raise ValueError(f"没有这一天：{value}")
    ordinal = date(year, month, int(found[3])).toordinal()
    return When(ordinal, ordinal)


def shown(value: object) -> str:
    """A value as an error sentence quotes it: one line, short, printable."""
    try:
        text = " ".join(_written(value).split())
    except RecursionError:
        text = "嵌套太深的内容"
    text = text.encode("utf-8", "backslashreplace").decode("utf-8")
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"


def _written(value: object) -> str:
    """A text in single quotation marks; days, truths and lists as JSON and YAML write them, not as a programmer does."""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str):
        return repr(value)
    return json.dumps(value, ensure_ascii=False, default=str)


def _never_or_when(value: object) -> object:
    return value if value == "never" else read_when(value)


def _text(value: Any) -> Any:
    return str(value) if isinstance(value, When) else value


def _optional_when(value: object) -> When | None:
    return None if value is None else read_when(value)


def _optional_retirement(value: object) -> object:
    return None if value is None else _never_or_when(value)


Day = Annotated[When | None, BeforeValidator(_optional_when), PlainSerializer(_text)]
Retirement = Annotated[Literal["never"] | When | None, BeforeValidator(_optional_retirement), PlainSerializer(_text)]

CredentialKind = Literal[
    "中专",
    "大专",
    "本科",
    "学士",
    "第二学士",
    "研究生",
    "硕士",
    "博士",
    "研究生班",
    "中级工班",
    "高级工班",
    "预备技师班",
    "技师班",
]
#: The kinds that every notice knows; the rest count only where a notice says what they count as (等同) or names them.
BASIC_KINDS: Final = ("中专", "大专", "本科", "学士", "第二学士", "研究生", "硕士", "博士")
HeldLevel = Literal["员级", "助理级", "中级"]
Identity = Literal["mainland", "hk_macau_taiwan", "foreign"]
#: Permits of the contract. A notice may name others; they are written by their names: see `named.check_words`.
Permit = Literal["none", "foreign_work_permit", "foreign_permanent_residence", "jiangsu_overseas_talent"]
Engagement = Literal["employment_contract", "freelance", "none"]


Count = Annotated[int | None, Field(ge=0)]
_ASKED_BY_SOME: Final = ("titles", "continuing_education_hours", "social_insurance_months")


class _Strict(BaseModel):
    model_config = ConfigDict(
        extra="forbid", frozen=True, strict=True, populate_by_name=True, arbitrary_types_allowed=True
    )


class Sanction(_Strict):
    """A sanction and the period in which it bars; eligible again on `until`. An unknown end is not an end."""

    from_: Day = Field(default=None, alias="from")
    until: Day = None

    @model_validator(mode="after")
    def _in_order(self) -> Sanction:
        _refuse_inverted(self.from_, self.until, "until")
        return self


class Credential(_Strict):
    """One schooling or degree. 博士 is the degree; 研究生 the schooling. `full_time`: 全日制."""

    kind: CredentialKind | None = None
    awarded_on: Day = None
    field_matches: bool | None = None
    full_time: bool | None = None


class Title(_Strict):
    """A title (职称) held already: its level, and since when."""

    level: HeldLevel | None = None
    held_since: Day = None


class Spell(_Strict):
    """A spell in a technical post of the specialty applied for; `to` absent or null: still going on."""

    from_: Day = Field(default=None, alias="from")
    to: Day = None

    @model_validator(mode="after")
    def _in_order(self) -> Spell:
        _refuse_inverted(self.from_, self.to, "to")
        return self


def inverted(start: When, end: When, name: str) -> str:
    """What is said of a period that surely ends before it begins; `name` is the field of its end."""
    return f"起始日期 {start} 晚于截止日期 {end}，请核对 from 和 {name}"


def _refuse_inverted(start: When | None, end: When | None, name: str) -> None:
    if start is not None and end is not None and start.first > end.last:
        raise ValueError(inverted(start, end, name))


class Facts(_Strict):
    """What is known of one person on the day of filing. Lists are complete as given.

    `continuing_education_hours` (学时) and `social_insurance_months` are totals on the day of filing.
    """

    filed_on: Day = None
    specialty: str | None = None
    identity: Identity | None = None
    permit: str | None = None
    works_in_jurisdiction: bool | None = None
    engagement: Engagement | None = None
    civil_servant: bool | None = None
    retired_on: Retirement = None
    sanctions: list[Sanction] | None = None
    credentials: list[Credential] | None = None
    work: list[Spell] | None = None
    assessed_fit: bool | None = None
    established_post: bool | None = None
    established_post_since: Day = None
    social_insurance_found: bool | None = None
    titles: list[Title] | None = None
    continuing_education_hours: Count = None
    social_insurance_months: Count = None

    def to_json(self) -> dict[str, Any]:
        """The JSON object of the contract; `Facts.model_validate` reads it back.

        What only some notices ask is left out where it is not stated, so that a record reads as it did before.
        """
        found: dict[str, Any] = self.model_dump(mode="json", by_alias=True)
        for name in _ASKED_BY_SOME:
            if found[name] is None:
                del found[name]
        for credential in found["credentials"] or ():
            if credential["full_time"] is None:
                del credential["full_time"]
        return found


def _names_at(loc: tuple[int | str, ...]) -> list[str]:
    """The keys that may stand beside the one at `loc`: those of a record of its list, or of the person."""
    records: dict[int | str, type[BaseModel]] = {
        "credentials": Credential, "work": Spell, "sanctions": Sanction, "titles": Title,
    }  # fmt: skip
    model = records.get(loc[0], Facts) if len(loc) > 1 else Facts
    return [field.alias or name for name, field in model.model_fields.items()]


def read_facts(value: Mapping[str, Any] | object) -> Facts:
    """Read one person's facts; raises `FactsError` naming the first field that is wrong."""
    if not isinstance(value, dict):
        raise FactsError("", f"一条记录应当是一个 JSON 对象（花括号），不能是{shown(value)}")
    try:
        return Facts.model_validate(value)
    except ValidationError as error:
        field, message = first_problem(error)
        raise FactsError(field, message) from None


def first_problem(error: ValidationError) -> tuple[str, str]:
    """Field path and Chinese sentence of a validation error's first problem."""
    problem = error.errors(include_url=False)[0]
    field, sentence = describe(problem)
    return field, sentence + (
        nearest(problem["loc"][-1], _names_at(problem["loc"])) if problem["type"] == "extra_forbidden" else ""
    )


def describe(problem: ErrorDetails) -> tuple[str, str]:
    """Field path and Chinese sentence of one problem that pydantic found."""
    return _path(problem["loc"]), _sentence(problem)


def _path(loc: tuple[int | str, ...]) -> str:
    path = ""
    for part in loc:
        path += f"[{part}]" if isinstance(part, int) else f"{'.' if path else ''}{part}"
    return path.encode("utf-8", "backslashreplace").decode("utf-8")


def _sentence(problem: ErrorDetails) -> str:
    value = shown(problem["input"])
    expected = str(problem.get("ctx", {}).get("expected", ""))
    sentences = {
        "extra_forbidden": "没有这个字段，请核对字段名",
        "literal_error": f"只能填 {expected.replace(' or ', '、').replace(', ', '、')}，不能是{value}",
        "int_type": f"只能填整数（半角数字，不加引号）或 null，不能是{value}",
        "greater_than_equal": f"不能小于 0，不能是{value}",
        "bool_type": f"只能填 true、false 或 null，不能是{value}",
        "list_type": f"应当是一个列表（方括号），不能是{value}",
        "string_type": f"应当是文字，不能是{value}",
        "string_too_short": "不能空着",
        "too_short": "至少要有一项",
        "missing": "缺少这一项",
        "date_type": f"应当是日期 YYYY-MM-DD，不能是{value}",
        "is_instance_of": f"应当是日期 YYYY-MM-DD，不能是{value}",
        "model_type": f"应当是一个对象（花括号），不能是{value}",
        "value_error": str(problem.get("ctx", {}).get("error", "")),
    }
    return sentences.get(problem["type"], problem["msg"])
