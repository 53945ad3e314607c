"""A page with a form on a line that does to each request what the test says: the browser is real, time is the test's."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import chuding

if TYPE_CHECKING:
    from playwright.sync_api import Page, Route

STATIC = Path(chuding.__file__).parent / "static"


class BadLine:
    """Answers every request of a page: scripts as they are, the form, and what is posted as `fates` says.

    Of the fates the line itself knows drop, lost (both break the line, lost after it was taken in), busy, large and hang; with
    ok, and before a lost answer, `taken` is asked for the answer.
    """

    def __init__(self, page: Page, fates: list[str], form: str, scripts: tuple[str, ...]) -> None:
        self.page, self.fates, self.form = page, fates, form
        self.head = "".join(f'<script src="/static/{each}" defer></script>' for each in scripts)
        page.route("**/*", self.answer)
        page.clock.install()
        page.goto("http://localhost/")

    def taken(self, route: Route) -> tuple[str, str]:
        """Take a post in; answers the type and the body of what is said to it."""
        raise NotImplementedError

    def answer(self, route: Route) -> None:
        """One request."""
        name = route.request.url.rsplit("/", 1)[-1]
        if name.endswith(".js"):
            route.fulfill(body=(STATIC / name).read_bytes(), content_type="text/javascript")
        elif route.request.method != "POST":
            route.fulfill(body=self.html(self.head, self.form), content_type="text/html; charset=utf-8")
        else:
            self.suffer(route, self.fates.pop(0) if self.fates else "ok")

    def suffer(self, route: Route, fate: str) -> None:
        """What becomes of a post."""
        if fate == "hang":
            return
        kind, body = self.taken(route) if fate in {"ok", "lost"} else ("", "")
        if fate in {"drop", "lost"}:
            route.abort("connectionreset")
        elif fate == "busy":
            route.fulfill(status=503, body="busy", content_type="text/plain")
        elif fate == "large":
            route.fulfill(status=413, body=self.html("", "too large"), content_type="text/html")
        else:
            route.fulfill(body=body, content_type=kind)

    @staticmethod
    def html(head: str, body: str) -> str:
        """A whole page."""
        return f"<!DOCTYPE html><html><head><title>t</title>{head}</head><body><main>{body}</main></body></html>"

    def until(self, done: str) -> object:
        """Let time pass until the script says so; answers what it said."""
        for _ in range(80):
            if told := self.page.evaluate(done):
                return told
            self.page.wait_for_timeout(50)
            self.page.clock.run_for(2000)
        raise AssertionError(self.page.inner_text("main"))
