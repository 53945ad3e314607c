"""Which files an office's pages start from, and the request as the middleware leaves it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Exists, F, FilteredRelation, OuterRef, Prefetch, Q, prefetch_related_objects
from django.http import Http404, HttpRequest

from chuding.accounts.roles import Role
from chuding.applications.models import Application, Correction
from chuding.applications.services.moves import OFFICE_ROLES
from chuding.applications.translate import local_day
from chuding.applications.workflow import State
from chuding.storage.clock import now

if TYPE_CHECKING:
    from chuding.accounts.models import Person
    from chuding.applications.models import ApplicationQuerySet


_PARTS = ("assessments", "educations", "spells")
_RETURNED = Exists(Correction.objects.filter(application=OuterRef("pk")))


class StaffRequest(HttpRequest):
    """A request of somebody signed in, with the roles that the access middleware read for it."""

    user: Person
    roles: frozenset[Role]


def office_files(request: StaffRequest) -> ApplicationQuerySet:
    """The files that this person may see as an office: being a clerk of an employer besides opens nothing here."""
    return Application.objects.desk(request.user, request.roles & OFFICE_ROLES).filter(submitted_at__isnull=False)


def office_file(request: StaffRequest, ref: str, *, parts: bool = True) -> Application:
    """One of them, with its people and, for a page that shows them, its parts; 404 for everything else.

    `viewed_at` is when this person opened it last on this day. Corrections are asked for only where there is one.
    """
    people = ("reviewer", "second", "rechecker", "signer", "undo_by")
    today = FilteredRelation("views", condition=Q(views__person=request.user, views__day=local_day(now())))
    found = (
        office_files(request)
        .annotate(view=today, viewed_at=F("view__last_at"), returned=_RETURNED)
        .select_related(*people)
        .filter(ref=ref)
        .first()
    )
    if found is None:
        raise Http404
    if not parts:
        return found
    returned = found.returned  # type: ignore[attr-defined]
    corrections = Correction.objects.all() if returned else Correction.objects.none()
    prefetch_related_objects([found], *_PARTS, Prefetch("corrections", corrections))
    return found


def clerk_files(request: StaffRequest) -> ApplicationQuerySet:
    """The submitted files of the units this person acts for, never their own (recusal)."""
    mine = Application.objects.visible_to(request.user, {Role.EMPLOYER_CLERK}).exclude(applicant=request.user)
    return mine.filter(submitted_at__isnull=False, state__in=set(State) - {State.DRAFT})
