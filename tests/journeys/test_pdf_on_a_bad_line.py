"""A PDF on a bad line, in a browser: it goes up in parts, goes on by itself after every kind of failure, and is chosen once."""

from __future__ import annotations

import hashlib
import json
from email.parser import BytesParser
from email.policy import HTTP
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from bad_line import BadLine
from playwright.sync_api import Page, Route, sync_playwright

from chuding.storage.parts import Parts

if TYPE_CHECKING:
    from collections.abc import Iterator

CHROMIUM = Path("/usr/bin/chromium")
PDF = b"%PDF-1.7 " + bytes(range(256)) * 4096  # 1 MB: four parts and a rest
FORM = """<form method="post" action="/upload/" enctype="multipart/form-data" data-upload data-at-once data-parts="/parts/"
data-limit="10485760"><input type="hidden" name="csrfmiddlewaretoken" value="t"><input type="file" name="file"><button>上传</button></form>"""

pytestmark = [
    pytest.mark.journey,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="Chromium of Debian is not installed"),
]


def fields(route: Route) -> dict[str, bytes]:
    """The parts of a multipart form."""
    head = f"Content-Type: {route.request.headers['content-type']}\r\n\r\n".encode()
    message = BytesParser(policy=HTTP).parsebytes(head + (route.request.post_data_buffer or b""))
    return {
        part.get_param("name", header="content-disposition"): part.get_payload(decode=True)
        for part in message.walk()
        if not part.is_multipart()
    }


class Line(BadLine):
    """The form, and the real store of parts behind it."""

    def __init__(self, page: Page, fates: list[str], *, script: bool = True) -> None:
        self.parts = Parts("file/1")
        self.offsets: list[int] = []
        self.finished: list[dict[str, bytes]] = []
        super().__init__(page, fates, FORM, ("upload.js",) if script else ())
        self.choose()

    def choose(self) -> None:
        self.page.set_input_files(
            "input[type=file]", {"name": "扫描.pdf", "mimeType": "application/pdf", "buffer": PDF}
        )

    def taken(self, route: Route) -> tuple[str, str]:
        given = fields(route)
        if route.request.url.endswith("/parts/"):
            self.offsets.append(int(given["offset"]))
            size = self.parts.add(given["key"].decode(), self.offsets[-1], given["part"], 10**7)
            return "application/json", json.dumps({"size": size})
        self.finished.append(given)
        return "text/html; charset=utf-8", self.html("", "<p id=done>收到</p>")


@pytest.fixture
def page(settings, tmp_path) -> Iterator[Page]:
    settings.DATA_FOLDER = tmp_path
    with sync_playwright() as browsers:
        browser = browsers.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield browser.new_page()
        browser.close()


DONE = "document.querySelector('#done') !== null"


def test_pdf_goes_up_in_parts_and_on_by_itself_after_every_kind_of_failure(page: Page) -> None:
    line = Line(page, ["ok", "drop", "busy", "lost", "ok", "drop", "ok", "ok", "ok", "lost", "drop", "ok"])
    line.until(DONE)
    key = hashlib.sha256(PDF).hexdigest()
    assert b"".join(line.parts.chunks(key)) == PDF
    assert line.parts.is_whole(key)
    assert len(line.offsets) == len(set(line.offsets)) + 1, "only the part whose answer was lost came twice"
    assert [given["part"].decode() for given in line.finished] == [key] * 2, "the lost last answer: asked for once more"
    assert {given["name"].decode() for given in line.finished} == {"扫描.pdf"}
    assert all("file" not in given for given in line.finished)


def test_page_opened_anew_goes_on_where_the_same_file_stopped(page: Page) -> None:
    line = Line(page, ["ok", "ok", *["drop"] * 50])
    line.until("/自动重传/.test(document.querySelector('main').textContent)")
    page.goto("about:blank")  # or the page that is left tries once more, on a line that is good again
    line.fates[:] = []
    line.offsets.clear()
    page.goto("http://localhost/")
    line.choose()
    line.until(DONE)
    assert line.offsets[:2] == [0, 2 * 262144], "asked once where to go on, and went on there"
    assert b"".join(line.parts.chunks(hashlib.sha256(PDF).hexdigest())) == PDF


def test_part_that_hangs_is_given_up_after_a_minute(page: Page) -> None:
    line = Line(page, ["ok", "hang"])
    line.until("/自动重传/.test(document.querySelector('main').textContent)")
    line.until(DONE)
    assert len(line.finished) == 1


def test_without_the_script_the_whole_file_goes_as_from_any_form(page: Page) -> None:
    line = Line(page, [], script=False)
    page.click("button")
    page.wait_for_selector("#done")
    assert line.offsets == []
    assert line.finished[0]["file"] == PDF
