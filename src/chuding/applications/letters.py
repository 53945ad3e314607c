"""What a file's letters say: receipt, notice of corrections, refusal, endorsement. Words and facts; no page is made here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.urls import reverse

from chuding.accounts.identity import KIND_NAMES, IdentityKind
from chuding.accounts.masking import mask_identity
from chuding.applications.deadlines import promised_by_association, service_levels
from chuding.applications.material_kinds import Kind, rule_of
from chuding.applications.models import Engagement
from chuding.applications.places import contact_of
from chuding.applications.sections import part_title
from chuding.applications.translate import endorser_name, local_day, notice_of
from chuding.applications.workflow import State
from chuding.paper.letters import (
    AppealData,
    CorrectionData,
    CorrectionItem,
    EndorsedPerson,
    EndorsementData,
    FiledMaterial,
    ReceiptData,
    RefusalData,
)
from chuding.policy.terms import Level

if TYPE_CHECKING:
    from datetime import date

    from chuding.applications.aftercare_models import Appeal
    from chuding.applications.models import Application, Correction
    from chuding.policy.notice import Notice

# Working days to ask for a second look, as the page of the refusal says.
REMEDY_DAYS = 10
_FINGERPRINT = 16


def field_of(application: Application) -> str:
    """The specialty by its whole path; empty where none was chosen."""
    chosen = notice_of(application).catalogue.find(application.specialty)
    return "／".join(part for part in (chosen.series, chosen.major, chosen.minor) if part) if chosen else ""


def page_url(application: Application) -> str:
    """The person's own page of the file, which asks who one is."""
    return settings.PUBLIC_ADDRESS + reverse("application", args=[application.ref])


def deciding_office(application: Application) -> str:
    """Whose word a refusal is: the association's rechecker or signer, or the city office's signer (notice 七)."""
    return "city" if application.signer_id is not None and not application.is_junior else "association"


def granting_office(application: Application) -> str:
    """Which office grants the level (notice 七), and so looks at a refusal again."""
    return "association" if application.is_junior else "city"


def _remedy(application: Application) -> str:
    """How a refusal is appealed; one that came after an appeal is the last word here."""
    last = application.appeal_until
    if last is None:
        return "这件申报已经复核过一次，不再复核。"
    return (
        f"可以在收到本决定之日起{REMEDY_DAYS}个工作日内（{last.year}年{last.month}月{last.day}日24时前）向"
        f"{settings.OFFICE_NAMES[granting_office(application)]}申请复核，在本站打开这件申报，写明理由。"
    )


def _next_steps(application: Application) -> tuple[str, ...]:
    unit = f"{endorser_name(application)}在网上审核，{service_levels()[State.EMPLOYER]}个工作日内。"
    online = (unit,) if application.life is State.EMPLOYER else ()
    office = "协会" if application.is_junior else "市职称办"
    return (
        *online,
        f"协会受理、审核、复核，{promised_by_association()}个工作日内。有要修改的，会一次全部告知，并发短信。",
        f"{office}审批并发文。通过以后发短信，您就可以下载电子证书和申报表。",
    )


def receipt_of(application: Application) -> ReceiptData:
    """The receipt of a file that was handed in. Raises ValueError for one that was not."""
    notice = notice_of(application)
    if application.submitted_at is None or application.number is None:
        msg = f"application {application.ref} was not handed in"
        raise ValueError(msg)
    names = {rule.code: rule.name for rule in notice.materials}
    kind = KIND_NAMES[IdentityKind(application.identity_type)]
    return ReceiptData(
        office=settings.OFFICE_NAMES["association"],
        application_number=application.number,
        holder_name=application.full_name,
        identity=f"{kind} {mask_identity(application.identity_number, public=True)}",
        level=application.level,
        field=field_of(application),
        notice_title=notice.title,
        notice_number=notice.number,
        submitted_at=application.submitted_at,
        materials=tuple(
            FiledMaterial(one.code, names.get(one.code, one.name), one.pages, one.file[:_FINGERPRINT])
            for one in application.current_materials()
        ),
        next_steps=_next_steps(application),
        page_url=page_url(application),
        sample=settings.DEMONSTRATION,
        employer_name=application.employer_name or None,
        telephone=contact_of(notice).telephone,
    )


def _part(application: Application, part: str) -> str:
    kind, _, code = part.partition(":")
    names = {rule.code: rule.name for rule in notice_of(application).materials}
    return f"材料{code} {names[code]}" if kind == "material" and code in names else part_title(part)


def _clause_text(notice: Notice, label: str) -> str:
    """A clause word for word; empty where the notice has none of this label."""
    try:
        return notice.clause(label).text
    except KeyError:
        return ""


def correction_of(correction: Correction) -> CorrectionData:
    """The notice of one send-back, with every item of it."""
    application = correction.application
    notice = notice_of(application)
    return CorrectionData(
        office=settings.OFFICE_NAMES["association"],
        application_number=application.number or "",
        holder_name=application.full_name,
        level=application.level,
        field=field_of(application),
        notice_title=notice.title,
        notice_number=notice.number,
        items=tuple(CorrectionItem(_part(application, item["part"]), item["reason"]) for item in correction.items),
        issued_on=local_day(correction.asked_at),
        due_on=correction.due_on,
        page_url=page_url(application),
        sample=settings.DEMONSTRATION,
        telephone=contact_of(notice).telephone,
    )


def refusal_of(application: Application, *, on: date) -> RefusalData:
    """The decision not to grant, of this day: the clause word for word, the reason, the way to a second look."""
    notice = notice_of(application)
    office = settings.OFFICE_NAMES[deciding_office(application)]
    return RefusalData(
        office=office,
        application_number=application.number or "",
        holder_name=application.full_name,
        level=application.level,
        qualification=notice.title_of(Level(application.level)),
        field=field_of(application),
        notice_title=notice.title,
        notice_number=notice.number,
        clause=application.refused_clause,
        clause_text=_clause_text(notice, application.refused_clause),
        reason=application.refused_reason,
        remedy=_remedy(application),
        decided_on=on,
        submitted_on=local_day(application.submitted_at) if application.submitted_at else on,
        page_url=page_url(application),
        sample=settings.DEMONSTRATION,
        telephone=contact_of(notice).telephone,
    )


def appeal_of(appeal: Appeal) -> AppealData:
    """What came of an appeal that was decided. Raises ValueError for one that was not."""
    application = appeal.application
    notice = notice_of(application)
    if appeal.decided_at is None:
        msg = f"the appeal in {application.ref} is not decided"
        raise ValueError(msg)
    return AppealData(
        office=settings.OFFICE_NAMES[granting_office(application)],
        application_number=application.number or "",
        holder_name=application.full_name,
        level=application.level,
        qualification=notice.title_of(Level(application.level)),
        field=field_of(application),
        notice_title=notice.title,
        notice_number=notice.number,
        upheld=bool(appeal.upheld),
        clause=appeal.clause,
        clause_text=_clause_text(notice, appeal.clause),
        answer=appeal.answer,
        refused_on=appeal.refused_on,
        asked_on=local_day(appeal.asked_at),
        decided_on=local_day(appeal.decided_at),
        page_url=page_url(application),
        sample=settings.DEMONSTRATION,
        telephone=contact_of(notice).telephone,
    )


def endorsement_of(application: Application, *others: Application) -> EndorsementData:
    """The endorsement to be stamped, with what the person has filled in so far; what is open stays blank or is left out.

    With `others` one letter of the same employer for all of them.
    """
    notice = notice_of(application)
    freelance = application.engagement == Engagement.FREELANCE
    rule = rule_of(notice, Kind.ENDORSEMENT)
    return EndorsementData(
        office=settings.OFFICE_NAMES["association"],
        notice_title=notice.title,
        notice_number=notice.number,
        clause=rule.clause.label if rule else "",
        people=tuple(
            EndorsedPerson(one.full_name, field_of(one), one.level, None if freelance else one.post or None)
            for one in (application, *others)
        ),
        sample=settings.DEMONSTRATION,
        employer_name=None if freelance and not application.agency else endorser_name(application) or None,
        agency=freelance,
    )


def endorsement_gaps(application: Application) -> list[str]:
    """What must be filled in before the endorsement can be printed."""
    gaps = [] if application.full_name else ["核对身份信息（姓名）"]
    return gaps if application.level and field_of(application) else [*gaps, "选择级别和专业"]
