"""Keep issued certificates provable: an archive time stamp on top before the one below it ends. Old copies stay good.

Certificates are issued with their proof inside (PAdES B-LT) and untouched until it is needed (docs/adr/0006).
"""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django_tasks import task

from chuding.certificates.models import Certificate, EarlierFile, Standing
from chuding.certificates.press import archived, time_stamper
from chuding.ledger.record import record
from chuding.storage.clock import now
from chuding.storage.files import store

if TYPE_CHECKING:
    from datetime import datetime

log = logging.getLogger(__name__)

# Half a year before the end there is time for a person to mend whatever keeps the nights from renewing.
MARGIN = timedelta(days=180)


def due(*, at: datetime, margin: timedelta = MARGIN) -> list[str]:
    """Numbers of valid certificates whose proof ends within the margin, and that the authority of today would prolong."""
    stamper = time_stamper()
    if stamper is None:
        return []
    ends = stamper.certificate_chain[0].not_valid_after_utc
    found = Certificate.objects.filter(standing=Standing.VALID, provable_until__lt=min(at + margin, ends))
    return list(found.order_by("provable_until", "number").values_list("number", flat=True))


def renew(*, number: str, at: datetime) -> Certificate:
    """Put one archive time stamp on top of a certificate's file and register the new bytes beside the old.

    The authority is asked outside of any transaction, so that nobody waits for it who writes. Where the certificate got another
    file or ceased to count meanwhile, it stays as it is. Raises NotYet while the authority gives no stamp; nothing is
    changed then.
    """
    old = Certificate.objects.get(number=number).file
    whole, until = archived(store().path(old).read_bytes(), at=at)
    with transaction.atomic():
        return _register(number, old, whole, until, at)


def _register(number: str, old: str, whole: bytes, until: datetime, at: datetime) -> Certificate:
    certificate = Certificate.objects.select_for_update().get(number=number)
    if certificate.file != old or certificate.standing != Standing.VALID:
        return certificate
    EarlierFile.objects.create(certificate=certificate, file=old, replaced_at=at)
    certificate.file, certificate.provable_until = store().put(whole), until
    certificate.save(update_fields=["file", "provable_until"])
    record(
        action="archive_certificate",
        subject=("certificate", number),
        by=None,
        role="machine",
        at=at,
        data={"file": certificate.file, "before": old},
    )
    return certificate


@task()
def renew_archives() -> int:
    """The night's part: every certificate that is due. Where the authority is away, the job waits and goes on."""
    numbers = due(at=now())
    for number in numbers:
        renew(number=number, at=now())
    return len(numbers)
