"""The parts of notice.yaml as an official sees them: which fields each has, in the notice's own words. Pure.

The keys are those of policy.schema, whose models check every entry; what stands here is only how a field is asked for.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from chuding.policy.entries import AS_OF, EquivalenceEntry, FloorEntry, WindowEntry
from chuding.policy.facts import BASIC_KINDS
from chuding.policy.schema import (
    READINGS,
    AuthorityEntry,
    ContactEntry,
    DivisionEntry,
    GateEntry,
    InformationEntry,
    LevelEntry,
    MaterialEntry,
    PublicityEntry,
    ReadingEntry,
    RowEntry,
    YieldEntry,
)
from chuding.policy.terms import HELD_NAMES, KIND_NAMES, Level, Tier

if TYPE_CHECKING:
    from chuding.policy.entries import Entry

LEVELS: Final = tuple(level.value for level in Level)
TIERS: Final = tuple(tier.value for tier in Tier)
KINDS: Final = (*KIND_NAMES, *HELD_NAMES)


@dataclass(frozen=True, slots=True)
class Field:
    """One key of an entry. `kind`: line, sentence, clause, day, choice, choices, words, condition, flow, quotes, lines."""

    name: str
    key: str
    kind: str
    label: str
    hint: str = ""
    choices: tuple[str, ...] = ()
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Section:
    """One part: where it stands in the file, whether it is a list, and what its entries are called."""

    key: str
    path: tuple[str, ...]
    title: str
    about: str
    fields: tuple[Field, ...]
    listed: bool = True
    entry: type[Entry] | None = None
    each: str = "条"


CLAUSE: Final = Field("clause", "依据", "clause", "依据哪一条")
SENTENCE: Final = Field("sentence", "原文", "sentence", "原文", "从通知里逐字摘出，标点也要一样。")
_QUOTE: Final = (CLAUSE, SENTENCE)
_WHEN: Final = "例如：事业单位在编；{非: 查到社保缴费}；{全部: [事业单位在编, {在编满: 1年}]}。"

_ROW: Final = (
    *_QUOTE,
    Field("grants", "授予", "choice", "授予", "“初级职称”取哪一级，由“口径”决定。", (*LEVELS, "初级职称")),
    Field("kinds", "凭", "choices", "凭什么学历、学位或者职称", choices=KINDS),
    Field("also_held", "另持", "choices", "另外还须持有", "只用于凭职称的行。", tuple(KIND_NAMES), optional=True),
    Field("probation", "见习", "line", "见习几年", "写成“1年”。见习和从业只填一个。", optional=True),
    Field(
        "practice", "从业", "flow", "从业几年", "写成“3年”，或者 {取得后: 1年, 合计: 3年}、{合计: 3年, 取得前扣减: 1年}。",
        optional=True,
    ),
    Field("awarded_by", "毕业截至", "day", "毕业截至", "这一天以前（含当日）毕业的才适用。", optional=True),
    Field(
        "matching", "专业对口", "flow", "专业对口", "不写就是不要求。可以写：是、审核人判断、{不对口: 加1年}。", optional=True
    ),
    Field("full_time", "全日制", "choice", "须是全日制", choices=("是", "否"), optional=True),
    Field("accumulation", "累计", "choice", "年限怎样累计", "不选就按“口径”。", ("停钟", "连续"), optional=True),
    Field("as_of", "计算至", "choice", "年限计算到哪一天", "不选就按“口径”。", AS_OF, optional=True),
    Field(
        "effective", "生效", "flow", "资格取得时间早于批准的", '例如 {取: 入职之日, 毕业自: 2020-01-01, 依据: 二, 原文: "……"}。',
        optional=True,
    ),
)  # fmt: skip

SECTIONS: Final = {
    section.key: section
    for section in (
        Section(
            "head", (), "标题和文号", "通知的抬头。标题、文号和发文机关须见于通知原文。",
            (
                Field("title", "标题", "line", "标题"),
                Field("number", "文件", "line", "文号", optional=True),
                Field("issuer", "发文机关", "line", "发文机关"),
                Field("published", "发布", "day", "发布日期", optional=True),
                Field("series", "系列", "line", "系列", "专业目录之上的系列，例如“工程”。"),
            ),
            listed=False,
        ),
        Section(
            "windows", ("受理",), "申报期限", "哪几天可以申报；首尾两日都算在内。可以分几段，也可以分级别。",
            (
                Field("start", "自", "day", "自（含当日）"),
                Field("end", "至", "day", "至（含当日）"),
                Field("levels", "级别", "choices", "只限哪些级别", "不选就是各级别都可以。", LEVELS, optional=True),
                *_QUOTE,
            ),
            entry=WindowEntry, each="段",
        ),
        Section(
            "contact", ("联系",), "联系方式", "写在每一页的页脚。",
            (
                Field("name", "联系人", "line", "联系人"),
                Field("telephone", "电话", "line", "电话"),
                Field("wechat", "公众号", "line", "公众号"),
                *_QUOTE,
            ),
            listed=False, entry=ContactEntry,
        ),
        Section(
            "rows", ("初定",), "初定条件表", "一行之内全部满足，各行之间满足任一。", _ROW, entry=RowEntry, each="行"
        ),
        Section(
            "gates", ("准入",), "人人须满足的条件", "不论哪一级都要问的条件，全部满足才能申报。",
            (
                Field("name", "名称", "line", "名称"),
                Field("condition", "条件", "line", "条件（写给申报人看）"),
                *_QUOTE,
                Field("also", "另见", "quotes", "另见", "另外还有依据的，一行一处，写成“条款：原文”。", optional=True),
                Field(
                    "must", "须", "condition", "怎样判断",
                    "例如：在我市；{非: 公务员或参公}；{用工: [劳动（聘用）合同, 自由职业]}；{任一: [在我市, 考核合格]}。",
                ),
                Field("advice", "怎么办", "words", "不满足的怎么办（写给申报人看）"),
            ),
            entry=GateEntry, each="项",
        ),
        Section(
            "levels", ("级别", "档次"), "级别", "从低到高。",
            (
                Field("level", "级别", "choice", "级别", choices=LEVELS),
                Field("tier", "层级", "choice", "层级", "审批和区划按层级定。", TIERS),
                Field("title", "资格名称", "line", "资格名称"),
            ),
            entry=LevelEntry, each="级",
        ),
        Section("levels_quote", ("级别",), "级别的依据", "通知在哪里规定了这几个级别。", _QUOTE, listed=False),
        Section(
            "authorities", ("审批",), "审批机关", "每个层级由谁审批。",
            (
                Field("tier", "层级", "choice", "层级", choices=TIERS),
                Field("authority", "机关", "line", "审批机关"),
                *_QUOTE,
            ),
            entry=AuthorityEntry,
        ),
        Section(
            "divisions", ("区划",), "申报区划", "每个层级选哪个行政区划。",
            (Field("tier", "层级", "choice", "层级", choices=TIERS), Field("division", "选", "line", "选"), *_QUOTE),
            entry=DivisionEntry,
        ),
        Section(
            "materials", ("材料",), "申报材料", "“须交”和“仅当”写一个，也只写一个。",
            (
                Field("code", "号", "line", "编号"),
                Field("name", "名称", "line", "名称"),
                *_QUOTE,
                Field("required", "须交", "choice", "须交", "人人必交选“是”，只是鼓励选“否”。", ("是", "否"), optional=True),
                Field("when", "仅当", "condition", "只有这些人须交", _WHEN, optional=True),
                Field(
                    "instead", "替代", "flow", "有些人用别的代替", "例如 {仅当: {用工: [自由职业]}, 名称: 代理机构的证明}。",
                    optional=True,
                ),
                Field("note", "说明", "line", "说明（写给申报人看）", optional=True),
            ),
            entry=MaterialEntry, each="项",
        ),
        Section(
            "readings", ("口径",), "口径", "通知没有写明、要选定一种读法的地方。理由和确认情况写在“口径说明”里。",
            (
                Field("question", "题", "choice", "什么问题", choices=tuple(READINGS)),
                Field(
                    "chosen", "取", "choice", "取哪一种",
                    choices=tuple(dict.fromkeys(word for words in READINGS.values() for word in words)),
                ),
                *_QUOTE,
            ),
            entry=ReadingEntry,
        ),
        Section(
            "equivalences", ("等同",), "等同的学历", "技工院校等，等同于哪一种学历。",
            (
                Field("kind", "学历", "choice", "学历", choices=tuple(k for k in KIND_NAMES if k not in BASIC_KINDS)),
                Field("as_kind", "同", "choice", "等同于", choices=tuple(BASIC_KINDS)),
                *_QUOTE,
            ),
            entry=EquivalenceEntry,
        ),
        Section(
            "floors", ("起点",), "起点级别", "有的系列不授予低的级别。",
            (
                Field("series", "系列", "line", "系列", "专业目录里的系列名称。"),
                Field("lowest", "最低", "choice", "最低级别", choices=LEVELS),
                *_QUOTE,
            ),
            entry=FloorEntry,
        ),
        Section(
            "publicity", ("公示",), "公示", "通知要求公示姓名的写；没有要求的不写。",
            (
                Field("at_unit", "单位", "line", "单位同意之前，在单位公示几天", "写成“5个工作日”。", optional=True),
                Field("of_result", "结果", "line", "发文之前，公示结果几天", "写成“5个工作日”。", optional=True),
                *_QUOTE,
            ),
            listed=False, entry=PublicityEntry,
        ),
        Section(
            "yields", ("让位",), "以何为准", "通知说明以别的规定为准的。",
            (
                *_QUOTE,
                Field("to", "于", "line", "以什么为准"),
                Field("loaded", "已载入", "lines", "已经载入的", "一行一个；没有就空着。", optional=True),
            ),
            listed=False, entry=YieldEntry,
        ),
        Section(
            "information", ("告知",), "其他条款", "不决定资格的条款：写给人看，不作判断。每一条款都要有着落。",
            (
                CLAUSE,
                Field("about", "事项", "line", "说的是什么事"),
                Field("sentence", "原文", "sentence", "原文", "可以不摘。", optional=True),
            ),
            entry=InformationEntry,
        ),
    )
}  # fmt: skip

#: What the list of a section shows of each entry besides clause and sentence.
SHOWN: Final = {
    "windows": ("自", "至", "级别"),
    "rows": tuple(field.key for field in _ROW if field not in _QUOTE),
    "gates": ("名称", "须"),
    "levels": ("级别", "层级", "资格名称"),
    "authorities": ("层级", "机关"),
    "divisions": ("层级", "选"),
    "materials": ("号", "名称", "须交", "仅当"),
    "readings": ("题", "取"),
    "equivalences": ("学历", "同"),
    "floors": ("系列", "最低"),
    "information": ("事项",),
}


def entries_of(section: Section, data: object) -> list[dict[str, object]]:
    """The entries of a section as they stand in the file; a list section may be written without the list (受理)."""
    held = data
    for part in section.path:
        held = held.get(part) if isinstance(held, dict) else None
    if isinstance(held, dict):
        return [held]
    return [each for each in held if isinstance(each, dict)] if isinstance(held, list) else []
