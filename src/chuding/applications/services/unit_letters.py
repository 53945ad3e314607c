"""One 单位同意申报证明 for up to two hundred people: made from their files, stamped once, scanned once, attached to all of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from django.db import transaction
from django_tasks import task

from chuding.accounts.roles import Role
from chuding.applications.letters import endorsement_of
from chuding.applications.models import Application
from chuding.applications.roster.models import LetterPerson, UnitLetter
from chuding.applications.services.drafting import put_material
from chuding.applications.services.endorsing import MOST_AT_ONCE, letter_code
from chuding.applications.services.moves import permit, subject_of
from chuding.applications.services.papers import carry_out, require_stamped
from chuding.applications.workflow import Action, Declined, State
from chuding.certificates.models import Paper, PaperKind
from chuding.certificates.papers import Order, paper_of
from chuding.ledger.record import record
from chuding.paper.glyphs import MissingGlyph, missing
from chuding.storage.clock import now

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from chuding.accounts.models import Person
    from chuding.applications.services.drafting import Upload


@dataclass(frozen=True)
class Attached:
    """To whom a stamped letter went, and to whom it did not because their file has moved on or changed since."""

    given: list[Application]
    left: list[Application]


def _subject(letter: UnitLetter) -> tuple[str, str]:
    return ("unit_letter", letter.ref)


@transaction.atomic
def draft(*, refs: Sequence[str], by: Person, at: datetime) -> UnitLetter:
    """Have a letter made for these files, which wait for this clerk. Raises Declined, in words, for what cannot be."""
    wanted = set(refs)
    if not wanted:
        raise Declined("请先勾选要写进证明的人。")
    if len(wanted) > MOST_AT_ONCE:
        raise Declined(f"一份证明最多写{MOST_AT_ONCE}人，请分几份生成。")
    files = list(Application.objects.select_for_update().filter(ref__in=wanted).order_by("submitted_at", "id"))
    if len(files) < len(wanted):
        raise Declined("有申报已经找不到，请返回列表重新选择。")
    for file in files:
        permit(file, Action.ENDORSE, by=by, at=at)
    if len({(file.employer_id, file.engagement, file.notice_digest) for file in files}) > 1:
        raise Declined("一份证明只能写同一个单位、同一年度的人，本单位职工和代理的自由职业者也要分开。请分开生成。")
    unit = files[0].employer
    if unit is None:
        raise Declined("没有单位的申报不用单位证明。")
    if not letter_code(files[0]):
        raise Declined("这份通知不要单位同意申报证明。")
    for character in missing("".join(file.full_name + file.employer_name + file.post for file in files)):
        raise Declined(str(MissingGlyph(character)))
    letter = UnitLetter.objects.create(employer=unit, made_by=by, made_at=at)
    LetterPerson.objects.bulk_create(
        [LetterPerson(letter=letter, application=f, position=n, version=f.version) for n, f in enumerate(files, 1)]
    )
    data = {"files": [file.ref for file in files]}
    record(action="draft_letter", subject=_subject(letter), by=by, role=Role.EMPLOYER_CLERK, at=at, data=data)
    make_unit_letter.enqueue(letter_id=letter.pk)
    return letter


def _order(letter: UnitLetter) -> Order:
    return Order(PaperKind.ENDORSEMENT, _subject(letter), "", letter.made_by)


def paper_for(letter: UnitLetter) -> Paper | None:
    """The letter to be printed, once the worker has made it."""
    return paper_of(_order(letter))


@task()
def make_unit_letter(letter_id: int) -> str:
    """The worker's part: the paper's digest, empty where it cannot be printed."""
    letter = UnitLetter.objects.select_related("made_by").get(pk=letter_id)
    files = [person.application for person in letter.people.select_related("application")]
    return carry_out(_order(letter), endorsement_of(*files), at=now())


@transaction.atomic
def attach(*, ref: str, upload: Upload, by: Person, at: datetime) -> Attached:
    """Put the scan of the stamped letter into every file that it still speaks of; an earlier one there is kept as replaced.

    Uploading again replaces it. Raises Declined where nobody is left to whom it could go.
    """
    letter = UnitLetter.objects.select_for_update().get(ref=ref)
    require_stamped(upload.digest, _subject(letter))
    people = list(letter.people.all())
    wanted = [person.application_id for person in people]
    files = {file.pk: file for file in Application.objects.select_for_update().filter(pk__in=wanted).order_by("id")}
    given, left = [], []
    for person in people:
        file = files[person.application_id]
        # One's own file is for a colleague: nobody endorses oneself.
        if file.life is not State.EMPLOYER or file.version != person.version or file.applicant_id == by.pk:
            left.append(file)
            continue
        permit(file, Action.ENDORSE, by=by, at=at)
        _give(file, letter, upload, by=by, at=at)
        person.version, person.attached = file.version, True
        given.append(file)
    if not given:
        raise Declined("名单上的申报都已经办理或者有变化，没有附上。请回到单位审核重新选人。")
    LetterPerson.objects.bulk_update(people, ["version", "attached"])
    letter.scan, letter.attached_at = upload.digest, at
    letter.save(update_fields=["scan", "attached_at"])
    data = {"file": upload.digest, "given": len(given), "left": len(left)}
    record(action="attach_letter", subject=_subject(letter), by=by, role=Role.EMPLOYER_CLERK, at=at, data=data)
    return Attached(given, left)


def _give(file: Application, letter: UnitLetter, upload: Upload, *, by: Person, at: datetime) -> None:
    upload = replace(upload, code=letter_code(file))
    put_material(file, upload, at=at)
    file.version += 1
    file.updated_at = at
    file.save(update_fields=["version", "updated_at"])
    record(
        action="attach_letter",
        subject=subject_of(file),
        by=by,
        role=Role.EMPLOYER_CLERK,
        at=at,
        data={"code": upload.code, "file": upload.digest, "letter": letter.ref},
    )
