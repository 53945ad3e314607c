"""Which files an office's pages start from, and the request as the middleware leaves it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Exists, F, FilteredRelation, OuterRef, Q, Subquery
from django.http import Http404, HttpRequest

from chuding.accounts.roles import Role
from chuding.applications.models import Application, Correction
from chuding.applications.reviewing.day import done_on
from chuding.applications.services.moves import OFFICE_ROLES
from chuding.applications.translate import local_day
from chuding.applications.workflow import State
from chuding.storage.clock import now
from chuding.storage.together import fetch_together, keep_prefetched

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from chuding.accounts.models import Person
    from chuding.applications.models import ApplicationQuerySet


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

    `viewed_at` is when this person opened it last on this day, `done` how many they ended a reviewer's part in on it
    (None before the first).
    """
    people = ("reviewer", "second", "rechecker", "signer", "undo_by")
    day = local_day(now())
    today = FilteredRelation("views", condition=Q(views__person=request.user, views__day=day))
    done = Subquery(done_on(day, request.user.pk).values("n"))
    found = (
        office_files(request)
        .annotate(view=today, viewed_at=F("view__last_at"), returned=_RETURNED, done=done)
        .select_related(*people)
        .filter(ref=ref)
        .first()
    )
    if found is None:
        raise Http404
    if parts:
        _fetch_parts(found)
    return found


def _fetch_parts(file: Application) -> None:
    """Everything that stands in tables of its own beside a file, in one statement; of what it has none of, nothing is asked."""
    likenesses = file.likenesses.annotate(
        other_number=F("other__number"), decided_name=F("decided_by__display_name"), code=F("material__code")
    )
    wanted: dict[str, tuple[bool, QuerySet[Any]]] = {
        "assessments": (True, file.assessments.all()),
        "educations": (True, file.educations.all()),
        "spells": (True, file.spells.all()),
        "corrections": (vars(file)["returned"], file.corrections.all()),
        "notes": (file.remarked, file.notes.annotate(by_name=F("by__display_name"))),
        "likenesses": (file.alike, likenesses),
    }
    asked = {name: rows for name, (there, rows) in wanted.items() if there}
    found = dict(zip(asked, fetch_together(list(asked.values())), strict=True))
    for name in wanted:
        keep_prefetched(file, name, found.get(name, []))


def clerk_files(request: StaffRequest) -> ApplicationQuerySet:
    """The submitted files of the units this person acts for, never their own (recusal)."""
    mine = Application.objects.visible_to(request.user, {Role.EMPLOYER_CLERK}).exclude(applicant=request.user)
    return mine.filter(submitted_at__isnull=False, state__in=set(State) - {State.DRAFT})
