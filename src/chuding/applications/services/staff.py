"""An employer's roster: taking in a sheet, checking it as often as needed, importing it once; who leaves the list.

Nothing here is an application. Every service asks first whether the clerk acts for the employer.
"""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction

from chuding.accounts.people import employers_of, phone_index
from chuding.accounts.roles import Role
from chuding.applications.models import Application
from chuding.applications.roster.checking import Known, WrongSheet, check_rows, people_of
from chuding.applications.roster.columns import COLUMNS, PLACE, SHEET, Context
from chuding.applications.roster.models import EmployerStaff, RosterImport
from chuding.applications.roster.prospects import prospect_of
from chuding.applications.workflow import LIVE, Declined, State
from chuding.ledger.record import record
from chuding.paper.sheets import LIMIT_BYTES, Cell, SheetRefused, read_sheet
from chuding.policy.terms import Level
from chuding.storage.fields import blind_index
from chuding.storage.files import FileTooLarge, store
from chuding.storage.scanning import NotClean, require_clean

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from chuding.accounts.models import Employer, Person
    from chuding.applications.roster.checking import Row
    from chuding.policy.notice import Notice

IMPORTS_KEPT = timedelta(days=1)
_AS_COLUMNS = frozenset({"full_name", "identity_type", "identity_number", "phone", "born_on"})
_BATCH = 400


def require_clerk(employer: Employer, by: Person) -> None:
    """Raise Declined unless `by` acts for this verified employer at this moment."""
    if not employers_of(by).filter(pk=employer.pk).exists():
        raise Declined("您已不是这个单位的经办人，请刷新页面。")


def index_of(number: str) -> str:
    """The blind index of an identity number: the same as a file's, so that the two can be compared."""
    return blind_index(number, "identity")


def note(action: str, employer: Employer, *, by: Person, at: datetime, **data: Any) -> None:
    """Record an act of a clerk for the employer; `data` holds counts, references and digests only."""
    record(action=action, subject=("employer", employer.uscc), by=by, role=Role.EMPLOYER_CLERK, at=at, data=data)


# ---- a sheet comes in ----


def open_import(*, employer: Employer, chunks: Iterable[bytes], name: str, by: Person, at: datetime) -> RosterImport:
    """Take in a sheet: read in the sandbox, kept as encrypted cells until it is imported, for a day at most.

    The file itself is not kept. Raises Declined with what is wrong with the file as a whole.
    """
    require_clerk(employer, by)
    try:
        received = store().receive(chunks, LIMIT_BYTES)
    except FileTooLarge as error:
        raise Declined(SheetRefused("too_large").sentence) from error
    try:
        require_clean(received)
        lines = people_of(read_sheet(received.path, SHEET))
    except (NotClean, SheetRefused, WrongSheet) as refusal:
        raise Declined(refusal.sentence) from refusal
    finally:
        digest = received.sha256
        store().discard(received)
    with transaction.atomic():
        # What this clerk left lying is given up: one open sheet a clerk.
        RosterImport.objects.filter(employer=employer, by=by, done_at__isnull=True).delete()
        return RosterImport.objects.create(
            employer=employer, by=by, at=at, name=name[-120:], digest=digest, cells=_dump(lines)
        )


def _dump(lines: Mapping[int, list[Cell]]) -> str:
    return json.dumps({line: [[cell.kind, cell.text] for cell in cells] for line, cells in lines.items()})


def _load(text: str) -> dict[int, list[Cell]]:
    return {int(line): [Cell(*cell) for cell in cells] for line, cells in json.loads(text or "{}").items()}


def check_import(held: RosterImport, *, notice: Notice, on: date) -> list[Row]:
    """Every row of an open import with all that is to be said of it, as things stand now."""
    lines = _load(held.cells)
    return check_rows(lines, Context(notice, on), known_people(held.employer, notice))


def known_people(employer: Employer, notice: Notice) -> Known:
    """Whom this employer already has. Of other employers' people nothing is told: a number can be probed."""
    rows = EmployerStaff.objects.filter(employer=employer).values_list("identity_index", "claimed_at", "declined_at")
    live = sorted(LIVE - {State.DRAFT})
    files = Application.objects.filter(
        employer=employer, notice_id=notice.id, state__in=live, submitted_at__isnull=False
    ).values_list("identity_index", "number")
    held = list(rows)
    titles = Application.objects.filter(employer=employer, state=State.ISSUED).values_list("identity_index", "level")
    order = [level.value for level in Level]
    holding: dict[str, str] = {}
    for index, level in titles:
        holding[index] = max(holding.get(index, level), level, key=order.index)
    return Known(
        index_of=index_of,
        on_roster=frozenset(index for index, _, _ in held),
        claimed=frozenset(index for index, claimed, _ in held if claimed),
        declined=frozenset(index for index, _, declined in held if declined),
        applied={index: number or "" for index, number in files},
        holding=holding,
    )


@transaction.atomic
def mend_import(*, ref: str, cells: Mapping[tuple[int, str], str], by: Person) -> RosterImport:
    """Put corrected words into cells of an open import: {(line, column key): text}."""
    held = _own_import(ref, by)
    lines = _load(held.cells)
    for (line, key), text in cells.items():
        if line in lines and key in PLACE:
            plain = text.strip()[:500]
            lines[line][PLACE[key]] = Cell("text", plain) if plain else Cell("empty", "")
    held.cells = _dump(lines)
    held.save(update_fields=["cells"])
    return held


def _own_import(ref: str, by: Person) -> RosterImport:
    held = RosterImport.objects.select_for_update(of=("self",)).select_related("employer").get(ref=ref, by=by)
    if held.done_at is not None:
        raise Declined("这份名单已经导入过了。需要再导入的，请重新上传。")
    require_clerk(held.employer, by)
    return held


@transaction.atomic
def finish_import(*, ref: str, whole: bool, notice: Notice, by: Person, at: datetime, on: date) -> RosterImport:
    """Import the good rows, or with `whole` all of them or none. Raises Declined where nothing may be imported."""
    held = _own_import(ref, by)
    rows = check_import(held, notice=notice, on=on)
    good = [row for row in rows if row.good]
    if whole and len(good) < len(rows):
        raise Declined(f"还有{len(rows) - len(good)}行需要修改，没有导入。请改好后再导入，或者先导入没有问题的行。")
    if not good:
        raise Declined("没有可以导入的行。请按提示修改后再导入。")
    _keep(held.employer, good, notice=notice, by=by, at=at, on=on)
    held.imported, held.left_out = len(good), len(rows) - len(good)
    held.cells, held.done_at = "", at
    held.save(update_fields=["imported", "left_out", "cells", "done_at"])
    note("roster.imported", held.employer, by=by, at=at, rows=held.imported, left_out=held.left_out, file=held.digest)
    return held


def _keep(employer: Employer, rows: list[Row], *, notice: Notice, by: Person, at: datetime, on: date) -> None:
    held = EmployerStaff.objects.select_for_update(of=("self",)).select_related("employer").filter(employer=employer)
    existing = {row.identity_index: row for row in held}
    fresh, changed = [], []
    for row in rows:
        person = existing.get(row.index)
        if person is None:
            person = EmployerStaff(employer=employer, identity_index=row.index, added_by=by, added_at=at)
            fresh.append(person)
        else:
            changed.append(person)
        _fill(person, row.values, notice=notice, at=at, on=on)
    EmployerStaff.objects.bulk_create(fresh, batch_size=_BATCH)
    names = (
        "full_name", "identity_type", "identity_number", "phone", "phone_index", "details", "updated_at", "first_on",
        "first_level", "awaits", "notice_digest", "told_on",
    )  # fmt: skip
    EmployerStaff.objects.bulk_update(changed, names, batch_size=_BATCH // 8)


def _fill(person: EmployerStaff, values: Mapping[str, Any], *, notice: Notice, at: datetime, on: date) -> None:
    person.full_name = values["full_name"]
    person.identity_type = values["identity_type"]
    person.identity_number = values["identity_number"]
    person.phone = values["phone"]
    person.phone_index = phone_index(person.phone)
    details = {
        column.key: value.isoformat() if isinstance(value, date) else value
        for column in COLUMNS
        if column.key not in _AS_COLUMNS and (value := values.get(column.key)) is not None
    }
    person.details = json.dumps(details, ensure_ascii=False, sort_keys=True)
    person.updated_at = at
    _reckon(person, notice, on)


def _reckon(person: EmployerStaff, notice: Notice, on: date) -> None:
    found = prospect_of(notice, person.declared, on, freelance=person.employer.speaks_for_freelancers)
    if found.on != person.first_on:
        person.told_on = None
    person.first_on, person.first_level, person.awaits = found.on, found.level, bool(found.to_come)
    person.notice_digest = notice.digest


# ---- the list afterwards ----


@transaction.atomic
def reckon(*, employer: Employer, notice: Notice, on: date) -> int:
    """Ask the law engine again for everybody of a roster whose answer is of another notice; answers how many.

    The night does it for every roster before anybody is told of their day.
    """
    stale = list(
        EmployerStaff.objects.select_for_update(of=("self",))
        .select_related("employer")
        .filter(employer=employer, declined_at__isnull=True)
        .exclude(notice_digest=notice.digest)
    )
    for person in stale:
        _reckon(person, notice, on)
    EmployerStaff.objects.bulk_update(
        stale, ["first_on", "first_level", "awaits", "notice_digest", "told_on"], batch_size=_BATCH // 4
    )
    return len(stale)


@transaction.atomic
def reckon_staff(*, employer: Employer, notice: Notice, by: Person, at: datetime, on: date) -> int:
    """The same at once, because a clerk asks for it: an act of theirs for the unit."""
    require_clerk(employer, by)
    count = reckon(employer=employer, notice=notice, on=on)
    note("roster.reckoned", employer, by=by, at=at, rows=count, notice_digest=notice.digest)
    return count


@transaction.atomic
def remove_staff(*, ref: str, by: Person, at: datetime) -> Employer:
    """Take somebody off the roster; what was typed of them is deleted. A file of theirs is not touched."""
    person = EmployerStaff.objects.select_for_update(of=("self",)).select_related("employer").get(ref=ref)
    require_clerk(person.employer, by)
    note("roster.removed", person.employer, by=by, at=at, entry=person.ref)
    person.delete()
    return person.employer


def forget_imports(*, at: datetime) -> int:
    """Delete the sheets that were never imported and are older than a day; for the nightly housekeeping."""
    gone, _ = RosterImport.objects.filter(done_at__isnull=True, at__lt=at - IMPORTS_KEPT).delete()
    return gone
