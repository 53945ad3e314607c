"""The signed lists of revoked and replaced certificates: made every night and at each revocation, served at /status.json."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.db.models import Max
from django_tasks import task

from chuding.certificates.models import Certificate, Standing, StatusPublication
from chuding.certificates.press import signer
from chuding.certificates.statements import status_statement
from chuding.jobs.leases import NotYet
from chuding.paper.keys import OFFICES, authority_certificates, office_certificates
from chuding.paper.mandate import Mandate, SignerUnavailable
from chuding.paper.statement import LIST_LENGTH
from chuding.paper.status import make_status_file, make_status_list
from chuding.storage.clock import now

if TYPE_CHECKING:
    from datetime import datetime

    from cryptography import x509

# A list that nobody renewed for a week answers nothing any more: better no answer than an old one.
LASTS = timedelta(days=7)
# What older publications could still prove is in the ledger; the table is kept short.
KEPT = timedelta(days=90)


def publish(*, at: datetime) -> StatusPublication:
    """Sign every office's list anew, as of `at`, and make it the one that is served."""
    with transaction.atomic():
        lists: list[bytes] = []
        certificates: list[x509.Certificate] = []
        revoked = 0
        for office in OFFICES:
            key = signer(office, Mandate("status", ("office", office)))
            addresses = ended_addresses(office)
            revoked += len(addresses)
            lists.append(
                make_status_list(
                    issuer=settings.OFFICE_NAMES[office],
                    made_at=at,
                    until=at + LASTS,
                    revoked=addresses,
                    replaced={address: successor for address, successor in addresses.items() if successor},
                    signer=key,
                )
            )
            certificates += office_certificates(settings.SIGNING_FOLDER, office)
        certificates += authority_certificates(settings.SIGNING_FOLDER)
        StatusPublication.objects.filter(until__lt=at - KEPT).delete()
        blocks = range((Certificate.objects.aggregate(last=Max("pk"))["last"] or 0) // LIST_LENGTH + 1)
        statements = {
            f"{office}/{block}": status_statement(office, block, since=at, until=at + LASTS)
            for office in OFFICES
            for block in blocks
        }
        return StatusPublication.objects.create(
            made_at=at,
            until=at + LASTS,
            content=make_status_file(lists, certificates),
            revoked=revoked,
            statements=statements,
        )


def ended_addresses(office: str) -> dict[str, str | None]:
    """The public pages of an office's certificates that count no more, each with the number of the one in its place."""
    ended = Certificate.objects.filter(office=office).exclude(standing=Standing.VALID)
    return {
        f"{settings.PUBLIC_ADDRESS}/v/{token}": successor
        for token, successor in ended.values_list("token", "replaced_by__number")
    }


@task()
def renew_status_lists() -> int:
    """The worker's part, nightly and at each revocation: enqueued in the transaction that revokes, it runs after it."""
    try:
        return publish(at=now()).revoked
    except SignerUnavailable as problem:
        raise NotYet(f"等待签名服务：{problem}") from problem


def published_statement(office: str, block: int) -> str | None:
    """The newest W3C status list of an office's block; None where there is none."""
    newest = StatusPublication.objects.order_by("made_at", "id").last()
    return newest.statements.get(f"{office}/{block}") if newest else None


def published() -> bytes | None:
    """What /status.json says now; None before the first publication."""
    newest = StatusPublication.objects.order_by("made_at", "id").last()
    return bytes(newest.content) if newest else None
