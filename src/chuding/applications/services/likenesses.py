"""Files that look like one: the same person, the same scan, nearly the same scan. The machine points, a person decides."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Count, Q

from chuding.accounts.names import same_spelling
from chuding.accounts.roles import Role
from chuding.applications.material_kinds import Kind, codes_of
from chuding.applications.models import Application, Material
from chuding.applications.reviewing.models import Likeness, LikenessKind, PageMark, PageWord
from chuding.applications.reviewing.prints import Sight, same_sheet, sight_of, words_near, words_of
from chuding.applications.roster.models import UnitLetter
from chuding.applications.services.moves import lock, roles_on, subject_of
from chuding.applications.translate import notice_of
from chuding.applications.workflow import LIVE, Declined, State
from chuding.ledger.record import record
from chuding.storage.files import store

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from pathlib import Path

    from django.db import models

    from chuding.accounts.models import Person

MOST = 20
# A word that more pages share is part of a printed form. A sheet shares so many of the others with its second scan (the least
# of 64 was 11; docs/performance.md), and so many pages are looked at closely.
COMMON, SHARED, COMPARED = 12, 8, 200


def find_likenesses(application: Application, *, at: datetime) -> int:
    """Note every other file that this one looks like, in the caller's transaction; answers how many are new."""
    before = application.likenesses.count()
    _same_person(application, at)
    current = list(application.current_materials())
    by_file = {m.file: m for m in current}
    twins = Material.objects.filter(file__in=by_file).exclude(application=application).select_related("application")
    if application.employer_id is not None:
        # One letter of a unit for many of its people is one file in all of theirs.
        shared = UnitLetter.objects.filter(employer=application.employer_id, scan__in=by_file).values("scan")
        twins = twins.exclude(file__in=shared, application__employer=application.employer_id)
    _keep(
        [
            Likeness(
                application=application,
                other=m.application,
                kind=LikenessKind.SCAN,
                material=by_file[m.file],
                other_material=m,
            )
            for m in _strangers(application, twins.order_by("id")[: MOST * 2])
        ],
        at,
    )
    return _flag(application, before)


def _flag(application: Application, before: int) -> int:
    found = application.likenesses.count() - before
    if found:
        application.alike = True
        application.save(update_fields=["alike"])
    return found


def _same_person(application: Application, at: datetime) -> None:
    """The same identity number under another account, or for the same level, in a file that lives or led to a certificate.

    So is the same birth and name under another document, however spelt: one may hold a 通行证, a 居住证 and a passport.
    """
    if not application.identity_index:
        return
    found = Application.objects.filter(submitted_at__isnull=False, state__in=sorted(LIVE)).exclude(pk=application.pk)
    found = found.filter(~Q(applicant=application.applicant_id) | Q(level=application.level))
    numbers = list(found.filter(identity_index=application.identity_index)[:MOST])
    _keep([Likeness(application=application, other=o, kind=LikenessKind.PERSON) for o in numbers], at)
    namesakes = _of_one_name(application, found.exclude(pk__in=[o.pk for o in numbers]))
    _keep([Likeness(application=application, other_id=pk, kind=LikenessKind.NAME) for pk in namesakes], at)


# So many files are looked at for one birthday; a year's round has some dozens of a day.
MOST_OF_A_DAY = 2000


def _of_one_name(application: Application, found: models.QuerySet[Application]) -> list[int]:
    """Files of somebody born on the same day whose name, or foreign name, is this person's in any spelling."""
    if application.born_on is None:
        return []
    mine = _spellings(application.full_name, application.foreign_name)
    born = found.filter(born_on=application.born_on).order_by("-id")
    rows = born.values_list("pk", "full_name", "foreign_name")[:MOST_OF_A_DAY]
    return [pk for pk, *names in rows if mine & _spellings(*names)][:MOST]


def _spellings(*names: str | None) -> set[str]:
    return {same_spelling(name) for name in names if name} - {""}


def _strangers(application: Application, materials: Iterable[Material]) -> list[Material]:
    """Those that belong to somebody else's submitted file."""
    return [
        m
        for m in materials
        if m.application_id != application.pk
        and m.application.submitted_at is not None
        and m.application.applicant_id != application.applicant_id
        and m.application.identity_index != application.identity_index
    ]


def _keep(rows: list[Likeness], at: datetime) -> None:
    for row in rows:
        row.found_at = at
    Likeness.objects.bulk_create(rows[:MOST], ignore_conflicts=True)


# ---- nearly the same ----


def take_prints(material: Material) -> int:
    """Keep what finds a material's page images again; answers how many pages have something to be found by."""
    folder = store().derived(material.file)
    kept = 0
    for n in range(1, material.pages + 1):
        image = folder / f"page-{n}.webp"
        sight = sight_of(image) if image.is_file() else None
        if sight is None:
            continue
        kept += 1
        sight.save(_points(material.file, n))
        mark, new = PageMark.objects.get_or_create(file=material.file, page=n)
        if new:
            PageWord.objects.bulk_create(PageWord(mark=mark, word=word) for word in sorted(words_of(sight)))
    return kept


def find_near(application: Application, *, at: datetime) -> int:
    """Note files with the same sheet of a document that names one person only; the worker's part, since it looks at pictures.

    Looks first and writes in a transaction of its own afterwards: comparing takes seconds, and nobody is to wait for it.
    """
    # Papers of schooling, by the notice's own item. Letters of one unit and summaries of one trade look alike and are no copies.
    current = list(application.current_materials().filter(code__in=codes_of(notice_of(application), Kind.SCHOOLING)))
    by_file = {m.file: m for m in current}
    marked = set(PageMark.objects.filter(file__in=by_file).values_list("file", flat=True))
    for material in current:
        if material.file not in marked:
            take_prints(material)
    found: dict[tuple[str, str], tuple[int, int]] = {}
    for mark in PageMark.objects.filter(file__in=by_file):
        mine = _seen(mark)
        if mine is None:
            continue
        for other in _candidates(mine[1], by_file):
            theirs = _seen(other) if (mark.file, other.file) not in found else None
            if theirs is not None and same_sheet(mine, theirs):
                found[mark.file, other.file] = (mark.page, other.page)
    return _keep_near(application, by_file, found, at)


def _candidates(sight: Sight, own: Iterable[str]) -> list[PageMark]:
    """Pages of others that share the most words, best first. A word of many pages is the printed form's and says nothing."""
    asked = sorted(words_near(sight))
    counted = PageWord.objects.filter(word__in=asked).values("word").annotate(n=Count("id"))
    rare = [row["word"] for row in counted if row["n"] <= COMMON]
    shared = PageWord.objects.filter(word__in=rare).exclude(mark__file__in=own)
    best = shared.values("mark").annotate(n=Count("id")).filter(n__gte=SHARED).order_by("-n", "-mark")[:COMPARED]
    marks = PageMark.objects.in_bulk([row["mark"] for row in best])
    return [marks[row["mark"]] for row in best if row["mark"] in marks]


def _points(file: str, page: int) -> Path:
    return store().derived(file) / f"points-{page}.npz"


def _seen(mark: PageMark) -> tuple[Path, Sight] | None:
    """A page image with its points; None where they were cleared away with it."""
    image = store().derived(mark.file) / f"page-{mark.page}.webp"
    try:
        return (image, Sight.load(_points(mark.file, mark.page))) if image.is_file() else None
    except (OSError, ValueError):
        return None


@transaction.atomic
def _keep_near(
    application: Application,
    by_file: dict[str, Material],
    found: dict[tuple[str, str], tuple[int, int]],
    at: datetime,
) -> int:
    application = lock(application.ref)
    before = application.likenesses.count()
    holders: dict[str, list[Material]] = defaultdict(list)
    files = {theirs for _, theirs in found}
    for material in Material.objects.filter(file__in=files).select_related("application").order_by("id")[:200]:
        holders[material.file].append(material)
    _keep(
        [
            Likeness(
                application=application,
                other=theirs.application,
                kind=LikenessKind.NEAR,
                material=by_file[mine],
                other_material=theirs,
                page=page,
                other_page=other_page,
            )
            for (mine, file), (page, other_page) in found.items()
            for theirs in _strangers(application, holders[file])
        ],
        at,
    )
    return _flag(application, before)


# ---- a person decides ----


def require_settled(application: Application) -> None:
    """Decline a pass while a likeness waits for its decision, or was found to be one and the same."""
    answers = list(application.likenesses.values_list("same", flat=True))
    if None in answers:
        raise Declined("这份申报与别的申报相似，还没有判断是不是重复。请先看“相似的申报”，写明判断。")
    if True in answers:
        raise Declined("已经认定这份申报与别的申报重复，不能建议通过。请退回补正，或不建议通过。")


@transaction.atomic
def settle(*, ref: str, likeness_id: int, same: bool, reason: str, by: Person, at: datetime) -> Likeness:
    """Whether two files are one (是重复 / 不是重复), by whoever has the file in hand, with the reason."""
    application = lock(ref)
    if Role.REVIEWER not in roles_on(application, by, at) or application.reviewer_id != by.pk:
        raise Declined("请先领取这份申报，再判断是不是重复。")
    if application.life is not State.REVIEWING:
        raise Declined(f"当前状态是“{application.life.label}”，不能再改判。")
    if not reason.strip():
        raise Declined("请写明判断的理由，例如“姓名、证书编号不同”。")
    held = Likeness.objects.select_for_update().get(pk=likeness_id, application=application)
    held.same, held.reason, held.decided_by, held.decided_at = same, reason.strip()[:400], by, at
    held.save(update_fields=["same", "reason", "decided_by", "decided_at"])
    other = held.other
    record(
        action="settle_likeness",
        subject=subject_of(application),
        by=by,
        role=Role.REVIEWER,
        at=at,
        reason=held.reason,
        data={"kind": held.kind, "other": other.ref, "same": same},
    )
    return held
