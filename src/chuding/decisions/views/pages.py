"""What the pages of this room share: whose office it is, and which rows that opens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import Http404, HttpRequest

from chuding.decisions.models import Document, Roster
from chuding.decisions.workflow import office_of

if TYPE_CHECKING:
    from chuding.accounts.models import Person
    from chuding.accounts.roles import Role


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


def own_roster(request: SignerRequest, ref: str) -> Roster:
    """A roster of one's own office; 404 for another's."""
    people = ("drafted_by", "signed_by")
    found = Roster.objects.select_related(*people).filter(ref=ref, office=office(request)).first()
    if found is None:
        raise Http404
    return found


def own_document(request: SignerRequest, ref: str) -> Document:
    """A document of one's own office; 404 for another's."""
    found = Document.objects.filter(ref=ref, office=office(request)).first()
    if found is None:
        raise Http404
    return found
