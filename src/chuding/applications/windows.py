"""When a level may be applied for, in words: the windows of that level, each with the clause that gives it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chuding.policy.terms import Level

if TYPE_CHECKING:
    from datetime import date

    from chuding.policy.notice import Notice, Window


def windows_for(notice: Notice, level: str) -> tuple[Window, ...]:
    """The windows in which a level ("": any, while none is chosen) may be applied for, in order."""
    return notice.windows_of(Level(level) if level else None)


def window_at(notice: Notice, level: str, day: date) -> Window:
    """The window open on that day, else the next one to open, else the last; a level of the notice has one."""
    windows = windows_for(notice, level) or notice.windows
    return next((each for each in windows if day <= each.end), windows[-1])


def span_words(window: Window) -> str:
    """2024年3月20日至2024年12月10日24时."""
    start, end = window.start, window.end
    return f"{start.year}年{start.month}月{start.day}日至{end.year}年{end.month}月{end.day}日24时"
