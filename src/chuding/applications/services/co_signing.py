"""A unit without an account gives its word on one file by a link, once: it stamps the endorsement and hands it in itself.

The paper with the stamp stays what counts; the link saves its way back over the applicant's desk.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction

from chuding.accounts.identity import check_uscc
from chuding.accounts.names import clean_name
from chuding.accounts.phone import clean_phone
from chuding.accounts.roles import Role
from chuding.applications.models import Application
from chuding.applications.sections import material_is_open
from chuding.applications.services.drafting import attach_material, open_correction
from chuding.applications.services.endorsing import letter_code
from chuding.applications.services.moves import lock, subject_of, tell_applicant
from chuding.applications.services.papers import order_endorsement
from chuding.applications.units.models import CoSign
from chuding.applications.workflow import EDITABLE, Declined, FieldDeclined
from chuding.ledger.record import record
from chuding.storage.fields import blind_index

if TYPE_CHECKING:
    from datetime import datetime

    from chuding.accounts.models import Person
    from chuding.applications.services.drafting import Upload

LIFE = timedelta(days=7)


class CoSignProblem(FieldDeclined):
    """What is in the way of the unit's word."""


@dataclass(frozen=True)
class Word:
    """What the unit says: who speaks, which unit, yes or no, and why not."""

    name: str
    phone: str
    uscc: str
    agrees: bool
    reason: str = ""


def _takes_paper(application: Application) -> bool:
    code, correction = letter_code(application), open_correction(application)
    free = correction is None or material_is_open(code, correction.parts())
    return bool(code) and application.life in EDITABLE and free


def link_of(application: Application, at: datetime) -> CoSign | None:
    """The link that is open, if there is one."""
    return application.co_signs.filter(used_at__isnull=True, until__gt=at).first()


@transaction.atomic
def make_link(*, ref: str, by: Person, at: datetime) -> str:
    """The secret of a new link for one's own file, shown once; an earlier one ends. Orders the endorsement to be stamped.

    Raises Declined; Application.DoesNotExist for somebody else's file.
    """
    application = lock(ref)
    if application.applicant_id != by.pk:
        raise Application.DoesNotExist
    if not letter_code(application):
        raise Declined("这份通知不要单位同意申报证明。")
    if not _takes_paper(application):
        raise Declined("这份申报已经提交，或者同意申报证明没有被退回，现在不用单位盖章。")
    if not application.employer_uscc:
        raise Declined("请先填写工作单位和统一社会信用代码，再请单位盖章。")
    order_endorsement(application)
    application.co_signs.filter(used_at__isnull=True).delete()
    token = secrets.token_urlsafe(24)
    CoSign.objects.create(
        application=application, token_hash=blind_index(token, "co-sign"), made_at=at, until=at + LIFE
    )
    record(action="co_sign.offered", subject=subject_of(application), by=by, role=Role.APPLICANT, at=at)
    return token


def open_link(*, token: str, at: datetime) -> CoSign | None:
    """The link of a secret while it can be used."""
    found = (
        CoSign.objects.filter(token_hash=blind_index(token, "co-sign"), used_at__isnull=True, until__gt=at)
        .select_related("application__applicant")
        .first()
    )
    return found if found and _takes_paper(found.application) else None


@transaction.atomic
def speak(*, token: str, word: Word, upload: Upload | None, at: datetime) -> CoSign:
    """The unit's word: the stamped paper goes into the file, or a reason goes to the applicant. The link is used up.

    Raises CoSignProblem, at its field.
    """
    found = CoSign.objects.select_for_update().filter(token_hash=blind_index(token, "co-sign")).first()
    if found is None or found.used_at is not None or found.until <= at:
        raise CoSignProblem("这个链接已经用过，或者过期了。请申报人重新发一个。")
    application = lock(found.application.ref)
    name, wrong_name = clean_name(word.name)
    phone, wrong_phone = clean_phone(word.phone)
    reading = check_uscc(word.uscc)
    wrong_code = reading.problem or (
        "" if reading.number == application.employer_uscc else "与申报人填写的代码不一致，请核对；填错的请申报人更正。"
    )
    for field, problem in (("name", wrong_name), ("phone", wrong_phone), ("uscc", wrong_code)):
        if problem:
            raise CoSignProblem(problem, field)
    if not word.agrees and len(word.reason.strip()) < 4:
        raise CoSignProblem("请写明不同意的理由，申报人会看到。", "reason")
    if word.agrees and upload is None:
        raise CoSignProblem("请先选择盖好公章的 PDF 或者照片。", "file")
    if upload is not None and word.agrees:
        paper = replace(upload, code=letter_code(application))
        attach_material(ref=application.ref, upload=paper, by=application.applicant, at=at)
    found.used_at, found.agrees, found.name, found.phone = at, word.agrees, name, phone
    found.reason = "" if word.agrees else word.reason.strip()[:400]
    found.save()
    record(
        action="co_sign.agreed" if word.agrees else "co_sign.declined",
        subject=subject_of(application),
        by=None,
        role=Role.ANYONE,
        at=at,
        reason=found.reason,
        data={"file": upload.digest if upload and word.agrees else ""},
    )
    tell_applicant(application, "co_signed" if word.agrees else "co_declined", at=at)
    return found
