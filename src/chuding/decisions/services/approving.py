"""What waits for an approver: exceptions first, what the batch is made of, another look by lot, the clean ones at once."""

from __future__ import annotations

import random
import secrets
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import CharField, Count, Exists, F, OuterRef, Subquery, Value
from django.db.models.functions import Coalesce

from chuding.accounts.names import few_names
from chuding.accounts.people import roles_of
from chuding.applications.aftercare_models import FileView
from chuding.applications.models import NO_UNIT, Application, Assessment, Correction, SocialInsuranceState
from chuding.applications.reviewing.latest import last_done, moment
from chuding.applications.reviewing.parts import judged_by
from chuding.applications.reviewing.ties import ties_of
from chuding.applications.services.moves import lock_all
from chuding.applications.services.review import approve
from chuding.applications.translate import local_day
from chuding.applications.workflow import Declined, State
from chuding.decisions.models import SpotCheck
from chuding.decisions.workflow import OFFICE_LEVELS, OFFICE_SIGNER, signing_office
from chuding.ledger.record import record

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date, datetime

    from django.db.models import QuerySet

    from chuding.accounts.models import Person

MOST_AT_ONCE = 500
MOST_DRAWN = 100
_NONE_TO_DRAW = "没有可以抽查的申报：都已经抽中，或者没有待审批的。"
_STATE_OF = {"association": State.SIGNING, "city": State.CITY}
_YEAR = timedelta(days=365)
_MOST_LINES = 20


@dataclass(frozen=True)
class Waiting:
    """One file that waits for approval, and what an approver should look at first."""

    file: Application
    flags: tuple[str, ...]
    drawn: bool
    opened: bool

    @property
    def ordinary(self) -> bool:
        """Whether nothing asks for a look of its own."""
        return not self.flags and not self.drawn

    @property
    def obstacle(self) -> str:
        """Why it cannot be approved together with others; empty where it can."""
        if self.drawn:
            return "抽查还没有办完"
        if self.flags and not self.opened:
            return "有例外情况，要先打开核对"
        return "规则核验不是“符合”，只能单件办理" if _NOT_BORNE_OUT & set(self.flags) else ""


_NOT_BORNE_OUT = frozenset({"规则核验不符合", "规则核验有待核实"})


def _office(by: Person) -> str:
    return signing_office(roles_of(by), "只有协会或市职称办的签发人可以审批。")


def waiting_for_approval(office: str, by: Person, day: date) -> QuerySet[Application]:
    """Files that wait for this office's approval and that `by` may decide, with what `read` looks at.

    Left out: one's own, those one has a tie to (回避), and those on which one has done another part, the judging of a material included.
    """
    last = Assessment.objects.filter(application=OuterRef("pk")).order_by("-at", "-id").values("report")[:1]
    drawn = SpotCheck.objects.filter(application=OuterRef("pk"), done_at__isnull=True)
    seen = FileView.objects.filter(application=OuterRef("pk"), person=by, last_at__gte=OuterRef("updated_at"))
    returned = (
        Correction.objects.filter(application=OuterRef("pk")).order_by().values("application").annotate(n=Count("pk"))
    )
    files = Application.objects.filter(state=_STATE_OF[office], level__in=OFFICE_LEVELS[office]).exclude(applicant=by)
    for part in ("reviewer", "second", "rechecker"):
        files = files.exclude(**{part: by})
    return (
        ties_of(by, day)
        .leave_out(files.exclude(judged_by(by)))
        .annotate(
            last_report=Subquery(last),
            drawn=Exists(drawn),
            opened=Exists(seen),
            times_returned=Subquery(returned.values("n")[:1]),
            district=F("employer__district"),
        )
        .order_by("rechecked_at", "id")
    )


def read(file: Application) -> Waiting:
    """What is out of the ordinary about a file that came through `waiting_for_approval`."""
    held: dict[str, Any] = vars(file)
    report: dict[str, Any] = held["last_report"] or {}
    answer = report.get("levels", {}).get(file.level, {}).get("answer")
    returned = held["times_returned"] or 0
    found = (
        ("规则核验不符合", answer == "no"),
        ("规则核验有待核实", answer not in {"yes", "no"}),
        ("初审不建议通过", file.opinion == "against"),
        ("经第二人审核", file.second_id is not None),
        ("社保未查到", file.social_insurance == SocialInsuranceState.NOT_FOUND),
        (f"补正过 {returned} 次", returned >= 2),
    )
    return Waiting(file, tuple(words for words, holds in found if holds), bool(held["drawn"]), bool(held["opened"]))


def batch(*, office: str, by: Person, at: datetime) -> list[Waiting]:
    """Everything that waits for this signer of an office, exceptions first."""
    rows = [read(file) for file in waiting_for_approval(office, by, local_day(at))[:MOST_AT_ONCE]]
    return sorted(rows, key=lambda row: row.ordinary)


def forwarded_days(rows: Iterable[Waiting]) -> list[tuple[date, int]]:
    """The days on which the recheck forwarded what waits, and how many on each: the batches."""
    return sorted(Counter(local_day(row.file.rechecked_at) for row in rows if row.file.rechecked_at).items())


def forwarded_on(rows: Iterable[Waiting], day: date) -> list[Waiting]:
    """Those of `rows` that the recheck forwarded on that day: one batch."""
    return [row for row in rows if row.file.rechecked_at and local_day(row.file.rechecked_at) == day]


def figures(rows: Sequence[Waiting], *, office: str, at: datetime) -> list[tuple[str, list[tuple[str, int, int]]]]:
    """How many there are by specialty, employer and district, beside what this office approved in the year before."""
    before = Application.objects.filter(
        level__in=OFFICE_LEVELS[office], approved_at__gte=at - 2 * _YEAR, approved_at__lt=at - _YEAR
    ).order_by()
    tables = (
        ("系列", "series", Counter(row.file.series for row in rows)),
        ("工作单位", "employer_name", Counter(row.file.employer_name or NO_UNIT for row in rows)),
        ("单位所在地", "employer__district", Counter(vars(row.file)["district"] or "没有登记" for row in rows)),
    )
    counted = [
        before.annotate(table_=Value(title, output_field=CharField()), key_=Coalesce(column, Value("")))
        .values_list("table_", "key_")
        .annotate(n=Count("pk"))
        for title, column, _ in tables
    ]
    then = {(title, key or "没有登记"): n for title, key, n in counted[0].union(*counted[1:], all=True)}
    return [
        (title, [(key, n, then.get((title, key), 0)) for key, n in now.most_common(_MOST_LINES)])
        for title, _, now in tables
    ]


@transaction.atomic
def approve_many(*, chosen: Sequence[tuple[str, int]], by: Person, at: datetime) -> list[Application]:
    """Approve all of `chosen` or none: pairs of reference and the version that the confirming page listed.

    Raises Declined, naming who is in the way and why.
    """
    office, seen = _office(by), dict(chosen)
    if not chosen:
        raise Declined("请先勾选要审批通过的申报。")
    if len(chosen) > MOST_AT_ONCE:
        raise Declined(f"一次最多审批{MOST_AT_ONCE}件，请分几次办理。")
    # Locked first, then read: what is checked is what is decided.
    lock_all(seen)
    rows = [read(file) for file in waiting_for_approval(office, by, local_day(at)).filter(ref__in=seen)]
    if len(rows) < len(seen):
        raise Declined(_left_meanwhile(office, set(seen) - {row.file.ref for row in rows}, by, at))
    if changed := [row.file.full_name for row in rows if row.file.version != seen[row.file.ref]]:
        raise Declined(f"{few_names(changed)}的申报刚刚有变化，没有办理。请返回列表重新核对。")
    if stopped := next((row for row in rows if row.obstacle), None):
        raise Declined(f"{stopped.file.full_name}：{stopped.obstacle}。没有办理，请先取消勾选这一件。")
    return [approve(ref=row.file.ref, by=by, at=at) for row in rows]


def _left_meanwhile(office: str, refs: set[str], by: Person, at: datetime) -> str:
    """Which of the chosen wait no more, and what was done to the first of them, by whom and when."""
    held = Application.objects.filter(ref__in=refs, level__in=OFFICE_LEVELS[office])
    gone = list(held.exclude(state=_STATE_OF[office]).order_by("id"))
    if not gone:
        return "有申报已经不在您的待审批名单里，没有办理。请返回列表重新选择。"
    done = last_done(gone[0], reader=by, at=at)
    first = f"（{gone[0].full_name}：{done}）" if done else ""
    names = few_names([file.full_name for file in gone])
    return f"{names}的申报已经不在您的待审批名单里{first}。全部没有办理，请返回列表重新选择。"


def _checked_meanwhile(ref: str, office: str, at: datetime) -> str:
    done = SpotCheck.objects.filter(
        application__ref=ref, application__level__in=OFFICE_LEVELS[office], done_at__isnull=False
    ).select_related("done_by", "application")
    last = done.order_by("done_at").last()
    if last is None or last.done_at is None or last.done_by is None:
        return "这件抽查不在您的待审批名单里。请刷新页面。"
    who, when = last.done_by.display_name, moment(last.done_at, at)
    return f"{last.application.full_name}的抽查已由{who}于{when}办完。您写的没有提交。"


def open_spot_check(application: Application) -> str:
    """Why a drawn file cannot be approved yet, singly or with others; empty where no spot check is open."""
    held = SpotCheck.objects.filter(application=application, done_at__isnull=True).exists()
    return "这件申报被抽中抽查。请先在“审批”页写下抽查结果，再审批。" if held else ""


@transaction.atomic
def draw(*, count: int, by: Person, at: datetime) -> list[SpotCheck]:
    """Draw files by lot for another look. The seed goes into the ledger, so that anybody can repeat the draw."""
    office = _office(by)
    if not 1 <= count <= MOST_DRAWN:
        raise Declined(f"请写 1 到 {MOST_DRAWN} 之间的件数。")
    drawn = SpotCheck.objects.filter(done_at__isnull=True).values("application")
    files = waiting_for_approval(office, by, local_day(at)).exclude(pk__in=drawn)
    refs = sorted(files.order_by().values_list("ref", flat=True))
    if not refs:
        raise Declined(_NONE_TO_DRAW)
    seed = secrets.token_hex(8)
    taken = random.Random(seed).sample(refs, min(count, len(refs)))  # noqa: S311 - to be repeated, not to be secret
    # Locked first: what another drew at this moment is not drawn twice.
    locked = list(Application.objects.select_for_update().filter(ref__in=taken, state=_STATE_OF[office]).order_by("id"))
    open_ones = set(drawn.filter(application__in=locked).values_list("application", flat=True))
    held = [file for file in locked if file.pk not in open_ones]
    if not held:
        raise Declined(_NONE_TO_DRAW)
    checks = SpotCheck.objects.bulk_create([SpotCheck(application=file, drawn_by=by, drawn_at=at) for file in held])
    record(
        action="draw_spot_checks",
        subject=("office", office),
        by=by,
        role=OFFICE_SIGNER[office],
        at=at,
        data={"seed": seed, "of": len(refs), "drawn": sorted(taken)},
    )
    return checks


@transaction.atomic
def looked_at(*, ref: str, note: str, by: Person, at: datetime) -> SpotCheck:
    """A drawn file was looked at again and is right; what is not is returned or refused at the desk, like any other."""
    office = _office(by)
    file = waiting_for_approval(office, by, local_day(at)).filter(ref=ref).first()
    check = SpotCheck.objects.select_for_update().filter(application=file, done_at__isnull=True).first()
    if file is None or check is None:
        raise Declined(_checked_meanwhile(ref, office, at))
    if not read(file).opened:
        raise Declined(f"请先打开{file.full_name}的申报核对，再写抽查结果。")
    if not note.strip():
        raise Declined("请写明核对了什么、结果怎样。")
    check.done_by, check.done_at, check.note = by, at, note.strip()[:400]
    check.save(update_fields=["done_by", "done_at", "note"])
    record(
        action="spot_check",
        subject=("application", ref),
        by=by,
        role=OFFICE_SIGNER[office],
        at=at,
        reason=check.note,
    )
    return check
