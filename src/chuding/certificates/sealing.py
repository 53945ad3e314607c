"""The state's electronic seal, where the settings name a service: a version of its own beside the paper that we signed.

Two signatures in one file would break each other: ours covers the whole file and allows no change, and the seal is SM2, which no
reader of PAdES judges (docs/adr/0013). The seal is asked for after the paper counts, so nothing is ever sealed that was not issued,
and a service that is away holds up nobody's certificate.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from django.db import transaction
from django_tasks import task

from chuding.certificates.models import SealedFile
from chuding.certificates.press import seal_service_of
from chuding.connectors.seal import SealRefused, SealUnavailable
from chuding.jobs.leases import NotYet
from chuding.ledger.record import record
from chuding.storage.clock import now
from chuding.storage.files import store

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet


def is_sealed(office: str) -> bool:
    """Whether this office's papers get the state's electronic seal."""
    return seal_service_of(office) is not None


def order(*, subject: tuple[str, str], office: str, page: bytes, at: datetime) -> SealedFile:
    """Have the sealed version of a paper made from this page, in the transaction that issues the paper."""
    if not transaction.get_connection().in_atomic_block:
        msg = "a seal is ordered in its paper's transaction"
        raise RuntimeError(msg)
    kind, ref = subject
    sealed = SealedFile.objects.create(
        subject_kind=kind, subject_ref=ref, office=office, source=store().put(page), ordered_at=at
    )
    put_seal.enqueue(sealed_id=sealed.pk)
    return sealed


def carry_out(*, sealed_id: int, at: datetime) -> SealedFile:
    """Ask the service and keep what it sealed; a second call, or one after a crash, gives the same file.

    Raises NotYet while the service is away. What it refuses is noted in words and tried again every night.
    """
    sealed = SealedFile.objects.get(pk=sealed_id)
    seal = seal_service_of(sealed.office)
    if sealed.file or seal is None:
        return sealed
    reference = f"{sealed.subject_kind}:{sealed.subject_ref}"
    paper = store().path(sealed.source).read_bytes()
    try:
        made = seal.service.seal(paper, seal_id=seal.seal_id, form=seal.form, reference=reference)
    except SealUnavailable as problem:
        raise NotYet(f"等待电子印章服务：{problem}") from problem
    except SealRefused as problem:
        return _note(sealed, str(problem), at)
    with transaction.atomic():
        sealed = SealedFile.objects.select_for_update().get(pk=sealed_id)
        if sealed.file:
            return sealed
        sealed.file, sealed.form = store().put(made.file), seal.form
        sealed.seal_id, sealed.seal_name, sealed.sealed_at = made.seal_id, made.seal_name[:200], made.signed_at
        sealed.problem = ""
        sealed.save()
        data = {"file": sealed.file, "source": sealed.source, "seal": made.seal_id}
        subject = (sealed.subject_kind, sealed.subject_ref)
        record(action="seal_paper", subject=subject, by=None, role="machine", at=at, data=data)
    return sealed


@transaction.atomic
def _note(sealed: SealedFile, sentence: str, at: datetime) -> SealedFile:
    if sealed.problem != sentence:
        sealed.problem = sentence[:400]
        sealed.save(update_fields=["problem"])
        subject = (sealed.subject_kind, sealed.subject_ref)
        record(action="seal_refused", subject=subject, by=None, role="machine", at=at, reason=sentence)
    return sealed


@task()
def put_seal(sealed_id: int) -> str:
    """The worker's part: the sealed file's digest, empty where the service refused."""
    return carry_out(sealed_id=sealed_id, at=now()).file


@task()
def seal_what_is_left() -> int:
    """The night's part: ask once more for every seal that was refused; answers how many are left."""
    left = 0
    for sealed in SealedFile.objects.filter(file="").exclude(problem="").order_by("id"):
        left += not carry_out(sealed_id=sealed.pk, at=now()).file
    return left


def seals_about(kind: str, refs: list[str]) -> QuerySet[SealedFile]:
    """The sealed versions of these papers, made or still to be made."""
    return SealedFile.objects.filter(subject_kind=kind, subject_ref__in=refs).order_by("id")


def sealed_version(kind: str, ref: str) -> SealedFile | None:
    """The sealed version of a paper, once there is one."""
    return seals_about(kind, [ref]).exclude(file="").first()


def sealed_file(content: bytes) -> SealedFile | None:
    """What an uploaded file is, byte for byte, the sealed version of; None for any other file."""
    return SealedFile.objects.filter(file=hashlib.sha256(content).hexdigest()).first()
