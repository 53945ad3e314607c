"""The employer's two acts: agree to an application, or return it with a reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from chuding.applications.services.endorsing import require_letter
from chuding.applications.services.moves import lock, move, permit, tell_applicant
from chuding.applications.services.posting import require_posted
from chuding.applications.workflow import Action

if TYPE_CHECKING:
    from datetime import datetime

    from chuding.accounts.models import Person
    from chuding.applications.models import Application


@transaction.atomic
def endorse(*, ref: str, by: Person, at: datetime) -> Application:
    """The employer agrees (五（三）1 stays the stamped paper; this is its word online)."""
    application = lock(ref)
    permit(application, Action.ENDORSE, by=by, at=at)
    require_posted([application])
    require_letter([application])
    move(application, Action.ENDORSE, by=by, at=at)
    return application


@transaction.atomic
def return_to_applicant(*, ref: str, reason: str, by: Person, at: datetime) -> Application:
    """The employer asks for changes; the reason reaches the applicant word for word."""
    application = lock(ref)
    move(application, Action.EMPLOYER_RETURN, by=by, at=at, reason=reason)
    tell_applicant(application, "employer_returned", at=at)
    return application
