"""The charts that follow from what stands beside the files: send-backs, ratings, messages, second looks, the ledger."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Final

from django.db.models import Avg, Count
from django.db.models.functions import ExtractHour, TruncDate
from django.utils.translation import gettext as _

from chuding.accounts import tallies
from chuding.applications.aftercare_models import Aspect, Grade, Rating
from chuding.applications.material_kinds import kind_in
from chuding.applications.models import Correction
from chuding.applications.reviewing.day import ENDS
from chuding.applications.reviewing.models import SecondLook
from chuding.applications.reviewing.reasons import reason_of
from chuding.applications.sections import part_title
from chuding.applications.statistics.browsers import KINDS, UNKNOWN
from chuding.applications.statistics.charts import Chart, Column, Kind, Shape, median, percent
from chuding.applications.statistics.counting import last_days
from chuding.applications.statistics.rows import short_day
from chuding.applications.translate import local_day
from chuding.ledger.models import Entry
from chuding.messages.models import Message
from chuding.paper import photos
from chuding.paper.intake import briefly
from chuding.policy.working_days import working_days_between
from chuding.storage.clock import SHANGHAI, start_of

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Mapping

    from chuding.applications.statistics.rows import FileRow, Scope
    from chuding.policy.notice import Notice

_DAYS: Final = 30
# A longer gap between two decisions is a break, not a file.
_BREAK: Final = timedelta(minutes=30)


def self_checks(scope: Scope) -> Chart:
    """What self-checks came to: what keeps people out tells policy people what confuses."""
    first, end = scope.span()
    sums = tallies.sums(tallies.SELF_CHECK, first.date(), (end - timedelta(days=1)).date())
    rows = sorted(sums.items(), key=lambda item: (-item[1], item[0]))
    return Chart(
        "self_checks",
        _("自查结论"),
        _("自查的结果和不能申报的原因，一次自查有几个原因的各算一次。不记是谁。"),
        Shape.BARS,
        (Column(_("结论"), Kind.WORDS), Column(_("次数"))),
        tuple(rows),
    )


def verifications(day: date) -> Chart:
    """Certificates checked on this site by number or by file on the last thirty days."""
    days = last_days(day, _DAYS)
    counted = tallies.counted(tallies.VERIFICATION, days[0], day)
    return Chart(
        "verifications",
        _("证书验证"),
        _("近 %(days)s 天在网页上核对编号和上传文件验证的次数；扫二维码查看的不计数。") % {"days": _DAYS},
        Shape.LINES,
        (Column(_("日期"), Kind.WORDS), Column(_("核对编号")), Column(_("上传文件"))),
        tuple((short_day(on), counted.get((on, "number"), 0), counted.get((on, "file"), 0)) for on in days),
    )


def refused_uploads(day: date) -> Chart:
    """Why uploads were refused on the last thirty days, each cause by the kind of browser that it came with."""
    counted: dict[str, Counter[str]] = defaultdict(Counter)
    for key, number in tallies.sums(tallies.UPLOAD_REFUSED, last_days(day, _DAYS)[0], day).items():
        cause, _, browser = key.partition(tallies.BESIDE)
        counted[cause][browser] += number
    causes = sorted(counted, key=lambda cause: (-counted[cause].total(), cause))
    return Chart(
        "refused_uploads",
        "上传被拒的原因",
        f"近 {_DAYS} 天，按原因和浏览器。多的那一种，要在上传页上说得更清楚；只在一种浏览器里多的，要查是不是页面的问题。",
        Shape.STACK,
        (Column("原因", Kind.WORDS), *(Column(name) for _mark, name in KINDS.values()), Column(UNKNOWN)),
        tuple((_cause(cause), *(counted[cause][key] for key in (*KINDS, ""))) for cause in causes),
    )


def _cause(code: str) -> str:
    of_photo = code.removeprefix(tallies.PHOTO)
    return briefly(code) if of_photo == code else f"照片：{photos.briefly(of_photo)}"


#: A send-back: of which file, from which day, until which day it was mended, and what was wrong.
SentBack = tuple[int, date, date | None, list[dict[str, str]]]


def corrections(scope: Scope) -> list[SentBack]:
    """The send-backs of the year's files."""
    first, end = scope.span()
    held = Correction.objects.filter(application__submitted_at__gte=first, application__submitted_at__lt=end)
    rows = held.order_by().values_list("application_id", "asked_at", "mended_at", "items")
    return [(pk, local_day(asked), local_day(mended) if mended else None, items) for pk, asked, mended, items in rows]


def paused(sent_back: list[SentBack]) -> Mapping[int, int]:
    """Working days that each file's applicant was mending."""
    days: Counter[int] = Counter()
    for pk, asked, mended, _items in sent_back:
        if mended:
            days[pk] += working_days_between(asked, mended)
    return days


def reasons(sent_back: list[SentBack], rows: Iterable[FileRow], notice: Notice, changed: date | None = None) -> Chart:
    """What was sent back for, the most frequent first, with the share that it and those above it make up.

    `changed`: the day from which another version of the notice, and of the guide made of it, was in force; each bar is
    split there, and the table says of how many in a hundred files taken up before and after it was.
    """
    begun = {row.pk: row.accepted or row.submitted for row in rows}
    counted = _counted(sent_back, begun, notice)
    total, sum_, table = sum(counted.values()), 0, []
    for name, count in counted.most_common():
        sum_ += count
        table.append((name, count, percent(sum_, total)))
    says = _(
        "按常用理由排列，多的在前；审核员自己写的，按材料和内容合计。累计占比到 80% 为止的几项，申报前最值得对照，办事指南也先改写这几项。"
    )
    columns = (Column(_("哪一项"), Kind.WORDS), Column(_("次数")), Column(_("累计占比"), Kind.PERCENT, drawn=False))
    title = _("退回补正的原因")
    if changed is None:
        return Chart("reasons", title, says, Shape.BARS, columns, tuple(table))
    parts = [{pk for pk, day in begun.items() if (day >= changed) is after} for after in (False, True)]
    old, new = (_counted(sent_back, part, notice) for part in parts)
    before, after = (len(part) for part in parts)
    day = {"day": short_day(changed)}
    return Chart(
        "reasons",
        title,
        says
        + " "
        + _("%(day)s 起通知和办事指南换了新版：每一条分成以前受理的和以后受理的两段，表里有各占所受理件数的多少。")
        % day,
        Shape.STACK,
        (
            columns[0],
            replace(columns[1], drawn=False),
            columns[2],
            Column(_("%(day)s以前") % day),
            Column(_("%(day)s起") % day),
            Column(_("以前占受理"), Kind.PERCENT, drawn=False, of=3),
            Column(_("以后占受理"), Kind.PERCENT, drawn=False, of=4),
        ),
        tuple(
            (*row, old[row[0]], new[row[0]], percent(old[row[0]], before), percent(new[row[0]], after)) for row in table
        ),
    )


def _counted(sent_back: list[SentBack], keys: Container[int], notice: Notice) -> Counter[str]:
    """How often each reason was given: the preset by its code, what was written freely by its material or section."""
    counted: Counter[str] = Counter()
    for pk, _asked, _mended, items in sent_back:
        if pk in keys:
            counted.update(_reason(item, notice) for item in items)
    return counted


def _reason(item: Mapping[str, str], notice: Notice) -> str:
    kind, _, code = item["part"].partition(":")
    if kind != "material":
        return part_title(item["part"])
    names = {rule.code: rule.name for rule in notice.materials}
    preset = reason_of(kind_in(notice, code), item.get("code", ""))
    return f"材料{code}：{preset.text}" if preset else f"材料{code} {names.get(code, '')}".strip()


#: What the returns are held to (the project's own bars): a second one of so few per cent, and how much ten reasons cover.
MOST_SECOND, LEAST_COVERED, FIRST_REASONS = 5, 80, 10


def returns_held_to(rows: list[FileRow], sent_back: list[SentBack], notice: Notice) -> Chart:
    """The two figures that say whether returns are few and foreseeable, beside what they are held to."""
    times = Counter(pk for pk, *_ in sent_back)
    reviewed = [times[row.pk] for row in rows if row.rechecked is not None or times[row.pk]]
    counted = _counted(sent_back, {row.pk for row in rows}, notice)
    first = sum(count for _, count in counted.most_common(FIRST_REASONS))
    table = (
        ("二次退回率", percent(sum(n > 1 for n in reviewed), len(reviewed)), f"不超过{MOST_SECOND}%", len(reviewed)),
        (
            f"前{FIRST_REASONS}项理由占比",
            percent(first, sum(counted.values())),
            f"不低于{LEAST_COVERED}%",
            sum(counted.values()),
        ),
    )
    return Chart(
        "returns_held_to",
        "退回的两个目标",
        "二次退回率按审核过的件算；理由占比按告知的每一项算。",
        Shape.BARS,
        (
            Column("目标", Kind.WORDS),
            Column("现在", Kind.PERCENT, of=3),
            Column("要求", Kind.WORDS, drawn=False),
            Column("件数或项数", drawn=False),
        ),
        table if reviewed else (),
    )


def capacity(day: date) -> Chart:
    """Reviews ended on each of the last thirty days, and the seconds between one and the next in the middle; no names."""
    days = last_days(day, _DAYS)
    first = start_of(days[0])
    acts = (
        Entry.objects.filter(id__gte=_first_entry_since(first), action__in=ENDS)
        .order_by("id")
        .values_list("by_id", "at")
    )
    done: Counter[date] = Counter()
    gaps: dict[date, list[int]] = defaultdict(list)
    last: dict[int | None, datetime] = {}
    for by, at in acts:
        on = local_day(at)
        done[on] += 1
        if by in last and at - last[by] < _BREAK:
            gaps[on].append(int((at - last[by]).total_seconds()))
        last[by] = at
    looks = SecondLook.objects.filter(at__isnull=False).aggregate(n=Count("pk"))["n"]
    agreed = SecondLook.objects.filter(agrees=True).count()
    share = f"抽检 {looks} 件，一致的占 {percent(agreed, looks)}%。" if looks else "还没有抽检。"
    return Chart(
        "capacity",
        "审核产能",
        f"近 {_DAYS} 天每天办完的初审，和相邻两件之间的中位秒数，不分人。{share}",
        Shape.LINES,
        (Column(_("日期"), Kind.WORDS), Column("办完件数"), Column("中位秒数", Kind.SECONDS, drawn=False)),
        tuple((short_day(on), done[on], median(gaps[on])) for on in days),
    )


def _first_entry_since(moment: datetime) -> int:
    """The number of the ledger's first entry at or after a moment: it counts from 1 without a gap, so halving finds it."""
    low, high = 1, (Entry.objects.order_by("-id").values_list("id", flat=True).first() or 0) + 1
    while low < high:
        middle = (low + high) // 2
        if Entry.objects.values_list("at", flat=True).get(id=middle) < moment:
            low = middle + 1
        else:
            high = middle
    return low


def ratings(scope: Scope) -> Chart:
    """The five grades, whole and by aspect, and how many bad ones wait for an answer."""
    first, end = scope.span()
    held = Rating.objects.filter(rated_at__gte=first, rated_at__lt=end)
    whole = dict(held.values_list("grade").annotate(n=Count("pk")).order_by())
    aspects: dict[str, Counter[int]] = defaultdict(Counter)
    for given in held.values_list("aspects", flat=True):
        for aspect, grade in given.items():
            aspects[aspect][grade] += 1
    grades = sorted((Grade(value) for value in Grade.values), reverse=True)
    table = [("整体满意度", *(whole.get(grade.value, 0) for grade in grades))]
    table += [(str(each.label), *(aspects[each.value][grade.value] for grade in grades)) for each in Aspect]
    waiting = held.filter(grade__lte=Grade.BAD, answered_at__isnull=True).count()
    mean = held.aggregate(mean=Avg("grade"))["mean"]
    says = f"一共 {sum(whole.values())} 次评价" + (f"，平均 {mean:.1f} 分" if mean else "") + "。"
    return Chart(
        "ratings",
        "好差评",
        f"{says}其中还没有答复的差评 {waiting} 件。" if waiting else f"{says}差评都已答复。",
        Shape.STACK,
        (Column("评价内容", Kind.WORDS), *(Column(str(grade.label)) for grade in grades)),
        tuple(table),
    )


def messages(day: date) -> Chart:
    """Text messages of the last thirty days: taken by a service, of these known to have arrived, on their way, given up."""
    days = last_days(day, _DAYS)
    first = start_of(days[0])
    found = (
        Message.objects.filter(created_at__gte=first)
        .annotate(on=TruncDate("created_at", tzinfo=SHANGHAI))
        .order_by()
        .values_list("on", "state")
        .annotate(n=Count("pk"))
    )
    counted = {(on, state): n for on, state, n in found}
    kinds = Message.State
    table = tuple(
        (
            short_day(on),
            counted.get((on, kinds.SENT), 0) + counted.get((on, kinds.DELIVERED), 0),
            counted.get((on, kinds.DELIVERED), 0),
            counted.get((on, kinds.PENDING), 0) + counted.get((on, kinds.FAILED), 0),
            counted.get((on, kinds.DEAD), 0),
        )
        for on in days
    )
    return Chart(
        "messages",
        "短信送达",
        f"近 {_DAYS} 天的短信。没有送达的会自动重发几次，再不成就停止。",
        Shape.LINES,
        (Column(_("日期"), Kind.WORDS), Column("已发送"), Column("其中已送达"), Column("待发送"), Column("未送达")),
        table,
    )


def messages_by_hour(day: date) -> Chart:
    """Text messages of the last thirty days by the service that took them and the hour in which it did."""
    taken = (
        Message.objects.filter(sent_at__gte=start_of(last_days(day, _DAYS)[0]))
        .annotate(hour=ExtractHour("sent_at", tzinfo=SHANGHAI))
        .order_by()
        .values_list("hour", "gateway", "state")
        .annotate(n=Count("pk"))
    )
    counted = {(hour, service, state): n for hour, service, state, n in taken}
    services = sorted({service for _hour, service, _state in counted})
    table = []
    for hour in sorted({hour for hour, _service, _state in counted}):
        for service in services:
            went = {state: counted.get((hour, service, state), 0) for state in Message.State.values}
            arrived, lost = went[Message.State.DELIVERED], went[Message.State.FAILED]
            row = (f"{hour} 时", service or "不详", sum(went.values()), arrived, lost, percent(arrived, arrived + lost))
            table.append(row)
    return Chart(
        "messages_by_hour",
        "各短信服务每小时的送达",
        f"近 {_DAYS} 天，按交给短信服务的钟点；送达率是已经知道结果的里面送达的占比，服务还没有回报的不算。",
        Shape.HEAT,
        (
            Column("钟点", Kind.WORDS),
            Column("短信服务", Kind.WORDS, drawn=False),
            Column("已发送"),
            Column("其中已送达", drawn=False),
            Column("其中未送达", drawn=False),
            Column("送达率", Kind.PERCENT),
        ),
        tuple(table),
    )
