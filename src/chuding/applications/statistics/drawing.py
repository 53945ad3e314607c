"""A chart's table as lines and boxes of an SVG, 320 units wide so that a phone reads it. Pure.

Patterns and dashes tell the series apart, not colour alone; it prints in grey.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from unicodedata import east_asian_width

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from chuding.applications.statistics.charts import Kind, Shape

if TYPE_CHECKING:
    from chuding.applications.statistics.charts import Cell, Chart

WIDTH: Final = 320
_LONGEST_LABEL: Final = 44
_BAR: Final = 12
_LATE: Final = "chart-late"
_LETTER: Final = 11
_FILLS: Final = 5
_STACK: Final = 220
#: Left, top, width, height.
Frame = tuple[float, float, float, float]


@dataclass(frozen=True)
class Box:
    """A rectangle; `fill` is the number of its pattern, `kind` the class of its style.

    `behind`: the query string of the list that a click leads to, `says` what it holds.
    """

    x: str
    y: str
    width: str
    height: str
    fill: int
    kind: str = "chart-bar"
    behind: str = ""
    says: str = ""


@dataclass(frozen=True)
class Word:
    """A piece of text; `anchor` as SVG has it."""

    x: str
    y: str
    text: str
    anchor: str = "start"
    kind: str = "chart-word"


@dataclass(frozen=True)
class Trace:
    """A line through points; `series` is the number of its dashes."""

    points: str
    series: int
    kind: str = "chart-line"


@dataclass
class Drawing:
    """What the template draws, in order: boxes, lines, words."""

    height: int = 0
    boxes: list[Box] = field(default_factory=list)
    traces: list[Trace] = field(default_factory=list)
    words: list[Word] = field(default_factory=list)
    said: str = ""

    def box(self, frame: Frame, fill: int, kind: str = "chart-bar", *, behind: str = "", says: str = "") -> None:
        """Add a rectangle."""
        x, y, width, height = map(_n, frame)
        self.boxes.append(Box(x, y, width, height, fill, kind, behind, says))

    def word(self, x: float, y: float, text: str, anchor: str = "start", kind: str = "chart-word") -> None:
        """Add a text."""
        self.words.append(Word(_n(x), _n(y), text, anchor, kind))


def _n(value: float) -> str:
    return f"{value:.1f}".rstrip("0").rstrip(".")


def _columns(text: str) -> int:
    """How wide a text is in half letters: a Chinese character is two."""
    return sum(2 if east_asian_width(letter) in "WF" else 1 for letter in text)


def _short(text: str) -> str:
    if _columns(text) <= _LONGEST_LABEL:
        return text
    while _columns(text) > _LONGEST_LABEL - 2:
        text = text[:-1]
    return f"{text}…"


def _value(cell: Cell) -> int:
    return cell if isinstance(cell, int) else 0


def draw(chart: Chart) -> Drawing:
    """The picture of a chart."""
    drawing = Drawing(said=_said(chart))
    painters = {Shape.BARS: _bars, Shape.STACK: _stack, Shape.LINES: _lines, Shape.HEAT: _heat}
    painters[chart.shape](chart, drawing)
    return drawing


def _said(chart: Chart) -> str:
    """The picture in words: the first rows of its table."""
    places = chart.drawn[:4]
    words = [n for n, column in enumerate(chart.columns) if column.kind is Kind.WORDS]
    comma, stop = pgettext("between numbers", "，"), pgettext("between rows", "；")
    rows = [
        _("%(row)s：%(cells)s")
        % {
            "row": " ".join(str(row[n]) for n in words),
            "cells": comma.join(f"{chart.columns[n].name} {chart.words(row[n], n)}" for n in places),
        }
        for row in chart.rows[:12]
    ]
    return _("%(rows)s。全部数字见下面的表格。") % {"rows": stop.join(rows)} if rows else ""


def _legend(chart: Chart, drawing: Drawing, *, lines: bool) -> int:
    """Swatches with names above the picture; the height that they take."""
    if len(chart.drawn) < 2 and not any(chart.late(n) for n in chart.drawn):
        return 0
    x, y = 0.0, 10
    late = [_("逾期")] if any(chart.late(n) for n in chart.drawn) else []
    for number, name in enumerate([*(chart.columns[place].name for place in chart.drawn), *late]):
        wide = 28 + _columns(name) * (_LETTER + 1) // 2
        if x + wide > WIDTH and x:
            x, y = 0.0, y + 16
        if lines:
            drawing.traces.append(Trace(f"{_n(x)},{y - 4} {_n(x + 18)},{y - 4}", number % _FILLS))
        else:
            drawing.box((x, y - 9, 14, 10), number % _FILLS, _LATE if number == len(chart.drawn) else "chart-bar")
        drawing.word(x + 22, y, name)
        x += wide + 8
    return y + 10


def _bars(chart: Chart, drawing: Drawing) -> None:
    """One bar a row and drawn column, its label above, its number at its end."""
    top = _legend(chart, drawing, lines=False)
    most = max((_value(row[n]) for row in chart.rows for n in chart.drawn), default=0) or 1
    if all(chart.columns[n].kind is Kind.PERCENT for n in chart.drawn):
        most = 100
    for row in chart.rows:
        drawing.word(0, top + _LETTER, _short(str(row[0])))
        top += _LETTER + 5
        for number, n in enumerate(chart.drawn):
            wide = 250 * _value(row[n]) / most
            if wide:
                drawing.box((0, top, max(wide, 1.5), _BAR), number % _FILLS)
            drawing.word(wide + 5 if wide else 0, top + _BAR - 2, chart.words(row[n], n), kind="chart-number")
            top += _BAR + 3
        top += 5
    drawing.height = max(top, 20)


def _stack(chart: Chart, drawing: Drawing) -> None:
    """One bar a row, made of its columns, in each the part past its term red and last; the sums at its end."""
    top = _legend(chart, drawing, lines=False)
    sums = [sum(_value(row[n]) for n in chart.drawn) for row in chart.rows]
    most = max(sums, default=0) or 1
    for line, (row, total) in enumerate(zip(chart.rows, sums, strict=True)):
        drawing.word(0, top + _LETTER, _short(str(row[0])))
        top, x, late = top + _LETTER + 5, 0.0, 0
        for number, n in enumerate(chart.drawn):
            past = chart.late(n)
            over = _value(row[past]) if past else 0
            late += over
            for place, count in ((n, _value(row[n]) - over), (past, over)):
                wide = _STACK * max(count, 0) / most
                if place and wide:
                    frame = (x, top, wide, _BAR)
                    _part(chart, drawing, frame, (line, place), number)
                x += wide
        told = total or all(row[n] is not None for n in chart.drawn)
        words = [str(total) if told else chart.hidden, *([_("逾期 %(number)s") % {"number": late}] if late else [])]
        drawing.word(x + 5 if x else 0, top + _BAR - 2, " ".join(words), kind="chart-number")
        top += _BAR + 8
    drawing.height = max(top, 20)


def _part(chart: Chart, drawing: Drawing, frame: Frame, cell: tuple[int, int], number: int) -> None:
    """One part of a row's bar: of a column, or of what is past its term in one."""
    line, place = cell
    column, row = chart.columns[place], chart.rows[line]
    says = f"{row[0]} {column.name} {chart.words(row[place], place)}"
    kind = "chart-bar" if column.late_of is None else _LATE
    drawing.box(frame, number % _FILLS, kind, behind=chart.behind.get(cell, ""), says=says)


def _nice(most: int) -> int:
    """The next round number for the top of a scale."""
    step = 1
    while step * 10 < most:
        step *= 10
    return next(step * n for n in (1, 2, 3, 4, 5, 6, 8, 10) if step * n >= most)


def _lines(chart: Chart, drawing: Drawing) -> None:
    """One line a column over the rows; a value that is not known leaves a gap."""
    top = _legend(chart, drawing, lines=True) + 8
    percents = all(chart.columns[n].kind is Kind.PERCENT for n in chart.drawn)
    most = 100 if percents else _nice(max((_value(r[n]) for r in chart.rows for n in chart.drawn), default=0) or 1)
    left, right, high = 34, WIDTH - 8, 130
    for share in (0, 1) if most % 2 else (0, 0.5, 1):
        y = top + high * (1 - share)
        drawing.traces.append(Trace(f"{left},{_n(y)} {right},{_n(y)}", 0, "chart-grid"))
        mark = most * share
        drawing.word(left - 5, y + 4, _n(mark) + ("%" if percents else ""), "end", "chart-number")
    steps = max(len(chart.rows) - 1, 1)
    for number, n in enumerate(chart.drawn):
        for run in _runs(chart, n):
            points = [(left + (right - left) * i / steps, top + high * (1 - value / most)) for i, value in run]
            if len(points) == 1:
                drawing.box((points[0][0] - 2, points[0][1] - 2, 4, 4), number % _FILLS)
            else:
                drawing.traces.append(Trace(" ".join(f"{_n(x)},{_n(y)}" for x, y in points), number % _FILLS))
    bottom = top + high + 16
    for place, anchor in _ticks(len(chart.rows)):
        drawing.word(left + (right - left) * place / steps, bottom, str(chart.rows[place][0]), anchor)
    drawing.height = bottom + 6


def _runs(chart: Chart, place: int) -> list[list[tuple[int, int]]]:
    runs: list[list[tuple[int, int]]] = [[]]
    for number, row in enumerate(chart.rows):
        cell = row[place]
        if isinstance(cell, int):
            runs[-1].append((number, cell))
        elif runs[-1]:
            runs.append([])
    return [run for run in runs if run]


def _ticks(count: int) -> list[tuple[int, str]]:
    """Which rows are named below the picture: first, middle, last."""
    if count < 2:
        return [(0, "start")] * count
    return [(0, "start"), *([(count // 2, "middle")] if count > 4 else []), (count - 1, "end")]


def _heat(chart: Chart, drawing: Drawing) -> None:
    """A grid of the first column by the second, darker where there is more, with the numbers in each cell.

    The first count that is drawn is what is shaded, a rate stands beneath it, last year's count stands beside it.
    """
    lines = list(dict.fromkeys(str(row[0]) for row in chart.rows))
    heads = list(dict.fromkeys(str(row[1]) for row in chart.rows))
    count, *more = chart.drawn
    then = next((n for n in more if chart.columns[n].then), None)
    rates = [n for n in more if n != then]
    label, tall = 92, 18 + 14 * len(rates)
    wide = (WIDTH - label) / max(len(heads), 1)
    most = max((_value(row[n]) for row in chart.rows for n in (count, *([then] if then else []))), default=0) or 1
    for number, head in enumerate(heads):
        drawing.word(label + wide * (number + 0.5), 12, _fit(head, wide), "middle")
    for number, line in enumerate(lines):
        drawing.word(0, 20 + (number + 0.5) * tall + 4, _fit(line, label - 4))
    for row in chart.rows:
        x, top = label + wide * heads.index(str(row[1])), 20.0 + tall * lines.index(str(row[0]))
        own = wide * (0.64 if then else 1)
        for n, left, width in ((count, x, own), *([(then, x + own, wide - own)] if then else [])):
            shade = -(-4 * _value(row[n]) // most)
            kind = "chart-then" if n == then else "chart-heat"
            drawing.box((left + 1, top + 1, width - 2, tall - 2), 0, f"{kind} chart-heat-{shade}")
            drawing.word(left + width / 2, top + 14, chart.words(row[n], n), "middle", "chart-number")
        for place, n in enumerate(rates, start=1):
            drawing.word(x + own / 2, top + 14 + 14 * place, chart.words(row[n], n), "middle", "chart-number")
    drawing.height = 24 + len(lines) * tall


def _fit(text: str, wide: float) -> str:
    """As much of a text as so many units hold: whole words, where it has more than one."""
    while _columns(text) * _LETTER / 2 > wide:
        text = text.rpartition(" ")[0] or text[:-1]
    return text
