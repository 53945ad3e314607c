"""Which files an office's pages start from, and the request as the middleware leaves it."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from django.db.models import (
    BigIntegerField,
    CharField,
    DateField,
    DateTimeField,
    Exists,
    F,
    FilteredRelation,
    OuterRef,
    Q,
    Subquery,
)
from django.http import Http404, HttpRequest

from chuding.accounts.roles import Role
from chuding.applications.models import Application, Assessment, Correction, Education, WorkSpell
from chuding.applications.reviewing.day import done_since
from chuding.applications.reviewing.models import Likeness, Note
from chuding.applications.services.moves import OFFICE_ROLES
from chuding.applications.translate import local_day
from chuding.applications.workflow import State
from chuding.storage.clock import now, start_of
from chuding.storage.prepared import Prepared, Slot
from chuding.storage.together import Together, keep_prefetched

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from chuding.accounts.models import Person
    from chuding.applications.models import ApplicationQuerySet


_RETURNED = Exists(Correction.objects.filter(application=OuterRef("pk")))
_PEOPLE = ("reviewer", "second", "rechecker", "signer", "undo_by")


class StaffRequest(HttpRequest):
    """A request of somebody signed in, with the roles that the access middleware read for it."""

    user: Person
    roles: frozenset[Role]


def office_files(request: StaffRequest) -> ApplicationQuerySet:
    """The files that this person may see as an office: being a clerk of an employer besides opens nothing here."""
    return Application.objects.desk(request.user, request.roles & OFFICE_ROLES)


def office_file(request: StaffRequest, ref: str, *, parts: bool = True) -> Application:
    """One of them, with its people and, for a page that shows them, its parts; 404 for everything else.

    `viewed_at` is when this person opened it last on this day, `done` how many they ended a reviewer's part in on it
    (None before the first).
    """
    day = local_day(now())
    ask = _file_for(request.roles & OFFICE_ROLES)
    found = next(iter(ask(person=request.user.pk, ref=ref, day=day, morning=start_of(day))), None)
    if found is None:
        raise Http404
    if parts:
        _fetch_parts(found)
    return found


@lru_cache(maxsize=64)
def _file_for(roles: frozenset[Role]) -> Prepared[Application]:
    """One file as somebody with these roles may see it, whose: slots for `person`, `ref`, `day` and its `morning`."""
    person: Any = Slot("person", BigIntegerField())
    day = Slot("day", DateField())

    def build() -> QuerySet[Application]:
        today = FilteredRelation("views", condition=Q(views__person=person, views__day=day))
        done = Subquery(done_since(Slot("morning", DateTimeField()), person).values("n"))
        files = Application.objects.desk(person, roles)
        annotated = files.annotate(view=today, viewed_at=F("view__last_at"), returned=_RETURNED, done=done)
        return annotated.select_related(*_PEOPLE).filter(ref=Slot("ref", CharField()))

    return Prepared(build)


def _fetch_parts(file: Application) -> None:
    """Everything that stands in tables of its own beside a file, in one statement; of what it has none of, nothing is asked."""
    there = {
        "assessments": True,
        "educations": True,
        "spells": True,
        "corrections": vars(file)["returned"],
        "notes": file.remarked,
        "likenesses": file.alike,
    }
    asked = tuple(name for name, some in there.items() if some)
    found = dict(zip(asked, _parts_called(asked)(file=file.pk), strict=True))
    for name in there:
        keep_prefetched(file, name, found.get(name, []))


@lru_cache(maxsize=8)
def _parts_called(names: tuple[str, ...]) -> Together:
    """These of a file's parts, by their names at the file."""
    file = Slot("file", BigIntegerField())
    likenesses = Likeness.objects.annotate(
        other_number=F("other__number"), decided_name=F("decided_by__display_name"), code=F("material__code")
    )
    rows: dict[str, QuerySet[Any]] = {
        "assessments": Assessment.objects.all(),
        "educations": Education.objects.all(),
        "spells": WorkSpell.objects.all(),
        "corrections": Correction.objects.all(),
        "notes": Note.objects.annotate(by_name=F("by__display_name")),
        "likenesses": likenesses,
    }
    return Together(lambda: [rows[name].filter(application=file) for name in names])


def clerk_files(request: StaffRequest) -> ApplicationQuerySet:
    """The submitted files of the units this person acts for, never their own (recusal)."""
    mine = Application.objects.visible_to(request.user, {Role.EMPLOYER_CLERK}).exclude(applicant=request.user)
    return mine.filter(submitted_at__isnull=False, state__in=set(State) - {State.DRAFT})
