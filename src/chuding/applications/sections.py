"""The seven rows of the task list: what each holds and when it is done. Data first, then two questions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from chuding.accounts.identity import IdentityKind
from chuding.applications.asked import HOURS, MONTHS, TITLES, asked_by_some, barring_asked
from chuding.applications.characters import slips, texts_of
from chuding.applications.models import Engagement, Identity, Permit

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from chuding.applications.models import Application, Material
    from chuding.policy.notice import Notice


@dataclass(frozen=True)
class Section:
    """One row: its key in addresses, its title, and the fields of Application that it may set."""

    key: str
    title: str
    fields: tuple[str, ...]


SECTIONS = (
    Section(
        "identity",
        "核对身份信息",
        (
            "full_name", "identity", "identity_type", "identity_number", "identity_until", "nationality", "foreign_name", "sex", "born_on", "permit", "permit_number",
            "permit_until", "civil_servant", "retired", "sanctioned", "sanction_from", "sanction_until",
        ),
    ),
    Section("schooling", "填写学历学位", ()),
    Section(
        "work",
        "填写工作经历和考核",
        (
            "assessed_fit", "continuing_education_hours", "social_insurance_months", "held_title", "held_title_since",
        ),
    ),
    Section(
        "employer",
        "选择工作单位",
        (
            "works_in_jurisdiction", "engagement", "employer", "employer_name", "employer_uscc", "employer_kind", "post",
            "established_post", "established_post_since",
        ),
    ),
    Section("specialty", "选择级别和专业", ("level", "specialty", "series")),
    Section("materials", "上传材料", ()),
    Section("commitment", "阅读并签署承诺", ("commitment_name", "commitment_at")),
)  # fmt: skip
# Documents whose validity ends and is asked; that of a 外国人永久居留身份证 is asked as the permit it also is.
DATED = frozenset(
    {
        IdentityKind.HMT_RESIDENCE_PERMIT,
        IdentityKind.HK_MACAU_PERMIT,
        IdentityKind.TAIWAN_PERMIT,
        IdentityKind.PASSPORT,
    }
)
SECTION = {section.key: section for section in SECTIONS}


_BARRING_WORDS = {
    "civil_servant": "是否公务员（含参公人员）",
    "retired": "是否离退休",
    "sanctioned": "是否受过处分",
}


def _identity_missing(application: Application, notice: Notice, on: date) -> list[str]:
    missing = []
    if not application.full_name:
        missing.append("请填写姓名")
    if not application.identity:
        missing.append("请选择身份类别")
    if not application.identity_number:
        missing.append("请填写证件号码")
    missing += _papers_missing(application, on)
    unanswered = (name for name in barring_asked(notice) if getattr(application, name) is None)
    return missing + [f"请回答{_BARRING_WORDS[name]}" for name in unanswered]


def _papers_missing(application: Application, on: date) -> list[str]:
    """What is missing of the document and, for foreign nationals, the permit; both must be valid on the day."""
    missing = []
    if application.identity_type in DATED and not application.identity_until:
        missing.append("请填写证件的有效期")
    if application.identity_until and application.identity_until < on:
        missing.append("证件已过期，请填写有效的证件")
    if application.identity_type == IdentityKind.PASSPORT and not application.nationality:
        missing.append("请填写国籍代码")
    if application.identity == Identity.FOREIGN and not application.permit:
        missing.append("请说明持有哪一种在华工作或居留证件")
    if application.permit not in {"", Permit.NONE} and not application.permit_number:
        missing.append("请填写工作或居留证件的号码")
    if application.permit_until and application.permit_until < on:
        missing.append("工作或居留证件已过期，请填写有效的证件")
    return missing


def _schooling_missing(application: Application) -> list[str]:
    rows = list(application.educations.all())
    if not rows:
        return ["请至少填写一段学历或学位"]
    # What the self-check brings along has no school yet.
    unfinished = any(not (row.school and row.major and row.study_mode) for row in rows)
    return ["请补填学校、所学专业和学习形式"] if unfinished else []


def _work_missing(application: Application, asked: frozenset[str]) -> list[str]:
    rows = list(application.spells.all())
    missing = [] if rows else ["请至少填写一段工作经历"]
    if any(not (row.employer_name and row.post) for row in rows):
        missing.append("请补填单位和岗位")
    missing += [] if application.assessed_fit is not None else ["请向单位问清考核是否合格，并填写"]
    if HOURS in asked and application.continuing_education_hours is None:
        missing.append("请填写本年度继续教育学时")
    if MONTHS in asked and application.social_insurance_months is None:
        missing.append("请填写缴纳社会保险的月数")
    if TITLES in asked and not application.held_title:
        missing.append("请说明已取得的职称")
    return missing


def _employer_missing(application: Application, notice: Notice) -> list[str]:
    missing = []
    if application.works_in_jurisdiction is None:
        missing.append(f"请回答是否在{notice.place}工作")
    if not application.engagement:
        missing.append("请说明与单位的关系")
    if application.engagement == Engagement.EMPLOYMENT_CONTRACT:
        if not application.employer_name:
            missing.append("请填写工作单位")
        if application.employer_kind == "public_institution" and application.established_post is None:
            missing.append("请回答是否事业单位在编")
        if application.established_post and not application.established_post_since:
            missing.append("请填写入编日期")
    return missing


def _specialty_missing(application: Application) -> list[str]:
    missing = [] if application.level else ["请选择申报级别"]
    return missing if application.specialty else [*missing, "请选择申报专业"]


def _materials_missing(application: Application, notice: Notice, required: frozenset[str]) -> list[str]:
    given = {material.code for material in application.current_materials()}
    return [f"请上传材料{rule.code}：{rule.name}" for rule in notice.materials if rule.code in required - given]


def missing_in(application: Application, section: str, notice: Notice, required: frozenset[str], on: date) -> list[str]:
    """What still has to be given in one section, as sentences; empty when it is done.

    `required` is the set of material codes that the law engine says this person must upload.
    """
    questions: dict[str, Callable[[], list[str]]] = {
        "identity": lambda: _identity_missing(application, notice, on),
        "schooling": lambda: _schooling_missing(application),
        "work": lambda: _work_missing(application, asked_by_some(notice)),
        "employer": lambda: _employer_missing(application, notice),
        "specialty": lambda: _specialty_missing(application),
        "materials": lambda: _materials_missing(application, notice, required),
        "commitment": lambda: [] if application.commitment_at else ["请阅读并签署个人承诺"],
    }
    return questions[section]() + slips(texts_of(application, section))


def part_title(part: str) -> str:
    """A part of a correction in words: 材料2, or a section's title."""
    kind, _, key = part.partition(":")
    return f"材料{key}" if kind == "material" else SECTION[key].title


def mends(section: str, parts: frozenset[str]) -> bool:
    """Whether an open correction lets this section be changed (only what was sent back is open)."""
    if section == "materials":
        return any(part.startswith("material:") for part in parts)
    return section == "commitment" or f"section:{section}" in parts


def material_is_open(material: Material | str, parts: frozenset[str]) -> bool:
    """Whether an open correction lets this material be replaced."""
    code = material if isinstance(material, str) else material.code
    return f"material:{code}" in parts
