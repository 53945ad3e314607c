"""Every page that a role can reach: fits a narrow phone, has nothing for axe to find, and is light on the first visit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from crawl import ROLES, Crawl, phone_of
from playwright.sync_api import expect

from chuding.applications.workflow import State

if TYPE_CHECKING:
    from visitor import House

pytestmark = pytest.mark.xdist_group("site")  # one process, so one site

NARROW = {"width": 320, "height": 640}
LIGHT = 80 * 1024
# What of the head can be pressed: its words, where it begins and how high it is.
PRESSED = """() => [...document.querySelectorAll(".site-header a, .site-header button, .site-header summary")]
  .filter(each => each.tabIndex >= 0 && each.checkVisibility())
  .map(each => [each.innerText.replace(/\\s+/g, " ").trim(), Math.round(each.getBoundingClientRect().top), each.offsetHeight])"""


@pytest.mark.parametrize("role", ROLES)
def test_pages_of_a_role_fit_a_narrow_phone_and_pass_axe(house: House, role: str) -> None:
    phone, starts = ROLES[role]
    with house.officer(phone, size=NARROW) if phone else house.visitor(size=NARROW) as at:
        complaints: list[str] = []

        def look(url: str, _: tuple[str, ...]) -> None:
            complaints.extend(f"{url.removeprefix(at.address)} {fault}" for fault in at.faults() + at.pale_words())

        crawl = Crawl(at, not phone, [house.address + path for path in starts], look)
        crawl.run()
    assert complaints == []
    assert len(crawl.seen) >= (15 if not phone else 2)


def test_pages_of_forms_with_errors_name_every_error_and_take_the_focus(house: House) -> None:
    with house.officer(phone_of(State.DRAFT), size=NARROW) as at:
        at.go("/applications/")
        at.page.locator("main a.card").first.click()
        file = at.page.url
        for section in ("identity", "schooling", "work", "employer"):
            at.go_to(f"{file}{section}/")
            for box in at.page.locator("main input[type=text]:visible").all():
                box.fill("")
            at.page.get_by_role("button", name="保存并返回清单").last.click()
            summary = at.page.locator("[data-error-summary]")
            expect(summary).to_be_focused()
            for link in summary.locator("a").all():
                target = str(link.get_attribute("href")).removeprefix("#")
                expect(at.page.locator(f'[id="{target}"]')).to_have_count(1)
            expect(at.page.locator("main .error-message").first).to_be_visible()
            at.sound()


def test_words_in_drawings_are_dark_enough(house: House) -> None:
    """What axe cannot decide: it does not know what a drawing lays below a word."""
    looked = 0
    with house.officer(phone_of(State.DRAFT), size=NARROW) as at:
        at.go("/applications/")
        at.page.locator("main a.card").first.click()
        for address in (f"{house.address}/guide/", f"{house.address}/statistics/", f"{at.page.url}work/"):
            at.go_to(address)
            assert at.pale_words() == [], address
            looked += at.page.locator("main svg text").count()
    assert looked >= 20


def test_session_says_three_minutes_before_its_end_that_it_will_and_one_tap_goes_on(house: House) -> None:
    """U24. The browser's clock is moved, not the site's: the warning is the script's, the longer time the site's."""
    with house.officer(phone_of(State.DRAFT), size=NARROW) as at:
        at.page.clock.install()
        at.go("/applications/")
        warning = at.page.locator("[data-session-left]")
        left = int(warning.get_attribute("data-session-left") or 0)
        assert left > 180
        at.page.clock.fast_forward(1000 * (left - 300))
        expect(warning).to_be_hidden()
        at.page.clock.fast_forward(150_000)
        expect(warning).to_contain_text("再过不到3分钟会自动退出")
        at.sound()
        room = "parseFloat(document.documentElement.style.scrollPaddingBottom) || 0"
        assert at.page.evaluate(room) >= warning.evaluate("bar => bar.offsetHeight"), (
            "what has the focus is scrolled clear"
        )
        with at.page.expect_response("**/session/"):
            warning.get_by_role("button", name="继续使用").click()
        at.page.clock.run_for(1000)
        expect(warning).to_be_hidden()
        assert at.page.evaluate(room) == 0
        at.page.clock.fast_forward(1000 * (left + 5))
        expect(warning).to_contain_text("没有保存的内容我们替您留着")


def test_keyboard_reaches_everything_and_shows_where_it_is(house: House) -> None:
    """U19, on the pages with the most in them; `make shots` asks every page."""
    with house.officer(phone_of(State.DRAFT)) as at:
        at.go("/applications/")
        at.page.locator("main a.card").first.click()
        file = at.page.url
        for address in ("", "schooling/", "work/", "specialty/", "materials/"):
            at.go_to(file + address)
            assert at.tab_faults(200) == [], address


@pytest.mark.parametrize("script", [True, False])
@pytest.mark.parametrize("look", [("zh-hans", "normal"), ("en", "normal"), ("zh-hans", "large")])
def test_head_folds_into_one_menu_where_there_is_little_room(house: House, look: tuple[str, str], script: bool) -> None:
    """Name and menu on a phone, with how many messages are unread; a keyboard opens it, and everything in it is high enough."""
    with house.officer(phone_of(State.CORRECTION), size=NARROW, script=script) as at:
        at.go("/guide/")
        at.speak(*look)
        for width in (320, 768):
            at.page.set_viewport_size({"width": width, "height": 900})
            name, menu = at.page.evaluate(PRESSED)
            assert (menu[0].split()[-1].isdigit(), abs(name[1] - menu[1]) <= 16) == (True, True), (name, menu)
        at.page.set_viewport_size(NARROW)
        at.page.locator(".site-menu > summary").press("Enter")
        shown = at.page.evaluate(PRESSED)
        least = 60 if look[1] == "large" else 44
        assert (len(shown), [each for each in shown if each[2] < least]) == (14, []), shown
        at.sound()
        at.page.set_viewport_size({"width": 1366, "height": 900})
        at.page.reload()
        wide = at.page.evaluate(PRESSED)
        assert (len(wide), len({top for _, top, _ in wide})) == (13, 2), "the name with its tools, and the main menu"
        at.speak("zh-hans")


@pytest.mark.parametrize("path", ["/", "/check/"])
def test_page_first_visit_is_light(house: House, path: str) -> None:
    with house.visitor() as at:
        wire = at.page.context.new_cdp_session(at.page)
        wire.send("Network.enable")
        sizes: list[float] = []
        wire.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
        at.go(path)
        at.page.wait_for_load_state("networkidle")
    assert 0 < sum(sizes) <= LIGHT, f"{sum(sizes) / 1024:.0f} KB in {len(sizes)} answers"
    assert len(sizes) <= 12
