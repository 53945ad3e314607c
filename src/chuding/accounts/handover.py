"""接力: going on at another device of one's own, by a QR code or eight letters, within ten minutes and once.

For applicants only: somebody of an office or a unit signs in with a code of their own.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction

from chuding.accounts.identity import plain_code
from chuding.accounts.models import HandOver, Person
from chuding.accounts.people import roles_of
from chuding.accounts.roles import STAFF, Role
from chuding.accounts.services import SignInProblem
from chuding.ledger.record import record
from chuding.storage.fields import blind_index

if TYPE_CHECKING:
    from datetime import datetime

LIFE = timedelta(minutes=10)
# Without letters and digits that look alike: 30^8 codes, of which a network may try thirty a minute.
ALPHABET = "ABCDEFGHJKMNPQRTUVWXYZ23456789"
LENGTH = 8
_GONE = "这个接力码不对、用过了，或者超过了10分钟。请在原来的设备上重新生成一个。"


@dataclass(frozen=True, slots=True)
class Offer:
    """What the first device shows: the token for the QR code, the code to type, and until when."""

    token: str
    code: str
    expires_at: datetime


def may_hand_over(person: Person) -> bool:
    """Whether this person may: nobody who decides on others, or acts for a unit."""
    return not roles_of(person) & (STAFF | {Role.EMPLOYER_CLERK})


def offer(*, by: Person, path: str, at: datetime) -> Offer:
    """Make a new way over to `path`; an earlier one of this person ends."""
    token = secrets.token_urlsafe(24)
    code = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
    with transaction.atomic():
        HandOver.objects.filter(person=by).delete()
        row = HandOver.objects.create(
            person=by,
            token_hash=blind_index(token, "hand-over-token"),
            code_hash=blind_index(code, "hand-over-code"),
            path=path[:200],
            made_at=at,
            expires_at=at + LIFE,
        )
        record(action="person.offered_over", subject=("person", by.ref), by=by, role=Role.APPLICANT, at=at)
    return Offer(token, f"{code[:4]}-{code[4:]}", row.expires_at)


def stands(*, token: str, at: datetime) -> bool:
    """Whether this address still leads somewhere; asking uses nothing up."""
    return HandOver.objects.filter(token_hash=blind_index(token, "hand-over-token"), expires_at__gt=at).exists()


def accept(*, token: str = "", code: str = "", at: datetime) -> tuple[Person, str]:
    """Use a way over, by its token or its code: the person and the path. It is gone afterwards.

    Raises SignInProblem for one that never was, is over or was used: one sentence for all, so that nothing is learnt.
    """
    if token:
        wanted = {"token_hash": blind_index(token, "hand-over-token")}
    else:
        wanted = {"code_hash": blind_index(plain_code(code), "hand-over-code")}
    with transaction.atomic():
        row = HandOver.objects.select_for_update().filter(**wanted).select_related("person").first()
        person, path = (row.person, row.path) if row is not None and row.expires_at > at else (None, "")
        if row is not None:
            row.delete()
        if person is not None and person.is_active and may_hand_over(person):
            record(
                action="person.signed_in",
                subject=("person", person.ref),
                by=person,
                role=Role.APPLICANT,
                at=at,
                data={"way": "hand_over"},
            )
        else:
            person = None
    if person is None:
        raise SignInProblem(_GONE)
    return person, path
