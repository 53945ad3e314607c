"""When a level may be applied for, in words: the windows of that level, each with the clause that gives it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date
    from typing import Protocol

    from chuding.policy.entries import WindowEntry
    from chuding.policy.notice import Notice

    class Span(Protocol):
        """A first and a last day, both inclusive."""

        @property
        def start(self) -> date: ...
        @property
        def end(self) -> date: ...


def windows_for(notice: Notice, level: str) -> list[WindowEntry]:
    """The windows as the notice states them in which a level ("": any, while none is chosen) may be applied for."""
    found = [each for each in notice.entry.windows if not level or not each.levels or level in each.levels]
    return sorted(found, key=lambda each: (each.start, each.end))


def window_at(notice: Notice, level: str, day: date) -> WindowEntry:
    """The window open on that day, else the next one to open, else the last; a level of the notice has one."""
    windows = windows_for(notice, level) or windows_for(notice, "")
    return next((each for each in windows if day <= each.end), windows[-1])


def span_words(window: Span) -> str:
    """2024年3月20日至2024年12月10日24时."""
    start, end = window.start, window.end
    return f"{start.year}年{start.month}月{start.day}日至{end.year}年{end.month}月{end.day}日24时"
