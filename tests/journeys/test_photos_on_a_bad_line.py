"""Photos on a bad line, in a browser: the queue goes on by itself, in the page's language, and nobody chooses a photo again."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PIL import Image
from playwright.sync_api import Page, Route, sync_playwright

import chuding

if TYPE_CHECKING:
    from collections.abc import Iterator

STATIC = Path(chuding.__file__).parent / "static"
CHROMIUM = Path("/usr/bin/chromium")
FORM = """<form method="post" action="/photos/" enctype="multipart/form-data" data-photos>
<input type="hidden" name="csrfmiddlewaretoken" value="t"><input type="file" name="photos" multiple>
<p data-photos-status role="status"></p><button>添加</button></form>"""

pytestmark = [
    pytest.mark.journey,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="Chromium of Debian is not installed"),
]


class Line:
    """A site with the photo form, and a line that does to each photo what `fates` says: ok, drop, lost, busy, hang."""

    def __init__(self, page: Page, fates: list[str], words: str = "") -> None:
        self.page, self.fates, self.words = page, fates, words
        self.came: list[bytes] = []
        page.route("**/*", self.answer)
        page.clock.install()
        page.goto("http://site.test/")
        page.set_input_files("input[type=file]", [
            {"name": f"{n}.jpg", "mimeType": "image/jpeg", "buffer": picture(n)} for n in range(3)
        ])  # fmt: skip
        page.click("button")

    def answer(self, route: Route) -> None:
        name = route.request.url.rsplit("/", 1)[-1]
        if name.endswith(".js"):
            route.fulfill(body=(STATIC / name).read_bytes(), content_type="text/javascript")
        elif route.request.method == "POST":
            self.take(route, self.fates.pop(0) if self.fates else "ok")
        else:
            scripts = "".join(
                f'<script src="/static/{each}" defer></script>' for each in (self.words, "photos.js") if each
            )
            self.send(route, scripts, FORM)

    def take(self, route: Route, fate: str) -> None:
        if fate in {"ok", "lost"}:
            self.came.append(route.request.post_data_buffer or b"")
        if fate == "hang":
            return
        if fate in {"drop", "lost"}:
            route.abort("connectionreset")
        elif fate == "busy":
            route.fulfill(status=503, body="busy", content_type="text/plain")
        else:
            self.send(route, "", f"<p id=pages>{len(self.came)}</p>{FORM}")

    @staticmethod
    def send(route: Route, head: str, body: str) -> None:
        html = f"<!DOCTYPE html><html><head><title>t</title>{head}</head><body><main>{body}</main></body></html>"
        route.fulfill(body=html, content_type="text/html; charset=utf-8")

    def until(self, done: str) -> object:
        """Let time pass until the script says so; answers what it said."""
        for _ in range(60):
            if told := self.page.evaluate(done):
                return told
            self.page.wait_for_timeout(50)
            self.page.clock.run_for(2000)
        raise AssertionError(self.page.inner_text("main"))


def picture(number: int) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (40, 60), (number * 60, 0, 0)).save(out, "JPEG")
    return out.getvalue()


@pytest.fixture
def page() -> Iterator[Page]:
    with sync_playwright() as browsers:
        browser = browsers.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield browser.new_page()
        browser.close()


def test_queue_goes_on_by_itself_after_every_kind_of_failure(page: Page) -> None:
    line = Line(page, ["ok", "drop", "busy", "lost", "drop", "drop", "drop", "ok", "ok"])
    line.until("document.querySelector('#pages') !== null")
    bodies = [body.split(b"photo.jpg", 1)[1].split(b"\r\n\r\n", 1)[1] for body in line.came]
    assert [n for n in range(3) if any(body.startswith(picture(n)) for body in bodies)] == [0, 1, 2]
    assert sum(body.startswith(picture(1)) for body in bodies) == 2, "the lost answer: the same bytes once more"
    assert line.fates == []


def test_try_that_hangs_is_given_up_after_a_minute(page: Page) -> None:
    line = Line(page, ["hang", "drop", "drop", "drop"])
    line.until("/自动重传/.test(document.querySelector('[data-photos-status]').textContent)")
    line.until("document.querySelector('#pages') !== null")
    assert len(line.came) == 3


def test_what_the_queue_says_is_in_the_pages_language(page: Page) -> None:
    # So many lost tries that the sentence stands long enough to be read.
    line = Line(page, ["drop"] * 12, words="words.zh-hant.js")
    said = line.until(
        "(said => /重傳|重传/.test(said) && said)(document.querySelector('[data-photos-status]').textContent)"
    )
    assert said == "網絡不好，正在自動重傳，請不要關閉這一頁。已傳 0 張，共 3 張。"
