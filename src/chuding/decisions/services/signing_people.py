"""Who of an office may act on people's documents: never on their own, on a colleague's, or where they had another part."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chuding.accounts.names import few_names
from chuding.accounts.people import roles_of
from chuding.applications.models import Application
from chuding.applications.reviewing.ties import ties_of
from chuding.applications.translate import local_day
from chuding.applications.workflow import Declined
from chuding.decisions.workflow import OFFICE_SIGNER

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from chuding.accounts.models import Person
    from chuding.accounts.roles import Role
    from chuding.applications.models import ApplicationQuerySet
    from chuding.certificates.models import Certificate


def signs_for(certificate: Certificate, *, by: Person, at: datetime) -> Role:
    """The role in which this person acts on the certificate.

    Raises Declined for anybody else, for its holder, and for whoever has a tie to the file it came from (回避).
    """
    role = OFFICE_SIGNER[certificate.office]
    if role not in roles_of(by):
        raise Declined("只有原发证机关的签发人可以撤销或更正证书。")
    if sentence := keeping_away([certificate], by=by, at=at).get(certificate.pk):
        raise Declined(sentence)
    return role


def keeping_away(certificates: Sequence[Certificate], *, by: Person, at: datetime) -> dict[int, str]:
    """From which of these certificates, by their keys, this person has to step back, and why, in a sentence (回避)."""
    if not certificates:
        return {}
    # What a newer certificate has replaced stands on no file any more, and is acted on no more.
    files = Application.objects.filter(certificate_number__in=[each.number for each in certificates])
    held = {(file.applicant_id, file.certificate_number): file for file in files.prefetch_related("spells")}
    ties, found = ties_of(by, local_day(at)), {}
    for each in certificates:
        file = held.get((each.holder_id, each.number))
        tie = "这是您本人的证书。" if each.holder_id == by.pk else ties.against(file) if file else ""
        if tie:
            found[each.pk] = f"{tie}按规定您要回避，请由其他签发人办理。"
    return found


def require_apart_from(files: ApplicationQuerySet, *, by: Person, at: datetime, act: str) -> None:
    """Raise Declined, naming them, where `by` has a tie to one of the files (回避) or had a part in its review.

    Who approved a file may well sign its document: that is one office's one decision (notice 七).
    """
    ties = ties_of(by, local_day(at))
    tied, reviewed = [], []
    for file in files.prefetch_related("spells"):
        if ties.against(file):
            tied.append(file)
        elif by.pk in {file.reviewer_id, file.second_id, file.rechecker_id}:
            reviewed.append(file)
    if any(file.applicant_id == by.pk for file in tied):
        raise Declined(f"名单里有您本人的申报，按回避规定请由其他人{act}。")
    if tied:
        raise Declined(f"{few_names([file.full_name for file in tied])}与您有回避关系，按回避规定请由其他人{act}。")
    if reviewed:
        names = few_names([file.full_name for file in reviewed])
        raise Declined(f"您办过{names}的审核或复核，请由没有办过的人{act}。")
