"""The picture of a simulation: who gains and who loses, by level, schooling and clause, as SVG made here."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from chuding.policy.columns_reasons import NO_SCHOOLING, SCHOOLINGS, UNKNOWN_SCHOOLING
from chuding.policy.simulate import ANSWERS, GAIN, LOSS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from chuding.policy.notice import Notice
    from chuding.policy.simulate import Tally

# Blue and orange are told apart by every kind of colour vision; the words and signs say it again.
_GAIN, _LOSS, _OPEN, _LINE, _INK, _SOFT = "#1b6ca8", "#c2540a", "#8a9099", "#c9ced6", "#1c2430", "#59636e"
_ROW: Final = 26
_ORDER: Final = {name: index for index, name in enumerate((NO_SCHOOLING, UNKNOWN_SCHOOLING, *SCHOOLINGS))}


@dataclass(frozen=True, slots=True)
class Size:
    """Measures of a picture, in pixels: its width, where gains and losses part, the longest bar, where names end, how far
    the words of a panel stand in, and the size of the title's letters.
    """

    width: int
    middle: int
    reach: int
    labels: int
    inset: int
    margin: int
    title: int


#: For a page of a screen or of paper.
WIDE: Final = Size(width=960, middle=540, reach=300, labels=150, inset=170, margin=24, title=20)
#: Changes between two notices on a phone of 320 px, at the same size of letters.
NARROW: Final = Size(width=288, middle=182, reach=48, labels=82, inset=12, margin=12, title=16)


@dataclass(frozen=True, slots=True)
class _Bar:
    """One row of a panel: to the left, to the right, or for one notice only yes and unknown, both to the right."""

    name: str
    left: int
    right: int
    open: int = 0


class _Drawing:
    def __init__(self, size: Size) -> None:
        self.size = size
        self.parts: list[str] = []
        self.y = 0

    def text(self, x: float, words: str, **style: str) -> None:
        attributes = "".join(f' {key.replace("_", "-")}="{escape(value)}"' for key, value in style.items())
        self.parts.append(f'<text x="{x:.1f}" y="{self.y:.1f}"{attributes}>{escape(words)}</text>')

    def lines(self, x: float, words: str, letters: int, **style: str) -> None:
        """Words from `x` on in as many lines as the width asks for; `y` is the last line's."""
        for number, line in enumerate(_lines(words, (self.size.width - self.size.margin - x) / letters)):
            self.y += 0 if number == 0 else letters + 6
            self.text(x, line, font_size=str(letters), **style)

    def bar(self, x: float, width: float, colour: str) -> None:
        self.parts.append(
            f'<rect x="{x:.1f}" y="{self.y - 13:.1f}" width="{max(width, 1.5):.1f}" height="17" fill="{colour}"/>'
        )

    def whole(self, title: str, summary: str) -> str:
        width, height = self.size.width, self.y + 20
        head = (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
            f'role="img" aria-labelledby="t d" font-family="sans-serif" font-size="14" fill="{_INK}">'
        )
        name = f'<title id="t">{escape(title)}</title><desc id="d">{escape(summary)}</desc>'
        ground = f'<rect width="{width}" height="{height}" fill="#ffffff"/>'
        return "\n".join([head, name, ground, *self.parts, "</svg>", ""])


def _lines(words: str, ems: float) -> list[str]:
    """Words in lines of at most so many ems: parted between Chinese characters or at a space, never within a number."""
    places = [0, *(i for i, (a, b) in enumerate(pairwise(words), start=1) if _may_part(a, b)), len(words)]
    lines = [""]
    for piece in (words[i:j] for i, j in pairwise(places)):
        if lines[-1] and _ems(lines[-1] + piece.rstrip()) > ems:
            lines.append("")
        lines[-1] += piece if lines[-1] else piece.lstrip()
    return [line.rstrip() for line in lines]


def _may_part(before: str, after: str) -> bool:
    if after in "，。：；）、" or before == "（":
        return False
    return before == " " or before > "\u2e80" or after > "\u2e80"


def _ems(words: str) -> float:
    """About how wide words are, in the height of their letters."""
    return sum(1 if letter > "\u2e80" else 0.6 for letter in words)


def draw(tally: Tally, before: Notice, after: Notice | None, size: Size = WIDE) -> str:
    """The SVG of a tally: changes from one notice to the other, or who may apply under one."""
    drawing = _Drawing(size)
    title = f"{before.id} → {after.id}：谁得谁失" if after else f"{before.id}：谁可以申报"
    drawing.y = 36
    drawing.lines(size.margin, title, size.title, font_weight="bold")
    drawing.y += 26
    drawing.lines(
        size.margin, f"共 {tally.people:,} 人。一个人可同时依据几条，所以各条之和可以大于人数。", 14, fill=_SOFT
    )
    drawing.y += 26
    _legend(drawing, changes=after is not None)
    levels = _levels(before, after)
    panels = {level: _panel(tally, level, before, after) for level in levels}
    scale = _scale(
        size, [bar for panel in panels.values() for _, bars in panel for bar in bars], changes=after is not None
    )
    for level, panel in panels.items():
        drawing.y += 40
        drawing.text(size.margin, level, font_size="17", font_weight="bold")
        beside = size.inset > size.margin
        drawing.y += 0 if beside else 22
        drawing.lines(size.inset, _sum_of(tally, level, before, after), 14, fill=_SOFT)
        for name, bars in panel:
            drawing.y += 24
            nothing = "" if bars else "没有变化" if after else "没有人"
            drawing.text(size.margin, name if beside or bars else f"{name}：{nothing}", fill=_SOFT, font_size="13")
            if nothing and beside:
                drawing.text(size.inset, nothing, fill=_SOFT)
            _draw_bars(drawing, bars, scale, changes=after is not None)
    summary = "；".join(f"{level}：{_sum_of(tally, level, before, after)}" for level in levels)
    return drawing.whole(title, summary)


def _legend(drawing: _Drawing, *, changes: bool) -> None:
    words = [(_LOSS, "- 失去：以前可以，以后不可以或不能确定"), (_GAIN, "+ 得到：以后可以，以前不是")]
    if not changes:
        words = [(_GAIN, "可以申报"), (_OPEN, "还不能确定")]
    x = float(drawing.size.margin)
    for number, (colour, word) in enumerate(words):
        if number and x + 24 + 14 * _ems(word) > drawing.size.width:
            x = float(drawing.size.margin)
            drawing.y += 24
        drawing.bar(x, 17, colour)
        drawing.lines(x + 24, word, 14)
        x += 330


def _levels(before: Notice, after: Notice | None) -> list[str]:
    notices = [before] if after is None else [before, after]
    return list(dict.fromkeys(rule.level.value for notice in notices for rule in notice.levels))


def _sum_of(tally: Tally, level: str, before: Notice, after: Notice | None) -> str:
    if after is None:
        yes, no, unknown = (tally.total(before.id, level, answer) for answer in ANSWERS)
        return f"可以 {yes:,} 人，不可以 {no:,} 人，不能确定 {unknown:,} 人"
    flips = {(old, new): n for (of, old, new), n in tally.flips.items() if of == level}
    gained = sum(n for (_, new), n in flips.items() if new == "yes")
    lost = sum(n for (old, _), n in flips.items() if old == "yes")
    other = sum(flips.values()) - gained - lost
    return f"得到 {gained:,} 人，失去 {lost:,} 人" + (f"，另有 {other:,} 人在不可以与不能确定之间变动" if other else "")


def _panel(tally: Tally, level: str, before: Notice, after: Notice | None) -> list[tuple[str, list[_Bar]]]:
    """The bars by schooling and by clause; names without any bar are left out."""
    panel = []
    for kind, title in (("schooling", "按最高学历学位"), ("clause", "按条款")):
        if after is not None:
            names = [key[2] for key in tally.changes if key[:2] == (level, kind)]
            bars = [
                _Bar(name, tally.changes[level, kind, name, LOSS], tally.changes[level, kind, name, GAIN])
                for name in _sorted(names, kind, before, after)
            ]
        else:
            counts = tally.schoolings if kind == "schooling" else tally.clauses
            names = [key[2] for key in counts if key[:2] == (before.id, level)]
            bars = [
                _Bar(name, 0, counts[before.id, level, name, "yes"], counts[before.id, level, name, "unknown"])
                for name in _sorted(names, kind, before, None)
            ]
        panel.append((title, [bar for bar in bars if bar.left or bar.right or bar.open]))
    return panel


def _sorted(names: Iterable[str], kind: str, before: Notice, after: Notice | None) -> list[str]:
    """Schoolings from low to high, clauses in the order of the notices."""
    if kind == "schooling":
        return sorted(set(names), key=lambda name: _ORDER[name])
    order = [clause.label for notice in (before, after) if notice is not None for clause in notice.clauses]
    return sorted(set(names), key=order.index)


def _scale(size: Size, bars: list[_Bar], *, changes: bool) -> float:
    """Pixels a person, the same in every panel; words stand behind the bars."""
    longest = max((max(bar.left, bar.right + bar.open) for bar in bars), default=1)
    words = max((_ems(_numbers(bar, changes=changes)) for bar in bars), default=0.0)
    return (size.reach if changes else size.width - size.labels - 30 - 14 * words) / longest


def _numbers(bar: _Bar, *, changes: bool) -> str:
    if changes:
        return f"+{bar.right:,}"
    return f"{bar.right:,}" + (f"，不能确定 {bar.open:,}" if bar.open else "")


def _draw_bars(drawing: _Drawing, bars: list[_Bar], scale: float, *, changes: bool) -> None:
    size = drawing.size
    zero = size.middle if changes else size.labels + 12
    top = drawing.y
    for bar in bars:
        drawing.y += _ROW
        drawing.text(size.labels, bar.name, text_anchor="end")
        if bar.left:
            drawing.bar(zero - bar.left * scale, bar.left * scale, _LOSS)
            drawing.text(zero - bar.left * scale - 6, f"-{bar.left:,}", text_anchor="end", fill=_LOSS)
        end = zero + bar.right * scale
        if bar.right:
            drawing.bar(zero, bar.right * scale, _GAIN)
        if bar.open:
            drawing.bar(end, bar.open * scale, _OPEN)
        if bar.right or bar.open:
            words = _numbers(bar, changes=changes)
            drawing.text(end + bar.open * scale + 6, words, fill=_GAIN if changes else _INK)
    if bars:
        drawing.parts.append(f'<path d="M{zero} {top + 6}V{drawing.y + 10}" stroke="{_LINE}" fill="none"/>')
