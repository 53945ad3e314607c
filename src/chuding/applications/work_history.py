"""Work as a line of time: where it overlaps, where it breaks off, and what a break does to the answer.

What a break does is asked of the law engine, twice: with the work as it was given, and as if the break had been worked.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext

from chuding.applications.forms.pieces import day_words
from chuding.applications.translate import facts_as_json, notice_of
from chuding.policy.assess import assess
from chuding.policy.dates import day_of
from chuding.policy.facts import Facts

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from chuding.applications.models import Application
    from chuding.policy.assess import LevelReport, Report
    from chuding.policy.notice import Notice

_DAY = timedelta(days=1)
# A change of units within a month is no break that needs explaining.
SHORT = 31


@dataclass(frozen=True)
class Span:
    """A spell, half-open: `end` None is “to this day”."""

    start: date
    end: date | None
    name: str
    in_specialty: bool = True
    post: str = ""

    @property
    def last(self) -> date | None:
        """The last day in it, as people say it."""
        return self.end - _DAY if self.end else None


@dataclass(frozen=True)
class Overlap:
    """Two spells at once, from `start`."""

    start: date
    one: str
    two: str

    @property
    def words(self) -> str:
        """What to make of it; it is a question and never refuses."""
        sentence = gettext(
            "“%(one)s”和“%(two)s”的时间有重叠（%(start)s起）。重叠的时间只算一次。"
            "确实同时做两份工作的不用改，填错了请更正。"
        )
        return sentence % {"one": self.one, "two": self.two, "start": day_words(self.start)}


@dataclass(frozen=True)
class Break:
    """A time without work (`whole`) or only without work of the specialty, half-open; `effect` on the answer, in words."""

    start: date
    end: date
    whole: bool
    effect: str = ""

    @property
    def days(self) -> int:
        return (self.end - self.start).days

    @property
    def words(self) -> str:
        """The break and what it does."""
        days = {"start": day_words(self.start), "end": day_words(self.end - _DAY)}
        what = gettext("%(start)s到%(end)s没有做本专业的工作。")
        if self.whole:
            what = gettext("%(start)s到%(end)s没有工作经历，漏填了请补上。")
        return what % days + (self.effect or gettext("这段时间不计入年限。"))


def overlaps(spans: Iterable[Span]) -> list[Overlap]:
    """Spells that run at the same time."""
    found, reach = [], None
    for span in sorted(spans, key=lambda span: span.start):
        if reach is not None and (reach.end is None or span.start < reach.end):
            found.append(Overlap(span.start, reach.name, span.name))
        if reach is None or (reach.end is not None and (span.end is None or span.end > reach.end)):
            reach = span
    return found


def _holes(spans: Iterable[Span]) -> list[tuple[date, date]]:
    found: list[tuple[date, date]] = []
    reach: date | None = None
    for span in sorted(spans, key=lambda span: span.start):
        if reach is not None and span.start > reach:
            found.append((reach, span.start))
        if span.end is None:
            break
        reach = max(reach or span.end, span.end)
    return found


def breaks(spans: Sequence[Span]) -> list[Break]:
    """Times between the first and the last spell of the specialty in which no such work was done, longer than a month."""
    whole = _holes(spans)
    found = [(start, end, True) for start, end in whole]
    for start, end in _holes(span for span in spans if span.in_specialty):
        if (start, end) not in whole:
            found.append((start, end, False))
    return [Break(start, end, gone) for start, end, gone in sorted(found) if (end - start).days > SHORT]


# ---- what a break does ----


@dataclass(frozen=True)
class Line:
    """The whole of it, for the page."""

    spans: list[Span]
    breaks: list[Break]
    overlaps: list[Overlap]

    @property
    def hints(self) -> list[str]:
        """What is worth a second look, in the order of time."""
        found = [(one.start, one.words) for one in self.breaks] + [(two.start, two.words) for two in self.overlaps]
        return [words for _, words in sorted(found)]


def line_of(application: Application, spans: Sequence[Span], on: date) -> Line:
    """The line of these spells, judged under the file's notice on the day `on`."""
    notice = notice_of(application)
    facts = facts_as_json(application, on)
    given = assess(notice, _with(facts, spans))
    judged = []
    for each in breaks(spans):
        worked = assess(notice, _with(facts, [*spans, Span(each.start, each.end, "")]))
        judged.append(Break(each.start, each.end, each.whole, _effect(notice, given, worked, on)))
    return Line(sorted(spans, key=lambda span: span.start), judged, overlaps(spans))


def stored_spans(application: Application) -> list[Span]:
    """The saved spells of a file."""
    return [
        Span(each.started_on, each.ended_on, each.employer_name or "未填写单位", each.in_specialty, each.post)
        for each in application.spells.order_by("started_on", "id")
    ]


def typed_spans(rows: Iterable[dict[str, Any]]) -> list[Span]:
    """Spells as a page sends them, before they are saved."""
    return [Span(r["started_on"], r["ended_on"], r["employer_name"], bool(r["in_specialty"]), r["post"]) for r in rows]


def hints_of(application: Application, on: date) -> list[str]:
    """The hints on the saved spells of a file."""
    return line_of(application, stored_spans(application), on).hints


def _with(facts: dict[str, Any], spans: Sequence[Span]) -> Facts:
    work = [
        {"from": span.start.isoformat(), "to": span.end.isoformat() if span.end else None}
        for span in spans
        if span.in_specialty
    ]
    return Facts.model_validate(facts | {"work": work})


def _effect(notice: Notice, given: Report, worked: Report, on: date) -> str:
    """What a break puts off, of the highest level that it concerns; facts still missing are taken in favour of both.

    Nothing is said before any schooling is known: every level would seem open then.
    """
    if not given.facts.credentials:
        return ""
    for level in reversed(given.levels):
        now, otherwise = given.levels[level], worked.levels[level]
        if now.at_best == otherwise.at_best or (then := day_of(otherwise.at_best)) is None:
            continue
        years = _years(notice, given, now)
        full = gettext("满%(years)s年的日期") % {"years": years} if years else gettext("最早可以申报的日期")
        late = day_of(now.at_best)
        if late is None:
            return gettext("这段空档使%(level)s的年限不够。") % {"level": gettext(level.value)}
        said = {
            "full": full,
            "late": day_words(late),
            "instead": gettext("今天") if then <= on else day_words(then),
            "level": gettext(level.value),
        }
        return gettext("这段空档使%(full)s推迟到%(late)s（没有空档的，%(instead)s就可以申报%(level)s）。") % said
    return gettext("这段时间不计入年限，不过不影响现在的结论。")


def _years(notice: Notice, given: Report, level: LevelReport) -> int:
    """The years that a level's rows ask of what this person holds, where they all ask the same; 0 where they differ."""
    held = {credential.kind for credential in given.facts.credentials or ()}
    rows = [row for row in notice.rows if row.level == level.level and held & {*row.entry.kinds}]
    asked = {row.entry.years for row in rows if row.entry.years}
    return asked.pop() if len(asked) == 1 else 0


# ---- the drawing ----

WIDE, LANE, TOP = 320, 24, 22


@dataclass(frozen=True)
class Bar:
    """A rectangle of the drawing, in the units of its box; `number` is the place in the list under it."""

    x: float
    width: float
    y: int
    kind: str
    number: int


@dataclass(frozen=True)
class Drawing:
    """What partials/work_line.html draws."""

    height: int
    bars: list[Bar]
    years: list[tuple[float, int]]


def drawing_of(line: Line, on: date) -> Drawing | None:
    """The line as bars by date, one lane a spell and one for the breaks; None where there is nothing to draw."""
    if not line.spans:
        return None
    first = line.spans[0].start
    last = max([on, *(span.end for span in line.spans if span.end)])
    days = max((last - first).days, 1)

    def at(day: date) -> float:
        return round(max(0.0, min(1.0, (day - first).days / days)) * (WIDE - 2) + 1, 1)

    bars = [
        Bar(
            at(span.start),
            _length(at(span.start), at(span.end or on)),
            TOP + LANE * place,
            "work" if span.in_specialty else "other",
            place + 1,
        )
        for place, span in enumerate(line.spans)
    ]
    bottom = TOP + LANE * len(line.spans)
    bars += [Bar(at(each.start), _length(at(each.start), at(each.end)), bottom, "break", 0) for each in line.breaks]
    step = max(1, -(-(last.year - first.year) // 6))
    years = [(at(date(year, 1, 1)), year) for year in range(first.year + 1, last.year + 1, step)]
    return Drawing(bottom + (LANE if line.breaks else 0) + 4, bars, [(x, year) for x, year in years if x < WIDE - 34])


def _length(start: float, end: float) -> float:
    return max(round(end - start, 1), 3.0)
