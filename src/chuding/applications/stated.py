"""What a person stated besides the law engine's facts, kept with each submission, so that a change shows field by field."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from chuding.accounts.masking import mask_identity

if TYPE_CHECKING:
    from chuding.applications.models import Application, Assessment, Education, WorkSpell

NUMBER = "证件号码"


def stated_of(application: Application) -> dict[str, str]:
    """Field and value, in words, of what the engine is not asked about; empty values too."""
    a = application
    stated = {
        "姓名": a.full_name,
        NUMBER: a.identity_number or "",
        "证件有效期": f"{a.identity_until:%Y-%m-%d}" if a.identity_until else "",
        "国籍": a.nationality or "",
        "外文姓名": a.foreign_name or "",
        "居留或工作许可号码": a.permit_number,
        "工作单位": a.employer_name,
        "统一社会信用代码": a.employer_uscc,
        "岗位": a.post,
    }
    for n, row in enumerate(a.educations.order_by("id"), start=1):
        stated |= {f"第{n}条学历：{name}": value for name, value in _education(row).items()}
    for n, spell in enumerate(a.spells.order_by("id"), start=1):
        stated |= {f"第{n}段工作：{name}": value for name, value in _spell(spell).items()}
    return stated


def _education(row: Education) -> dict[str, str]:
    return {
        "学校": row.school,
        "所学专业": row.major,
        "学习形式": row.get_study_mode_display(),
        "入学时间": f"{row.enrolled_on:%Y-%m-%d}" if row.enrolled_on else "",
        "毕业证书编号": row.schooling_number,
        "学位证书编号": row.degree_number,
        "学信网在线验证码": row.verification_code,
    }


def _spell(row: WorkSpell) -> dict[str, str]:
    return {"单位": row.employer_name, "岗位": row.post}


def stated_changes(before: Assessment, now: Assessment) -> list[dict[str, str]]:
    """What two submissions state differently: name, before, now. Nothing where one of them did not keep it."""
    if before.stated is None or now.stated is None:
        return []
    old, new = json.loads(before.stated), json.loads(now.stated)
    return [
        {"name": name, "before": _shown(name, old), "now": _shown(name, new)}
        for name in dict.fromkeys((*new, *old))
        if old.get(name, "") != new.get(name, "")
    ]


def _shown(name: str, held: dict[str, str]) -> str:
    value = held.get(name, "")
    return (mask_identity(value) if name == NUMBER else value) or "未填"
