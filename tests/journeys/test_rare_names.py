"""U20 on pages: 500 names on an employer's list, in a browser on a machine whose fonts are a phone's: none is drawn as a box.

Drawn on a canvas in the fonts of the page itself, after the page has fetched what it wanted, and compared with what the
browser draws where nothing has a character.
"""

from __future__ import annotations

import html
import os
import re
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Route, sync_playwright
from serving import ARGUMENTS, CHROMIUM
from visitor import DESKTOP

from chuding.applications.roster.models import EmployerStaff
from chuding.applications.workflow import State
from stage import NOW, Stage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.http import HttpResponse
    from playwright.sync_api import Browser, Page

NAMES = (Path(__file__).parent.parent / "paper" / "names.txt").read_text(encoding="utf-8").splitlines()
SYSTEM = Path("/usr/share/fonts")
# What Android has: Noto Sans CJK, and a Latin face. Neither has extension B.
OF_A_PHONE = ("NotoSansCJK-Regular.ttc", "DejaVuSans.ttf")
# Every letter of the names on the page, with the marks on it, that is drawn like an unassigned code point or not at all;
# and how many pictures there are of how many Chinese characters.
BOXES = """where => {
  const names = [...document.querySelectorAll(where)], canvas = document.createElement("canvas");
  canvas.width = canvas.height = 96;
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  pen.font = "48px " + getComputedStyle(names[0]).fontFamily;
  const picture = letter => { pen.clearRect(0, 0, 96, 96); pen.fillText(letter, 24, 64); return pen.getImageData(0, 0, 96, 96).data.join(); };
  const boxes = new Set(["\\u0378", "\\u{2FFFD}", "\\u{3FFFD}"].map(picture)), blank = picture(" ");
  const letters = new Set(names.flatMap(each => [...new Intl.Segmenter("zh", { granularity: "grapheme" }).segment(each.textContent)].map(s => s.segment)));
  [...letters].filter(each => !each.trim()).forEach(each => letters.delete(each));
  const han = [...letters].filter(each => /\\p{Script=Han}/u.test(each));
  return { boxes: [...letters].filter(each => boxes.has(picture(each)) || picture(each) === blank), names: names.map(each => each.textContent),
    letters: letters.size, han: han.length, pictures: new Set(han.map(picture)).size };
}"""


@pytest.fixture(scope="module")
def phone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """A browser that finds the fonts of a phone and no others."""
    folder = tmp_path_factory.mktemp("fonts")
    for name in OF_A_PHONE:
        (folder / name).symlink_to(next(SYSTEM.rglob(name)))
    told = folder / "fonts.conf"
    told.write_text(
        '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">'
        f"<fontconfig><dir>{folder}</dir><cachedir>{folder}/cache</cachedir></fontconfig>",
        encoding="utf-8",
    )
    environment: dict[str, Any] = {**os.environ, "FONTCONFIG_FILE": str(told)}
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as driver:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")  # the browser's driver keeps a loop in this thread
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS, env=environment)
        yield browser
        browser.close()


@pytest.fixture
def listed(stage: Stage, settings: Any, client: Client) -> dict[str, HttpResponse]:
    """The pages of an employer's list, by address: five hundred people with the names of the list, as 孙 gets them."""
    settings.CLOCK_OFFSET = NOW - timezone.now()
    EmployerStaff.objects.bulk_create(
        EmployerStaff(
            employer=stage.town.employers["machine"],
            full_name=name,
            identity_type="resident_id",
            identity_number=str(number),
            identity_index=str(number),
            phone=str(number),
            phone_index=str(number),
            added_by=stage.sun,
            added_at=NOW,
            updated_at=NOW,
            first_on=NOW.date(),
        )
        for number, name in enumerate(NAMES)
    )
    client.force_login(stage.sun)
    pages, address = {}, "/employer/staff/"
    while address:
        pages[address] = client.get(address)
        following = re.search(r'href="([^"]+)" rel="next"', pages[address].content.decode())
        address = f"/employer/staff/{html.unescape(following[1])}" if following else ""
    return pages


class Site:
    """Pages that were answered already, in a page of a browser, without a server between. Their sheets and fonts are
    answered when the browser asks; `fonts` false: as if there were none of ours.
    """

    def __init__(self, page: Page, pages: dict[str, HttpResponse], *, fonts: bool) -> None:
        self.page, self.pages, self.fonts = page, pages, fonts
        self.stranger = Client()
        self.fetched: list[tuple[str, int]] = []
        self.complaints: list[str] = []
        page.on("console", lambda said: self.complaints.append(said.text) if said.type == "error" else None)
        page.route("**/*", self.answer)

    def answer(self, route: Route) -> None:
        parts = urlsplit(route.request.url)
        address = parts.path + (f"?{parts.query}" if parts.query else "")
        if parts.path.startswith("/characters/") and not self.fonts:
            route.fulfill(body="", content_type="text/css")
            return
        response = self.pages.get(address) or self.stranger.get(address)
        body = b"".join(response) if response.streaming else response.content
        if parts.path.startswith("/characters/"):
            self.fetched.append((parts.path, len(body)))
        route.fulfill(status=response.status_code, body=body, headers=dict(response.items()))

    def drawn(self, where: str, seconds: float = 15) -> dict[str, Any]:
        """What is drawn of the names at this place. Of two rare characters the browser asks for the second's font when the
        first's is here, so a box may stand for a moment.
        """
        told: dict[str, Any] = self.page.evaluate(BOXES, where)
        end = time.monotonic() + seconds
        while told["boxes"] and time.monotonic() < end:
            self.page.wait_for_timeout(200)
            told = self.page.evaluate(BOXES, where)
        return told

    def each(self) -> Iterator[dict[str, Any]]:
        """What is drawn on each page."""
        for address in self.pages:
            self.page.goto(f"http://localhost{address}")
            yield self.drawn("tbody th a", seconds=15 if self.fonts else 0)


def test_no_name_of_the_list_is_drawn_as_a_box_on_a_page(phone: Browser, listed: dict[str, HttpResponse]) -> None:
    page = phone.new_page()
    site = Site(page, listed, fonts=True)
    told = list(site.each())
    assert sorted(name for each in told for name in each["names"]) == sorted(NAMES)
    assert [letter for each in told for letter in each["boxes"]] == []
    assert [(each["pictures"], each["han"]) for each in told if each["pictures"] != each["han"]] == []
    assert site.complaints == []
    assert max(size for _, size in site.fetched) < 10 * 1024
    page.close()


def test_without_our_fonts_a_phone_draws_boxes_so_that_the_test_would_see_them(
    phone: Browser, listed: dict[str, HttpResponse]
) -> None:
    page = phone.new_page()
    some = {address: page for address, page in listed.items() if b"/characters/" in page.content}
    some = dict(list(some.items())[4:8])
    found = [letter for each in Site(page, some, fonts=False).each() for letter in each["boxes"]]
    assert len(found) > 20
    page.close()


def test_desk_that_turns_to_a_file_without_loading_brings_its_letters_too(
    phone: Browser, stage: Stage, settings: Any, client: Client
) -> None:
    settings.CLOCK_OFFSET = NOW - timezone.now()
    first, second = stage.file_at(State.REVIEWING), stage.file_at(State.REVIEWING)
    second.full_name = "\U00020164\U0002a6d6"
    second.save()
    client.force_login(stage.li)
    pages = {address: client.get(address) for address in (f"/desk/{first.ref}/", f"/desk/{second.ref}/")}
    assert [b"/characters/" in page.content for page in pages.values()] == [False, True]
    page = phone.new_page(viewport=DESKTOP)
    site = Site(page, pages, fonts=True)
    page.goto(f"http://localhost/desk/{first.ref}/")
    page.evaluate("window.stayed = true")
    page.locator("[data-act=back]").evaluate("(link, to) => { link.href = to; }", f"/desk/{second.ref}/#elsewhere")
    page.keyboard.press("b")
    page.wait_for_selector(f"[data-file='{second.ref}']")
    told = site.drawn("h1")
    assert page.evaluate("window.stayed") is True
    assert told["boxes"] == []
    page.close()
