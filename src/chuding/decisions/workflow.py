"""The life of a roster: drafted, verified, signed, issued; by three people. Pure."""

from __future__ import annotations

from enum import StrEnum

from chuding.accounts.roles import Role
from chuding.applications.workflow import Declined


class RosterAction(StrEnum):
    """What the people of an office do to a roster, as the ledger names it."""

    DRAFT = "draft_roster"
    EDIT = "edit_roster"
    VERIFY = "verify_roster"
    SEND_BACK = "send_back_roster"
    DISCARD = "discard_roster"
    SIGN = "sign_roster"
    RETRY = "retry_issuing"
    ISSUE = "issue_document"


# Which office decides which levels (notice 七), who signs for it, and who writes and verifies besides.
OFFICE_LEVELS = {"association": frozenset({"员级", "助理级"}), "city": frozenset({"中级"})}
OFFICE_SIGNER = {"association": Role.ASSOCIATION_SIGNER, "city": Role.CITY_SIGNER}
OFFICE_DRAFTER = {"association": Role.ASSOCIATION_DRAFTER, "city": Role.CITY_DRAFTER}
_OFFICE_OF = {role: office for roles in (OFFICE_SIGNER, OFFICE_DRAFTER) for office, role in roles.items()}


def office_of(roles: frozenset[Role]) -> str | None:
    """The office whose documents somebody with these roles works on; None for everybody else."""
    return next((office for role, office in _OFFICE_OF.items() if role in roles), None)


def role_at(office: str, roles: frozenset[Role]) -> Role:
    """In which role somebody of the office acts on its documents: as its signer, if they are one."""
    return OFFICE_SIGNER[office] if OFFICE_SIGNER[office] in roles else OFFICE_DRAFTER[office]


def signing_office(roles: frozenset[Role], otherwise: str) -> str:
    """The office for which somebody with these roles signs. Raises Declined, with the sentence, for everybody else."""
    office = office_of(roles)
    if office is None or OFFICE_SIGNER[office] not in roles:
        raise Declined(otherwise)
    return office
