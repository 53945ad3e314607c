"""The life of a roster: drafted, signed, issued. Pure."""

from __future__ import annotations

from enum import StrEnum

from chuding.accounts.roles import Role


class RosterAction(StrEnum):
    """What a signer does to a roster, as the ledger names it."""

    DRAFT = "draft_roster"
    DISCARD = "discard_roster"
    SIGN = "sign_roster"
    ISSUE = "issue_document"


# Which office decides which levels (notice 七), and who signs for it.
OFFICE_LEVELS = {"association": frozenset({"员级", "助理级"}), "city": frozenset({"中级"})}
OFFICE_SIGNER = {"association": Role.ASSOCIATION_SIGNER, "city": Role.CITY_SIGNER}
OFFICE_OF_SIGNER = {role: office for office, role in OFFICE_SIGNER.items()}


def office_of(roles: frozenset[Role]) -> str | None:
    """The office that somebody with these roles signs for; None for everybody else."""
    for role, office in OFFICE_OF_SIGNER.items():
        if role in roles:
            return office
    return None
