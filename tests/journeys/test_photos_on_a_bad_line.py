"""Photos on a bad line, in a browser: the queue goes on by itself, in the page's language, and nobody chooses a photo again."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from bad_line import BadLine
from PIL import Image
from playwright.sync_api import Page, Route, sync_playwright

if TYPE_CHECKING:
    from collections.abc import Iterator

CHROMIUM = Path("/usr/bin/chromium")
FORM = """<form method="post" action="/photos/" enctype="multipart/form-data" data-photos>
<input type="hidden" name="csrfmiddlewaretoken" value="t"><input type="file" name="photos" multiple>
<p data-photos-status role="status"></p><button>添加</button></form>"""

pytestmark = [
    pytest.mark.journey,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="Chromium of Debian is not installed"),
]


class Line(BadLine):
    """The photo form, with three photos chosen."""

    def __init__(self, page: Page, fates: list[str], words: str = "") -> None:
        self.came: list[bytes] = []
        super().__init__(page, fates, FORM, tuple(each for each in (words, "photos.js") if each))
        page.set_input_files("input[type=file]", [
            {"name": f"{n}.jpg", "mimeType": "image/jpeg", "buffer": picture(n)} for n in range(3)
        ])  # fmt: skip
        page.click("button")

    def taken(self, route: Route) -> tuple[str, str]:
        self.came.append(route.request.post_data_buffer or b"")
        return "text/html; charset=utf-8", self.html("", f"<p id=pages>{len(self.came)}</p>{FORM}")


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
