"""公示 at the unit: where the notice asks for it, names hang there for so many working days before the unit may agree."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from chuding.accounts.names import few_names
from chuding.applications.deadlines import stand_still
from chuding.applications.models import Application
from chuding.applications.services.staff import note, require_clerk
from chuding.applications.translate import local_day, notice_of
from chuding.applications.units.models import UnitPosted, UnitPosting
from chuding.applications.workflow import Declined, State
from chuding.policy.working_days import add_working_days

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from django.db.models import QuerySet

    from chuding.accounts.models import Employer, Person

NOTHING_SAID = "公示期间没有收到异议。"
MOST_PEOPLE = 200


def days_asked(application: Application) -> int | None:
    """For how many working days the file's notice wants its name shown at the unit; None where it does not."""
    shown = notice_of(application).publicity
    return shown.at_unit if shown else None


def waiting_to_post(employer: Employer) -> list[Application]:
    """Files that wait for the unit, whose notice asks for a posting, and that hang nowhere yet."""
    files = Application.objects.filter(employer=employer, state=State.EMPLOYER, unit_posted__isnull=True)
    return [file for file in files.order_by("submitted_at", "id")[:MOST_PEOPLE] if days_asked(file)]


def postings_of(employer: Employer) -> QuerySet[UnitPosting]:
    """The unit's lists, the newest first."""
    return UnitPosting.objects.filter(employer=employer).order_by("-made_at", "-id")


@transaction.atomic
def post(*, employer: Employer, refs: list[str], by: Person, at: datetime) -> UnitPosting:
    """Hang the names of these files, from now on. Raises Declined."""
    require_clerk(employer, by)
    wanted = set(refs)
    files = [file for file in waiting_to_post(employer) if file.ref in wanted]
    files = list(Application.objects.select_for_update().filter(pk__in=[file.pk for file in files]).order_by("pk"))
    if not files:
        raise Declined("请先勾选要公示的人。已经公示过的不用再公示。")
    if any(file.applicant_id == by.pk for file in files):
        raise Declined("选中的人里有您本人，请由本单位其他经办人公示。")
    days = max(days_asked(file) or 0 for file in files)
    found = UnitPosting.objects.create(
        employer=employer, made_by=by, made_at=at, last_on=add_working_days(local_day(at), days)
    )
    UnitPosted.objects.bulk_create([UnitPosted(posting=found, application=file) for file in files])
    stand_still(files, local_day(at), found.last_on)
    note("unit.posted", employer, by=by, at=at, posting=found.ref, rows=len(files))
    return found


@transaction.atomic
def close(*, ref: str, employer: Employer, result: str, by: Person, at: datetime) -> UnitPosting:
    """Say what came of a list once its days are over; then the unit may agree. Raises Declined."""
    require_clerk(employer, by)
    found = UnitPosting.objects.select_for_update().filter(ref=ref, employer=employer).first()
    if found is None or found.closed_at is not None:
        raise Declined("这份公示已经办完，请刷新页面。")
    if local_day(at) <= found.last_on:
        raise Declined(f"公示到{found.last_on.month}月{found.last_on.day}日24时为止，期满以后再写结果。")
    if len(result.strip()) < 4:
        raise Declined(f"请写明公示的结果，例如：{NOTHING_SAID}")
    found.result, found.closed_by, found.closed_at = result.strip()[:400], by, at
    found.save(update_fields=["result", "closed_by", "closed_at"])
    note("unit.posting_closed", employer, by=by, at=at, posting=found.ref)
    return found


def require_posted(files: Iterable[Application]) -> None:
    """Raise Declined, naming them, where a notice asks for a posting at the unit that is not done."""
    asked = [file for file in files if days_asked(file) is not None]
    if not asked:
        return
    done = set(
        UnitPosted.objects.filter(application__in=asked, posting__closed_at__isnull=False).values_list(
            "application_id", flat=True
        )
    )
    if missing := [file.full_name for file in asked if file.pk not in done]:
        raise Declined(
            f"通知要求先在单位公示：{few_names(missing)}还没有公示期满。请先在“单位公示”里公示，写明结果，再同意申报。"
        )
