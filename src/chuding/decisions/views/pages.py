"""What the pages of this room share: whose office it is, and which rows that opens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import Http404, HttpRequest

from chuding.applications.models import Application
from chuding.applications.services.moves import OFFICE_ROLES
from chuding.applications.workflow import State
from chuding.decisions.models import Document, Roster
from chuding.decisions.workflow import OFFICE_LEVELS, OFFICE_SIGNER, office_of

if TYPE_CHECKING:
    from chuding.accounts.models import Person
    from chuding.accounts.roles import Role


# In which state a file waits for the word of which office's signer.
_DECIDES = {"association": State.SIGNING, "city": State.CITY}


class SignerRequest(HttpRequest):
    """A request of a signer, with the roles that the access middleware read for it."""

    user: Person
    roles: frozenset[Role]


def office(request: SignerRequest) -> str:
    """The office this person signs for; the matrix lets nobody else in."""
    found = office_of(request.roles)
    if found is None:
        raise Http404
    return found


def find_roster(request: SignerRequest, ref: str) -> Roster | None:
    """A roster of one's own office, if there is one."""
    people = ("drafted_by", "signed_by")
    return Roster.objects.select_related(*people).filter(ref=ref, office=office(request)).first()


def own_roster(request: SignerRequest, ref: str) -> Roster:
    """A roster of one's own office; 404 for another's."""
    found = find_roster(request, ref)
    if found is None:
        raise Http404
    return found


def own_document(request: SignerRequest, ref: str) -> Document:
    """A document of one's own office; 404 for another's."""
    found = Document.objects.filter(ref=ref, office=office(request)).first()
    if found is None:
        raise Http404
    return found


def waiting_file(request: SignerRequest, ref: str) -> Application:
    """A file that one's office decides on or puts on its rosters, before it is issued; 404 for every other."""
    mine = office(request)
    wanted = {State.APPROVED} | ({_DECIDES[mine]} if OFFICE_SIGNER[mine] in request.roles else set())
    found = Application.objects.filter(ref=ref, level__in=OFFICE_LEVELS[mine], state__in=wanted)
    application = found.exclude(applicant=request.user).first()
    if application is None or (application.state != State.APPROVED and not _may_see(request, application)):
        raise Http404
    return application


def _may_see(request: SignerRequest, application: Application) -> bool:
    return Application.objects.desk(request.user, request.roles & OFFICE_ROLES).filter(pk=application.pk).exists()
