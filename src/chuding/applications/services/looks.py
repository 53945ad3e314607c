"""抽检: one file in twenty is judged again by somebody who does not see the first opinion; where they differ, people talk."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from chuding.accounts.roles import Role
from chuding.applications.models import Application, Verdict
from chuding.applications.reviewing.models import SecondLook
from chuding.applications.reviewing.parts import who_had_a_part
from chuding.applications.services.moves import lock, roles_on, subject_of
from chuding.applications.workflow import Declined
from chuding.ledger.record import record
from chuding.storage.fields import blind_index

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from chuding.accounts.models import Person

ONE_IN = 20


def is_drawn(ref: str) -> bool:
    """Whether a file is drawn. It follows from its reference under a secret key, so nobody can know or steer it."""
    return int(blind_index(ref, "second look")[:8], 16) % ONE_IN == 0


def draw_for_second_look(application: Application, *, at: datetime) -> None:
    """Put a drawn file on the list of second looks, once, when its first review ends."""
    if is_drawn(application.ref):
        SecondLook.objects.get_or_create(application=application, defaults={"drawn_at": at})


@transaction.atomic
def look(*, ref: str, favourable: bool, codes: Collection[str], text: str, by: Person, at: datetime) -> SecondLook:
    """The second, blind opinion. It changes nothing on the file; where it differs from the first it is on the lead's list."""
    application = lock(ref)
    held = SecondLook.objects.select_for_update().filter(application=application, at__isnull=True).first()
    if held is None:
        raise Declined("这份申报不在抽检之列，或者已经有人抽检过了。")
    if not roles_on(application, by, at) & {Role.REVIEWER, Role.LEAD}:
        raise Declined("您不能抽检这份申报。")
    if by.pk in who_had_a_part(application):
        raise Declined("您办过这份申报，抽检要由没有办过的人来做。")
    if not favourable and not text.strip():
        raise Declined("请写明您不建议通过的理由。")
    materials = list(application.current_materials())
    first = sorted(m.code for m in materials if m.verdict == Verdict.DEFECT)
    held.by, held.at, held.text = by, at, text.strip()
    held.opinion = "for" if favourable else "against"
    held.codes = sorted(set(codes) & {m.code for m in materials})
    held.agrees = held.opinion == application.opinion and held.codes == first
    held.save()
    record(
        action="second_look",
        subject=subject_of(application),
        by=by,
        role=Role.REVIEWER,
        at=at,
        data={"opinion": held.opinion, "agrees": held.agrees, "codes": held.codes},
    )
    return held
