"""The only bridge out of a file: facts for the law engine, a declaration for print, an award for a certificate."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from chuding.applications.models import Engagement, SocialInsuranceState
from chuding.certificates.award import Award
from chuding.policy.assess import assess
from chuding.policy.facts import Facts
from chuding.policy.notice import load_notice
from chuding.policy.terms import Level

if TYPE_CHECKING:
    from datetime import date, datetime

    from chuding.applications.models import Application, Education
    from chuding.policy.assess import Report
    from chuding.policy.notice import Notice

SHANGHAI = ZoneInfo("Asia/Shanghai")


def local_day(at: datetime) -> date:
    """The calendar day in Asia/Shanghai, the only day that law speaks of."""
    return at.astimezone(SHANGHAI).date()


def notice_of(application: Application) -> Notice:
    """The notice that this file was filed under."""
    return load_notice(application.notice_id)


def _credentials(education: Education) -> list[dict[str, Any]]:
    matches = education.field_matches
    found: list[dict[str, Any]] = []
    if education.schooling:
        day = education.graduated_on.isoformat() if education.graduated_on else None
        found.append({"kind": education.schooling, "awarded_on": day, "field_matches": matches})
    if education.degree:
        day = education.degree_on.isoformat() if education.degree_on else None
        found.append({"kind": education.degree, "awarded_on": day, "field_matches": matches})
    return found


def _sanctions(application: Application) -> list[dict[str, str]] | None:
    if application.sanctioned is None:
        return None
    if not application.sanctioned:
        return []
    if application.sanction_from is None or application.sanction_until is None:
        return None
    return [{"from": application.sanction_from.isoformat(), "until": application.sanction_until.isoformat()}]


def facts_as_json(application: Application, filed_on: date) -> dict[str, Any]:
    """The file in the shape of `chuding assess` (policy.md §0); what was not stated is left out."""
    spells = [spell for spell in application.spells.all() if spell.in_specialty]
    kind = application.employer_kind
    contract = application.engagement == Engagement.EMPLOYMENT_CONTRACT
    established = application.established_post
    if established is None and (application.engagement and (not contract or (kind and kind != "public_institution"))):
        established = False  # an established post exists only in a public institution (五（三）4)
    retired_on = {None: None, False: "never"}.get(application.retired, filed_on.isoformat())
    insurance = {SocialInsuranceState.FOUND: True, SocialInsuranceState.NOT_FOUND: False}
    values: dict[str, Any] = {
        "filed_on": filed_on.isoformat(),
        "specialty": application.specialty or None,
        "identity": application.identity or None,
        "permit": application.permit or ("none" if application.identity == "mainland" else None),
        "works_in_jurisdiction": application.works_in_jurisdiction,
        "engagement": application.engagement or None,
        "civil_servant": application.civil_servant,
        "retired_on": retired_on,
        "sanctions": _sanctions(application),
        "credentials": [c for education in application.educations.all() for c in _credentials(education)] or None,
        "work": [
            {"from": s.started_on.isoformat(), "to": s.ended_on.isoformat() if s.ended_on else None} for s in spells
        ],
        "assessed_fit": application.assessed_fit,
        "established_post": established,
        "established_post_since": application.established_post_since.isoformat()
        if application.established_post_since
        else None,
        "social_insurance_found": insurance.get(SocialInsuranceState(application.social_insurance)),
    }
    if not application.spells.all():
        values["work"] = None
    return {key: value for key, value in values.items() if value is not None}


def facts_of(application: Application, filed_on: date) -> Facts:
    """The file as the law engine's facts on the day it was, or would be, filed."""
    return Facts.model_validate(facts_as_json(application, filed_on))


def assess_file(application: Application, filed_on: date) -> Report:
    """The law engine's report on this file under its own notice."""
    return assess(notice_of(application), facts_of(application, filed_on))


def required_codes(report: Report, level: str = "") -> frozenset[str]:
    """The codes of 五（三） that this person must upload; what is unknown is not yet demanded."""
    del level
    return frozenset(material.code for material in report.materials if material.required is True)


def clause_of(report: Report, level: str) -> str:
    """The clause that gives the level, such as 二(二); empty where none is met."""
    clauses = report.levels[Level(level)].clauses
    return clauses[0] if clauses else ""


def award_of(
    application: Application, *, report: Report, office: str, issuer: str, document_number: str, approved_on: date
) -> Award:
    """The frozen award that a certificate is made from.

    取得时间 is the day the authority approved: the notice gives no earlier effective date (七).
    """
    notice = notice_of(application)
    specialty = notice.catalogue.find(application.specialty)
    if specialty is None or application.number is None:
        msg = f"application {application.ref} has no number or no specialty of its notice"
        raise ValueError(msg)
    return Award(
        office=office,
        issuer=issuer,
        notice_id=notice.id,
        notice_number=notice.number,
        notice_digest=application.notice_digest,
        clause=clause_of(report, application.level),
        level=application.level,
        qualification=Level(application.level).title,
        series=specialty.series,
        major=specialty.major,
        minor=specialty.minor or "",
        holder_name=application.full_name,
        sex=application.sex,
        born_on=application.born_on,
        identity_type=application.identity_type,
        identity_number=application.identity_number,
        employer_name=application.employer_name,
        application_number=application.number,
        document_number=document_number,
        qualified_on=approved_on,
        approved_on=approved_on,
    )
