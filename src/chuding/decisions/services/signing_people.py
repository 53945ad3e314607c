"""Who of an office may end or replace a certificate: its signers, and never the holder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chuding.accounts.people import roles_of
from chuding.applications.workflow import Declined
from chuding.decisions.workflow import OFFICE_SIGNER

if TYPE_CHECKING:
    from chuding.accounts.models import Person
    from chuding.accounts.roles import Role
    from chuding.certificates.models import Certificate


def signs_for(certificate: Certificate, by: Person) -> Role:
    """The role in which this person acts on the certificate. Raises Declined for anybody else, and for its holder."""
    role = OFFICE_SIGNER[certificate.office]
    if role not in roles_of(by) or certificate.holder_id == by.pk:
        raise Declined("只有原发证机关的签发人可以撤销或更正，本人的证书须回避。")
    return role
