"""Filling in: start a file, save a section, give and take back materials, sign the commitment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction
from django.db.models import Sum
from django.utils import timezone

from chuding.accounts.roles import Role
from chuding.accounts.services import set_display_name
from chuding.applications.models import Application, Correction, Education, Material, WorkSpell
from chuding.applications.sections import SECTION, material_is_open, mends
from chuding.applications.services.moves import lock, subject_of
from chuding.applications.services.papers import require_stamped
from chuding.applications.services.reusing import FIELDS, earlier_of, reused, take_over
from chuding.applications.tasks import make_pages, read_material
from chuding.applications.workflow import EDITABLE, LIVE, Declined, State
from chuding.ledger.record import record
from chuding.storage.fields import blind_index

if TYPE_CHECKING:
    from datetime import datetime

    from chuding.accounts.models import Person
    from chuding.policy.notice import Notice


@dataclass(frozen=True, kw_only=True)
class Upload:
    """A file that stands in the store and has passed the preflight."""

    code: str
    name: str
    digest: str
    size: int
    pages: int
    hints: tuple[str, ...] = ()


def live_file_of(person: Person, notice: Notice) -> Application | None:
    """The file that this person already has in this round, if it is alive."""
    return Application.objects.filter(applicant=person, notice_id=notice.id, state__in=LIVE).first()


def start(*, notice: Notice, by: Person, at: datetime, values: dict[str, Any] | None = None) -> Application:
    """Open a draft, with what an earlier file and the self-check already know: nobody types a thing twice.

    A person who has a live file gets that one back.
    """
    if existing := live_file_of(by, notice):
        return existing
    earlier = earlier_of(by)
    known = reused(earlier, notice) if earlier else {}
    known |= {key: value for key, value in (values or {}).items() if key in FIELDS}
    try:
        with transaction.atomic():
            application = Application.objects.create(
                notice_id=notice.id,
                notice_digest=notice.digest,
                applicant=by,
                created_at=at,
                saved_at=at,
                updated_at=at,
                **known,
            )
            record(
                action="start",
                subject=subject_of(application),
                by=by,
                role=Role.APPLICANT,
                at=at,
                data={"notice": notice.id, "notice_digest": notice.digest},
            )
            if earlier:
                take_over(earlier, application, notice)
    except IntegrityError:  # two clicks at once: the other one made it
        return Application.objects.get(applicant=by, notice_id=notice.id, state__in=LIVE)
    return application


def open_correction(application: Application) -> Correction | None:
    """The send-back that waits for the applicant, if there is one; what the lead has yet to agree to is none."""
    if application.life is not State.CORRECTION:
        return None
    return application.corrections.filter(mended_at__isnull=True).first()


def may_change(application: Application, section: str) -> bool:
    """Whether a section is open: all of a draft, and after a send-back only what was sent back."""
    if application.life not in EDITABLE:
        return False
    if application.life is not State.CORRECTION:
        return True
    correction = open_correction(application)
    return correction is not None and mends(section, correction.parts())


def _own_open(ref: str, section: str, by: Person, seen: int | None) -> Application:
    """One's own file with an open section, locked. `seen` is the version that the page was made from; None: any."""
    application = lock(ref)
    if application.applicant_id != by.pk:
        raise Application.DoesNotExist
    if seen is not None and application.version != seen:
        raise Declined("这份申报刚刚在别的页面或设备上改过，这一次没有保存。您填写的内容还在，请核对后重新提交。")
    if not may_change(application, section):
        if application.life is State.CORRECTION:
            raise Declined(f"这次补正不涉及“{SECTION[section].title}”，只需修改退回的几项。")
        raise Declined(f"申报当前状态是“{application.life.label}”，不能再修改。需要修改的，请先撤回。")
    return application


def _saved(
    application: Application, *, by: Person, at: datetime, section: str, data: dict[str, Any] | None = None
) -> None:
    if section != "commitment" and application.life is not State.CORRECTION:
        # What was promised was promised of other words: sign again after a change.
        application.commitment_at = None
    application.unsaved.filter(section=section).delete()
    application.version += 1
    application.saved_at = application.updated_at = at
    application.save()
    record(
        action="save",
        subject=subject_of(application),
        by=by,
        role=Role.APPLICANT,
        at=at,
        data={"section": section, **(data or {})},
    )


@transaction.atomic
def declare(
    *, ref: str, section: str, values: dict[str, Any], by: Person, at: datetime, seen: int | None = None
) -> Application:
    """Save one section's cleaned fields. Unknown fields are a programmer's error; a closed section is Declined.

    So is a file that has changed since the version `seen`.
    """
    application = _own_open(ref, section, by, seen)
    strange = set(values) - set(SECTION[section].fields)
    if strange:
        msg = f"section {section} has no fields {sorted(strange)}"
        raise ValueError(msg)
    before = application.full_name
    for name, value in values.items():
        setattr(application, name, value)
    if "full_name" in values and by.display_name in {"", before}:
        # The pages greet people by the name they gave; one that an office or a unit has written down stays.
        set_display_name(person=by, name=application.full_name, at=at)
    if "identity_number" in values:
        application.identity_index = (
            blind_index(application.identity_number, "identity") if application.identity_number else ""
        )
        _refuse_number_in_use(application)
    if "level" in values or "specialty" in values:
        application.series = application.specialty.split("/", 1)[0]
    _saved(application, by=by, at=at, section=section)
    return application


NUMBER_IN_USE = "本年度已有一份使用同一证件号码的申报，不能重复申报。如果不是您本人提交的，请联系协会核实。"


def _refuse_number_in_use(application: Application) -> None:
    """A file that was handed in may not take the number of another one that was; a draft is asked when it is handed in."""
    if application.life is State.DRAFT or not application.identity_index:
        return
    others = Application.objects.filter(
        notice_id=application.notice_id,
        identity_index=application.identity_index,
        state__in=sorted(LIVE - {State.DRAFT}),
    )
    if others.exclude(pk=application.pk).exists():
        raise Declined(NUMBER_IN_USE)


@transaction.atomic
def declare_educations(
    *, ref: str, rows: list[dict[str, Any]], by: Person, at: datetime, seen: int | None = None
) -> Application:
    """Save the whole list of schooling, in the order given."""
    application = _own_open(ref, "schooling", by, seen)
    application.educations.all().delete()
    Education.objects.bulk_create([Education(application=application, **row) for row in rows])
    _saved(application, by=by, at=at, section="schooling", data={"rows": len(rows)})
    return application


@transaction.atomic
def declare_work(
    *, ref: str, rows: list[dict[str, Any]], values: dict[str, Any], by: Person, at: datetime, seen: int | None = None
) -> Application:
    """Save the whole list of work, with the employer's appraisal and the hours of continuing education."""
    application = _own_open(ref, "work", by, seen)
    application.spells.all().delete()
    WorkSpell.objects.bulk_create([WorkSpell(application=application, **row) for row in rows])
    for name in SECTION["work"].fields:
        if name in values:
            setattr(application, name, values[name])
    _saved(application, by=by, at=at, section="work", data={"rows": len(rows)})
    return application


def open_for_materials(*, ref: str, by: Person) -> Application:
    """One's own file, locked, whose materials can be changed; Declined where they cannot."""
    return _own_open(ref, "materials", by, None)


def open_for_identity(*, ref: str, by: Person) -> Application:
    """One's own file, locked, whose identity can be changed; Declined where it cannot."""
    return _own_open(ref, "identity", by, None)


# One file holds no more than this: a bound against filling the disk.
MOST_BYTES = 60 * 1024 * 1024


def _refuse_flood(application: Application, upload: Upload) -> None:
    kept = application.materials.filter(replaced_at__isnull=True).exclude(code=upload.code)
    held = kept.aggregate(held=Sum("size"))["held"] or 0
    if held + upload.size > MOST_BYTES:
        raise Declined("各项材料加起来超过 60 MB。请降低扫描分辨率（200 dpi 就够），或者只留需要的页，再上传。")


@transaction.atomic
def attach_material(*, ref: str, upload: Upload, by: Person, at: datetime) -> Material:
    """Put a checked file under its item; an earlier one of that item is kept as replaced.

    Raises Declined where the item is not open, and for the unit's letter as it was downloaded, without a stamp.
    """
    application = _own_open(ref, "materials", by, None)
    require_stamped(upload.digest, subject_of(application))
    correction = open_correction(application)
    if correction and not material_is_open(upload.code, correction.parts()):
        raise Declined(f"材料{upload.code}没有被退回，不用重新上传。")
    _refuse_flood(application, upload)
    material = put_material(application, upload, at=at)
    _saved(application, by=by, at=at, section="materials", data={"code": upload.code, "file": upload.digest})
    return material


def put_material(application: Application, upload: Upload, *, at: datetime) -> Material:
    """The row of a checked file, with its pages and its reading ordered; for services that have asked whether it may be."""
    application.materials.filter(code=upload.code, replaced_at__isnull=True).update(replaced_at=at)
    material = Material.objects.create(
        application=application,
        code=upload.code,
        name=upload.name[:200],
        file=upload.digest,
        size=upload.size,
        pages=upload.pages,
        hints=list(upload.hints),
        uploaded_at=at,
    )
    make_pages.enqueue(material_id=material.pk)
    read_material.enqueue(material_id=material.pk)
    return material


@transaction.atomic
def remove_material(*, ref: str, material_ref: str, by: Person, at: datetime) -> Application:
    """Take a material back; the row stays as replaced."""
    application = _own_open(ref, "materials", by, None)
    material = application.materials.get(ref=material_ref, replaced_at__isnull=True)
    correction = open_correction(application)
    if correction and not material_is_open(material, correction.parts()):
        raise Declined(f"材料{material.code}没有被退回，不能删除。")
    material.replaced_at = at
    material.save(update_fields=["replaced_at"])
    _saved(application, by=by, at=at, section="materials", data={"removed": material.code, "file": material.file})
    return application


@transaction.atomic
def commit(*, ref: str, name: str, by: Person, at: datetime, seen: int | None = None) -> Application:
    """Sign the personal commitment by typing one's name as it stands in the file."""
    application = _own_open(ref, "commitment", by, seen)
    if not application.full_name:
        raise Declined("请先填写“核对身份信息”，再签署承诺。")
    if name != application.full_name:
        raise Declined("签名与身份信息里的姓名不一致，请输入与证件一致的姓名。")
    application.commitment_name = name
    application.commitment_at = at
    _saved(application, by=by, at=at, section="commitment", data={"at": timezone.localtime(at).isoformat()})
    return application
