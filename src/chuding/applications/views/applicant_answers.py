"""All answers of a file, as rows to check: what was said, in the words it was asked in."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils.translation import gettext

from chuding.accounts.identity import KIND_NAMES, IdentityKind
from chuding.accounts.masking import mask_identity
from chuding.accounts.names import PLACEHOLDER
from chuding.applications.asked import HOURS, MONTHS, TITLES, asked_by_some, barring_asked
from chuding.applications.forms.employer import KINDS
from chuding.applications.forms.pieces import day_words
from chuding.applications.models import Engagement, Identity
from chuding.applications.places import in_city
from chuding.applications.roster.models import names_others
from chuding.applications.sections import DATED, SECTIONS
from chuding.applications.sentences import Typed
from chuding.applications.services.submission import filing_day
from chuding.applications.translate import notice_of
from chuding.applications.verdicts import speech_here
from chuding.applications.work_history import hints_of
from chuding.policy.speech import Named
from chuding.storage.clock import now

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from chuding.applications.models import Application, Education, Material, WorkSpell

Row = dict[str, Any]


def yes_no(value: bool | None) -> str:
    """是, 否, or nothing where it was not said."""
    return {True: "是", False: "否", None: ""}[value]


def _day(day: date | None) -> str:
    return day_words(day) if day else ""


def _identity(a: Application) -> list[Row]:
    kind = KIND_NAMES[IdentityKind(a.identity_type)] if a.identity_type else ""
    rows: list[Row] = [
        {
            "key": gettext("姓名"),
            "value": Typed(a.full_name),
            "note": gettext("“〓”由工作人员按您上传的写法录入。") if PLACEHOLDER in a.full_name else "",
        },
        *([{"key": gettext("外文姓名"), "value": Typed(a.foreign_name)}] if a.foreign_name else []),
        {
            "key": gettext("证件"),
            "values_list": [part for part in (kind, mask_identity(a.identity_number or "")) if part],
        },
        *([{"key": gettext("证件有效期"), "value": _day(a.identity_until)}] if a.identity_type in DATED else []),
        *([{"key": gettext("国籍"), "value": Typed(a.nationality or "")}] if a.identity == Identity.FOREIGN else []),
        {"key": gettext("性别"), "value": a.sex},
        {"key": gettext("出生日期"), "value": _day(a.born_on)},
    ]
    if a.identity == Identity.FOREIGN:
        until = gettext("有效期至%(day)s") % {"day": day_words(a.permit_until)} if a.permit_until else ""
        lines = [a.get_permit_display(), a.permit_number, until]
        rows.append({"key": gettext("工作或居留证件"), "values_list": [line for line in lines if line]})
    barring: dict[str, Row] = {
        "civil_servant": {"key": gettext("公务员或参公人员"), "value": yes_no(a.civil_servant)},
        "retired": {"key": gettext("离退休"), "value": yes_no(a.retired)},
        "sanctioned": {"key": gettext("在处分影响期内"), "value": yes_no(a.sanctioned), "note": _sanction(a)},
    }
    return rows + [barring[name] for name in barring_asked(notice_of(a))]


def _sanction(a: Application) -> str:
    if not a.sanctioned:
        return ""
    end = _day(a.sanction_until) or gettext("不清楚哪一天结束")
    return gettext("%(start)s起，到%(end)s") % {"start": _day(a.sanction_from), "end": end}


def education_lines(e: Education) -> list[str]:
    """One schooling in a few lines."""
    schooling, degree = e.schooling, e.degree
    if e.schooling and e.graduated_on:
        day = day_words(e.graduated_on)
        schooling = gettext("%(schooling)s，%(day)s毕业") % {"schooling": gettext(e.schooling), "day": day}
    if e.degree and e.degree_on:
        day = day_words(e.degree_on)
        degree = gettext("%(degree)s学位，%(day)s授予") % {"degree": gettext(e.degree), "day": day}
    matches = {True: gettext("专业对口"), False: gettext("专业不对口"), None: gettext("是否对口：不清楚")}
    mode = e.get_study_mode_display().partition("（")[0]
    lines = [
        Typed(f"{e.school} {e.major}".strip()),
        schooling,
        degree,
        mode and gettext(mode),
        matches[e.field_matches],
    ]
    return [line for line in lines if line]


def _schooling(a: Application) -> list[Row]:
    rows = [
        {
            "key": gettext("学历%(place)s") % {"place": place},
            "values_list": education_lines(each),
            "note": _numbers(each),
        }
        for place, each in enumerate(a.educations.order_by("id"), 1)
    ]
    return rows or [{"key": gettext("学历学位"), "value": ""}]


def _numbers(e: Education) -> str:
    pairs = (
        (gettext("毕业证书"), e.schooling_number),
        (gettext("学位证书"), e.degree_number),
        (gettext("学信网验证码"), e.verification_code),
    )
    return gettext("，").join(f"{name} {number}" for name, number in pairs if number)


def spell_lines(s: WorkSpell) -> list[str]:
    """One spell in a few lines, with the last day in it."""
    start = day_words(s.started_on)
    if s.ended_on:
        span = gettext("%(start)s至%(end)s") % {"start": start, "end": day_words(s.ended_on - timedelta(days=1))}
    else:
        span = gettext("%(start)s至今") % {"start": start}
    kind = gettext("本专业技术工作") if s.in_specialty else gettext("不是本专业技术工作")
    return [Typed(f"{s.employer_name} {s.post}".strip()), span, kind]


def _work(a: Application) -> list[Row]:
    hours, asked = a.continuing_education_hours, asked_by_some(notice_of(a))
    rows: list[Row] = [
        {"key": gettext("经历%(place)s") % {"place": place}, "values_list": spell_lines(each)}
        for place, each in enumerate(a.spells.order_by("started_on", "id"), 1)
    ]
    rows = rows or [{"key": gettext("工作经历"), "value": ""}]
    rows += [
        {"key": gettext("单位考核合格"), "value": yes_no(a.assessed_fit) or ("不清楚" if a.spells.exists() else "")},
        {
            "key": gettext("继续教育"),
            "value": gettext("%(hours)s 学时") % {"hours": hours} if hours is not None else "",
            "note": "" if HOURS in asked else gettext("不作硬性要求"),
        },
    ]
    if MONTHS in asked:
        months = a.social_insurance_months
        value = gettext("%(months)s 个月") % {"months": months} if months is not None else ""
        rows.append({"key": gettext("缴纳社会保险的月数"), "value": value})
    if TITLES in asked:
        lines = [a.get_held_title_display() or "", _day(a.held_title_since)]
        rows.append({"key": gettext("已取得的职称"), "values_list": [line for line in lines if line]})
    hints = hints_of(a, filing_day(a, now()))
    if hints:
        rows.append({"key": gettext("请留意"), "values_list": hints})
    return rows


def _employer(a: Application) -> list[Row]:
    rows: list[Row] = [
        {"key": in_city(gettext("在{place}工作"), notice_of(a)), "value": yes_no(a.works_in_jurisdiction)},
        {"key": gettext("和单位的关系"), "value": a.get_engagement_display()},
    ]
    if a.agency:
        rows.append({"key": gettext("人事代理机构"), "values_list": [Typed(a.agency.name), Typed(a.agency.uscc)]})
    if a.engagement == Engagement.EMPLOYMENT_CONTRACT:
        rows += [
            {
                "key": gettext("工作单位"),
                "values_list": [Typed(line) for line in (a.employer_name, a.employer_uscc) if line],
            },
            {"key": gettext("单位性质"), "value": dict(KINDS).get(a.employer_kind, "")},
            {"key": gettext("岗位"), "value": Typed(a.post)},
        ]
        if a.employer_kind == "public_institution":
            since = (
                gettext("%(day)s入编") % {"day": day_words(a.established_post_since)}
                if a.established_post_since
                else ""
            )
            rows.append({"key": gettext("事业单位在编"), "value": yes_no(a.established_post), "note": since})
    return rows


def _specialty(a: Application) -> list[Row]:
    notice = notice_of(a)
    specialty = notice.catalogue.find(a.specialty)
    titles = {str(rule.level): rule.title for rule in notice.levels}
    level, speech = "", speech_here()
    if a.level in titles:
        words = {"level": speech.say(Named(a.level)), "title": speech.own_words(titles[a.level])}
        level = gettext("%(level)s（%(title)s）") % words
    return [
        {"key": gettext("申报级别"), "value": level},
        {"key": gettext("申报专业"), "value": Typed(specialty.label if specialty else "")},
    ]


def thumbnail_of(application: Application, material: Material) -> str:
    """The address of a material's first page in small; "" while it is not drawn, and where it names others."""
    if not material.pages_ready or names_others(application, material):
        return ""
    return reverse("material_file", args=[application.ref, material.ref]) + "?page=1"


def _materials(a: Application) -> list[Row]:
    speech = speech_here()
    names = {rule.code: speech.own_words(rule.name) for rule in notice_of(a).materials}
    return [
        {
            "key": gettext("材料%(code)s") % {"code": each.code},
            "value": Typed(each.name),
            "note": gettext("%(code)s，共%(pages)s页") % {"code": names[each.code], "pages": each.pages},
            "image": thumbnail_of(a, each),
        }
        for each in a.current_materials()
    ] or [{"key": gettext("材料"), "value": ""}]


def _commitment(a: Application) -> list[Row]:
    return [{"key": gettext("承诺签名"), "value": Typed(a.commitment_name if a.commitment_at else "")}]


_ANSWERS: dict[str, Callable[[Application], list[Row]]] = {
    "identity": _identity,
    "schooling": _schooling,
    "work": _work,
    "employer": _employer,
    "specialty": _specialty,
    "materials": _materials,
    "commitment": _commitment,
}


def answers(application: Application) -> list[dict[str, Any]]:
    """One group a section: its title, where to change it, its rows."""
    found = []
    for section in SECTIONS:
        url = reverse("application_section", args=[application.ref, section.key])
        rows = _ANSWERS[section.key](application)
        for row in rows:
            row["href"] = url
        found.append({"key": section.key, "title": section.title, "href": url, "rows": rows})
    return found
