"""Consent: what is asked, who gave it, to which words, and taking it back (PIPL 14, 15, 23, 29)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml
from django.db import transaction

from chuding.accounts.models import Consent, Person
from chuding.accounts.roles import Role
from chuding.ledger.record import record

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

_FILE = Path(__file__).with_name("consents.yaml")


@dataclass(frozen=True, slots=True)
class Purpose:
    """One purpose as it is shown: its label, its sentence, and the SHA-256 of both."""

    key: str
    required: bool
    label: str
    text: str
    version: str
    digest: str


@dataclass(frozen=True, slots=True)
class Given:
    """One consent as its giver reads it. `purpose`: today's words for it; None where it is no longer asked."""

    row: Consent
    purpose: Purpose | None

    @property
    def in_these_words(self) -> bool:
        """Whether today's words are the very ones that were agreed to."""
        return self.purpose is not None and self.purpose.digest == self.row.text_digest


class ConsentMissingError(ValueError):
    """The consent without which nothing can be handled was not given; `sentence` says so."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


@cache
def purposes() -> tuple[Purpose, ...]:
    """The purposes in the order of the page."""
    data: dict[str, Any] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    version = str(data["version"])
    return tuple(
        Purpose(
            key=row["key"],
            required=row["required"],
            label=row["label"],
            text=row["text"],
            version=version,
            digest=hashlib.sha256(f"{version}\n{row['label']}\n{row['text']}".encode()).hexdigest(),
        )
        for row in data["purposes"]
    )


def standing(person: Person) -> frozenset[str]:
    """The keys of the purposes to which this person has a consent that stands."""
    return frozenset(
        Consent.objects.filter(person=person, withdrawn_at__isnull=True).values_list("purpose", flat=True),
    )


def due(person: Person) -> bool:
    """Whether the necessary consent, in today's words, is still to be given."""
    needed = {purpose.digest for purpose in purposes() if purpose.required}
    given = Consent.objects.filter(person=person, withdrawn_at__isnull=True, text_digest__in=needed)
    return given.count() < len(needed)


def given_by(person: Person) -> list[Given]:
    """Every consent of this person, those that stand first, then those taken back; each in the order of giving."""
    asked = {purpose.key: purpose for purpose in purposes()}
    rows = Consent.objects.filter(person=person).order_by("given_at", "id")
    return [Given(row, asked.get(row.purpose)) for row in sorted(rows, key=lambda row: row.withdrawn_at is not None)]


def give_consent(*, person: Person, keys: Iterable[str], at: datetime) -> list[Consent]:
    """Record consent to these purposes in today's words; a purpose already standing is left as it is.

    Raises ConsentMissingError when a required purpose is neither among `keys` nor standing.
    """
    chosen = frozenset(keys)
    with transaction.atomic():
        # The person's row is the lock: two windows of one person give each consent once.
        Person.objects.select_for_update().get(pk=person.pk)
        digests = Consent.objects.filter(person=person, withdrawn_at__isnull=True).values_list("text_digest", flat=True)
        given = set(digests)
        if any(p.required and p.key not in chosen and p.digest not in given for p in purposes()):
            raise ConsentMissingError("没有前两项同意就无法为您办理。请勾选，或到协会窗口办理。")
        return [_give(person, p, at) for p in purposes() if p.key in chosen and p.digest not in given]


def _give(person: Person, purpose: Purpose, at: datetime) -> Consent:
    consent = Consent.objects.create(
        person=person,
        purpose=purpose.key,
        text_version=purpose.version,
        text_digest=purpose.digest,
        given_at=at,
    )
    record(
        action="consent.given",
        subject=("person", person.ref),
        by=person,
        role=Role.APPLICANT,
        at=at,
        data={"purpose": purpose.key, "version": purpose.version, "digest": purpose.digest},
    )
    return consent


def withdraw_consent(*, person: Person, key: str, at: datetime) -> int:
    """Take back the consents to an optional purpose; answers how many stood.

    Raises ConsentMissingError for a required purpose: that one ends with the account, not with a tick.
    """
    if any(p.required and p.key == key for p in purposes()):
        raise ConsentMissingError("这项同意是办理所必需的。要撤回它，请先撤回申报，再到“我的数据”里注销账户。")
    with transaction.atomic():
        count = Consent.objects.filter(person=person, purpose=key, withdrawn_at__isnull=True).update(withdrawn_at=at)
        if count:
            record(
                action="consent.withdrawn",
                subject=("person", person.ref),
                by=person,
                role=Role.APPLICANT,
                at=at,
                data={"purpose": key},
            )
    return count
