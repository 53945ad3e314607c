"""The decisions in the gallery: refusals, and what became of appeals. The people are invented."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from chuding.paper.letters import AppealData, RefusalData

if TYPE_CHECKING:
    from collections.abc import Iterator

_CITY = "镇江市职称（职业资格）工作领导小组办公室"
# As long as a name may be (`accounts.names.LONGEST`).
LONGEST_NAME = "阿卜杜热西提·买买提依明·阿布都克里木·玉素甫江·阿卜杜热西提·买买提依明·阿布都克里木·玉素甫江江"
_LONG_FIELD = "船舶与海洋工程／船舶与海洋工程装备设计制造／船舶与海洋结构物设计与制造技术管理"
_REASON = (
    "您提交的毕业证书显示毕业时间为2024年6月20日，至提交之日从事本专业技术工作未满一年；提交的社会保险缴费记录从2024年7月开始，"
    "不能证明此前的工作经历。"
)
_REFUSAL = RefusalData(
    office="镇江市职工技术协会",
    application_number="ZJ2024-000127-4",
    holder_name="王晓䶮",
    level="助理级",
    qualification="助理工程师",
    field="机械工程／机械制造／机械设计",
    notice_title="关于做好镇江市2024年度综合工程专业初级职称初定工作的通知",
    notice_number="镇技协〔2024〕1号",
    clause="二（二）",
    clause_text="大学本科毕业，从事本专业技术工作满1年，经考核合格，可初定助理级职称。",
    reason=_REASON,
    remedy=(
        "可以在收到本决定之日起10个工作日内（2024年7月4日24时前）向镇江市职工技术协会申请复核，"
        "在本站打开这件申报，写明理由。"
    ),
    decided_on=date(2024, 6, 20),
    submitted_on=date(2024, 5, 20),
    page_url="https://chuding.example.cn/applications/Xk3_9aQ0pLw2/",
    sample=True,
    telephone="0511-80000000",
)
_SHARED = (
    "application_number", "holder_name", "level", "qualification", "field", "notice_title", "notice_number",
    "clause", "clause_text", "page_url", "sample", "telephone",
)  # fmt: skip


def refusals() -> Iterator[tuple[str, RefusalData]]:
    """A refusal as it usually is, and the longest one."""
    yield "refusal-usual", _REFUSAL
    yield (
        "refusal-long",
        replace(
            _REFUSAL,
            office=_CITY,
            holder_name=LONGEST_NAME,
            field=_LONG_FIELD,
            reason="\n".join([_REASON * 2] * 6),
            clause_text=_REFUSAL.clause_text * 5,
            sample=False,
        ),
    )


def appeals() -> Iterator[tuple[str, AppealData]]:
    """A refusal that stands, one that does not, and the longest one."""
    usual = AppealData(
        office=_REFUSAL.office,
        upheld=True,
        answer="核对了您补充说明的社会保险记录：缴费从2024年7月开始，到申报之日不满一年。原决定适用条款正确。",
        refused_on=_REFUSAL.decided_on,
        asked_on=date(2024, 6, 24),
        decided_on=date(2024, 7, 5),
        **{name: getattr(_REFUSAL, name) for name in _SHARED},
    )
    yield "appeal-usual", usual
    granted = "您提供的劳动合同和工资流水能够证明2023年6月至2024年6月从事本专业技术工作，原决定没有采信，应当重新审核。"
    yield "appeal-granted", replace(usual, upheld=False, answer=granted)
    yield (
        "appeal-long",
        replace(
            usual,
            office=_CITY,
            holder_name=LONGEST_NAME,
            field=_LONG_FIELD,
            answer="\n".join([granted * 2] * 6),
            clause_text=usual.clause_text * 5,
            sample=False,
        ),
    )
