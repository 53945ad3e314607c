"""Words of notice.yaml that rows and the notice share: quotes, yes and no, years and how they are counted."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date  # noqa: TC003 - pydantic reads the annotations
from typing import Annotated, Final, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from chuding.policy.facts import BASIC_KINDS, CredentialKind, shown
from chuding.policy.speech import Saying, phrase
from chuding.policy.terms import HELD_NAMES, KIND_NAMES, Level, Tier, read_years

MOST_WORKING_DAYS: Final = 60
AS_OF: Final = ("申报日", "季末", "年末", "上年末")
_PARTS: Final = {"取得后", "合计", "取得前扣减"}


def _yes(value: object) -> bool:
    if isinstance(value, bool):
        raise ValueError("只能填“是”或“否”；不加引号的 yes、no、true、false 在这里是真假，不是“是”“否”")  # noqa: TRY004 - pydantic wants ValueError
    if value not in ("是", "否"):
        raise ValueError(f"只能填“是”或“否”，不能是{shown(value)}")
    return value == "是"


def read_level(value: object) -> Level:
    """A level in the notice's words; raises ValueError."""
    if not isinstance(value, str) or value not in set(Level):
        raise ValueError(f"只能填 {'、'.join(Level)}，不能是{shown(value)}")
    return Level(value)


def _tier(value: object) -> Tier:
    if not isinstance(value, str) or value not in set(Tier):
        raise ValueError(f"只能填 {'、'.join(Tier)}，不能是{shown(value)}")
    return Tier(value)


def _plain(value: object) -> str:
    """Numbers in names (号: 1) are words here."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value  # type: ignore[return-value]


def _kind(value: object) -> str:
    if not isinstance(value, str) or value not in {*KIND_NAMES, *HELD_NAMES}:
        raise ValueError(f"只能填 {'、'.join([*KIND_NAMES, *HELD_NAMES])}，不能是{shown(value)}")
    return value


def _working_days(value: object) -> int:
    found = re.fullmatch(r"([1-9][0-9]?)个?工作日", value) if isinstance(value, str) else None
    if found is None or int(found[1]) > MOST_WORKING_DAYS:
        raise ValueError(f"写成“5个工作日”的样子，最多{MOST_WORKING_DAYS}个，不能是{shown(value)}")
    return int(found[1])


Years = Annotated[int, BeforeValidator(read_years)]
WorkingDays = Annotated[int, BeforeValidator(_working_days)]
Yes = Annotated[bool, BeforeValidator(_yes)]
LevelWord = Annotated[Level, BeforeValidator(read_level)]
TierWord = Annotated[Tier, BeforeValidator(_tier)]
Text = Annotated[str, BeforeValidator(_plain), Field(min_length=1)]
KindWord = Annotated[str, BeforeValidator(_kind)]


class Entry(BaseModel):
    """One entry of notice.yaml: nothing unknown, nothing converted by guess."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, arbitrary_types_allowed=True)


def _sentence(value: object) -> object:
    """A passage is compared letter by letter; what YAML reads as a number or a day has lost its letters already."""
    if value is None or isinstance(value, str):
        return value
    raise ValueError('原文要加引号，写成 原文: "……"，否则会被当成数字、日期或者真假')


Sentence = Annotated[str, BeforeValidator(_sentence), Field(min_length=1)]
MaybeSentence = Annotated[str | None, BeforeValidator(_sentence), Field(min_length=1)]


class Quote(Entry):
    """A clause and a passage that stands in it word for word."""

    clause: Text = Field(alias="依据")
    sentence: Sentence = Field(alias="原文")


@dataclass(frozen=True, slots=True)
class Practice:
    """从业: years after the award (`after`), and years before and after it together (`total`); 0: not asked.

    `deducted`: years taken off where work before the award is counted; years after it alone then suffice as well.
    """

    after: int = 0
    total: int = 0
    deducted: int = 0

    @property
    def years(self) -> int:
        """The figure people know the row by."""
        return self.total or self.after

    @property
    def said(self) -> Saying:
        """In plain words."""
        if not self.total:
            return phrase("取得后从事本专业技术工作满{years}年", years=self.after)
        words = phrase("取得前后从事本专业技术工作合计满{years}年", years=self.total)
        if self.deducted:
            words = phrase("{words}（计入取得以前的，扣减{years}年）", words=words, years=self.deducted)
        return phrase("{words}，其中取得后满{years}年", words=words, years=self.after) if self.after else words


def _practice(value: object) -> Practice:
    """`3年`, `{取得后: 1年, 合计: 3年}` or `{合计: 3年, 取得前扣减: 1年}`; raises ValueError."""
    if not isinstance(value, dict):
        return Practice(after=read_years(value))
    if strange := set(value) - _PARTS:
        raise ValueError(f"“从业”里没有“{min(map(str, strange))}”；可用的有：取得后、合计、取得前扣减")
    if "合计" not in value:
        raise ValueError("“从业”写成“3年”，或者 {取得后: 1年, 合计: 3年}、{合计: 3年, 取得前扣减: 1年}")
    found = {key: read_years(years) for key, years in value.items()}
    practice = Practice(found.get("取得后", 0), found["合计"], found.get("取得前扣减", 0))
    if practice.after >= practice.total:
        raise ValueError(
            f"“取得后”{practice.after}年不少于“合计”{practice.total}年，合计就没有用了；请改为“从业: {practice.after}年”"
        )
    if practice.deducted >= practice.total:
        raise ValueError(f"“取得前扣减”{practice.deducted}年不能不少于“合计”{practice.total}年")
    return practice


@dataclass(frozen=True, slots=True)
class Matching:
    """专业对口: `asked` refuses a mismatch, `extra` years make up for it, `reviewer`: left to the reviewer."""

    asked: bool = False
    extra: int = 0
    reviewer: bool = False


def _matching(value: object) -> Matching:
    if value in ("是", "否"):
        return Matching(asked=value == "是")
    if value == "审核人判断":
        return Matching(reviewer=True)
    if isinstance(value, dict) and set(value) == {"不对口"}:
        added = value["不对口"]
        if not isinstance(added, str) or not added.startswith("加"):
            raise ValueError(f"“不对口”后面写成“加1年”，不能是{shown(added)}")
        return Matching(extra=read_years(added.removeprefix("加")))
    raise ValueError(f"只能填“是”“否”“审核人判断”，或者 {{不对口: 加1年}}，不能是{shown(value)}")


PracticeWord = Annotated[Practice, BeforeValidator(_practice)]
MatchingWord = Annotated[Matching, BeforeValidator(_matching)]


class WindowEntry(Quote):
    """受理: the days on which applications are taken, both inclusive; `levels` empty: all of them."""

    start: date = Field(alias="自")
    end: date = Field(alias="至")
    levels: list[LevelWord] = Field(default=[], alias="级别")

    @model_validator(mode="after")
    def _in_order(self) -> WindowEntry:
        if self.start > self.end:
            raise ValueError(f"“自”{self.start} 晚于“至”{self.end}")
        return self


def as_windows(value: object) -> object:
    """One window may stand without the list around it."""
    return [value] if isinstance(value, dict) else value


class EffectiveEntry(Quote):
    """生效: from when a title granted by the row counts, where that is before the decision; of graduates of a time."""

    take: Literal["入职之日", "满足条件之日"] = Field(alias="取")
    awarded_from: date | None = Field(default=None, alias="毕业自")
    awarded_to: date | None = Field(default=None, alias="毕业至")

    @model_validator(mode="after")
    def _in_order(self) -> EffectiveEntry:
        if self.awarded_from and self.awarded_to and self.awarded_from > self.awarded_to:
            raise ValueError(f"“毕业自”{self.awarded_from} 晚于“毕业至”{self.awarded_to}")
        return self


class EquivalenceEntry(Quote):
    """等同: a schooling that counts as another wherever a row names that other."""

    kind: CredentialKind = Field(alias="学历")
    as_kind: CredentialKind = Field(alias="同")

    @model_validator(mode="after")
    def _sensible(self) -> EquivalenceEntry:
        if self.kind in BASIC_KINDS:
            raise ValueError(f"“{self.kind}”本身就是各行所用的学历，不能再等同于别的")
        if self.as_kind not in BASIC_KINDS:
            raise ValueError(f"“同”只能填 {'、'.join(BASIC_KINDS)}，不能是“{self.as_kind}”")
        return self


class FloorEntry(Quote):
    """起点: a series in which nothing below a level is conferred."""

    series: Text = Field(alias="系列")
    lowest: LevelWord = Field(alias="最低")
