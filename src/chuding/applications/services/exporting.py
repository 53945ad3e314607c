"""Tables that leave the site, by two people: one asks and says what for, a signer of the same office allows it.

It can be fetched for a week, by the one who asked alone, with the rights they have at that moment. Nothing is kept but the
record: each table is made when it is fetched, and says in its first line who, when and what for.
"""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction

from chuding.accounts.masking import mask_identity
from chuding.accounts.people import roles_of
from chuding.accounts.roles import Role
from chuding.applications.finding_models import Export
from chuding.applications.services.moves import OFFICE_ROLES
from chuding.applications.workflow import Declined
from chuding.ledger.record import record
from chuding.paper.tables import CONTENT_TYPES, csv_of, xlsx_of
from chuding.storage.clock import SHANGHAI

if TYPE_CHECKING:
    from datetime import datetime

    from chuding.accounts.models import Person
    from chuding.applications.models import Application, ApplicationQuerySet

MOST_ROWS = 5_000
KEPT = timedelta(days=7)
HEAD = ("办件号", "姓名", "证件号码（已遮盖）", "工作单位", "级别", "专业", "状态", "提交时间", "发文字号", "证书编号")


def who_allows(person: Person) -> frozenset[Role]:
    """Whose agreement an export of this person needs: a signer of an office of theirs."""
    held = roles_of(person) & OFFICE_ROLES
    city = {Role.CITY_SIGNER} & held
    return frozenset(city | ({Role.ASSOCIATION_SIGNER} if held - city else set()))


def _require_not_too_many(count: int) -> None:
    if count > MOST_ROWS:
        raise Declined(f"一次最多导出{MOST_ROWS:,}件。请用年度、系列等条件缩小范围，再分几次导出。")


def _note(action: str, export: Export, *, by: Person, at: datetime, **data: str | int) -> None:
    role = min(roles_of(by) & OFFICE_ROLES, default=Role.ANYONE)
    record(action=action, subject=("export", export.ref), by=by, role=role, at=at, reason=export.purpose, data=data)


@transaction.atomic
def ask_export(*, query: str, count: int, form: str, purpose: str, by: Person, at: datetime) -> Export:
    """Ask for a table of what the search page shows; `count` is how many rows that is now. Raises Declined."""
    if len(purpose.strip()) < 4:
        raise Declined("请写明导出的用途，至少4个字，例如“年度总结统计”。")
    if form not in CONTENT_TYPES:
        raise Declined("请选择导出的格式：XLSX 或 CSV。")
    if not count:
        raise Declined("没有符合条件的申报，不用导出。请先放宽条件。")
    _require_not_too_many(count)
    export = Export.objects.create(
        query=query, purpose=purpose.strip()[:200], form=form, asked_by=by, asked_at=at, rows=count
    )
    _note("export.asked", export, by=by, at=at, rows=count, form=form)
    return export


@transaction.atomic
def decide_export(*, ref: str, allow: bool, by: Person, at: datetime) -> Export:
    """A second person allows or declines; it can then be fetched. Raises Declined, Export.DoesNotExist."""
    export = Export.objects.select_for_update(of=("self",)).select_related("asked_by").get(ref=ref)
    if export.asked_by_id == by.pk:
        raise Declined("导出要由另一个人批准，不能批准自己的申请。")
    if not who_allows(export.asked_by) & roles_of(by):
        raise Export.DoesNotExist
    if export.decided_at is not None:
        raise Declined("这项导出已经有人处理过了，请刷新页面。")
    export.allowed, export.decided_by, export.decided_at = allow, by, at
    export.save(update_fields=["allowed", "decided_by", "decided_at"])
    _note("export.allowed" if allow else "export.declined", export, by=by, at=at)
    return export


@transaction.atomic
def fetch_export(*, ref: str, files: ApplicationQuerySet, by: Person, at: datetime) -> tuple[Export, bytes]:
    """The table itself, and a note in the ledger with its digest. `files` is what the asker may see and asked for.

    Raises Export.DoesNotExist for anybody but the asker, Declined before it is allowed, after its week, and where it
    has grown beyond `MOST_ROWS`.
    """
    export = (
        Export.objects.select_for_update(of=("self",))
        .select_related("asked_by", "decided_by")
        .get(ref=ref, asked_by=by)
    )
    if not export.allowed or export.decided_at is None:
        raise Declined("这项导出还没有获得批准。批准以后，请回到这里下载。")
    if at > export.decided_at + KEPT:
        raise Declined("批准已经超过7天，不能再下载。还需要的，请重新申请导出。")
    # It may have grown since it was asked for; a table that is cut off says nothing of it.
    rows = [_row(file) for file in files.order_by("submitted_at", "id")[: MOST_ROWS + 1]]
    _require_not_too_many(len(rows))
    note = _watermark(export)
    made = csv_of(HEAD, rows, note=note) if export.form == "csv" else xlsx_of("申报导出", HEAD, rows, note=note)
    _note("export.fetched", export, by=by, at=at, rows=len(rows), file=hashlib.sha256(made).hexdigest())
    return export, made


def _watermark(export: Export) -> str:
    asked, allowed = (person.display_name if person else "" for person in (export.asked_by, export.decided_by))
    day = f"{export.asked_at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
    return (
        f"导出编号 {export.ref}　申请 {asked}　批准 {allowed}　{day}　用途：{export.purpose}　仅限本用途使用，不得外传"
    )


def _row(file: Application) -> tuple[str, ...]:
    when = f"{file.submitted_at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}" if file.submitted_at else ""
    return (
        file.number or "",
        file.full_name,
        mask_identity(file.identity_number or ""),
        file.employer_name,
        file.level,
        file.specialty_words,
        file.life.label,
        when,
        file.document_number,
        file.certificate_number,
    )
