"""Which files an office's pages start from, and the request as the middleware leaves it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import Http404, HttpRequest

from chuding.accounts.roles import Role
from chuding.applications.models import Application
from chuding.applications.services.moves import OFFICE_ROLES
from chuding.applications.workflow import State

if TYPE_CHECKING:
    from chuding.accounts.models import Person
    from chuding.applications.models import ApplicationQuerySet


class StaffRequest(HttpRequest):
    """A request of somebody signed in, with the roles that the access middleware read for it."""

    user: Person
    roles: frozenset[Role]


def office_files(request: StaffRequest) -> ApplicationQuerySet:
    """The files that this person may see as an office: being a clerk of an employer besides opens nothing here."""
    return Application.objects.desk(request.user, request.roles & OFFICE_ROLES).filter(submitted_at__isnull=False)


def office_file(request: StaffRequest, ref: str) -> Application:
    """One of them, with its people; 404 for everything else."""
    people = ("reviewer", "second", "rechecker", "signer", "undo_by")
    parts = ("corrections", "assessments", "educations", "spells")
    found = office_files(request).select_related(*people).prefetch_related(*parts).filter(ref=ref).first()
    if found is None:
        raise Http404
    return found


def clerk_files(request: StaffRequest) -> ApplicationQuerySet:
    """The submitted files of the units this person acts for, never their own (recusal)."""
    mine = Application.objects.visible_to(request.user, {Role.EMPLOYER_CLERK}).exclude(applicant=request.user)
    return mine.filter(submitted_at__isnull=False, state__in=set(State) - {State.DRAFT})
