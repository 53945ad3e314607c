"""Which kind of browser somebody came with, from what it says of itself: a handful of kinds, so that nobody is known by it. Pure."""

from __future__ import annotations

from typing import Final

#: What is kept of a browser, and what it is called; the first whose mark is found. Chrome's mark is in nearly all of them.
KINDS: Final = {
    "wechat": ("MicroMessenger", "微信"),
    "firefox": ("Firefox/", "Firefox"),
    "chrome": ("Chrome/", "Chrome 或同类"),
    "safari": ("Safari/", "Safari"),
}
UNKNOWN: Final = "其他或不详"


def kind_of(user_agent: str) -> str:
    """The key of KINDS; nothing for any other browser."""
    return next((key for key, (mark, _name) in KINDS.items() if mark in user_agent), "")
