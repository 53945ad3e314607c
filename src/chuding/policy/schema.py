"""The shape of notice.yaml: every key in the notice's own words, everything unknown refused."""

from __future__ import annotations

import re
from datetime import date  # noqa: TC003 - pydantic reads the annotations
from itertools import pairwise
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, get_args

from pydantic import BeforeValidator, Field, model_validator

from chuding.policy.entries import (
    EffectiveEntry,
    Entry,
    EquivalenceEntry,
    FloorEntry,
    KindWord,
    LevelWord,
    Matching,
    MatchingWord,
    MaybeSentence,
    PracticeWord,
    Quote,
    Text,
    TierWord,
    WindowEntry,
    WorkingDays,
    Years,
    Yes,
    as_windows,
    read_level,
)
from chuding.policy.facts import BASIC_KINDS, describe
from chuding.policy.reader_words import closest, place_said
from chuding.policy.source import Problem
from chuding.policy.terms import HELD_NAMES, Level

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic import ValidationError
    from pydantic_core import ErrorDetails

    from chuding.policy.source import Document

#: The questions a notice may leave open, and the readings this engine knows for each.
READINGS: Final[dict[str, tuple[str, ...]]] = {
    "满年": ("对年对日", "次日"),
    "累计": ("停钟", "连续"),
    "起算": ("取得和到岗两者较晚之日",),
    "计算至": ("申报日", "季末", "年末", "上年末"),
    "截至日": ("含当日", "不含当日"),
    "初级职称": ("员级", "助理级"),
    "注内考核": ("也须考核合格",),
    "级别对应": ("各按所持学历",),
    "考试专业": ("名称完全一致",),
    "子目录": ("以附件为准",),
    "处分种类": ("任何处分",),
    "在编满一年": ("对年对日",),
}


def _grant(value: object) -> Level | Literal["初级职称"]:
    return "初级职称" if value == "初级职称" else read_level(value)


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

    @property
    def quoted(self) -> str:
        """Every sentence it rests on, one after the other."""
        return "\n".join((self.sentence, *(quote.sentence for quote in self.also)))


class RowEntry(Quote):
    """初定: one row of the decision table."""

    grants: Annotated[Level | Literal["初级职称"], BeforeValidator(_grant)] = Field(alias="授予")
    kinds: list[KindWord] = Field(alias="凭", min_length=1)
    also_held: list[KindWord] = Field(default=[], alias="另持")
    probation: Years | None = Field(default=None, alias="见习")
    practice: PracticeWord | None = Field(default=None, alias="从业")
    accumulation: Literal["停钟", "连续"] | None = Field(default=None, alias="累计")
    as_of: Literal["申报日", "季末", "年末", "上年末"] | None = Field(default=None, alias="计算至")
    awarded_by: date | None = Field(default=None, alias="毕业截至")
    matching: MatchingWord = Field(default=Matching(), alias="专业对口")
    full_time: Yes = Field(default=False, alias="全日制")
    effective: EffectiveEntry | None = Field(default=None, alias="生效")

    @model_validator(mode="after")
    def _no_contradiction(self) -> RowEntry:
        for problem in self._contradictions():
            raise ValueError(problem)
        return self

    def _contradictions(self) -> Iterator[str]:
        if self.probation is not None and self.practice is not None:
            yield "“见习”和“从业”只能写一个"
        for name, kinds in (("凭", self.kinds), ("另持", self.also_held)):
            if len(set(kinds)) < len(kinds):
                yield f"“{name}”里有重复的学历或学位"
        if not self.years:
            for name, value in (("累计", self.accumulation), ("计算至", self.as_of), ("不对口", self.matching.extra)):
                if value:
                    yield f"这一行没有“见习”或者“从业”的年数，“{name}”就没有用处；请补上年数，或者删去“{name}”"
        if set(self.also_held) & {*self.kinds, *HELD_NAMES}:
            yield "“另持”只写“凭”以外还须持有的学历、学位"
        yield from self._title_contradictions()
        effective = self.effective
        if effective and self.awarded_by and effective.awarded_from and effective.awarded_from > self.awarded_by:
            yield f"“毕业截至”{self.awarded_by} 早于“生效”的“毕业自”{effective.awarded_from}，没有人适用"

    def _title_contradictions(self) -> Iterator[str]:
        titles = [kind for kind in self.kinds if kind in HELD_NAMES]
        if titles and len(titles) < len(self.kinds):
            yield "“凭”里职称和学历学位不能混写；请分成两行，或者把学历学位写进“另持”"
        if not titles and self.also_held:
            yield "“另持”只用于凭职称的行；只凭学历学位的，写进“凭”"
        if not titles:
            return
        for name, value in (
            ("毕业截至", self.awarded_by),
            ("专业对口", self.matching != Matching()),
            ("全日制", self.full_time),
        ):
            if value:
                yield f"“{name}”说的是学历学位，凭职称的行不能写"
        order = list(Level)
        grants = Level.TECHNICIAN if self.grants == "初级职称" else self.grants
        if any(order.index(Level(title)) >= order.index(grants) for title in titles):
            yield f"凭{'、'.join(titles)}职称只能授予更高的级别，不能授予{self.grants}"

    @property
    def of_titles(self) -> bool:
        """凭 names titles held, not schooling."""
        return self.kinds[0] in HELD_NAMES

    @property
    def years(self) -> int:
        """Years of work asked; 0 for none."""
        return self.probation or (self.practice.years if self.practice else 0)


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


class PublicityEntry(Quote):
    """公示: for how many working days names are public, at the unit before it agrees, and of the result before the document."""

    at_unit: WorkingDays | None = Field(default=None, alias="单位")
    of_result: WorkingDays | None = Field(default=None, alias="结果")

    @model_validator(mode="after")
    def _somewhere(self) -> PublicityEntry:
        if self.at_unit is None and self.of_result is None:
            raise ValueError("“公示”要写“单位”或者“结果”的工作日数，至少写一个；通知不要求公示的，删去“公示”")
        return self


class InformationEntry(Entry):
    """告知: a clause that decides nothing, said so."""

    clause: Text = Field(alias="依据")
    about: Text = Field(alias="事项")
    sentence: MaybeSentence = Field(default=None, alias="原文")


class NoticeEntry(Entry):
    """The whole of notice.yaml. What a text at hand only in part may not say (文号, 联系, 审批 …) may be left out."""

    number: Text | None = Field(default=None, alias="文件")
    title: Text = Field(alias="标题")
    issuer: Text = Field(alias="发文机关")
    published: date | None = Field(default=None, alias="发布")
    series: Text = Field(alias="系列")
    windows: Annotated[list[WindowEntry], BeforeValidator(as_windows)] = Field(alias="受理", min_length=1)
    contact: ContactEntry | None = Field(default=None, alias="联系")
    levels: LevelsEntry = Field(alias="级别")
    readings: list[ReadingEntry] = Field(default=[], alias="口径")
    equivalences: list[EquivalenceEntry] = Field(default=[], alias="等同")
    floors: list[FloorEntry] = Field(default=[], alias="起点")
    gates: list[GateEntry] = Field(alias="准入", min_length=1)
    rows: list[RowEntry] = Field(alias="初定", min_length=1)
    yields: YieldEntry | None = Field(default=None, alias="让位")
    materials: list[MaterialEntry] = Field(default=[], alias="材料")
    authorities: list[AuthorityEntry] = Field(default=[], alias="审批")
    divisions: list[DivisionEntry] = Field(default=[], alias="区划")
    publicity: PublicityEntry | None = Field(default=None, alias="公示")
    information: list[InformationEntry] = Field(default=[], alias="告知")

    @property
    def kinds(self) -> tuple[str, ...]:
        """The schoolings, degrees and titles that every notice knows, and those that this one speaks of (等同, 凭, 另持)."""
        spoken = [kind for row in self.rows for kind in (*row.kinds, *row.also_held)]
        return tuple(dict.fromkeys([*BASIC_KINDS, *(each.kind for each in self.equivalences), *spoken]))

    @model_validator(mode="after")
    def _no_contradiction(self) -> NoticeEntry:
        for problem in (*self._level_contradictions(), *self._window_contradictions(), *self._kind_contradictions()):
            raise ValueError(problem)
        return self

    def _level_contradictions(self) -> Iterator[str]:
        questions = [reading.question for reading in self.readings]
        if len(set(questions)) < len(questions):
            yield "“口径”里有同一题写了两次"
        levels = [entry.level for entry in self.levels.levels]
        if len(set(levels)) < len(levels):
            yield "“级别”里有重复"
        tiers = {entry.tier for entry in self.levels.levels}
        for name, given in (
            ("审批", [entry.tier for entry in self.authorities]),
            ("区划", [entry.tier for entry in self.divisions]),
        ):
            if given and sorted(given) != sorted(tiers):
                yield f"“{name}”应当对每个层级各写一条：{'、'.join(sorted(tiers))}"
        yield from self._grant_contradictions(levels)
        yield from self._floor_contradictions(levels)

    def _grant_contradictions(self, levels: list[Level]) -> Iterator[str]:
        granted = {row.grants for row in self.rows} - {"初级职称"}
        if not granted <= set(levels):
            yield "“初定”授予了“级别”里没有的档次"
        if any(row.grants == "初级职称" for row in self.rows) and all(
            reading.question != "初级职称" for reading in self.readings
        ):
            yield "有一行授予“初级职称”，请在“口径”里写明取哪一级"

    def _floor_contradictions(self, levels: list[Level]) -> Iterator[str]:
        for floor in self.floors:
            if floor.lowest not in levels:
                yield f"“起点”的最低级别{floor.lowest}不在“级别”里"
            elif floor.lowest == min(levels, key=list(Level).index):
                yield f"{floor.lowest}本来就是最低一级，“起点”就没有用处；请删去"
        if len({floor.series for floor in self.floors}) < len(self.floors):
            yield "“起点”里有同一系列写了两次"

    def _window_contradictions(self) -> Iterator[str]:
        levels = [entry.level for entry in self.levels.levels]
        for level in levels:
            mine = sorted((each for each in self.windows if not each.levels or level in each.levels), key=_start)
            if not mine:
                yield f"{level}没有受理期；请在“受理”里给它写一段，或者写一段不分级别的"
            for earlier, later in pairwise(mine):
                if later.start <= earlier.end:
                    yield (
                        f"“受理”里{level}的两段重叠：{earlier.start} 至 {earlier.end}，"
                        f"{later.start} 至 {later.end}；请合成一段或者错开"
                    )
        if any(set(window.levels) - set(levels) for window in self.windows):
            yield "“受理”里写了“级别”里没有的档次"

    def _kind_contradictions(self) -> Iterator[str]:
        equal: dict[str, str] = {}
        for entry in self.equivalences:
            if entry.kind in equal:
                yield f"“等同”里{entry.kind}写了两次：同{equal[entry.kind]}，又同{entry.as_kind}"
            equal[entry.kind] = entry.as_kind
        for row in self.rows:
            for kind in (*row.kinds, *row.also_held):
                if kind in equal:
                    yield (f"初定 {row.clause} 直接写了{kind}，“等同”又说它同{equal[kind]}，两处说法不一；请删去一处")


def _start(window: WindowEntry) -> date:
    return window.start


def _all_entries(entry: type[Entry] = Entry) -> dict[str, type[Entry]]:
    found = {entry.__name__: entry}
    for each in entry.__subclasses__():
        found |= _all_entries(each)
    return found


def _entries_in(kind: Any) -> set[type[Entry]]:
    """The entries that a field may hold, however they are wrapped."""
    if isinstance(kind, type) and issubclass(kind, Entry):
        return {kind}
    return {entry for part in get_args(kind) for entry in _entries_in(part)}


def keys_beside(root: str, path: tuple[int | str, ...]) -> frozenset[str]:
    """The keys that may stand where an unknown one does; `root` names the whole entry. Else every key of any entry."""
    known = _all_entries()
    here = {known[root]} if root in known else set()
    for part in path[:-1]:
        if isinstance(part, str):
            fields = (field for entry in here for field in entry.model_fields.values() if field.alias == part)
            here = {entry for field in fields for entry in _entries_in(field.annotation)}
    entries = here or set(known.values())
    return frozenset(field.alias for entry in entries for field in entry.model_fields.values() if field.alias)


def _mistyped(errors: list[ErrorDetails], root: str) -> dict[tuple[int | str, ...], str]:
    """For each unknown key the one that was meant, where one can be told: first of all one that is missing beside it."""
    missing = [each["loc"] for each in errors if each["type"] == "missing"]
    found = {}
    for loc in (each["loc"] for each in errors if each["type"] == "extra_forbidden"):
        beside = [str(each[-1]) for each in missing if each[:-1] == loc[:-1]]
        found[loc] = closest(loc[-1], beside) or closest(loc[-1], keys_beside(root, loc))
    return found


def problems_of(error: ValidationError, document: Document) -> list[Problem]:
    """Every problem of a validation, at its line; a key that was mistyped is one problem and not missing besides."""
    problems = []
    errors = error.errors(include_url=False)
    meant_by = _mistyped(errors, error.title)
    written = {(*loc[:-1], word) for loc, word in meant_by.items()}
    for single in errors:
        if single["type"] == "missing" and single["loc"] in written:
            continue
        path = tuple(part for part in single["loc"] if part not in ("level", "literal['初级职称']"))
        if path[:2] == ("受理", 0) and isinstance(document.data["受理"], dict):
            path = ("受理", *path[2:])  # written without the list
        meant = meant_by.get(single["loc"])
        where, sentence = place_said(path), describe(single)[1] + (f"，是不是“{meant}”" if meant else "")
        line = document.line(path or _section_of(sentence, document))
        problems.append(Problem(document.file, line, f"{where}：{sentence}" if where else sentence))
    return problems


def _section_of(sentence: str, document: Document) -> tuple[str, ...]:
    """Where sections contradict one another: the first one that the sentence names (“受理”)."""
    named = [word for word in re.findall("“([^”]+)”", sentence) if (word,) in document.lines]
    return tuple(named[:1])
