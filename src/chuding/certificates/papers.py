"""Letters about a file: typeset once in the worker, signed where an office speaks, kept by digest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction

from chuding.certificates.models import Paper
from chuding.certificates.press import seal, typesetter
from chuding.ledger.record import record
from chuding.paper.mandate import Mandate
from chuding.storage.files import store

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet

    from chuding.accounts.models import Person
    from chuding.paper.letters import Letter


@dataclass(frozen=True)
class Order:
    """Which letter is wanted: of which kind, about what, on which occasion, for whom, signed by which office or none.

    One order gives one paper, however often it is carried out.
    """

    kind: str
    subject: tuple[str, str]
    occasion: str
    holder: Person
    office: str = ""


def papers_about(subject: tuple[str, str]) -> QuerySet[Paper]:
    """The letters about one thing, oldest first; their places in this order never change."""
    return Paper.objects.filter(subject_kind=subject[0], subject_ref=subject[1]).order_by("id")


def paper_of(order: Order) -> Paper | None:
    """What an order has come to."""
    return papers_about(order.subject).filter(kind=order.kind, occasion=order.occasion).first()


def issue_paper(order: Order, letter: Letter, *, at: datetime) -> Paper:
    """Typeset and sign one letter, then store and register it in a short transaction; a second call gives the first paper.

    Signer and time-stamp authority are asked outside of the transaction, so that nobody waits for them who writes. Raises
    MissingGlyph and SignerRefused before anything is kept.
    """
    made = paper_of(order)
    if made is not None:
        return made
    pdf = typesetter().letter(letter, at)
    if order.office:
        mandate = Mandate("letter", order.subject, order.kind)
        pdf = seal(pdf, office=order.office, mandate=mandate, at=at, reason=f"{order.kind} {order.subject[1]}")
    with transaction.atomic():
        return paper_of(order) or _register(order, pdf, at)


def _register(order: Order, pdf: bytes, at: datetime) -> Paper:
    paper = Paper.objects.create(
        kind=order.kind,
        subject_kind=order.subject[0],
        subject_ref=order.subject[1],
        occasion=order.occasion,
        holder=order.holder,
        office=order.office,
        file=store().put(pdf),
        made_at=at,
    )
    record(
        action="issue_paper",
        subject=order.subject,
        by=None,
        role="machine",
        at=at,
        data={"kind": order.kind, "file": paper.file, "office": order.office},
    )
    return paper
