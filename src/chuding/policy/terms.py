"""The words of the law room: levels, answers, the kinds of fact, and how each is said in Chinese."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Final, Literal

from chuding.policy.facts import shown


class Level(StrEnum):
    """A level (档次) of the notice's clause 二; the value is the notice's own word.

    The titles that go with a level (技术员, 助理工程师, 工程师) belong to a series and so to the notice:
    see `Notice.title_of`.
    """

    TECHNICIAN = "员级"
    ASSISTANT = "助理级"
    INTERMEDIATE = "中级"


class Tier(StrEnum):
    """初级 or 中级: by tier the notice assigns authority (七) and division (五(一))."""

    JUNIOR = "初级"
    INTERMEDIATE = "中级"


Answer = Literal["yes", "no", "unknown"]

#: Chinese words of `须` and `仅当` in a notice → (fact of the contract, {Chinese value: value of the contract}).
CATEGORIES: Final[dict[str, tuple[str, dict[str, str]]]] = {
    "身份": ("identity", {"内地": "mainland", "港澳台": "hk_macau_taiwan", "外籍": "foreign"}),
    "证件": (
        "permit",
        {
            "无": "none",
            "外国人来华工作许可证": "foreign_work_permit",
            "外国人永久居留身份证": "foreign_permanent_residence",
            "江苏省海外高层次人才居住证": "jiangsu_overseas_talent",
        },
    ),
    "用工": ("engagement", {"劳动（聘用）合同": "employment_contract", "自由职业": "freelance", "无": "none"}),
}

#: The word after which a notice may also name a permit of its own, as its quoted sentence writes it.
PERMITS: Final = "证件"
#: What nobody brings: to have no permit, and no engagement.
NOTHING: Final = "none"

#: Chinese words for facts that are simply true or false.
FLAGS: Final[dict[str, str]] = {
    "在我市": "works_in_jurisdiction",
    "公务员或参公": "civil_servant",
    "考核合格": "assessed_fit",
    "事业单位在编": "established_post",
    "查到社保缴费": "social_insurance_found",
}

#: Chinese words for facts that begin or end on a day.
PERIODS: Final[dict[str, str]] = {"处分影响期内": "sanctions", "在本专业技术岗位": "work"}
RETIRED: Final = "离退休"
ESTABLISHED_FOR: Final = "在编满"

#: Chinese words for a total that must be reached → (fact of the contract, unit).
TOTALS: Final[dict[str, tuple[str, str]]] = {
    "继续教育满": ("continuing_education_hours", "学时"),
    "社保满": ("social_insurance_months", "个月"),
}

#: How a kind of credential is named to people.
KIND_NAMES: Final[dict[str, str]] = {
    "中专": "中专（中等职业学校）学历",
    "大专": "大专学历",
    "本科": "本科学历",
    "学士": "学士学位",
    "第二学士": "第二学士学位",
    "研究生": "研究生学历",
    "硕士": "硕士学位",
    "博士": "博士学位",
    "研究生班": "研究生班毕业",
    "中级工班": "技工院校中级工班毕业",
    "高级工班": "技工院校高级工班毕业",
    "预备技师班": "技工院校预备技师班毕业",
    "技师班": "技工院校技师班毕业",
}

#: How a held title is named to people; `凭` accepts these beside the kinds of credential.
HELD_NAMES: Final[dict[str, str]] = {level.value: f"{level.value}职称" for level in Level}

#: The names of titles by series and level. 工程: 人社部发〔2019〕16号, 一(二) (技术员、助理工程师、工程师). A series that is not
#: here is not compared.
TITLES: Final[dict[str, dict[Level, str]]] = {
    "工程": {Level.TECHNICIAN: "技术员", Level.ASSISTANT: "助理工程师", Level.INTERMEDIATE: "工程师"},
}

#: How a missing fact is named to people.
FACT_NAMES: Final[dict[str, str]] = {
    "filed_on": "申报日期",
    "specialty": "申报专业",
    "identity": "身份（内地、港澳台、外籍）",
    "permit": "外籍人员所持证件",
    "works_in_jurisdiction": "是否在本市从事专业技术工作或者就业",
    "engagement": "用工形式（劳动合同、自由职业）",
    "civil_servant": "是否公务员（含参公人员）",
    "retired_on": "是否离退休",
    "sanctions": "是否受过处分及影响期",
    "credentials": "学历、学位",
    "work": "本专业技术岗位工作经历",
    "assessed_fit": "考核是否合格",
    "established_post": "是否事业单位在编",
    "established_post_since": "在编起始日期",
    "social_insurance_found": "是否查到社保缴费",
    "kind": "学历学位种类",
    "awarded_on": "取得日期",
    "field_matches": "专业是否对口",
    "from": "起始日期",
    "to": "截止日期",
    "until": "影响期届满日期",
    "full_time": "是否全日制",
    "titles": "已取得的职称",
    "level": "级别",
    "held_since": "取得日期",
    "continuing_education_hours": "继续教育学时",
    "social_insurance_months": "缴纳社会保险的月数",
}

_YEARS = re.compile(r"([1-9]\d?)年", re.ASCII)
_ELEMENT = re.compile(r"(?P<list>[a-z_]+)\[(?P<index>\d+)\](?:\.(?P<field>[a-z_]+))?")


#: How one of a list of facts is named to people.
LIST_NAMES: Final[dict[str, str]] = {
    "credentials": "学历学位",
    "work": "工作经历",
    "sanctions": "处分",
    "titles": "职称",
}


def element_of(path: str) -> tuple[str, int, str] | None:
    """`credentials[0].field_matches` → (credentials, 1, field_matches): paths count from 0, people from 1."""
    found = _ELEMENT.fullmatch(path)
    return None if found is None else (found["list"], int(found["index"]) + 1, found["field"] or "")


def read_years(value: object) -> int:
    """`1年` → 1; raises ValueError with a sentence that says how to write it."""
    found = _YEARS.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise ValueError(f"年数写成“1年”“3年”（半角数字），不能是{shown(value)}")
    return int(found[1])


def read_total(word: str, value: object) -> int:
    """`72学时` after 继续教育满, `12个月` after 社保满; raises ValueError with a sentence that says how to write it."""
    unit = TOTALS[word][1]
    found = re.fullmatch(rf"([1-9]\d{{0,4}}){unit}", value, re.ASCII) if isinstance(value, str) else None
    if found is None:
        raise ValueError(f"“{word}”后面写成“12{unit}”（半角数字，大于 0），不能是{shown(value)}")
    return int(found[1])
