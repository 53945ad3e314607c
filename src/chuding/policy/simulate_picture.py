"""The picture of a simulation: who gains and who loses, by level, schooling and clause, as SVG made here."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Final

from chuding.policy.columns_reasons import NO_SCHOOLING, SCHOOLINGS, UNKNOWN_SCHOOLING
from chuding.policy.simulate import ANSWERS, GAIN, LOSS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from chuding.policy.notice import Notice
    from chuding.policy.simulate import Tally

# Blue and orange are told apart by every kind of colour vision; the words and signs say it again.
_GAIN, _LOSS, _OPEN, _LINE, _INK, _SOFT = "#1b6ca8", "#c2540a", "#8a9099", "#c9ced6", "#1c2430", "#59636e"
_WIDTH: Final = 960
_MIDDLE: Final = 540  # where gains and losses part
_REACH: Final = 300  # the longest bar
_LABELS: Final = 150  # where names end
_ROW: Final = 26
_ORDER: Final = {name: index for index, name in enumerate((NO_SCHOOLING, UNKNOWN_SCHOOLING, *SCHOOLINGS))}


@dataclass(frozen=True, slots=True)
class _Bar:
    """One row of a panel: to the left, to the right, or for one notice only yes and unknown, both to the right."""

    name: str
    left: int
    right: int
    open: int = 0


class _Drawing:
    def __init__(self) -> None:
        self.parts: list[str] = []
        self.y = 0

    def text(self, x: float, words: str, **style: str) -> None:
        attributes = "".join(f' {key.replace("_", "-")}="{escape(value)}"' for key, value in style.items())
        self.parts.append(f'<text x="{x:.1f}" y="{self.y:.1f}"{attributes}>{escape(words)}</text>')

    def bar(self, x: float, width: float, colour: str) -> None:
        self.parts.append(
            f'<rect x="{x:.1f}" y="{self.y - 13:.1f}" width="{max(width, 1.5):.1f}" height="17" fill="{colour}"/>'
        )

    def whole(self, title: str, summary: str) -> str:
        height = self.y + 20
        head = (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" width="{_WIDTH}" height="{height}" '
            f'role="img" aria-labelledby="t d" font-family="sans-serif" font-size="14" fill="{_INK}">'
        )
        name = f'<title id="t">{escape(title)}</title><desc id="d">{escape(summary)}</desc>'
        ground = f'<rect width="{_WIDTH}" height="{height}" fill="#ffffff"/>'
        return "\n".join([head, name, ground, *self.parts, "</svg>", ""])


def draw(tally: Tally, before: Notice, after: Notice | None) -> str:
    """The SVG of a tally: changes from one notice to the other, or who may apply under one."""
    drawing = _Drawing()
    title = f"{before.id} → {after.id}：谁得谁失" if after else f"{before.id}：谁可以申报"
    drawing.y = 36
    drawing.text(24, title, font_size="20", font_weight="bold")
    drawing.y += 26
    drawing.text(24, f"共 {tally.people:,} 人。一个人可同时依据几条，所以各条之和可以大于人数。", fill=_SOFT)
    drawing.y += 26
    _legend(drawing, changes=after is not None)
    levels = _levels(before, after)
    panels = {level: _panel(tally, level, before, after) for level in levels}
    longest = max(
        (max(bar.left, bar.right + bar.open) for panel in panels.values() for b in panel for bar in b[1]), default=0
    )
    for level, panel in panels.items():
        drawing.y += 40
        drawing.text(24, level, font_size="17", font_weight="bold")
        drawing.text(_LABELS + 20, _sum_of(tally, level, before, after), fill=_SOFT)
        for name, bars in panel:
            drawing.y += 24
            drawing.text(24, name, fill=_SOFT, font_size="13")
            if not bars:
                drawing.text(_LABELS + 20, "没有变化" if after else "没有人", fill=_SOFT)
            _draw_bars(drawing, bars, max(longest, 1), changes=after is not None)
    summary = "；".join(f"{level}：{_sum_of(tally, level, before, after)}" for level in levels)
    return drawing.whole(title, summary)


def _legend(drawing: _Drawing, *, changes: bool) -> None:
    words = [(_LOSS, "- 失去：以前可以，以后不可以或不能确定"), (_GAIN, "+ 得到：以后可以，以前不是")]
    if not changes:
        words = [(_GAIN, "可以申报"), (_OPEN, "还不能确定")]
    x = 24.0
    for colour, word in words:
        drawing.bar(x, 17, colour)
        drawing.text(x + 24, word)
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


def _draw_bars(drawing: _Drawing, bars: list[_Bar], longest: int, *, changes: bool) -> None:
    zero = _MIDDLE if changes else _LABELS + 20
    scale = (_REACH if changes else _WIDTH - zero - 200) / longest
    top = drawing.y
    for bar in bars:
        drawing.y += _ROW
        drawing.text(_LABELS, bar.name, text_anchor="end")
        if bar.left:
            drawing.bar(zero - bar.left * scale, bar.left * scale, _LOSS)
            drawing.text(zero - bar.left * scale - 6, f"-{bar.left:,}", text_anchor="end", fill=_LOSS)
        end = zero + bar.right * scale
        if bar.right:
            drawing.bar(zero, bar.right * scale, _GAIN)
        if bar.open:
            drawing.bar(end, bar.open * scale, _OPEN)
        words = f"+{bar.right:,}" if changes else f"{bar.right:,}" + (f"，不能确定 {bar.open:,}" if bar.open else "")
        if bar.right or bar.open:
            drawing.text(end + bar.open * scale + 6, words, fill=_GAIN if changes else _INK)
    if bars:
        drawing.parts.append(f'<path d="M{zero} {top + 6}V{drawing.y + 10}" stroke="{_LINE}" fill="none"/>')
