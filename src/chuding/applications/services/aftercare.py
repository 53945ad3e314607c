"""After the decision: grading the service once, answering a bad grade, and noting who opened a file."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.db import transaction

from chuding.accounts.roles import Role
from chuding.applications.aftercare_models import Aspect, FileView, Grade, Rating
from chuding.applications.models import Application
from chuding.applications.services.moves import OFFICE_ROLES, lock, subject_of, tell_applicant
from chuding.applications.translate import local_day
from chuding.applications.workflow import Declined, State
from chuding.ledger.record import record

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from chuding.accounts.models import Person

# When the service is over and can be graded. Grading never stands before a download.
RATEABLE = frozenset({State.ISSUED, State.REFUSED, State.EXPIRED, State.REVOKED})
BAD = frozenset({Grade.BAD, Grade.VERY_BAD})


def note_view(application: Application, *, by: Person, roles: Iterable[Role], at: datetime) -> None:
    """Note that a file was opened, in one statement: one row a person and day. One's own file is nobody's looking."""
    if application.applicant_id == by.pk:
        return
    role = min(frozenset(roles) & (OFFICE_ROLES | {Role.EMPLOYER_CLERK}), default=None)
    if role is None:
        return
    FileView.objects.bulk_create(
        [FileView(application=application, person=by, role=role, day=local_day(at), last_at=at)],
        update_conflicts=True,
        update_fields=["role", "last_at"],
        unique_fields=["application", "person", "day"],
    )


@dataclass(frozen=True)
class Opinion:
    """What somebody says of the service: a grade of five, grades of its aspects, words, and whether they are named."""

    grade: int
    aspects: Mapping[str, int] = field(default_factory=dict)
    comment: str = ""
    anonymous: bool = True


@transaction.atomic
def rate(*, ref: str, opinion: Opinion, by: Person, at: datetime) -> Rating:
    """Grade the service, once a file. Raises Application.DoesNotExist for anybody else's file, Declined otherwise."""
    application = lock(ref)
    if application.applicant_id != by.pk:
        raise Application.DoesNotExist
    if application.life not in RATEABLE:
        raise Declined("办结以后才能评价。")
    if opinion.grade not in Grade.values:
        raise Declined("请选择一个满意度。")
    if Rating.objects.filter(application=application).exists():
        raise Declined("这件申报您已经评价过了，谢谢。")
    rating = Rating.objects.create(
        application=application,
        grade=opinion.grade,
        aspects={
            key: value for key, value in opinion.aspects.items() if key in Aspect.values and value in Grade.values
        },
        comment=opinion.comment.strip()[:500],
        anonymous=opinion.anonymous,
        rated_at=at,
    )
    record(
        action="rate",
        subject=subject_of(application),
        by=None if opinion.anonymous else by,
        role=Role.APPLICANT,
        at=at,
        data={"grade": opinion.grade},
    )
    return rating


@transaction.atomic
def answer_rating(*, rating_id: int, text: str, by: Person, at: datetime) -> Rating:
    """Answer a bad grade: what was found and what was mended; the person is told. Raises Declined, DoesNotExist."""
    rating = Rating.objects.select_for_update(of=("self",)).select_related("application").get(pk=rating_id)
    if rating.grade not in BAD or rating.answered_at is not None:
        raise Declined("这条评价不需要答复，或者已经有人答复过了。请刷新页面。")
    if len(text.strip()) < 5:
        raise Declined("请写明核实的情况和整改的结果，至少5个字。")
    rating.answer, rating.answered_by, rating.answered_at = text.strip()[:500], by, at
    rating.save(update_fields=["answer", "answered_by", "answered_at"])
    application = Application.objects.select_related("applicant").get(pk=rating.application_id)
    record(
        action="answer_rating",
        subject=subject_of(application),
        by=by,
        role=Role.ASSOCIATION_SIGNER,
        at=at,
        reason=rating.answer,
    )
    tell_applicant(application, "rating_answered", at=at)
    return rating
