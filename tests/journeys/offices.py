"""What the officers do at their desks, in the browser."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from playwright.sync_api import expect

if TYPE_CHECKING:
    from visitor import House, Visitor

SUN, LI, ZHOU, WU, ZHAO, ZHENG, FENG = (f"1990000000{digit}" for digit in (2, 3, 4, 5, 6, 7, 8))
HAN, SHEN = "19900000013", "19900000014"
# The administrators: who writes a notice, and who publishes it.
CHU, JIANG = "19900000011", "19900000012"
# Who drafts, verifies and signs.
ASSOCIATION, CITY = (HAN, ZHENG, WU), (SHEN, FENG, ZHAO)
# What stands between the reviewer and the last page, when a test is stuck.
UNSEEN = """() => { const pages = document.querySelector(".viewer-pages"), bar = document.querySelector(".action-bar"); return {
  at: location.href, visible: document.visibilityState, focus: (document.activeElement || {}).outerHTML?.slice(0, 80),
  scrolled: [scrollY, document.documentElement.scrollHeight, innerHeight], inner: pages && [pages.scrollTop, pages.scrollHeight, pages.clientHeight],
  bar: bar && bar.getBoundingClientRect().top, frame: pages && [pages.getBoundingClientRect().top, pages.getBoundingClientRect().bottom],
  waiting: [...document.querySelectorAll(".viewer-wait")].length,
  unseen: [...document.querySelectorAll(".viewer-page:not([data-seen])")].map(each => { const image = each.querySelector("img"), box = each.getBoundingClientRect();
    return [each.id, each.querySelector(".sheet").className, each.querySelector(".sheet").dataset.tries, image && [image.complete, image.naturalWidth, image.src], box.top, box.bottom]; }) }; }"""


def open_file(at: Visitor, number: str) -> None:
    """Look a file up by its number and open it."""
    at.go(f"/desk/search/?q={number}")
    at.follow(number)
    at.see(number)


def endorse(at: Visitor, name: str) -> None:
    at.go("/employer/")
    at.follow(name)
    at.headline(name)
    at.press("同意申报")


def take(at: Visitor, number: str) -> None:
    open_file(at, number)
    at.press("受理，开始审核")


def look_through(at: Visitor, seconds: float = 240) -> None:
    """Every page of every document, as one reads them: by the space bar, until the page says that all were seen.

    The worker may still be drawing: a script puts the pictures on the page by itself. The time between two strokes is
    counted in the page, whose own clock decides what was seen.
    """
    if not at.script:
        _wait_for_pictures(at, seconds)
        return  # without a script all pages stand on the page
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        at.page.evaluate("() => new Promise(done => setTimeout(done, 450))")
        if at.page.evaluate("() => DeskViewer.unseen()") == 0:
            return
        at.page.keyboard.press("Space")
    raise AssertionError(f"some pages never were in sight: {at.page.evaluate(UNSEEN)}")


def _wait_for_pictures(at: Visitor, seconds: float) -> None:
    """Until the worker has drawn every page."""
    end = time.monotonic() + seconds
    while at.page.locator(".viewer-wait").count():
        assert time.monotonic() < end, "some pages were never drawn"
        at.page.wait_for_timeout(1000)
        at.page.reload()


def judge_fit(at: Visitor, codes: str) -> None:
    """Look at each material and find it fit."""
    look_through(at)
    for code in codes:
        section = at.page.locator(f"#material-{code}")
        section.get_by_role("button", name="合格").click()
        at.page.wait_for_load_state()
        expect(section.locator(".tag").first).to_have_text("合格")


def recommend(at: Visitor) -> None:
    at.tick(at.page.get_by_label("建议通过", exact=True))
    at.press("提交初审意见")
    at.see("初审完成")


def confirm(at: Visitor, number: str) -> None:
    open_file(at, number)
    at.press("复核同意，报")


def approve(at: Visitor, number: str) -> None:
    open_file(at, number)
    at.page.locator("#act-approve").get_by_role("button", name="审批通过").click()
    at.page.wait_for_load_state()


def issue(house: House, name: str, *, city: bool = False, script: bool = True) -> str:
    """Draft a roster of this one person, verify and sign it as three people, wait; the document's number."""
    drafter, verifier, signer = CITY if city else ASSOCIATION
    with house.officer(drafter, script=script) as at:
        address = draft(at, name)
    with house.officer(verifier, script=script) as at:
        at.go(address)
        at.see("签发前核对", name)
        at.tick(at.page.get_by_label("我已对照名单核对文字和版面"))
        at.press("核稿通过")
        if at.page.locator('[name="step_up_code"]').count():
            at.confirm_with(verifier)
            at.press("确认核稿")
        at.see("已核稿，待签发")
    with house.officer(signer, script=script) as at:
        at.go(address)
        at.follow("去签发")
        at.see("1 名", name)
        at.tick(at.page.get_by_label("我已核对名单，同意签发"))
        at.confirm_with(signer)
        at.page.get_by_role("button", name="签发", exact=True).click()
        at.page.wait_for_load_state()
        at.until("已发文")
        return at.page.locator("main .panel .reference").inner_text().strip()


def draft(at: Visitor, name: str) -> str:
    """Draft a roster of this one person; its address."""
    at.go("/decisions/")
    if at.page.get_by_role("button", name="全不选").is_visible():
        at.press("全不选")
    else:  # no scripts
        for box in at.page.locator("main input[name=refs]").all():
            at.page.locator(f'label[for="{box.get_attribute("id")}"]').click()
    at.tick(at.page.get_by_label(f"选入{name}"))
    at.press("把勾选的人员列入名单，拟稿")
    at.see("签发前核对", name, "您是拟稿人，请由另一个人核稿")
    at.until("与签发以后的公文一样排版")
    return urlsplit(at.page.url).path
