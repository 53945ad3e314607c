"""Publicity (公示): a public list for so many working days, objections by anybody, each decided by a person.

The notice says whether and for how many working days (`公示` in notice.yaml); where it says nothing, an office may show a
list on another ground, which it states.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q, Subquery, Window

from chuding.accounts.masking import mask_identity
from chuding.accounts.names import clean_name
from chuding.accounts.people import roles_of
from chuding.accounts.phone import clean_phone
from chuding.accounts.roles import Role
from chuding.applications.deadlines import stand_still
from chuding.applications.models import Application
from chuding.applications.reviewing.latest import moment
from chuding.applications.services.moves import lock_all, roles_on, tell_applicant
from chuding.applications.services.review import reopen
from chuding.applications.translate import document_row_of, local_day, notice_of
from chuding.applications.workflow import Declined, FieldDeclined, State
from chuding.decisions.models import Objection, Publicity, PublicityEntry
from chuding.decisions.services.signing_people import require_apart_from
from chuding.decisions.workflow import OFFICE_LEVELS, OFFICE_SIGNER, signing_office
from chuding.ledger.record import record
from chuding.notices.shelf import load
from chuding.policy.entries import MOST_WORKING_DAYS
from chuding.policy.working_days import add_working_days

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date, datetime

    from django.db.models import QuerySet

    from chuding.accounts.models import Person

MOST_PEOPLE = 500
MOST_OBJECTIONS_EACH = 20
# What the ministry's rule for 评审 asks; offered where the notice says nothing.
USUAL_DAYS = 5
SHORTEST, LONGEST = 10, 1000


def asking(files: QuerySet[Application]) -> list[str]:
    """The digests of those notices of these files that ask for publicity of the result."""
    return asking_among(files.order_by().values_list("notice_id", "notice_digest").distinct())


def asking_among(versions: Iterable[tuple[str, str]]) -> list[str]:
    """The digests of those of these versions of notices, by name and digest, that ask for publicity of the result."""
    return [digest for name, digest in versions if (shown := load(name, digest).publicity) and shown.of_result]


def waiting_for_publicity(office: str) -> QuerySet[Application]:
    """Approved files of an office that stand on no roster and on no public list."""
    shown = PublicityEntry.objects.filter(application=OuterRef("pk"), struck_at__isnull=True)
    files = Application.objects.filter(state=State.APPROVED, level__in=OFFICE_LEVELS[office], roster_entry__isnull=True)
    return files.filter(~Exists(shown)).order_by("approved_at", "id")


def was_public() -> Exists:
    """Whether a file stood on a list of publicity, or still does: without that only a notice that asks for it holds it back."""
    return Exists(PublicityEntry.objects.filter(application=OuterRef("pk")))


def held_back(files: QuerySet[Application], *, on: date, asked: list[str] | None = None) -> QuerySet[Application]:
    """Those of approved files that may not be issued: still public, objected to, or not public yet where it is asked.

    `asked`: the digests of the notices of these files that ask for it, where they are known already.
    """
    shown = PublicityEntry.objects.filter(application=OuterRef("pk"), struck_at__isnull=True)
    # What nobody has decided holds a file also after another objection has sent it back and struck it off the list.
    objected = Objection.objects.filter(Q(upheld__isnull=True) | Q(upheld=True, entry__struck_at__isnull=True))
    held = Q(Exists(shown.filter(publicity__last_on__gte=on)))
    held |= Q(Exists(objected.filter(entry__application=OuterRef("pk"))))
    if asked := asking(files) if asked is None else asked:
        held |= Q(notice_digest__in=asked) & ~Q(Exists(shown))
    return files.filter(held)


@dataclass(frozen=True)
class Held:
    """Somebody approved who may not be issued yet: why, and to what day, where a day ends it."""

    file: Application
    reason: str
    until: date | None = None


def held_people(held: QuerySet[Application], *, on: date, most: int) -> tuple[list[Held], int]:
    """The first `most` of those that `held_back` found, each with why; and how many there are."""
    shown = PublicityEntry.objects.filter(application=OuterRef("pk"), struck_at__isnull=True)
    open_ones = Objection.objects.filter(entry__application=OuterRef("pk"), upheld__isnull=True)
    rows = held.annotate(
        last_on=Subquery(shown.values("publicity__last_on")[:1]),
        open_objection=Exists(open_ones),
        every=Window(Count("pk")),
    )
    found = list(
        rows.only("ref", "number", "full_name", "notice_id", "notice_digest").order_by("approved_at", "id")[:most]
    )
    return [_why_held(row, on) for row in found], vars(found[0])["every"] if found else 0


def _why_held(file: Application, on: date) -> Held:
    last_on, open_objection = vars(file)["last_on"], vars(file)["open_objection"]
    if last_on is None and not open_objection:
        terms = terms_asked(file)
        return Held(file, f"通知要求公示{terms.days}个工作日，还没有公示" if terms else "还没有公示")
    running = last_on is not None and last_on >= on
    if open_objection:
        return Held(
            file, "公示中，有异议还没有处理完" if running else "有异议还没有处理完", last_on if running else None
        )
    return Held(file, "公示中", last_on) if running else Held(file, "有异议成立，还没有退回复核")


def require_cleared(files: QuerySet[Application], *, on: date) -> None:
    """Raise Declined, naming them, where somebody of a roster may not be issued yet."""
    if names := list(held_back(files, on=on).values_list("full_name", flat=True)[:5]):
        raise Declined(f"{'、'.join(names)}还在公示，或者有没有处理完的异议，不能发文。请先退回拟稿，去掉他们。")


def _office(by: Person) -> str:
    return signing_office(roles_of(by), "只有协会或市职称办的签发人可以公示和处理异议。")


@dataclass(frozen=True)
class Terms:
    """On what ground a list is shown and for how many working days."""

    ground: str
    days: int


def terms_asked(file: Application) -> Terms | None:
    """What the file's notice asks for; None where it does not."""
    notice = notice_of(file)
    shown = notice.publicity
    if shown is None or shown.of_result is None:
        return None
    return Terms(f"{notice.number or notice.title}{shown.clause}：“{shown.sentence}”", shown.of_result)


@transaction.atomic
def publish(*, refs: list[str], own: Terms | None, by: Person, at: datetime) -> Publicity:
    """Show approved people to everybody from now on, to the end of the last working day.

    `own`: the office's ground and days, where the notice does not ask for it. Raises Declined.
    """
    office = _office(by)
    # Locked first, then read: what another published meanwhile is not shown twice.
    lock_all(refs)
    files = list(waiting_for_publicity(office).filter(ref__in=refs))
    if not files:
        raise Declined("没有选中可以公示的申报。请先勾选审批通过的人员。")
    if len(files) > MOST_PEOPLE:
        raise Declined(f"一次最多公示{MOST_PEOPLE}名，请分几次公示。")
    require_apart_from(Application.objects.filter(pk__in=[file.pk for file in files]), by=by, at=at, act="公示")
    if len({file.notice_digest for file in files}) > 1:
        raise Declined("选中的人员属于不同年度的通知，请分开公示。")
    terms = terms_asked(files[0]) or own
    if terms is None or len(terms.ground.strip()) < 4:
        raise Declined("通知没有要求公示。按其他规定公示的，请写明依据。")
    if not 1 <= terms.days <= MOST_WORKING_DAYS:
        raise Declined(f"公示的工作日请写1到{MOST_WORKING_DAYS}之间的数。")
    publicity = Publicity.objects.create(
        office=office,
        ground=terms.ground.strip()[:300],
        opened_by=by,
        opened_at=at,
        last_on=add_working_days(local_day(at), terms.days),
    )
    files.sort(key=lambda file: (file.series, file.employer_name, file.number or ""))
    PublicityEntry.objects.bulk_create(
        [PublicityEntry(publicity=publicity, application=file, position=n) for n, file in enumerate(files, start=1)]
    )
    stand_still(files, local_day(at), publicity.last_on)
    record(
        action="publish_list",
        subject=("publicity", publicity.ref),
        by=by,
        role=OFFICE_SIGNER[office],
        at=at,
        reason=publicity.ground,
        data={"numbers": [file.number for file in files], "last_on": publicity.last_on.isoformat()},
    )
    return publicity


def is_open(publicity: Publicity, on: date) -> bool:
    """Whether the list is shown and objections are in time: the last day counts."""
    return on <= publicity.last_on


@dataclass(frozen=True)
class PublicRow:
    """What anybody may read of one person. `mark`: a masked number, only where two have one name."""

    position: int
    name: str
    mark: str
    employer: str
    qualification: str
    field: str


def public_rows(publicity: Publicity) -> list[PublicRow]:
    """Who stands on a list, without those that were struck off."""
    entries = list(publicity.entries.filter(struck_at__isnull=True).select_related("application"))
    names = Counter(entry.application.full_name for entry in entries)
    rows = []
    for entry in entries:
        row, file = document_row_of(entry.application, on=publicity.last_on), entry.application
        mark = mask_identity(file.identity_number, public=True) if names[file.full_name] > 1 else ""
        rows.append(PublicRow(entry.position, row.name, mark, row.employer, row.qualification, row.field))
    return rows


@dataclass(frozen=True)
class Said:
    """Who objects, under which phone, and what for."""

    name: str
    phone: str
    text: str


class ObjectionProblem(FieldDeclined):
    """What is wrong with an objection."""


@transaction.atomic
def object_to(*, ref: str, position: int, said: Said, at: datetime) -> Objection:
    """Take an objection by anybody, with their name and phone. Raises ObjectionProblem; Publicity.DoesNotExist."""
    publicity = Publicity.objects.select_for_update().get(ref=ref)
    entry = publicity.entries.filter(position=position, struck_at__isnull=True).select_related("application").first()
    if entry is None:
        raise Publicity.DoesNotExist
    if not is_open(publicity, local_day(at)):
        raise ObjectionProblem("公示已经结束，不能再在这里提出异议。请致电办公室反映。", "text")
    name, wrong_name = clean_name(said.name)
    phone, wrong_phone = clean_phone(said.phone)
    text = said.text.strip()
    for field, problem in (("name", wrong_name), ("phone", wrong_phone)):
        if problem:
            raise ObjectionProblem(problem, field)
    if not SHORTEST <= len(text) <= LONGEST:
        raise ObjectionProblem(f"请用{SHORTEST}到{LONGEST}个字写明事实和理由，您写了{len(text)}个字。", "text")
    if entry.objections.count() >= MOST_OBJECTIONS_EACH:
        raise ObjectionProblem("对这个人的异议已经很多，工作人员正在核实。有新的证据请致电办公室。", "text")
    objection = Objection.objects.create(entry=entry, name=name, contact=phone, text=text, filed_at=at)
    record(
        action="object",
        subject=("application", entry.application.ref),
        by=None,
        role=Role.ANYONE,
        at=at,
        data={"objection": objection.ref},
    )
    return objection


@transaction.atomic
def decide(*, ref: str, upheld: bool | None, answer: str, by: Person, at: datetime) -> Objection:
    """A person decides on an objection, in words. One that is upheld sends the file back to the recheck; None is no choice.

    Raises Declined; Objection.DoesNotExist for another office's.
    """
    office = _office(by)
    objection = (
        Objection.objects.select_for_update(of=("self",))
        .select_related("entry__application")
        .get(ref=ref, entry__publicity__office=office)
    )
    file = objection.entry.application
    if upheld is None:
        raise Declined("请选择异议成立还是不成立。")
    if objection.upheld is not None:
        who = objection.decided_by.display_name if objection.decided_by else "其他人"
        when = moment(objection.decided_at, at) if objection.decided_at else ""
        found = "成立" if objection.upheld else "不成立"
        raise Declined(f"这件异议已由{who}于{when}处理，结论是异议{found}。您的办理没有提交。")
    if OFFICE_SIGNER[office] not in roles_on(file, by, at):
        raise Declined("这件异议涉及您本人或者与您有关的人，按回避规定请由其他签发人处理。")
    if len(answer.strip()) < 4:
        raise Declined("请写明核实的经过和结论。")
    objection.upheld, objection.answer = upheld, answer.strip()[:400]
    objection.decided_by, objection.decided_at = by, at
    objection.save(update_fields=["upheld", "answer", "decided_by", "decided_at"])
    record(
        action="decide_objection",
        subject=("application", file.ref),
        by=by,
        role=OFFICE_SIGNER[office],
        at=at,
        reason=objection.answer,
        data={"objection": ref, "upheld": upheld},
    )
    if upheld and file.state == State.APPROVED:
        reopen(ref=file.ref, reason=objection.answer, by=by, at=at)
        PublicityEntry.objects.filter(application=file, struck_at__isnull=True).update(struck_at=at)
        tell_applicant(file, "reopened", at=at)
        file.refresh_from_db(fields=["state"])
    return objection
