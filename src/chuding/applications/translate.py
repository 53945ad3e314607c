"""The only bridge out of a file: facts for the law engine, a declaration for print, an award for a certificate."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings

from chuding.accounts.identity import KIND_NAMES, IdentityKind
from chuding.accounts.models import Employer
from chuding.applications.education_choices import is_full_time
from chuding.applications.material_kinds import Kind, code_of
from chuding.applications.models import NO_UNIT, Engagement, HeldTitle, SocialInsuranceState
from chuding.applications.texts import COMMITMENT
from chuding.certificates.award import Award
from chuding.notices.shelf import load
from chuding.paper.typeset import DeclarationData, Opinion, RosterRow, SchoolingRow, WorkRow
from chuding.policy.assess import assess
from chuding.policy.facts import Facts
from chuding.policy.terms import Level
from chuding.storage.clock import SHANGHAI

if TYPE_CHECKING:
    from datetime import date, datetime

    from chuding.applications.models import Application, Education
    from chuding.policy.assess import Report
    from chuding.policy.catalogue import Specialty
    from chuding.policy.notice import Notice

_BY_HAND = "　"
_INSURANCE = {str(SocialInsuranceState.FOUND): "系统已查到", str(SocialInsuranceState.NOT_FOUND): "见材料{}"}


def local_day(at: datetime) -> date:
    """The calendar day in Asia/Shanghai, the only day that law speaks of."""
    return at.astimezone(SHANGHAI).date()


def notice_of(application: Application) -> Notice:
    """The notice that this file was filed under."""
    return load(application.notice_id, application.notice_digest)


def endorser_name(application: Application) -> str:
    """Who agrees to the file and stamps for it: the agency that speaks for a freelancer, else the unit."""
    return application.agency.name if application.agency else application.employer_name


def _credentials(education: Education) -> list[dict[str, Any]]:
    more: dict[str, Any] = {"field_matches": education.field_matches}
    if education.study_mode:
        more["full_time"] = is_full_time(education.study_mode)
    found: list[dict[str, Any]] = []
    if education.schooling:
        day = _day(education.graduated_on)
        found.append({"kind": education.schooling, "awarded_on": day, **more})
    if education.degree:
        day = _day(education.degree_on)
        found.append({"kind": education.degree, "awarded_on": day, **more})
    return found


def _sanctions(application: Application) -> list[dict[str, str | None]] | None:
    if application.sanctioned is None:
        return None
    if not application.sanctioned:
        return []
    if application.sanction_from is None:
        return None
    until = application.sanction_until
    return [{"from": application.sanction_from.isoformat(), "until": until.isoformat() if until else None}]


def titles_held(level: str | None, since: str | None) -> list[dict[str, str | None]] | None:
    """The title that somebody says they hold, as the law engine's list; none held is an empty list, not stated None."""
    if not level:
        return None
    return [] if level == HeldTitle.NONE else [{"level": level, "held_since": since}]


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None


def facts_as_json(application: Application, filed_on: date) -> dict[str, Any]:
    """The file in the shape of `chuding assess` (policy.md §0); what was not stated is left out."""
    spells = [spell for spell in application.spells.all() if spell.in_specialty]
    kind = application.employer_kind
    contract = application.engagement == Engagement.EMPLOYMENT_CONTRACT
    established = application.established_post
    if established is None and (application.engagement and (not contract or (kind and kind != "public_institution"))):
        established = False  # an established post exists only in a public institution
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
        "established_post_since": _day(application.established_post_since),
        "social_insurance_found": insurance.get(SocialInsuranceState(application.social_insurance)),
        "titles": titles_held(application.held_title, _day(application.held_title_since)),
        "continuing_education_hours": application.continuing_education_hours,
        "social_insurance_months": application.social_insurance_months,
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


def required_codes(report: Report) -> frozenset[str]:
    """The numbers of the materials that this person must upload; what is unknown is not yet demanded."""
    return frozenset(m.rule.code for m in report.materials if m.required is True)


def clause_of(report: Report, level: str) -> str:
    """The clause that gives the level, such as 二(二); empty where none is met."""
    clauses = report.levels[Level(level)].clauses
    return clauses[0] if clauses else ""


def _specialty(application: Application) -> Specialty:
    specialty = notice_of(application).catalogue.find(application.specialty)
    if specialty is None or application.number is None:
        msg = f"application {application.ref} has no number or no specialty of its notice"
        raise ValueError(msg)
    return specialty


def award_of(
    application: Application, *, report: Report, office: str, issuer: str, document_number: str, approved_on: date
) -> Award:
    """The frozen award that a certificate is made from.

    取得时间 is the day the authority approved: the notice gives no earlier effective date (七).
    """
    notice = notice_of(application)
    specialty = _specialty(application)
    return Award(
        office=office,
        issuer=issuer,
        notice_id=notice.id,
        notice_number=notice.number,
        notice_digest=application.notice_digest,
        clause=clause_of(report, application.level),
        level=application.level,
        qualification=notice_of(application).title_of(Level(application.level)),
        series=specialty.series,
        major=specialty.major,
        minor=specialty.minor or "",
        holder_name=application.full_name,
        sex=application.sex,
        born_on=application.born_on,
        identity_type=KIND_NAMES[IdentityKind(application.identity_type)],
        identity_number=application.identity_number,
        employer_name=application.employer_name,
        application_number=application.number or "",
        document_number=document_number,
        qualified_on=approved_on,
        approved_on=approved_on,
    )


def document_row_of(application: Application, *, on: date) -> RosterRow:
    """One line of the official document's roster: no identity number, for the document is public."""
    specialty = _specialty(application)
    return RosterRow(
        name=application.full_name,
        employer=application.employer_name or NO_UNIT,
        field="／".join(part for part in (specialty.series, specialty.major, specialty.minor) if part),
        qualification=notice_of(application).title_of(Level(application.level)),
        qualified_on=on,
    )


def _schooling_rows(application: Application) -> tuple[SchoolingRow, ...]:
    return tuple(
        SchoolingRow(
            school=e.school,
            specialty=e.major,
            schooling=e.schooling or None,
            degree=e.degree or None,
            entered_on=e.enrolled_on,
            graduated_on=e.graduated_on or e.degree_on,
            certificate_number=e.schooling_number or e.degree_number or None,
            mode=e.get_study_mode_display(),
            verified_by="学信网在线验证码" if e.verification_code else None,
        )
        for e in application.educations.all()
    )


def _insurance(application: Application) -> str:
    """What the look-up said, or where the proof is; where the notice wants none, it is to be written by hand."""
    code = code_of(notice_of(application), Kind.INSURANCE)
    words = _INSURANCE.get(application.social_insurance, _BY_HAND)
    return words.format(code) if code or "{" not in words else _BY_HAND


def _work_rows(application: Application) -> tuple[WorkRow, ...]:
    return tuple(
        WorkRow(
            started_on=s.started_on,
            ended_on=s.ended_on,
            employer=s.employer_name,
            post=s.post,
            specialty="本专业" if s.in_specialty else "非本专业",
            ongoing=s.ended_on is None,
            witness=_BY_HAND,
            insurance=_insurance(application),
        )
        for s in application.spells.all()
    )


def _opinions(application: Application, award: Award) -> tuple[Opinion, ...]:
    """受理, 审核 and 审批 as they were given here; the employer's block is left for signature and stamp (六)."""
    taken = local_day(application.taken_at) if application.taken_at else None
    checked = local_day(application.rechecked_at) if application.rechecked_at else None
    association = settings.OFFICE_NAMES["association"]
    return (
        Opinion("受理意见", text="材料齐全，予以受理。", office=association, on=taken),
        Opinion("审核意见", text="经初审和复核，同意报批。", office=association, on=checked),
        Opinion(
            "审批意见",
            text=f"同意认定{award.qualification}资格（{award.level}，依据{award.clause}）。",
            office=award.issuer,
            on=award.approved_on,
            document_number=award.document_number,
        ),
    )


def declaration_of(application: Application, award: Award, verify_url: str) -> DeclarationData:
    """The 《专业技术资格初定申报表》 of an approved file, to be printed twice, signed, stamped and filed (六)."""
    freelance = application.engagement == Engagement.FREELANCE
    summary = application.current_materials().filter(code=code_of(notice_of(application), Kind.SUMMARY)).first()
    hours = application.continuing_education_hours
    started = application.spells.order_by("started_on").values_list("started_on", flat=True).first()
    in_specialty = (
        application.spells.filter(in_specialty=True).order_by("started_on").values_list("started_on", flat=True)
    )
    return DeclarationData(
        application_number=award.application_number,
        verify_url=verify_url,
        holder_name=award.holder_name,
        identity_type=award.identity_type,
        identity_number=award.identity_number,
        level=award.level,
        qualification=award.qualification,
        series=award.series,
        major=award.major,
        minor=award.minor or None,
        commitment=COMMITMENT,
        sample=settings.DEMONSTRATION,
        sex=award.sex or None,
        birth_on=award.born_on,
        phone=application.applicant.phone,
        started_work_on=started,
        employer_name=application.employer_name or None,
        employer_code=application.employer_uscc or None,
        employer_kind=str(Employer.Kind(application.employer_kind).label) if application.employer_kind else None,
        established_post=application.established_post if application.employer_kind == "public_institution" else False,
        district=notice_of(application).level(Level(application.level)).division,
        current_title="无",
        current_specialty=award.minor or award.major,
        # To be written by hand: nobody was asked for them.
        ethnicity=_BY_HAND,
        political_status=_BY_HAND,
        competent_department=_BY_HAND,
        email=_BY_HAND,
        post=application.post or None,
        specialty_since=in_specialty.first(),
        clause=award.clause,
        notice_number=award.notice_number,
        round=f"{award.approved_on.year}年度{notice_of(application).about}",
        submitted_on=local_day(application.submitted_at) if application.submitted_at else None,
        schoolings=_schooling_rows(application),
        works=_work_rows(application),
        appraisals="单位考核合格" if application.assessed_fit else None,
        continuing_education=f"{hours}学时" if hours is not None else None,
        sanctions=None
        if application.sanctioned is None
        else "受过处分，影响期见申报内容"
        if application.sanctioned
        else "无",
        summary=(f"见所附工作总结（材料{summary.code}，共{summary.pages}页）。",) if summary else (),
        committed_on=local_day(application.commitment_at) if application.commitment_at else None,
        endorsement_title="代理机构意见" if freelance else "单位意见",
        opinions=_opinions(application, award),
    )
