"""Photos on a bad line, in a browser: the queue goes on by itself, in the page's language, and nobody chooses a photo again."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from bad_line import BadLine
from PIL import Image
from playwright.sync_api import expect
from visitor import PHONE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, Page, Route
    from visitor import House, Visitor

FORM = """<form method="post" action="/photos/" enctype="multipart/form-data" data-photos>
<input type="hidden" name="csrfmiddlewaretoken" value="t"><input type="file" name="photos" multiple>
<p data-photos-status role="status"></p><button>添加</button></form>"""

pytestmark = pytest.mark.xdist_group("site")  # one process, so one site


class Line(BadLine):
    """The photo form, with three photos chosen."""

    def __init__(self, page: Page, fates: list[str], words: str = "") -> None:
        self.came: list[bytes] = []
        super().__init__(page, fates, FORM, tuple(each for each in (words, "photos.js") if each))
        page.set_input_files("input[type=file]", [
            {"name": f"{n}.jpg", "mimeType": "image/jpeg", "buffer": picture(n)} for n in range(3)
        ])  # fmt: skip

    def taken(self, route: Route) -> tuple[str, str]:
        self.came.append(route.request.post_data_buffer or b"")
        return "text/html; charset=utf-8", self.html("", f"<p id=pages>{len(self.came)}</p>{FORM}")


def picture(number: int, size: tuple[int, int] = (40, 60)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, (number * 20, 0, 0)).save(out, "JPEG")
    return out.getvalue()


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    with chromium.new_context() as context:
        yield context.new_page()


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


# ---- the same queue on the site itself: pages, server and store are real, only the line is bad ----

PHONE_NUMBER = "19955501777"


def choose(at: Visitor, photos: int) -> None:
    """The one tap: so many photos at once."""
    at.page.set_input_files("#photos", [
        {"name": f"{n}.jpg", "mimeType": "image/jpeg", "buffer": picture(n, (600, 850))} for n in range(photos)
    ])  # fmt: skip


def at_photos(house: House, at: Visitor, code: str) -> str:
    """The photo page of one item of this person's draft, empty; its path."""
    if PHONE_NUMBER not in house.sessions:
        at.sign_in(PHONE_NUMBER)
        at.consent()
        at.go("/applications/")
        at.press("开始申报")
        house.keep(at, PHONE_NUMBER)
    at.go("/applications/")
    at.follow("继续填写")
    path = f"{urlsplit(at.page.url).path}materials/{code}/photos/"
    at.go(path)
    return path


def of_photo(at: Visitor, path: str, suffer: Callable[[Route], None]) -> None:
    """Let `suffer` have every photo that is sent; the answer of 添加, up, down and so on is none."""
    at.page.route(lambda url: urlsplit(url).path == path, lambda route: (
        suffer(route) if route.request.method == "POST" else route.continue_()
    ))  # fmt: skip


def forgive(house: House, words: str, times: int) -> None:
    """The browser's own lines about what the test did to the line; no more of them than that."""
    lines = [each for each in house.watch.complaints if words in each]
    assert len(lines) == times, lines
    house.watch.complaints[:] = [each for each in house.watch.complaints if words not in each]


def test_ten_photos_with_a_fifth_of_the_tries_lost_are_ten_pages_after_one_tap(house: House) -> None:
    """experience.md U16: half of what is lost is lost after the server took it in."""
    tries: list[str] = []

    def suffer(route: Route) -> None:
        lost = ("before", "after")[len(tries) // 5 % 2]
        tries.append(lost if len(tries) % 5 == 4 else "ok")
        if tries[-1] == "after":
            assert route.fetch().ok
        if tries[-1] == "ok":
            route.continue_()
        else:
            route.abort("connectionreset")

    with house.visitor(size=PHONE, session=PHONE_NUMBER) as at:
        of_photo(at, at_photos(house, at, "2"), suffer)
        choose(at, 10)
        expect(at.page.locator(".photo-page")).to_have_count(10, timeout=180_000)
        assert [each for each in tries if each != "ok"] == ["before", "after"]
        assert tries.count("ok") + tries.count("after") == 11, "the photo whose answer was lost came twice"
        at.page.reload()
        expect(at.page.locator(".photo-page")).to_have_count(10)
        forgive(house, "ERR_CONNECTION_RESET", 2)


def test_session_that_ends_between_two_photos_leads_to_the_sign_in_and_back(house: House) -> None:
    # The line stays bad until the sentence has been read: one try after another, however slow the machine looks.
    sent: list[str] = []
    lost: list[str] = []
    good = False

    def suffer(route: Route) -> None:
        sent.append(route.request.url)
        if len(sent) == 1 or good:
            route.continue_()
        else:
            lost.append(route.request.url)
            route.abort("connectionreset")

    with house.visitor(size=PHONE, session=PHONE_NUMBER) as at:
        path = at_photos(house, at, "3")
        of_photo(at, path, suffer)
        choose(at, 3)
        expect(at.page.locator("[data-photos-status]")).to_contain_text("正在自动重传")
        at.page.context.clear_cookies(
            name="session"
        )  # the token stays: the door answers, not the guard against forgery
        good = True
        at.page.wait_for_url("**/sign-in/**")
        at.headline("登录或注册")
        assert len(sent) == len(lost) + 2, "the queue ended"
        forgive(house, "ERR_CONNECTION_RESET", len(lost))
    with house.visitor(size=PHONE, session=PHONE_NUMBER) as at:
        at.go(path)
        expect(at.page.locator(".photo-page")).to_have_count(1)


def test_refused_photos_are_said_and_not_counted_as_taken(house: House) -> None:
    sent: list[str] = []

    def suffer(route: Route) -> None:
        sent.append(route.request.url)
        forged = (route.request.post_data_buffer or b"").replace(b"csrfmiddlewaretoken", b"csrfmiddlewareforged")
        route.continue_(post_data=forged if len(sent) == 2 else None)

    with house.visitor(size=PHONE, session=PHONE_NUMBER) as at:
        path = at_photos(house, at, "6")
        of_photo(at, path, suffer)
        choose(at, 3)
        status = at.page.locator("[data-photos-status]")
        expect(status).to_have_text("第 2 张照片没有传上去。请刷新这一页，再选一次。")
        expect(at.page.locator(".photo-page")).to_have_count(2)
        assert urlsplit(at.page.url).path == path


def test_photo_that_a_gateway_calls_too_large_is_said(page: Page) -> None:
    line = Line(page, ["ok", "large", "ok"])
    line.until("document.querySelector('#pages') !== null")
    assert page.inner_text("[data-photos-status]") == "第 2 张照片太大，没有传上去。请换一张小一些的。"
