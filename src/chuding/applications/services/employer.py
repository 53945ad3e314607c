"""The employer's two acts: agree to an application, or return it with a reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from chuding.applications.services.endorsing import require_letter
from chuding.applications.services.moves import lock, move, permit, require_anothers, tell_applicant
from chuding.applications.services.posting import require_posted
from chuding.applications.workflow import Action, Declined

if TYPE_CHECKING:
    from datetime import datetime

    from chuding.accounts.models import Person
    from chuding.applications.models import Application


def _lock_as_seen(ref: str, version: int, by: Person, at: datetime) -> Application:
    """The file, as long as it is still what the clerk's page showed, and not the clerk's own under another account."""
    application = lock(ref)
    if application.version != version:
        raise Declined("这份申报在您打开以后有变化，没有办理。下面已经是最新的内容，请核对以后再办理一次。")
    require_anothers([application], by, at)
    return application


@transaction.atomic
def endorse(*, ref: str, version: int, by: Person, at: datetime) -> Application:
    """The employer agrees (五（三）1 stays the stamped paper; this is its word online) to what its page showed: `version`."""
    application = _lock_as_seen(ref, version, by, at)
    permit(application, Action.ENDORSE, by=by, at=at)
    require_posted([application])
    require_letter([application])
    move(application, Action.ENDORSE, by=by, at=at)
    return application


@transaction.atomic
def return_to_applicant(*, ref: str, version: int, reason: str, by: Person, at: datetime) -> Application:
    """The employer asks for changes in what its page showed; the reason reaches the applicant word for word."""
    application = _lock_as_seen(ref, version, by, at)
    move(application, Action.EMPLOYER_RETURN, by=by, at=at, reason=reason)
    tell_applicant(application, "employer_returned", at=at)
    return application
