"""The shape of notice.yaml: every key in the notice's own words, everything unknown refused."""

from __future__ import annotations

from datetime import date  # noqa: TC003 - pydantic reads the annotations
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from chuding.policy.facts import CredentialKind, shown
from chuding.policy.terms import Level, Tier, read_years

#: The questions a notice may leave open, and the readings this engine knows for each.
READINGS: Final[dict[str, tuple[str, ...]]] = {
    "满年": ("对年对日", "次日"),
    "累计": ("停钟", "连续"),
    "起算": ("取得和到岗两者较晚之日",),
    "截至日": ("含当日", "不含当日"),
    "初级职称": ("员级", "助理级"),
    "注内考核": ("也须考核合格",),
    "级别对应": ("各按所持学历",),
    "考试专业": ("名称完全一致",),
    "子目录": ("以附件为准",),
    "处分种类": ("任何处分",),
    "在编满一年": ("对年对日",),
}


def _yes(value: object) -> bool:
    if value not in ("是", "否"):
        raise ValueError(f"只能填“是”或“否”，不能是{shown(value)}")
    return value == "是"


def _level(value: object) -> Level:
    if not isinstance(value, str) or value not in set(Level):
        raise ValueError(f"只能填 {'、'.join(Level)}，不能是{shown(value)}")
    return Level(value)


def _grant(value: object) -> Level | Literal["初级职称"]:
    return "初级职称" if value == "初级职称" else _level(value)


def _tier(value: object) -> Tier:
    if not isinstance(value, str) or value not in set(Tier):
        raise ValueError(f"只能填 {'、'.join(Tier)}，不能是{shown(value)}")
    return Tier(value)


def _plain(value: object) -> str:
    """Numbers in names (号: 1) are words here."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value  # type: ignore[return-value]


Years = Annotated[int, BeforeValidator(read_years)]
Yes = Annotated[bool, BeforeValidator(_yes)]
LevelWord = Annotated[Level, BeforeValidator(_level)]
TierWord = Annotated[Tier, BeforeValidator(_tier)]
Text = Annotated[str, BeforeValidator(_plain), Field(min_length=1)]


class Entry(BaseModel):
    """One entry of notice.yaml: nothing unknown, nothing converted by guess."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Quote(Entry):
    """A clause and a passage that stands in it word for word."""

    clause: Text = Field(alias="依据")
    sentence: Text = Field(alias="原文")


class WindowEntry(Quote):
    """受理: the days on which applications are taken, both inclusive."""

    start: date = Field(alias="自")
    end: date = Field(alias="至")

    @model_validator(mode="after")
    def _in_order(self) -> WindowEntry:
        if self.start > self.end:
            raise ValueError(f"“自”{self.start} 晚于“至”{self.end}")
        return self


class ContactEntry(Quote):
    """联系: where people ask."""

    name: Text = Field(alias="联系人")
    telephone: Text = Field(alias="电话")
    wechat: Text = Field(alias="公众号")


class LevelEntry(Entry):
    """One level, its tier, and the title it confers in this notice's series."""

    level: LevelWord = Field(alias="级别")
    tier: TierWord = Field(alias="层级")
    title: Text = Field(alias="资格名称")


class LevelsEntry(Quote):
    """级别: the levels in rising order."""

    levels: list[LevelEntry] = Field(alias="档次", min_length=1)


class ReadingEntry(Quote):
    """口径: a question the text leaves open and the reading chosen."""

    question: Text = Field(alias="题")
    chosen: Text = Field(alias="取")

    @model_validator(mode="after")
    def _known(self) -> ReadingEntry:
        known = READINGS.get(self.question)
        if known is None:
            raise ValueError(f"没有“{self.question}”这个口径；可用的有：{'、'.join(READINGS)}")
        if self.chosen not in known:
            raise ValueError(f"口径“{self.question}”只能取：{'、'.join(known)}，不能取“{self.chosen}”")
        return self


class GateEntry(Quote):
    """准入: a condition that every level asks; `must` is a condition in the words of terms.py."""

    name: Text = Field(alias="名称")
    condition: Text = Field(alias="条件")
    also: list[Quote] = Field(default=[], alias="另见")
    must: Any = Field(alias="须")
    advice: Text = Field(alias="怎么办")


class RowEntry(Quote):
    """初定: one row of the decision table."""

    grants: Annotated[Level | Literal["初级职称"], BeforeValidator(_grant)] = Field(alias="授予")
    kinds: list[CredentialKind] = Field(alias="凭", min_length=1)
    probation: Years | None = Field(default=None, alias="见习")
    practice: Years | None = Field(default=None, alias="从业")
    awarded_by: date | None = Field(default=None, alias="毕业截至")
    field_matches: Yes = Field(default=False, alias="专业对口")

    @model_validator(mode="after")
    def _one_time(self) -> RowEntry:
        if self.probation is not None and self.practice is not None:
            raise ValueError("“见习”和“从业”只能写一个")
        if len(set(self.kinds)) < len(self.kinds):
            raise ValueError("“凭”里有重复的学历或学位")
        return self

    @property
    def years(self) -> int:
        """Years of work asked after the award; 0 for none."""
        return self.probation or self.practice or 0


class YieldEntry(Quote):
    """让位: to what the notice yields, and which of those conditions are loaded."""

    to: Text = Field(alias="于")
    loaded: list[str] = Field(alias="已载入")


class InsteadEntry(Entry):
    """替代: what takes a document's place, and for whom."""

    when: Any = Field(alias="仅当")
    name: Text = Field(alias="名称")


class MaterialEntry(Quote):
    """材料: a document to upload; either `须交` or `仅当`."""

    code: Text = Field(alias="号")
    name: Text = Field(alias="名称")
    required: Yes | None = Field(default=None, alias="须交")
    when: Any = Field(default=None, alias="仅当")
    instead: InsteadEntry | None = Field(default=None, alias="替代")
    note: str = Field(default="", alias="说明")

    @model_validator(mode="after")
    def _one_rule(self) -> MaterialEntry:
        if (self.required is None) == (self.when is None):
            raise ValueError("“须交”和“仅当”必须写一个，也只能写一个")
        return self


class AuthorityEntry(Quote):
    """审批: who approves a tier."""

    tier: TierWord = Field(alias="层级")
    authority: Text = Field(alias="机关")


class DivisionEntry(Quote):
    """区划: which administrative division is chosen for a tier."""

    tier: TierWord = Field(alias="层级")
    division: Text = Field(alias="选")


class InformationEntry(Entry):
    """告知: a clause that decides nothing, said so."""

    clause: Text = Field(alias="依据")
    about: Text = Field(alias="事项")
    sentence: Text | None = Field(default=None, alias="原文")


class NoticeEntry(Entry):
    """The whole of notice.yaml."""

    number: Text = Field(alias="文件")
    title: Text = Field(alias="标题")
    issuer: Text = Field(alias="发文机关")
    published: date = Field(alias="发布")
    series: Text = Field(alias="系列")
    window: WindowEntry = Field(alias="受理")
    contact: ContactEntry = Field(alias="联系")
    levels: LevelsEntry = Field(alias="级别")
    readings: list[ReadingEntry] = Field(alias="口径")
    gates: list[GateEntry] = Field(alias="准入", min_length=1)
    rows: list[RowEntry] = Field(alias="初定", min_length=1)
    yields: YieldEntry = Field(alias="让位")
    materials: list[MaterialEntry] = Field(alias="材料")
    authorities: list[AuthorityEntry] = Field(alias="审批")
    divisions: list[DivisionEntry] = Field(alias="区划")
    information: list[InformationEntry] = Field(alias="告知")

    @model_validator(mode="after")
    def _consistent(self) -> NoticeEntry:
        questions = [reading.question for reading in self.readings]
        if len(set(questions)) < len(questions):
            raise ValueError("“口径”里有同一题写了两次")
        levels = [entry.level for entry in self.levels.levels]
        if len(set(levels)) < len(levels):
            raise ValueError("“级别”里有重复")
        tiers = {entry.tier for entry in self.levels.levels}
        for name, given in (
            ("审批", [entry.tier for entry in self.authorities]),
            ("区划", [entry.tier for entry in self.divisions]),
        ):
            if sorted(given) != sorted(tiers):
                raise ValueError(f"“{name}”应当对每个层级各写一条：{'、'.join(sorted(tiers))}")
        granted = {row.grants for row in self.rows} - {"初级职称"}
        if not granted <= set(levels):
            raise ValueError("“初定”授予了“级别”里没有的档次")
        if any(row.grants == "初级职称" for row in self.rows) and "初级职称" not in questions:
            raise ValueError("有一行授予“初级职称”，请在“口径”里写明取哪一级")
        return self
