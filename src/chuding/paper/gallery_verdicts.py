"""The page that says a verdict, in the gallery: usual, with more than a page could hold at first, and in English."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from chuding.paper.letters import VerdictData, VerdictLevel, VerdictLine

if TYPE_CHECKING:
    from collections.abc import Iterator

_QUOTE = "大学本科毕业，从事本专业技术工作满1年，经考核合格，可初定助理级职称。"
_MET = VerdictLine("yes", "符合", "大学本科毕业，所学与申报专业相符。", "二（二）", quote=_QUOTE)
_UNMET = VerdictLine(
    "no",
    "不符合",
    "从事本专业技术工作不满1年。",
    "二（二）",
    "从2023年9月1日算起，到2024年6月28日是9个月又27天。",
    "2024年9月1日以后再申报。",
    _QUOTE,
)
_OPEN = VerdictLine("unknown", "还不知道", "考核是否合格没有填。", "二（二）", todo="请向单位人事部门了解。")
_OFFICE = "由镇江市职工技术协会审批。"
_LEVEL = VerdictLevel(
    "助理级", "no", "现在还不能申报", "二（二）", ("最早可于2024年9月1日申报。",), _OFFICE, (_MET, _UNMET, _OPEN), ()
)
_USUAL = VerdictData(
    language="zh-hans",
    title="职称初定条件对照结果",
    notice="依据《关于做好镇江市2024年度综合工程专业初级职称初定工作的通知》（镇技协〔2024〕1号）",
    filed="按2024年6月28日申报判断",
    levels=(
        _LEVEL,
        replace(
            _LEVEL,
            name="员级",
            answer="yes",
            word="现在可以申报",
            when=("资格取得时间：2024年6月28日。",),
            lines=(_MET,),
        ),
    ),
    common_title="共同的条件：每一级都要符合",
    common=(_OPEN,),
    common_met="另有6项已经符合。",
    given_title="依据的情况",
    given=(("学历", "大学本科，2023年6月20日"), ("工作", "2023年9月1日至今"), ("专业", "机械设计")),
    materials_title="要准备的材料",
    materials=("1. 单位同意申报证明（盖章）", "2. 毕业证书、学位证书或者学信网电子注册备案表", "3. 工作总结"),
    quote_title="通知原文：",
    notes=("对照结果仅供参考，以审核为准。",),
    digest="通知数据的指纹：9f3c21ab04d7e815",
    sample=True,
)

_LINE = VerdictLine(
    "no",
    "not met",
    "Less than one year of work in this profession.",
    "二（二）",
    "Counted from 1 September 2023.",
    "Apply on or after 1 September 2024.",
    _QUOTE,
)
_ENGLISH = replace(
    _USUAL,
    language="en",
    title="What the notice says of you",
    notice="By the notice 镇技协〔2024〕1号",
    filed="As of an application on 28 June 2024",
    levels=(
        VerdictLevel(
            "Assistant level",
            "no",
            "Not yet",
            "二（二）",
            ("The first day is 1 September 2024.",),
            "Decided by the association.",
            (_LINE,),
            (),
        ),
    ),
    common_title="Conditions of every level",
    common=(_LINE,),
    common_met="Six more are met.",
    given_title="What it rests on",
    given=(("Schooling", "Bachelor, 20 June 2023"), ("Work", "“designer” since 1 September 2023")),
    materials_title="What to prepare",
    materials=("1. Your employer’s consent, stamped", "2. Diploma and degree"),
    quote_title="The notice’s own words:",
    notes=("For guidance only; a person decides.",),
    digest="Digest of the notice: 9f3c21ab04d7e815",
)


def verdicts() -> Iterator[tuple[str, VerdictData]]:
    """A verdict as it usually is, the fullest one, and one in English."""
    yield "verdict-usual", _USUAL
    yield (
        "verdict-long",
        replace(
            _USUAL,
            levels=tuple(replace(_LEVEL, name=name, lines=_LEVEL.lines * 2) for name in ("中级", "助理级", "员级")),
            common=(_UNMET, _OPEN) * 2,
            given=_USUAL.given * 4,
            sample=False,
        ),
    )
    yield "verdict-english", _ENGLISH
