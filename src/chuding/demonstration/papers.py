"""The papers that the invented people upload: real PDFs with plain words, marked 演示材料 on every page."""

from __future__ import annotations

import json
from datetime import UTC
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import typst

if TYPE_CHECKING:
    from datetime import datetime

    from chuding.demonstration.cast import Character

_TEMPLATE = Path(__file__).parent / "templates" / "paper.typ"


@cache
def _compiler(fonts: Path) -> typst.Compiler:
    faces = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(fonts)])
    return typst.Compiler(str(_TEMPLATE), root=str(_TEMPLATE.parent), font_paths=faces, ignore_system_fonts=True)


def _content(who: Character, code: str) -> tuple[str, list[str], str]:
    employer = who.spells[0]["employer_name"]
    education = who.educations[0]
    post, name = who.employer["post"], who.name
    graduated = education["graduated_on"]
    day = f"{graduated.year}年{graduated.month}月{graduated.day}日"
    texts: dict[str, tuple[str, list[str], str]] = {
        "1": (
            "单位同意申报证明",
            [
                f"兹证明{name}同志系我单位职工，从事{who.specialty.split('/')[-1]}专业技术工作，现任{post}。",
                f"经考核合格，同意其申报{who.level}专业技术资格初定。所提交的材料真实、完整。",
            ],
            employer,
        ),
        "2": (
            f"{education['schooling']}毕业证书" + (f"、{education['degree']}学位证书" if education["degree"] else ""),
            [
                f"学生{name}，在{education['school']}{education['major']}专业学习期满，成绩合格，准予毕业。",
                f"毕业日期：{day}。证书编号：{education['schooling_number']}。",
            ]
            + (
                [f"授予{education['degree']}学位，证书编号：{education['degree_number']}。"]
                if education["degree"]
                else []
            ),
            education["school"],
        ),
        "3": (
            "工作总结",
            [
                f"本人{name}，毕业于{education['school']}{education['major']}专业，在{employer}从事本专业技术工作。",
                "在岗期间参与工艺改进和现场技术服务，完成图纸校核、试验记录和质量分析，独立承担分项任务，撰写技术小结。",
                "遇到问题先查标准和规范，再做对比试验，把结果写进作业指导书；对新同事讲解设备原理和安全要求。",
                "今后将继续学习本专业新标准、新工艺，提高解决现场问题的能力。",
            ],
            "",
        ),
        "4": ("年度考核表", [f"{name}同志上一年度考核等次：合格。"], employer),
        "5": (
            "社会保险缴费证明",
            [f"{name}在{employer}参加社会保险，缴费情况以经办机构记录为准。"],
            "演示社会保险经办机构",
        ),
        "6": ("继续教育证明", [f"{name}本年度完成专业科目60学时、公需科目30学时。"], "演示继续教育基地"),
    }
    return texts[code]


def sample_paper(who: Character, code: str, *, fonts: Path, at: datetime) -> bytes:
    """One paper of 五（三） for this invented person, as a PDF."""
    title, lines, signature = _content(who, code)
    given = who.educations[0]["graduated_on"] if code == "2" else at
    data = {
        "title": title,
        "lines": lines,
        "signature": signature,
        "day": f"{given.year}年{given.month}月{given.day}日",
    }
    pdf = _compiler(fonts).compile(
        sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
        format="pdf",
        timestamp=at.astimezone(UTC).replace(microsecond=0),
    )
    if not isinstance(pdf, bytes):
        raise TypeError("the typesetter gave no single PDF")
    return pdf
